"""Analysts' access to the server: what they need works, every known way out is refused, on the guard and below it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

import warehouse
from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.postgres_server import Server
from tests.warehouse.server_makers import engine_of, served
from tests.warehouse.test_access import REFUSED
from warehouse.access import Cancel, Limits, QueryError, run_query
from warehouse.export import to_json
from warehouse.postgres.access import checked, connect, fetch
from warehouse.publish import publish
from warehouse.state import open_state
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

RELATIONS = frozenset((*VIEW_NAMES, *TABLES))
# What only PostgreSQL has; the rest of the list is the one of the file.
SERVER_REFUSED = {
    "file": ("SELECT pg_read_file('/etc/passwd')", "forbidden_function"),
    "file by schema": ("SELECT pg_catalog.pg_read_binary_file('/etc/passwd')", "forbidden_function"),
    "file in a predicate": ("SELECT 1 FROM debts WHERE debtor_name = pg_read_file('x')", "forbidden_function"),
    "file quoted": ("SELECT \"pg_read_file\"('/etc/passwd')", "forbidden_function"),
    "folder": ("SELECT * FROM pg_ls_dir('/')", "forbidden_function"),
    "stat": ("SELECT pg_stat_file('/etc/passwd')", "forbidden_function"),
    "sleep": ("SELECT pg_sleep(100)", "forbidden_function"),
    "sleep in a lateral join": ("SELECT * FROM debts, LATERAL (SELECT pg_sleep(1)) x", "forbidden_function"),
    "large object in": ("SELECT lo_import('/etc/passwd')", "forbidden_function"),
    "large object out": ("SELECT lo_export(1, '/tmp/x')", "forbidden_function"),
    "dblink": ("SELECT * FROM dblink('host=/tmp', 'SELECT 1') AS t(a int)", "forbidden_function"),
    "setting": ("SELECT set_config('role', 'postgres', false)", "forbidden_function"),
    "reading settings": ("SELECT current_setting('data_directory')", "forbidden_function"),
    "a text as a statement": ("SELECT query_to_xml('SELECT 1', true, true, '')", "forbidden_function"),
    "a table as xml": ("SELECT table_to_xml('pg_authid', true, true, '')", "forbidden_function"),
    "killing": ("SELECT pg_terminate_backend(1)", "forbidden_function"),
    "reload": ("SELECT pg_reload_conf()", "forbidden_function"),
    "locks": ("SELECT pg_advisory_lock(1)", "forbidden_function"),
    "notify": ("SELECT pg_notify('a', 'b')", "forbidden_function"),
    "sequences": ("SELECT nextval('x')", "forbidden_function"),
    "passwords": ("SELECT * FROM pg_authid", "unknown_table"),
    "sessions": ("SELECT * FROM pg_catalog.pg_stat_activity", "unknown_table"),
    "publication": ("SELECT * FROM core.publication", "unknown_table"),
    "do": ("DO $$BEGIN PERFORM pg_sleep(9); END$$", "syntax"),
    "copy program": ("COPY (SELECT 1) TO PROGRAM 'id'", "syntax"),
    "set role": ("SET ROLE postgres", "not_select"),
    "locking": ("SELECT * FROM debts FOR UPDATE", "not_select"),
    "into": ("SELECT 1 INTO x", "not_select"),
    "listen": ("LISTEN x", "syntax"),
    "grant": ("GRANT ALL ON debts TO public", "syntax"),
}
NEEDED = (
    "SHOW TABLES",
    "DESCRIBE debts",
    "TABLE regions",
    "VALUES (1), (2)",
    "SELECT column_name FROM information_schema.columns WHERE table_name = 'debts'",
    "WITH late AS (SELECT * FROM debts) SELECT * FROM late l JOIN main.documents d USING (document_id)",
    "SELECT debtor_name, count(*) FROM core.ledger_rows GROUP BY 1 HAVING count(*) > 0 ORDER BY 1;",
    "SELECT evidence->>'sheet', upper(debtor_name), round(remaining_amount_yuan), coalesce(status, '') FROM debts",
    "SELECT to_char(as_of_date, 'YYYY-MM'), date_trunc('month', as_of_date), extract(year FROM as_of_date) FROM debts",
    "SELECT debt_id, row_number() OVER (ORDER BY remaining_amount_yuan DESC), random() FROM debts",
    "SELECT * FROM generate_series(1, 3) g",
    "SELECT * FROM debts_as_of('2031-02-28', current_date + 9999)",
    "SELECT string_agg(debtor_name, '、' ORDER BY debtor_name), array_agg(row_number), now() FROM debts",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


@pytest.fixture(scope="module")
def url(postgres: Server, home: Path) -> str:
    address = postgres.new_database()
    assert served(home, address).status == "loaded"
    return address


@pytest.fixture(scope="module")
def analyst(url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with connect(engine_of(url), seconds=20) as connection:
        yield connection


@pytest.fixture
def asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is the engine set."""
    monkeypatch.setenv("QINGQIAN_WAREHOUSE", url)


