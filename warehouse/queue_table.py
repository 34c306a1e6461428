"""The review queue laid out in advance: every finding with its place and cause, worked out once for each publication.

The order of the queue does not depend on who reads it or what was decided today, so a page of it is a cut, a
neighbour is the next place, and a cause is a run of places. Beside it, where the rows of each debt lie.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables import FINDINGS, SEVERITIES

if TYPE_CHECKING:
    import duckdb

_NAME = "core.review_queue"
_DEBTS = "core.rows_of_debts"
_FINDING = ", ".join(f"f.{c}" for c in FINDINGS.column_names)
_ANCHOR = "CASE WHEN starts_with(f.subject, 'debt:') THEN f.subject ELSE coalesce(f.document_id, '') END"
# Causes keep their order while their findings are settled one by one: it goes by the size they had in the night.
_CAUSES_IN_ORDER = f"array_position({list(SEVERITIES)!r}, severity), size DESC, rule, cause"
_SELECT = f"""
WITH named AS (
  SELECT {_FINDING}, d.path, d.name AS file_name, d.format, d.source, d.extractor_version,
         CAST(hash(f.severity, f.rule, f.field, {_ANCHOR}) AS VARCHAR) AS cause
  FROM core.findings f LEFT JOIN core.documents d USING (document_id)
), sized AS (
  SELECT *, count(*) OVER (PARTITION BY cause) AS size FROM named
)
SELECT * EXCLUDE (size),
       CAST(dense_rank() OVER (ORDER BY {_CAUSES_IN_ORDER}) AS INTEGER) AS cause_place,
       CAST(row_number() OVER (ORDER BY {_CAUSES_IN_ORDER}, coalesce(path, ''), finding_id) AS INTEGER) AS place
FROM sized
"""


_ROWS_OF_DEBTS = "SELECT debt_id, rowid AS place FROM core.ledger_rows WHERE debt_id IS NOT NULL"


def lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the queue's table in a warehouse that is complete but for it, and where the rows of each debt lie: rows lie
    by document, and what other months say of a debt is looked up with every finding."""
    connection.execute(f"CREATE OR REPLACE TABLE {_NAME} AS SELECT * FROM ({_SELECT}) ORDER BY place")
    connection.execute(f"CREATE OR REPLACE TABLE {_DEBTS} AS {_ROWS_OF_DEBTS} ORDER BY debt_id, place")


def queue_rows(connection: duckdb.DuckDBPyConnection) -> str:
    """What to select the laid-out findings from: the table, or in a file without it the SELECT that would make it."""
    return _NAME if _has(connection, _NAME) else f"({_SELECT})"


def rows_of_debts(connection: duckdb.DuckDBPyConnection) -> str:
    """The same of the places (`rowid`) of each debt's ledger rows."""
    return _DEBTS if _has(connection, _DEBTS) else f"({_ROWS_OF_DEBTS})"


def _has(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    schema, name = table.split(".")
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?", [schema, name]
    ).fetchone()
    return found is not None and found[0] > 0
