"""`Draft`: what a reader writes into while it walks a file; `finish()` makes the `Document`.

It keeps the two promises that every reader must keep: blocks are sorted, disjoint stretches of the text, and the
text has LF newlines only. A draft writes lines: `paragraph()` one block on a line of its own, `run()` a block that
continues the current line, `table()` a grid as tab-separated lines with one block per cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from extractors.document import (
    Anchor,
    Block,
    Cell,
    Child,
    Counts,
    Document,
    Link,
    Notice,
    PageGrade,
    ReadError,
    Seal,
    Table,
)
from extractors.formats import limits

CAPTION_LINES = 3
CAPTION_CHARS = 120
_BREAKS = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})


def lf(text: str) -> str:
    """The text with LF newlines only (CR LF, CR, VT, FF, NEL and Unicode line separators become LF)."""
    return text.replace("\r\n", "\n").translate(_BREAKS)


def is_wide(char: str) -> bool:
    """True for characters of scripts written without spaces between words (Han, kana, full-width forms)."""
    code = ord(char)
    return (
        (0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFE30 <= code <= 0xFE4F or 0xFF00 <= code <= 0xFFEF)
        or 0x20000 <= code <= 0x3FFFF
        or char in "“”‘’…—·"
    )


def joint(left: str, right: str) -> str:
    """What goes between two pieces of one sentence that a line break parted: a space between Latin words only."""
    if not left or not right or left[-1].isspace() or right[0].isspace():
        return ""
    if is_wide(left[-1]) or is_wide(right[0]):
        return ""
    return " " if left[-1].isalpha() and right[0].isalpha() else ""


def one_line(text: str) -> str:
    """A cell's text on one line: wrapped Chinese joined directly, everything else with a space."""
    if text.isprintable():  # no break, tab or control character: nearly every cell
        return text
    text = lf(text)
    out = ""
    for piece in text.replace("\t", " ").split("\n"):
        piece = piece.strip()
        if piece:
            wide = bool(out) and is_wide(out[-1]) and is_wide(piece[0])
            out = f"{out}{'' if wide or not out else ' '}{piece}"
    return out


