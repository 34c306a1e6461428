"""Ruled tables of PDF pages: geometry by pdfplumber from pdfium's lines, text by pdfium's characters.

A table that runs over pages comes back as one grid: the repeated header is dropped, a row cut by the page break is
put together again, and a merged area that goes on below the break keeps its span.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from difflib import SequenceMatcher

import msgspec

from extractors.document import Anchor, Cell, Table
from extractors.formats.draft import joint
from extractors.formats.pdf_lines import shown_box
from extractors.formats.pdf_page import PageText, Shown
from extractors.formats.ruling import Edge

_TOLERANCE = 3.0  # points within which two rules are the same, pdfplumber's own default
_MIN_RULE = 8.0
_SAME_READING = 0.75  # likeness of two readings of one printed cell
_HEADER_ROWS = 4
_NEXT_PART = re.compile(r"[（(]?续(?:表|上表|前表)?\d*[）)]?|单位[:：].{1,8}")


class PartCell(msgspec.Struct, kw_only=True):
    """A cell of one page's part of a table: grid place within the part, its box, its text."""

    row: int
    row_span: int
    x0: float
    x1: float
    y0: float
    y1: float
    text: str = ""
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # on the page as shown, rounded
    confidence: float | None = None  # of recognised text


class Part(msgspec.Struct, kw_only=True):
    """What one page holds of a table; `chars` are the indexes of its characters on the page."""

    page: int
    xs: list[float]
    ys: list[float]
    cells: list[PartCell]
    chars: set[int]

    shown: Shown | None = None  # as `PageText.shown`

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The part's box on the page as shown."""
        return shown_box((self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]), self.shown)

    @property
    def rows(self) -> int:
        """Number of grid rows of the part."""
        return len(self.ys) - 1


def looks_ruled(edges: list[Edge]) -> bool:
    """True when there are rules enough for a table: a single red line under a heading is none."""
    across = sum(1 for x0, y0, x1, y1 in edges if y0 == y1 and x1 - x0 > _MIN_RULE)
    down = sum(1 for x0, y0, x1, y1 in edges if x0 == x1 and y1 - y0 > _MIN_RULE)
    return (across >= 3 and down >= 2) or (across + down >= 6 and down >= 2 and across >= 2)


def find_cells(edges: list[Edge]) -> list[list[tuple[float, float, float, float]]]:
    """The cells that the rules of a page enclose, as boxes in points, one list a table, top to bottom."""
    from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

    merged = merge_edges(
        [_as_edge(e) for e in edges],
        snap_x_tolerance=_TOLERANCE,
        snap_y_tolerance=_TOLERANCE,
        join_x_tolerance=_TOLERANCE,
        join_y_tolerance=_TOLERANCE,
    )
    merged = [e for e in merged if max(e["x1"] - e["x0"], e["bottom"] - e["top"]) >= _TOLERANCE]
    crossings = edges_to_intersections(merged, _TOLERANCE, _TOLERANCE)
    return list(cells_to_tables(intersections_to_cells(crossings)))


def find_parts(page: PageText, edges: list[Edge], number: int) -> list[Part]:
    """The ruled tables of one page, top to bottom, with their text."""
    parts = []
    for boxes in find_cells(edges):
        part = _part(boxes, number)
        if part is not None:
            part.shown = page.shown
            _fill(part, page)
            if part.chars:
                parts.append(part)
    return parts


def _as_edge(edge: Edge) -> dict[str, object]:
    x0, y0, x1, y1 = edge
    return {
        "x0": x0, "x1": x1, "top": y0, "bottom": y1, "width": x1 - x0, "height": y1 - y0,
        "orientation": "h" if y0 == y1 else "v", "object_type": "line", "doctop": y0,
    }  # fmt: skip


def _part(boxes: list[tuple[float, float, float, float]], number: int) -> Part | None:
    xs = _axis([v for b in boxes for v in (b[0], b[2])])
    ys = _axis([v for b in boxes for v in (b[1], b[3])])
    if len(boxes) < 2 or len(xs) < 2 or len(ys) < 2:
        return None
    cells = []
    for x0, y0, x1, y1 in boxes:
        row = _near(ys, y0)
        cells.append(PartCell(row=row, row_span=max(_near(ys, y1) - row, 1), x0=x0, x1=x1, y0=y0, y1=y1))
    cells.sort(key=lambda c: (c.row, c.x0))
    return Part(page=number, xs=xs, ys=ys, cells=cells, chars=set())


def _axis(values: list[float]) -> list[float]:
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > 1.0:
            out.append(value)
    return out


