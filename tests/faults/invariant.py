"""Invariant I: what must hold of a home after every fault and the plain night that follows it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb

from warehouse.decisions import verify
from warehouse.state import State, open_state
from warehouse.state_stopped import stopped_files

FINAL = {"read", "partial", "quarantined", "superseded", "ignored"}


def check_invariant(home: Path) -> None:
    """Every accepted file has one final state; the sums agree; no row twice, none without provenance; no half-written
    output; the chain of decisions verifies. Raises AssertionError with what does not hold."""
    with open_state(home) as state:
        files = state.files()
        assert files, "the night took nothing in"
        unfinished = {f.file_id[:12]: f.state for f in files if f.state not in FINAL}
        assert not unfinished, f"no final state: {unfinished}"
        assert sum(Counter(f.state for f in files).values()) == len({f.file_id for f in files})
        stopped = stopped_files(state)
        provenance = {p.file_id for p in state.provenance()}
        assert {f.file_id for f in files} <= provenance, "a file without provenance"
        assert verify(state) is None, "the chain of decisions is broken"
        assert not [r for r in state.runs() if r.status == "running"], "a run is left running"
        _check_chains(state)
    with duckdb.connect(str(home / "warehouse" / "qingqian.duckdb"), read_only=True) as con:
        documents = [r[0] for r in con.execute("select document_id from main.documents").fetchall()]
        assert len(documents) == len(set(documents)), "a document twice"
        assert set(documents) == {f.file_id for f in files} - stopped, "the warehouse and the state store disagree"
        tables = [
            r[0] for r in con.execute("select view_name from duckdb_views() where schema_name = 'main'").fetchall()
        ]
        for table in ("debt_statements", "obligations", "assignments", "ledger_rows"):
            if table in tables:
                stray = "document_id not in (select document_id from main.documents)"
                without = con.execute(f"select count(*) from main.{table} where {stray}").fetchone()
                assert without == (0,), f"rows of {table} without a document"
    halves = [str(p.relative_to(home)) for p in home.rglob("*") if p.name.startswith((".tmp-", ".old-", ".building-"))]
    assert not halves, f"half-written: {halves}"
    assert not list((home / "fetch").rglob("*.whole"))


def _check_chains(state: State) -> None:
    current = Counter((p.source, p.path) for p in state.provenance() if p.is_current)
    assert all(n == 1 for n in current.values()), "two current files at one path"
