"""The region each finding is about: what a person who sees some regions only is shown of the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def name_regions(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `core.findings.region_code`: the row's own region, else its ledger's, else its document's; else null."""
    for table in ("ledger_rows", "ledger_totals"):
        own = "r.region_code" if table == "ledger_rows" else "NULL"
        connection.execute(
            f"UPDATE core.findings f SET region_code = coalesce({own}, t.region_code) "  # noqa: S608 - own names
            f"FROM core.{table} r LEFT JOIN core.ledger_tables t USING (document_id, table_index) "
            f"WHERE f.table_name = '{table}' AND f.row_id = r.row_id"
        )
    connection.execute(
        "UPDATE core.findings f SET region_code = d.region_code FROM core.documents d "
        "WHERE f.region_code IS NULL AND f.document_id = d.document_id"
    )
    connection.execute(  # a paper without a region of its own, whose ledgers are all of one
        "UPDATE core.findings f SET region_code = o.code FROM "
        "(SELECT document_id, min(region_code) AS code FROM core.ledger_tables GROUP BY document_id "
        "HAVING count(DISTINCT region_code) = 1) o "
        "WHERE f.region_code IS NULL AND f.document_id = o.document_id"
    )
