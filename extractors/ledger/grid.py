"""A table's cells by row and column, with merged areas seen through, in time linear in the cells."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping
from typing import Any

from extractors.document import Anchor, Cell, Table

MAX_COVERED = 4_000_000
"""Grid places taken by merged areas that are kept; a sheet with more is hostile, and its merges are cut short."""

Row = dict[int, Cell]
_ROWS_KNOWN = 2_000


class Grid:
    """Read access to one `Table`: own cells, cells that reach in from a merge, and evidence.

    `left` and `right` bound the columns looked at (right exclusive), so that tables side by side on one sheet can be
    read as grids of their own.
    """

    def __init__(self, table: Table, left: int = 0, right: int | None = None) -> None:
        self.table = table
        self.left = left
        self.right = table.cols if right is None else right
        self.own: Mapping[int, Row]
        self.reach: dict[int, Row] = {}
        self.merges_cut = False
        budget = MAX_COVERED
        hidden = set(table.hidden_rows)
        self.hidden_rows = hidden
        if table.bulk is not None:
            self.own = LazyRows(table.bulk, self.left, self.right)
            for row_of in table.bulk.odd.values():
                for cell in row_of.values():
                    if (cell.row_span > 1 or cell.col_span > 1) and self.left <= cell.col < self.right:
                        budget -= self._spread(cell, budget)
            self.rows = self.own.filled()
            return
        own: dict[int, Row] = {}
        self.own = own
        for cell in table.cells:
            if not self.left <= cell.col < self.right:
                continue
            row = own.get(cell.row)
            if row is None:
                row = own[cell.row] = {}
            row[cell.col] = cell
            if cell.row_span > 1 or cell.col_span > 1:
                budget -= self._spread(cell, budget)
        self.rows = sorted(r for r, row in self.own.items() if any(has_content(c) for c in row.values()))

    def _spread(self, cell: Cell, budget: int) -> int:
        last_row = min(cell.row + cell.row_span, self.table.rows)
        last_col = min(cell.col + cell.col_span, self.right)
        size = max(0, last_row - cell.row) * max(0, last_col - cell.col)
        if size > budget:
            self.merges_cut = True
            return 0
        for r in range(cell.row, last_row):
            row = self.reach.setdefault(r, {})
            for c in range(cell.col, last_col):
                if r != cell.row or c != cell.col:
                    row[c] = cell
        return size

    def at(self, row: int, col: int) -> Cell | None:
        """The cell shown at a place: its own, or the merged one that covers it."""
        own = self.own.get(row)
        if own is not None:
            cell = own.get(col)
            if cell is not None and (cell.text or cell.value is not None or cell.formula):
                return cell
        reach = self.reach.get(row)
        covering = reach.get(col) if reach is not None else None
        if covering is not None:
            return covering
        return own.get(col) if own is not None else None

    def texts(self, row: int) -> list[Cell]:
        """The row's own cells that hold something, left to right."""
        return [c for _, c in sorted(self.own.get(row, {}).items()) if has_content(c)]

    def below(self, row: int, col: int, last: int) -> Iterator[Cell]:
        """Own cells with content under a place, down to a row inclusive."""
        for r in range(row + 1, last + 1):
            cell = self.own.get(r, {}).get(col)
            if cell is not None and has_content(cell):
                yield cell

    def end_of_figures(self, i: int) -> int:
        """Where in `rows` a run of rows with figures ends that begins at `rows[i]`; `i` itself when none does.

        Known without looking only in a bulk: such rows can be no header.
        """
        if not isinstance(self.own, LazyRows):
            return i
        return self.own.end_of_figures(self.rows, i)

    def number(self, row: int) -> int:
        """A grid row's number as people count it in the original file."""
        return self.table.first_row + row

    def anchor(self, cell: Cell) -> Anchor:
        """Where a cell's value can be looked up in the original."""
        if self.table.sheet is not None:
            return Anchor(sheet=self.table.sheet, cell=cell.ref)
        return Anchor(page=cell.page or self.table.page, bbox=cell.bbox, table=self.table.index, cell=cell.ref or None)


class LazyRows(Mapping[int, Row]):
    """The rows of a bulk by number; their cells are made when they are asked for, and some are remembered."""

    def __init__(self, bulk: Any, left: int, right: int) -> None:
        self._bulk, self._left, self._right = bulk, left, right
        self._known: dict[int, Row] = {}
        self._breaks: Any = None

    def __getitem__(self, row: int) -> Row:
        known = self._known.get(row)
        if known is None:
            if not 0 <= row < self._bulk.rows:
                raise KeyError(row)
            known = self._bulk.row(row, self._left, self._right)
            if not known:
                raise KeyError(row)
            if len(self._known) >= _ROWS_KNOWN:
                self._known.clear()
            self._known[row] = known
        return known

    def __iter__(self) -> Iterator[int]:
        return iter(self.filled())

    def __len__(self) -> int:
        return len(self.filled())

    def filled(self) -> list[int]:
        """Rows with content, in order."""
        rows: list[int] = self._bulk.filled_rows(self._left, self._right)
        return rows

    def end_of_figures(self, rows: list[int], i: int) -> int:
        """See `Grid.end_of_figures`."""
        if self._breaks is None:
            self._breaks = self._bulk.rows_without_figures(rows, self._left, self._right)
        at = bisect.bisect_left(self._breaks, i)
        return self._breaks[at] if at < len(self._breaks) else len(rows)


def has_content(cell: Cell) -> bool:
    """Whether a cell holds anything: text, a value or a formula."""
    return bool(cell.text and not cell.text.isspace()) or cell.value not in (None, "") or cell.formula is not None


def is_numeric(cell: Cell) -> bool:
    """Whether a cell holds a number or date, by type or, in formats without types, by its text."""
    if cell.value_type in ("number", "date"):
        return True
    text = cell.text.strip().replace(",", "").replace("，", "")
    return bool(text) and text.lstrip("-+(¥￥").rstrip(")%元万亿").replace(".", "", 1).isdigit()
