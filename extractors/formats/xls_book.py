"""A binary workbook's globals and sheets: names, strings, number formats, typed cells, merges, what is hidden.

[MS-XLS] for BIFF8 (Excel 97-2003, WPS Office .et), the same records with byte strings for BIFF5 (Excel 5 and 95).
"""

from __future__ import annotations

import codecs
import struct
from decimal import Decimal

import msgspec

from extractors.document import Cell, ReadError
from extractors.formats import limits
from extractors.formats.biff import CONTINUE, ERRORS, Strings, double, records, rk, short_text
from extractors.formats.biff_formula import formula_text
from extractors.formats.grid import column_name
from extractors.formats.numfmt import BUILTIN
from extractors.formats.xlsx_parts import SheetInfo
from extractors.formats.xlsx_sheet import SheetCells, typed_number

BOF, EOF = 0x0809, 0x000A
_BIFF8 = 0x0600
_GLOBALS, _WORKSHEET = 0x0005, 0x0010


class Book(msgspec.Struct, kw_only=True):
    """The globals of a workbook stream; `places` are the sheets' positions in it."""

    stream: bytes
    biff8: bool = True
    codec: str = "gb18030"
    epoch_1904: bool = False
    strings: list[str] = []
    formats: list[str] = []
    sheets: list[SheetInfo] = []
    places: list[int] = []
    other_sheets: list[str] = []


def open_book(stream: bytes, name: str) -> Book:
    """Reads the globals. Raises `ReadError` (`bad_xls`, `needs_password`, `too_large`)."""
    book = Book(stream=stream)
    custom: dict[int, str] = {}
    styles: list[int] = []
    strings: list[bytes] = []
    last = 0
    for at, (kind, raw, _) in enumerate(records(stream)):
        if at == 0:
            if kind != BOF or len(raw) < 4:
                raise bad(name)
            version = struct.unpack_from("<H", raw)[0]
            if version < 0x0500:
                raise bad(name)
            book.biff8 = version >= _BIFF8
        elif kind == EOF:
            break
        elif kind == 0x002F:
            raise ReadError("needs_password", f"文件“{name}”设有打开密码，无法读取，请向报送单位索取未加密的版本。")
        elif kind == 0x0042 and len(raw) >= 2:
            book.codec = _codec(struct.unpack_from("<H", raw)[0])
        elif kind == 0x0022 and len(raw) >= 2:
            book.epoch_1904 = raw[0] == 1
        elif kind == 0x041E and len(raw) > 3:
            key = struct.unpack_from("<H", raw)[0]
            custom[key] = short_text(raw, 2, wide_count=book.biff8, codec=None if book.biff8 else book.codec)
        elif kind == 0x00E0 and len(raw) >= 4:
            styles.append(struct.unpack_from("<H", raw, 2)[0])
            if len(styles) > limits.MAX_STYLES:
                raise ReadError("too_large", f"文件“{name}”的单元格样式过多，请另存后重新报送。")
        elif kind == 0x0085 and len(raw) > 7:
            _sheet(raw, book)
        elif kind == 0x00FC or (kind == CONTINUE and last == 0x00FC):
            strings.append(raw)
            kind = 0x00FC
        last = kind
    book.formats = [custom.get(key) or BUILTIN.get(key, "General") for key in styles]
    if strings:
        book.strings = Strings(strings).read(limits.MAX_SHARED_STRINGS)
    return book


def bad(name: str) -> ReadError:
    """The refusal of a workbook whose records cannot be followed."""
    return ReadError("bad_xls", f"文件“{name}”的工作簿结构已损坏，无法打开，请用WPS或Excel另存为xlsx后重新报送。")


def _codec(page: int) -> str:
    if page in (936, 54936):
        return "gb18030"
    try:
        return codecs.lookup("utf-16-le" if page == 1200 else f"cp{page}").name
    except LookupError:
        return "gb18030"


def _sheet(raw: bytes, book: Book) -> None:
    place, state, kind = struct.unpack_from("<IBB", raw)
    title = short_text(raw, 6, wide_count=False, codec=None if book.biff8 else book.codec)
    if kind == 0 and len(book.sheets) < limits.MAX_SHEETS:
        book.sheets.append(SheetInfo(name=title, part="", hidden=bool(state & 3)))
        book.places.append(place)
    else:
        book.other_sheets.append(title)


