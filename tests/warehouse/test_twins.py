"""A workbook and its stamped scan, a ledger handed in twice: one debt each, whatever the scanner misread."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from extractors.facts import Facts
from tests.warehouse.makers import NIGHT, built, debt, ledger, put
from warehouse.parts import Manifest
from warehouse.twins import Row, is_same

JAN, FEB = dt.date(2031, 1, 31), dt.date(2031, 2, 28)
BOOK = [
    debt("云河县教育局", "云河第一建筑有限公司", 100, 100, contract_no="HT-1"),
    debt("云河县水利局", "云河第二商贸有限公司", 200, 150, contract_no="HT-2"),
    debt("云河县水利局", "云河第三运输有限公司", 300, 300, contract_no="HT-3"),
]


def scan(rows: list[dict[str, Any]], as_of: dt.date | None = JAN, **changes: Any) -> Facts:
    return ledger(rows, as_of, sheet=None, **changes)


def with_row(position: int, **changes: Any) -> list[dict[str, Any]]:
    return [r | (changes if i == position else {}) for i, r in enumerate(BOOK)]


def debts(home: Path, parts: list[Manifest]) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(built(home, parts).path), read_only=True) as connection:
        return connection.execute("SELECT debt_id, creditor_name FROM debts ORDER BY creditor_name").fetchall()


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        (BOOK, {}),
        (with_row(1, arrears_amount_yuan=Decimal(250)), {}),
        (with_row(2, creditor_name="云河第三运输有限公可"), {}),
        (with_row(2, creditor_name="云河第三运榆有限公司", contract_no="HT-8"), {}),
        (with_row(0, contract_no="HT-I"), {}),
        (BOOK, {"as_of": None}),
        (BOOK, {"title": "扫描件", "region": None}),
        (with_row(2, creditor_name="云河第三运榆有限公司"), {"title": "扫描件", "region": None}),
    ],
    ids=["same", "amount", "creditor", "creditor and contract", "contract", "no date", "no title or region", "all"],
)
def test_a_second_version_makes_no_second_debt(
    tmp_path: Path, rows: list[dict[str, Any]], changes: dict[str, Any]
) -> None:
    book = put(tmp_path, "台账.xlsx", ledger(BOOK, JAN))
    parts = [book, put(tmp_path, "台账（盖章）.pdf", scan(rows, **changes))]
    both = debts(tmp_path, parts)
    assert len(both) == len(debts(tmp_path, [book])) == 3
    assert debts(tmp_path, parts[::-1]) == both


def test_ids_hold_when_the_scan_comes_a_night_later(tmp_path: Path) -> None:
    book = put(tmp_path, "1.xlsx", ledger(BOOK, JAN))
    later = put(
        tmp_path,
        "1.pdf",
        scan(with_row(1, creditor_name="云河第二商货有限公司"), title="另一标题"),
        first_seen_date=NIGHT + dt.timedelta(days=1),
    )
    march = put(tmp_path, "2.xlsx", ledger(BOOK, FEB), first_seen_date=NIGHT + dt.timedelta(days=2))
    alone = [d[0] for d in debts(tmp_path, [book])]
    assert [d[0] for d in debts(tmp_path, [march, later, book])] == alone


def test_ledgers_of_other_offices_counties_and_months_stay_apart(tmp_path: Path) -> None:
    book = put(tmp_path, "1.xlsx", ledger(BOOK, JAN, reporting_unit="云河县清欠办"))
    for name, other in {
        "office": scan(BOOK, reporting_unit="云河县住房和城乡建设局"),
        "county": scan(BOOK, region="990102", title="别县"),
        "size": scan(BOOK[:1], title="只有一笔"),
    }.items():
        found = debts(tmp_path, [book, put(tmp_path, f"{name}.pdf", other)])
        expected = {"office": 3, "county": 6, "size": 3}[name]
        assert len(found) == expected, name


def row(position: int, debtor: str, creditor: str, what: str, amount: int | None) -> Row:
    return Row(f"r{position}{creditor}", position, debtor, creditor, what, amount, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (row(1, "甲局", "乙公司", "a", 5), row(1, "甲局", "乙公司", "b", 6), True),
        (row(1, "甲局", "乙公司", "a", 5), row(2, "甲局", "乙公司", "b", 6), False),
        (row(1, "甲局", "云河建筑有限公司", "a", 5), row(3, "甲局", "云河建巩有限公司", "a", 5), True),
        (row(1, "甲局", "云河建筑有限公司", "a", 5), row(3, "甲局", "云河建巩有限公司", "a", 6), False),
        (row(1, "甲局", "云河建筑有限公司", "a", 5), row(1, "甲局", "平川商贸公司", "a", 5), False),
        (row(1, "甲局", "", "a", 5), row(1, "甲局", "", "a", 5), False),
    ],
)
def test_which_rows_are_one_row_misread(one: Row, other: Row, same: bool) -> None:
    assert is_same(one, other) is same


@pytest.mark.parametrize("scanned", [f"{n}.pdf" for n in range(6)])  # their ids stand before the table's, or behind it
def test_a_table_leads_its_scan_whichever_id_comes_first(tmp_path: Path, scanned: str) -> None:
    book = put(tmp_path, "台账.xlsx", ledger(BOOK, None))
    next_night = {"first_seen_date": NIGHT + dt.timedelta(days=1)}
    misread = put(tmp_path, scanned, scan(with_row(2, creditor_name="云河第三运榆有限公司"), as_of=None), **next_night)
    table = put(tmp_path, "台账.csv", scan(BOOK, as_of=None), format="csv", **next_night)
    assert [d[0] for d in debts(tmp_path, [book, misread, table])] == [d[0] for d in debts(tmp_path, [book])]
