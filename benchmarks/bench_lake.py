"""The five questions to a year of ledgers in a lakehouse, beside the same in the plain DuckDB file; and loading it.

QINGQIAN_BENCH_HISTORY (default 500,000; the target is meant for 50,000,000) rows of twelve months are asked of. The
catalog's server is started for this; the lakehouse's files lie in a folder, so that no network is measured. Not
measured where Debian's server or the extensions are not installed.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.bench_history import QUESTIONS, a_year, asked
from benchmarks.row import Row
from tests.warehouse import postgres_server
from warehouse.access import connect as connect_file
from warehouse.engine import Engine, EngineError, engine_set
from warehouse.lake.access import connect
from warehouse.lake.attach import attach, extension_path, place_of
from warehouse.lake.load import committing, load

MEMORY = 4 << 30


def run() -> list[Row]:
    """Loading, then the questions."""
    try:
        extension_path("ducklake")
    except EngineError as e:
        return [_missing(str(e))]
    with tempfile.TemporaryDirectory() as folder, postgres_server.server() as server:
        if server is None:
            return [_missing(postgres_server.MISSING)]
        Path(folder).chmod(0o755)
        engine = engine_set(
            {"QINGQIAN_WAREHOUSE": f"ducklake:{server.new_database()}", "QINGQIAN_LAKE_DATA": f"{folder}/shared"}
        )
        rows = a_year(Path(folder), with_parquet=False)
        return [_loading(Path(folder), engine, rows), *_questions(Path(folder), engine, rows)]


def _missing(why: str) -> Row:
    return {"what": "lakehouse", "ours": "", "peer": "", "ratio": None, "target": "", "ok": None, "note": why}


def _loading(folder: Path, engine: Engine, rows: int) -> Row:
    place, path = place_of(engine), folder / "year.duckdb"
    Path(place.data).mkdir(parents=True)
    wall, cpu = time.monotonic(), time.process_time()
    with committing(engine), attach(engine, place, read_only=False, memory=MEMORY, temp=folder / "spill") as lake:
        done = load(
            lake, path, "b" * 32, night="2031-12-31", facts={}, is_trusted=False, before_commit=lambda _: None
        )  # fmt: skip
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    bare_folder = folder / "bare"
    bare_wall, bare = time.monotonic(), time.process_time()
    with attach(engine, place, read_only=True, memory=MEMORY) as plain:  # the same memory and threads
        plain.execute(f"ATTACH '{path}' AS night (READ_ONLY)")
        plain.execute(f"COPY night.core.ledger_rows TO '{bare_folder}.parquet' (COMPRESSION snappy)")
    bare_wall, bare = time.monotonic() - bare_wall, time.process_time() - bare
    kept = sum(p.stat().st_size for p in Path(place.data).rglob("*.parquet"))
    return {
        "what": f"load {rows:,} rows of history into the lakehouse",
        "ours": f"{wall:.1f} s ({cpu:.1f} cpu-s), {done.written:,} rows of every table, read back and compared",
        "peer": f"{bare_wall:.1f} s ({bare:.1f} cpu-s), COPY of the ledger rows alone to one Parquet file",
        "ratio": cpu / bare,
        "target": "",
        "ok": None,
        "note": f"{kept / 1e9:.2f} GB of Parquet beside a file of {path.stat().st_size / 1e9:.2f} GB",
    }


def _questions(folder: Path, engine: Engine, rows: int) -> list[Row]:
    out: list[Row] = []
    with connect_file(folder / "year.duckdb", memory=MEMORY) as file, connect(engine, memory=MEMORY) as lake:
        for what, sql, _ in QUESTIONS:
            assert lake.execute(sql).fetchall() == file.execute(sql).fetchall(), what
            mine, mine_cpu = asked(lambda q=sql: lake.execute(q).fetchall())
            theirs, theirs_cpu = asked(lambda q=sql: file.execute(q).fetchall())
            out.append(
                {
                    "what": f"{what}, {rows:,} rows of history",
                    "ours": f"{mine:.3f} s p95 ({mine_cpu:.3f} cpu-s), lakehouse",
                    "peer": f"{theirs:.3f} s p95 ({theirs_cpu:.3f} cpu-s), the DuckDB file",
                    "ratio": mine_cpu / theirs_cpu,
                    "target": "",
                    "ok": None,
                }
            )
    return out
