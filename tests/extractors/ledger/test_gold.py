"""The gold of `tests/gold/ledgers`: workbooks of different counties, every row, value, total, flag and formula.

Comparison is exact both ways: a value, row or flag that the gold does not know fails as much as one that is missing.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extractors.facts import Context, LedgerRow, LedgerTable, LedgerTotal
from extractors.ledger import extract
from extractors.read import read
from tests.extractors.ledger.workbooks import GOLD, load, workbook

FILES = sorted(GOLD.glob("*.yml"))
META = ("sheet", "title", "unit", "reporting_unit", "as_of", "report_date", "report_type", "about")


class Tally(msgspec.Struct):
    """What differs between a table and its gold, and how many values were compared."""

    compared: int = 0
    wrong: list[str] = []

    def same(self, where: str, found: object, expected: object) -> None:
        self.compared += 1
        if found != expected:
            self.wrong.append(f"{where}: found {found!r}, expected {expected!r}")


def plain(value: Any) -> Any:
    """Gold and extraction in one form: numbers exact, days as ISO text, ranges as lists."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return Decimal(str(value))
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value)


def values_of(row: LedgerRow | LedgerTotal) -> dict[str, Any]:
    return {f: plain(v.value) for f, v in row.values.items() if v.value is not None}


def expected_rows(table: dict[str, Any]) -> dict[int, dict[str, Any]]:
    more = table.get("more", {})
    return {
        number: {f: plain(v) for f, v in zip(table["fields"], line, strict=True) if v is not None}
        | {f: plain(v) for f, v in more.get(number, {}).items()}
        for number, line in table["rows"].items()
    }


def flags_of(table: LedgerTable) -> Counter[tuple[object, str, str | None]]:
    places: list[tuple[object, Any]] = [("table", table.flags)]
    places += [(r.row, r.flags) for r in (*table.rows, *table.totals)]
    return Counter((place, f.kind, f.field) for place, flags in places for f in flags)


def compare(found: LedgerTable, expected: dict[str, Any]) -> Tally:
    tally = Tally(wrong=[])
    for name in META:
        if name in expected:
            tally.same(name, plain(getattr(found, name)), plain(expected[name]))
    if "signatures" in expected:
        tally.same("signatures", list(found.signatures), expected["signatures"])
    rows = expected_rows(expected)
    tally.same("row numbers", [r.row for r in found.rows], list(rows))
    for row in found.rows:
        want, got = rows.get(row.row, {}), values_of(row)
        for field in sorted(want.keys() | got.keys()):
            tally.same(f"row {row.row} {field}", got.get(field), want.get(field))
        tally.same(f"row {row.row} extra", row.extra, expected.get("extra", {}).get(row.row, {}))
    totals = [{k: plain(v) for k, v in t.items()} for t in expected.get("totals", ())]
    tally.same("totals", [{"row": plain(t.row), "label": t.label, **values_of(t)} for t in found.totals], totals)
    tally.same("flags", flags_of(found), Counter((p, k, f) for p, k, f in expected["flags"]))
    tally.same("formulas", [f.formula for f in found.formulas_checked], expected.get("formulas", []))
    return tally


@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
def test_workbook(path: Path) -> None:
    spec = load(path)
    document = read(workbook(spec), f"{path.stem}.xlsx")
    tables = extract(document, Context(header_map=spec.get("header_map", {}))) or ()
    assert len(tables) == len(spec["expect"])
    for found, expected in zip(tables, spec["expect"], strict=True):
        tally = compare(found, expected)
        assert not tally.wrong, "\n".join(tally.wrong)
        assert tally.compared > 5
        for row in found.rows:
            for value in row.values.values():
                assert value.evidence.sheet == found.sheet
                assert value.cell


def test_the_gold_is_large_enough_and_each_workbook_says_what_it_is_for() -> None:
    assert len(FILES) >= 30
    assert len({load(p)["about"] for p in FILES}) == len(FILES)
