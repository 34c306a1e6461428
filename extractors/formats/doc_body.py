"""Paragraphs and tables of a Word 97-2003 file, from its characters and their formatting, revisions accepted."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from itertools import pairwise

from extractors.formats import limits
from extractors.formats.doc_format import Formatting, Marked, Paragraph
from extractors.formats.doc_lists import Lists
from extractors.formats.doc_word import Box, WordFile, whole
from extractors.formats.docx_text import SYMBOLS
from extractors.formats.flow import Flow, Item, Line, plain_lines

_ENDS = re.compile("[\r\x07\x0c\x0e]")


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
        self.flow = Flow(name, self._hanging)
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
        yield from self.flow.items(self._lines(*self._file.stories.get("main", (0, 0))))
        for box in self._boxes + [b for b in boxes if b.anchor is None]:
            yield from self.flow.items(self._lines(box.first, box.end))

    def _hanging(self, end: int) -> Iterator[Item]:
        """Text boxes that hang at a character before `end`."""
        while self._boxes and (self._boxes[0].anchor or 0) < end:
            box = self._boxes.pop(0)
            yield from self.flow.items(self._lines(box.first, box.end))

    def story(self, name: str) -> Iterator[str]:
        """The lines of another story (footnote, endnote, header_textbox)."""
        yield from self.lines(*self._file.stories.get(name, (0, 0)))

    def lines(self, first: int, end: int) -> Iterator[str]:
        """The non-empty lines of a range of characters, rows of tables as tab-separated lines."""
        yield from plain_lines(self._lines(first, end))

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
            yield self._line(body, match.group() if match else "", stop + 1, paragraph)
            at = stop + 1

    def _line(self, text: str, mark: str, end: int, its: Paragraph) -> Line:
        depth = its.depth
        if depth is None:
            depth = 1 if its.in_table or its.row_end or mark == "\x07" else 0
        ends_row = its.row_end or its.inner_row_end
        return Line(
            text=text,
            depth=depth,
            ends_cell=(mark == "\x07" or its.inner_cell) and not ends_row,
            ends_row=ends_row,
            heading=self._formatting.is_heading(its),
            cells=its.cells,
            end=end,
        )

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
            if min(width * across, height * down) >= 1_000 * limits.LARGE_PICTURE_TWIPS:
                self.large_pictures += 1
