"""The written rules: what the audit may say, as a table of values.

A finding is made by `raise_finding` alone, and only for a rule that stands in `RULES`; every rule has its severity,
its sentences in Chinese and English with places for the values, and the statute, standard or campaign practice it
rests on. The rules themselves stand by subject in `rule_tables`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from types import MappingProxyType

from validators.findings import Finding, finding_id, value_text
from validators.rule_tables import calendar, circulars, flags, history, ledgers, schema
from validators.rule_tables.rule import Rule

# Characters of a value shown in a sentence; the finding's own `value` is never cut. A `detail` is a sentence itself.
LONGEST_VALUE = 80
LONGEST_DETAIL = 400
SENTENCES = frozenset({"detail", "message", "other"})


class UnknownRuleError(LookupError):
    """A finding was to be raised for a rule that is not in the table."""


def table_of(*parts: tuple[Rule, ...]) -> Mapping[str, Rule]:
    """The rules by name. Raises ValueError when two have one name."""
    by_name: dict[str, Rule] = {}
    for rule in (r for part in parts for r in part):
        if rule.name in by_name:
            raise ValueError(f"two rules are named {rule.name}")
        by_name[rule.name] = rule
    return MappingProxyType(by_name)


RULES: Mapping[str, Rule] = table_of(
    schema.RULES, circulars.RULES, ledgers.RULES, flags.RULES, history.RULES, calendar.RULES
)

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def shown(value: object, longest: int = LONGEST_VALUE) -> str:
    """A value as it stands in a sentence: money with thousands, one line, no control characters, not too long."""
    if value is None:
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        whole = format(value, ",f")
        return whole.rstrip("0").rstrip(".") if "." in whole else whole
    if isinstance(value, dt.date):
        return value.isoformat()
    text = _UNPRINTABLE.sub(" ", str(value)).strip()
    return text if len(text) <= longest else text[:longest] + "…"


def raise_finding(
    rule_name: str,
    *,
    where_zh: str,
    where_en: str,
    document_id: str | None = None,
    table_name: str | None = None,
    row_id: str | None = None,
    field: str | None = None,
    value: object = None,
    evidence: str | None = None,
    values: Mapping[str, object] = MappingProxyType({}),
) -> Finding:
    """One finding of a rule in the table, its sentences filled in.

    `values` fill the places of the sentences beside `where` and `value`. Raises UnknownRuleError for a rule that is
    not listed and KeyError when a place has no value.
    """
    rule = RULES.get(rule_name)
    if rule is None:
        raise UnknownRuleError(f"rule {rule_name!r} is not in the table of rules")
    text = value_text(value)
    said = {name: shown(v, LONGEST_DETAIL if name in SENTENCES else LONGEST_VALUE) for name, v in values.items()}
    said.setdefault("value", shown(value))
    if not said.get("detail"):
        said["detail"] = rule.detail
    return Finding(
        finding_id=finding_id(rule_name, document_id, row_id, field, text),
        rule=rule_name,
        severity=rule.severity,
        document_id=document_id,
        row_id=row_id,
        table_name=table_name,
        field=field,
        value=text,
        message_zh=rule.zh.format_map({**said, "where": where_zh}),
        message_en=rule.en.format_map({**said, "where": where_en}),
        basis=rule.basis,
        evidence=evidence,
    )


def places_of(template: str) -> frozenset[str]:
    """The names of the places in a sentence."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
