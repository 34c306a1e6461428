"""Tables as they are kept after extraction: what a person needs to see a cell among its neighbours, and no more.

Ledgers are made of the whole grid before; afterwards a grid is looked at only beside a finding. A sheet of a million
rows would double what has to be kept, so past a budget of cells only the head of a table stays. Its other rows are
shown from the ledger rows made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from extractors.document import Cell, Document, Table

MOST_CELLS = 40_000
"""Cells kept of one document: a county's ledger of a thousand rows, or some three megabytes of JSON."""
HEAD_ROWS = 40
"""Rows kept of a table that is over the budget: title, header and the first records."""
MOST_CHARACTERS = 2_000
"""Of one cell's text; what stands beyond is in the document's own text."""


def kept_tables(document: Document) -> tuple[Table, ...]:
    """The document's tables, cells without their typed values; those past the budget cut to their first rows.

    A table that was cut says so by `kept_rows`.
    """
    out = []
    left = MOST_CELLS
    for table in document.tables:
        size = HEAD_ROWS * table.cols + 1 if table.bulk is not None else len(table.cells)
        rows = table.rows if table.bulk is None and size <= left else min(HEAD_ROWS, table.rows)
        cells = tuple(islice((_shown(c) for c in _cells(table) if c.row < rows), left))
        left -= len(cells)
        out.append(
            msgspec.structs.replace(table, cells=cells, bulk=None, kept_rows=None if rows == table.rows else rows)
        )
    return tuple(out)


def _cells(table: Table) -> Iterable[Cell]:
    return table.cells if table.bulk is None else _of_bulk(table)


def _of_bulk(table: Table) -> Iterator[Cell]:
    assert table.bulk is not None
    for row in range(min(HEAD_ROWS, table.rows)):
        yield from table.bulk.row(row).values()


def _shown(cell: Cell) -> Cell:
    text = cell.text if len(cell.text) <= MOST_CHARACTERS else cell.text[: MOST_CHARACTERS - 1] + "…"
    return msgspec.structs.replace(cell, text=text, value=None, value_type=None, number_format=None)
