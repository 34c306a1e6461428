"""Every layout of `tests/specs/ledger_layouts.yml` read and compared, field by field."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.facts import Context, Flag, LedgerRow, LedgerTable, LedgerTotal
from extractors.ledger import extract
from tests.extractors.ledger.factory import document, table

SPECS = Path(__file__).parents[2] / "specs" / "ledger_layouts.yml"
CASES: list[dict[str, Any]] = yaml.safe_load(SPECS.read_text(encoding="utf-8"))
META = ("title", "unit", "reporting_unit", "report_type", "about")


def plain(value: Any) -> Any:
    """Expected and found values in one comparable form: numbers as Decimal, dates as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return Decimal(str(value))
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return str(value)


def compare(found: LedgerRow | LedgerTotal, expected: dict[str, Any]) -> None:
    for field, value in expected.items():
        if field == "row":
            assert found.row == value
        elif field == "label":
            assert isinstance(found, LedgerTotal)
            assert found.label == value
        elif field == "extra":
            assert isinstance(found, LedgerRow)
            assert found.extra == value
        else:
            got = found.values.get(field)
            assert plain(got.value if got else None) == plain(value), f"row {found.row}: {field}"


def flags_of(found: LedgerTable) -> list[tuple[object, Flag]]:
    out: list[tuple[object, Flag]] = [("table", f) for f in found.flags]
    out += [(row.row, f) for row in found.rows for f in row.flags]
    out += [(total.row, f) for total in found.totals for f in total.flags]
    return out


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_layout(case: dict[str, Any]) -> None:
    is_csv = case.get("csv", False)
    doc = document(table(case["rows"], merges=case.get("merges", ())), fmt="csv" if is_csv else "xlsx")
    tables = extract(doc, Context())
    if case["expect"] is None:
        assert tables is None
        return
    assert tables is not None
    assert len(tables) == len(case["expect"])
    for found, expected in zip(tables, case["expect"], strict=True):
        for name in META:
            if name in expected:
                assert getattr(found, name) == expected[name], name
        for name in ("as_of", "report_date"):
            if name in expected:
                assert str(getattr(found, name)) == str(expected[name])
        if "signatures" in expected:
            assert list(found.signatures) == expected["signatures"]
        if "rows" in expected:
            assert [r.row for r in found.rows] == [r["row"] for r in expected["rows"]]
            for row, want in zip(found.rows, expected["rows"], strict=True):
                compare(row, want)
        if "totals" in expected:
            assert len(found.totals) == len(expected["totals"])
            for total, want in zip(found.totals, expected["totals"], strict=True):
                compare(total, want)
        flags = flags_of(found)
        for place, kind, field in expected.get("flags", ()):
            assert any(p == place and f.kind == kind and (field is None or f.field == field) for p, f in flags), (
                place,
                kind,
                field,
                [(p, f.kind, f.field) for p, f in flags],
            )
        for kind in expected.get("absent_flags", ()):
            assert not [(p, f.message) for p, f in flags if f.kind == kind]
        for _, flag in flags:
            assert flag.message.endswith("。"), flag
