"""Figures stated in prose that must add up inside one document and one scope: 总额 = 已清偿 + 剩余 and the like.

Only figures of the same scope, cut-off, debtor and creditor are set against each other, and only where each part is
stated once: a second figure for the same part may count something else, and a guess would be a false alarm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from validators.arithmetic import Interval, difference, settles
from validators.rules import raise_finding

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding
    from validators.places import Places

ROLES_ZH = {"cleared": "已清偿", "remaining": "剩余", "disputed": "有分歧", "undisputed": "无分歧"}
COLUMNS = (
    "statement_id",
    "document_id",
    "role",
    "scope",
    "as_of_date",
    "debtor_name",
    "creditor_name",
    "amount_yuan",
    "amount_high_yuan",
    "quantum_yuan",
    "evidence",
)
Row = Mapping[str, Any]


def statement_findings(statements: pa.Table, places: Places) -> list[Finding]:
    """Sums that do not hold within the printed precision, one finding for each group of figures."""
    findings: list[Finding] = []
    for group in groups(statements.select(list(COLUMNS)).to_pylist()):
        by_role: dict[str, list[Row]] = defaultdict(list)
        for row in group:
            by_role[row["role"]].append(row)
        once = {role: rows[0] for role, rows in by_role.items() if len({amount(r) for r in rows}) == 1}
        if "debt_total" in once:
            findings.extend(group_findings(once, places))
    return findings


def groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Debt figures of one document that count the same: same scope, cut-off and parties.

    A figure without a scope or a cut-off joins the groups of its document that have one, since prose names it once:
    "截至8月底，总额…，已清偿…".
    """
    documents: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["role"] in (*ROLES_ZH, "debt_total") and row["amount_yuan"] is not None:
            documents[row["document_id"]].append(row)
    out: list[list[Row]] = []
    for statements in documents.values():
        keys = dict.fromkeys(key_of(r) for r in statements if r["role"] == "debt_total")
        out.extend([r for r in statements if compatible(key_of(r), key)] for key in keys)
    return out


def key_of(row: Row) -> tuple[object, ...]:
    """What a figure counts."""
    return row["scope"], row["as_of_date"], row["debtor_name"], row["creditor_name"]


def compatible(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two figures may count the same: equal wherever both say; the parties must agree even in silence."""
    same_scope = all(a == b or a is None or b is None for a, b in zip(one[:2], other[:2], strict=True))
    return same_scope and one[2:] == other[2:]


def amount(row: Row) -> Interval:
    """The figure as (low, high)."""
    low = row["amount_yuan"]
    high = row["amount_high_yuan"]
    return (low, low if high is None else high)


def tolerance(rows: Sequence[Row]) -> Decimal:
    """What the printed precision of the figures allows, in yuan."""
    return sum((r["quantum_yuan"] or Decimal(0) for r in rows), Decimal(0))


def group_findings(once: Mapping[str, Row], places: Places) -> list[Finding]:
    """The rules on one group: cleared + remaining and undisputed + disputed make the total; no part exceeds it."""
    total = once["debt_total"]
    findings: list[Finding] = []
    for rule, first, second in (
        ("statement_sum_mismatch", "cleared", "remaining"),
        ("statement_parts_mismatch", "undisputed", "disputed"),
    ):
        if first in once and second in once:
            parts = (once[first], once[second])
            terms = [amount(p) for p in parts]
            allowed = tolerance((total, *parts))
            if not settles(terms, amount(total), allowed):
                findings.append(
                    sum_finding(rule, once[second], total, {first: once[first], second: once[second]}, allowed, places)
                )
    for role, name in ROLES_ZH.items():
        part = once.get(role)
        if part is not None and amount(part)[0] > amount(total)[1] + tolerance((total, part)):
            values = {"part": name, "amount": part["amount_yuan"], "total": total["amount_yuan"]}
            findings.append(one_finding("statement_part_exceeds_total", part, values, places))
    return findings


def sum_finding(rule: str, at: Row, total: Row, parts: Mapping[str, Row], allowed: Decimal, places: Places) -> Finding:
    """A finding on a sum, placed at its last part."""
    gap = difference([amount(p) for p in parts.values()], amount(total))
    values: dict[str, object] = {name: p["amount_yuan"] for name, p in parts.items()}
    return one_finding(
        rule, at, {**values, "total": total["amount_yuan"], "difference": gap, "tolerance": allowed}, places
    )


def one_finding(rule: str, row: Row, values: Mapping[str, object], places: Places) -> Finding:
    """A finding on one statement."""
    where_zh, where_en = places.of("debt_statements", row)
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name="debt_statements",
        row_id=row["statement_id"],
        field="amount_yuan",
        value=row["amount_yuan"],
        evidence=places.evidence(row),
        values=values,
    )
