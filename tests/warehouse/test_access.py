"""Analysts' queries: the right answers, and every known way out of the warehouse refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.warehouse.makers import NOW, built, two_months
from warehouse.access import Limits, QueryError, QueryResult, connect, run_query
from warehouse.export import to_csv, to_json, to_table, write
from warehouse.formula_guard import guard_formula
from warehouse.publish import publish, warehouse_path
from warehouse.sql_guard import check
from warehouse.state import open_state
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    """What the child does, in this process."""
    check(sql, connection, {*VIEW_NAMES, *TABLES})
    return connection.execute(sql).to_arrow_table()


REFUSED = {
    "read_csv": ("SELECT * FROM read_csv('/etc/passwd')", "forbidden_function"),
    "read_text": ("SELECT * FROM read_text('/etc/passwd')", "forbidden_function"),
    "read_blob in subquery": ("SELECT (SELECT count(*) FROM read_blob('/etc/*'))", "forbidden_function"),
    "read_parquet in cte": ("WITH x AS (SELECT * FROM read_parquet('/tmp/*')) SELECT * FROM x", "forbidden_function"),
    "sniff_csv": ("SELECT * FROM sniff_csv('/etc/passwd')", "forbidden_function"),
    "glob": ("SELECT * FROM glob('/*')", "forbidden_function"),
    "parquet_metadata": ("SELECT * FROM parquet_metadata('/tmp/x')", "forbidden_function"),
    "replacement scan": ("SELECT * FROM '/etc/passwd'", "unknown_table"),
    "replacement scan of parquet": ("FROM 'x.parquet'", "unknown_table"),
    "python variable": ("SELECT * FROM request", "unknown_table"),
    "copy to": ("COPY debts TO '/tmp/out.csv'", "not_select"),
    "copy query": ("COPY (SELECT 1) TO '/tmp/out.csv'", "not_select"),
    "copy from": ("COPY debts FROM '/etc/passwd'", "not_select"),
    "export": ("EXPORT DATABASE '/tmp/x'", "not_select"),
    "import": ("IMPORT DATABASE '/tmp/x'", "not_select"),
    "attach": ("ATTACH '/tmp/x.duckdb'", "not_select"),
    "detach": ("DETACH qingqian", "not_select"),
    "use": ("USE memory", "not_select"),
    "install": ("INSTALL httpfs", "not_select"),
    "load": ("LOAD httpfs", "not_select"),
    "set": ("SET memory_limit = '64GB'", "not_select"),
    "set home": ("SET home_directory = '/tmp'", "not_select"),
    "reset": ("RESET lock_configuration", "not_select"),
    "pragma": ("PRAGMA database_list", "not_select"),
    "pragma function": ("SELECT * FROM pragma_database_list()", "forbidden_function"),
    "pragma view": ("SELECT * FROM pragma_database_list", "unknown_table"),
    "call": ("CALL enable_logging()", "not_select"),
    "enable_logging": ("SELECT * FROM enable_logging()", "forbidden_function"),
    "insert": ("INSERT INTO core.runs VALUES (1)", "not_select"),
    "update": ("UPDATE core.documents SET title = 'x'", "not_select"),
    "delete": ("DELETE FROM core.documents", "not_select"),
    "drop": ("DROP VIEW debts", "not_select"),
    "create": ("CREATE TABLE x AS SELECT 1", "not_select"),
    "create temp": ("CREATE TEMP TABLE x AS SELECT 1", "not_select"),
    "create macro": ("CREATE MACRO f() AS 1", "not_select"),
    "create secret": ("CREATE SECRET s (TYPE s3)", "not_select"),
    "writing cte": ("WITH x AS (INSERT INTO core.runs VALUES (1) RETURNING *) SELECT * FROM x", "not_select"),
    "prepare": ("PREPARE p AS SELECT 1", "not_select"),
    "execute": ("EXECUTE p", "not_select"),
    "explain": ("EXPLAIN ANALYZE SELECT 1", "not_select"),
    "vacuum": ("VACUUM", "not_select"),
    "checkpoint": ("CHECKPOINT", "not_select"),
    "two statements": ("SELECT 1; SELECT 2", "one_statement"),
    "select then drop": ("SELECT 1; DROP TABLE core.documents", "not_select"),
    "nothing": ("-- nothing", "one_statement"),
    "databases": ("SELECT * FROM duckdb_databases()", "forbidden_function"),
    "databases view": ("SELECT * FROM duckdb_databases", "unknown_table"),
    "databases quoted": ('SELECT path FROM "DUCKDB_DATABASES"()', "forbidden_function"),
    "databases behind a cte of that name": (
        "SELECT * FROM (WITH duckdb_databases AS (SELECT 1) SELECT * FROM duckdb_databases), duckdb_databases",
        "unknown_table",
    ),
    "settings": ("SELECT * FROM duckdb_settings()", "forbidden_function"),
    "settings in a predicate": ("SELECT 1 WHERE EXISTS (FROM duckdb_settings())", "forbidden_function"),
    "settings in a lateral join": ("FROM documents, LATERAL (FROM duckdb_settings())", "forbidden_function"),
    "settings in a set operation": ("SELECT 1 UNION ALL SELECT count(*) FROM duckdb_settings()", "forbidden_function"),
    "settings in order by": ("SELECT 1 ORDER BY (SELECT count(*) FROM duckdb_settings())", "forbidden_function"),
    "current_setting": ("SELECT current_setting('temp_directory')", "forbidden_function"),
    "getenv": ("SELECT getenv('HOME')", "forbidden_function"),
    "files": ("SELECT * FROM duckdb_temporary_files()", "forbidden_function"),
    "secrets": ("SELECT * FROM duckdb_secrets()", "forbidden_function"),
    "query": ("SELECT * FROM query('SELECT 1')", "forbidden_function"),
    "query_table": ("SELECT * FROM query_table('duckdb_settings')", "forbidden_function"),
    "serialized": ("SELECT * FROM json_execute_serialized_sql('{}')", "forbidden_function"),
    "catalog": ("SELECT * FROM pg_catalog.pg_settings", "unknown_table"),
    "sqlite": ("SELECT * FROM sqlite_master", "unknown_table"),
    "system": ("SELECT * FROM system.information_schema.tables", "unknown_table"),
    "other catalog": ("SELECT * FROM temp.main.debts", "unknown_table"),
    "show databases": ("SHOW DATABASES", "forbidden"),
    "show inside": ("SELECT * FROM (SHOW DATABASES)", "forbidden"),
    "describe a file": ("DESCRIBE '/etc/passwd'", "unknown_table"),
    "describe a function": ("DESCRIBE SELECT * FROM read_csv('/etc/passwd')", "forbidden_function"),
    "summarize a function": ("SUMMARIZE FROM duckdb_settings()", "forbidden_function"),
    "pivot": ("SELECT * FROM duckdb_settings() PIVOT (count(*) FOR name IN ('a'))", "forbidden_function"),
    "syntax": ("SELEC 1", "syntax"),
    "too long": ("SELECT '" + "x" * 200_000 + "'", "too_long"),
}  # fmt: skip
GREEDY = {
    "one value": "SELECT repeat('x', 3000000000)",
    "rows": "SELECT unnest(range(2000000000))",
    "list": "SELECT list(r ORDER BY hash(r)) FROM (SELECT unnest(range(500000000)) AS r)",
}


@pytest.fixture(scope="module")
def locked(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(warehouse_path(home)) as connection:
        yield connection


@pytest.mark.parametrize("name", REFUSED)
def test_the_guard_refuses_every_way_out_with_a_sentence(
    locked: duckdb.DuckDBPyConnection, home: Path, name: str
) -> None:
    sql, code = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        answer(locked, sql)
    assert caught.value.code == code
    assert str(home) not in caught.value.message
    assert len(caught.value.message) > 5
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("name", ["read_csv", "copy to", "databases", "set", "two statements", "syntax"])
def test_the_child_refuses_as_the_guard_does(home: Path, name: str) -> None:
    sql, code = REFUSED[name]
    with pytest.raises(QueryError) as caught:
        run_query(home, sql)
    assert caught.value.code == code


def test_a_query_that_fails_says_why_without_saying_where_the_warehouse_lies(home: Path) -> None:
    with pytest.raises(QueryError, match=r'查询失败.*"foo"') as caught:
        run_query(home, "SELECT foo FROM debts")
    assert str(home) not in caught.value.message


@pytest.mark.parametrize("name", GREEDY)
def test_a_query_without_measure_is_ended(home: Path, name: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, GREEDY[name], Limits(seconds=20, memory=256 << 20))
    assert caught.value.code in ("memory", "timeout")


def test_a_statement_nested_without_end_is_refused_or_answered(locked: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(QueryError) as caught:
        answer(locked, "SELECT " + "abs(" * 19_000 + "1" + ")" * 19_000)
    assert caught.value.code in ("syntax", "too_deep")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000000000)",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
    ],
)
def test_a_query_without_end_is_killed(home: Path, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, sql, Limits(seconds=0.5))
    assert caught.value.code == "timeout"


def test_money_stays_decimal_and_dates_dates(home: Path) -> None:
    result = run_query(home, "SELECT sum(remaining_amount_yuan) AS s, max(as_of_date) AS d FROM debts")
    assert pa.types.is_decimal(result.table.schema.field("s").type)
    assert result.table.schema.field("d").type == pa.date32()
    assert result.table.to_pylist()[0]["s"] == Decimal("450.00")


def test_time_is_china_s_wherever_the_machine_stands(home: Path) -> None:
    table = run_query(home, "SELECT (TIMESTAMPTZ '2031-03-01 18:00:00+00')::VARCHAR AS t").table
    assert table.to_pylist() == [{"t": "2031-03-02 02:00:00+08"}]


def test_results_are_cut_at_the_row_limit_and_say_so(home: Path) -> None:
    whole = run_query(home, "SELECT * FROM range(10)", Limits(rows=10))
    cut = run_query(home, "SELECT * FROM range(10000000)", Limits(rows=10))
    assert (whole.table.num_rows, whole.truncated) == (10, False)
    assert (cut.table.num_rows, cut.truncated) == (10, True)
    with pytest.raises(QueryError, match="结果超过 1 MB"):
        run_query(home, "SELECT repeat('x', 1000) FROM range(9000)", Limits(bytes=1 << 20))


@pytest.mark.parametrize(
    "sql",
    [
        "SHOW TABLES",
        "DESCRIBE debts",
        "SUMMARIZE debts",
        "FROM debts",
        "TABLE regions",
        "VALUES (1), (2)",
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'debts'",
        "WITH late AS (SELECT * FROM debts) SELECT * FROM late l JOIN main.documents d USING (document_id)",
        "SELECT debtor_name, count(*) FROM core.ledger_rows GROUP BY ALL HAVING count(*) > 0 ORDER BY ALL;",
        "SELECT * FROM debts UNION ALL BY NAME SELECT * FROM debts",
        "SELECT list_transform([1, 2], lambda x: x + 1), regexp_extract('a1', '[0-9]'), current_date",
    ],
)
def test_what_analysts_need_is_allowed(locked: duckdb.DuckDBPyConnection, sql: str) -> None:
    assert answer(locked, sql).num_columns > 0


def test_a_home_without_a_warehouse_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="qingqian nightly"):
        run_query(tmp_path, "SELECT 1")
    warehouse_path(tmp_path).parent.mkdir()
    warehouse_path(tmp_path).write_bytes(b"not a database" * 1000)
    with pytest.raises(QueryError) as caught:
        run_query(tmp_path, "SELECT 1")
    assert caught.value.code == "cannot_open"


def test_the_connection_itself_is_locked_down(home: Path, tmp_path: Path) -> None:
    with connect(warehouse_path(home)) as connection:
        for sql in (
            f"COPY (SELECT 1) TO '{tmp_path}/x.csv'",
            "SELECT * FROM read_text('/etc/passwd')",
            "SET enable_external_access = true",
            "SET TimeZone = 'UTC'",
            f"ATTACH '{tmp_path}/x.duckdb'",
            "DELETE FROM core.documents",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def result(home: Path) -> QueryResult:
    return run_query(
        home,
        "SELECT '=1+1' AS f, 1234567.80::DECIMAL(18,2) AS m, -5 AS n, DATE '2031-03-01' AS d, NULL AS x, true AS b, "
        "evidence FROM debts ORDER BY debt_id LIMIT 1",
    )


def test_csv_guards_formulas_and_leaves_numbers_numbers(result: QueryResult) -> None:
    head, line = to_csv(result.table).splitlines()
    assert head == "f,m,n,d,x,b,evidence"
    assert line.startswith("'=1+1,1234567.80,-5,2031-03-01,,true,")


def test_json_keeps_exact_numbers_and_nests_json(result: QueryResult) -> None:
    text = to_json(result.table, result.json_columns)
    assert '"m":1234567.80' in text
    (row,) = json.loads(text)
    assert row["f"] == "=1+1"
    assert (row["x"], row["d"], row["evidence"]["sheet"]) == (None, "2031-03-01", "台账")
    assert json.loads(to_json(result.table.slice(0, 0))) == []


def test_the_table_is_aligned_by_width_on_screen() -> None:
    text = to_table(pa.table({"名称": ["某局", "ab\x1b[31m"], "n": [1, 22]}))
    head, rule, one, two, end = text.splitlines()
    assert one == "某局     1"  # four wide on the screen, like the five of the longer cell less one
    assert two == "ab[31m  22"
    assert (head, rule, end) == ("名称    n", "──────  ──", "（2 行）")


def test_files_are_written_and_cut_results_announced(
    home: Path, tmp_path: Path, result: QueryResult, capsys: pytest.CaptureFixture[str]
) -> None:
    write(result, "parquet", tmp_path / "x.parquet")
    assert pq.read_table(tmp_path / "x.parquet").schema.field("m").type == pa.decimal128(18, 2)
    write(run_query(home, "FROM range(5)", Limits(rows=2)), "csv", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "range\n0\n1\n"
    assert "前 2 行" in capsys.readouterr().err
    with pytest.raises(QueryError, match="没有格式"):
        write(result, "docx")
    with pytest.raises(QueryError, match="写不了"):
        write(result, "csv", tmp_path / "none" / "x.csv")


@given(st.text())
def test_no_text_reaches_a_spreadsheet_as_a_formula(text: str) -> None:
    guarded = guard_formula(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"))
    assert guarded.removeprefix("'") == text.removeprefix("'")
