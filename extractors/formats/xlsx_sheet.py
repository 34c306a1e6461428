"""One sheet, streamed row by row from its XML: typed cells, formulas, merges, hidden rows and columns.

Nothing is ever allocated by a declared dimension or count: only cells that are in the file cost anything.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from lxml import etree

from extractors.document import Cell, ReadError
from extractors.formats import limits, numfmt, safexml
from extractors.formats.grid import column_name
from extractors.formats.guard import Container
from extractors.formats.xlsx_parts import SheetInfo, Workbook, rich_text, unescape

_REF = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_FOUR_LETTERS = re.compile(rb'<c r="[A-Z]{4}')
_BEYOND = re.compile(r"\$?[A-Z]{4}|\d{8}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


def parse_ref(ref: str) -> tuple[int, int] | None:
    """F7 -> (row 6, column 5), counted from 0; None for anything else or out of bounds."""
    match = _REF.fullmatch(ref)
    if match is None:
        return None
    col = 0
    for letter in match.group(1):
        col = col * 26 + ord(letter) - 64
    row = int(match.group(2))
    if not 1 <= row <= limits.MAX_SHEET_ROWS or col > limits.MAX_SHEET_COLS:
        return None
    return row - 1, col - 1


def exact(text: str) -> Decimal | None:
    """A stored number in its shortest exact form: 0.30000000000000004 stays itself, 1E5 is 100000; None if none.

    Files store binary doubles, so the shortest decimal that names the same double is the number that was meant.
    """
    text = text.strip()
    if len(text) <= 15 and text.isascii() and text.isdecimal():
        return Decimal(text)
    if not _NUMBER.fullmatch(text):
        return None
    try:
        short = Decimal(repr(float(text)))
        if not short.is_finite():
            return None
        return short.quantize(Decimal(1)) if short == short.to_integral_value() and abs(short) < 10**25 else short
    except (InvalidOperation, OverflowError):
        return None


class SheetCells:
    """What one sheet holds; rows and columns of cells are those of the sheet, from 0."""

    def __init__(self, info: SheetInfo) -> None:
        self.info = info
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[tuple[int, int, int, int]] = []  # first row, first column, last row, last column
        self.hidden_rows: set[int] = set()
        self.hidden_cols: list[tuple[int, int]] = []  # first and last, both included
        self.no_value: list[str] = []  # formulas without a stored result
        self.misplaced = 0
        self.filled = 0  # cells with content counted in the XML
        self._shared: dict[str, str] = {}

    def col_is_hidden(self, col: int) -> bool:
        """True when the column lies in a hidden range."""
        return any(a <= col <= b for a, b in self.hidden_cols)


def read_sheet(container: Container, info: SheetInfo, book: Workbook, name: str, room: int) -> SheetCells:
    """Streams one sheet; `room` is how many cells the document may still take.

    Raises `ReadError` (`too_large`, `bad_xml`, `bad_container`).
    """
    out = SheetCells(info)
    walk(container.chunks(info.part), out, book, name, info.part, room)
    return out


def walk(chunks: Iterable[bytes], out: SheetCells, book: Workbook, name: str, part: str, room: int) -> None:
    """Streams a sheet's XML into `out`. Raises as `read_sheet`."""
    at = -1
    wanted = ("row", "col", "mergeCell", "dimension")
    for element in safexml.stream(within_bounds(chunks, name), wanted, name, part):
        tag = safexml.local(element)
        if tag == "row":
            if len(element) > limits.MAX_SHEET_COLS:
                raise too_wide(name)
            at = read_row(element, at, out, book)
            if len(out.cells) > room:
                raise ReadError("too_large", f"文件“{name}”的单元格超过{limits.MAX_CELLS}个，请拆分后重新报送。")
        elif tag == "col":
            first, last = str(element.get("min", "")), str(element.get("max", ""))
            if _is_true(element.get("hidden")) and first.isdigit() and last.isdigit():
                out.hidden_cols.append((int(first) - 1, min(int(last), limits.MAX_SHEET_COLS) - 1))
        elif tag == "dimension":
            if _BEYOND.search(str(element.get("ref", ""))):
                raise too_wide(name)
        elif len(out.merges) < limits.MAX_MERGES:
            _merge(str(element.get("ref", "")), out)


