"""The sample inbox is what its script writes, and the trouble told of in its README is really there."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from samples import build
from samples.debts import Debt, jingde, jixi, total
from warehouse.uscc import check_character

README = (build.HOME.parent / "README.md").read_text(encoding="utf-8")


def by_contract(debts: list[Debt]) -> dict[str, Debt]:
    """Debts keyed by contract number, which is unique within a ledger."""
    found = {d.contract_no: d for d in debts}
    assert len(found) == len(debts)
    return found


def test_committed_files_are_what_the_script_writes(tmp_path: Path) -> None:
    written = {p.name: p.read_bytes() for p in build.build(tmp_path / "inbox")}
    committed = {p.name: p.read_bytes() for p in build.HOME.iterdir()}
    assert sorted(written) == sorted(committed)
    assert [name for name, data in written.items() if committed[name] != data] == []


def test_inbox_holds_every_common_format() -> None:
    names = [p.name for p in build.HOME.iterdir()]
    assert len(names) >= 14
    assert {n.rpartition(".")[2] for n in names} == {"txt", "html", "docx", "pdf", "xlsx", "csv", "eml", "zip"}


def test_readme_names_every_file() -> None:
    for path in build.HOME.iterdir():
        base = path.name.partition("_2026年7月")[0] if path.name.startswith("台账") else path.name
        assert base in README, path.name


def test_only_the_planted_credit_code_is_wrong() -> None:
    books = (*jixi(), *jingde())
    codes = {(d.contract_no, c) for book in books for d in book for c in (d.debtor_code, d.creditor_code)}
    assert {contract for contract, c in codes if check_character(c[:17]) != c[17]} == {"JX-2022-005"}


def test_debts_add_up_except_where_planted() -> None:
    for book in (*jixi(), *jingde()):
        for d in book:
            assert 0 <= d.repaid <= d.undisputed <= d.arrears <= d.contract_amount
            assert d.undisputed + d.disputed == d.arrears


def test_what_changes_between_the_months_is_what_the_readme_says() -> None:
    for before, after in (jixi(), jingde()):
        first, second = by_contract(before), by_contract(after)
        gone = {c for c in first if c not in second and first[c].remaining > 0}
        relabelled = {c for c in first.keys() & second.keys() if first[c].disputed != second[c].disputed}
        shrunk = {c for c in first.keys() & second.keys() if second[c].repaid < first[c].repaid}
        expected = (
            ({"JX-2022-010"}, {"JX-2021-015"}, set()) if "JX-2022-010" in first else (set(), set(), {"JD-2021-006"})
        )
        assert (gone, relabelled, shrunk) == expected


@pytest.mark.parametrize(("month", "encoding", "slip"), [(6, "gb18030", 0), (7, "utf-8-sig", 36000)])
def test_printed_total_of_the_flat_ledger(month: int, encoding: str, slip: int) -> None:
    text = (build.HOME / f"台账_旌德县_2026年{month}月.csv").read_bytes().decode(encoding)
    rows = list(csv.reader(io.StringIO(text)))
    header = next(r for r in rows if r[0] == "序号")
    column = header.index("未偿还金额（元）")
    lines = [Decimal(r[column].replace(",", "")) for r in rows if r[0].isdigit()]
    printed = next(Decimal(r[column].replace(",", "")) for r in rows if r[0] == "合计")
    assert sum(lines) == total(jingde()[month - 6], "remaining")
    assert printed - sum(lines) == slip


def test_workbook_is_laid_out_as_offices_do() -> None:
    sheet = openpyxl.load_workbook(build.HOME / "台账_绩溪县_2026年6月.xlsx").worksheets[0]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A3:A4", "B3:D3", "M3:O3"} <= merged
    values = [[c.value for c in row] for row in sheet.iter_rows(min_row=5)]
    lines = [row for row in values if isinstance(row[0], int)]
    (printed,) = [row for row in values if row[0] == "合计"]
    assert 15 <= len(lines) <= 40
    for column in (12, 13, 14, 20, 21):
        assert sum(Decimal(str(row[column])) for row in lines) == Decimal(str(printed[column]))


def test_readme_tells_of_each_planted_contract() -> None:
    for contract in ("JX-2022-010", "JX-2021-015", "JX-2022-005", "JX-2022-018", "JD-2021-006", "JD-2024-012"):
        assert contract in README
    vanished = by_contract(jixi()[0])["JX-2022-010"].remaining / 10000
    assert f"{vanished} 万元" in README
