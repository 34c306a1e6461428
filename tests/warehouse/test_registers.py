"""Companies, repayments, complaints, disclosures, duties, statutes: what is derived beside the ledgers themselves."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.clocks import clock_tables
from tests.warehouse.makers import circular, debt, ledger, put
from validators.statutes.rulebook import BEFORE_ANY, lpr_table, rulebook
from warehouse.build import Inputs, add_rows, build_candidate
from warehouse.clock_inputs import clock_inputs

JAN, FEB, MAR = dt.date(2031, 1, 31), dt.date(2031, 2, 28), dt.date(2031, 3, 31)
CODE, OTHER = "91110000802100433B", "9144030071526726XG"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("registers")
    first = [
        debt("甲局", "一建公司", 100, 100, creditor_uscc=CODE, contract_no="H1"),
        debt("甲局", "二路公司", 50, 40, contract_no="H2"),
        debt("乙局", "同名公司", 10, 10, creditor_uscc=CODE, contract_no="H3"),
        debt("丙局", "同名公司", 10, 10, creditor_uscc=OTHER, contract_no="H4"),
        debt("丁局", "同名公司", 10, 10, contract_no="H5"),
    ]
    second = [
        debt("甲局", "一建集团", 100, 70, creditor_uscc=CODE, contract_no="H1", repaid_date="2031-02-09"),
        debt("甲局", "二路公司", 50, 45, contract_no="H2"),
        debt("戊局", "二 路 公司", 5, 5, contract_no="H6"),
    ]
    listed = [
        {"disclosing_unit": "甲局", "debtor_type": "机关", "year": 2030, "publish_date": "2031-04-02",
         "amount_yuan": Decimal(0), "contract_count": 0},
    ]  # fmt: skip
    complained = [{"creditor_name": "一建集团", "debtor_name": "甲局", "accepted_date": "2031-01-06",
                   "transferred_date": "2031-01-10", "complaint_no": "T1"}]  # fmt: skip
    parts = [
        put(home, "1.xlsx", ledger(first, JAN)),
        put(home, "2.xlsx", ledger(second, FEB)),
        put(home, "3.xlsx", ledger(listed, MAR, about="disclosure", title="披露")),
        put(home, "4.xlsx", ledger(complained, MAR, about="complaint", title="投诉")),
        put(home, "c.txt", circular(), format="txt", text="文" * 120),
    ]
    candidate = build_candidate(home, Inputs(parts=parts))
    return add_rows(candidate, clock_tables(clock_inputs(candidate.path))).path


@pytest.fixture
def ask(path: Path) -> Any:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return rows


def test_a_company_is_its_code_under_every_name(ask: Any) -> None:
    companies = ask(f"SELECT name, other_names, is_creditor, is_debtor FROM companies WHERE uscc = '{CODE}'")
    assert companies == [("一建集团", "一建公司、同名公司", True, False)]
    names = "SELECT name, first_as_of_date, last_as_of_date FROM company_names WHERE uscc = '{}' ORDER BY name"
    assert ask(names.format(CODE)) == [("一建公司", JAN, JAN), ("一建集团", FEB, MAR), ("同名公司", JAN, JAN)]


def test_a_name_two_companies_share_is_given_to_neither(ask: Any) -> None:
    found = ask("SELECT uscc, row_count FROM company_names WHERE name = '同名公司' ORDER BY uscc NULLS LAST")
    assert found == [(CODE, 1), (OTHER, 1), (None, 1)]


def test_a_name_written_otherwise_is_one_company(ask: Any) -> None:
    assert ask("SELECT name, other_names, row_count FROM companies WHERE name LIKE '二%'") == [
        ("二 路 公司", "二路公司", 3)
    ]


def test_repayments_tell_day_amount_and_a_sum_that_fell(ask: Any) -> None:
    found = ask(
        "SELECT d.contract_no, r.as_of_date, r.paid_date, r.is_exact_day, r.paid_amount_yuan, r.total_repaid_yuan "
        "FROM repayments r JOIN debts d USING (debt_id) ORDER BY 1, 2"
    )
    assert found == [
        ("H1", FEB, dt.date(2031, 2, 9), True, 30, 30),
        ("H2", JAN, JAN, False, 10, 10),
        ("H2", FEB, FEB, False, -5, 5),
    ]


def test_complaints_and_disclosures_stand_beside_their_limits(ask: Any) -> None:
    columns = "complaint_no, debtor_name, is_transfer_late, result_due_date, is_result_late, rule_version"
    assert ask(f"SELECT {columns} FROM complaints") == [
        ("T1", "甲局", False, dt.date(2031, 2, 5), True, "802-2025-06-01")
    ]
    columns = "disclosing_unit, year, is_nil, limit_date, publish_date, is_late, article"
    assert ask(f"SELECT {columns} FROM disclosures") == [
        ("甲局", 2030, True, MAR, dt.date(2031, 4, 2), True, "第十八条第一款")
    ]


def test_duties_are_instances_with_each_unit(ask: Any) -> None:
    found = ask("SELECT unit, due_date FROM duties WHERE action = '报送台账' ORDER BY unit")
    assert found == [("县工程办", dt.date(2031, 2, 28)), ("县财务办", dt.date(2031, 2, 28))]
    # 每月5日前 names nobody: its days are there all the same
    assert ask("SELECT count(*) > 3, count(unit) FROM duties WHERE is_recurring") == [(True, 0)]


def test_units_know_the_words_and_days_they_are_named_by(ask: Any) -> None:
    found = ask("SELECT name, aliases, first_named_date FROM units WHERE unit_id = 'u1'")
    assert found == [("某县财务办公室", '["县财务办"]', dt.date(2031, 2, 3))]


def test_the_law_s_numbers_can_be_looked_up_by_the_version_of_a_row(ask: Any) -> None:
    assert ask("SELECT count(*) FROM row_clocks c ANTI JOIN statutes s USING (rule_version)") == [(0,)]
    found = ask(
        "SELECT rule_version, days, longest_days, valid_to_date FROM statutes "
        "WHERE statute_rule = 'payment' AND debtor_class = 'organ' ORDER BY valid_from_date"
    )
    assert found == [
        ("728-2020-09-01", 30, 60, dt.date(2025, 5, 31)),
        ("802-2025-06-01", 30, 60, None),
    ]
    told = {v.version for v in rulebook().versions} - {BEFORE_ANY}
    assert {row[0] for row in ask("SELECT DISTINCT rule_version FROM statutes")} == told
    assert ask("SELECT DISTINCT daily_rate FROM statutes WHERE statute_rule = 'interest'") == [(Decimal("0.000500"),)]


@pytest.mark.parametrize("day", [dt.date(2020, 2, 19), dt.date(2020, 2, 20), dt.date(2024, 12, 31)])
def test_loan_prime_rates_are_those_of_the_table(ask: Any, day: dt.date) -> None:
    found = ask(f"SELECT yearly_rate FROM lpr_rates WHERE DATE '{day}' BETWEEN valid_from_date AND valid_to_date")
    assert found == [(lpr_table().on(day),)]
