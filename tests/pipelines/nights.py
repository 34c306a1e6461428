"""Running real nights in tests: the installed command, on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.warm_command import call

COMMAND = [sys.executable, "-m", "pipelines"]
VIEWS = (
    "documents", "debt_statements", "debts", "debt_history", "obligations", "obligation_units", "assignments", "units",
    "regions", "findings", "ledger_rows", "statistics", "document_references",
)  # fmt: skip


def qingqian(*arguments: str, home: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the command with a clean environment; no other home can be meant."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    env["QINGQIAN_HOME"] = str(home)
    done = call(list(arguments), env)
    if check:
        done.check_returncode()
    return done


def nightly(home: Path, inbox: Path, as_of: str) -> dict[str, Any]:
    """One night; its summary."""
    done = qingqian("nightly", "--inbox", str(inbox), "--as-of", as_of, "--json", home=home, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


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
