"""Who owes and who is owed: the names in ledgers put together to companies, by their code, else by the name alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# A name without a code takes the code that other rows of the same name bear, if they agree on one: two companies may
# share a name, and then nothing tells which of them is meant.
_COMPANIES = """
INSERT INTO core.company_names BY NAME
WITH gone AS (
  SELECT document_id FROM core.documents WHERE status = 'superseded'
), sides AS (
  SELECT debtor_name AS name, debtor_uscc AS uscc, any_value(split_part(match_key, '|', 1)) AS plain,
         true AS is_debtor, min(as_of_date) AS first_date, max(as_of_date) AS last_date, count(*) AS n
  FROM core.ledger_rows WHERE debtor_name IS NOT NULL AND document_id NOT IN (SELECT document_id FROM gone)
  GROUP BY debtor_name, debtor_uscc
  UNION ALL
  SELECT creditor_name, creditor_uscc, any_value(split_part(match_key, '|', 2)), false, min(as_of_date),
         max(as_of_date), count(*)
  FROM core.ledger_rows WHERE creditor_name IS NOT NULL AND document_id NOT IN (SELECT document_id FROM gone)
  GROUP BY creditor_name, creditor_uscc
), known AS (
  SELECT coalesce(plain, lower(name)) AS plain, any_value(uscc) AS uscc FROM sides WHERE uscc IS NOT NULL
  GROUP BY 1 HAVING count(DISTINCT uscc) = 1
), told AS (
  SELECT s.name, coalesce(s.plain, lower(s.name)) AS plain, coalesce(s.uscc, k.uscc) AS uscc, s.is_debtor,
         s.first_date, s.last_date, s.n
  FROM sides s LEFT JOIN known k ON s.uscc IS NULL AND k.plain = coalesce(s.plain, lower(s.name))
)
SELECT substr(sha256(coalesce('u:' || uscc, 'n:' || plain)), 1, 32) AS company_id, name, any_value(uscc) AS uscc,
       bool_or(is_debtor) AS is_debtor, bool_or(NOT is_debtor) AS is_creditor, min(first_date) AS first_as_of_date,
       max(last_date) AS last_as_of_date, sum(n)::BIGINT AS row_count
FROM told GROUP BY 1, 2 ORDER BY 1, 2
"""

# The words by which documents call a unit, and from when to when they name it at all.
_UNITS = """
UPDATE core.units u
SET aliases = n.aliases, first_named_date = n.first_date, last_named_date = n.last_date
FROM (
  SELECT s.unit_id, min(coalesce(d.issued_date, d.first_seen_date)) AS first_date,
         max(coalesce(d.issued_date, d.first_seen_date)) AS last_date,
         to_json(list_sort(list(DISTINCT s.unit) FILTER (WHERE s.unit <> k.name))) AS aliases
  FROM (
    SELECT unit_id, unit, document_id FROM core.assignments
    UNION ALL SELECT unit_id, unit, document_id FROM core.obligation_units
  ) s
  JOIN core.units k USING (unit_id)
  JOIN core.documents d USING (document_id)
  GROUP BY s.unit_id
) n WHERE n.unit_id = u.unit_id
"""


def fill_companies(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `core.company_names` from the ledger rows of documents in force, anew if it was filled before."""
    connection.execute("DELETE FROM core.company_names")
    connection.execute(_COMPANIES)


def tell_units(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill aliases and days of `core.units` from the documents that name them; run it once all are there."""
    connection.execute(_UNITS)
