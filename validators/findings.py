"""`Finding`: one thing the audit found wrong or doubtful, and the rows of the table `findings`.

A finding is known by what it says, not by when it was said: the same rule on the same row, field and value has the
same `finding_id` every night, so a decision of a steward stays with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

Severity = Literal["block", "quarantine", "warn", "note"]
SEVERITY_ORDER: tuple[Severity, ...] = ("block", "quarantine", "warn", "note")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong (`rule`), how bad (`severity`), where (`document_id`, `table_name`, `row_id`, `field`) and why.

    `severity`: block stops the file from being published; quarantine keeps the row out, visible with its reason;
    warn and note publish it. `row_id` is the row's key, compound keys joined by `:`; None for whole files and
    tables. `value` is the value found, as text. `evidence` is the JSON text of the place in the original.
    """

    finding_id: str
    rule: str
    severity: Severity
    document_id: str | None
    row_id: str | None
    table_name: str | None
    field: str | None
    value: str | None
    message_zh: str
    message_en: str
    basis: str
    evidence: str | None


def value_text(value: object) -> str | None:
    """A value as the text of a finding: plain decimals without exponent, ISO dates, None for null."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def finding_id(rule: str, document_id: str | None, row_id: str | None, field: str | None, value: str | None) -> str:
    """The stable id: the first 32 hexadecimal digits of a SHA-256 over the five parts, null apart from empty."""
    parts = json.dumps([rule, document_id, row_id, field, value], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def rule_label(rule: str, *, english: bool = False) -> str:
    """The short name of a rule for people, from the table of rules; the code itself for one that a later version (or
    a warehouse of an earlier one) knows and this does not."""
    from validators.rules import RULES  # the table's own module makes findings

    known = RULES.get(rule)
    if known is None:
        return rule
    return known.label_en if english else known.label_zh


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without repeats, worst first, then by document, table, row and rule: the same order every night."""
    by_id: dict[str, Finding] = {}
    for finding in findings:
        by_id.setdefault(finding.finding_id, finding)
    return tuple(
        sorted(
            by_id.values(),
            key=lambda f: (
                SEVERITY_ORDER.index(f.severity),
                f.document_id or "",
                f.table_name or "",
                f.row_id or "",
                f.rule,
                f.finding_id,
            ),
        )
    )


def to_rows(
    findings: Sequence[Finding], *, status: str = "open", first_seen_date: dt.date | None = None
) -> list[dict[str, object]]:
    """Rows of the warehouse table `findings`, one dict for each, all of its columns and no other.

    What ties a finding to decisions is worked out in the warehouse, where all its rows are.
    """
    later = dict.fromkeys(("subject", "raw_value", "decision_number", "region_code", "silence_reason"))
    return [
        {**msgspec.structs.asdict(f), "status": status, "first_seen_date": first_seen_date, **later} for f in findings
    ]
