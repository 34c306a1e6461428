"""Analysts' access: one SELECT at a time on the published warehouse, in a process of its own that can be killed.

Interrupting DuckDB does not stop every query and its memory limit does not hold for all of them; the kernel's limits
on a child do. Measured remedies, not tidiness.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.engine import EngineError, engine_set
from warehouse.query_process import QueryProcess, Started
from warehouse.sql_guard import QueryError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from warehouse.query_forks import Forks

__all__ = ["Cancel", "Limits", "QueryError", "QueryResult", "connect", "run_query"]

TIME_ZONE = "Asia/Shanghai"
_START_SECONDS = 60.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one query may use. `seconds` counts from when the warehouse is open; `bytes` is the size of the result."""

    seconds: float = 10.0
    memory: int = 1 << 30
    rows: int = 10_000
    bytes: int = 256 << 20


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is asked: of the file at `path`, or of the engine that `url` sets."""

    sql: str
    limits: Limits
    path: str = ""
    url: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """First line of the child's answer; the rows follow as an Arrow stream when `code` is None."""

    code: str | None = None
    message: str = ""
    truncated: bool = False
    json_columns: tuple[int, ...] = ()


class QueryResult(msgspec.Struct, frozen=True, kw_only=True):
    """Rows as Arrow (money stays decimal); `truncated` when there were more than the limit.

    `json_columns` are the positions of columns whose texts are JSON.
    """

    table: pa.Table
    truncated: bool = False
    limit: int = 0
    json_columns: tuple[int, ...] = ()


def connect(path: Path, *, memory: int = 1 << 30, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """A read-only connection without access to files or network, its settings locked, in China's time.

    It sees one published night however long it stays open. Raises QueryError when there is no warehouse or it
    cannot be opened.
    """
    import duckdb

    if not path.is_file():
        raise QueryError("no_warehouse", "还没有已发布的仓库；请先运行 qingqian nightly。")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "python_enable_replacements": False,
        "temp_directory": "",
        "max_temp_directory_size": "0B",
        "memory_limit": f"{memory * 7 // 10}B",
        "threads": threads,
    }
    try:
        connection = duckdb.connect(str(path), read_only=True, config=settings)
        if not _is_locked(connection):  # connections of one process to one file share what is set globally
            connection.execute(f"SET GLOBAL TimeZone = '{TIME_ZONE}'")
            connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
            connection.execute(
                "SET enable_progress_bar = false"
            )  # it would stand between the lines of a script's output
            connection.execute("SET lock_configuration = true")
    except duckdb.Error as e:
        raise QueryError("cannot_open", "仓库文件打不开，可能已损坏；请运行 qingqian nightly 重建。") from e
    return connection


def _is_locked(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute("SELECT current_setting('lock_configuration')").fetchone()
    return row is not None and bool(row[0])


class Cancel:
    """Lets another thread end a query: hand it to `run_query`, keep it, call `cancel`."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._lock = threading.Lock()
        self._child: QueryProcess | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """End the query, running or about to."""
        with self._lock:
            self.is_cancelled = True
            if self._child is not None:
                self._child.kill()

    def _watch(self, child: QueryProcess | None) -> None:
        with self._lock:
            self._child = child
            if child is not None and self.is_cancelled:
                child.kill()


def run_query(
    home: Path,
    sql: str,
    limits: Limits | None = None,
    *,
    path: Path | None = None,
    cancel: Cancel | None = None,
    forks: Forks | None = None,
) -> QueryResult:
    """Run one SELECT on the published warehouse of a home, with the engine that is set, or on another warehouse file
    (`path`). With `forks` its process need not be started from nothing.

    Raises QueryError with a stable code (no_warehouse, cannot_open, syntax, not_select, one_statement, unknown_table,
    forbidden_function, forbidden, too_long, too_deep, timeout, memory, result_too_large, cancelled, failed) and a
    sentence.
    """
    limits = limits or Limits()
    asked = _request(home, sql, limits) if path is None else Request(path=str(path), sql=sql, limits=limits)
    # a file is kept open with the ordinary limit; with another a process opens it anew
    child = _process(forks, asked.path if limits.memory == Limits().memory else "")
    cancel = cancel or Cancel()
    cancel._watch(child)
    try:
        output = _ask(child, msgspec.json.encode(asked), limits)
    finally:
        cancel._watch(None)
        child.end()
    if cancel.is_cancelled:
        raise QueryError("cancelled", "查询已取消。")
    return _answer(output, limits)


def _process(forks: Forks | None, path: str) -> QueryProcess:
    if forks is not None:
        from warehouse.query_forks import ForkError

        try:
            return forks.fork(path)
        except ForkError:  # slower, but just as well
            return Started()
    return Started()


def _request(home: Path, sql: str, limits: Limits) -> Request:
    from warehouse.publish import warehouse_path

    try:
        engine = engine_set()
    except EngineError as e:
        raise QueryError("cannot_open", str(e)) from e
    if engine.kind != "duckdb":
        return Request(url=engine.setting, sql=sql, limits=limits)
    path = warehouse_path(home)
    if not path.is_file():
        raise QueryError("no_warehouse", f"{home} 下还没有已发布的仓库；请先运行 qingqian nightly。")
    return Request(path=str(path), sql=sql, limits=limits)


def _ask(child: QueryProcess, request: bytes, limits: Limits) -> bytes:
    child.send(request)
    if not child.is_ready(_START_SECONDS):
        raise QueryError("timeout", f"查询进程在 {_START_SECONDS:.0f} 秒内没有启动；机器可能太忙，请稍后重试。")
    try:
        return child.read(limits.seconds)
    except TimeoutError as e:
        message = f"查询超过 {limits.seconds:g} 秒，已中止；请加条件缩小范围。"
        raise QueryError("timeout", message) from e


def _answer(output: bytes, limits: Limits) -> QueryResult:
    import pyarrow as pa

    line, _, rows = output.partition(b"\n")
    try:
        reply = msgspec.json.decode(line, type=Reply)
    except msgspec.MsgspecError as e:
        raise QueryError("memory", "查询占用的资源超出上限，已中止；请缩小范围。") from e
    if reply.code is not None:
        raise QueryError(reply.code, reply.message)
    try:
        table = pa.ipc.open_stream(pa.py_buffer(rows)).read_all()
    except pa.ArrowInvalid as e:
        raise QueryError("failed", "查询进程没有写完结果就结束了，请重试。") from e
    return QueryResult(table=table, truncated=reply.truncated, limit=limits.rows, json_columns=reply.json_columns)
