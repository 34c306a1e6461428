"""Paragraphs and tables of a Word 97-2003 file, from its characters and their formatting, revisions accepted."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from extractors.document import ReadError, Table
from extractors.formats import limits
from extractors.formats.doc_format import CellFormat, Formatting, Marked, Paragraph
from extractors.formats.doc_lists import Lists
from extractors.formats.doc_word import Box, WordFile, whole
from extractors.formats.docx_text import SYMBOLS
from extractors.formats.grid import Raw, lay_out

_SNAP = 40  # twips (0.7 mm): edges of rows that were dragged by hand differ by so much and are still one column
_LARGE_TWIPS = 4_536  # 8 cm: a picture of this size may be a scanned page
_ENDS = re.compile("[\r\x07\x0c\x0e]")

Item = tuple[str, str | Table]
"""("paragraph" or "heading", text) or ("table", a laid-out table)."""


class Line(msgspec.Struct, kw_only=True):
    """One paragraph as read: its text, its properties, what ended it, the position behind it."""

    text: str
    mark: str
    end: int
    paragraph: Paragraph

    @property
    def depth(self) -> int:
        """How many tables the paragraph stands in."""
        its = self.paragraph
        if its.depth is not None:
            return its.depth
        return 1 if its.in_table or its.row_end or self.mark == "\x07" else 0

    @property
    def ends_row(self) -> bool:
        """True for the mark behind the last cell of a row; it has no text of its own."""
        return self.paragraph.row_end or self.paragraph.inner_row_end

    @property
    def ends_cell(self) -> bool:
        """True for the last paragraph of a cell."""
        return self.mark == "\x07" or self.paragraph.inner_cell


class _Rows(msgspec.Struct, kw_only=True):
    cells: list[list[str]]  # lines of each cell
    formats: list[CellFormat]


class Body:
    """Reads the stories of one file; counts what was left out on the way."""

    def __init__(self, file: WordFile, name: str) -> None:
        self._file = file
        self._name = name
        self._formatting = Formatting(file)
        self._lists = Lists(file)
        self._marked = self._formatting.marked()
        self._starts = [m.first for m in self._marked]
        self.deleted = 0
        self.hidden = 0
        self.symbols: set[int] = set()
        self.pictures = 0
        self.large_pictures = 0
        self.drawn = 0
        self.tables = 0
        self.nested: list[Table] = []
        self._boxes: list[Box] = []

    @property
    def unknown_numbering(self) -> set[str]:
        """Names of number formats that have no text here."""
        return self._lists.unknown

    # --- stories
    def main(self) -> Iterator[Item]:
        """The body: paragraphs and tables in order, text boxes after the paragraph that holds them."""
        boxes = self._file.boxes()
        self.drawn -= len(boxes)
        self._boxes = sorted((b for b in boxes if b.anchor is not None), key=lambda b: b.anchor or 0)
        yield from self._items(self._lines(*self._file.stories.get("main", (0, 0))))
        for box in self._boxes + [b for b in boxes if b.anchor is None]:
            yield from self._items(self._lines(box.first, box.end))

    def story(self, name: str) -> Iterator[str]:
        """The lines of another story (footnote, endnote, header_textbox)."""
        yield from self.lines(*self._file.stories.get(name, (0, 0)))

    def lines(self, first: int, end: int) -> Iterator[str]:
        """The non-empty lines of a range of characters, rows of tables as tab-separated lines."""
        row: list[str] = []
        for line in self._lines(first, end):
            if line.ends_cell and not line.ends_row:
                row.append(line.text.strip())
            elif line.ends_row:
                yield "\t".join(row).strip()
                row = []
            elif line.text.strip():
                yield line.text.strip()
        if any(row):
            yield "\t".join(row).strip()

    # --- characters to lines
    def _lines(self, first: int, end: int) -> Iterator[Line]:
        text = self._file.text
        end = min(end, len(text))
        fields: list[bool] = []  # open fields, True while in the instruction
        at = first
        while at < end:
            match = _ENDS.search(text, at, end)
            stop = match.start() if match else end
            out: list[str] = []
            for start, marks in self._runs(at, stop):
                self._run(start[0], start[1], marks, fields, out)
            paragraph = self._formatting.paragraph(min(stop, end - 1))
            label = self._lists.label(paragraph.list_id, paragraph.level) if paragraph.list_id else ""
            body = whole("".join(out))
            if label and body.strip() and not (paragraph.row_end or paragraph.inner_row_end):
                body = label + body.lstrip()
            yield Line(text=body, mark=match.group() if match else "", end=stop + 1, paragraph=paragraph)
            at = stop + 1

    def _runs(self, first: int, end: int) -> Iterator[tuple[tuple[int, int], list[Marked]]]:
        """Stretches of [first, end) with the marks that cover each."""
        low = bisect.bisect_left(self._starts, first)
        while low > 0 and self._marked[low - 1].end > first:
            low -= 1
        high = bisect.bisect_left(self._starts, end)
        marks = [m for m in self._marked[low:high] if m.end > first]
        edges = sorted({first, end, *(min(max(e, first), end) for m in marks for e in (m.first, m.end))})
        for a, b in pairwise(edges):
            yield (a, b), [m for m in marks if m.first <= a and b <= m.end]

    def _run(self, first: int, end: int, marks: list[Marked], fields: list[bool], out: list[str]) -> None:
        kinds = {m.kind: m.value for m in marks}
        raw = self._file.text[first:end]
        if not marks and not fields and raw.isprintable():
            out.append(raw)
            return
        for char in raw:
            if char == "\x13":
                fields.append(True)
            elif char == "\x14":
                if fields:
                    fields[-1] = False
            elif char == "\x15":
                if fields:
                    fields.pop()
            elif any(fields):
                continue
            elif char == "\x01":
                self._picture(kinds.get("picture"))
            elif char == "\x08":  # a drawn object: a text box, or a picture or shape of which nothing is read
                self.drawn += 1
            elif char == "\x0b":
                out.append("\n")
            elif char == "\x1e":
                out.append("-")
            elif char < " " and char != "\t":
                continue
            elif "deleted" in kinds:
                self.deleted += 1
            elif "symbol" in kinds:
                out.append(self._symbol(kinds["symbol"]))
            else:
                self.hidden += "hidden" in kinds
                out.append(char)

    def _symbol(self, code: int) -> str:
        known = SYMBOLS.get(code & 0xFF)
        if known is None:
            self.symbols.add(code)
        return known or ""

    def _picture(self, place: int | None) -> None:
        self.pictures += 1
        if place is not None and place + 36 <= len(self._file.data):  # PICF: goal size in twips, scale in 0.1 %
            width, height, across, down = (
                int.from_bytes(self._file.data[place + k : place + k + 2], "little") for k in (28, 30, 32, 34)
            )
            if width * across >= 1_000 * _LARGE_TWIPS and height * down >= 1_000 * _LARGE_TWIPS:
                self.large_pictures += 1

    # --- lines to paragraphs and tables
    def _items(self, lines: Iterator[Line]) -> Iterator[Item]:
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
            yield "heading" if self._formatting.is_heading(line.paragraph) else "paragraph", line.text
        yield from self._hanging(line.end)

    def _hanging(self, end: int) -> Iterator[Item]:
        """Text boxes that hang at a character before `end`."""
        while self._boxes and (self._boxes[0].anchor or 0) < end:
            box = self._boxes.pop(0)
            yield from self._items(self._lines(box.first, box.end))

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
        yield from self._hanging(last)

    def _rows(self, lines: list[Line], at: int, depth: int) -> tuple[list[_Rows], int]:
        """The rows of a table of this depth from line `at` on; nested tables are collected and kept in their cell."""
        if depth > limits.MAX_NESTED_TABLES:
            raise ReadError("bad_doc", f"文件“{self._name}”的表格嵌套层数异常，无法读取，请整理后重新报送。")
        rows: list[_Rows] = []
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
                rows.append(_Rows(cells=cells, formats=line.paragraph.cells))
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
            rows.append(_Rows(cells=cells, formats=[]))
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


def _grid(rows: list[_Rows]) -> list[list[Raw]]:
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
