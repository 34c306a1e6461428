"""Amounts that look written in another unit than their column says. Only ever flagged, never corrected."""

from __future__ import annotations

from decimal import Decimal
from statistics import median

from extractors.facts import Flag, LedgerRow
from extractors.ledger import screen
from extractors.ledger.checking import Checked
from extractors.ledger.columns import Columns
from extractors.ledger.words import label_of, unit_factors
from extractors.rowstore import RowStore

RATIO = Decimal(1000)
"""A debt this many times its contract, or this far from its column's median, is taken for a slip of 10 000."""

LARGEST_MEDIAN = Decimal(5_000_000_000)
"""Yuan. No county's ordinary debt to a small company is five billion: the caption's unit is doubtful."""

SMALLEST_MEDIAN = Decimal(100)
"""Yuan. Nor is it under a hundred yuan."""

_CHECKED = (
    "arrears_amount_yuan",
    "remaining_amount_yuan",
    "undisputed_amount_yuan",
    "repaid_amount_yuan",
    "contract_amount_yuan",
)


_OWED = ("arrears_amount_yuan", "remaining_amount_yuan", "repaid_amount_yuan")


def suspect_units(table: Checked, columns: Columns) -> list[tuple[int | None, Flag]]:
    """(row position or None for the table, flag) for every suspicion."""
    out: list[tuple[int | None, Flag]] = []
    marked: set[tuple[int, str]] = set()
    units = {c.field: c.unit for c in columns.readers if c.kind == "money"}
    detail = any(c.field == "creditor_name" for c in columns.readers)
    for k, row in table.lines((*_OWED, "contract_amount_yuan"), lambda rows: screen.off_contract(rows, _OWED, RATIO)):
        contract = _number(row, "contract_amount_yuan")
        for field in _OWED:
            amount = _number(row, field)
            if contract and amount and contract > 0 and amount / contract >= RATIO:
                marked.add((k, field))
                out.append((k, _flag(row, field, "超过合同金额一千倍以上")))
    for field in _CHECKED:
        if field not in units:
            continue
        count, middle = _middle(table, field) if detail else (0, Decimal(0))
        if count >= 4:
            out += _far_from_median(table, field, middle, units[field], marked)
        if count >= 3 and middle > 0 and not SMALLEST_MEDIAN <= middle <= LARGEST_MEDIAN:
            unit = units[field] or "未知单位"
            around = format(middle.normalize(), "f")
            message = f"“{label_of(field)}”整列按“{unit}”换算后多在{around}元上下，单位可能有误，请核对表头或标注。"
            out.append((None, Flag(kind="suspect_unit", field=field, message=message)))
    return out


def _middle(table: Checked, field: str) -> tuple[int, Decimal]:
    """How many rows have an amount in a field, and the median of the amounts."""
    if isinstance(table.rows, RowStore):
        return screen.middle(table.rows, field)
    values = [v for row in table.rows if (v := _number(row, field))]
    return len(values), median(values) if values else Decimal(0)


def _far_from_median(
    table: Checked, field: str, middle: Decimal, unit: str | None, marked: set[tuple[int, str]]
) -> list[tuple[int | None, Flag]]:
    """Values a thousand times off the middle of their column, in the direction a wrong unit would push them."""
    out: list[tuple[int | None, Flag]] = []
    large_unit = unit is not None and unit_factors()[unit] >= 1000
    if middle <= 0:
        return out
    for k, row in table.lines((field,), lambda rows: screen.far_off(rows, field, float(middle), float(RATIO))):
        value = _number(row, field)
        if (k, field) in marked or value is None or value <= 0:
            continue
        if large_unit and value / middle >= RATIO:
            out.append((k, _flag(row, field, "比同列其他金额大一千倍以上")))
        elif not large_unit and middle / value >= RATIO:
            out.append((k, _flag(row, field, "比同列其他金额小一千倍以上")))
    return out


def _flag(row: LedgerRow, field: str, why: str) -> Flag:
    value = row.values[field]
    message = f"{value.cell}格“{label_of(field)}”填写为“{value.raw}”，{why}，可能是元与万元混用，未作更改，请核对单位。"
    return Flag(kind="suspect_unit", field=field, cell=value.cell, message=message)


def _number(row: LedgerRow, field: str) -> Decimal | None:
    value = row.values.get(field)
    return value.value if value is not None and isinstance(value.value, Decimal) else None
