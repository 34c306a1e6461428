"""The review queue laid out in advance: every finding with its place and cause, worked out once for each publication.

The order of the queue does not depend on who reads it or what was decided today, so a page of it is a cut, a
neighbour is the next place, and a cause is a run of places.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.tables import FINDINGS, SEVERITIES

if TYPE_CHECKING:
    import duckdb

_NAME = "core.review_queue"
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


def lay_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table in a warehouse that is complete but for it."""
    connection.execute(f"CREATE OR REPLACE TABLE {_NAME} AS SELECT * FROM ({_SELECT}) ORDER BY place")


def queue_rows(connection: duckdb.DuckDBPyConnection) -> str:
    """What to select the laid-out findings from: the table, or in a file without it the SELECT that would make it."""
    found = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'core' AND table_name = 'review_queue'"
    ).fetchone()
    return _NAME if found == (1,) else f"({_SELECT})"
