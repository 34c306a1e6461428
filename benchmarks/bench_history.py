"""Five questions to a year of ledgers beside plain DuckDB SQL on the same Parquet, and a night's cost as history grows.

QINGQIAN_BENCH_HISTORY (default 500,000; the target is meant for 10,000,000) rows of twelve months are asked of.
QINGQIAN_BENCH_NIGHTS (default 10; the target is meant for 100) nights went before, each with one more ledger.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.row import Row
from benchmarks.warehouse_data import ledger_part
from warehouse.access import connect
from warehouse.build import Inputs, build_candidate, create_views, refresh_views
from warehouse.ddl import schema_statements

HISTORY = int(os.environ.get("QINGQIAN_BENCH_HISTORY", "500000"))
NIGHTS = int(os.environ.get("QINGQIAN_BENCH_NIGHTS", "10"))
ROWS_A_NIGHT = 2_000
MONTHS, COUNTIES = 12, 100
ASKED = 9  # times each question is asked; the first is left out
LAST = dt.date(2031, 12, 28)

_DOCUMENTS = """
INSERT INTO core.documents BY NAME
SELECT sha256(m || '-' || c) AS document_id, 'bench' AS source, m || '-' || c AS path, m || '-' || c AS name,
       'ledger' AS kind, 'xlsx' AS format, 'parsed' AS status, make_date(2031, m, 28) + 5 AS first_seen_date,
       'bench' AS extractor_version, printf('%06d', 990000 + c) AS region_code
FROM range(1, {months} + 1) t(m), range({counties}) u(c) ORDER BY m, c
"""
_TABLES = """
INSERT INTO core.ledger_tables BY NAME
SELECT document_id, 1 AS table_index, region_code, first_seen_date - 5 AS as_of_date, 'ledger' AS as_of_source,
       'detail' AS report_type, 'arrears' AS about, region_code AS series_name, region_code AS series_key,
       region_code AS scope_key, first_seen_date AS known_date, {rows} AS row_count
FROM core.documents
"""
_ROWS = """
INSERT INTO core.ledger_rows BY NAME
SELECT md5({m} || '-' || c || '-' || i) AS row_id, sha256({m} || '-' || c) AS document_id, 1 AS table_index,
       i + 4 AS row_number, md5(c || '-' || i) AS debt_id, 'key' AS match_reason,
       make_date(2031, {m}, 28) AS as_of_date, 'd' || (i % 997) || '|c' || i || '|c:h' || c || '-' || i AS match_key,
       '某县' || (i % 997) || '局' AS debtor_name, '某某' || i || '工程有限公司' AS creditor_name,
       '机关' AS debtor_type, 'H' || c || '-' || i AS contract_no, printf('%06d', 990000 + c) AS placed_region_code,
       make_date(2031, {m}, 28) + 5 AS known_date, false AS is_superseded, false AS is_quarantined,
       (10000 + (i * 7919) % 990000)::DECIMAL(18,2) AS arrears_amount_yuan,
       (10000 + (i * 7919) % 990000 - (i * 31) % 10000 * {m} / 12)::DECIMAL(18,2) AS remaining_amount_yuan,
       CASE WHEN i % 9 = 0 THEN 'yes' ELSE 'no' END AS disputed,
       '{{"sheet": "台账", "row": ' || (i + 4) || '}}' AS evidence
