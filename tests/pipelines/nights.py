"""Running real nights in tests: the installed command, on a home of its own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.warm_command import call

COMMAND = [sys.executable, "-m", "pipelines"]
SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "inbox"
SAMPLE_NIGHT = "2026-07-31"
VIEWS = (
    "documents", "debt_statements", "debts", "debt_history", "obligations", "obligation_units", "assignments", "units",
    "regions", "findings", "ledger_rows", "statistics", "document_references",
)  # fmt: skip


def qingqian(
    *arguments: str, home: Path, check: bool = True, state: str | None = None, archive: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command with a clean environment; no other home can be meant. `state` is where its state store lies,
    `archive` where its originals and facts do."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    env["QINGQIAN_HOME"] = str(home)
    if state is not None:
        env["QINGQIAN_STATE"] = state
    if archive is not None:
        env["QINGQIAN_ARCHIVE"] = archive
    done = call(list(arguments), env)
    if check:
        done.check_returncode()
    return done


def nightly(
    home: Path, inbox: Path, as_of: str, *, state: str | None = None, archive: str | None = None
) -> dict[str, Any]:
    """One night; its summary."""
    asked = ("nightly", "--inbox", str(inbox), "--as-of", as_of, "--json")
    done = qingqian(*asked, home=home, check=False, state=state, archive=archive)
    assert done.returncode == 0, done.stderr + done.stdout
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def sample_night(home: Path, places: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """Make `home` one with the samples' night of SAMPLE_NIGHT published; the night's summary, and its seconds.

    The night is run once for all workers of a test run and copied, the summary with `home` in place of its own.
    """
    base = places.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "sample_night"
    shared.mkdir(exist_ok=True)
    told = shared / "told.json"
    with (shared / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.is_file():
            shutil.rmtree(shared / "home", ignore_errors=True)
            started = time.monotonic()
            summary = nightly(shared / "home", SAMPLES, SAMPLE_NIGHT)
            told.write_text(json.dumps([summary, time.monotonic() - started]))
    shutil.copytree(shared / "home", home, ignore=shutil.ignore_patterns("dagster"), dirs_exist_ok=True)
    summary, seconds = json.loads(told.read_text().replace(str(shared / "home"), str(home)))
    return summary, seconds


def rows(home: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of a query through the public command."""
    done = qingqian("query", sql, "--format", "json", home=home, check=False)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def contents(home: Path, views: tuple[str, ...] = VIEWS) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the published views, sorted: what two warehouses are compared by."""
    import duckdb

    with duckdb.connect(str(home / "warehouse" / "qingqian.duckdb"), read_only=True) as con:
        return {v: sorted(con.execute(f"select * from main.{v}").fetchall(), key=repr) for v in views}
