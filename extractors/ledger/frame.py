"""Finding the ledgers on a grid: what stands above, the header of one to four rows, the body, what stands below.

One grid may hold several tables, stacked or side by side. Nothing is judged by position alone: a header is a row of
header words without figures, wherever it starts.
"""

from __future__ import annotations

import re

import msgspec

from extractors.document import Cell
from extractors.ledger.grid import Grid, is_numeric
from extractors.ledger.headers import is_header_word
from extractors.ledger.meta import names_debtor
from extractors.ledger.words import plain, tidy, word_lists, word_set

MAX_HEADER_ROWS = 6
MAX_ABOVE = 60
"""Rows without a header after which a grid is taken to hold no (further) table; instructions are shorter."""

_PAGE_LINE = re.compile(r"^(?:第\d+页|共\d+页|[-—]?\d+[-—/]\d*页?)")


class Frame(msgspec.Struct, kw_only=True):
    """One table on a grid, by grid rows: `above`, header rows `top`..`bottom`, `body`; and its columns' paths."""

    above: list[int]
    top: int
    bottom: int
    body: list[int]
    left: int
    right: int
    paths: dict[int, tuple[str, ...]]
    shared: list[list[str]] = []  # texts above all tables that stand side by side


def find_frames(grid: Grid, taught: frozenset[str] = frozenset()) -> list[Frame]:
    """All tables of a grid, top to bottom; empty when no row reads like a header.

    `taught` are further header words in normal form, those of a source's own map.
    """
    frames: list[Frame] = []
    above: list[int] = []
    rows = grid.rows
    i, fresh, looked = 0, True, 0
    while i < len(rows):
        row = rows[i]
        if (fresh or not frames) and looked < MAX_ABOVE and is_header_row(grid, row, taught):
            bottom = _header_bottom(grid, row)
            frame = _frame(grid, above, row, bottom)
            if frames and _same_header(frames[-1], frame, above, grid):
                i = _skip_to(rows, i, bottom)
                continue
            if frames:
                above = _take_back(grid, frames[-1], above)
                frame.above = above
            frames.append(frame)
            above, looked = [], 0
            i = _skip_to(rows, i, bottom)
            fresh = True
            continue
        end = grid.end_of_figures(i) if frames else i
        if end > i + 1:
            frames[-1].body.extend(rows[i:end])
            fresh = _may_precede_header(grid, rows[end - 1])
            i = end
            continue
        if frames:
            frames[-1].body.append(row)
            fresh = _may_precede_header(grid, row)
        else:
            above.append(row)
            looked += 1
        i += 1
    return frames


def _skip_to(rows: list[int], i: int, bottom: int) -> int:
    while i < len(rows) and rows[i] <= bottom:
        i += 1
    return i


def is_header_row(grid: Grid, row: int, taught: frozenset[str] = frozenset()) -> bool:
    """A row with at least two different header words, mostly header words, and no figures."""
    cells = grid.texts(row)
    if len(cells) < 2 or any(is_numeric(c) for c in cells):
        return False
    known = [c for c in cells if is_header_word(c.text) or plain(c.text) in taught]
    words = {plain(c.text) for c in known}
    labels = word_lists("meta")
    meta = {w for ws in labels.values() for w in ws}
    telling = {w for w in words if w.split("(")[0] not in meta}
    # a wide header may be mostly of its county's own words; a row of data never holds so many of ours
    mostly = len(known) * 2 >= len(cells) or (len(words) >= 4 and len(known) * 5 >= len(cells) * 2)
    return len(words) >= 2 and bool(telling) and mostly and not _is_total(cells)


def _is_total(cells: list[Cell]) -> bool:
    first = plain(cells[0].text)
    return first in word_set("totals", "whole") and len(cells) < 3


def _header_bottom(grid: Grid, top: int) -> int:
    """The last row of the header: as deep as its vertical merges, then while rows go on splitting columns."""
    bottom = top
    while bottom - top < MAX_HEADER_ROWS - 1:
        reach = max(
            (c.row + c.row_span - 1 for r in range(top, bottom + 1) for c in grid.texts(r) if c.row_span > 1),
            default=top,
        )
        reach = min(reach, top + MAX_HEADER_ROWS - 1)
        if reach > bottom and not any(is_numeric(c) for c in grid.texts(bottom + 1)):
            bottom += 1
            continue
        if _splits(grid, top, bottom):
            bottom += 1
            continue
        break
    return bottom


