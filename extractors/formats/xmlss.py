"""Workbooks in SpreadsheetML 2003, the XML that export functions like to name .xls; every sheet one table, as for xlsx.

Structure as in the XML Spreadsheet Reference of Office 2003: cells without an index follow one another, a cell may
merge across and down, styles carry the number formats.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from lxml import etree

from extractors.document import Anchor, Cell, Counts, Document, ReadError
from extractors.formats import limits, numfmt, safexml
from extractors.formats.draft import Draft, lf
from extractors.formats.grid import column_name
from extractors.formats.sheet_tables import add_sheet
from extractors.formats.sniff import Sniffed
from extractors.formats.xlsx_parts import SheetInfo
from extractors.formats.xlsx_sheet import SheetCells, exact, typed_number

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_NAMED = {
    "general number": "General", "general date": "yyyy/m/d h:mm", "long date": 'yyyy"年"m"月"d"日"',
    "medium date": "yyyy-mm-dd", "short date": "yyyy/m/d", "long time": "h:mm:ss", "short time": "h:mm",
    "currency": '"¥"#,##0.00', "fixed": "0.00", "standard": "#,##0.00", "percent": "0.00%", "scientific": "0.00E+00",
}  # fmt: skip
_RELATIVE = re.compile(r"R(\[-?\d{1,7}\]|\d{1,7})?C(\[-?\d{1,5}\]|\d{1,5})?(?![A-Za-z0-9(])")


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a workbook. Raises `ReadError` (`bad_xml`, `too_large`)."""
    root = safexml.tree(data, name)
    formats = _formats(root)
    draft = Draft(data, name, "xls")
    filled = comments = 0
    for number, sheet in enumerate(root.iter(_SS + "Worksheet")):
        if number >= limits.MAX_SHEETS:
            raise ReadError("too_large", f"文件“{name}”的工作表超过{limits.MAX_SHEETS}个，请拆分后重新报送。")
        cells = _sheet(sheet, formats)
        filled += cells.filled
        if filled > limits.MAX_CELLS:
            raise ReadError("too_large", f"文件“{name}”的单元格超过{limits.MAX_CELLS}个，请拆分后重新报送。")
        add_sheet(draft, cells, name)
        comments += sum(1 for _ in sheet.iter(_SS + "Comment"))
        for text in (lf("".join(map(str, d.itertext()))) for d in sheet.iter("{urn:schemas-microsoft-com:vml}textbox")):
            draft.paragraph(text, Anchor(sheet=cells.info.name), kind="note")
    if comments:
        draft.notice("comments_left_out", f"文件“{name}”：批注未计入表格，请打开原件查看。")
    strays = sum(1 for b in draft.blocks if b.kind == "note" and b.anchor.cell)
    return draft.finish(counts=Counts(cells=filled - strays))


def _formats(root: etree._Element) -> dict[str, str]:
    """Number format of each style, its parent's where it has none of its own."""
    own: dict[str, tuple[str, str]] = {}
    for style in root.iter(_SS + "Style"):
        form = style.find(_SS + "NumberFormat")
        code = "" if form is None else str(form.get(_SS + "Format", ""))
        own[str(style.get(_SS + "ID", ""))] = (_NAMED.get(code.lower(), code), str(style.get(_SS + "Parent", "")))
    out: dict[str, str] = {}
    for key in own:
        code, parent = own[key]
        for _ in range(limits.MAX_STYLE_CHAIN):
            if code or parent not in own:
                break
            code, parent = own[parent]
        out[key] = code or "General"
    return out


def _sheet(sheet: etree._Element, formats: dict[str, str]) -> SheetCells:
    visible = next((str(e.text or "") for e in sheet.iter("{*}Visible")), "")
    title = str(sheet.get(_SS + "Name", ""))
    out = SheetCells(SheetInfo(name=title, part="", hidden=visible in ("SheetHidden", "SheetVeryHidden")))
    table = sheet.find(_SS + "Table")
    if table is None:
        return out
    row = col = -1
    for element in table:
        tag = safexml.local(element)
        if tag == "Column":
            col = _index(element, col)
            last = col + _number(element, "Span", 0)
            if _is_true(element, "Hidden"):
                out.hidden_cols.append((col, last))
            col = last
        elif tag == "Row":
            row = _index(element, row)
            last = row + _number(element, "Span", 0)
            if row >= limits.MAX_SHEET_ROWS:
                out.misplaced += 1
                break
            if _is_true(element, "Hidden"):
                out.hidden_rows.update(range(row, min(last, row + limits.STRAY_ROW_GAP) + 1))
            _row(element, row, out, formats)
            row = last
    return out


