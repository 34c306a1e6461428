"""Reading order of an OFD page: text runs, placed anywhere and in any order, into characters that go line by line."""

from __future__ import annotations

import unicodedata

from extractors.formats.ofd_content import Char, Run
from extractors.formats.pdf_lines import Line
from extractors.formats.pdf_page import PageText

_SAME_LINE = 0.5  # of the em: runs whose middles are nearer stand on one line
_APART = 1.5  # ems between two pieces of a line that may be columns
_COLUMN_CHARS = 8  # characters of a piece of running text in a column
_COLUMN_LINES = 3  # lines that must show the same pieces before a page counts as set in columns
_SPACE = 0.25  # of the em: a gap within a run that stands for a space between Latin words

Piece = list[tuple[int, Run]]  # runs of one line that touch, each with its place in the file's order


def page_text(runs: list[Run], width: float, height: float) -> tuple[PageText, list[range]]:
    """The runs of a page as characters in reading order, CR LF after each line; and where standing runs are in it.

    Runs set from top to bottom come last: cells of tables take them by their place, `standing_lines` the others.
    """
    page = _Page(width, height)
    once = _once(runs)
    for line in _ordered([r for r in once if r.upright]):
        for run in line:
            for char in run.chars:
                page.put(char)
        page.end_line()
    standing = []
    for run in once:
        if not run.upright:
            start = len(page.chars)
            for char in run.chars:
                page.put(char)
            standing.append(range(start, len(page.chars)))
            page.end_line()
    return page.finished(), standing


def standing_lines(page: PageText, standing: list[range], taken: set[int], number: int) -> list[Line]:
    """Text from top to bottom outside tables: one line a run, every character with the box of the whole run."""
    out = []
    for span in standing:
        chars = [i for i in span if i not in taken and page.text[i].strip()]
        if chars:
            x0, x1 = min(page.x0[i] for i in chars), max(page.x1[i] for i in chars)
            text = "".join(page.text[i] for i in chars)
            y0, y1 = min(page.y0[i] for i in chars), max(page.y1[i] for i in chars)
            out.append(Line(number, text, [x0] + [x1] * len(chars), y0, y1))
    return out


def _once(runs: list[Run]) -> list[Run]:
    """Runs drawn twice at one spot (a way to fake bold) only once."""
    seen: set[tuple[str, int, int]] = set()
    out = []
    for run in runs:
        first = run.chars[0]
        key = (run.text, round(first.x0), round(first.y0))
        near = {(run.text, key[1] + i, key[2] + k) for i in (-1, 0, 1) for k in (-1, 0, 1)}
        if not near & seen:
            out.append(run)
        seen.add(key)
    return out


def _middle(run: Run) -> float:
    return (run.chars[0].y0 + run.chars[0].y1) / 2


def _ordered(runs: list[Run]) -> list[list[Run]]:
    """Visual lines from top to bottom, each from left to right; pages in columns keep the file's own order."""
    placed = list(enumerate(runs))
    placed.sort(key=lambda p: (_middle(p[1]), p[1].chars[0].x0))
    lines: list[Piece] = []
    for entry in placed:
        run = entry[1]
        if lines:
            first = lines[-1][0][1]
            em = min(run.chars[0].em, first.chars[0].em)
            if abs(_middle(run) - _middle(first)) <= _SAME_LINE * max(em, 1.0):
                lines[-1].append(entry)
                continue
        lines.append([entry])
    for line in lines:
        line.sort(key=lambda p: p[1].chars[0].x0)
    pieces = [_pieces(line) for line in lines]
    if _in_columns(pieces):
        flat = sorted((p for line in pieces for p in line), key=lambda p: min(i for i, _ in p))
        return [[run for _, run in piece] for piece in flat]
    return [[run for _, run in line] for line in lines]


def _pieces(line: Piece) -> list[Piece]:
    """A line cut where a wide gap parts it."""
    out: list[Piece] = [[line[0]]]
    for entry in line[1:]:
        before = out[-1][-1][1].chars[-1]
        if entry[1].chars[0].x0 - before.x1 > _APART * max(before.em, 1.0):
            out.append([entry])
        else:
            out[-1].append(entry)
    return out


def _in_columns(lines: list[list[Piece]]) -> bool:
    """True when several lines fall into pieces of running text that the file does not write one after the other."""
    count = 0
    for pieces in lines:
        texts = ["".join(r.text for _, r in p) for p in pieces]
        if len(pieces) < 2 or any(len(t.strip()) < _COLUMN_CHARS for t in texts):
            continue
        ends = [max(i for i, _ in p) for p in pieces]
        starts = [min(i for i, _ in p) for p in pieces]
        count += all(starts[k + 1] > ends[k] + 1 for k in range(len(pieces) - 1))
    return count >= _COLUMN_LINES


class _Page:
    """A page's characters as they are put down."""

    def __init__(self, width: float, height: float) -> None:
        self.page = PageText(width, height)
        self.chars: list[str] = []

    def put(self, char: Char) -> None:
        """Adds a character; a space before it where a gap parts two Latin words."""
        if self.chars and char.text.isascii() and char.text.isalpha():
            end = self.page.x1[-1]
            if self.chars[-1].isascii() and self.chars[-1].isalpha() and char.x0 - end > _SPACE * char.em:
                self._append(" ", end, char.y0, char.x0, char.y0)
        self._append(char.text, char.x0, char.y0, char.x1, char.y1)

    def end_line(self) -> None:
        """Ends a line as pdfium does, with CR LF."""
        if self.chars:
            x, y = self.page.x1[-1], self.page.y1[-1]
            for mark in "\r\n":
                self._append(mark, x, y, x, y)

    def finished(self) -> PageText:
        """The page's characters, the meaningless ones counted."""
        self.page.text = "".join(self.chars)
        self.page.odd = sum(
            1 for c in self.page.text if c not in " \r\n" and unicodedata.category(c) in ("Co", "Cn", "Cc")
        )
        return self.page

    def _append(self, text: str, x0: float, y0: float, x1: float, y1: float) -> None:
        self.chars.append(text)
        self.page.x0.append(x0)
        self.page.y0.append(y0)
        self.page.x1.append(x1)
        self.page.y1.append(y1)
