"""What other documents and months say beside a finding: the same debt in its periods, the same total, the same scope.

Everything takes the regions a reader may see; what lies in others is left out.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.ddl import quoted
from warehouse.row_places import rows_with
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
MOST = 24
# A ledger row has more than a hundred columns; a page about a finding needs these and the one the finding is on.
_OF_FINDINGS = (
    "row_id", "statement_id", "document_id", "table_index", "row_number", "debt_id", "debtor_name", "creditor_name",
    "label", "scope", "role", "raw_text", "start_offset", "end_offset",
)  # fmt: skip
_LEDGER_MONEY = ("arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan")


def row_of(
    connection: duckdb.DuckDBPyConnection, table: str | None, row_id: str | None, columns: Collection[str] = ()
) -> Row | None:
    """A row by its id, or some columns of it; None for whole files, or a row that is no longer there."""
    if table not in TABLES or row_id is None or len(TABLES[table].key) != 1 or table == "documents":
        return None
    key = TABLES[table].key[0]
    wanted = [c for c in TABLES[table].column_names if not columns or c in columns or c == key]
    source = rows_with(connection, key, row_id, wanted) if table == "ledger_rows" else None
    found = _rows(
        connection,
        f"SELECT {', '.join(quoted(c) for c in wanted)} FROM {source or f'core.{quoted(table)}'} "
        f"WHERE {quoted(key)} = ?",
        [row_id],
    )
    return found[0] if found else None


def row_of_finding(connection: duckdb.DuckDBPyConnection, finding: Row) -> Row | None:
    """What is asked of the row a finding is about: its own column, who owes whom, where it stands."""
    return row_of(connection, finding["table_name"], finding["row_id"], (*_OF_FINDINGS, finding["field"] or ""))


def evidence_of(row: Row, table: str, field: str | None) -> tuple[str | None, str | None]:
    """Where a column of a row stands, as the JSON text of a place with its cell, and the text it was read from."""
    place: Row = msgspec.json.decode(row["evidence"]) if row.get("evidence") else {}
    raw = row.get("raw_text")
    if table in ("ledger_rows", "ledger_totals"):
        cells = msgspec.json.decode(row["cells"] or "{}")
        raws = msgspec.json.decode(row["raw"] or "{}")
        if field is not None and field in cells:
            place["cell"] = cells[field]
        raw = raws.get(field) if field is not None else None
        if "sheet" not in place:
            place.setdefault("table", row["table_index"])
    return (msgspec.json.encode(place).decode() if place else None), raw


def same_debt(
    connection: duckdb.DuckDBPyConnection, row: Row, field: str | None, regions: tuple[str, ...]
) -> list[Row]:
    """The debt of a ledger row in every ledger that names it, latest first: period, file, place, its money, and the
    finding's column as `value` and `raw`."""
    if row.get("debt_id") is None:
        return []
    columns = [c for c in _LEDGER_MONEY if c != field]
    value = "NULL" if field is None or field not in TABLES["ledger_rows"].column_names else f"r.{quoted(field)}"
    scope, values = _scope("coalesce(r.region_code, d.region_code)", regions)
    read = ("row_id", "as_of_date", "row_number", "document_id", "cells", "evidence", "raw", "region_code", *columns)
    own = [] if value == "NULL" else [str(field)]
    rows = rows_with(connection, "debt_id", row["debt_id"], (*read, *own)) or "core.ledger_rows"
    return _rows(
        connection,
        f"SELECT r.row_id, r.as_of_date, r.row_number, r.document_id, d.path, r.cells, r.evidence, "
        f"CAST({value} AS VARCHAR) AS value, json_extract_string(r.raw, ?) AS raw, "
        f"{', '.join(f'r.{c}' for c in columns)}, r.row_id = ? AS is_this "
        f"FROM {rows} r JOIN core.documents d USING (document_id) "
        f"WHERE r.debt_id = ? AND {scope} AND d.status <> 'superseded' "
        "ORDER BY r.as_of_date DESC NULLS LAST, d.path, r.row_number LIMIT ?",
        [f'$."{field or ""}"', row["row_id"], row["debt_id"], *values, MOST],
    )


