"""One sheet of any workbook format (xlsx, xls, SpreadsheetML) as a table, its text and its remarks.

Row numbers and cell names stay those of the file; hidden rows, columns and sheets are read and flagged; cells so far
from the rest that they belong to no table are read as notes.
"""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from extractors.document import Anchor, Cell, Table
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.grid import column_name
from extractors.formats.xlsx_sheet import SheetCells

DEFAULT_NAME = re.compile(r"(?:sheet|工作表)\s*\d*", re.IGNORECASE)


def add_sheet(draft: Draft, sheet: SheetCells, name: str) -> None:
    """One sheet as a table and as text. A sheet without any cell gives nothing but a notice when it is hidden."""
    title = sheet.info.name
    if sheet.misplaced:
        draft.notice(
            "cells_out_of_bounds",
            f"文件“{name}”的工作表“{title}”有{sheet.misplaced}个单元格位置不合规，未读取。",
            anchor=Anchor(sheet=title),
            partial=True,
        )
    if not sheet.cells:
        return
    inside, strays = _bounds(sheet)
    rows = [c[0] for c in inside]
    cols = [c[1] for c in inside]
    top, left, bottom, right = min(rows), min(cols), max(rows), max(cols)
    spans, covered = _spans(sheet, top, left, bottom, right)
    bottom = min(max([bottom] + [a[0] + s[0] - 1 for a, s in spans.items()]), bottom + limits.STRAY_ROW_GAP)
    right = min(max([right] + [a[1] + s[1] - 1 for a, s in spans.items()]), right + limits.STRAY_COL_GAP)
    cells = []
    for place in sorted(inside):
        cell = sheet.cells[place]
        row_span, col_span = spans.get(place, (1, 1))
        cells.append(
            msgspec.structs.replace(
                cell,
                row=place[0] - top,
                col=place[1] - left,
                row_span=row_span,
                col_span=col_span,
                hidden=place[0] in sheet.hidden_rows or sheet.col_is_hidden(place[1]),
            )
        )
    table = Table(
        index=len(draft.tables) + 1,
        rows=bottom - top + 1,
        cols=right - left + 1,
        cells=tuple(cells),
        sheet=title,
        first_row=top + 1,
        first_col=left + 1,
        hidden=sheet.info.hidden,
        hidden_rows=tuple(sorted(r - top for r in sheet.hidden_rows if top <= r <= bottom)),
        hidden_cols=tuple(c - left for c in range(left, right + 1) if sheet.col_is_hidden(c)),
    )
    if title and not DEFAULT_NAME.fullmatch(title):
        draft.paragraph(title, Anchor(sheet=title), kind="heading")

    def anchor(cell: Cell) -> Anchor:
        return Anchor(sheet=title, table=table.index, cell=cell.ref)

    draft.table(table, anchor, row_blocks=len(cells) > limits.MAX_CELL_BLOCKS)
    for place in sorted(strays):
        cell = sheet.cells[place]
        draft.paragraph(cell.text or cell.formula or "-", Anchor(sheet=title, cell=cell.ref), kind="note")
    errors = [c.ref for c in table.cells if c.value_type == "error"]
    remarks(draft, sheet, table, errors, [sheet.cells[p].ref for p in sorted(strays)], covered, name)


def _bounds(sheet: SheetCells) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Cells of the table and cells so far off that they belong to no table (and would blow the grid up)."""
    rows = _cut(Counter(r for r, _ in sheet.cells), limits.STRAY_ROW_GAP)
    cols = _cut(Counter(c for r, c in sheet.cells if r in rows), limits.STRAY_COL_GAP)
    inside = [p for p in sheet.cells if p[0] in rows and p[1] in cols]
    high = max(p[0] for p in inside) - min(p[0] for p in inside) + 1
    wide = max(p[1] for p in inside) - min(p[1] for p in inside) + 1
    if high * wide > max(limits.MAX_GRID_CELLS, 4 * len(inside)):
        # scattered over a huge area: keep the columns and rows that most cells share
        first = min(p[1] for p in inside)
        inside = [p for p in inside if (p[1] - first + 1) * high <= limits.MAX_GRID_CELLS]
    kept = set(inside)
    return inside, [p for p in sheet.cells if p not in kept]


def _cut(cells: Counter[int], gap: int) -> set[int]:
    """The rows (or columns) of the group that holds most cells; groups are parted by more than `gap` empty ones."""
    groups: list[list[int]] = [[]]
    for value in sorted(cells):
        if groups[-1] and value - groups[-1][-1] > gap:
            groups.append([])
        groups[-1].append(value)
    return set(max(groups, key=lambda group: sum(cells[value] for value in group)))


def _spans(
    sheet: SheetCells, top: int, left: int, bottom: int, right: int
) -> tuple[dict[tuple[int, int], tuple[int, int]], list[str]]:
    """Row and column spans by top-left cell, and names of cells with content under a merged area."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: list[str] = []
    for r0, c0, r1, c1 in sheet.merges:
        r1, c1 = min(r1, bottom), min(c1, right)
        if r0 < top or c0 < left or r1 < r0 or c1 < c0:
            continue
        if (r0, c0) in sheet.cells:
            spans[r0, c0] = (r1 - r0 + 1, c1 - c0 + 1)
        if (r1 - r0 + 1) * (c1 - c0 + 1) <= limits.MAX_COVERED_AREA:
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    if (r, c) != (r0, c0) and (r, c) in sheet.cells:
                        covered.append(sheet.cells[r, c].ref)
    return spans, covered


def remarks(
    draft: Draft,
    sheet: SheetCells,
    table: Table,
    errors: list[str],
    strays: list[str],
    covered: list[str],
    name: str,
) -> None:
    """Says what is odd about a sheet: hidden parts, formulas without a result, and cells of the kinds listed."""
    title = sheet.info.name
    where = f"文件“{name}”的工作表“{title}”"

    def say(code: str, message: str, cell: str | None = None, partial: bool = False) -> None:
        draft.notice(code, where + message, anchor=Anchor(sheet=title, cell=cell), partial=partial)

    if sheet.info.hidden:
        say("hidden_sheet", "是隐藏工作表，已一并读取，请核对是否应当采用。")
    if table.hidden_rows:
        numbers = "、".join(str(r + table.first_row) for r in table.hidden_rows[:10])
        say("hidden_rows", f"有{len(table.hidden_rows)}个隐藏行（第{numbers}行），已一并读取，请核对。")
    if table.hidden_cols:
        letters = "、".join(column_name(c + table.first_col - 1) for c in table.hidden_cols[:10])
        say("hidden_cols", f"有{len(table.hidden_cols)}个隐藏列（{letters}列），已一并读取，请核对。")
    if sheet.no_value:
        say(
            "formula_without_value",
            f"有{len(sheet.no_value)}个公式没有保存计算结果（如{sheet.no_value[0]}），请用Excel打开保存后重新报送。",
            sheet.no_value[0],
            True,
        )
    if errors:
        say("error_cells", f"有{len(errors)}个单元格是错误值（如{errors[0]}），请订正。", errors[0])
    if strays:
        say("stray_cells", f"有{len(strays)}个单元格远离表格（如{strays[0]}），只读出文字，未计入表格。", strays[0])
    if covered:
        say("covered_cells", f"合并单元格下面另有内容（如{covered[0]}），已一并读取，请核对。", covered[0])