def _near(axis: list[float], value: float) -> int:
    at = bisect.bisect_left(axis, value)
    if at and (at == len(axis) or value - axis[at - 1] < axis[at] - value):
        at -= 1
    return at


def _fill(part: Part, page: PageText) -> None:
    """Gives every character whose middle lies in a cell to that cell, and makes the cells' texts."""
    slots: dict[tuple[int, int], int] = {}
    for k, cell in enumerate(part.cells):
        for row in range(cell.row, cell.row + cell.row_span):
            for col in range(_near(part.xs, cell.x0), _near(part.xs, cell.x1)):
                slots[row, col] = k
    owned: list[list[int]] = [[] for _ in part.cells]
    left, right, top, bottom = part.xs[0], part.xs[-1], part.ys[0], part.ys[-1]
    last = -1
    for i, char in enumerate(page.text):
        if char in "\r\n":
            last = -1
            continue
        x, y = (page.x0[i] + page.x1[i]) / 2, (page.y0[i] + page.y1[i]) / 2
        boxed = page.y1[i] > page.y0[i]
        if char == " " and not boxed:
            if last >= 0:
                owned[last].append(i)
                part.chars.add(i)
            continue
        if not (boxed and left <= x <= right and top <= y <= bottom):
            last = -1
            continue
        row = min(bisect.bisect_right(part.ys, y) - 1, len(part.ys) - 2)
        col = min(bisect.bisect_right(part.xs, x) - 1, len(part.xs) - 2)
        found = slots.get((row, col))
        last = -1 if found is None else found
        if found is not None:
            owned[found].append(i)
            part.chars.add(i)
    for cell, indexes in zip(part.cells, owned, strict=True):
        cell.text = _cell_text(page, indexes, cell)
        cell.box = shown_box((cell.x0, cell.y0, cell.x1, cell.y1), page.shown)
        if page.confidence and indexes:
            cell.confidence = round(sum(page.confidence[i] for i in indexes) / len(indexes), 4)


def _cell_text(page: PageText, indexes: list[int], cell: PartCell) -> str:
    """The cell's lines; a line that fills the cell's width was wrapped and goes on without a break."""
    lines: list[tuple[float, float, float, str]] = []  # middle, right end, widest character, text
    for i in indexes:
        middle, height = (page.y0[i] + page.y1[i]) / 2, page.y1[i] - page.y0[i]
        char = page.text[i]
        if lines and (height <= 0 or abs(middle - lines[-1][0]) < 0.5 * height):
            y, end, wide, text = lines[-1]
            lines[-1] = (y, max(end, page.x1[i]), max(wide, page.x1[i] - page.x0[i]), text + char)
        elif char != " ":
            lines.append((middle, page.x1[i], page.x1[i] - page.x0[i], char))
    lines.sort(key=lambda ln: ln[0])
    out = ""
    full = False
    for _, end, wide, text in lines:
        text = text.strip()
        if not text:
            continue
        if out:
            out += joint(out, text) if full else "\n"
        out += text
        # no further character would have fitted, allowing for padding of about half a character
        full = cell.x1 - end < 1.6 * wide + 2
    return out


# --- over pages
def _alike(mine: list[str], its: list[str]) -> bool:
    """True for two readings of one printed row: a character or a bracket may differ."""
    pairs = list(zip(mine, its, strict=False))
    return len(mine) == len(its) and all(
        a == b or (bool(a and b) and SequenceMatcher(None, a, b).ratio() >= _SAME_READING) for a, b in pairs
    )


def _is_cut_row(pairs: list[tuple[PartCell, PartCell | None]]) -> bool:
    """True for the top row of a page that is the rest of the row above the break, cell by cell with the cell above.

    Its first cell is blank and few others are filled, each going on with text of the cell above it. Cells of merged
    areas that go on below the break say nothing and are not among the pairs.
    """
    if not pairs or pairs[0][0].text or any(below.row_span > 1 or over is None for below, over in pairs):
        return False
    filled = [over for below, over in pairs if below.text]
    return 0 < len(filled) <= len(pairs) / 2 and all(over is not None and over.text for over in filled)


