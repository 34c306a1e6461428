"""Automatic numbering of Word 97-2003 files as the text a reader sees.

Lists are LSTF, LVL and LFO structures ([MS-DOC] 2.9.147, 2.9.150, 2.9.131). Number formats are those of docx by other
names; `numbering.render` draws both, so that 一、 reads the same.
"""

from __future__ import annotations

import struct

import msgspec

from extractors.formats import limits
from extractors.formats.doc_word import LIST_OVERRIDES, LISTS, WordFile
from extractors.formats.numbering import render

_FORMS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 10: "ideographDigital",
    11: "japaneseCounting", 14: "decimalFullWidth", 15: "decimalHalfWidth", 16: "japaneseLegal",
    17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle", 19: "decimalFullWidth2", 22: "decimalZero",
    23: "bullet", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen", 28: "decimalEnclosedCircleChinese",
    29: "ideographEnclosedCircle", 30: "ideographTraditional", 31: "ideographZodiac", 33: "taiwaneseCounting",
    34: "ideographLegalTraditional", 35: "taiwaneseCountingThousand", 37: "chineseCounting",
    38: "chineseLegalSimplified", 39: "chineseCountingThousand", 255: "none",
}  # fmt: skip
"""MSONFC codes ([MS-OSHARED] 2.2.1.3) by the names of ECMA-376 17.18.59."""
_LEVELS = 9


class _Level(msgspec.Struct, frozen=True, kw_only=True):
    form: str
    start: int
    text: str  # characters 0 to 8 stand for the number of that level
    restart: bool


class Lists:
    """The counters of one document; `label` must be called for each paragraph in order."""

    def __init__(self, file: WordFile) -> None:
        self.unknown: set[str] = set()
        self._counts: dict[int, dict[int, int]] = {}
        self._started: set[tuple[int, int]] = set()
        self._starts: dict[tuple[int, int], int] = {}
        self._list_of: dict[int, int] = {}
        self._levels: dict[int, list[_Level]] = {}
        self._own_levels: dict[tuple[int, int], _Level] = {}
        try:
            self._read_lists(file)
            self._read_overrides(file.part(LIST_OVERRIDES))
        except struct.error:
            self.unknown.add("（编号表已损坏）")

    def _read_lists(self, file: WordFile) -> None:
        size = len(file.part(LISTS))
        data = file.part(LISTS, beyond=len(file.table))
        if size < 2:
            return
        count = struct.unpack_from("<H", data)[0]
        at = size
        for i in range(min(count, limits.MAX_WORD_LISTS)):
            head = 2 + 28 * i
            identifier = struct.unpack_from("<I", data, head)[0]
            levels = []
            for _ in range(1 if data[head + 26] & 1 else _LEVELS):
                level, at = _level(data, at)
                levels.append(level)
            self._levels[identifier] = levels

    def _read_overrides(self, data: bytes) -> None:
        if len(data) < 4:
            return
        count = min(struct.unpack_from("<I", data)[0], limits.MAX_WORD_LISTS)
        at = 4 + 16 * count
        for number in range(1, count + 1):
            identifier = struct.unpack_from("<I", data, 4 + 16 * (number - 1))[0]
            self._list_of[number] = identifier
            at += 4
            for _ in range(data[4 + 16 * (number - 1) + 12]):
                start, flags = struct.unpack_from("<II", data, at)
                at += 8
                depth = flags & 0xF
                if flags & 0x20:
                    level, at = _level(data, at)
                    self._own_levels[number, depth] = level
                    start = level.start
                if flags & 0x10:
                    self._starts[number, depth] = start

    def label(self, list_id: int, depth: int) -> str:
        """The number Word draws before a paragraph of this list and level; an empty string for none and bullets."""
        identifier = self._list_of.get(list_id)
        level = None if identifier is None else self._at(list_id, identifier, depth)
        if identifier is None or level is None:
            return ""
        counts = self._counts.setdefault(identifier, {})
        start = self._starts.get((list_id, depth))
        if start is not None and (list_id, depth) not in self._started:
            counts[depth] = start
        elif depth in counts:
            counts[depth] += 1
        else:
            counts[depth] = level.start
        self._started.add((list_id, depth))
        for deeper in [d for d in counts if d > depth]:
            below = self._at(list_id, identifier, deeper)
            if below is None or below.restart:
                del counts[deeper]
        if level.form in ("bullet", "none") and not any(ord(c) < _LEVELS for c in level.text):
            return ""
        out = ""
        for char in level.text:
            if ord(char) >= _LEVELS:
                out += char
                continue
            its = self._at(list_id, identifier, ord(char))
            if its is None:
                continue
            text = render(counts.get(ord(char), its.start), its.form)
            if text is None and its.form not in ("bullet", "none"):
                self.unknown.add(its.form)
            out += text or ""
        return out

    def _at(self, list_id: int, identifier: int, depth: int) -> _Level | None:
        own = self._own_levels.get((list_id, depth))
        levels = self._levels.get(identifier, [])
        return own or (levels[depth] if depth < len(levels) else levels[0] if levels else None)


def _level(data: bytes, at: int) -> tuple[_Level, int]:
    """One LVL and where the next begins."""
    start, form, flags = struct.unpack_from("<IBB", data, at)
    after = at + 28 + data[at + 24] + data[at + 25] if at + 28 <= len(data) else len(data)
    length = struct.unpack_from("<H", data, after)[0]
    text = data[after + 2 : after + 2 + 2 * length].decode("utf-16-le", "replace")
    level = _Level(form=_FORMS.get(form, f"编号格式{form}"), start=start, text=text, restart=not flags & 0x08)
    return level, after + 2 + 2 * length
