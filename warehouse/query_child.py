"""The process in which one query runs: a `Request` on stdin, a `Reply` and rows on stdout."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import duckdb
import msgspec
import pyarrow as pa

from warehouse.access import Limits, QueryError, Reply, Request, connect
from warehouse.engine import VARIABLE
from warehouse.sql_guard import check
from warehouse.tables import TABLES
from warehouse.views import VIEW_NAMES

Answer = tuple[pa.Table, bool, tuple[int, ...]]  # rows, whether there are more, positions of JSON columns

_BATCH = 2048
_PLACES = re.compile(r"(?:s3|https?)://[^\s\"']+|/[^\s\"']*\.parquet|postgres(?:ql)?:[^\n]*(?:host|dbname)=[^\n]*")
_STACKS = 256 << 20  # address space that threads and allocators reserve without using


def load() -> None:
    """Load what the first query would: DuckDB looks for pandas wherever it is installed."""
    with contextlib.suppress(ImportError):
        importlib.import_module("pandas")


class Opened(NamedTuple):
    """A warehouse file that was opened before there was anything to ask of it, in this thread alone."""

    path: str
    connection: duckdb.DuckDBPyConnection


def opened_at(path: str) -> Opened:
    """Open a file for queries to come. Raises QueryError when it cannot be opened."""
    return Opened(
        path, connect(Path(path), memory=Limits().memory, threads=1)
    )  # other threads would not survive a fork


def main(opened: Opened | None = None) -> None:
    """Answer one request and end; of the file that is open already, if it is that one."""
    out = _private_output()
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    try:
        answer = _opened(request, opened)
    except QueryError as e:
        _ready(out)
        _refuse(out, e.code, e.message)
        return
    _limit(request.limits)
    _ready(out)
    try:
        table, truncated, json_columns = answer()
    except QueryError as e:
        _refuse(out, e.code, e.message)
    except (duckdb.OutOfMemoryException, MemoryError):
        _refuse(out, "memory", f"查询占用的内存超过 {request.limits.memory >> 20} MB，已中止；请缩小范围或分批查询。")
    except (duckdb.Error, pa.ArrowException) as e:
        _refuse(out, "failed", "查询失败：" + _sentence(e, request.path))
    else:
        out.write(msgspec.json.encode(Reply(truncated=truncated, json_columns=json_columns)) + b"\n")
        with pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
        out.flush()


def _opened(request: Request, opened: Opened | None) -> Callable[[], Answer]:
    """Open the warehouse asked for; what checks and runs the statement. Raises QueryError when it cannot be opened."""
    relations = frozenset((*VIEW_NAMES, *TABLES))
    if request.url:
        from warehouse.engine import EngineError, engine_set

        try:
            engine = engine_set({**os.environ, VARIABLE: request.url})
        except EngineError as e:
            raise QueryError("cannot_open", str(e)) from e
        if engine.kind == "postgresql":
            from warehouse.postgres import access as server_access

            server = server_access.connect(engine, seconds=request.limits.seconds)
            return lambda: server_access.fetch(
                server, server_access.checked(request.sql, server, relations), request.limits
            )
        from warehouse.lake import access as lake_access

        connection = lake_access.connect(engine, memory=request.limits.memory)
    elif opened is not None and opened.path == request.path:
        connection = opened.connection.cursor()
    else:
        connection = connect(Path(request.path), memory=request.limits.memory)

    def answer() -> Answer:
        check(request.sql, connection, relations)
        return _run(connection, request)

    return answer


def _private_output() -> BinaryIO:
    """What stdout was, for the answer alone; whatever else is printed to stdout from here on goes to stderr."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _ready(out: BinaryIO) -> None:
    """Tell the parent that its clock may start."""
    out.write(b".")
    out.flush()


def _limit(limits: Limits) -> None:
    """Let the kernel hold the limits: memory on top of what is in use now, CPU time, no file, no core."""
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    space = pages * resource.getpagesize() + limits.memory + _STACKS
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    seconds = int(limits.seconds * 4) + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run(connection: duckdb.DuckDBPyConnection, request: Request) -> Answer:
    limits = request.limits
    cursor = connection.execute(request.sql)
    json_columns = tuple(i for i, column in enumerate(cursor.description or ()) if str(column[1]) == "JSON")
    reader = cursor.to_arrow_reader(_BATCH)
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if size > limits.bytes:
            raise QueryError("result_too_large", f"结果超过 {limits.bytes >> 20} MB，请少选几列或缩小范围。")
        if rows > limits.rows:
            break
    table = pa.Table.from_batches(batches, schema=reader.schema)
    return table.slice(0, limits.rows), rows > limits.rows, json_columns


def _sentence(error: Exception, path: str) -> str:
    """The first lines of an error without anything that shows where the warehouse lies."""
    text = " ".join(str(error).split("\n\nLINE")[0].splitlines()).replace(path or "\0", "仓库")
    return _PLACES.sub("仓库", text)[:500]


def _refuse(out: BinaryIO, code: str, message: str) -> None:
    out.write(msgspec.json.encode(Reply(code=code, message=message)) + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
