"""One row of any table that was read from a document, whole: its values with what they are called, and its history."""

# ruff: noqa: S608 - names come from the schema in code, values are bound; a scope holds checked digits only

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from warehouse.ddl import quoted
from warehouse.explore.documents import OPEN
from warehouse.explore.scope import Rows, Scope, row_of, rows_of
from warehouse.fields import Field
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

SHOWN = (
    "ledger_rows", "ledger_totals", "debt_statements", "time_expressions", "assignments", "document_references",
    "statistics", "documents",
)  # fmt: skip
"""Tables whose rows have a page."""


def key_of(table: str) -> str:
    """The one column that a row of a shown table is known by. Raises KeyError for another table."""
    if table not in SHOWN:
        raise KeyError(table)
    return TABLES[table].key[0] if len(TABLES[table].key) == 1 else "row_id"


def one(connection: duckdb.DuckDBPyConnection, scope: Scope, table: str, row_id: str) -> dict[str, Any] | None:
    """A row by its table and key; None where there is none that the reader may see.

    A ledger row is the reader's by its own region, else by its table's or document's; other rows by their document's.
    """
    key = quoted(key_of(table))
    region = "d.region_code"
    joined = ""
    if table.startswith("ledger_"):
        joined = "JOIN core.ledger_tables t USING (document_id, table_index)"
        own = "r.region_code, " if table == "ledger_rows" else ""
        region = f"coalesce({own}t.region_code, d.region_code)"
    return row_of(
        connection,
        f"SELECT r.* FROM core.{quoted(table)} r {joined} JOIN core.documents d USING (document_id) "
        f"WHERE r.{key} = ? AND {scope.where(region)} AND {OPEN.format('d.')}",
        [row_id],
    )


def findings(connection: duckdb.DuckDBPyConnection, row_id: str) -> Rows:
    """Findings on a row, open ones first."""
    return rows_of(
        connection,
        "SELECT finding_id, severity, rule, field, value, message_zh, message_en, status FROM main.findings "
        "WHERE row_id = ? ORDER BY status NOT IN ('open', 'deferred'), finding_id",
        [row_id],
    )


def corrections(connection: duckdb.DuckDBPyConnection, row_id: str) -> Rows:
    """What stewards put in, newest first."""
    return rows_of(
        connection, "SELECT * FROM main.corrections WHERE row_id = ? ORDER BY decision_number DESC", [row_id]
    )


def fields_of(table: str) -> tuple[Field, ...]:
    """The columns of a table with their labels."""
    return TABLES[table].fields
