"""Whole columns of a bulk to typed values at once, for the rows that are plain; all others are read one by one.

A row is plain when reading it singly would do nothing but type its cells: no total, note, section, merge, repeat mark,
hidden row, nothing several in one cell, and an amount that is not zero. Cells that are not in the plainest form are
read by `read_cell`, once for each distinct content of their column, so that every rule stays in one place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from extractors.bulk import BLANK, NUMBER, ODD, TEXT, Bulk
from extractors.bulk import Column as Cells
from extractors.document import Cell
from extractors.facts import CellValue
from extractors.formats import numfmt
from extractors.formats.grid import column_name
from extractors.ledger.bulk_text import TextTraits
from extractors.ledger.cells import Column, message_for, read_cell
from extractors.ledger.grid import Grid, is_numeric
from extractors.ledger.several import several_in_one
from extractors.ledger.units import in_number_format
from extractors.ledger.words import tidy, unit_factors
from extractors.rowstore import ABSENT, AS_WRITTEN, CODED, SHOWN, Entry, StoredColumn
from extractors.rowstore import NUMBER as NUMBER_LANE
from extractors.rowstore import TEXT as TEXT_LANE

_NAMES_WITH_PHONES = ("contact_name", "creditor_contact_name", "responsible_person")
_CONTRACT_FIELDS = ("contract_no", "project_name", "contract_amount_yuan")


class BulkRows:
    """The typed columns of a bulk, and which of its rows are plain."""

    def __init__(
        self,
        grid: Grid,
        bulk: Bulk,
        readers: list[Column],
        unmapped: dict[int, str],
        bounds: tuple[int, int],
        text_columns: set[int],
        first_money: int,
        *,
        detail: bool,
        seq: int | None,
    ) -> None:
        self.bulk, self.traits = bulk, TextTraits(bulk.strings)
        self.readers, self.unmapped = readers, unmapped
        self.left, self.right = bounds
        self.plain = self._candidates(grid, text_columns, seq)
        self._mark_by_field(detail)
        self.columns: list[StoredColumn] = []
        nonzero = np.zeros(bulk.rows, bool)
        figures = np.zeros(bulk.rows, bool)
        for column in readers:
            stored = self._typed(column)
            self.columns.append(stored)
            self._mark_several(stored)
            if stored.is_money:
                owed = (stored.lane == NUMBER_LANE) & (stored.payload != 0)
                shown = owed
                if stored.entries:
                    amounts = np.array([isinstance(e.value, Decimal) and bool(e.value) for e in stored.entries])
                    looks = np.array([self._looks_numeric(e) for e in stored.entries])
                    coded = stored.lane == CODED
                    at = np.where(coded, stored.payload, 0)
                    owed = owed | (coded & amounts[at])
                    shown = shown | (coded & amounts[at] & looks[at])
                nonzero |= owed
                if column.index >= first_money:
                    figures |= shown
        self.plain &= nonzero & figures
        for col, header in unmapped.items():
            self.columns.append(self._kept(col, header))

    @staticmethod
    def _looks_numeric(entry: Entry) -> bool:
        return is_numeric(Cell(row=0, col=0, text=entry.raw))

    # --- which rows are plain
    def _candidates(self, grid: Grid, text_columns: set[int], seq: int | None) -> Any:
        bulk, traits = self.bulk, self.traits
        plain = np.ones(bulk.rows, bool)
        count = np.zeros(bulk.rows, np.int16)
        for col in range(self.left, self.right):
            cells = bulk.columns[col]
            there = cells.kind != BLANK
            text = cells.kind == TEXT
            plain &= cells.kind != ODD
            early = text & (count < 4)
            if early.any():
                if col in text_columns or col in self.unmapped:
                    plain &= ~(early & self._of(traits.total, cells))
                if seq is not None:
                    plain &= ~(early & (count == 0) & self._of(traits.section, cells))
            count += there
        plain &= count >= 4
        special = [*bulk.hidden_rows, *grid.reach, *bulk.odd]
        plain[[r for r in special if r < bulk.rows]] = False
        return plain

    def _of(self, mask: Any, cells: Cells) -> Any:
        """A mask over texts as one over the rows of a column; False where there is no text."""
        if not len(mask):
            return np.zeros(len(cells.kind), bool)
        text = cells.kind == TEXT
        return text & mask[np.where(text, cells.payload, 0)]

    def _mark_by_field(self, detail: bool) -> None:
        by_field = {c.field: self.bulk.columns[c.index] for c in self.readers}
        for column in self.readers:
            self.plain &= ~self._of(self.traits.repeat, self.bulk.columns[column.index])
        if "creditor_name" in by_field:
            self.plain &= ~self._of(self.traits.creditors, by_field["creditor_name"])
        for field in _CONTRACT_FIELDS:
            if field in by_field:
                self.plain &= ~self._of(self.traits.contracts, by_field[field])
        if detail and "debtor_name" in by_field and "creditor_name" in by_field:
            self.plain &= by_field["debtor_name"].kind != BLANK

    def _mark_several(self, stored: StoredColumn) -> None:
        """Leaves rows whose cell holds several things to the reader of single rows."""
        field = stored.field or ""
        if field not in ("creditor_name", *_CONTRACT_FIELDS):
            return
        several = [
            bool(several_in_one({field: CellValue(value=e.value, raw=e.raw, cell="", rule=e.rule)}))
            for e in stored.entries
        ]
        if any(several):
            coded = stored.lane == CODED
            self.plain &= ~(coded & np.array(several)[np.where(coded, stored.payload, 0)])

    # --- columns
    def _empty(self, col: int, **fixed: Any) -> StoredColumn:
        n = self.bulk.rows
        return StoredColumn(
            letters=column_name(self.bulk.first_col + col),
            lane=np.zeros(n, np.uint8),
            payload=self.bulk.columns[col].payload.copy(),
            exponent=self.bulk.columns[col].exponent,
            style=self.bulk.columns[col].style,
            **fixed,
        )

    def _typed(self, column: Column) -> StoredColumn:
        is_money = column.kind == "money"
        factor = None if column.unit is None else unit_factors()[column.unit]
        out = self._empty(
            column.index,
            field=column.field,
            header=column.header,
            is_money=is_money,
            factor=factor if is_money else Decimal(1),
            rule=f"money_{column.unit_rule}" if is_money else "number",
            unknown=message_for("unit_unknown", column.field, "{raw}", "{}格") if is_money else "",
        )
        cells = self.bulk.columns[column.index]
        if column.kind in ("money", "int"):
            out.lane[(cells.kind == NUMBER) & ~self._styles(cells, with_unit=is_money)] = NUMBER_LANE
        if is_money and (cells.kind == TEXT).any():
            self._written(out, cells)
        if column.field == "seq_no":
            whole = (cells.kind == NUMBER) & (cells.exponent == 0) & (cells.payload >= 0) & self._general(cells)
            out.lane[whole] = SHOWN
            out.lane[self._of(self.traits.whole & ~self.traits.blank, cells)] = TEXT_LANE
        elif column.kind == "text":
            out.lane[self._of(~(self.traits.odd | self.traits.blank), cells)] = TEXT_LANE
            if column.lookup:
                out.lane[self._of(self.traits.among(frozenset(column.lookup)), cells)] = ABSENT
            if column.field in _NAMES_WITH_PHONES:
                out.lane[self._of(self.traits.digits, cells)] = ABSENT
        self._read_rest(out, cells, column)
        return out

    def _general(self, cells: Cells) -> Any:
        general = np.array([f == "General" for f in self.bulk.formats] + [True])
        return general[np.minimum(cells.style, len(self.bulk.formats))]

    def _styles(self, cells: Cells, *, with_unit: bool) -> Any:
        """Whether a number's format makes it a date or, for money, names a unit."""
        formats = self.bulk.formats
        odd = [numfmt.is_date(f) or (with_unit and in_number_format(f) is not None) for f in formats]
        return np.array([*odd, False])[np.minimum(cells.style, len(formats))]

    def _written(self, out: StoredColumn, cells: Cells) -> None:
        """Amounts that stand as plain texts (csv): 12345.60."""
        is_one, payload, places = self.traits.written
        at = self._of(is_one & ~self.traits.blank, cells)
        which = cells.payload[at]
        out.lane[at] = NUMBER_LANE
        out.exponent, out.style = out.exponent.copy(), out.style.copy()
        out.payload[at], out.exponent[at], out.style[at] = payload[which], places[which], AS_WRITTEN

    def _read_rest(self, out: StoredColumn, cells: Cells, column: Column) -> None:
        """Everything that no lane has taken, through `read_cell`, once for each distinct content."""
        rest = self.plain & (cells.kind != BLANK) & (out.lane == ABSENT)
        for row, at in self._distinct(cells, rest):
            cell = self.bulk.cell(row, column.index)
            assert cell is not None
            read = read_cell(cell, column)
            if read.value is None and not cell.text and read.problem is None:
                continue
            message = ""
            if read.problem is not None:
                message = message_for(read.problem, column.field, tidy(cell.text), "{}格")
            entry = Entry(cell.text, read.value, read.rule, read.more, read.problem, message)
            out.lane[at], out.payload[at] = CODED, len(out.entries)
            out.entries.append(entry)

    def _kept(self, col: int, header: str) -> StoredColumn:
        """A column that is kept whole under its own header."""
        out = self._empty(col, field=None, header=header)
        cells = self.bulk.columns[col]
        out.lane[self._of(~self.traits.odd, cells)] = TEXT_LANE
        plain_number = (cells.kind == NUMBER) & ~self._styles(cells, with_unit=False)
        out.lane[plain_number] = NUMBER_LANE
        for row, at in self._distinct(cells, self.plain & (cells.kind != BLANK) & (out.lane == ABSENT)):
            cell = self.bulk.cell(row, col)
            if cell is not None and cell.text.strip():
                out.lane[at], out.payload[at] = CODED, len(out.entries)
                out.entries.append(Entry(tidy(cell.text), None, "extra"))
        return out

    def _distinct(self, cells: Cells, rest: Any) -> list[tuple[int, Any]]:
        """(a row, all rows) of each distinct content among the rows marked."""
        rows = np.flatnonzero(rest)
        if not len(rows):
            return []
        keys = cells.payload[rows]
        text = cells.kind[rows] == TEXT
        if text.any():  # one text may be kept several times, once in every few thousand records of a csv
            same, _ = self.bulk.strings.encoded(keys[text])
            keys[text] = same
        small = cells.kind[rows].astype(np.int64) << 32 | cells.style[rows].astype(np.int64) << 8
        small |= cells.exponent[rows]
        order = np.lexsort((small, keys))
        keys, small = keys[order], small[order]
        edges = np.flatnonzero((keys[1:] != keys[:-1]) | (small[1:] != small[:-1])) + 1
        groups = np.split(rows[order], edges)
        return [(int(g[0]), g) for g in groups]