class SheetReader:
    """Reads one sheet's records; `boxes` are texts drawn over the cells, `comments` counts notes on cells."""

    def __init__(self, book: Book, number: int, room: int, name: str) -> None:
        self._book = book
        self._place = book.places[number]
        self._room = room
        self._name = name
        self.out = SheetCells(book.sheets[number])
        self.boxes: list[str] = []
        self.comments = 0
        self.pictures = 0
        self._awaiting: tuple[tuple[int, int], int, str | None] | None = None  # a formula whose text follows
        self._object = 0
        self._text_left = -1
        self.cut = False  # the sheet ends without its end mark

    def read(self) -> SheetCells:
        """The sheet's cells. Raises `ReadError("too_large")`."""
        depth = 0
        ended = False
        for kind, raw, _ in records(self._book.stream, self._place):
            if kind == BOF:
                depth += 1
            elif kind == EOF:
                depth -= 1
                if depth <= 0:
                    ended = True
                    break
            elif depth == 1:
                try:
                    self._record(kind, raw)
                except (struct.error, IndexError):
                    self.out.misplaced += 1
            if len(self.out.cells) > self._room:
                raise ReadError("too_large", f"文件“{self._name}”的单元格超过{limits.MAX_CELLS}个，请拆分后重新报送。")
        self.cut = not ended
        return self.out

    def _record(self, kind: int, raw: bytes) -> None:
        match kind:
            case 0x00FD:
                index = struct.unpack_from("<I", raw, 6)[0]
                strings = self._book.strings
                if index < len(strings):
                    self._text(raw, strings[index])
                else:
                    self.out.misplaced += 1
            case 0x0203:
                self._number(raw, double(raw, 6))
            case 0x027E:
                self._number(raw, rk(raw, 6))
            case 0x00BD:
                row, first = struct.unpack_from("<HH", raw)
                for i in range((len(raw) - 6) // 6):
                    style = struct.unpack_from("<H", raw, 4 + 6 * i)[0]
                    self._put((row, first + i), style, rk(raw, 6 + 6 * i), None)
            case 0x0204 | 0x00D6:
                codec = None if self._book.biff8 else self._book.codec
                self._text(raw, short_text(raw, 6, wide_count=True, codec=codec))
            case 0x0205:
                self._truth(raw, raw[6], is_error=bool(raw[7]))
            case 0x0006 | 0x0206 | 0x0406:
                self._formula(raw)
            case 0x0207 if self._awaiting is not None:
                place, style, formula = self._awaiting
                self._awaiting = None
                codec = None if self._book.biff8 else self._book.codec
                self._put(place, style, short_text(raw, 0, wide_count=True, codec=codec), formula)
            case 0x0208:
                if struct.unpack_from("<H", raw, 12)[0] & 0x20:
                    self.out.hidden_rows.add(struct.unpack_from("<H", raw)[0])
            case 0x007D:
                first, last, _, _, flags = struct.unpack_from("<HHHHH", raw)
                if flags & 1:
                    self.out.hidden_cols.append((first, min(last, limits.MAX_XLS_COLS - 1)))
            case 0x00E5:
                for i in range(min(struct.unpack_from("<H", raw)[0], (len(raw) - 2) // 8)):
                    r0, r1, c0, c1 = struct.unpack_from("<HHHH", raw, 2 + 8 * i)
                    if (r0, c0) != (r1, c1) and r0 <= r1 and c0 <= c1 and len(self.out.merges) < limits.MAX_MERGES:
                        self.out.merges.append((r0, c0, r1, c1))
            case 0x005D:
                self._object = struct.unpack_from("<H", raw, 4)[0] if len(raw) >= 6 else 0
                self.pictures += self._object == 8
                self.comments += self._object == 0x19
            case 0x01B6:
                self._text_left = struct.unpack_from("<H", raw, 10)[0]
                if self._text_left and self._object != 0x19:
                    self.boxes.append("")
            case 0x003C if self._text_left > 0:
                wide = raw[0] & 1
                text = raw[1:].decode("utf-16-le", "replace") if wide else raw[1:].decode("latin-1")
                text = text[: self._text_left]
                self._text_left -= len(text)
                if self._object != 0x19 and self.boxes:
                    self.boxes[-1] += text

    # --- cells
    def _text(self, raw: bytes, text: str) -> None:
        row, col, style = struct.unpack_from("<HHH", raw)
        self._put((row, col), style, text, None)

    def _number(self, raw: bytes, number: Decimal | None) -> None:
        row, col, style = struct.unpack_from("<HHH", raw)
        self._put((row, col), style, number, None)

    def _truth(self, raw: bytes, value: int, *, is_error: bool, formula: str | None = None) -> None:
        row, col = struct.unpack_from("<HH", raw)
        if is_error:
            error = ERRORS.get(value, "#VALUE!")
            self._add((row, col), error, error, "error", None, formula)
        else:
            self._add((row, col), "TRUE" if value else "FALSE", bool(value), "bool", None, formula)

    def _formula(self, raw: bytes) -> None:
        row, col, style = struct.unpack_from("<HHH", raw)
        self._awaiting = None
        formula = formula_text(raw, 20 if self._book.biff8 else 16, biff8=self._book.biff8)
        if raw[12:14] != b"\xff\xff":
            self._put((row, col), style, double(raw, 6), formula)
        elif raw[6] == 0:
            self._awaiting = ((row, col), style, formula)
        elif raw[6] in (1, 2):
            self._truth(raw, raw[8], is_error=raw[6] == 2, formula=formula)
        elif formula is not None:  # an empty string
            self._add((row, col), "", "", "text", None, formula)

    def _put(self, place: tuple[int, int], style: int, value: str | Decimal | None, formula: str | None) -> None:
        formats = self._book.formats
        fmt = formats[style] if style < len(formats) else "General"
        shown = None if fmt == "General" else fmt
        if isinstance(value, Decimal):
            text, typed, kind = typed_number(value, fmt, epoch_1904=self._book.epoch_1904)
            self._add(place, text, typed, kind, shown, formula)
        elif value:
            self._add(place, value.strip(), value, "text", shown, formula)

    def _add(
        self,
        place: tuple[int, int],
        text: str,
        value: str | bool | Decimal,
        kind: str,
        fmt: str | None,
        formula: str | None,
    ) -> None:
        if place[1] >= limits.MAX_XLS_COLS:
            self.out.misplaced += 1
            return
        self.out.filled += place not in self.out.cells
        self.out.cells[place] = Cell(
            row=place[0],
            col=place[1],
            text=text,
            value=value,
            value_type=kind,
            number_format=fmt,
            formula=formula,
            ref=f"{column_name(place[1])}{place[0] + 1}",
        )