def answer(connection: psycopg.Connection[tuple[Any, ...]], sql: str) -> pa.Table:
    """What the child does, in this process."""
    return fetch(connection, checked(sql, connection, RELATIONS), Limits())[0]


def ends(url: str) -> bool:
    """Whether the server stops working on queries within some seconds."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'qingqian query' AND state = 'active'"
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(200):
            if connection.execute(busy).fetchone() == (0,):
                return True
            connection.execute("SELECT pg_sleep(0.1)")
    return False


@pytest.mark.parametrize("name", [*REFUSED, *SERVER_REFUSED])
def test_the_guard_refuses_every_way_out_with_a_sentence(
    analyst: psycopg.Connection[tuple[Any, ...]], url: str, name: str
) -> None:
    sql, code = SERVER_REFUSED.get(name) or REFUSED[name]
    with pytest.raises(QueryError) as caught:
        answer(analyst, sql)
    # A syntax that the file's engine has no tree for is refused either way.
    assert caught.value.code == code or {caught.value.code, code} <= {"syntax", "not_select"}
    assert len(caught.value.message) > 5
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT * FROM pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM core.publication, pg_shadow",
        "SELECT 1; DROP SCHEMA main CASCADE",
        "SELECT 1; COMMIT; DROP SCHEMA main CASCADE",
        "WITH x AS (DELETE FROM core.documents RETURNING *) SELECT * FROM x",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT 1 INTO x",
        "SELECT nextval('s') FROM core.documents FOR UPDATE",
    ],
)
def test_behind_the_guard_the_server_itself_refuses(analyst: psycopg.Connection[tuple[Any, ...]], sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        fetch(analyst, sql, Limits())
    assert caught.value.code in ("forbidden", "syntax", "failed")


def test_the_connection_itself_may_only_read(url: str) -> None:
    with connect(engine_of(url)) as connection:
        for sql in (
            "DELETE FROM core.documents",
            "CREATE TABLE main.x (a int)",
            "CREATE TEMP TABLE x (a int)",
            "COPY core.documents TO '/tmp/x.csv'",
            "COPY (SELECT 1) TO PROGRAM 'id'",
            "DO $$BEGIN DELETE FROM core.documents; END$$",
            "BEGIN READ WRITE; DELETE FROM core.documents",
            "DROP VIEW main.debts",
            "ALTER DATABASE postgres SET work_mem = '1GB'",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(sql.encode())
            connection.execute("ROLLBACK")
        assert connection.execute("SELECT count(*) FROM documents").fetchone() == (3,)


@pytest.mark.parametrize("sql", NEEDED)
def test_what_analysts_need_is_allowed(analyst: psycopg.Connection[tuple[Any, ...]], sql: str) -> None:
    assert answer(analyst, sql).num_columns > 0


def test_the_child_answers_and_refuses_as_the_guard_does(home: Path, asked: None) -> None:
    result = run_query(home, "SELECT sum(remaining_amount_yuan) AS s, max(as_of_date) AS d FROM debts")
    assert result.table.to_pylist() == [{"s": Decimal("450.00"), "d": dt.date(2031, 2, 28)}]
    for name in ("file", "copy to", "two statements"):
        sql, code = SERVER_REFUSED.get(name) or REFUSED[name]
        with pytest.raises(QueryError) as caught:
            run_query(home, sql)
        assert caught.value.code == code
    with pytest.raises(QueryError, match=r'查询失败.*"foo"'):
        run_query(home, "SELECT foo FROM debts")


@pytest.mark.parametrize(
    ("sql", "limits", "codes"),
    [
        ("SELECT count(*) FROM generate_series(1, 100000000000)", Limits(seconds=1), {"timeout"}),
        (
            "WITH RECURSIVE r(n) AS (SELECT 1::numeric UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
            Limits(seconds=1),
            {"timeout"},
        ),
        ("SELECT repeat('x', 2000000000)", Limits(seconds=20), {"memory"}),
        ("SELECT repeat('x', 300000000)", Limits(seconds=20, memory=1 << 20), {"memory"}),
        ("SELECT repeat('x', 1000) FROM generate_series(1, 9000)", Limits(bytes=1 << 20), {"result_too_large"}),
    ],
)
def test_a_query_without_measure_is_ended(
    home: Path, asked: None, url: str, sql: str, limits: Limits, codes: set[str]
) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, sql, limits)
    assert caught.value.code in codes
    assert ends(url), "the server goes on with a query that nobody waits for"


def test_results_are_cut_at_the_row_limit_and_say_so(analyst: psycopg.Connection[tuple[Any, ...]]) -> None:
    for limit, is_cut in ((10, False), (9, True)):
        table, truncated, _ = fetch(analyst, "SELECT * FROM generate_series(1, 10)", Limits(rows=limit))
        assert (table.num_rows, truncated) == (limit, is_cut)
    table, truncated, _ = fetch(analyst, "SELECT * FROM generate_series(1, 5000)", Limits(rows=5000))
    assert (table.num_rows, truncated) == (5000, False)


def test_values_keep_their_types(analyst: psycopg.Connection[tuple[Any, ...]]) -> None:
    table, _, nested = fetch(
        analyst,
        "SELECT 1.50::numeric AS a, NULL::numeric AS b, 'NaN'::numeric AS c, 12345678901234567890.123::numeric AS d, "
        "true AS e, DATE '9999-12-31' AS f, TIMESTAMPTZ '2031-03-01 18:00:00+00' AS g, '{\"x\": 1}'::json AS h, "
        "ARRAY[1, 2] AS i, 2.5::float8 AS j, INTERVAL '1 day' AS k, NULL AS l, 1 AS a",
        Limits(),
    )
    assert [str(t) for t in table.schema.types[:5]] == [
        "decimal128(18, 2)", "decimal128(18, 0)", "string", "decimal128(23, 3)", "bool",
    ]  # fmt: skip
    row = [table.column(i)[0].as_py() for i in range(table.num_columns)]
    assert row[:6] == [Decimal("1.50"), None, "NaN", Decimal("12345678901234567890.123"), True, dt.date(9999, 12, 31)]
    assert row[6].isoformat() == "2031-03-02T02:00:00+08:00"
    assert row[7:] == ['{"x": 1}', [1, 2], 2.5, "1 day, 0:00:00", None, 1]
    assert nested == (7,)
    assert '"h":{"x": 1}' in to_json(table.select(range(12)), nested)


def test_the_python_call_asks_the_engine_that_is_set(home: Path, asked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT debtor_name, remaining_amount_yuan, evidence FROM debts ORDER BY debt_id"
    nowhere = home / "nowhere"  # the server is asked, not a file
    found = warehouse.connect(nowhere).execute(sql).fetchall()
    assert set(warehouse.connect(nowhere).tables()) == set(VIEW_NAMES)
    monkeypatch.delenv("QINGQIAN_WAREHOUSE")
    assert warehouse.connect(home).execute(sql).fetchall() == found
    assert len(found) == 3


def test_a_query_whose_asker_is_gone_does_not_go_on_in_the_server(home: Path, asked: None, url: str) -> None:
    cancel = Cancel()
    timer = threading.Timer(1, cancel.cancel)
    timer.start()
    with pytest.raises(QueryError) as caught:
        run_query(home, "SELECT count(*) FROM generate_series(1, 100000000000)", Limits(seconds=120), cancel=cancel)
    timer.join()
    assert caught.value.code == "cancelled"
    assert ends(url)


def test_readers_see_main_and_nothing_else(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET ROLE qingqian_reader")
        assert connection.execute("SELECT count(*) FROM debts").fetchone() == (3,)  # by the database's search path
        assert connection.execute("SELECT count(*) FROM debts_as_of('2031-02-28', '9999-12-31')").fetchone() == (3,)
        for sql in ("SELECT * FROM core.ledger_rows", "DELETE FROM main.files", "SELECT pg_read_file('/etc/passwd')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.encode())


@pytest.mark.parametrize("may_make_roles", [True, False])
def test_a_user_who_is_no_superuser_loads_and_asks(postgres: Server, home: Path, may_make_roles: bool) -> None:
    address = postgres.new_database()
    database = address.split("?")[0].rsplit("/", 1)[1]
    name = f"loader_{database}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN {'CREATEROLE' if may_make_roles else ''}".encode())
        connection.execute(f"ALTER DATABASE {database} OWNER TO {name}".encode())
    mine = address.replace("postgres@", f"{name}@", 1)
    done = served(home, mine)
    assert done.status == "loaded", done.message
    with connect(engine_of(mine)) as connection:
        who = connection.execute("SELECT current_user").fetchone()
        assert who == ("qingqian_analyst" if may_make_roles else name,)
        assert connection.execute("SELECT count(*) FROM debts").fetchone() == (3,)
        with pytest.raises((psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)):
            connection.execute("DELETE FROM core.documents")


def test_what_is_wrong_with_the_setting_or_the_server_is_said(
    home: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for value, said in (
        ("mysql://x", "QINGQIAN_WAREHOUSE"),
        ("postgresql://[", "地址写得不对"),
        (f"postgresql://u:secret@/x?host={home}", "连不上 PostgreSQL 服务器"),
        (postgres.new_database(), "还没有装入仓库"),
    ):
        monkeypatch.setenv("QINGQIAN_WAREHOUSE", value)
        with pytest.raises(QueryError, match=said) as caught:
            run_query(home, "SELECT 1")
        assert "secret" not in caught.value.message
