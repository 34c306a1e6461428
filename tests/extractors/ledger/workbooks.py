"""Real workbooks from the gold's YAML: values, merges, formulas with or without a stored result, what is hidden."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.worksheet.worksheet import Worksheet

GOLD = Path(__file__).parents[2] / "gold" / "ledgers"
_FORMULA = re.compile(r'(<c r="([A-Z]+\d+)"[^>]*?)(?: t="\w+")?(><f>[^<]*</f>)<v ?/?>(?:</v>)?')


def load(path: Path) -> dict[str, Any]:
    """One workbook of the gold: `sheets` to draw and the `expect`ed tables."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def workbook(spec: dict[str, Any]) -> bytes:
    """The workbook as a spreadsheet program would save it.

    A sheet has `rows` (text, numbers, days; `=…` is a formula), and optionally `name, merges, hidden, hidden_rows,
    hidden_cols, formats` (cell to number format) and `results` (formula cell to its stored result or error).
    """
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    results: dict[str, dict[str, Any]] = {}
    for number, sheet in enumerate(spec["sheets"], start=1):
        page = book.create_sheet(sheet.get("name", f"Sheet{number}"))
        _fill(page, sheet)
        results[f"xl/worksheets/sheet{number}.xml"] = sheet.get("results", {})
    out = io.BytesIO()
    book.save(out)
    return _with_results(out.getvalue(), results) if any(results.values()) else out.getvalue()


def _fill(page: Worksheet, sheet: dict[str, Any]) -> None:
    for r, line in enumerate(sheet["rows"], start=1):
        for c, value in enumerate(line, start=1):
            if value is None:
                continue
            cell = page.cell(r, c)
            cell.value = value
            if isinstance(value, str) and not value.startswith("="):
                cell.data_type = "s"
            if isinstance(value, dt.date):
                cell.number_format = "yyyy-mm-dd"
    for area in sheet.get("merges", ()):
        page.merge_cells(area)
    for ref, number_format in sheet.get("formats", {}).items():
        page[ref].number_format = number_format
    for row in sheet.get("hidden_rows", ()):
        page.row_dimensions[row].hidden = True
    for column in sheet.get("hidden_cols", ()):
        page.column_dimensions[column].hidden = True
    if sheet.get("hidden"):
        page.sheet_state = "hidden"


def _with_results(data: bytes, results: dict[str, dict[str, Any]]) -> bytes:
    """The same package with the results that a spreadsheet program stores beside its formulas."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            content = old.read(item)
            known = results.get(item)
            if known:
                content = _FORMULA.sub(lambda m, known=known: _stored(m, known), content.decode()).encode()  # type: ignore[misc]
            new.writestr(item, content)
    return out.getvalue()


def _stored(match: re.Match[str], known: dict[str, Any]) -> str:
    value = known.get(match[2])
    if value is None:
        return match[0]
    kind = ' t="e"' if str(value).startswith("#") else ' t="str"' if isinstance(value, str) else ""
    return f"{match[1]}{kind}{match[3]}<v>{value}</v>"
