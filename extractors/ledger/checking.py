"""What all checks of a table share: the table under check, exact numbers of a row, printed precision, findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import msgspec

from extractors.facts import CellValue, Flag, FormulaCheck, LedgerRow, LedgerTotal
from extractors.ledger.columns import Columns
from extractors.ledger.words import unit_factors
from extractors.rowstore import RowStore

ARREARS, REPAID, REMAINING = "arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan"
UNDISPUTED, DISPUTED = "undisputed_amount_yuan", "disputed_amount_yuan"
UNKNOWN = frozenset(
    {"unit_unknown", "unparsed_amount", "several_amounts", "amount_words_mismatch", "approx_amount", "formula_error"}
)
"""Flags of amounts that no sum can be held against."""

Values = dict[str, CellValue]


class Checked(msgspec.Struct):
    """Rows, totals and table flags under check; flags are added in place."""

    rows: list[LedgerRow] | RowStore
    totals: list[LedgerTotal]
    flags: list[Flag]
    title: str | None = None
    formulas: list[FormulaCheck] = []

    def flag_row(self, index: int, flag: Flag) -> None:
        """Adds a finding to a row."""
        if isinstance(self.rows, RowStore):
            self.rows.add_flag(index, flag)
            return
        row = self.rows[index]
        self.rows[index] = msgspec.structs.replace(row, flags=(*row.flags, flag))

    def lines(
        self, fields: Iterable[str], only: Callable[[RowStore], Sequence[int]] | None = None
    ) -> Iterable[tuple[int, LedgerRow]]:
        """(position, row) of the rows to check; the values of `fields` are there.

        In a table too large to look at every row, `only` finds those that may be doubtful.
        """
        if isinstance(self.rows, RowStore):
            return self.rows.lines(fields, None if only is None else only(self.rows))
        return enumerate(self.rows)

    def row_numbers(self) -> Sequence[int]:
        """The number in the file of every row."""
        if isinstance(self.rows, RowStore):
            numbers: Sequence[int] = self.rows.row_numbers()
            return numbers
        return [r.row for r in self.rows]

    def stretch(self, field: str, start: int, end: int) -> Iterable[LedgerRow]:
        """Rows from one position to another; the value of `field` is there."""
        if isinstance(self.rows, RowStore):
            return (row for _, row in self.rows.lines((field,), range(start, end)))
        return self.rows[start:end]

    def flag_total(self, index: int, flag: Flag) -> None:
        """Adds a finding to a total."""
        total = self.totals[index]
        self.totals[index] = msgspec.structs.replace(total, flags=(*total.flags, flag))


def number(values: Values, field: str) -> Decimal | None:
    """A field's single exact number; None when missing, unknown or a range."""
    value = values.get(field)
    return value.value if value is not None and isinstance(value.value, Decimal) else None


def shown(value: Decimal) -> str:
    """A number as people write it, with thousands."""
    return format(value.normalize() if value else Decimal(0), ",f")


def decimals(raw: str) -> int:
    """Decimal places a figure is printed with."""
    _, _, tail = raw.strip().rstrip("万亿元%").partition(".")
    return len(tail) if tail.isdigit() else 0


def units_of(columns: Columns) -> dict[str, str | None]:
    """The money unit of each field's column."""
    return {c.field: c.unit for c in columns.readers}


def last_digit(raw: str, unit: str | None) -> Decimal:
    """Yuan worth of one unit in the last printed digit."""
    return (unit_factors()[unit] if unit else Decimal(1)).scaleb(-decimals(raw))


def tolerance(values: Values, fields: Iterable[str], units: dict[str, str | None]) -> Decimal:
    """One last digit where figures are printed with two or more decimals of a large unit; otherwise half a fen."""
    given = list(fields)
    places = max((decimals(values[f].raw) for f in given if f in values), default=0)
    factors = [unit_factors()[u] for f in given if (u := units.get(f)) is not None]
    factor = max(factors, default=Decimal(1))
    return factor.scaleb(-places) if places >= 2 and factor > 1 else Decimal("0.005")


def mismatch(kind: str, values: Values, field: str, text: str) -> Flag:
    """A finding on one cell that disagrees with others."""
    cell = values[field].cell
    return Flag(kind=kind, field=field, cell=cell, message=f"{cell}格{text}，请核对。")
