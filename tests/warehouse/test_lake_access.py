"""Analysts' access to the lakehouse: what they need works, every known way out is refused, by the guard and below."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

import warehouse
from tests.warehouse.lake_makers import lake_environment, loaded, new_bucket
from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.postgres_server import Server
from tests.warehouse.test_access import GREEDY, REFUSED, answer
from warehouse.access import Limits, QueryError, run_query
from warehouse.engine import Engine, engine_set
from warehouse.lake.access import connect
from warehouse.lake.attach import place_of
from warehouse.publish import publish
from warehouse.state import open_state

# What only the lakehouse has; the rest of the list is the one of the file.
LAKE_REFUSED = {
    "the catalog's own tables": (
        "SELECT * FROM __ducklake_metadata_lake.qingqian_lake.ducklake_snapshot",
        "unknown_table",
    ),
    "a query to the catalog's server": (
        "SELECT * FROM postgres_query('__ducklake_metadata_lake', 'SELECT 1')",
        "forbidden_function",
    ),
    "a statement to it": ("SELECT * FROM postgres_execute('lake', 'DROP SCHEMA x')", "forbidden_function"),
    "another server": ("SELECT * FROM postgres_scan('host=/tmp', 'public', 'x')", "forbidden_function"),
    "attaching a server": ("ATTACH 'host=/tmp' AS p (TYPE postgres)", "not_select"),
    "attaching a lakehouse": ("ATTACH 'ducklake:x.db' AS l", "not_select"),
    "snapshots": ("SELECT * FROM ducklake_snapshots('lake')", "forbidden_function"),
    "snapshots by the catalog": ("SELECT * FROM lake.snapshots()", "forbidden_function"),
    "names of files": ("SELECT * FROM ducklake_list_files('lake', 'documents')", "forbidden_function"),
    "expiry": ("CALL ducklake_expire_snapshots('lake', versions => [1])", "not_select"),
    "expiry as a table": ("SELECT * FROM ducklake_expire_snapshots('lake', versions => [1])", "forbidden_function"),
    "options": ("CALL lake.set_option('encrypted', true)", "not_select"),
    "a file by its name": ("SELECT * FROM 's3://lake/core/documents/x.parquet'", "unknown_table"),
    "files by a pattern": ("SELECT * FROM read_parquet('s3://*/*')", "forbidden_function"),
    "the secret's name": ("SELECT * FROM which_secret('s3://lake/x', 's3')", "forbidden_function"),
    "a key from the environment": ("SELECT getenv('AWS_SECRET_ACCESS_KEY')", "forbidden_function"),
    "by the catalog's name": ("SELECT * FROM lake.core.documents", "unknown_table"),
    "what was loaded": ("SELECT * FROM core.loaded", "unknown_table"),
}
NEEDED = (
    "SHOW TABLES",
    "DESCRIBE debts",
    "SUMMARIZE regions",
    "FROM debts",
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'debts'",
    "WITH late AS (SELECT * FROM debts) SELECT * FROM late l JOIN main.documents d USING (document_id)",
    "SELECT debtor_name, count(*) FROM core.ledger_rows GROUP BY ALL ORDER BY ALL",
    "SELECT * FROM debts_as_of('2031-02-28', current_date + 9999)",
    "SELECT count(*) FROM core.documents AT (VERSION => 1)",
)
# Behind the guard. Setting options of the lakehouse is left out: it crashes DuckDB 1.5.5; the guard refuses CALL.
BELOW = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_text('http://127.0.0.1:1/x')",
    "SELECT * FROM glob('/etc/*')",
    "COPY (SELECT 1) TO '{tmp}/x.csv'",
    "ATTACH '{tmp}/x.duckdb'",
    "ATTACH 'host=/tmp dbname=postgres' AS p (TYPE postgres)",
    "LOAD excel",
    "INSTALL excel",
    "SET enable_external_access = true",
    "SET TimeZone = 'UTC'",
    "RESET allowed_directories",
    "DELETE FROM core.documents",
    "INSERT INTO core.publication VALUES ('a', 'b')",
    "DROP VIEW main.debts",
    "CREATE TABLE lake.main.x (a int)",
    "SELECT * FROM postgres_execute('__ducklake_metadata_lake', 'DROP SCHEMA qingqian_lake CASCADE')",
    "SELECT * FROM postgres_query('__ducklake_metadata_lake', 'DELETE FROM qingqian_lake.ducklake_table RETURNING 1')",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


@pytest.fixture(scope="module")
def settings(lake_server: Server, s3: str, home: Path) -> dict[str, str]:
    """A lakehouse on an S3 server that holds the home's night; its URL has a password."""
    out = lake_environment(lake_server, new_bucket())
    out["QINGQIAN_WAREHOUSE"] = out["QINGQIAN_WAREHOUSE"].replace("postgres@", "postgres:catalog-secret@")
    assert loaded(home, engine_set(out)).status == "loaded"
    return out


