"""Analysts' access to the lakehouse: DuckDB in the asking process, the catalog read-only, no other file, no network.

The guard on the statement is the same as the file's, and so are the limits by the kernel: the query runs here, in one
process. Behind the guard the connection reads the lakehouse's own folder or bucket and nothing else; the catalog's
server is asked in transactions that only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.ddl import literal
from warehouse.engine import Engine, EngineError
from warehouse.lake.attach import attach, place_of
from warehouse.sql_guard import QueryError

if TYPE_CHECKING:
    import duckdb


def connect(engine: Engine, *, memory: int = 1 << 30, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A read-only connection, its settings locked, in China's time; each statement sees one whole night.

    Raises QueryError when the lakehouse does not answer or holds no warehouse.
    """
    import duckdb

    try:
        place = place_of(engine)
        connection = None
        if place.is_made:
            connection = attach(engine, place, read_only=True, memory=memory * 7 // 10, threads=threads)
    except EngineError as e:
        raise QueryError("cannot_open", str(e)) from e
    if connection is None or not _holds_warehouse(connection):
        raise QueryError("no_warehouse", f"湖仓 {engine.name} 里还没有装入仓库；请先运行 qingqian nightly。")
    try:
        connection.execute(f"SET allowed_directories = [{literal(place.data + '/')}]")
        connection.execute("SET max_temp_directory_size = '0B'")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except duckdb.Error as e:
        connection.close()
        raise QueryError("cannot_open", f"湖仓 {engine.name} 打不开；请运行 qingqian doctor 查看。") from e
    return connection


def _holds_warehouse(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_catalog = 'lake' AND table_schema = 'core' "
        "AND table_name = 'publication'"
    ).fetchone()
    return found == (1,)