def same_total(
    connection: duckdb.DuckDBPyConnection, row: Row, field: str | None, regions: tuple[str, ...]
) -> list[Row]:
    """A printed total in the other ledgers of its series, latest first, with the sum of their rows as `rows_sum`."""
    if field not in TABLES["ledger_totals"].column_names:
        return []
    column = quoted(field)
    is_money = TABLES["ledger_totals"].field(field).type == "money" and field in TABLES["ledger_rows"].column_names
    rows_sum = (
        f"(SELECT sum(l.{column}) FROM core.ledger_rows l "
        "WHERE l.document_id = r.document_id AND l.table_index = r.table_index)"
        if is_money
        else "NULL"
    )
    scope, values = _scope("coalesce(t.region_code, d.region_code)", regions)
    return _rows(
        connection,
        "WITH mine AS (SELECT t.series_name, d.source FROM core.ledger_tables t JOIN core.documents d "
        "USING (document_id) WHERE t.document_id = ? AND t.table_index = ?) "
        "SELECT r.row_id, r.as_of_date, r.row_number, r.document_id, d.path, r.label, r.cells, r.evidence, "
        f"CAST(r.{column} AS VARCHAR) AS value, json_extract_string(r.raw, ?) AS raw, "
        f"CAST({rows_sum} AS VARCHAR) AS rows_sum, r.row_id = ? AS is_this "
        "FROM core.ledger_totals r JOIN core.ledger_tables t USING (document_id, table_index) "
        "JOIN core.documents d USING (document_id) JOIN mine m ON m.series_name = t.series_name "
        f"AND m.source = d.source WHERE r.label = ? AND {scope} AND d.status <> 'superseded' "
        "ORDER BY r.as_of_date DESC NULLS LAST, d.path LIMIT ?",
        [row["document_id"], row["table_index"], f'$."{field}"', row["row_id"], row["label"], *values, MOST],
    )


def same_scope(connection: duckdb.DuckDBPyConnection, row: Row, regions: tuple[str, ...]) -> list[Row]:
    """What papers of the same region state in the same role as one statement in prose; same words of scope first, then
    other papers, latest first. `is_same_scope` says whether it counts the same by its own words."""
    scope, values = _scope("d.region_code", regions)
    return _rows(
        connection,
        "WITH mine AS (SELECT region_code FROM core.documents WHERE document_id = ?) "
        "SELECT s.statement_id AS row_id, coalesce(s.as_of_date, d.issued_date) AS as_of_date, s.document_id, d.path, "
        "d.title, CAST(s.amount_yuan AS VARCHAR) AS value, s.raw_text AS raw, s.scope, s.evidence, "
        "s.statement_id = ? AS is_this, s.scope IS NOT DISTINCT FROM ? AS is_same_scope "
        "FROM core.debt_statements s JOIN core.documents d USING (document_id), mine m "
        "WHERE s.role = ? AND s.role <> 'other' AND d.region_code IS NOT DISTINCT FROM m.region_code "
        f"AND (s.scope IS NOT DISTINCT FROM ? OR s.document_id <> ?) AND {scope} AND d.status <> 'superseded' "
        "ORDER BY is_same_scope DESC, as_of_date DESC NULLS LAST, d.path, s.start_offset LIMIT ?",
        [
            row["document_id"],
            row["statement_id"],
            row["scope"],
            row["role"],
            row["scope"],
            row["document_id"],
            *values,
            MOST // 2,
        ],
    )


def ledger_window(
    connection: duckdb.DuckDBPyConnection, document_id: str, table_index: int, row_number: int, around: int
) -> tuple[list[Row], str | None]:
    """Ledger rows and totals of a table next to a row, as (`row_number`, `cells`, `raw`), and the table's columns.

    What a very large sheet is shown from: its own cells were not kept.
    """
    values = [document_id, table_index, row_number - around, row_number + around]
    rows = [
        row
        for table in ("ledger_rows", "ledger_totals")
        for row in _rows(
            connection,
            f"SELECT row_number, cells, raw FROM core.{table} "
            "WHERE document_id = ? AND table_index = ? AND row_number BETWEEN ? AND ?",
            values,
        )
    ]
    columns = connection.execute(
        'SELECT "columns" FROM core.ledger_tables WHERE document_id = ? AND table_index = ?', [document_id, table_index]
    ).fetchone()
    return sorted(rows, key=lambda r: r["row_number"]), None if columns is None else columns[0]


def _scope(column: str, regions: tuple[str, ...]) -> tuple[str, list[object]]:
    if not regions:
        return "TRUE", []
    return "(" + " OR ".join(f"starts_with({column}, ?)" for _ in regions) + ")", list(regions)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: list[object]) -> list[Row]:
    found = connection.execute(sql, values)
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
