"""Loading a published night into PostgreSQL, beside a bare COPY of the same rows; then a night that changed little.

QINGQIAN_BENCH_ROWS (default 100,000) ledger rows are loaded; 1000000 is the size the target is meant for, held in
proportion to the rows. The server is started for this and gone afterwards; not measured where Debian's server is not
installed.
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import time
from pathlib import Path

import duckdb
import msgspec
import psycopg

from benchmarks.row import Row
from benchmarks.warehouse_data import ledger_part
from tests.warehouse import postgres_server
from warehouse.build import Inputs, build_candidate
from warehouse.ddl import create_table
from warehouse.engine import Engine, engine_set
from warehouse.postgres.load import csv_of
from warehouse.postgres.publish import serve
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state
from warehouse.tables import LEDGER_ROWS

ROWS = int(os.environ.get("QINGQIAN_BENCH_ROWS", "100000"))
PER_LEDGER = 10_000
DAY = dt.date(2031, 12, 28)
NOW = dt.datetime(2031, 12, 31, 18, tzinfo=dt.UTC)
SECONDS_OF_A_MILLION = 60
CORES = 2


class Cost(msgspec.Struct, frozen=True):
    """Seconds by the clock, of this process, and of the server's processes."""

    wall: float
    here: float
    there: float

    @property
    def cpu(self) -> float:
        """Processor seconds on both sides."""
        return self.here + self.there

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.here:.1f} cpu-s here, {self.there:.1f} in the server)"


class Clock:
    """Measures until `stop`; connections made in between must be closed by then."""

    def __init__(self, server: postgres_server.Server) -> None:
        self._server = server
        self._start = (time.monotonic(), time.process_time(), self._there())

    def stop(self) -> Cost:
        """What it took. The server's process counts its ended backends a moment after their connections close."""
        wall, here = time.monotonic() - self._start[0], time.process_time() - self._start[1]
        time.sleep(1)
        return Cost(wall, here, self._there() - self._start[2])

    def _there(self) -> float:
        fields = Path(f"/proc/{self._server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


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
    engine = engine_set({"QINGQIAN_WAREHOUSE": server.new_database()})

    def night(some: int) -> tuple[int, int, Cost]:
        """Publish parts and load them: rows in all, rows copied, cost of loading."""
        with open_state(home) as state:
            publish(build_candidate(home, Inputs(parts=parts[:some])), home, state, now=NOW)
            clock = Clock(server)
            done = serve(home, state, engine, now=NOW)
        assert done.status == "loaded", done.message
        return done.rows, done.written, clock.stop()

    everything, _, first = night(len(parts))
    bare = _bare_copy(server, warehouse_path(home), engine_set({"QINGQIAN_WAREHOUSE": server.new_database()}))
    allowed = SECONDS_OF_A_MILLION * rows / 1_000_000
    out: list[Row] = [
        {
            "what": f"load {rows:,} ledger rows into PostgreSQL",
            "ours": str(first),
            "peer": f"{bare}, bare COPY of the ledger rows alone",
            "ratio": first.cpu / bare.cpu,
            "target": f"≤ {allowed:.0f} s",
            "ok": min(first.wall, first.cpu / CORES) <= allowed,
            "note": f"{everything:,} rows of every table ({everything / first.cpu:,.0f} a cpu-second; bare "
            f"{rows / bare.cpu:,.0f}), digests, indexes and statistics included; the ratio is of cpu seconds",
        }
    ]
    if len(parts) > 1:
        _, written, second = night(len(parts) - 1)
        out.append(
            {
                "what": f"load a night with one ledger of {len(parts)} gone",
                "ours": f"{second}, {written:,} rows written",
                "peer": f"{first}, the first load",
                "ratio": second.cpu / first.cpu,
                "target": "",
                "ok": None,
                "note": "rows and digest of every table in the server are compared before",
            }
        )
    return out


def _bare_copy(server: postgres_server.Server, path: Path, engine: Engine) -> Cost:
    """Ledger rows with every column, as CSV, into a table without index: nothing else."""
    with duckdb.connect(str(path), read_only=True) as file, psycopg.connect(engine.url) as connection:
        connection.execute("CREATE SCHEMA core")
        connection.execute(create_table(LEDGER_ROWS, "postgresql").encode())
        clock = Clock(server)
        with connection.cursor().copy("COPY core.ledger_rows FROM STDIN (FORMAT csv)") as out:
            for batch in file.execute("SELECT * FROM core.ledger_rows").to_arrow_reader(8192):
                out.write(csv_of(batch))
        connection.commit()
        connection.close()
        return clock.stop()
