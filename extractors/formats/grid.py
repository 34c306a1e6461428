"""Grids shared by the readers: column names, and cells laid out from rows with spans (as HTML lays them out)."""

from __future__ import annotations

import functools

import msgspec

from extractors.document import Cell, Table
from extractors.formats import limits


@functools.lru_cache(maxsize=16_384)
def column_name(col: int) -> str:
    """Spreadsheet letters of a column counted from 0: 0 -> A, 26 -> AA."""
    out = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        out = chr(65 + rest) + out
    return out


class Raw(msgspec.Struct, kw_only=True):
    """A cell as the source gives it in its row: text and spans, before its column is known.

    `col` fixes the column where the source knows it (docx grid); None means the next free one (html).
    """

    text: str
    row_span: int = 1
    col_span: int = 1
    col: int | None = None
    hidden: bool = False


def lay_out(index: int, rows: list[list[Raw]]) -> Table:
    """A table from rows of raw cells; refs are `r1c1`. Cells that would overlap move to the next free column."""
    taken: set[tuple[int, int]] = set()
    cells = []
    width = 0
    for r, row in enumerate(rows):
        at = 0
        for raw in row:
            if raw.col is not None:
                at = raw.col
            while (r, at) in taken:
                at += 1
            row_span = min(max(raw.row_span, 1), len(rows) - r)
            col_span = min(max(raw.col_span, 1), limits.MAX_COL_SPAN)
            if len(taken) + row_span * col_span > limits.MAX_SPANNED:
                row_span = col_span = 1
            if row_span > 1 or col_span > 1:
                # a span stops where another cell already stands
                while col_span > 1 and any((r, at + k) in taken for k in range(1, col_span)):
                    col_span -= 1
                for i in range(row_span):
                    for k in range(col_span):
                        taken.add((r + i, at + k))
            else:
                taken.add((r, at))
            cells.append(
                Cell(
                    row=r,
                    col=at,
                    text=raw.text,
                    row_span=row_span,
                    col_span=col_span,
                    value=raw.text or None,
                    value_type="text" if raw.text else None,
                    ref=f"r{r + 1}c{at + 1}",
                    hidden=raw.hidden,
                )
            )
            at += col_span
            width = max(width, at)
    return Table(index=index, rows=len(rows), cols=width, cells=tuple(cells))