@pytest.fixture(scope="module")
def engine(settings: dict[str, str]) -> Engine:
    return engine_set(settings)


@pytest.fixture(scope="module")
def analyst(engine: Engine) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(engine) as lake:
        yield lake


@pytest.fixture
def asked(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lakehouse is the engine set."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", [*REFUSED, *LAKE_REFUSED])
def test_the_guard_refuses_every_way_out_with_a_sentence(
    analyst: duckdb.DuckDBPyConnection, engine: Engine, name: str
) -> None:
    sql, code = LAKE_REFUSED.get(name) or REFUSED[name]
    with pytest.raises(QueryError) as caught:
        answer(analyst, sql)
    assert caught.value.code == code
    assert place_of(engine).data not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("sql", NEEDED)
def test_what_analysts_need_is_allowed(analyst: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert answer(analyst, sql).num_rows > 0


def test_behind_the_guard_the_connection_itself_is_locked_down(engine: Engine, tmp_path: Path) -> None:
    with connect(engine) as lake:
        for sql in BELOW:
            with pytest.raises(duckdb.Error):
                pytest.fail(f"{sql}: {lake.execute(sql.format(tmp=tmp_path)).fetchall()}")
        assert lake.execute("SELECT count(*) FROM documents").fetchone() == (3,)
    assert list(tmp_path.iterdir()) == []


def test_neither_password_nor_key_is_shown_even_behind_the_guard(analyst: duckdb.DuckDBPyConnection) -> None:
    shown = repr(
        [
            analyst.execute(f"SELECT * FROM {f}()").fetchall()
            for f in ("duckdb_databases", "duckdb_secrets", "duckdb_settings")
        ]
    )
    assert "ducklake" in shown
    assert "catalog-secret" not in shown
    assert "testing-secret" not in shown


def test_the_child_answers_as_the_file_does(home: Path, asked: None) -> None:
    question = "SELECT sum(remaining_amount_yuan) AS s, max(as_of_date) AS d FROM debts"
    assert run_query(home, question).table.to_pylist() == [{"s": Decimal("450.00"), "d": dt.date(2031, 2, 28)}]
    evidence = run_query(home, "SELECT evidence, debt_id FROM debts ORDER BY debt_id LIMIT 2", Limits(rows=1))
    assert (evidence.json_columns, evidence.truncated, evidence.table.num_rows) == ((0,), True, 1)
    assert warehouse.connect(home).df("SELECT count(*) AS n FROM documents")["n"].to_list() == [3]


@pytest.mark.parametrize("name", ["read_csv", "copy to", "set", "snapshots"])
def test_the_child_refuses_as_the_guard_does(home: Path, asked: None, name: str) -> None:
    sql, code = LAKE_REFUSED.get(name) or REFUSED[name]
    with pytest.raises(QueryError) as caught:
        run_query(home, sql)
    assert caught.value.code == code


def test_a_query_without_measure_or_end_is_killed(home: Path, asked: None) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, GREEDY["one value"], Limits(seconds=20, memory=256 << 20))
    assert caught.value.code in ("memory", "timeout")
    with pytest.raises(QueryError) as caught:
        run_query(home, "SELECT count(*) FROM range(1000000000000)", Limits(seconds=0.5))
    assert caught.value.code == "timeout"


def test_what_is_wrong_with_the_lakehouse_is_said_without_secrets(
    home: Path, settings: dict[str, str], lake_server: Server, s3: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = lake_environment(lake_server, new_bucket())
    with pytest.raises(QueryError, match="还没有装入仓库"):
        connect(engine_set(empty))
    elsewhere = {**settings, "QINGQIAN_LAKE_DATA": new_bucket()}
    with pytest.raises(QueryError, match="与 QINGQIAN_LAKE_DATA 所设的不同"):
        connect(engine_set(elsewhere))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(QueryError) as caught:
        run_query(home, "SELECT count(DISTINCT title) FROM documents", Limits(seconds=60))
    assert caught.value.code == "failed"
    for hidden in ("secret", "s3://", "127.0.0.1:9"):
        assert hidden not in caught.value.message
