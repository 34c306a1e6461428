"""Loading a published file into the lakehouse: what changed, in one transaction over all tables, by one committer.

A reader sees one snapshot for as long as its transaction lasts, and neither waits for the other. What a killed
committer wrote is on no snapshot: files that the catalog does not know, cleared away in time. Nothing here reads an
older version inside the transaction: after a DELETE such a reading hides the old rows too.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.ddl import literal, quoted
from warehouse.engine import Engine, connect_server
from warehouse.lake.attach import LakeConflictError, LakeError, reason_of
from warehouse.lake.schema import LAYOUT, drop_statements, lake_schema_digest, lake_statements
from warehouse.relations import Columns, loaded_tables
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

AUTHOR = "qingqian"
_LOCK_KEY = 7_280_803  # of the advisory lock in the catalog's server that one committer at a time holds
BUSY_SECONDS = 300.0
_CONFLICT = re.compile(r"conflict|retry count|serializ", re.IGNORECASE)  # of what a commit can fail with
_WHOLE_SHARE = 2  # from half of a table's groups on, the table is written anew


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load left: rows and digest of every table; `written` counts the rows written tonight."""

    load_id: str
    tables: dict[str, tuple[int, str]]
    written: int
    schema_made: bool


@contextmanager
def committing(engine: Engine, *, wait: float = BUSY_SECONDS) -> Iterator[Callable[[], None]]:
    """Be the one committer while the block runs; a committer that died is out of it at once. What is yielded raises
    when the lock was lost; ask it before a commit.

    Raises LakeError when another one is at work for longer than `wait` seconds, EngineError when the catalog does not
    answer.
    """
    import psycopg

    with connect_server(engine, application="qingqian committer") as server:
        server.autocommit = True
        until = time.monotonic() + wait
        while server.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK_KEY]).fetchone() != (True,):
            if time.monotonic() > until:
                raise LakeError("另一个装入任务正在写这个湖仓；请确认没有两个状态目录共用一个湖仓，稍后重试。")
            time.sleep(0.2)

        def still_held() -> None:
            try:
                server.execute("SELECT 1")
            except psycopg.Error as e:
                raise LakeConflictError("湖仓目录库的连接断了，不再独占写入；已放弃，请重试。") from e

        yield still_held


def load(
    lake: duckdb.DuckDBPyConnection,
    path: Path,
    load_id: str,
    *,
    night: str,
    facts: Mapping[str, str],
    is_trusted: bool,
    before_commit: Callable[[Loaded], None],
) -> Loaded:
    """Bring the lakehouse to what the file holds and commit, as a snapshot that names the night.

    `facts` are kept in core.publication beside `load_id`. With `is_trusted` (nobody else wrote since the last load)
    rows of documents that did not change stay; else tables and views are made anew. `before_commit` is the last that is
    called before. Raises LakeConflictError when somebody else committed meanwhile, LakeError when what was written is
    not what the file holds or is there twice, duckdb.Error when catalog or storage refuse; nothing is kept then.
    """
    import duckdb

    lake.execute(f"ATTACH {literal(str(path))} AS night (READ_ONLY)")
    try:
        lake.execute("BEGIN")
        made = _ensure_schema(lake, is_trusted=is_trusted)
        tables: dict[str, tuple[int, str]] = {}
        written = 0
        # What was loaded so far, read once; `told` and `gone` collect what is to be said of it in one writing.
        lake.execute("CREATE OR REPLACE TEMP TABLE known AS SELECT * FROM lake.core.loaded")
        for name_of in ("told", "gone"):
            lake.execute(f"CREATE OR REPLACE TEMP TABLE {name_of} AS SELECT * FROM temp.known LIMIT 0")
        for name, columns in loaded_tables().items():
            tables[name], some = _load_table(lake, name, columns, is_trusted=is_trusted and not made)
            written += some
        lake.execute(
            "DELETE FROM lake.core.loaded WHERE (table_name, bucket) IN (SELECT (table_name, bucket) FROM temp.gone)"
        )
        lake.execute("INSERT INTO lake.core.loaded SELECT * FROM temp.told")
        told = {**facts, "load_id": load_id, "night": night, "lake_schema": lake_schema_digest()}
        # Every committer rewrites these rows: of two that start from one snapshot, the second conflicts.
        lake.execute("DELETE FROM lake.core.publication")
        rows = ", ".join(f"({literal(k)}, {literal(told[k])})" for k in sorted(told))
        lake.execute(f"INSERT INTO lake.core.publication VALUES {rows}")
        message = msgspec.json.encode({"load_id": load_id, "night": night}).decode()
        lake.execute(
            f"CALL lake.set_commit_message({literal(AUTHOR)}, {literal(f'night {night}')}, "
            f"extra_info => {literal(message)})"
        )
        done = Loaded(load_id=load_id, tables=tables, written=written, schema_made=made)
        before_commit(done)
        lake.execute("COMMIT")
    except duckdb.TransactionException as e:
        _give_up(lake)
        if not _CONFLICT.search(reason_of(e)):
            raise
        raise LakeConflictError("另一个任务同时写了湖仓；已放弃这一次，请重试。") from e
    except BaseException:
        _give_up(lake)
        raise
    finally:
        _detach(lake)
    return done


