"""A home with a million ledger rows and ten thousand findings for the console's load test, and the next night of it."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pyarrow as pa

from benchmarks.warehouse_data import NIGHT, ledger_part
from console.passwords import hashed
from pipelines.clocks import clock_tables
from pipelines.for_readers import limited_ready, tidied
from warehouse import accounts
from warehouse.access import connect
from warehouse.arrow import arrow_table
from warehouse.build import Candidate, Inputs, add_findings, add_rows, build_candidate
from warehouse.clock_inputs import clock_inputs
from warehouse.parts import Manifest
from warehouse.publish import publish
from warehouse.state import open_state

PASSWORD = "Load test 2031"
LEDGERS = 20
LAST = dt.date(2031, 2, 28)


def parts_of(home: Path, rows: int) -> list[Manifest]:
    """The staged ledgers of twenty counties."""
    return [ledger_part(home, f"{n}.xlsx", rows // LEDGERS, county=n, day=LAST) for n in range(LEDGERS)]


def night(home: Path, parts: list[Manifest], findings: int, number: int) -> None:
    """Build and publish one night; its findings lie on the first rows of each ledger."""
    candidate = build_candidate(home, Inputs(parts=parts))
    candidate = add_rows(candidate, clock_tables(clock_inputs(candidate.path)))
    candidate = add_findings(candidate, _findings(candidate, findings))
    with open_state(home) as state:
        ready = partial(limited_ready, home, state, [])
        publish(candidate, home, state, now=dt.datetime.now(dt.UTC), run_id=f"night-{number}", prepare=ready)
    tidied(home)


def _findings(candidate: Candidate, count: int) -> pa.Table:
    with connect(candidate.path) as connection:
        rows = connection.execute(
            "SELECT row_id, document_id, row_number, debtor_name, remaining_amount_yuan::VARCHAR, evidence, region "
            "FROM (SELECT r.*, d.region_code AS region FROM core.ledger_rows r "
            "JOIN core.documents d USING (document_id)) ORDER BY row_number, document_id LIMIT ?",
            [count],
        ).fetchall()
    return arrow_table(
        "findings",
        [
            {
                "finding_id": f"{n:032x}", "rule": f"load_rule_{n % 7}", "severity": "warn", "document_id": r[1],
                "row_id": r[0], "table_name": "ledger_rows", "field": "remaining_amount_yuan", "value": r[4],
                "message_zh": f"第{r[2]}行（{r[3]}）的剩余金额{r[4]}元与上月对不上，请核对原件。", "evidence": r[5],
                "status": "open", "first_seen_date": NIGHT, "subject": f"row:{r[0]}", "raw_value": r[4],
                "region_code": r[6],
            }
            for n, r in enumerate(rows)
        ],
    )  # fmt: skip


def people(home: Path, stewards: int, analysts: int) -> list[str]:
    """Accounts that all share one password; hashing it once each would take longer than the test."""
    kept = hashed(PASSWORD)
    names = [f"steward-{n}" for n in range(stewards)] + [f"analyst-{n}" for n in range(analysts)]
    with open_state(home) as state:
        for name in names:
            accounts.add_account(
                state, name=name, display_name=name, password_hash=kept, roles=(name.split("-")[0],),
                now=dt.datetime.now(dt.UTC),
            )  # fmt: skip
    return names
