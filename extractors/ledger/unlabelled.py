"""A last row of sums without a word beside them: a total whose label was left out, never a debt."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.facts import Flag, LedgerRow, LedgerTotal
from extractors.ledger.amounts import parse_amount
from extractors.ledger.words import INT, MONEY, RATIO, kind_of
from extractors.rowstore import RowStore

_FIGURES = frozenset({MONEY, INT, RATIO})
LEAST_ROWS = 2
"""Rows a sum must have above it; a single row repeats itself too easily."""


def split_total(rows: Sequence[LedgerRow], totals: list[LedgerTotal]) -> tuple[Sequence[LedgerRow], list[LedgerTotal]]:
    """Rows and totals with such a last row put among the totals, and flagged.

    It names nobody, and each of its amounts is the sum of all rows above it, or of those since the last total.
    """
    if len(rows) <= LEAST_ROWS:
        return rows, totals
    last = rows[-1]
    amounts = {f: v.value for f, v in last.values.items() if kind_of(f) == MONEY and isinstance(v.value, Decimal)}
    if not amounts or _names_something(last) or (totals and totals[-1].row > last.row):
        return rows, totals
    if not any(_sums(rows, start, amounts) for start in {0, _since(rows, totals)}):
        return rows, totals
    cell = next(iter(last.values.values())).cell
    message = f"第{last.row}行没有名称，金额等于以上各行之和，按合计登记，未计为债务，请补填“合计”。"
    flags = (Flag(kind="unlabelled_total", cell=cell, message=message),)
    values = {f: v for f, v in last.values.items() if kind_of(f) in _FIGURES}
    total = LedgerTotal(row=last.row, label="合计（原表未写）", values=values, flags=flags)
    if isinstance(rows, RowStore):
        rows.order = rows.order[:-1]
        return rows, [*totals, total]
    return rows[:-1], [*totals, total]


def _names_something(row: LedgerRow) -> bool:
    filled = {f.field for f in row.flags if f.kind == "filled_repeat"}
    return any(parse_amount(text).number is None for text in row.extra.values()) or any(
        v.value is not None and kind_of(f) not in _FIGURES and f not in filled for f, v in row.values.items()
    )


def _since(rows: Sequence[LedgerRow], totals: list[LedgerTotal]) -> int:
    after = totals[-1].row if totals else 0
    position = len(rows) - 1
    while position > 0 and rows[position - 1].row > after:
        position -= 1
        if len(rows) - position > 1_000:
            return 0
    return position


def _sums(rows: Sequence[LedgerRow], start: int, amounts: dict[str, Decimal]) -> bool:
    end = len(rows) - 1
    if end - start < LEAST_ROWS:
        return False
    found = dict.fromkeys(amounts, Decimal(0))
    above = (
        (row for _, row in rows.lines(amounts, range(start, end))) if isinstance(rows, RowStore) else rows[start:end]
    )
    for row in above:
        for field in amounts:
            value = row.values.get(field)
            if value is not None and isinstance(value.value, Decimal):
                found[field] += value.value
    return all(abs(found[f] - amount) <= Decimal("0.005") for f, amount in amounts.items())