def _splits(grid: Grid, top: int, bottom: int) -> bool:
    """Whether the next row holds sub-headers: header words, all of them below a group or a blank."""
    row = bottom + 1
    cells = grid.texts(row)
    if not cells or any(is_numeric(c) for c in cells) or is_number_row(grid, row):
        return False
    hits = sum(1 for c in cells if is_header_word(c.text) or _is_unit_leaf(c.text))
    if hits * 10 < len(cells) * 6:
        return _fills_groups(grid, bottom, cells)
    for cell in cells:
        parent = grid.at(bottom, cell.col)
        if parent is None or not parent.text.strip() or parent.col_span > 1:
            continue
        right = grid.at(bottom, cell.col + 1)
        below_right = grid.own.get(row, {}).get(cell.col + 1)
        right_is_blank = right is None or not right.text.strip()
        if right_is_blank and below_right is not None and below_right.text.strip():
            continue
        if _is_unit_leaf(cell.text):
            continue
        return False
    # a lone total label under the header is a row of the body
    return not (len(cells) == 1 and grid.at(bottom, cells[0].col) is None)


def _fills_groups(grid: Grid, bottom: int, cells: list[Cell]) -> bool:
    """Whether a row of unknown words is a row of sub-headers yet: it stands below groups only, over figures."""
    if len(cells) < 2 or any(len(plain(c.text)) > 16 for c in cells):
        return False
    for cell in cells:
        parent = grid.at(bottom, cell.col)
        if parent is not None and parent.text.strip() and parent.col_span == 1:
            right = grid.at(bottom, cell.col + 1)
            if right is not None and right.text.strip():
                return False
    tops = {c.col for c in grid.texts(bottom) if c.col_span == 1}
    free = [c for c in tops if c not in {x.col for x in cells}]
    figures = sum(1 for c in cells if (below := grid.at(cells[0].row + 1, c.col)) is not None and is_numeric(below))
    return bool(free) and figures * 2 >= len(cells)


def _is_unit_leaf(text: str) -> bool:
    return re.fullmatch(r"[(]?(?:亿元|万元|千元|元|%|笔|户|件|家|个|份)[)]?", plain(text)) is not None


def _frame(grid: Grid, above: list[int], top: int, bottom: int) -> Frame:
    paths = header_paths(grid, top, bottom)
    cols = [c for c, p in paths.items() if p]
    left = min(cols, default=grid.left)
    right = max(cols, default=grid.left) + 1
    return Frame(above=list(above), top=top, bottom=bottom, body=[], left=left, right=right, paths=paths)


def header_paths(grid: Grid, top: int, bottom: int) -> dict[int, tuple[str, ...]]:
    """For each column the header texts from the outermost parent to the leaf, repeats dropped.

    Blanks right of a parent that is not merged (csv) take that parent when sub-headers stand below both.
    """
    width = grid.right
    lines: list[list[str]] = []
    for row in range(top, bottom + 1):
        line = [""] * (width - grid.left)
        for col in range(grid.left, width):
            cell = grid.at(row, col)
            line[col - grid.left] = tidy(cell.text) if cell is not None else ""
        lines.append(line)
    for depth, line in enumerate(lines[:-1]):
        _carry_right(line, lines[depth + 1 :])
    paths: dict[int, tuple[str, ...]] = {}
    for k in range(width - grid.left):
        path: list[str] = []
        for line in lines:
            if line[k] and (not path or plain(path[-1]) != plain(line[k])):
                path.append(line[k])
        paths[grid.left + k] = tuple(path)
    return paths


def _carry_right(line: list[str], lower: list[list[str]]) -> None:
    parent = ""
    for k, text in enumerate(line):
        below = next((low[k] for low in lower if low[k]), "")
        if text:
            parent = text if below and plain(below) != plain(text) else ""
        elif below and parent:
            line[k] = parent
        else:
            parent = ""


