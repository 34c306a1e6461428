"""Statutory clocks of a built warehouse, to the day and the fen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.clocks import clock_tables
from tests.warehouse.makers import debt, ledger, put
from validators.statutes.reasons import REASONS
from warehouse.build import Inputs, add_rows, build_candidate
from warehouse.clock_inputs import clock_inputs

JULY, AUGUST, SEPTEMBER = dt.date(2025, 7, 31), dt.date(2025, 8, 31), dt.date(2025, 9, 30)
DELIVERED = {"delivery_date": "2025-06-10"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("clocks")

    def month(day: dt.date, left: int, **repaid: Any) -> None:
        rows = [
            debt("甲局", "一", 100000, left, debtor_type="机关", **DELIVERED, **repaid),
            debt("乙企", "二", 100000, 100000, debtor_type="国企", **DELIVERED),
            debt("丙局", "三", 100000, 100000, debtor_type="机关"),
            debt("丁局", "四", 100000, 100000, debtor_type="机关", **DELIVERED, due_date="2025-12-31"),
        ]
        parts.append(put(home, f"{day}.xlsx", ledger(rows, day), first_seen_date=day))

    parts: list[Any] = []
    month(JULY, 100000)
    month(AUGUST, 60000, repaid_date="2025-08-09")
    month(SEPTEMBER, 50000)
    complaint = {
        "creditor_name": "五",
        "accepted_date": "2025-09-25",
        "transferred_date": "2025-10-16",
    }
    parts.append(put(home, "c.xlsx", ledger([complaint], dt.date(2025, 12, 31), about="complaint", title="投诉")))
    candidate = build_candidate(home, Inputs(parts=parts))
    return add_rows(candidate, clock_tables(clock_inputs(candidate.path))).path


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_clocks_of_debts(warehouse: Path) -> None:
    columns = "debtor_name, rule_version, statutory_due_date, overdue_days, interest_yuan, reason"
    assert ask(warehouse, f"SELECT {columns} FROM debt_clocks ORDER BY debtor_name") == [
        ("丁局", "802-2025-06-01", dt.date(2025, 8, 11), 50, Decimal("2500.00"), None),
        ("丙局", None, None, None, None, "no_base_date"),
        ("乙企", "802-2025-06-01", None, None, None, "debtor_size_unknown"),
        # 30 days × 50 to 9 August, 52 days × 30 to 30 September; what September tells as paid bears interest to its end
        ("甲局", "802-2025-06-01", dt.date(2025, 7, 10), 82, Decimal("3060.00"), None),
    ]


def test_every_null_says_why_in_the_words_of_the_statutes(warehouse: Path) -> None:
    rows = ask(warehouse, "SELECT reason, reason_zh FROM debt_clocks WHERE reason IS NOT NULL")
    assert rows
    assert all(REASONS[reason] == sentence for reason, sentence in rows)


def test_clocks_of_complaints(warehouse: Path) -> None:
    rows = ask(warehouse, "SELECT clock, due_date, done_date, is_late FROM row_clocks ORDER BY due_date")
    assert rows == [
        ("transfer", dt.date(2025, 10, 15), dt.date(2025, 10, 16), True),
        ("result", dt.date(2025, 10, 27), None, True),
        ("longest", dt.date(2025, 12, 24), None, True),
    ]