def within_bounds(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The chunks, as long as no cell claims a column of four letters (the last one is XFD)."""
    last = b""
    for chunk in chunks:
        if _FOUR_LETTERS.search(last + chunk[:16]) or _FOUR_LETTERS.search(chunk):
            raise too_wide(name)
        last = chunk[-16:]
        yield chunk


def too_wide(name: str) -> ReadError:
    """The refusal of a sheet with more columns than the format has."""
    return ReadError(
        "too_large",
        f"文件“{name}”的工作表超出{limits.MAX_SHEET_COLS}列、{limits.MAX_SHEET_ROWS}行的上限，"
        "不是正常的表格，请用WPS或Excel重新另存后报送。",
    )


def _is_true(value: object) -> bool:
    return str(value).lower() in ("1", "true", "on")


def _merge(ref: str, out: SheetCells) -> None:
    first, _, last = ref.partition(":")
    a, b = parse_ref(first), parse_ref(last or first)
    if a is not None and b is not None and a != b:
        out.merges.append((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))


def read_row(element: etree._Element, last: int, out: SheetCells, book: Workbook) -> int:
    """One row's cells into `out`; `last` is the row before it. Returns its number, from 0."""
    number = str(element.get("r", ""))
    row = int(number) - 1 if number.isdigit() and len(number) <= 7 else last + 1
    if not 0 <= row < limits.MAX_SHEET_ROWS:
        out.misplaced += 1
        return last
    if _is_true(element.get("hidden")):
        out.hidden_rows.add(row)
    col = -1
    tag = str(element.tag)
    namespace = tag[: tag.rindex("}") + 1] if "}" in tag else ""
    wanted = namespace + "c"
    digits = str(row + 1)
    for c in element:
        if c.tag != wanted:
            continue
        ref = c.get("r")
        place: tuple[int, int] | None = (row, col + 1)
        if ref is not None and ref != column_name(col + 1) + digits:  # most cells stand where they are expected
            place = parse_ref(str(ref))
        if place is None or place[1] >= limits.MAX_SHEET_COLS:
            out.misplaced += 1
            continue
        # a cell stands where its own name says, as Excel itself reads it; its row's number is secondary
        col = place[1]
        cell = _cell(c, place, namespace, out, book)
        if cell is not None:
            out.filled += 1 if place not in out.cells else 0
            out.cells[place] = cell
    return row


def _cell(c: etree._Element, place: tuple[int, int], namespace: str, out: SheetCells, book: Workbook) -> Cell | None:
    """The typed cell, or None for one without content (style only)."""
    stored: str | None = None
    formula: str | None = None
    inline: str | None = None
    for child in c:
        tag = str(child.tag)[len(namespace) :]
        if tag == "v":
            stored = child.text or ""
        elif tag == "f":
            formula = _formula(child, out)
        elif tag == "is":
            inline = rich_text(child)
    if stored is None and formula is None and inline is None:
        return None
    ref = f"{column_name(place[1])}{place[0] + 1}"
    style = str(c.get("s", "0"))
    index = int(style) if style.isdigit() else 0
    fmt = book.formats[index] if index < len(book.formats) else "General"
    text, value, kind = _typed(str(c.get("t", "n")), stored, inline, fmt, book)
    if value is None and formula is None:
        return None
    if value is None:
        out.no_value.append(ref)
    return Cell(
        row=place[0],
        col=place[1],
        text=text,
        value=value,
        value_type=kind,
        number_format=None if fmt == "General" else fmt,
        formula=formula,
        ref=ref,
    )


def _formula(element: etree._Element, out: SheetCells) -> str:
    """The formula's text; a shared formula's further cells name its first cell's text."""
    text = element.text or ""
    if element.get("t") == "shared":
        key = str(element.get("si", ""))
        if text:
            out._shared.setdefault(key, text)
        else:
            text = out._shared.get(key, "")
    return "=" + text


def _typed(
    kind: str, stored: str | None, inline: str | None, fmt: str, book: Workbook
) -> tuple[str, str | bool | Decimal | None, str | None]:
    """(text a person sees, value, value type) of a cell."""
    if kind == "inlineStr" or (inline is not None and stored is None):
        text = inline or ""
        return text.strip(), text or None, "text" if text else None
    if not stored:
        return "", None, None
    if kind == "s":
        text = book.shared[int(stored)] if stored.isdigit() and int(stored) < len(book.shared) else ""
        return text.strip(), text or None, "text" if text else None
    if kind == "str":
        text = unescape(stored)
        return text.strip(), text or None, "text" if text else None
    if kind == "b":
        truth = stored.strip() in ("1", "true")
        return ("TRUE" if truth else "FALSE"), truth, "bool"
    if kind == "e":
        return stored.strip(), stored.strip(), "error"
    if kind == "d":
        moment = _iso_moment(stored.strip())
        return (stored.strip(), stored.strip(), "text") if moment is None else _date(moment, fmt)
    number = exact(stored)
    if number is None:
        return stored.strip(), stored.strip(), "text"
    return typed_number(number, fmt, epoch_1904=book.epoch_1904)


def typed_number(number: Decimal, fmt: str, *, epoch_1904: bool) -> tuple[str, str | Decimal, str]:
    """(text a person sees, value, value type) of a stored number: a date where its format says so."""
    if numfmt.is_date(fmt):
        moment = numfmt.from_serial(float(number), epoch_1904=epoch_1904)
        if moment is not None and (number >= 1 or epoch_1904):
            return _date(moment, fmt)
        if moment is not None:  # a time of day alone
            clock = moment.time().isoformat(timespec="seconds")
            return clock, clock, "text"
    return numfmt.show(number, fmt), number, "number"


def _iso_moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _date(moment: dt.datetime, fmt: str) -> tuple[str, str, str]:
    shown = numfmt.show_date(moment, fmt) if numfmt.is_date(fmt) else numfmt.iso(moment)
    return shown, numfmt.iso(moment), "date"
