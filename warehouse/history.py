"""Reading back what a warehouse holds, for the steps of a night: ledgers over all periods, findings so far."""

# ruff: noqa: S608 - names in statements come from the schema in code

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.arrow import arrow_schema
from warehouse.ddl import quoted
from warehouse.ledger_tables import STANDING
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

_OF_DOCUMENTS = (
    "documents", "ledger_tables", "ledger_rows", "ledger_totals", "debt_statements", "time_expressions",
    "document_references",
)  # fmt: skip


def ledger_history(path: Path) -> dict[str, pa.Table]:
    """Ledgers of all periods in a warehouse file with their documents, what these say in prose, and the regions; rows
    held in quarantine included, those of superseded documents not. Tables by name in the warehouse's Arrow types,
    `documents` without their text, `ledger_rows` without what publishing put beside them."""
    import duckdb

    current = "SELECT document_id FROM core.documents WHERE status <> 'superseded'"
    out: dict[str, pa.Table] = {}
    with duckdb.connect(str(path), read_only=True) as connection:
        for name in _OF_DOCUMENTS:
            out[name] = _rows_in_use(connection, name, f"document_id IN ({current})")
        regions = connection.execute("SELECT * FROM core.regions ORDER BY ALL").to_arrow_table()
        out["regions"] = regions.cast(arrow_schema("regions"))
    return out


def _rows_in_use(connection: duckdb.DuckDBPyConnection, name: str, where: str) -> pa.Table:
    """Rows of a table in the order of its key. Columns without any value share one array of nulls: most of a ledger's
    hundred columns are empty, and a million rows of them would take a gigabyte."""
    schema = arrow_schema(name)
    unread = {"documents": {"text"}, "ledger_rows": {f.name for f in STANDING}}.get(name, set())
    names = [n for n in schema.names if n not in unread]
    counted = ", ".join(f"count({quoted(n)})" for n in names)
    counts = connection.execute(f"SELECT {counted} FROM core.{quoted(name)} WHERE {where}").fetchone()
    assert counts is not None
    keys = TABLES[name].key
    used = [n for n, count in zip(names, counts, strict=True) if count or n in keys]
    found = connection.execute(
        f"SELECT {', '.join(map(quoted, used))} FROM core.{quoted(name)} WHERE {where} "
        f"ORDER BY {', '.join(map(quoted, keys))}"  # sorting wide rows by all they hold takes minutes
    ).to_arrow_table()
    empty = {t: pa.nulls(found.num_rows, t) for t in {f.type for f in schema}}
    columns = [found.column(f.name).cast(f.type) if f.name in used else empty[f.type] for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


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


def standing(path: Path, day: dt.date, limit: int = 50) -> dict[str, list[dict[str, object]]]:
    """What stands in a published warehouse on a day: open findings by severity and rule (`queue`), dated duties whose
    day has passed (`overdue`, latest first; whether they were met is not known here)."""
    import duckdb

    queue = (
        "SELECT severity, rule, count(*) AS findings, min(first_seen_date)::VARCHAR AS since FROM main.findings "
        "WHERE status = 'open' GROUP BY severity, rule "
        "ORDER BY array_position(['block', 'quarantine', 'warn', 'note'], severity), findings DESC, rule"
    )
    overdue = (
        "SELECT o.due_date::VARCHAR AS due_date, o.action, o.text, d.title, d.path, "
        "(SELECT string_agg(u.unit, '、' ORDER BY u.unit) FROM main.obligation_units u "
        "WHERE u.obligation_id = o.obligation_id AND u.role = 'responsible') AS units "
        "FROM main.obligations o JOIN main.documents d USING (document_id) "
        "WHERE o.due_date < ? AND o.kind IN ('due', 'period') ORDER BY o.due_date DESC, d.path, o.start_offset LIMIT ?"
    )
    with duckdb.connect(str(path), read_only=True) as connection:
        return {
            "queue": _dicts(connection.execute(queue)),
            "overdue": _dicts(connection.execute(overdue, [day, limit])),
        }


def _dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
