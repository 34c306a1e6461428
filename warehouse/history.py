"""Reading back what a warehouse holds, for the steps of a night: ledgers over all periods, findings so far."""

# ruff: noqa: S608 - names in statements come from the schema in code

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa

from warehouse.arrow import arrow_schema
from warehouse.ddl import quoted

_LEDGER_TABLES = ("documents", "ledger_tables", "ledger_rows", "ledger_totals")


def ledger_history(path: Path) -> dict[str, pa.Table]:
    """Ledgers of all periods in a warehouse file with their documents, rows held in quarantine included, those of
    superseded documents not. Tables by name in the warehouse's Arrow types, `documents` without their text."""
    import duckdb

    current = "SELECT document_id FROM core.documents WHERE status <> 'superseded'"
    out: dict[str, pa.Table] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in _LEDGER_TABLES:
            select = "* REPLACE (NULL AS text)" if name == "documents" else "*"
            table = connection.execute(
                f"SELECT {select} FROM core.{quoted(name)} WHERE document_id IN ({current}) ORDER BY ALL"
            ).to_arrow_table()
            out[name] = table.cast(arrow_schema(name))
    return out


def first_seen_dates(path: Path) -> dict[str, dt.date]:
    """The night each finding of a warehouse file was first seen; empty when there is no such file yet."""
    import duckdb

    if not path.is_file():
        return {}
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute(
                "SELECT finding_id, first_seen_date FROM core.findings WHERE first_seen_date IS NOT NULL"
            ).fetchall()
    except duckdb.Error:
        return {}  # a damaged file: the caller is about to build it anew
    return dict(rows)


def count_by_severity(path: Path) -> dict[str, int]:
    """Findings that a warehouse file shows, by severity."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("SELECT severity, count(*) FROM main.findings GROUP BY 1").fetchall()
    return dict(rows)
