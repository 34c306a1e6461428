"""Analysts' access to the server: read-only, one night per statement, and one checked SELECT at a time.

Three guards, none relying on another: the statement's syntax tree and what PostgreSQL itself says of the functions it
calls; a transaction that is read-only under a role that may read and nothing else; DECLARE CURSOR in the extended
protocol, which takes one SELECT that writes nowhere. Time is limited by the server, so that nothing goes on there when
the asking process is killed.
"""

# ruff: noqa: S608 - statements were checked before

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from warehouse.ddl import literal
from warehouse.engine import Engine, EngineError, connect_server
from warehouse.postgres.roles import become
from warehouse.postgres.rows import arrow_of, json_positions
from warehouse.postgres.schema import ANALYST, SEARCH_PATH
from warehouse.sql_guard import QueryError, Statement, check, refused_function
from warehouse.views import MACRO_NAMES

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

    from warehouse.access import Limits

_BATCH = 2048
_TABLE_FUNCTIONS = frozenset(
    {
        "generate_series", "unnest", "json_each", "json_each_text", "json_array_elements", "json_array_elements_text",
        "json_object_keys", "regexp_matches", "regexp_split_to_table", "string_to_table", *MACRO_NAMES,
    }
)  # fmt: skip
# Whatever reads settings, files, catalogs or other sessions, or runs a text as a statement.
_REFUSED = re.compile(
    r"pg_\w+|lo_\w+|dblink\w*|\w+_to_xml\w*|current_setting|set_config|txid_\w+|inet_\w+|has_\w+|to_reg\w+|currtid\w*|"
    r"version|row_security_active|acl\w+|make_acl\w*|ts_stat|ts_rewrite|\w+_description|format_type|current_query"
)
# Functions that give another answer each time and harm nobody; every other volatile one is refused.
_HARMLESS = frozenset({"random", "clock_timestamp", "timeofday", "gen_random_uuid"})


def connect(engine: Engine, *, seconds: float | None = None) -> psycopg.Connection[tuple[Any, ...]]:
    """A read-only connection in China's time; each statement sees one whole night, and so do all of a
    `with connection.transaction():`. JSON comes as text, as from the file.

    Raises QueryError when the server does not answer or holds no warehouse.
    """
    import psycopg
    from psycopg.types.string import TextLoader

    try:
        connection = connect_server(engine, application="qingqian query")
    except EngineError as e:
        raise QueryError("cannot_open", str(e)) from e
    connection.autocommit = True
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)
    try:
        settings = {
            "search_path": f"{SEARCH_PATH}, pg_temp",
            "default_transaction_read_only": "on",
            "lock_timeout": "30s",
            "idle_in_transaction_session_timeout": "10min",
            "statement_timeout": "0" if seconds is None else f"{int(seconds * 1000)}ms",
        }
        for name, value in settings.items():
            connection.execute(f"SET {name} = {value if name == 'search_path' else literal(value)}".encode())
        with suppress(psycopg.errors.InvalidParameterValue):  # not every system can tell that the asker is gone
            connection.execute("SET client_connection_check_interval = '1s'")
        found = connection.execute("SELECT to_regclass('core.publication') IS NOT NULL").fetchone()
        if found != (True,):
            message = f"服务器 {engine.name} 上还没有装入仓库；请先运行 qingqian nightly。"
            raise QueryError("no_warehouse", message)
        become(connection, ANALYST)
    except psycopg.Error as e:
        connection.close()
        raise QueryError("cannot_open", f"服务器 {engine.name} 拒绝了连接后的设置（{_said(e)}）。") from e
    except QueryError:
        connection.close()
        raise
    return connection


