"""Loading a published file into the server: what changed, by COPY, in one transaction that the caller commits.

Rows are replaced by DELETE and COPY, never by swapping tables. Names are looked up outside of a transaction's snapshot:
a reader in REPEATABLE READ who had asked one view before a swap would find the others empty after it. Rows obey the
snapshot, so a reader sees one night for as long as its transaction lasts, and neither waits for the other.

Only a change of the schema itself (a new version of the program) makes the schemas anew, beside the old ones. Those
are dropped then, or, while a reader holds them, left under another name to be dropped another night.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.ddl import quoted
from warehouse.postgres import schema
from warehouse.postgres.roles import make_roles
from warehouse.relations import Columns, loaded_tables
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

if TYPE_CHECKING:
    import duckdb
    import psycopg
    import pyarrow as pa

_LOCK_KEY = 7_280_802  # of the advisory lock that one loader at a time holds
_BUSY_SECONDS = 60.0
_BATCH = 8_192
LOCK_TIMEOUT = "5min"  # no reader can hold a load up; whoever rewrites or locks a table can
_DROP_ATTEMPTS = 3
_DROP_LOCK = "500ms"
_ASIDE = "qq_old_"


class LoadError(Exception):
    """The server was not loaded; one sentence says why and what to do."""


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What a load left in the server: rows and digest of every table; `written` counts the rows copied tonight."""

    load_id: str
    rows: dict[str, int]
    digests: dict[str, str]
    written: int
    schema_made: bool


def load(
    connection: psycopg.Connection[tuple[object, ...]],
    path: Path,
    load_id: str,
    *,
    facts: Mapping[str, str],
    is_trusted: bool,
) -> Loaded:
    """Bring the server to what the file holds, in the transaction that is open; nobody sees it before its commit.

    `facts` are kept in core.publication beside `load_id`. With `is_trusted` (the last load was compared and found
    whole) rows of documents that did not change stay; else everything is written anew. Raises LoadError when another
    loader is at work or the schemas belong to somebody else, psycopg.Error when the server refuses.
    """
    import duckdb

    _one_loader(connection)
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    made = _ensure_schema(connection)
    is_trusted = is_trusted and not made
    previous = {} if made else _stored_digests(connection)
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    written = 0
    with duckdb.connect(str(path), read_only=True, config={"threads": 2, "memory_limit": "1GB"}) as file:
        for name, columns in loaded_tables().items():
            copied = _load_table(connection, file, name, columns, is_trusted=is_trusted)
            written += copied or 0
            if copied is None and name in previous:
                rows[name], digests[name] = previous[name]
                continue
            expected = _count(file, name)
            if not made and (copied or 0) * 10 >= expected:  # a little is left to autovacuum
                connection.execute(f"ANALYZE core.{quoted(name)}")
            rows[name], digests[name] = table_digest(connection, name)
            if rows[name] != expected:
                raise LoadError(f"装入 {name} 后行数不符（应为 {expected}，实为 {rows[name]}），已放弃；请重试。")
    if made:
        for statement in schema.index_statements():
            connection.execute(statement)
        for name in loaded_tables():
            connection.execute(f"ANALYZE core.{quoted(name)}")
    told = {**facts, "load_id": load_id, "server_schema": schema.server_schema_digest()}
    told["tables"] = msgspec.json.encode({n: [rows[n], digests[n]] for n in rows}).decode()
    connection.execute("DELETE FROM core.publication")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO core.publication VALUES (%s, %s)", sorted(told.items()))
    drop_set_aside(connection)  # last, since from here to the commit readers wait for what is dropped
    return Loaded(load_id=load_id, rows=rows, digests=digests, written=written, schema_made=made)


def publication_of(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, str]:
    """What core.publication says; empty when there is none of ours. Raises LoadError when the schemas are somebody
    else's."""
    if not _ours(connection):
        return {}
    found = connection.execute("SELECT key, value FROM core.publication").fetchall()
    return {str(key): str(value) for key, value in found}