class Draft:
    """The growing text, blocks, tables and notices of one document."""

    def __init__(self, data: bytes, name: str, kind: str) -> None:
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.name = name
        self.format = kind
        self._parts: list[str] = []
        self._length = 0
        self._tail = ""
        self._size = 0
        self.blocks: list[Block] = []
        self.tables: list[Table] = []
        self.notices: list[Notice] = []

    # --- text
    @property
    def length(self) -> int:
        """Characters written so far."""
        return self._length

    def _write(self, text: str) -> None:
        if not text:
            return
        self._parts.append(text)
        self._length += len(text)
        self._tail = text[-1]
        if self._length > limits.MAX_TEXT_CHARS:
            raise ReadError("too_large", f"文件“{self.name}”的文字超过{limits.MAX_TEXT_CHARS}字，请拆分后重新报送。")

    def end_line(self) -> None:
        """Ends the current line, unless nothing was written or it is ended already."""
        if self._length and self._tail != "\n":
            self._write("\n")

    def raw(self, text: str) -> None:
        """Writes text that belongs to no block (separators)."""
        self._write(text)

    def run(
        self,
        text: str,
        anchor: Anchor,
        *,
        kind: str = "paragraph",
        table: int | None = None,
        edges: tuple[float, ...] | None = None,
        confidence: float | None = None,
    ) -> None:
        """Writes a block that continues the current line; empty text writes nothing."""
        if not text:
            return
        start = self._length
        self._write(text)
        self.blocks.append(
            Block(
                start=start,
                end=self._length,
                kind=kind,
                anchor=anchor,
                table=table,
                edges=edges,
                confidence=confidence,
            )
        )

    def paragraph(self, text: str, anchor: Anchor, *, kind: str = "paragraph") -> None:
        """Writes one paragraph on lines of its own; a line break within it makes a further block, same anchor."""
        for line in lf(text).split("\n"):
            if line.strip():
                self.end_line()
                self.run(line.rstrip(), anchor, kind=kind)
        self.end_line()

    # --- tables
    def table(
        self,
        table: Table,
        anchor: Callable[[Cell], Anchor],
        *,
        row_blocks: bool = False,
        confidence: Mapping[str, float] | None = None,
    ) -> None:
        """Adds a table and writes it as tab-separated lines, one a row; `anchor` says where a cell stands.

        `confidence` holds how sure recognised cells are, by their `ref`.

        With `row_blocks` a whole row becomes one block, anchored at its first cell (very large tables).
        """
        self.tables.append(table)
        by_row: dict[int, list[Cell]] = {}
        for cell in table.cells:
            if cell.text.strip():
                by_row.setdefault(cell.row, []).append(cell)
        for row in sorted(by_row):
            cells = sorted(by_row[row], key=lambda c: c.col)
            self.end_line()
            if row_blocks:
                line, at = "", 0
                for cell in cells:
                    line += "\t" * (cell.col - at) + one_line(cell.text)
                    at = cell.col
                lead = len(line) - len(line.lstrip("\t"))
                self._write(line[:lead])
                self.run(line[lead:], anchor(cells[0]), kind="table", table=table.index)
                continue
            at = 0
            for cell in cells:
                self._write("\t" * (cell.col - at))
                at = cell.col
                sure = confidence.get(cell.ref) if confidence else None
                self.run(one_line(cell.text), anchor(cell), kind="table", table=table.index, confidence=sure)
        self.end_line()

    # --- notices
    def notice(self, code: str, message: str, *, anchor: Anchor | None = None, partial: bool = False) -> None:
        """Records something left out or doubtful; the same notice twice is kept once."""
        notice = Notice(code=code, message=message, anchor=anchor, partial=partial)
        if notice in self.notices:
            return
        if len(self.notices) < limits.MAX_NOTICES:
            self.notices.append(notice)
        elif partial and not any(n.partial for n in self.notices):
            self.notices[-1] = notice

    # --- the end
    def finish(
        self,
        *,
        pages: int | None = None,
        counts: Counts | None = None,
        encoding: str | None = None,
        title_hint: str | None = None,
        published_hint: str | None = None,
        text: str | None = None,
        grades: Sequence[PageGrade] = (),
        seals: Sequence[Seal] = (),
        children: Sequence[Child] = (),
        links: Sequence[Link] = (),
    ) -> Document:
        """The document. `text` replaces the written text where a reader must hand on the file's own (txt)."""
        body = "".join(self._parts) if text is None else text
        return Document(
            sha256=self.sha256,
            name=self.name,
            format=self.format,
            text=body,
            pages=pages,
            blocks=tuple(self.blocks),
            tables=tuple(self._captioned(body)),
            notices=tuple(self.notices),
            counts=counts or Counts(),
            encoding=encoding,
            title_hint=(title_hint or "").strip() or None,
            published_hint=published_hint,
            grades=tuple(grades),
            seals=tuple(seals),
            children=tuple(children),
            links=tuple(links),
        )

    def _captioned(self, body: str) -> list[Table]:
        """The tables with the lines just above and below them; sheets have no outside."""
        spans: dict[int, tuple[int, int]] = {}
        for block in self.blocks:
            if block.table is not None:
                first, _ = spans.get(block.table, (block.start, 0))
                spans[block.table] = (first, block.end)
        out = []
        for table in self.tables:
            if table.sheet is not None or table.index not in spans:
                out.append(table)
                continue
            start, end = spans[table.index]
            above = max((e for i, (_, e) in spans.items() if e <= start and i != table.index), default=0)
            below = min((s for i, (s, _) in spans.items() if s >= end and i != table.index), default=len(body))
            line_start = body.rfind("\n", 0, start) + 1
            caption = _short_lines(body[max(above, line_start - 2_000) : line_start].split("\n"), last=True)
            after = _short_lines(body[end : min(below, end + 2_000)].split("\n"), last=False)
            out.append(msgspec.structs.replace(table, caption=caption, after=after))
        return out


def _short_lines(lines: list[str], *, last: bool) -> str:
    """Up to three non-empty lines nearest to the table, as far as they are short enough to be a caption."""
    found = [line.strip() for line in lines if line.strip()]
    if last:
        found.reverse()
    kept: list[str] = []
    for line in found[:CAPTION_LINES]:
        if len(line) > CAPTION_CHARS:
            break
        kept.append(line)
    if last:
        kept.reverse()
    return "\n".join(kept)