def _same_header(frame: Frame, other: Frame, above: list[int], grid: Grid) -> bool:
    """Whether a header repeats the one before it on the next page (same paths, no other title in between)."""
    if [p for p in frame.paths.values() if p] != [p for p in other.paths.values() if p]:
        return False
    tail: list[str] = []
    for row in reversed(frame.body):
        if not _is_heading_row(grid, row):
            break
        tail.append(plain(grid.texts(row)[0].text))
    count = len(tail)
    tail = [t for t in tail if not _PAGE_LINE.match(t)]
    before = {plain(c.text) for r in frame.above for c in grid.texts(r)}
    if all(t in before for t in tail):
        del frame.body[len(frame.body) - count :]
        return True
    return False


def _is_heading_row(grid: Grid, row: int) -> bool:
    """A row of captions only: one or two texts, no figures."""
    cells = grid.texts(row)
    return len(cells) <= 3 and not any(is_numeric(c) for c in cells)


def _take_back(grid: Grid, previous: Frame, above: list[int]) -> list[int]:
    """Caption rows gathered at the end of the previous table that belong to the next one: from its title on."""
    tail: list[int] = []
    for row in reversed(previous.body):
        if not _is_heading_row(grid, row):
            break
        tail.append(row)
    tail.reverse()
    words = word_lists("title")
    for k, row in enumerate(tail):
        flat = plain(grid.texts(row)[0].text)
        text = flat.split("(")[0]
        if names_debtor(flat):
            del previous.body[len(previous.body) - len(tail) + k :]
            return tail[k:] + above
        if len(text) > 60 or ":" in text or re.match(r"(?:注|说明|备注|填表说明)", text):
            continue
        if any(w in text for w in (*words["ledger"], *words["detail"], *words["summary"], "表", "附件")):
            del previous.body[len(previous.body) - len(tail) + k :]
            return tail[k:] + above
    return above


def _may_precede_header(grid: Grid, row: int) -> bool:
    """Whether a new header may follow this row: after a caption, a total or a note, never after a plain data row."""
    cells = grid.texts(row)
    if len(cells) <= 3:
        return True
    first = plain(cells[0].text)
    return (
        first.endswith(("计", "计:")) or len(cells) <= 4 or grid.own.get(row + 1) is None or _header_like(grid, row + 1)
    )


def _header_like(grid: Grid, row: int) -> bool:
    cells = grid.texts(row)
    return len(cells) >= 2 and sum(1 for c in cells[:4] if not is_numeric(c) and is_header_word(c.text)) >= 2


def is_number_row(grid: Grid, row: int) -> bool:
    """A row that numbers the columns (1 2 3 4=2+3, 甲 乙 1 2, 栏次 1 2 3) and holds nothing else."""
    cells = grid.texts(row)
    if len(cells) < 3:
        return False
    last = 0
    numbers = letters = formulas = 0
    for i, cell in enumerate(cells):
        text = plain(cell.text).replace("（", "(").replace("）", ")")
        text = re.sub(r"\.0+$", "", text)
        if text in ("栏次", "列次", "序号", "行次", "栏号", "列号", "-", "—", "--") and i < 3:
            continue
        if re.fullmatch(r"[甲乙丙丁戊己庚辛壬癸]", text) or re.fullmatch(r"[a-z]", text):
            letters += 1
            continue
        bare = text.strip("()[]①②③④⑤⑥⑦⑧⑨⑩") or text
        if re.fullmatch(r"\d{1,3}", bare):
            if int(bare) != last + 1 and not (last == 0 and int(bare) <= len(cells)):
                return False
            last = int(bare)
            numbers += 1
            continue
        if re.fullmatch(r"\(?(?:\d{1,3}|[a-z])\)?=[\da-z()+\-*/×÷%]+|[\d()]+(?:[-+*/×÷][\d()%]+)+", text):
            head = re.match(r"\(?(\d{1,3})\)?=", text)
            last = int(head[1]) if head else last + 1
            formulas += 1
            continue
        return False
    return numbers + letters + formulas >= 3