def has_schema(connection: psycopg.Connection[tuple[object, ...]], told: Mapping[str, str]) -> bool:
    """Whether the schemas are this version's, by what core.publication told, and no view is missing."""
    if told.get("server_schema") != schema.server_schema_digest():
        return False
    found = connection.execute("SELECT viewname FROM pg_views WHERE schemaname = 'main'").fetchall()
    return {str(r[0]) for r in found} >= set(VIEW_NAMES)


def table_digest(connection: psycopg.Connection[tuple[object, ...]], name: str) -> tuple[int, str]:
    """Rows of a loaded table, and the sum of their hashes as the server reckons it: the same in any order of rows."""
    columns = loaded_tables()[name]
    listed = ", ".join(
        quoted(n) + ("::text" if t == "JSON" else "") for n, t in zip(columns.names, columns.types, strict=True)
    )
    found = connection.execute(
        f"SELECT count(*), coalesce(sum(hash_record_extended(ROW({listed}), 0)::numeric), 0)::text "
        f"FROM core.{quoted(name)}"
    ).fetchone()
    assert found is not None
    return int(str(found[0])), str(found[1])


def drop_set_aside(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """Drop schemas that were set aside, tonight or earlier, as far as nobody reads them; how many are left."""
    import psycopg

    names = connection.execute("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s)", [_ASIDE]).fetchall()
    if not names:
        return 0
    listed = ", ".join(quoted(str(name)) for (name,) in names)
    for attempt in range(_DROP_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{_DROP_LOCK}'")
                connection.execute(f"DROP SCHEMA {listed} CASCADE")
                connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(0.2 * (attempt + 1))
        else:
            return 0
    return len(names)


def _one_loader(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Hold the loaders' lock until the transaction ends; a loader that died may hold it for some moments yet."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK_KEY]).fetchone()
        if row is not None and row[0]:
            return
        if time.monotonic() > until:
            raise LoadError("另一个装入任务正在写这个数据库；请确认没有两个状态目录共用一个库，稍后重试。")
        time.sleep(0.5)


def _ours(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Whether our schemas are there. Raises LoadError for schemas of these names that somebody else made."""
    found = connection.execute(
        "SELECT nspname, EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'publication') "
        "FROM pg_namespace n WHERE nspname IN ('main', 'core')"
    ).fetchall()
    if not found:
        return False
    if ("core", True) not in found:
        raise LoadError("数据库里已有名为 main 或 core 的模式，但不是本程序建的；请给本程序单独建一个数据库。")
    return True


def _ensure_schema(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    """Make the schemas where they are missing or of another version; True when they were made."""
    if has_schema(connection, publication_of(connection)):
        return False
    if _ours(connection):
        _set_aside(connection)
    for statement in (*schema.table_statements(), *schema.view_statements()):
        connection.execute(statement.encode())
    make_roles(connection)
    return True


def _set_aside(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Give the schemas another name: nobody has to be waited for, and nobody sees it before the commit."""
    stamp = connection.execute("SELECT to_char(clock_timestamp(), 'YYYYMMDDHH24MISSUS')").fetchone()
    assert stamp is not None
    for name in ("main", "core"):
        connection.execute(f"ALTER SCHEMA {name} RENAME TO {quoted(f'{_ASIDE}{stamp[0]}_{name}')}")


def _stored_digests(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, tuple[int, str]]:
    told = publication_of(connection).get("tables")
    return {} if told is None else msgspec.json.decode(told, type=dict[str, tuple[int, str]])


def _count(file: duckdb.DuckDBPyConnection, name: str) -> int:
    row = file.execute(f"SELECT count(*) FROM core.{quoted(name)}").fetchone()
    assert row is not None
    return int(row[0])


# One table -----------------------------------------------------------------------------------------------------


def _load_table(
    connection: psycopg.Connection[tuple[object, ...]],
    file: duckdb.DuckDBPyConnection,
    name: str,
    columns: Columns,
    *,
    is_trusted: bool,
) -> int | None:
    """Replace the rows of documents, or groups of rows, that changed; how many were copied, None when nothing did."""
    bucket = _bucket(name, columns)
    now: dict[str, tuple[int, str]] = {
        r[0]: (r[1], r[2])
        for r in file.execute(
            f"SELECT {bucket} AS bucket, count(*), sum(hash(t))::VARCHAR FROM core.{quoted(name)} t GROUP BY 1"
        ).fetchall()
    }
    before: dict[str, tuple[int, str]] = {}
    if is_trusted:
        found = connection.execute("SELECT bucket, rows, digest FROM core.loaded WHERE table_name = %s", [name])
        before = {str(r[0]): (int(str(r[1])), str(r[2])) for r in found.fetchall()}
        if before == now:
            return None
    changed = sorted({b for b in now.keys() | before.keys() if now.get(b) != before.get(b)})
    is_partial = is_trusted and len(changed) * 2 < len(now)
    if is_partial:
        column = "document_id" if "document_id" in columns.names else bucket  # the index is on the bare column
        connection.execute(f"DELETE FROM core.{quoted(name)} WHERE {column} = ANY(%s)", [changed])
        if "document_id" in columns.names and "" in changed:
            connection.execute(f"DELETE FROM core.{quoted(name)} WHERE document_id IS NULL")
        connection.execute("DELETE FROM core.loaded WHERE table_name = %s AND bucket = ANY(%s)", [name, changed])
    else:
        connection.execute(f"DELETE FROM core.{quoted(name)}")
        connection.execute("DELETE FROM core.loaded WHERE table_name = %s", [name])
        changed = sorted(now)
    copied = _copy(connection, file, name, columns, changed if is_partial else None)
    digests = [(name, b, *now[b]) for b in changed if b in now]
    with connection.cursor().copy("COPY core.loaded (table_name, bucket, rows, digest) FROM STDIN") as copy:
        for row in digests:
            copy.write_row(row)
    return copied


def _bucket(name: str, columns: Columns) -> str:
    """What rows are compared by, as both engines write it: the document, else one of some thousand groups by key."""
    if "document_id" in columns.names:
        return "coalesce(document_id, '')"
    table = TABLES.get(name)
    return f"substr(md5(CAST({quoted(columns.names[0] if table is None else table.key[0])} AS VARCHAR)), 1, 4)"


def _copy(
    connection: psycopg.Connection[tuple[object, ...]],
    file: duckdb.DuckDBPyConnection,
    name: str,
    columns: Columns,
    buckets: list[str] | None,
) -> int:
    """Copy a table's rows, or those of some buckets; columns without a value in the whole table are left out, since
    the server takes as long over an empty one."""
    import pyarrow as pa

    source = f"core.{quoted(name)} t"
    counts = ", ".join(f"count({quoted(n)})" for n in columns.names)
    found = file.execute(f"SELECT {counts} FROM {source}").fetchone()
    assert found is not None
    filled = [n for n, count in zip(columns.names, found, strict=True) if count]
    if not filled:
        return 0
    listed = ", ".join(quoted(n) for n in filled)
    if buckets is not None:
        file.register("changed", pa.table({"bucket": pa.array(buckets, pa.string())}))
        source += f" SEMI JOIN changed c ON c.bucket = {_bucket(name, columns)}"
    reader = file.execute(f"SELECT {listed} FROM {source}").to_arrow_reader(_BATCH)
    rows = 0
    with connection.cursor().copy(f"COPY core.{quoted(name)} ({listed}) FROM STDIN (FORMAT csv)".encode()) as copy:
        for batch in reader:
            rows += batch.num_rows
            copy.write(csv_of(batch))
    if buckets is not None:
        file.unregister("changed")
    return rows


def csv_of(batch: pa.RecordBatch) -> bytes:
    """A batch as the CSV that COPY reads: texts quoted, null bare. U+0000, which PostgreSQL cannot keep, becomes
    U+FFFD."""
    import pyarrow as pa
    import pyarrow.csv

    out = pa.BufferOutputStream()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    pyarrow.csv.write_csv(batch, out, options)
    data: bytes = out.getvalue().to_pybytes()
    return data.replace(b"\0", b"\xef\xbf\xbd") if b"\0" in data else data