def _row(element: etree._Element, row: int, out: SheetCells, formats: dict[str, str]) -> None:
    col = -1
    style_of_row = str(element.get(_SS + "StyleID", ""))
    for each in element:
        if safexml.local(each) != "Cell":
            continue
        col = _index(each, col)
        if col >= limits.MAX_SHEET_COLS:
            out.misplaced += 1
            return
        across, down = _number(each, "MergeAcross", 0), _number(each, "MergeDown", 0)
        if (across or down) and len(out.merges) < limits.MAX_MERGES:
            out.merges.append((row, col, min(row + down, limits.MAX_SHEET_ROWS - 1), col + across))
        style = str(each.get(_SS + "StyleID", "")) or style_of_row
        cell = _cell(each, row, col, formats.get(style, "General"), out)
        if cell is not None:
            out.filled += (row, col) not in out.cells
            out.cells[row, col] = cell
        col += across


def _cell(element: etree._Element, row: int, col: int, fmt: str, out: SheetCells) -> Cell | None:
    data = next((e for e in element if safexml.local(e) == "Data"), None)
    formula = str(element.get(_SS + "Formula", "")) or None
    stored = "" if data is None else "".join(str(t) for t in data.itertext())
    ref = f"{column_name(col)}{row + 1}"
    text, value, kind = _typed(stored, "" if data is None else str(data.get(_SS + "Type", "String")), fmt)
    if value is None:
        if formula is None:
            return None
        out.no_value.append(ref)
    return Cell(
        row=row,
        col=col,
        text=text,
        value=value,
        value_type=kind,
        number_format=None if fmt == "General" else fmt,
        formula=None if formula is None else _a1(formula, row, col),
        ref=ref,
    )


def _typed(stored: str, kind: str, fmt: str) -> tuple[str, str | bool | Decimal | None, str | None]:
    """(text a person sees, value, value type) of stored data."""
    bare = stored.strip()
    if not bare:
        return "", None, None
    if kind == "Number":
        number = exact(bare)
        if number is not None:
            return typed_number(number, fmt, epoch_1904=False)
    elif kind == "DateTime":
        try:
            moment = dt.datetime.fromisoformat(bare.removesuffix(".000")).replace(tzinfo=None)
        except ValueError:
            return bare, bare, "text"
        shown = numfmt.show_date(moment, fmt) if numfmt.is_date(fmt) else numfmt.iso(moment)
        return shown, numfmt.iso(moment), "date"
    elif kind == "Boolean":
        return ("TRUE" if bare == "1" else "FALSE"), bare == "1", "bool"
    elif kind == "Error":
        return bare, bare, "error"
    return bare, stored, "text"


def _a1(formula: str, row: int, col: int) -> str:
    """`=SUM(R[-2]C:R[-1]C)` seen from a cell as `=SUM(D4:D5)`; as it stands when a reference leaves the sheet."""
    outside = False

    def place(match: re.Match[str]) -> str:
        nonlocal outside
        r, c = (_moved(part, base) for part, base in ((match.group(1), row), (match.group(2), col)))
        if not (0 <= r < limits.MAX_SHEET_ROWS and 0 <= c < limits.MAX_SHEET_COLS):
            outside = True
            return ""
        return f"{column_name(c)}{r + 1}"

    out = _RELATIVE.sub(place, formula)
    return formula if outside else out


def _moved(part: str | None, base: int) -> int:
    if not part:
        return base
    return base + int(part[1:-1]) if part.startswith("[") else int(part) - 1


def _index(element: etree._Element, last: int) -> int:
    """The element's own place, counted from 0: its index where it has one, else behind the last."""
    return max(_number(element, "Index", last + 2) - 1, 0)


def _number(element: etree._Element, key: str, default: int) -> int:
    text = str(element.get(_SS + key, ""))
    return int(text) if text.isdigit() and len(text) <= 7 else default


def _is_true(element: etree._Element, key: str) -> bool:
    return str(element.get(_SS + key, "")).lower() in ("1", "true")
