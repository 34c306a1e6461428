"""Debts under another name or contract are linked only where one answer is possible; corrections are told from
complements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse.makers import NIGHT, built, debt, ledger, put

JAN, FEB, MAR = dt.date(2031, 1, 31), dt.date(2031, 2, 28), dt.date(2031, 3, 31)
Row = Mapping[str, Any]
CODE, OTHER = "911100000000000001", "911100000000000002"


def ask(home: Path, months: Sequence[Sequence[Row]], sql: str) -> list[tuple[Any, ...]]:
    parts = [
        put(home, f"{n}.xlsx", ledger(rows, day))
        for n, (rows, day) in enumerate(zip(months, (JAN, FEB, MAR), strict=False))
    ]
    with duckdb.connect(str(built(home, parts).path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


COUNT = "SELECT count(DISTINCT debt_id) FROM ledger_rows"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({"contract_no": "H1"}, {"contract_no": "H1", "debtor_name": "新局"}, "renamed_debtor"),
        ({"contract_no": "H1"}, {"contract_no": "H1", "creditor_name": "新公司"}, "renamed_creditor"),
        ({"project_name": "路"}, {"project_name": "路", "debtor_name": "新局"}, "renamed_debtor_amount"),
        ({"project_name": "路"}, {"project_name": "桥"}, "relabelled"),
        ({}, {"contract_no": "H1"}, "relabelled"),
        (
            {"contract_no": "H1", "debtor_uscc": CODE, "creditor_uscc": OTHER},
            {"contract_no": "H1", "debtor_uscc": CODE, "creditor_uscc": OTHER, "debtor_name": "新局",
             "creditor_name": "新公司", "arrears_amount_yuan": 7},
            "uscc_contract",
        ),
    ],
)  # fmt: skip
def test_one_debt_under_another_key(tmp_path: Path, before: Row, after: Row, reason: str) -> None:
    first = debt("某局", "甲公司", 100, 100) | before
    second = debt("某局", "甲公司", 100, 100) | after
    rows = ask(tmp_path, [[first], [second], [second]], "SELECT match_reason FROM ledger_rows ORDER BY as_of_date")
    assert rows == [("new",), (reason,), ("key",)]
    assert ask(tmp_path / "again", [[first], [second], [second]], COUNT) == [(1,)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # codes that differ are two companies, whatever the contract says
        (
            [debt("某局", "甲公司", 100, 100, contract_no="H1", debtor_uscc=CODE)],
            [debt("新局", "甲公司", 100, 100, contract_no="H1", debtor_uscc=OTHER)],
        ),
        # another project and another amount: nothing tells
        ([debt("某局", "甲公司", 100, 100, project_name="路")], [debt("某局", "甲公司", 90, 90, project_name="桥")]),
        # a debt that was cleared does not go on
        ([debt("某局", "甲公司", 100, 0, project_name="路")], [debt("某局", "甲公司", 100, 100, project_name="桥")]),
        # the old one is still there
        (
            [debt("某局", "甲公司", 100, 100, project_name="路")],
            [
                debt("某局", "甲公司", 100, 100, project_name="路"),
                debt("某局", "甲公司", 100, 100, project_name="桥"),
            ],
        ),
    ],
)
def test_what_is_not_the_same_debt(tmp_path: Path, before: list[Row], after: list[Row]) -> None:
    assert ask(tmp_path, [before, after], COUNT) == [(2,)]


def test_between_two_possible_answers_none_is_chosen(tmp_path: Path) -> None:
    before = [debt("某局", "甲公司", 100, 100, project_name="路")]
    after = [debt("某局", "甲公司", 100, 100, project_name=name) for name in ("桥", "渠")]
    assert ask(tmp_path, [before, after], COUNT) == [(3,)]


def test_a_split_needs_its_total_to_the_fen(tmp_path: Path) -> None:
    before = [debt("某局", "甲公司", "100.00", "100.00", contract_no="H1")]
    for home, second, found in ((tmp_path / "a", "39.99", 0), (tmp_path / "b", "40.00", 2)):
        after = [
            debt("某局", "甲公司", 60, 60, contract_no="H2"),
            debt("某局", "甲公司", second, second, contract_no="H3"),
        ]
        assert ask(home, [before, after], "SELECT count(*) FROM debt_lineage") == [(found,)]


def refiled(home: Path, later: list[Row], nights: int = 9) -> list[tuple[Any, ...]]:
    first = put(home, "1.xlsx", ledger([debt("甲", "A", 1, 1), debt("甲", "B", 2, 2)], JAN))
    kind = {} if later else {"report_type": "zero"}
    second = put(home, "2.xlsx", ledger(later, JAN, **kind), first_seen_date=NIGHT + dt.timedelta(days=nights))
    with duckdb.connect(str(built(home, [first, second]).path), read_only=True) as connection:
        return connection.execute("SELECT creditor_name, arrears_amount_yuan FROM debts ORDER BY 1").fetchall()


def test_a_ledger_filed_again_replaces_and_one_of_other_debts_completes(tmp_path: Path) -> None:
    assert refiled(tmp_path / "a", [debt("甲", "A", 5, 5)]) == [("A", 5)]
    assert refiled(tmp_path / "b", [debt("甲", "C", 5, 5)]) == [("A", 1), ("B", 2), ("C", 5)]
    assert refiled(tmp_path / "c", []) == []
    both = refiled(tmp_path / "d", [debt("甲", "A", 5, 5)], nights=0)  # two files of one night: neither is the later
    assert [name for name, _ in both] == ["A", "B"]