FROM range({rows}) t(i), range({counties}) u(c) ORDER BY c, i
"""

# What analysts ask of the published warehouse, and the same of the Parquet files by hand.
QUESTIONS: tuple[tuple[str, str, str], ...] = (
    (
        "who owes most",
        "SELECT debtor_name, sum(remaining_amount_yuan) AS s FROM debts GROUP BY 1 ORDER BY s DESC, 1 LIMIT 10",
        "SELECT debtor_name, sum(remaining_amount_yuan) AS s FROM rows WHERE as_of_date = $last "
        "GROUP BY 1 ORDER BY s DESC, 1 LIMIT 10",
    ),
    (
        "region by month",
        "SELECT region_code, as_of_date, sum(remaining_amount_yuan) FROM debt_history "
        "GROUP BY ALL ORDER BY ALL LIMIT 50",
        "SELECT t.region_code, r.as_of_date, sum(remaining_amount_yuan) FROM rows r "
        "JOIN tables t USING (document_id, table_index) GROUP BY ALL ORDER BY ALL LIMIT 50",
    ),
    (
        "what was repaid in the last quarter",
        "SELECT sum(b.remaining_amount_yuan - a.remaining_amount_yuan) FROM debt_history b JOIN debt_history a "
        "USING (debt_id) WHERE b.as_of_date = '2031-09-28' AND a.as_of_date = '2031-12-28'",
        "SELECT sum(b.remaining_amount_yuan - a.remaining_amount_yuan) FROM rows b JOIN rows a USING (debt_id) "
        "WHERE b.as_of_date = '2031-09-28' AND a.as_of_date = '2031-12-28'",
    ),
    (
        "disputed by debtor",
        "SELECT debtor_name, count(*) AS n FROM debts WHERE disputed = 'yes' GROUP BY 1 ORDER BY n DESC, 1 LIMIT 10",
        "SELECT debtor_name, count(*) AS n FROM rows WHERE disputed = 'yes' AND as_of_date = $last "
        "GROUP BY 1 ORDER BY n DESC, 1 LIMIT 10",
    ),
    (
        "one debt over all ledgers",
        "SELECT as_of_date, remaining_amount_yuan FROM debt_history WHERE contract_no = 'H7-77' ORDER BY 1",
        "SELECT as_of_date, remaining_amount_yuan FROM rows WHERE contract_no = 'H7-77' ORDER BY 1",
    ),
)


def run() -> list[Row]:
    """The questions, then the nights."""
    with tempfile.TemporaryDirectory() as folder:
        return [*_questions(Path(folder)), *_nights(Path(folder) / "home")]


def a_year(folder: Path, *, with_parquet: bool = True) -> int:
    """A warehouse of a year at `year.duckdb`, and its ledgers as Parquet, a file a month; how many rows."""
    each = max(1, HISTORY // MONTHS // COUNTIES)
    settings: dict[str, str | bool | int | float | list[str]] = {"threads": 2, "memory_limit": "1GB"}
    settings["temp_directory"] = str(folder / "spill")
    with duckdb.connect(str(folder / "year.duckdb"), config=settings) as connection:
        for statement in schema_statements():
            connection.execute(statement)
        create_views(connection)
        connection.execute(_DOCUMENTS.format(months=MONTHS, counties=COUNTIES))
        connection.execute(_TABLES.format(rows=each))
        for month in range(1, MONTHS + 1):
            connection.execute(_ROWS.format(rows=each, counties=COUNTIES, m=month))
            if with_parquet:
                connection.execute(
                    f"COPY (SELECT * FROM core.ledger_rows WHERE as_of_date = DATE '2031-{month:02}-28') "
                    f"TO '{folder}/rows-{month:02}.parquet' (COMPRESSION zstd)"
                )
        if with_parquet:
            connection.execute(f"COPY core.ledger_tables TO '{folder}/tables.parquet' (COMPRESSION zstd)")
        refresh_views(connection)
        connection.execute("CHECKPOINT")
    return each * MONTHS * COUNTIES


def _questions(folder: Path) -> list[Row]:
    rows = a_year(folder)
    out: list[Row] = []
    with connect(folder / "year.duckdb") as ours, duckdb.connect(config={"threads": 2}) as plain:
        for name, files in (("rows", "rows-*.parquet"), ("tables", "tables.parquet")):
            plain.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder}/{files}')")
        for what, sql, by_hand in QUESTIONS:
            by_hand = by_hand.replace("$last", f"DATE '{LAST}'")
            assert ours.execute(sql).fetchall() == plain.execute(by_hand).fetchall(), what
            (mine, mine_cpu), (theirs, theirs_cpu) = (
                asked(lambda q=sql: ours.execute(q).fetchall()),
                asked(lambda q=by_hand: plain.execute(q).fetchall()),
            )
            out.append(
                {
                    "what": f"{what}, {rows:,} rows of history",
                    "ours": f"{mine:.3f} s p95 ({mine_cpu:.3f} cpu-s)",
                    "peer": f"{theirs:.3f} s p95 ({theirs_cpu:.3f} cpu-s), DuckDB on the Parquet",
                    "ratio": mine_cpu / theirs_cpu,
                    "target": "≤ 1.3 in CPU seconds, p95 < 2 s",
                    "ok": mine_cpu / theirs_cpu <= 1.3 and mine < 2,
                }
            )
    return out


def asked(ask: Callable[[], object]) -> tuple[float, float]:
    """p95 by the clock and the median of the processor's time, after one that warms up."""
    walls, cpus = [], []
    for _ in range(ASKED):
        wall, cpu = time.monotonic(), time.process_time()
        ask()
        walls.append(time.monotonic() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.quantiles(walls[1:], n=20, method="inclusive")[18], statistics.median(cpus[1:])


def _nights(home: Path) -> list[Row]:
    """One more ledger, of a county of its own, on the warehouse of the nights before: after none, ten and a hundred."""
    empty = _cpu(lambda: build_candidate(home / "empty", Inputs(parts=[])))
    parts = [ledger_part(home, f"{n}.xlsx", ROWS_A_NIGHT, county=n, day=LAST) for n in range(1, NIGHTS + 1)]
    grown: dict[int, float] = {}
    whole: dict[int, float] = {}
    for night in sorted({1, min(10, NIGHTS), NIGHTS}):
        base = home / f"base-{night}.duckdb"
        shutil.move(build_candidate(home, Inputs(parts=parts[: night - 1])).path, base)
        inputs = Inputs(parts=parts[:night])
        grown[night] = _cpu(lambda given=inputs, on=base: build_candidate(home, given, base=on))
        whole[night] = _cpu(lambda given=inputs: build_candidate(home, given))
        base.unlink()
    last = max(grown)
    return [
        {
            "what": f"a night of {ROWS_A_NIGHT:,} rows after {last - 1} nights",
            "ours": f"{grown[last]:.2f} cpu-s on the warehouse before",
            "peer": f"{whole[last]:.2f} cpu-s from all the files",
            "ratio": grown[last] / whole[last],
            "target": "≤ 1: growing costs less than filling",
            "ok": grown[last] <= whole[last],
            "note": "; ".join(f"night {n}: {grown[n]:.2f} cpu-s, {whole[n]:.2f} from all" for n in grown)
            + f"; an empty warehouse takes {empty:.2f}",
        }
    ]


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
