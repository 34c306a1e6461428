"""Reading for those who decide: the findings of a warehouse file, and whether a column takes a corrected value."""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from warehouse.ddl import quoted, sql_type
from warehouse.fields import Field
from warehouse.tables import FINDINGS, SEVERITIES

QUEUE_COLUMNS = (*FINDINGS.column_names, "nights", "path")
"""What `review_queue` tells of a finding: its own columns, on how many nights it stood, the path of its file."""


def review_queue(path: Path, statuses: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Findings of a published warehouse file, worst first, those of some statuses only (none given: all)."""
    import duckdb

    names = ", ".join(f"f.{quoted(c)}" for c in FINDINGS.column_names)
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            f"SELECT {names}, f.nights, d.path FROM main.findings f LEFT JOIN core.documents d USING (document_id) "
            "WHERE len(?) = 0 OR list_contains(?, f.status) "
            "ORDER BY array_position(?, f.severity), f.rule, d.path, f.row_id, f.field, f.finding_id",
            [list(statuses), list(statuses), list(SEVERITIES)],
        ).fetchall()
    return [dict(zip(QUEUE_COLUMNS, row, strict=True)) for row in rows]


def as_stored(column: Field, value: str) -> str | None:
    """The text of a value as the column would hold it; None where the column cannot take it."""
    import duckdb

    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT CAST(TRY_CAST(? AS {sql_type(column)}) AS VARCHAR)", [value]).fetchone()
    return None if row is None or row[0] is None else str(row[0])