def checked(sql: str, connection: psycopg.Connection[tuple[Any, ...]], relations: Collection[str]) -> str:
    """The statement to run: `sql` itself when it is one SELECT of what analysts may read, or what SHOW TABLES and
    DESCRIBE mean here. Raises QueryError as the guard of the file does."""
    import duckdb

    with duckdb.connect() as parser:
        statement = check(sql, parser, relations, _TABLE_FUNCTIONS)
    for name in sorted(statement.functions):
        if _REFUSED.fullmatch(name):
            raise refused_function(name)
    volatile = connection.execute(
        "SELECT proname FROM pg_proc WHERE provolatile = 'v' AND proname = ANY(%s) ORDER BY 1 LIMIT 1",
        [sorted(statement.functions - _HARMLESS)],
    ).fetchone()
    if volatile is not None:
        raise refused_function(str(volatile[0]))
    return sql if statement.shows is None else _shown(statement)


def _shown(statement: Statement) -> str:
    if statement.shows == "tables":
        return "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
    if statement.shows != "describe" or not statement.shown:
        raise QueryError("forbidden", "PostgreSQL 上只能用 SHOW TABLES 和 DESCRIBE 视图名；其余请写成 SELECT。")
    return (
        "SELECT a.attname::text AS column_name, format_type(a.atttypid, a.atttypmod) AS column_type, "
        "col_description(a.attrelid, a.attnum) AS comment FROM pg_attribute a "
        f"WHERE a.attrelid = {literal(statement.shown)}::regclass AND a.attnum > 0 AND NOT a.attisdropped "
        "ORDER BY a.attnum"
    )


def fetch(
    connection: psycopg.Connection[tuple[Any, ...]], sql: str, limits: Limits
) -> tuple[pa.Table, bool, tuple[int, ...]]:
    """Rows of a checked statement as Arrow, whether there are more, and the positions of JSON columns.

    Raises QueryError when it fails or its result is too large.
    """
    import psycopg

    rows: list[tuple[Any, ...]] = []
    size = 0
    try:
        with connection.transaction(), connection.cursor() as cursor:
            # Prepared: the extended protocol takes one statement only, whatever the text holds.
            cursor.execute(f"DECLARE answer NO SCROLL CURSOR FOR {sql}".encode(), prepare=True)
            while True:
                found = cursor.execute(f"FETCH FORWARD {min(_BATCH, limits.rows + 1)} FROM answer".encode()).fetchall()
                rows += found
                size += sum(len(v) if isinstance(v, str | bytes) else 16 for row in found for v in row)
                if size > limits.bytes:
                    raise QueryError("result_too_large", f"结果超过 {limits.bytes >> 20} MB，请少选几列或缩小范围。")
                if len(found) < min(_BATCH, limits.rows + 1) or len(rows) > limits.rows:
                    break
            columns = cursor.description or []
            table = arrow_of(columns, rows[: limits.rows])
            return table, len(rows) > limits.rows, json_positions(columns)
    except psycopg.errors.QueryCanceled as e:
        raise QueryError("timeout", f"查询超过 {limits.seconds:g} 秒，已中止；请加条件缩小范围。") from e
    except (psycopg.errors.ProgramLimitExceeded, psycopg.errors.InsufficientResources) as e:
        raise QueryError("memory", f"查询占用的资源超出服务器的上限（{_said(e)}）；请缩小范围或分批查询。") from e
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as e:
        raise QueryError("forbidden", f"服务器不允许这个查询（{_said(e)}）。") from e
    except psycopg.errors.SyntaxError as e:
        raise QueryError("syntax", f"语句有语法错误：{_said(e)}（仓库引擎是 PostgreSQL）") from e
    except psycopg.Error as e:
        if e.sqlstate is None and "memory" in str(e):  # of this process, which holds what the server sends
            raise QueryError("memory", "查询结果占用的内存超过上限，已中止；请缩小范围或分批查询。") from e
        raise QueryError("failed", f"查询失败：{_said(e)}") from e


def _said(error: psycopg.Error) -> str:
    """What the server said, without the statement it repeats."""
    said = error.diag.message_primary or str(error)
    hint = f"；{error.diag.message_hint}" if error.diag.message_hint else ""
    return " ".join((said + hint).split())[:500]
