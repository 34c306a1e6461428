"""Forty questions to a scripted year, through the analysts' own connection and guard, on every engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.warehouse.lake_makers import loaded, new_bucket, new_lake
from tests.warehouse.makers import NOW, view_contents
from tests.warehouse.scripted_year import year_inputs, year_warehouse
from tests.warehouse.server_makers import engine_of, served
from warehouse.access import connect
from warehouse.build import Inputs, build_candidate
from warehouse.lake import access as lake_access
from warehouse.postgres import access as server_access
from warehouse.publish import publish, warehouse_path
from warehouse.sql_guard import check
from warehouse.state import open_state
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

SPECS = Path(__file__).resolve().parents[1] / "specs" / "warehouse_year.yml"
QUESTIONS: list[dict[str, Any]] = yaml.safe_load(SPECS.read_text("utf-8"))


RELATIONS = frozenset((*VIEW_NAMES, *TABLES))
Rows = list[tuple[Any, ...]]
Ask = Callable[[str], Rows]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("year")
    with open_state(home) as state:
        publish(year_warehouse(home), home, state, now=NOW)
    return home


@pytest.fixture(scope="module", params=["duckdb", "postgresql", "ducklake"])
def ask(request: pytest.FixtureRequest, year: Path) -> Iterator[Ask]:
    """Rows of a statement that passed the guard, from one engine or another."""
    if request.param != "postgresql":
        with _opened(request, year) as connection:

            def ask_duckdb(sql: str) -> Rows:
                check(sql, connection, RELATIONS)
                return connection.execute(sql).fetchall()

            yield ask_duckdb
        return
    url = request.getfixturevalue("postgres").new_database()
    assert served(year, url).status == "loaded"
    with server_access.connect(engine_of(url)) as server:
        yield lambda sql: server.execute(server_access.checked(sql, server, RELATIONS).encode()).fetchall()


def _opened(request: pytest.FixtureRequest, year: Path) -> duckdb.DuckDBPyConnection:
    """Analysts' connection to the file, or to a lakehouse on an S3 server."""
    if request.param == "duckdb":
        return connect(warehouse_path(year))
    server = request.getfixturevalue("lake_server")
    request.getfixturevalue("s3")
    engine = new_lake(server, new_bucket())
    assert loaded(year, engine).status == "loaded"
    return lake_access.connect(engine)


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | dt.date) else value


def test_there_are_forty() -> None:
    assert len(QUESTIONS) == len({q["sql"] for q in QUESTIONS}) == 40


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["ask"])
def test_question(question: dict[str, Any], ask: Ask) -> None:
    assert [[plain(v) for v in row] for row in ask(question["sql"])] == question["answer"]


def test_what_is_known_today_is_the_view_of_debts(ask: Ask) -> None:
    ever = "SELECT * FROM debts_as_of('9999-12-31', '9999-12-31') ORDER BY debt_id"
    assert repr(ask(ever)) == repr(ask("SELECT * FROM debts ORDER BY debt_id"))


def test_a_row_has_a_debt_exactly_where_it_has_a_reason_for_it(ask: Ask) -> None:
    """What `debt_history` goes by, since reasons are quicker to read than ids."""
    ((both, one),) = ask(
        "SELECT count(*) FILTER (WHERE debt_id IS NOT NULL AND match_reason IS NOT NULL), "
        "count(*) FILTER (WHERE (debt_id IS NULL) <> (match_reason IS NULL)) FROM core.ledger_rows"
    )
    assert both > 0
    assert one == 0


def test_money_is_kept_in_every_month(ask: Ask) -> None:
    """What stands open by debts is the sum of the rows in force, every month: nothing twice, nothing lost."""
    for month in (dt.date(2031, m, 1) for m in range(2, 13)):
        period = month - dt.timedelta(days=1)
        listed = ask(
            "SELECT sum(r.remaining_amount_yuan) FROM core.ledger_rows r JOIN core.ledger_tables t "
            f"USING (document_id, table_index) WHERE t.as_of_date = DATE '{period}' AND t.replaced_date IS NULL"
        )
        found = ask(
            f"SELECT sum(remaining_amount_yuan) FROM debts_as_of('{period}', '9999-12-31') WHERE status = 'open'"
        )
        assert found == listed


def test_the_order_in_which_parts_come_in_changes_nothing(tmp_path: Path) -> None:
    one, other = (year_inputs(tmp_path / name) for name in "ab")
    turned = Inputs(parts=list(reversed(other.parts)), files=other.files, superseded=other.superseded)
    built = [build_candidate(tmp_path / "a", one).path, build_candidate(tmp_path / "b", turned).path]
    assert view_contents(built[0]) == view_contents(built[1])
