"""Formatting of Word 97-2003 files as far as it decides what is read: tables, numbering, styles, hidden and deleted.

Property runs lie in 512-byte pages ([MS-DOC] 2.9.33 ChpxFkp, 2.9.175 PapxFkp) as lists of modifiers, the sprms
([MS-DOC] 2.6); styles ([MS-DOC] 2.9.271 STSH) give what a paragraph does not say itself.
"""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator

import msgspec

from extractors.formats import limits
from extractors.formats.doc_word import CHPX, PAPX, STYLES, WordFile
from extractors.formats.flow import CellFormat

_PAGE = 512
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_DEF_TABLE, _CHANGE_TABS = 0xD608, 0xC615


class Paragraph(msgspec.Struct, kw_only=True):
    """Properties of one paragraph; `depth` counts the tables around it."""

    style: int = 0
    in_table: bool = False
    row_end: bool = False
    depth: int | None = None
    inner_cell: bool = False
    inner_row_end: bool = False
    list_id: int = 0
    level: int = 0
    outline: int = 9  # 0 to 8 for headings
    cells: list[CellFormat] = []


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """A paragraph style: its built-in number, its base, its modifiers."""

    builtin: int
    base: int
    grpprl: bytes


class Marked(msgspec.Struct, frozen=True):
    """Characters [first, end) that are `deleted`, `hidden`, a `symbol` (`value` its code) or a `picture` (place)."""

    first: int
    end: int
    kind: str
    value: int = 0


