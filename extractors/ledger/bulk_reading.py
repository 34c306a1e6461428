"""The plain rows of a bulk on their way through the row reader: taken in runs, put together into a `RowStore`."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from extractors.bulk import Bulk
from extractors.facts import CellValue
from extractors.ledger.bulk_rows import BulkRows
from extractors.rowstore import ABSENT, CODED, NUMBER, RowStore, StoredColumn

if TYPE_CHECKING:
    from extractors.ledger.rows import Reader


class BulkReading:
    """Says which rows the reader need not look at (`plain`), takes them from it in runs, and makes the rows' store."""

    def __init__(self, reader: Reader, bulk: Bulk) -> None:
        self._reader = reader
        self._bulk = bulk
        self._body = np.array(reader.frame.body, np.int64)
        typed = BulkRows(
            reader.grid,
            bulk,
            reader.readers,
            reader.columns.unmapped,
            (reader.left, reader.right),
            reader.text_columns,
            reader.first_money,
            detail=reader.detail,
            seq=reader.seq if reader.arabic else None,
        )
        self.plain = typed.plain
        self._columns = typed.columns
        self._ends = np.append(np.flatnonzero(~self.plain[self._body]), len(self._body))
        self._pieces: list[tuple[int, Any]] = []  # (how many other rows came before, grid rows)
        self._sections: list[tuple[int, str | None]] = []
        self._taken = 0
        self.store = self._store(self._columns, np.arange(bulk.rows) + bulk.first_row, np.zeros(0, np.int64))
        reader.previous = Lookback(self)

    def _store(self, columns: list[StoredColumn], numbers: Any, order: Any) -> RowStore:
        table = self._reader.grid.table
        return RowStore(
            columns=columns,
            numbers=numbers,
            order=order,
            others=self._reader.rows,
            sections=self._sections,
            texts=self._bulk.strings,
            formats=self._bulk.formats,
            epoch_1904=self._bulk.epoch_1904,
            sheet=table.sheet,
            table=table.index,
            fields=frozenset(self._reader.fields),
        )

    def take(self, i: int) -> int:
        """Takes the run of plain rows that begins at position `i` of the body; returns its last position."""
        end = int(self._ends[np.searchsorted(self._ends, i)])
        rows = self._body[i:end]
        section = self._reader.section
        if section != (self._sections[-1][1] if self._sections else None):
            self._sections.append((self._taken + len(self._reader.rows), section))
        self._pieces.append((len(self._reader.rows), rows))
        self._taken += len(rows)
        previous = self._reader.previous
        assert isinstance(previous, Lookback)
        previous.pass_run(rows)
        return end - 1

    def finish(self) -> RowStore:
        """All rows, in order; nothing of the sheet is held on to."""
        parts: list[Any] = []
        others = taken = 0
        for before, rows in self._pieces:
            parts.append(-1 - np.arange(others, before))
            parts.append(np.arange(taken, taken + len(rows)))
            others, taken = before, taken + len(rows)
        parts.append(-1 - np.arange(others, len(self._reader.rows)))
        chosen = np.concatenate([r for _, r in self._pieces]) if self._pieces else np.zeros(0, np.int64)
        columns: list[StoredColumn] = []
        while self._columns:  # each old column goes as its successor comes: together they would be too much
            c = self._columns.pop(0)
            columns.append(
                msgspec.structs.replace(
                    c,
                    lane=c.lane[chosen],
                    payload=c.payload[chosen],
                    exponent=c.exponent[chosen],
                    style=c.style[chosen],
                )
            )
        return self._store(columns, chosen + self._bulk.first_row, np.concatenate(parts).astype(np.int64))

    def last_value(self, column: int, rows: Any) -> tuple[CellValue, dict[str, str]] | None:
        """The last value of a column within a run of rows, and its companions."""
        stored = next((c for c, r in zip(self._columns, self._reader.readers, strict=False) if r.index == column), None)
        if stored is None:
            return None
        lane = stored.lane[rows]
        known = (lane != ABSENT) & (lane != CODED)
        if stored.is_money and stored.factor is None:
            known &= ~((lane == NUMBER) & (stored.payload[rows] != 0))
        if stored.entries:
            has_value = np.array([e.value is not None for e in stored.entries])
            coded = lane == CODED
            known |= coded & has_value[np.where(coded, stored.payload[rows], 0)]
        at = np.flatnonzero(known)
        if not len(at):
            return None
        row = int(rows[at[-1]])
        made = self.store.cells_of(stored, np.array([row]), [row + self._bulk.first_row])[0]
        return made[0], made[1]


class Lookback(MutableMapping[int, CellValue]):
    """The last value of each column, for repeat marks: what the reader noted, and what it passed over in runs."""

    def __init__(self, owner: BulkReading) -> None:
        self._owner = owner
        self._noted: dict[int, tuple[int, CellValue | None]] = {}  # column -> (runs passed then, value)
        self._runs: list[Any] = []

    def pass_run(self, rows: Any) -> None:
        """Plain rows were passed."""
        self._runs.append(rows)

    def _find(self, column: int) -> CellValue | None:
        at, value = self._noted.get(column, (0, None))
        for k in range(len(self._runs) - 1, at - 1, -1):
            found = self._owner.last_value(column, self._runs[k])
            if found is not None:
                value, more = found
                companions = self._owner._reader.companions
                if more or column in companions:
                    companions[column] = more
                break
        self._noted[column] = (len(self._runs), value)
        return value

    def __getitem__(self, column: int) -> CellValue:
        value = self._find(column)
        if value is None:
            raise KeyError(column)
        return value

    def __setitem__(self, column: int, value: CellValue) -> None:
        self._noted[column] = (len(self._runs), value)

    def __delitem__(self, column: int) -> None:
        self._noted[column] = (len(self._runs), None)

    def clear(self) -> None:
        """Nothing may be repeated across a total or a heading."""
        self._noted.clear()
        self._runs.clear()

    def __iter__(self) -> Iterator[int]:
        return iter([c for c in self._noted if self._find(c) is not None])

    def __len__(self) -> int:
        return len(list(iter(self)))
