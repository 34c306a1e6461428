"""Which ledger table took the place of which: the same series filing the same period again, on a later night.

What we knew on a day is what stood in the tables known by then and not yet replaced (`known_date`, `replaced_date` of
`ledger_tables`). A later table replaces an earlier one of its series and period when it names at least half of its
debts, or when either reports none at all: two units that file under one name for one period are not each other's
correction. A document that other bytes superseded at its path is replaced on the night those came in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# Needs temp tables grouped (row_id, proto, document_id, table_index) and staged_documents.
_REFILED = """
CREATE TEMP TABLE refiled AS
WITH filed AS (
  SELECT t.document_id, t.table_index, t.series_key, t.as_of_date, d.first_seen_date AS known_date, t.report_type
  FROM core.ledger_tables t JOIN staged_documents d USING (document_id)
  WHERE t.about = 'arrears' AND t.report_type IN ('detail', 'zero') AND t.as_of_date IS NOT NULL
), twice AS (
  SELECT e.document_id, e.table_index, l.document_id AS later_document, l.table_index AS later_index,
         l.known_date AS replaced_date, e.report_type = 'zero' OR l.report_type = 'zero' AS is_nil
  FROM filed e JOIN filed l ON l.series_key = e.series_key AND l.as_of_date = e.as_of_date
    AND l.known_date > e.known_date
), named AS (
  SELECT DISTINCT g.document_id, g.table_index, g.proto
  FROM grouped g
  WHERE (g.document_id, g.table_index) IN (
    SELECT (document_id, table_index) FROM twice UNION SELECT (later_document, later_index) FROM twice)
), sizes AS (
  SELECT document_id, table_index, count(*) AS debts FROM named GROUP BY ALL
), common AS (
  SELECT w.document_id, w.table_index, w.later_document, w.later_index, count(*) AS debts
  FROM twice w
  JOIN named a ON a.document_id = w.document_id AND a.table_index = w.table_index
  JOIN named b ON b.document_id = w.later_document AND b.table_index = w.later_index AND b.proto = a.proto
  GROUP BY ALL
)
SELECT w.document_id, w.table_index, w.replaced_date, w.later_document AS replaced_by
FROM twice w
LEFT JOIN sizes s USING (document_id, table_index)
LEFT JOIN common c USING (document_id, table_index, later_document, later_index)
WHERE w.is_nil OR s.debts IS NULL OR 2 * coalesce(c.debts, 0) >= s.debts
QUALIFY row_number() OVER (
  PARTITION BY w.document_id, w.table_index ORDER BY w.replaced_date, w.later_document) = 1
"""

# The night on which other bytes came to lie at a superseded document's last path; where that is not known, the
# document was never the word of any night.
_SUPERSEDED = """
CREATE TEMP TABLE outdated AS
WITH followed AS (
  SELECT document_id, is_current,
         lead(first_seen_date) OVER w AS next_date, lead(document_id) OVER w AS next_document
  FROM core.files
  WINDOW w AS (PARTITION BY source, path ORDER BY first_seen_date, is_current, document_id)
), last_place AS (
  SELECT document_id, max({'day': next_date, 'by': next_document}) AS next
  FROM followed WHERE next_date IS NOT NULL GROUP BY document_id
)
SELECT d.document_id, l.next.day AS replaced_date, l.next.by AS replaced_by
FROM core.documents d LEFT JOIN last_place l USING (document_id)
WHERE d.status = 'superseded'
"""

_SETTLE = """
UPDATE core.ledger_tables t
SET known_date = v.known_date, replaced_date = v.replaced_date, replaced_by = v.replaced_by
FROM (
  SELECT t.document_id, t.table_index, d.first_seen_date AS known_date,
         CASE WHEN o.document_id IS NULL THEN r.replaced_date
              ELSE least(r.replaced_date, coalesce(o.replaced_date, r.replaced_date, d.first_seen_date)) END
           AS replaced_date,
         CASE WHEN o.replaced_date < r.replaced_date OR r.replaced_by IS NULL THEN o.replaced_by
              ELSE r.replaced_by END AS replaced_by
  FROM core.ledger_tables t
  JOIN core.documents d USING (document_id)
  LEFT JOIN refiled r USING (document_id, table_index)
  LEFT JOIN outdated o USING (document_id)
) v
WHERE v.document_id = t.document_id AND v.table_index = t.table_index
"""


def find_refiled(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `refiled(document_id, table_index, replaced_date, replaced_by)`."""
    connection.execute(_REFILED)


def settle_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `known_date`, `replaced_date` and `replaced_by` of the ledger tables; documents and files must be filled
    and their status settled."""
    connection.execute(_SUPERSEDED)
    connection.execute(_SETTLE)
