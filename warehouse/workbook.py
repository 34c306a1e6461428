"""Workbooks that people print and pass on: titled sheets with number formats, units and a print layout.

No cell is ever a formula: a text that a spreadsheet would take for one gets a leading apostrophe (OWASP ASVS 5, 1.2.10)
and is stored as a text. Money stays a number; `wan` cells hold the exact amount in 万元 and show two decimals.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from warehouse.formula_guard import guard_formula

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

Kind = Literal["text", "int", "number", "wan", "yuan", "percent", "date", "bool"]
_FORMATS: dict[str, str] = {
    "int": "#,##0",
    "number": "General",
    "wan": "#,##0.00",
    "yuan": "#,##0.00",
    "percent": "0.00%",
    "date": "yyyy-mm-dd",
}
_WAN = Decimal(10_000)
_LONGEST_CELL = 32_000  # Excel's limit is 32,767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
_DIGITS = 15  # what a spreadsheet keeps of a number


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: key of the row's value, header, kind of value and width in characters."""

    key: str
    header: str
    kind: Kind = "text"
    width: int = 12


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet. `unit` is the caption right above the table; `notes` follow under it; `total` is its last line."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]
    unit: str = ""
    notes: tuple[str, ...] = ()
    total: Mapping[str, Any] | None = None


def workbook(sheets: Sequence[Sheet], *, made: dt.datetime | None = None) -> bytes:
    """The sheets as an xlsx file. `made` is written as its time of creation."""
    from openpyxl import Workbook

    book = Workbook()
    if made is not None:
        book.properties.created = book.properties.modified = made.replace(tzinfo=None)
    book.properties.creator = "qingqian"
    for number, sheet in enumerate(sheets):
        page = book.active if number == 0 else book.create_sheet()
        assert page is not None
        page.title = _SHEET_NAME.sub("_", sheet.name)[:31] or "Sheet"
        _fill(page, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color="808080")
    box = Border(left=line, right=line, top=line, bottom=line)
    bold, grey = Font(bold=True), PatternFill("solid", fgColor="EDEDED")
    last = max(1, len(sheet.columns))
    row = 1
    if sheet.title:
        page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
        put(page.cell(1, 1), sheet.title, "text")
        page.cell(1, 1).font = Font(bold=True, size=16)
        page.cell(1, 1).alignment = Alignment(horizontal="center", vertical="center")
        page.row_dimensions[1].height = 30
        row = 2
    if sheet.unit:
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
        put(page.cell(row, 1), sheet.unit, "text")
        page.cell(row, 1).alignment = Alignment(horizontal="right")
        row += 1
    header = row
    for i, column in enumerate(sheet.columns, 1):
        cell = page.cell(header, i)
        put(cell, column.header, "text")
        cell.font, cell.fill, cell.border = bold, grey, box
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(i)].width = column.width
    lines = [*sheet.rows, *([] if sheet.total is None else [sheet.total])]
    for values in lines:
        row += 1
        for i, column in enumerate(sheet.columns, 1):
            cell = page.cell(row, i)
            put(cell, values.get(column.key), column.kind)
            cell.border = box
            wide = column.kind == "text"
            cell.alignment = Alignment(vertical="center", wrap_text=wide, horizontal=None if wide else "right")
            if values is sheet.total:
                cell.font = bold
    for note in sheet.notes:
        row += 1
        page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
        put(page.cell(row, 1), note, "text")
        page.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[row].height = 15 * (1 + len(note) // 80)
    _print_layout(page, header)


def _print_layout(page: Worksheet, header: int) -> None:
    """A4 across, as many pages down as needed, the header on each, page numbers at the foot."""
    from openpyxl.worksheet.properties import PageSetupProperties

    page.freeze_panes = f"A{header + 1}"
    page.print_title_rows = f"1:{header}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = 9  # A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    footer = page.oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = "第 &P 页，共 &N 页"


def put(cell: Cell | Any, value: Any, kind: Kind) -> None:
    """Write one value. Numbers with more digits than a spreadsheet keeps are written as texts, whole."""
    if value is None:
        return
    if kind == "wan" and isinstance(value, Decimal):
        value = value / _WAN
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, dt.datetime):
        value = value.isoformat(" ")
    if isinstance(value, Decimal | int | float) and len(f"{value:f}".replace(".", "").strip("-0")) > _DIGITS:
        value = f"{value:f}"
    if isinstance(value, Decimal | int | float | dt.date):
        cell.value = value
        cell.number_format = _FORMATS.get(kind, "yyyy-mm-dd" if isinstance(value, dt.date) else "General")
        return
    cell.value = text_of(value)
    cell.data_type = "s"  # whatever it looks like


def text_of(value: Any) -> str:
    """A text as a cell may hold it: no formula, no control characters, not too long."""
    return guard_formula(_ILLEGAL.sub("", str(value)))[:_LONGEST_CELL]
