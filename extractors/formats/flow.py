"""Lines of flowing formats that mark cells and rows inside the text (.doc, .rtf) put together to paragraphs and tables.

Both formats say of each paragraph how many tables it stands in and whether it ends a cell or a row, and give each row
its own edges in twips. Here rows get one common grid, merged cells their spans, nested tables their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from extractors.document import Anchor, Cell, ReadError, Table
from extractors.formats import limits
from extractors.formats.draft import Draft, lf
from extractors.formats.grid import Raw, lay_out

_SNAP = 40
"""Twips (0.7 mm): edges of rows that were dragged by hand differ by so much and are still one column."""

Item = tuple[str, str | Table]
"""("paragraph" or "heading", text) or ("table", a laid-out table)."""


class CellFormat(msgspec.Struct):
    """A cell of a row as its definition draws it: `left` and `right` in twips; merges are '', 'restart', 'continue'."""

    left: int
    right: int
    across: str = ""
    down: str = ""


class Line(msgspec.Struct, kw_only=True):
    """One paragraph as read: how many tables it stands in, what it ends, the row's cells where it ends one.

    The mark that ends a row has no text of its own. `end` is a position of the reader's own, for what hangs there.
    """

    text: str
    depth: int = 0
    ends_cell: bool = False
    ends_row: bool = False
    heading: bool = False
    cells: list[CellFormat] = []
    end: int = 0


class _Row(msgspec.Struct, kw_only=True):
    cells: list[list[str]]  # lines of each cell
    formats: list[CellFormat]


def nothing(end: int) -> Iterator[Item]:
    """For readers in which nothing hangs at a position."""
    yield from ()


class Flow:
    """Makes items of lines; numbers tables over the whole document, nested ones after the table that holds them."""

    def __init__(self, name: str, hanging: Callable[[int], Iterator[Item]] = nothing) -> None:
        self._name = name
        self._hanging = hanging  # items to put in after the paragraph or table that ends at a position
        self.tables = 0
        self.nested: list[Table] = []

    def items(self, lines: Iterable[Line]) -> Iterator[Item]:
        """Paragraphs and tables in order."""
        pending: list[Line] = []
        for line in lines:
            if line.depth:
                pending.append(line)
                continue
            yield from self._flush(pending)
            yield from self._text(line)
        yield from self._flush(pending)

    def _text(self, line: Line) -> Iterator[Item]:
        if line.text.strip():
            yield "heading" if line.heading else "paragraph", line.text
        yield from self._hanging(line.end)

    def _flush(self, pending: list[Line]) -> Iterator[Item]:
        if not pending:
            return
        lines, last = list(pending), pending[-1].end
        pending.clear()
        if sum(1 for line in lines if line.ends_cell and not line.ends_row) <= 1:  # a frame around prose
            for line in lines:
                if not line.ends_row:
                    yield from self._text(line)
            return
        self.tables += 1
        index = self.tables
        rows, _ = self._rows(lines, 0, 1)
        if rows:
            yield "table", lay_out(index, _grid(rows))
        else:
            self.tables -= 1
        yield from self._hanging(last)

    def _rows(self, lines: list[Line], at: int, depth: int) -> tuple[list[_Row], int]:
        """The rows of a table of this depth from line `at` on; nested tables are collected and kept in their cell."""
        if depth > limits.MAX_NESTED_TABLES:
            raise ReadError("bad_doc", f"文件“{self._name}”的表格嵌套层数异常，无法读取，请整理后重新报送。")
        rows: list[_Row] = []
        cells: list[list[str]] = []
        current: list[str] = []
        while at < len(lines) and lines[at].depth >= depth:
            line = lines[at]
            if line.depth > depth:
                inner, at = self._nested(lines, at, depth + 1)
                current.extend(inner)
                continue
            if line.ends_row:
                if current:
                    cells.append(current)
                rows.append(_Row(cells=cells, formats=line.cells))
                cells, current = [], []
            else:
                if line.text.strip():
                    current.append(line.text.strip())
                if line.ends_cell:
                    cells.append(current)
                    current = []
            at += 1
        if current:
            cells.append(current)
        if cells:
            rows.append(_Row(cells=cells, formats=[]))
        return [row for row in rows if row.cells], at

    def _nested(self, lines: list[Line], at: int, depth: int) -> tuple[list[str], int]:
        self.tables += 1
        index = self.tables
        rows, at = self._rows(lines, at, depth)
        if not rows:
            self.tables -= 1
            return [], at
        table = lay_out(index, _grid(rows))
        self.nested.append(table)
        by_row: dict[int, list[str]] = {}
        for cell in table.cells:
            by_row.setdefault(cell.row, []).append(cell.text)
        return ["\t".join(texts) for texts in by_row.values()], at


def plain_lines(lines: Iterable[Line]) -> Iterator[str]:
    """The non-empty lines of a header or note, rows of tables as tab-separated lines."""
    row: list[str] = []
    for line in lines:
        if line.ends_row:
            yield "\t".join(row).strip()
            row = []
        elif line.ends_cell:
            row.append(line.text.strip())
        elif line.text.strip():
            yield line.text.strip()
    if any(row):
        yield "\t".join(row).strip()


def write(draft: Draft, flow: Flow, items: Iterable[Item]) -> None:
    """Writes items; `paragraph` anchors count paragraphs and table rows from 1, cells are `r7c6` of their table."""
    number = 0
    for what, value in items:
        if isinstance(value, Table):
            base, table = number, value

            def anchor(cell: Cell, base: int = base, table: Table = table) -> Anchor:
                return Anchor(paragraph=base + cell.row + 1, table=table.index, cell=cell.ref)

            draft.table(table, anchor)
            number += table.rows
            draft.tables.extend(flow.nested)
            flow.nested.clear()
            continue
        number += 1
        draft.paragraph(lf(value), Anchor(paragraph=number), kind=what)
    draft.tables.sort(key=lambda t: t.index)


def _grid(rows: list[_Row]) -> list[list[Raw]]:
    """Rows with their own edges in twips on one common grid; merged cells once, with spans."""
    edges = _edges(sorted({e for row in rows for f in row.formats for e in (f.left, f.right)}))
    grid: list[list[Raw]] = []
    above: dict[tuple[int, int], Raw] = {}
    for row in rows:
        line: list[Raw] = []
        open_now: dict[tuple[int, int], Raw] = {}
        for i, lines in enumerate(row.cells):
            text = "\n".join(lines)
            form = row.formats[i] if i < len(row.formats) else None
            if form is None and row.formats and not text:
                continue  # a mark too many, written by some programs around nested tables
            left = edges[form.left] if form else (line[-1].col or 0) + line[-1].col_span if line else 0
            right = max(edges[form.right], left + 1) if form else left + 1
            across, down = (form.across, form.down) if form else ("", "")
            if across == "continue" and line:
                line[-1].col_span = right - (line[-1].col or 0)
                line[-1].text = "\n".join(t for t in (line[-1].text, text) if t)
                continue
            origin = above.get((left, right))
            if down == "continue" and origin is not None:
                origin.row_span += 1
                origin.text = "\n".join(t for t in (origin.text, text) if t)
                open_now[left, right] = origin
                continue
            raw = Raw(text=text, col=left, col_span=right - left)
            line.append(raw)
            if down:
                open_now[left, right] = raw
        above = open_now
        grid.append(line)
    return grid


def _edges(values: list[int]) -> dict[int, int]:
    """Edge in twips -> column; edges closer than a hand can draw are one."""
    out: dict[int, int] = {}
    column, last = -1, 0
    for value in values:
        if column < 0 or value - last > _SNAP:
            column += 1
            last = value
        out[value] = column
    return out
