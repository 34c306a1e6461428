"""Loading a published night into PostgreSQL, beside a bare COPY of the same bytes; then a night that changed little.

QINGQIAN_BENCH_ROWS (default 100,000) ledger rows are loaded; 1000000 is the size the target is meant for. The server is
started for this and gone afterwards; not measured where Debian's server is not installed.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg

from benchmarks.row import Row
from benchmarks.warehouse_data import ledger_part
from tests.warehouse import postgres_server
from warehouse.build import Inputs, build_candidate
from warehouse.ddl import create_table
from warehouse.engine import engine_set
from warehouse.postgres.load import csv_of
from warehouse.postgres.publish import Served, serve
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state
from warehouse.tables import LEDGER_ROWS

ROWS = int(os.environ.get("QINGQIAN_BENCH_ROWS", "100000"))
PER_LEDGER = 10_000
DAY = dt.date(2031, 12, 28)
NOW = dt.datetime(2031, 12, 31, 18, tzinfo=dt.UTC)
RATIO = 1.5  # whole load (every table, hashes, indexes, statistics) to the bare COPY of the ledger rows


def run() -> list[Row]:
    """The first load, the bare COPY, a second load of little."""
    with tempfile.TemporaryDirectory() as folder, postgres_server.server() as server:
        if server is None:
            return [
                {
                    "what": "load into PostgreSQL", "ours": "", "peer": "", "ratio": None, "target": "", "ok": None,
                    "note": postgres_server.MISSING,
                }
            ]  # fmt: skip
        return _measure(Path(folder), server)


def _measure(home: Path, server: postgres_server.Server) -> list[Row]:
    parts = [
        ledger_part(home, f"{n}.xlsx", min(PER_LEDGER, ROWS), county=n, day=DAY)
        for n in range(max(1, ROWS // PER_LEDGER))
    ]
    rows = sum(p.rows["ledger_rows"] for p in parts)
    url = server.new_database()

    def night(some: int) -> tuple[Served, float, float]:
        with open_state(home) as state:
            publish(build_candidate(home, Inputs(parts=parts[:some])), home, state, now=NOW)
            done: list[Served] = []
            engine = engine_set({"QINGQIAN_WAREHOUSE": url})
            wall, cpu = _timed(lambda: done.append(serve(home, state, engine, now=NOW)))
        assert done[0].status == "loaded", done[0].message
        return done[0], wall, cpu

    first, wall, cpu = night(len(parts))
    bare_wall, bare_cpu, size = _bare_copy(warehouse_path(home), server.new_database())
    out: list[Row] = [
        {
            "what": f"load {rows:,} ledger rows into PostgreSQL",
            "ours": f"{rows / wall:,.0f} rows/s ({wall:.1f} s, {cpu:.1f} cpu-s here)",
            "peer": f"{rows / bare_wall:,.0f} rows/s, bare COPY of {size / 1e6:,.0f} MB ({bare_cpu:.1f} cpu-s here)",
            "ratio": wall / bare_wall,
            "target": f"≤ {RATIO}",
            "ok": wall / bare_wall <= RATIO,
            "note": f"all {first.written:,} rows of every table, digests, indexes and statistics included; the bare "
            "COPY has every column of the ledger rows, none of which is read, turned to CSV or indexed in that time",
        }
    ]
    if len(parts) > 1:
        second, again_wall, again_cpu = night(len(parts) - 1)
        out.append(
            {
                "what": f"load a night with one ledger fewer of {len(parts)}",
                "ours": f"{again_wall:.1f} s, {second.written:,} rows written ({again_cpu:.1f} cpu-s here)",
                "peer": f"{wall:.1f} s, the first load",
                "ratio": again_wall / wall,
                "target": "",
                "ok": None,
                "note": "rows and digest of every table are compared before, and counted after",
            }
        )
    return out


def _bare_copy(path: Path, url: str) -> tuple[float, float, int]:
    """Seconds by the clock and of this processor for COPY of the ledger rows from memory, and its bytes."""
    with duckdb.connect(str(path), read_only=True) as file:
        batches = [csv_of(b) for b in file.execute("SELECT * FROM core.ledger_rows").to_arrow_reader(8192)]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute(create_table(LEDGER_ROWS, "postgresql").encode())

        def copy() -> None:
            with connection.cursor().copy("COPY core.ledger_rows FROM STDIN (FORMAT csv)") as out:
                for batch in batches:
                    out.write(batch)
            connection.commit()

        wall, cpu = _timed(copy)
    return wall, cpu, sum(map(len, batches))


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    wall, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    work()
    now = resource.getrusage(resource.RUSAGE_SELF)
    return time.monotonic() - wall, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
