"""The figures of ledger rows as printed: approximate amounts as intervals, and how exactly each column is printed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from validators.arithmetic import Interval, printed_quantum
from validators.places import json_object

if TYPE_CHECKING:
    import pyarrow as pa


UNLIMITED = Decimal("Infinity")


class PrintedFigures:
    """Amounts of some rows of a table, looked at one by one.

    `table` has `document_id`, `table_index`, `raw`, `ranges` and the money `columns`. Nothing is read before a row is
    asked for: only rows whose sums do not hold are.
    """

    def __init__(self, table: pa.Table, columns: tuple[str, ...]) -> None:
        self._table = table
        self._columns = columns
        self._members: dict[tuple[object, object], list[int]] | None = None
        self._tolerances: dict[tuple[object, object], dict[str, Decimal]] = {}

    def row(self, position: int) -> dict[str, Interval]:
        """The amounts given in a row as (low, high), equal where exact."""
        ranges = json_object(self._table.column("ranges")[position].as_py())
        amounts: dict[str, Interval] = {}
        for column in self._columns:
            value = self._table.column(column)[position].as_py()
            if value is not None:
                amounts[column] = interval(ranges.get(column)) or (value, value)
        return amounts

    def loosest(self, position: int) -> Mapping[str, Decimal]:
        """The precision by the row's own figures alone: never finer than `tolerances`, and quick to tell.

        Infinite where the row's own text does not tell it (a zero, a figure in words).
        """
        raw = json_object(self._table.column("raw")[position].as_py())
        own = {c: printed_quantum(raw.get(c), self._table.column(c)[position].as_py()) for c in self._columns}
        return {c: UNLIMITED if q is None else q for c, q in own.items()}

    def tolerances(self, position: int) -> Mapping[str, Decimal]:
        """Half a unit of the last printed digit of each column, in yuan.

        Taken from the finest figure of the column in the same ledger table, since spreadsheets drop trailing zeros:
        100 in a column that also has 223.33 means 100.00. A column without a readable figure has none.
        """
        key = self._key(position)
        if key not in self._tolerances:
            finest: dict[str, Decimal] = {}
            for member in self._rows_of(key):
                raw = json_object(self._table.column("raw")[member].as_py())
                for column in self._columns:
                    if column not in raw:
                        continue
                    quantum = printed_quantum(raw[column], self._table.column(column)[member].as_py())
                    if quantum is not None and (column not in finest or quantum < finest[column]):
                        finest[column] = quantum
            self._tolerances[key] = finest
        return self._tolerances[key]

    def _key(self, position: int) -> tuple[object, object]:
        return (
            self._table.column("document_id")[position].as_py(),
            self._table.column("table_index")[position].as_py(),
        )

    def _rows_of(self, key: tuple[object, object]) -> list[int]:
        if self._members is None:
            self._members = {}
            documents = self._table.column("document_id").to_pylist()
            indexes = self._table.column("table_index").to_pylist()
            for position, pair in enumerate(zip(documents, indexes, strict=True)):
                self._members.setdefault(pair, []).append(position)
        return self._members[key]


def interval(value: object) -> Interval | None:
    """A [low, high] of the column `ranges` as decimals; None where there is none."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    try:
        low, high = (Decimal(str(v)) for v in value)
    except InvalidOperation:
        return None
    return (low, high) if low <= high else None