class Joined:
    """A table as it grows over pages. `index` is its number in the document."""

    def __init__(self, index: int, part: Part) -> None:
        self.index = index
        self.first_page = self.last_page = part.page
        self.xs = list(part.xs)
        self.rows = 0
        self.cells: list[tuple[int, PartCell]] = []  # page, cell with its row in the whole table
        self.dropped = ""
        self.continues: list[Anchor] = []  # the parts on following pages
        self.confidence: dict[str, float] = {}  # of recognised cells, by their ref; filled by `table`
        self._add(part, 0, 0.0)

    def _add(self, part: Part, skip: int, shift: float) -> None:
        for cell in part.cells:
            if cell.row >= skip:
                moved = msgspec.structs.replace(
                    cell, row=cell.row - skip + self.rows, x0=cell.x0 - shift, x1=cell.x1 - shift
                )
                self.cells.append((part.page, moved))
        self.rows += part.rows - skip
        self.last_page = part.page

    def takes(self, part: Part) -> bool:
        """True when the part has this table's columns (the page may be shifted, merged cells may hide a rule)."""
        if part.page != self.last_page + 1:
            return False
        shift = part.xs[0] - self.xs[0]
        mine, its = self.xs, [x - shift for x in part.xs]
        few, many = (mine, its) if len(mine) <= len(its) else (its, mine)
        return abs(mine[-1] - its[-1]) <= _TOLERANCE and all(any(abs(x - y) <= _TOLERANCE for y in many) for x in few)

    def extend(self, part: Part) -> None:
        """Adds the next page's part: header dropped, cut row and merged areas joined."""
        shift = part.xs[0] - self.xs[0]
        if len(part.xs) > len(self.xs):
            self.xs = [x - shift for x in part.xs]
        head = self._header_rows(part)
        self.dropped += "".join(c.text for c in part.cells if c.row < head)
        first = [c for c in part.cells if c.row == head]
        above = {self._col(c.x0): c for _, c in self.cells if c.row + c.row_span == self.rows}
        pairs = [(c, above.get(self._col(c.x0 - shift))) for c in first]
        going_on = [
            (below, over)
            for below, over in pairs
            if over is not None
            and not below.text
            and (below.row_span > 1 or over.row_span > 1)
            and abs(over.x1 - below.x1 + shift) <= _TOLERANCE
        ]
        merged = {id(below) for below, _ in going_on}
        plain = [(below, over) for below, over in pairs if id(below) not in merged]
        cut = self.rows > 0 and _is_cut_row(plain)
        if cut:
            for below, over in plain:
                if over is not None and below.text:
                    over.text = f"{over.text}{joint(over.text, below.text)}{below.text}"
        for below, over in going_on:
            over.row_span += below.row_span - (1 if cut else 0)
        part.cells = [c for c in part.cells if id(c) not in merged]
        self.continues.append(Anchor(page=part.page, bbox=part.box, table=self.index))
        self._add(part, head + (1 if cut else 0), shift)

    def _header_rows(self, part: Part) -> int:
        """How many rows at the part's top repeat the table's own."""
        mine, its = self._row_texts([c for _, c in self.cells]), self._row_texts(part.cells)
        count = 0
        recognised = any(c.confidence is not None for c in part.cells)
        while count < min(len(mine), len(its), _HEADER_ROWS) and any(its[count]):
            if mine[count] != its[count] and not (recognised and _alike(mine[count], its[count])):
                break
            count += 1
        return count if count < part.rows else 0

    @staticmethod
    def _row_texts(cells: list[PartCell]) -> list[list[str]]:
        rows: dict[int, list[str]] = {}
        for cell in cells:
            if cell.row < _HEADER_ROWS:
                rows.setdefault(cell.row, []).append("".join(unicodedata.normalize("NFKC", cell.text).split()))
        return [rows.get(r, []) for r in range(max(rows, default=-1) + 1)]

    def _col(self, x: float) -> int:
        return _near(self.xs, x)

    def table(self) -> Table:
        """The finished table."""
        cells = []
        for page, cell in self.cells:
            col = self._col(cell.x0)
            if cell.confidence is not None:
                self.confidence[f"r{cell.row + 1}c{col + 1}"] = cell.confidence
            cells.append(
                Cell(
                    row=cell.row,
                    col=col,
                    text=cell.text,
                    row_span=cell.row_span,
                    col_span=max(self._col(cell.x1) - col, 1),
                    value=cell.text or None,
                    value_type="text" if cell.text else None,
                    ref=f"r{cell.row + 1}c{col + 1}",
                    page=page,
                    bbox=cell.box,
                )
            )
        cells.sort(key=lambda c: (c.row, c.col))
        return Table(
            index=self.index,
            rows=self.rows,
            cols=len(self.xs) - 1,
            cells=tuple(cells),
            page=self.first_page,
            continues=tuple(self.continues),
        )


def is_repeated_caption(text: str, captions: set[str]) -> bool:
    """True for a line above the next page's part that only says again what the table is (续表, 单位：万元)."""
    bare = "".join(text.split())
    return bare in captions or (_NEXT_PART.fullmatch(bare) is not None and bare.startswith(("续", "（续", "(续")))