def sprms(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """The modifiers of a list as (code, operand without its size); a cut one ends it."""
    at = 0
    while at + 2 <= len(grpprl):
        code = struct.unpack_from("<H", grpprl, at)[0]
        at += 2
        size = _SIZES.get(code >> 13)
        if size is None:
            if at >= len(grpprl):
                return
            head = 1
            if code == _DEF_TABLE:
                if at + 2 > len(grpprl):
                    return
                head, size = 2, struct.unpack_from("<H", grpprl, at)[0] - 1
            elif code == _CHANGE_TABS and grpprl[at] == 255:
                first = 2 + 4 * (grpprl[at + 1] if at + 1 < len(grpprl) else 0)
                size = first + 3 * (grpprl[at + first] if at + first < len(grpprl) else 0)
            else:
                size = grpprl[at]
            at += head
        if size < 0 or at + size > len(grpprl):
            return
        yield code, grpprl[at : at + size]
        at += size


def _pages(plc: bytes, word: bytes) -> Iterator[bytes]:
    count = max((len(plc) - 4) // 8, 0)
    for i in range(min(count, limits.MAX_WORD_PAGES)):
        number = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * i)[0] & 0x3FFFFF
        page = word[number * _PAGE : (number + 1) * _PAGE]
        if len(page) == _PAGE:
            yield page


class Formatting:
    """Looks properties up by character position."""

    def __init__(self, file: WordFile) -> None:
        self._file = file
        self._styles = _styles(file.part(STYLES))
        self._paragraphs = sorted(self._papx(), key=lambda run: run[0])
        self._starts = [run[0] for run in self._paragraphs]
        self._cache: dict[int, Paragraph] = {}

    # --- characters
    def marked(self) -> list[Marked]:
        """Every run of characters that is more than plain text, by position."""
        runs = sorted(self._chpx())
        starts = [run[0] for run in runs]
        out: list[Marked] = []
        for piece in self._file.pieces:
            span = (piece.end - piece.cp) * piece.width
            for kind, value in _special(piece.grpprl):
                out.append(Marked(piece.cp, piece.end, kind, value))
            for first, end, kind, value in runs[max(bisect.bisect_right(starts, piece.offset) - 1, 0) :]:
                if first >= piece.offset + span:
                    break
                low, high = max(first, piece.offset), min(end, piece.offset + span)
                if low < high:
                    a = piece.cp + (low - piece.offset) // piece.width
                    b = piece.cp + -((piece.offset - high) // piece.width)
                    out.append(Marked(a, b, kind, value))
        return sorted(out, key=lambda m: (m.first, m.end))

    def _chpx(self) -> Iterator[tuple[int, int, str, int]]:
        for page in _pages(self._file.part(CHPX), self._file.word):
            count = page[511]
            if 5 * count + 4 > 511:
                continue
            for i in range(count):
                first, end = struct.unpack_from("<II", page, 4 * i)
                at = 2 * page[4 * (count + 1) + i]
                if at and first < end:
                    for kind, value in _special(page[at + 1 : at + 1 + page[at]]):
                        yield first, end, kind, value

    # --- paragraphs
    def _papx(self) -> Iterator[tuple[int, int, int, bytes]]:
        for page in _pages(self._file.part(PAPX), self._file.word):
            count = page[511]
            if 17 * count + 4 > 511:
                continue
            for i in range(count):
                first, end = struct.unpack_from("<II", page, 4 * i)
                at = 2 * page[4 * (count + 1) + 13 * i]
                if not at or first >= end:
                    continue
                if page[at]:
                    content = page[at + 1 : at + 2 * page[at]]
                else:
                    content = page[at + 2 : at + 2 + 2 * page[at + 1]] if at + 1 < 511 else b""
                if len(content) >= 2:
                    yield first, end, struct.unpack_from("<H", content)[0], content[2:]

    def paragraph(self, cp: int) -> Paragraph:
        """Properties of the paragraph whose end mark stands at `cp`."""
        place = self._file.offset_of(cp)
        if place is None:
            return Paragraph()
        offset, piece = place
        at = bisect.bisect_right(self._starts, offset) - 1
        run = self._paragraphs[at] if at >= 0 and offset < self._paragraphs[at][1] else None
        if not piece.grpprl and run is not None and at in self._cache:
            return self._cache[at]
        out = Paragraph()
        style = 0 if run is None else run[2]
        self._apply_style(style, out)
        out.style = style
        if run is not None:
            self._apply(run[3], out)
        if piece.grpprl:
            self._apply(piece.grpprl, out)
        elif run is not None:
            self._cache[at] = out
        return out

    def is_heading(self, paragraph: Paragraph) -> bool:
        """True for headings and titles, by outline level or built-in style (1-9 headings, 62 title)."""
        style = self._styles.get(paragraph.style)
        return paragraph.outline < 9 or (style is not None and (1 <= style.builtin <= 9 or style.builtin == 62))

    def _apply_style(self, number: int, out: Paragraph) -> None:
        chain: list[Style] = []
        style = self._styles.get(number)
        while style is not None and len(chain) < limits.MAX_STYLE_CHAIN:
            chain.append(style)
            style = self._styles.get(style.base)
        for each in reversed(chain):
            self._apply(each.grpprl, out)

    def _apply(self, grpprl: bytes, out: Paragraph, *, huge: bool = True) -> None:
        for code, operand in sprms(grpprl):
            if code in (0x6645, 0x6646) and huge:  # a list too long for its page lies in the data stream
                at = struct.unpack("<I", operand)[0]
                if at + 2 <= len(self._file.data):
                    size = struct.unpack_from("<H", self._file.data, at)[0]
                    self._apply(self._file.data[at + 2 : at + 2 + size], out, huge=False)
            elif code == 0x2416:
                out.in_table = bool(operand[0])
            elif code == 0x2417:
                out.row_end = bool(operand[0])
            elif code == 0x6649:
                out.depth = max(0, struct.unpack("<i", operand)[0])
            elif code == 0x244B:
                out.inner_cell = bool(operand[0])
            elif code == 0x244C:
                out.inner_row_end = bool(operand[0])
            elif code == 0x460B:
                out.list_id = struct.unpack("<H", operand)[0]
            elif code == 0x260A:
                out.level = min(operand[0], 8)
            elif code == 0x2640:
                out.outline = operand[0]
            elif code == _DEF_TABLE:
                out.cells = _row(operand)
            elif code == 0xD62B and len(operand) >= 2 and operand[0] < len(out.cells):
                out.cells[operand[0]].down = {1: "continue", 3: "restart"}.get(operand[1], "")
            elif code == 0x5624:
                for i, cell in enumerate(out.cells[operand[0] : operand[1]]):
                    cell.across = "continue" if i else "restart"


def _special(grpprl: bytes) -> Iterator[tuple[str, int]]:
    for code, operand in sprms(grpprl):
        if code == 0x0800 and operand[0] & 1:
            yield "deleted", 0
        elif code == 0x083C and operand[0] in (1, 0x81):
            yield "hidden", 0
        elif code == 0x6A09:
            yield "symbol", struct.unpack_from("<H", operand, 2)[0]
        elif code == 0x6A03:
            yield "picture", struct.unpack("<I", operand)[0]


def _row(operand: bytes) -> list[CellFormat]:
    """Cells of a row from TDefTableOperand ([MS-DOC] 2.9.321): edges in twips and merge flags."""
    count = operand[0] if operand else 0
    if not 0 < count <= 63 or 1 + 2 * (count + 1) > len(operand):
        return []
    edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
    out = []
    base = 1 + 2 * (count + 1)
    flagged = [
        struct.unpack_from("<H", operand, base + 20 * i)[0] if base + 20 * i + 2 <= len(operand) else 0
        for i in range(count)
    ]
    across = _across([flags & 3 for flags in flagged])
    for i, flags in enumerate(flagged):
        out.append(
            CellFormat(
                left=edges[i],
                right=edges[i + 1],
                across=across[i],
                down="restart" if flags & 0x40 else "continue" if flags & 0x20 else "",
            )
        )
    return out


def _styles(stsh: bytes) -> dict[int, Style]:
    """Paragraph styles by their index ([MS-DOC] 2.9.260 STD)."""
    out: dict[int, Style] = {}
    if len(stsh) < 6:
        return out
    at = 2 + struct.unpack_from("<H", stsh)[0]
    count, base_size = struct.unpack_from("<HH", stsh, 2)
    for index in range(count):
        if at + 2 > len(stsh):
            break
        size = struct.unpack_from("<H", stsh, at)[0]
        std = stsh[at + 2 : at + 2 + size]
        at += 2 + size
        if len(std) < max(base_size, 10) + 2:
            continue
        builtin, kind, upx = struct.unpack_from("<HHH", std)
        if kind & 0xF != 1 or not upx & 0xF:
            continue
        name_end = base_size + 2 + 2 * struct.unpack_from("<H", std, base_size)[0] + 2
        name_end += name_end & 1
        if name_end + 4 > len(std):
            continue
        length = struct.unpack_from("<H", std, name_end)[0]
        out[index] = Style(builtin=builtin & 0xFFF, base=kind >> 4, grpprl=std[name_end + 4 : name_end + 2 + length])
    return out


def _across(flags: list[int]) -> list[str]:
    """Horizontal merges. Writers disagree which of the values 1 and 2 is the first cell of a merged set and which
    its continuation; within a run the first cell's value begins sets and the other one continues them."""
    out: list[str] = []
    first = 0
    for value in flags:
        first = (first or value) if value else 0
        out.append("" if not value else "restart" if value == first else "continue")
    return out
