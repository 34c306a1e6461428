"""Forty questions to a scripted year, through the analysts' own connection and guard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.warehouse.makers import view_contents
from tests.warehouse.scripted_year import year_inputs
from warehouse.access import connect
from warehouse.build import Inputs, build_candidate
from warehouse.sql_guard import check
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

SPECS = Path(__file__).resolve().parents[1] / "specs" / "warehouse_year.yml"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load(SPECS.read_text("utf-8"))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("year")
    return build_candidate(home, year_inputs(home)).path


@pytest.fixture(scope="module")
def analyst(year: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(year) as connection:
        yield connection


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def test_there_are_forty() -> None:
    assert len(QUESTIONS) == len({q["sql"] for q in QUESTIONS}) == 40


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["ask"])
def test_question(question: dict[str, Any], analyst: duckdb.DuckDBPyConnection) -> None:
    check(question["sql"], analyst, frozenset((*VIEW_NAMES, *TABLES)))
    rows = analyst.execute(question["sql"]).fetchall()
    assert [[plain(v) for v in row] for row in rows] == question["answer"]


def test_what_is_known_today_is_the_view_of_debts(analyst: duckdb.DuckDBPyConnection) -> None:
    ever = "SELECT * FROM debts_as_of('9999-12-31', '9999-12-31') ORDER BY debt_id"
    assert analyst.execute(ever).fetchall() == analyst.execute("SELECT * FROM debts ORDER BY debt_id").fetchall()


def test_money_is_kept_in_every_month(analyst: duckdb.DuckDBPyConnection) -> None:
    """What stands open by debts is the sum of the rows in force, every month: nothing twice, nothing lost."""
    for month in (dt.date(2031, m, 1) for m in range(2, 13)):
        period = month - dt.timedelta(days=1)
        listed = analyst.execute(
            "SELECT sum(r.remaining_amount_yuan) FROM core.ledger_rows r JOIN core.ledger_tables t "
            "USING (document_id, table_index) WHERE t.as_of_date = ? AND t.replaced_date IS NULL",
            [period],
        ).fetchone()
        found = analyst.execute(
            "SELECT sum(remaining_amount_yuan) FROM debts_as_of(?::DATE, '9999-12-31') WHERE status = 'open'", [period]
        ).fetchone()
        assert found == listed


def test_the_order_in_which_parts_come_in_changes_nothing(tmp_path: Path) -> None:
    one, other = (year_inputs(tmp_path / name) for name in "ab")
    turned = Inputs(parts=list(reversed(other.parts)), files=other.files, superseded=other.superseded)
    built = [build_candidate(tmp_path / "a", one).path, build_candidate(tmp_path / "b", turned).path]
    assert view_contents(built[0]) == view_contents(built[1])
