"""A bulk as a table of the document: its merged areas, the text of its first rows, its remarks."""

from __future__ import annotations

from collections.abc import Iterator

from extractors.bulk import BLANK, Bulk
from extractors.document import Anchor, Table
from extractors.formats import limits
from extractors.formats.draft import Draft, one_line
from extractors.formats.sheet_tables import DEFAULT_NAME, remarks
from extractors.formats.xlsx_bulk import keep_odd
from extractors.formats.xlsx_sheet import SheetCells

_ROWS_AT_ONCE = 2_000


def add_bulk(draft: Draft, bulk: Bulk, sheet: SheetCells, name: str) -> int:
    """One large sheet as a table and as text; returns how many cells hold something."""
    title = sheet.info.name
    covered = _merge(bulk, sheet)
    table = Table(
        index=len(draft.tables) + 1,
        rows=bulk.rows,
        cols=bulk.cols,
        cells=(),
        sheet=title,
        first_row=bulk.first_row,
        first_col=bulk.first_col + 1,
        hidden=sheet.info.hidden,
        hidden_rows=tuple(sorted(bulk.hidden_rows)),
        hidden_cols=tuple(sorted(bulk.hidden_cols)),
        bulk=bulk,
    )
    if title and not DEFAULT_NAME.fullmatch(title):
        draft.paragraph(title, Anchor(sheet=title), kind="heading")
    draft.tables.append(table)
    write_text(draft, table, bulk, f"文件“{name}”的工作表“{title}”")
    errors = [c.ref for row in bulk.odd.values() for c in row.values() if c.value_type == "error"]
    remarks(draft, sheet, table, errors, [], covered, name)
    return bulk.filled()


def _merge(bulk: Bulk, sheet: SheetCells) -> list[str]:
    """Makes the top-left cells of merged areas cells of their own; returns cells with content under such an area."""
    covered: list[str] = []
    top, left = bulk.first_row - 1, bulk.first_col
    for r0, c0, r1, c1 in sheet.merges:
        first_row, first_col = r0 - top, c0 - left
        last_row, last_col = min(r1 - top, bulk.rows - 1), min(c1 - left, bulk.cols - 1)
        if first_row < 0 or first_col < 0 or last_row < first_row or last_col < first_col:
            continue
        cell = bulk.cell(first_row, first_col)
        if cell is not None:
            keep_odd(bulk, first_row, first_col, cell, last_row - first_row + 1, last_col - first_col + 1)
        if (last_row - first_row + 1) * (last_col - first_col + 1) > 10_000:
            continue
        for r in range(first_row, last_row + 1):
            for c in range(first_col, last_col + 1):
                if (r, c) != (first_row, first_col) and bulk.columns[c].kind[r] != BLANK:
                    covered.append(bulk.ref(r, c))
    return covered


def write_text(draft: Draft, table: Table, bulk: Bulk, where: str) -> None:
    """The rows as tab-separated lines, a block each, up to `limits.BULK_TEXT_CHARS`; what is not repeated is said."""
    begun = draft.length
    for row, line in _lines(bulk):
        if not line.strip():
            continue
        draft.end_line()
        lead = len(line) - len(line.lstrip("\t"))
        draft.raw(line[:lead])
        cell = bulk.ref(row, lead)
        draft.run(line[lead:], Anchor(sheet=table.sheet, table=table.index, cell=cell), kind="table", table=table.index)
        if draft.length - begun > limits.BULK_TEXT_CHARS and row + 1 < bulk.rows:
            draft.notice(
                "text_shortened",
                f"{where}很大，全文只列出前{row + bulk.first_row}行；其余各行已照常读入，可在明细中查看。",
                anchor=Anchor(sheet=table.sheet, table=table.index),
            )
            break
    draft.end_line()


def _lines(bulk: Bulk) -> Iterator[tuple[int, str]]:
    for start in range(0, bulk.rows, _ROWS_AT_ONCE):
        end = min(start + _ROWS_AT_ONCE, bulk.rows)
        texts = [bulk.texts(c, start, end) for c in range(bulk.cols)]
        for k, line in enumerate(zip(*texts, strict=True)):
            yield start + k, "\t".join(map(one_line, line)).rstrip("\t")
