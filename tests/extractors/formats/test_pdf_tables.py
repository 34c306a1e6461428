"""Ruled tables of PDFs over pages: rows, spans and texts come back as they were before the page breaks."""

from __future__ import annotations

import pytest

from extractors.read import read
from tests.extractors.formats import long_tables


@pytest.mark.parametrize("repeat_header", [True, False])
@pytest.mark.parametrize("cut_rows", [True, False])
@pytest.mark.parametrize(("count", "every", "long"), [(80, 7, 3), (80, 30, 4), (80, 11, 1), (83, 1, 2)])
def test_a_ledger_of_eighty_rows_over_five_pages_is_one_table(
    count: int, every: int, long: int, cut_rows: bool, repeat_header: bool
) -> None:
    ledger = long_tables.ledger(count, every, long)
    document = read(long_tables.pdf(ledger, repeat_header=repeat_header, cut_rows=cut_rows), "台账.pdf")
    assert (document.pages or 0) >= 4
    (table,) = document.tables
    assert (table.rows, table.cols) == (count + 2, 5)
    grid = table.grid()
    assert [[c.text if c else None for c in row] for row in grid[2:]] == ledger.rows
    assert {c.row - 2: c.row_span for c in table.cells if c.col == 2 and c.row >= 2} == ledger.spans
    header = {(c.row, c.col): (c.text, c.row_span, c.col_span) for c in table.cells if c.row < 2}
    assert header[0, 1] == ("欠款单位", 1, 2)
    assert header[0, 0] == ("序号", 2, 1)
    assert [a.page for a in table.continues] == list(range(2, (document.pages or 0) + 1))
    assert all(a.bbox is not None for a in table.continues)
    assert not document.is_partial
    assert table.after == "填表单位：青山县财政局"


def test_every_cell_has_the_page_and_box_it_was_printed_in() -> None:
    ledger = long_tables.ledger()
    document = read(long_tables.pdf(ledger), "台账.pdf")
    (table,) = document.tables
    for cell in table.cells:
        assert cell.page is not None and cell.bbox is not None
        assert 79 < cell.bbox[0] < cell.bbox[2] < 520
        assert 60 < cell.bbox[1] < cell.bbox[3] < 775
    pages = [c.page or 0 for c in table.cells if c.col == 0]
    assert pages == sorted(pages)
    assert pages[-1] == document.pages
