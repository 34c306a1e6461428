"""Whatever a grid holds, reading it ends, quickly and without an exception; nothing is invented."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Cell, Table
from extractors.facts import Context
from extractors.ledger import extract, is_ledger
from extractors.ledger.words import lexicon
from tests.extractors.ledger.factory import document, table

WORDS = sorted(lexicon().leaves)
texts = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            "合计",
            "小计",
            "同上",
            "〃",
            "1",
            "2",
            "3=1+2",
            "单位：万元",
            "注：",
            "填表人：",
            "无",
            "/",
            "√",
            "12.5",
            "2022.1",
            "#REF!",
        ]
    ),
    st.text(max_size=12),
    st.none(),
    st.integers(-10, 10**13),
)


@st.composite
def grids(draw: st.DrawFn) -> Table:
    rows = draw(st.lists(st.lists(texts, max_size=8), max_size=14))
    merges: list[str] = []
    if rows and len(rows[0]) % 2:
        top = draw(st.integers(0, len(rows) - 1))
        left = draw(st.integers(0, 6))
        merges.append(f"{chr(65 + left)}{top + 1}:{chr(66 + left)}{draw(st.integers(top + 1, len(rows)))}")
    return table(rows, merges=merges, sheet="明细" if len(rows) % 2 else None)


@settings(max_examples=300, deadline=None)
@given(grids())
def test_no_grid_breaks_the_reader(grid: Table) -> None:
    doc = document(grid)
    is_ledger(doc)
    for found in extract(doc, Context()) or ():
        numbers = [r.row for r in found.rows] + [t.row for t in found.totals]
        assert len(set(numbers)) == len(numbers)
        shown = {c.text for c in grid.cells}
        for row in found.rows:
            for value in row.values.values():
                assert value.raw in shown or not value.raw or ";" in value.raw
                assert value.value != ""


def test_a_merge_over_the_whole_sheet_is_cut_and_said() -> None:
    header = table([["单位：元"], ["拖欠单位", "债权企业", "拖欠金额"], ["甲局", "一公司", 5]])
    huge = Cell(row=3, col=0, text="x", row_span=1_048_573, col_span=16_384, ref="A4")
    grid = Table(index=1, rows=1_048_576, cols=16_384, cells=(*header.cells, huge), sheet="Sheet1")
    found = extract(document(grid), Context())
    assert found is not None
    assert found[0].rows[0].values["arrears_amount_yuan"].value == Decimal(5)
    assert "merges_cut" in {f.kind for f in found[0].flags}