def _give_up(lake: duckdb.DuckDBPyConnection) -> None:
    """Roll back; the transaction may be over already."""
    import duckdb

    try:
        lake.execute("ROLLBACK")
    except duckdb.Error as e:
        if "no transaction" not in str(e):
            raise


def _detach(lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("DETACH DATABASE IF EXISTS night")


def publication_of(lake: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What core.publication says; empty when there is none. Raises LakeError for tables that somebody else made."""
    found = lake.execute(
        "SELECT count(*), count(*) FILTER (WHERE table_schema = 'core' AND table_name = 'publication') "
        "FROM information_schema.tables WHERE table_catalog = 'lake'"
    ).fetchone()
    if found is None or found[0] == 0:
        return {}
    if found[1] == 0:
        raise LakeError("湖仓里已有不是本程序建的表；请给本程序单独建一个数据库。")
    return {str(k): str(v) for k, v in lake.execute("SELECT key, value FROM lake.core.publication").fetchall()}


def table_digest(connection: duckdb.DuckDBPyConnection, relation: str) -> tuple[int, str]:
    """Rows of a table, and the sum of their hashes: the same in any order of rows, in the file and in the lakehouse."""
    row = connection.execute(f"SELECT count(*), coalesce(sum(hash(t)), 0)::VARCHAR FROM {relation} t").fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def _ensure_schema(lake: duckdb.DuckDBPyConnection, *, is_trusted: bool) -> bool:
    """Make the schemas where they are missing, of another version or touched by others; True when they were made."""
    told = publication_of(lake)
    if is_trusted and told.get("lake_schema") == lake_schema_digest():
        return False
    for statement in (*(drop_statements() if told else ()), *lake_statements()):
        lake.execute(statement)
    _lay_out(lake)
    return True


def _lay_out(lake: duckdb.DuckDBPyConnection) -> None:
    """Say how files are to be written. Only what is not said yet: a row of the catalog that is written again is locked
    till the commit, and a second committer would wait for it instead of meeting its conflict."""
    held = dict(lake.execute("SELECT option_name, value FROM lake.options() WHERE scope = 'GLOBAL'").fetchall())
    for option, value in LAYOUT.items():
        if held.get(option, "").removeprefix("V") != value:  # versions are set as 2 and told as V2
            lake.execute(f"CALL lake.set_option({literal(option)}, {literal(value)})")


# One table -----------------------------------------------------------------------------------------------------


def _load_table(
    lake: duckdb.DuckDBPyConnection, name: str, columns: Columns, *, is_trusted: bool
) -> tuple[tuple[int, str], int]:
    """Replace the rows of documents, or groups of rows, that changed; rows and digest of the table, rows written."""
    bucket, table, source = _bucket(name, columns), f"lake.core.{quoted(name)}", f"night.core.{quoted(name)}"
    lake.execute(
        f"CREATE OR REPLACE TEMP TABLE now AS SELECT {bucket} AS bucket, count(*) AS rows, "
        f"sum(hash(t))::VARCHAR AS digest FROM {source} t GROUP BY 1"
    )
    expected = _totals(lake, "temp.now")
    known = f"(SELECT bucket, rows, digest FROM temp.known WHERE table_name = {literal(name)})"
    lake.execute(
        "CREATE OR REPLACE TEMP TABLE changed AS SELECT coalesce(n.bucket, k.bucket) AS bucket FROM temp.now n "
        f"FULL JOIN {known} k ON k.bucket = n.bucket WHERE {'' if is_trusted else 'true OR '}"
        "(n.rows, n.digest) IS DISTINCT FROM (k.rows, k.digest)"
    )
    changed, groups = _one(lake, "SELECT count(*), (SELECT count(*) FROM temp.now) FROM temp.changed")
    if changed == 0 and is_trusted:
        return expected, 0
    is_partial = is_trusted and changed * _WHOLE_SHARE < groups
    among = f"WHERE {bucket} IN (SELECT bucket FROM temp.changed)" if is_partial else ""
    lake.execute(f"DELETE FROM {table} {among}")
    lake.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {source} {among}")
    touched = "SEMI JOIN temp.changed USING (bucket)" if is_partial else ""
    lake.execute(f"INSERT INTO temp.gone SELECT k.* FROM temp.known k {touched} WHERE table_name = {literal(name)}")
    lake.execute(f"INSERT INTO temp.told SELECT {literal(name)}, bucket, rows, digest FROM temp.now {touched}")
    _audit(lake, name, table, source, among, expected[0])
    return expected, _one(lake, f"SELECT count(*), 0 FROM {source} {among}")[0]


def _audit(lake: duckdb.DuckDBPyConnection, name: str, table: str, source: str, among: str, expected: int) -> None:
    """Read back what was written: as many rows as the file has, the same ones, and no key twice. Raises LakeError."""
    rows, _ = _one(lake, f"SELECT count(*), 0 FROM {table}")
    if rows != expected:
        raise LakeError(f"装入湖仓的表 {name} 行数不符（应为 {expected}，实为 {rows}），已放弃；请重试。")
    if table_digest(lake, f"(SELECT * FROM {table} {among})") != table_digest(
        lake, f"(SELECT * FROM {source} {among})"
    ):
        raise LakeError(f"装入湖仓的表 {name} 内容与文件不符，已放弃；请检查存放处后重试。")
    if name in TABLES:
        # A lakehouse knows no unique keys: what was written is looked for a second time in the whole table.
        key = ", ".join(quoted(k) for k in TABLES[name].key)
        some = f"SEMI JOIN (SELECT {key} FROM {source} {among}) w USING ({key})" if among else ""
        twice = lake.execute(f"SELECT {key} FROM {table} {some} GROUP BY ALL HAVING count(*) > 1 LIMIT 1").fetchone()
        if twice is not None:
            shown = "、".join(str(v) for v in twice)
            raise LakeError(f"装入湖仓的表 {name} 里主键 {shown} 不止一行，已放弃；请重试，仍这样请报告。")


def _bucket(name: str, columns: Columns) -> str:
    """What rows are compared by: the document, else one of some thousand groups by key."""
    if "document_id" in columns.names:
        return "coalesce(document_id, '')"
    table = TABLES.get(name)
    return f"substr(md5(CAST({quoted(columns.names[0] if table is None else table.key[0])} AS VARCHAR)), 1, 4)"


def _totals(lake: duckdb.DuckDBPyConnection, groups: str) -> tuple[int, str]:
    rows = lake.execute(
        f"SELECT coalesce(sum(rows), 0), coalesce(sum(digest::HUGEINT), 0)::VARCHAR FROM {groups}"
    ).fetchone()
    assert rows is not None
    return int(rows[0]), str(rows[1])


def _one(lake: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, int]:
    row = lake.execute(sql).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
