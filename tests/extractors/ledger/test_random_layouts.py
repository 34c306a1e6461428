"""A random canonical table drawn through a random layout must come back equal, whatever the county's habits.

`QINGQIAN_TEST_LAYOUTS` sets how many layouts are tried; the acceptance run takes 2000.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from extractors.facts import Context
from extractors.ledger import extract
from tests.extractors.ledger.drawing import Drawing, Layout, canonical, layouts

EXAMPLES = int(os.environ.get("QINGQIAN_TEST_LAYOUTS", "150"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(canonical(), layouts)
def test_a_random_table_comes_back_from_a_random_layout(rows: list[dict[str, object]], layout: Layout) -> None:
    drawing = Drawing(rows, layout)
    tables = extract(drawing.document(), Context())
    assert tables is not None
    assert len(tables) == 1
    found = tables[0]
    assert [r.row for r in found.rows] == drawing.where
    for number, (row, want) in enumerate(zip(found.rows, rows, strict=True), start=1):
        got = {f: row.values[f].value if f in row.values else None for f in drawing.fields}
        assert got == {f: want[f] for f in drawing.fields}
        assert row.extra == ({"内部备查码": f"备{number}"} if layout.extra_column else {})
    marked = [(f.kind, f.message) for t in found.totals for f in t.flags]
    assert not marked
    assert len(found.totals) == (layout.total != "none") + (layout.subtotals and len({r["debtor_name"] for r in rows}))
    stated = layout.grouped and layout.formula_row and layout.column_numbers
    assert [(c.field, c.mismatches) for c in found.formulas_checked] == (
        [("arrears_amount_yuan", ())] if stated else []
    )
