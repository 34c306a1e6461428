"""Ways around the guard: other spellings, other doors, statements in disguise; each refused with one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.makers import built, two_months
from warehouse.access import Limits, QueryError, connect, run_query
from warehouse.publish import warehouse_path
from warehouse.sql_guard import check
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

RELATIONS = frozenset((*VIEW_NAMES, *TABLES))
ATTACKS = (
    # Statements in disguise.
    "SELECT/**/1;/**/DROP TABLE core.documents",
    "SELECT 1 -- harmless\n; DELETE FROM core.documents",
    "/* SELECT */ INSERT INTO core.runs SELECT * FROM core.runs",
    "select 1；drop table core.documents",
    "WITH x AS (DELETE FROM core.documents RETURNING *) SELECT * FROM x",
    "WITH x AS MATERIALIZED (UPDATE core.documents SET title = 'x' RETURNING *) SELECT * FROM x",
    "SELECT * FROM (DELETE FROM core.documents RETURNING *)",
    "SELECT * FROM (COPY (SELECT 1) TO '/tmp/x')",
    "MERGE INTO core.runs r USING core.runs s ON r.run_id = s.run_id WHEN MATCHED THEN DELETE",
    "COMMENT ON VIEW debts IS 'x'",
    "ALTER TABLE core.documents ADD COLUMN x INT",
    "TRUNCATE core.documents",
    "BEGIN",
    "SET VARIABLE x = 1",
    "SET lock_configuration = false",
    "PRAGMA enable_profiling",
    "PRAGMA import_database('/tmp')",
    "UPDATE EXTENSIONS",
    "FORCE CHECKPOINT",
    "CALL force_checkpoint()",
    "CREATE OR REPLACE TEMP MACRO debts_as_of(a, b) AS TABLE SELECT 1",
    "CREATE TEMP VIEW debts AS SELECT 1",
    "SHOW ALL TABLES",
    # Functions by other names and other spellings.
    "SELECT * FROM main.duckdb_settings()",
    "SELECT * FROM system.main.duckdb_settings()",
    "SELECT * FROM \"read_text\"('/etc/passwd')",
    "SELECT * FROM READ_TEXT('/etc/' || 'passwd')",
    "SELECT * FROM ｒｅａｄ_ｔｅｘｔ('/etc/passwd')",
    "SELECT * FROM read_text\u200b('/etc/passwd')",
    "SELECT * FROM read_\u0442ext('/etc/passwd')",
    "SELECT main.getenv('HOME')",
    "SELECT ('HOME').getenv()",
    "SELECT list_transform(['HOME'], lambda x: getenv(x))",
    "SELECT [getenv(x) FOR x IN ['HOME']]",
    "SELECT sum(1) FILTER (WHERE getenv('HOME') <> '') FROM debts",
    "SELECT row_number() OVER (ORDER BY getenv('HOME')) FROM debts",
    "SELECT 1 GROUP BY getenv('HOME')",
    "SELECT 1 LIMIT (SELECT length(getenv('HOME')))",
    "VALUES (getenv('HOME'))",
    "SELECT CASE WHEN true THEN getenv('HOME') END",
    "SELECT * FROM unnest([getenv('HOME')])",
    "SELECT * FROM debts_as_of(getenv('DAY')::DATE, '2031-12-31')",
    # Files and networks.
    "FROM 'https://example.invalid/x.parquet'",
    "FROM 's3://bucket/x.parquet'",
    "SELECT * FROM read_json_auto('/etc/passwd')",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "SELECT * FROM parquet_scan('/tmp/x')",
    "SELECT * FROM parquet_schema('/tmp/x')",
    "SELECT * FROM sqlite_scan('/tmp/x', 't')",
    "SELECT * FROM postgres_scan('host=x', 'a', 'b')",
    "SUMMARIZE '/etc/passwd'",
    "PIVOT '/etc/passwd' ON column0",
    "UNPIVOT (FROM read_csv('/etc/passwd')) ON column0",
    "SELECT * FROM debts POSITIONAL JOIN read_csv('/etc/passwd')",
    "SELECT * FROM debts ASOF JOIN duckdb_settings() ON debts.debt_id >= duckdb_settings.name",
    # The catalog.
    "SELECT * FROM duckdb_logs()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM which_secret('x', 's3')",
    "SELECT * FROM pragma_storage_info('core.documents')",
    "SELECT * FROM information_schema.schemata",
    "SELECT * FROM \"information_schema\".\"character_sets\"",
    "SELECT current_database(), current_setting('home_directory')",
)  # fmt: skip
ENDLESS = {
    "a value": "SELECT repeat('x', 3000000000)",
    "values within values": "SELECT repeat(repeat('x', 60000), 60000)",
    "rows": "SELECT unnest(range(2000000000))",
    "a product": "SELECT count(*) FROM range(10000000) a, range(10000000) b",
    "a recursion": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
    "a growing recursion": "WITH RECURSIVE r(t) AS (SELECT 'x' UNION ALL SELECT t || t FROM r) SELECT max(t) FROM r",
    "an aggregate": "SELECT string_agg(repeat('x', 1000), ',') FROM range(100000000)",
    "a sort": "SELECT * FROM range(1000000000) t(i) ORDER BY hash(i) DESC LIMIT 1 OFFSET 900000000",
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    built(folder, two_months(folder)).path.rename(warehouse_path(folder))
    return folder


@pytest.fixture(scope="module")
def locked(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(warehouse_path(home)) as connection:
        yield connection


@pytest.mark.parametrize("sql", ATTACKS)
def test_every_way_around_is_refused_with_a_sentence(locked: duckdb.DuckDBPyConnection, home: Path, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        check(sql, locked, RELATIONS)
    assert str(home) not in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith("。") or caught.value.code == "syntax"


@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_measure_is_ended_with_a_sentence(home: Path, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, sql, Limits(seconds=2, memory=256 << 20, rows=100_000_000, bytes=32 << 20))
    assert caught.value.code in ("memory", "timeout", "result_too_large", "failed")
    assert caught.value.message
    assert str(home) not in caught.value.message


def test_the_connection_alone_refuses_files_and_writing_without_any_guard(locked: duckdb.DuckDBPyConnection) -> None:
    """The second wall: what the guard might miss one day, the locked connection does not do."""
    doors = ("/etc/", "/tmp/", "http", "s3:", "core.documents", "lock_configuration")
    for sql in ATTACKS:
        if any(word in sql for word in doors) and "storage_info" not in sql:
            with pytest.raises((duckdb.Error, UnicodeError)):
                locked.execute(sql)
