"""The container of a Word 97-2003 file and its characters, straight from the piece table ([MS-DOC] 2.4, 2.8, 2.9).

Nothing here knows formatting or tables: this is what the readers of .doc stand on and are checked against (how many
characters there are), where text boxes come from, and what is left to show when everything else fails.
"""

from __future__ import annotations

import bisect
import io
import struct

import msgspec

from extractors.document import ReadError
from extractors.formats import limits

BROKEN = (struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What following the structures of a broken file may throw."""
_MAGICS = (0xA5EC, 0xA5DC, 0xA5DB)
_WORD_97 = 0xC1
_ENCRYPTED, _OBFUSCATED, _ONE_TABLE = 0x0100, 0x8000, 0x0200
_PACKED = 0x40000000
_STORIES = ("main", "footnote", "header", "macro", "annotation", "endnote", "textbox", "header_textbox")
# indices of fc/lcb pairs in FibRgFcLcb97 ([MS-DOC] 2.5.6)
STYLES, HEADERS, CHPX, PAPX, CLX, SHAPES, TEXTBOXES, LISTS, LIST_OVERRIDES = 1, 11, 12, 13, 33, 40, 56, 73, 74
_PAIRS = 93
_SPA_SIZE, _TEXTBOX_SIZE = 26, 22
_MARKS = "\t\r\x07\x0b\x0c\x13\x14\x15"
_PRM = {0x18: 0x2416, 0x19: 0x2417, 0x41: 0x0800}  # Prm0 index -> sprm: in table, row end, deleted


class Piece(msgspec.Struct, frozen=True):
    """Characters [cp, end) lie at byte `offset` of the stream, `width` bytes each; `grpprl` formats them besides."""

    cp: int
    end: int
    offset: int
    width: int
    grpprl: bytes


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A text box: characters [first, end), hung at character `anchor` of the body (None: unknown)."""

    first: int
    end: int
    anchor: int | None


class WordFile(msgspec.Struct, kw_only=True):
    """A Word file's streams and characters. `text` has one item a UTF-16 code unit, as all positions count these.

    `stories` are (first, end) positions; `missing` counts characters that the file announces and does not hold.
    """

    word: bytes
    table: bytes
    data: bytes
    version: int
    objects: tuple[tuple[str, bytes], ...] = ()
    pairs: tuple[int, ...] = ()
    pieces: list[Piece] = []
    text: str = ""
    stories: dict[str, tuple[int, int]] = {}
    missing: int = 0
    guessed: bool = False  # the piece table is lost, and the text was taken from where it usually stands

    @property
    def is_word_97(self) -> bool:
        """False for Word 6 and 95, which have no piece table that can be followed here."""
        return self.version >= _WORD_97

    def part(self, index: int, *, beyond: int = 0) -> bytes:
        """A structure of the table stream by its index in the FIB; `beyond` adds bytes that follow it."""
        if 2 * index + 1 >= len(self.pairs):
            return b""
        start, size = self.pairs[2 * index], self.pairs[2 * index + 1]
        return self.table[start : start + size + beyond] if size else b""

    def story(self, name: str) -> str:
        """The raw characters of a story."""
        first, end = self.stories.get(name, (0, 0))
        return self.text[first:end]

    def offset_of(self, cp: int) -> tuple[int, Piece] | None:
        """Where a character lies in the stream, and its piece."""
        at = bisect.bisect_right(self.pieces, cp, key=lambda p: p.cp) - 1
        if at < 0 or cp >= self.pieces[at].end:
            return None
        piece = self.pieces[at]
        return piece.offset + (cp - piece.cp) * piece.width, piece

    def boxes(self) -> list[Box]:
        """Text boxes with anchors: PlcftxbxTxt names shapes, PlcSpa says where each hangs ([MS-DOC] 2.8.32, 2.8.37)."""
        shapes = {shape: cp for cp, shape in _plc(self.part(SHAPES), _SPA_SIZE, 0)}
        base, end = self.stories.get("textbox", (0, 0))
        texts = self.part(TEXTBOXES)
        found = _plc(texts, _TEXTBOX_SIZE, 14)
        if not found and end > base:
            return [Box(first=base, end=end, anchor=None)]
        last = struct.unpack_from("<I", texts, 4 * len(found))[0] if found else 0
        bounds = [cp for cp, _ in found] + [last]
        out = [
            Box(first=base + bounds[i], end=min(base + bounds[i + 1], end), anchor=shapes.get(shape))
            for i, (_, shape) in enumerate(found)
        ]
        return [b for b in out if visible(self.text[b.first : b.end]).strip()]


def open_word(data: bytes, name: str) -> WordFile:
    """Opens the container. Raises `ReadError` (`bad_doc`, `needs_password`)."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_FATAL) as ole:
            names = {"/".join(parts).lower(): parts for parts in ole.listdir(streams=True, storages=False)}

            def stream(wanted: str) -> bytes:
                parts = names.get(wanted.lower())
                return b"" if parts is None else bytes(ole.openstream(parts).read())

            word = stream("WordDocument")
            if len(word) < 68 or struct.unpack_from("<H", word)[0] not in _MAGICS:
                raise bad(name)
            flags = struct.unpack_from("<H", word, 10)[0]
            first, second = ("1Table", "0Table") if flags & _ONE_TABLE else ("0Table", "1Table")
            out = WordFile(
                word=word,
                table=stream(first) or stream(second),
                data=stream("Data"),
                version=struct.unpack_from("<H", word, 2)[0],
                objects=tuple(("/".join(names[k]), stream(k)) for k in sorted(names) if k.startswith("objectpool/")),
            )
    except ReadError:
        raise
    except Exception as error:  # olefile lets struct's, index and its own errors out
        raise bad(name) from error
    if flags & (_ENCRYPTED | _OBFUSCATED):
        raise ReadError("needs_password", f"文件“{name}”设有打开密码，无法读取，请向报送单位索取未加密的版本。")
    if out.is_word_97:
        _fill(out, name)
    else:
        out.text = _old_text(word)
        out.stories = {"main": (0, len(out.text))}
    return out


def bad(name: str) -> ReadError:
    """The refusal of a file whose Word structures cannot be followed."""
    return ReadError("bad_doc", f"文件“{name}”的Word结构已损坏，无法打开，请用WPS或Word另存为docx后重新报送。")


def _old_text(word: bytes) -> str:
    """Word 6 and 95: one run of bytes in the system's code page."""
    first, end = struct.unpack_from("<II", word, 24)
    raw = word[first:end] if 0 < first < end else b""
    if raw.count(0) * 4 > len(raw):
        return raw.decode("utf-16-le", "replace")
    return raw.decode("gb18030", "replace")


def _fill(out: WordFile, name: str) -> None:
    """The FIB's tables, the pieces and the stories of a Word 97 file."""
    word = out.word
    try:
        at = 34 + 2 * struct.unpack_from("<H", word, 32)[0]
        longs = struct.unpack_from("<H", word, at)[0]
        counts = struct.unpack_from(f"<{min(longs, 22)}I", word, at + 2)
        at += 2 + 4 * longs
        pairs = struct.unpack_from("<H", word, at)[0]
        out.pairs = struct.unpack_from(f"<{2 * min(pairs, _PAIRS)}I", word, at + 2)
        out.pieces = _pieces(out.part(CLX))
    except struct.error as error:
        raise bad(name) from error
    lengths = (counts[3:11] + (0,) * 8)[:8]
    total = sum(lengths)
    if total > limits.MAX_TEXT_CHARS:
        raise ReadError("too_large", f"文件“{name}”的文字超过{limits.MAX_TEXT_CHARS}字，请拆分后重新报送。")
    if total and not out.pieces:
        out.pieces = _guess(word, total)
        out.guessed = True
    out.text = _characters(word, out.pieces, total)
    out.missing = max(0, total - len(out.text))
    cp = 0
    for story, length in zip(_STORIES, lengths, strict=True):
        out.stories[story] = (cp, cp + length)
        cp += length


def _pieces(clx: bytes) -> list[Piece]:
    """The piece table ([MS-DOC] 2.8.35 and 2.9.38, 2.9.177)."""
    at = 0
    extra: list[bytes] = []
    while at + 3 <= len(clx) and clx[at] == 1:
        size = struct.unpack_from("<H", clx, at + 1)[0]
        extra.append(clx[at + 3 : at + 3 + size])
        at += 3 + size
    if at + 5 > len(clx) or clx[at] != 2:
        return []
    plc = clx[at + 5 : at + 5 + struct.unpack_from("<I", clx, at + 1)[0]]
    count = max((len(plc) - 4) // 12, 0)
    out: list[Piece] = []
    for i in range(count):
        first, end = struct.unpack_from("<II", plc, 4 * i)
        offset, prm = struct.unpack_from("<IH", plc, 4 * (count + 1) + 8 * i + 2)
        if prm & 1:
            grpprl = extra[prm >> 1] if prm >> 1 < len(extra) else b""
        else:
            sprm = _PRM.get((prm >> 1) & 0x7F)
            grpprl = b"" if sprm is None else struct.pack("<HB", sprm, prm >> 8)
        packed = bool(offset & _PACKED)
        offset &= _PACKED - 1
        if end > first and (not out or first == out[-1].end):
            out.append(Piece(first, end, offset // 2 if packed else offset, 1 if packed else 2, grpprl))
    return out


def _guess(word: bytes, total: int) -> list[Piece]:
    """One piece where files without fast saves keep their text, if it looks like text there; else none."""
    start = struct.unpack_from("<I", word, 24)[0]
    for width in (2, 1):
        sample = word[start : start + width * min(total, 2_000)]
        text = sample.decode("utf-16-le" if width == 2 else "cp1252", "replace")
        good = sum(1 for c in text if " " <= c <= "~" or c in _MARKS or "\u3000" <= c <= "\u9fff" or c >= "\uff00")
        if len(text) * 2 > total and good > 0.9 * len(text):
            return [Piece(0, total, start, width, b"")]
    return []


def _characters(word: bytes, pieces: list[Piece], total: int) -> str:
    """The characters of all pieces, one item a code unit, as far as the stream holds them."""
    parts: list[str] = []
    room = total
    for piece in pieces:
        length = min(piece.end - piece.cp, room)
        raw = word[piece.offset : piece.offset + piece.width * length]
        if piece.width == 1:
            parts.append(raw.decode("cp1252", "replace"))
        else:
            parts.append(_code_units(raw[: len(raw) & ~1]))
        room -= length
        if len(parts[-1]) < length:
            break  # cut off: what follows would stand at wrong positions
    return "".join(parts)


def _code_units(raw: bytes) -> str:
    """UTF-16 bytes as one item a code unit: surrogate pairs stay two items until `whole` joins them."""
    text = raw.decode("utf-16-le", "surrogatepass")
    if len(text) * 2 == len(raw):
        return text
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))


def whole(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _plc(data: bytes, size: int, at: int) -> list[tuple[int, int]]:
    """(position, 32-bit word at byte `at` of the item) of each entry of a PLC with items of `size` bytes."""
    count = max((len(data) - 4) // (4 + size), 0)
    return [
        (struct.unpack_from("<I", data, 4 * i)[0], struct.unpack_from("<I", data, 4 * (count + 1) + size * i + at)[0])
        for i in range(count)
    ]


def visible(story: str) -> str:
    """What a person sees of a story: field instructions and marks left out, lines ended by LF, cells by tabs."""
    out: list[str] = []
    in_instruction: list[bool] = []
    for char in story:
        if char == "\x13":
            in_instruction.append(True)
        elif char == "\x14":
            if in_instruction:
                in_instruction[-1] = False
        elif char == "\x15":
            if in_instruction:
                in_instruction.pop()
        elif in_instruction and any(in_instruction):
            continue
        elif char in "\r\x0b\x0c\x0e":
            out.append("\n")
        elif char == "\x07":
            out.append("\t")
        elif char == "\x1e":
            out.append("-")
        elif char >= " " or char == "\t":
            out.append(char)
    return whole("".join(out))
