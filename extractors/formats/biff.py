"""Records and strings of binary workbooks, BIFF5 and BIFF8 ([MS-XLS] 2.1.4, 2.5.293, 2.5.294).

A workbook stream is a run of records: a 16-bit type, a 16-bit size, the bytes. Long ones go on in CONTINUE records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from decimal import Decimal

from extractors.formats.xlsx_sheet import exact

CONTINUE = 0x003C
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def records(stream: bytes, at: int = 0) -> Iterator[tuple[int, bytes, int]]:
    """(type, body, position behind it) of each record from `at` on; a record cut off at the end is not given."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        at += 4
        if at + size > len(stream):
            return
        yield kind, stream[at : at + size], at + size
        at += size


def rk(raw: bytes, at: int) -> Decimal | None:
    """A number packed into 32 bits: an integer or the upper half of a double, hundredths where bit 0 says so."""
    word = struct.unpack_from("<I", raw, at)[0]
    if word & 2:
        number = struct.unpack_from("<i", raw, at)[0] >> 2
        return Decimal(number) / 100 if word & 1 else Decimal(number)
    value = struct.unpack("<d", struct.pack("<II", 0, word & 0xFFFFFFFC))[0]
    return exact(repr(value / 100 if word & 1 else value))


def double(raw: bytes, at: int) -> Decimal | None:
    """A double as the shortest decimal that names it; None for what is no number."""
    return exact(repr(struct.unpack_from("<d", raw, at)[0]))


def short_text(raw: bytes, at: int, *, wide_count: bool, codec: str | None) -> str:
    """A string inside one record; `codec` is the code page of BIFF5, None for BIFF8 (flags, then characters)."""
    if wide_count:
        count, at = struct.unpack_from("<H", raw, at)[0], at + 2
    else:
        count, at = raw[at], at + 1
    if codec is not None:
        return raw[at : at + count].decode(codec, "replace")
    if at >= len(raw):
        return ""
    flags, at = raw[at], at + 1
    at += (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
    if flags & 1:
        return raw[at : at + 2 * count].decode("utf-16-le", "replace")
    return raw[at : at + count].decode("latin-1")


class Strings:
    """The shared strings: one SST record and its continuations, whose breaks may fall inside a string."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._part = 0
        self._at = 8

    def read(self, most: int) -> list[str]:
        """Up to `most` strings, as many as are there; the declared number is never believed."""
        out: list[str] = []
        while len(out) < most:
            text = self._one()
            if text is None:
                return out
            out.append(text)
        return out

    def _take(self, size: int) -> bytes:
        out = b""
        while size > 0 and self._part < len(self._parts):
            piece = self._parts[self._part][self._at : self._at + size]
            out += piece
            size -= len(piece)
            self._at += len(piece)
            if size > 0:
                self._part, self._at = self._part + 1, 0
        return out

    def _one(self) -> str | None:
        head = self._take(3)
        if len(head) < 3:
            return None
        count, flags = struct.unpack("<HB", head)
        runs = self._take(2) if flags & 8 else b"\0\0"
        extra = self._take(4) if flags & 4 else b"\0\0\0\0"
        out: list[bytes] = []  # UTF-16: a pair of surrogates may be torn by a break
        wide = bool(flags & 1)
        while count > 0:
            if self._part >= len(self._parts):
                break
            room = len(self._parts[self._part]) - self._at
            if room <= 0:  # the rest goes on in the next record, whose first byte says how wide it is
                self._part, self._at = self._part + 1, 1
                if self._part < len(self._parts) and self._parts[self._part]:
                    wide = bool(self._parts[self._part][0] & 1)
                continue
            now = min(count, room // 2 if wide else room)
            if now == 0:
                self._at += room
                continue
            raw = self._parts[self._part][self._at : self._at + (2 * now if wide else now)]
            out.append(raw if wide else raw.decode("latin-1").encode("utf-16-le"))
            self._at += len(raw)
            count -= now
        skip = 4 * struct.unpack("<H", runs)[0] + struct.unpack("<I", extra)[0] if len(runs + extra) == 6 else 0
        self._skip(skip)
        return b"".join(out).decode("utf-16-le", "replace")

    def _skip(self, size: int) -> None:
        while size > 0 and self._part < len(self._parts):
            room = len(self._parts[self._part]) - self._at
            step = min(size, room)
            size -= step
            self._at += step
            if size > 0:
                self._part, self._at = self._part + 1, 0
