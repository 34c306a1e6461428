"""A large sheet into a `Bulk`: the scanned blocks put together, odd rows and merged areas kept as cells.

The result says the same as `xlsx_sheet.read_sheet`, cell for cell (a test holds the two against each other); a sheet
that is not in the plain form gives None and is read there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np

from extractors.bulk import ODD, TEXT, Bulk, Column, Strings
from extractors.document import ReadError
from extractors.formats import limits, safexml
from extractors.formats.guard import Container
from extractors.formats.xlsx_parts import SheetInfo, Workbook
from extractors.formats.xlsx_scan import Cells, NotPlain, TooWide, blocks, scan
from extractors.formats.xlsx_sheet import SheetCells, read_row, too_wide, walk

_ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([^\"']*)")
_ATTRIBUTES = ("kind", "payload", "exponent", "style")
_TYPES = {"kind": np.uint8, "payload": np.int64, "exponent": np.int8, "style": np.uint16}


def read_bulk(container: Container, info: SheetInfo, book: Workbook, name: str) -> tuple[Bulk, SheetCells] | None:
    """The sheet as a bulk, and what else was met in it (merges, hidden rows and columns, formulas without a result).

    None when the sheet is not in the plain form. Raises `ReadError` (`too_large`, `bad_xml`, `bad_container`).
    """
    extras = SheetCells(info)
    try:
        return _Builder(book, name, extras).read(container.chunks(info.part), info.part), extras
    except NotPlain:
        return None
    except TooWide:
        raise too_wide(name) from None


class _Builder:
    def __init__(self, book: Workbook, name: str, extras: SheetCells) -> None:
        self.book, self.name, self.extras = book, name, extras
        self.grids: list[dict[str, Any]] = []
        self.texts: list[Any] = book.shared.arrays()
        self.shared = self.known = sum(map(len, self.texts))
        self.first = -1  # first row of the first block
        self.last = -1
        self.cells = 0

    def read(self, chunks: Iterable[bytes], part: str) -> Bulk:
        head = b""
        for what, data in blocks(iter(chunks)):
            if what == "head":
                head = data
                encoding = _ENCODING.search(head)
                if b"<worksheet" not in head or (encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii")):
                    raise NotPlain
            elif what == "rows":
                found = scan(data, self.last)
                self._odd(head, found.odd, part)
                self._add(found)
            else:
                walk([head + data], self.extras, self.book, self.name, part, 0)
        return self._finish()

    def _odd(self, head: bytes, rows: list[bytes], part: str) -> None:
        """Rows that are not in the plain form, through the general parser."""
        if not rows:
            return
        root = head[head.find(b"<worksheet") : head.find(b">", head.find(b"<worksheet")) + 1]
        tree = safexml.tree(root + b"<sheetData>" + b"".join(rows) + b"</sheetData></worksheet>", self.name, part)
        before = len(self.extras.cells)
        for element in tree[0]:
            number = str(element.get("r", ""))
            if not number.isdigit():
                raise NotPlain
            row = read_row(element, int(number) - 2, self.extras, self.book)
            added = list(self.extras.cells)[before:]
            if self.extras.misplaced or any(r != row for r, _ in added):
                raise NotPlain
            before += len(added)
        if before > limits.MAX_CELLS:
            raise ReadError("too_large", f"文件“{self.name}”不规范的单元格超过{limits.MAX_CELLS}个，请拆分后重新报送。")

    def _add(self, found: Cells) -> None:
        """One block as small columns; rows run on from the block before."""
        if found.last_row < 0:
            return
        self.extras.hidden_rows.update(found.hidden_rows)
        own = (found.kind == TEXT) & (found.payload < 0)
        shared = (found.kind == TEXT) & (found.payload >= self.shared)
        if shared.any():
            raise NotPlain
        if own.any():
            found.payload[own] = self.known - 1 - found.payload[own]
            self.texts.append(found.texts)
            self.known += len(found.texts)
        if self.first < 0:
            odd = min((r for r, _ in self.extras.cells), default=found.last_row)
            self.first = min(int(found.rows[0]) if len(found.rows) else odd, odd)
            self.last = self.first - 1
        rows = found.last_row - self.last
        cols = int(found.cols.max()) + 1 if len(found.cols) else 0
        self.cells += len(found.cols)
        if rows * cols > 8 * len(found.cols) + 1_000_000:
            raise NotPlain  # scattered: few cells over a great area
        place = found.cols.astype(np.int64) * rows + (found.rows - self.last - 1)
        grid: dict[str, Any] = {"rows": rows, "cols": cols}
        for attribute in _ATTRIBUTES:
            dense = np.zeros(rows * cols, _TYPES[attribute])
            dense[place] = getattr(found, attribute)
            grid[attribute] = dense.reshape(cols, rows)
        self.grids.append(grid)
        self.last = found.last_row

    def _finish(self) -> Bulk:
        odd_cells = self.extras.cells
        right = max([int(g["cols"]) for g in self.grids] + [c + 1 for _, c in odd_cells], default=0)
        total = sum(int(g["rows"]) for g in self.grids)
        if not total or not right or total * right > max(limits.MAX_GRID_CELLS, 4 * (self.cells + len(odd_cells))):
            raise NotPlain
        parts: dict[str, list[Any]] = {}
        for attribute in _ATTRIBUTES:
            parts[attribute] = [self._joined(attribute, c) for c in range(right)]
            for grid in self.grids:
                del grid[attribute]
        columns = [Column(*(parts[a][c] for a in _ATTRIBUTES)) for c in range(right)]
        for (row, col), _ in odd_cells.items():
            if columns[col].kind[row - self.first]:
                raise NotPlain
            columns[col].kind[row - self.first] = ODD
        top, bottom, left, right = self._edges(columns)
        columns = [
            Column(c.kind[top:bottom], c.payload[top:bottom], c.exponent[top:bottom], c.style[top:bottom])
            for c in columns[left:right]
        ]
        first = self.first + top
        bulk = Bulk(
            columns=columns,
            rows=bottom - top,
            strings=Strings(self.texts),
            formats=self.book.formats,
            epoch_1904=self.book.epoch_1904,
            first_row=first + 1,
            first_col=left,
            odd={},
            hidden_rows=frozenset(r - first for r in self.extras.hidden_rows if first <= r < first + bottom - top),
            hidden_cols=frozenset(c - left for c in range(left, right) if self.extras.col_is_hidden(c)),
        )
        for (row, col), cell in odd_cells.items():
            keep_odd(bulk, row - first, col - left, cell)
        return bulk

    def _joined(self, attribute: str, col: int) -> Any:
        return np.concatenate(
            [g[attribute][col] if col < g["cols"] else np.zeros(g["rows"], _TYPES[attribute]) for g in self.grids]
        )

    @staticmethod
    def _edges(columns: list[Column]) -> tuple[int, int, int, int]:
        """First and last row and column with content (ends exclusive). Raises NotPlain where a part lies far off."""
        in_row = np.zeros(len(columns[0].kind), bool)
        for column in columns:
            in_row |= column.kind != 0
        rows = np.flatnonzero(in_row)
        cols = np.flatnonzero([bool(c.kind.any()) for c in columns])
        if not len(rows):
            raise NotPlain
        if (np.diff(rows) > limits.STRAY_ROW_GAP).any() or (np.diff(cols) > limits.STRAY_COL_GAP).any():
            raise NotPlain
        return int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1


def keep_odd(bulk: Bulk, row: int, col: int, cell: Any, row_span: int = 1, col_span: int = 1) -> None:
    """Keeps a cell of the bulk as an object, with the area it is merged over."""
    bulk.odd.setdefault(row, {})[col] = msgspec.structs.replace(
        cell,
        row=row,
        col=col,
        row_span=row_span,
        col_span=col_span,
        hidden=row in bulk.hidden_rows or col in bulk.hidden_cols,
    )
    bulk.columns[col].kind[row] = ODD
