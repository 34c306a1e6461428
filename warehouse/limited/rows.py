"""Which rows of each base table a reader with a scope may see.

Every table has its rule here; one without would stop the making of a limited warehouse, so that a new table is never
shown by having been forgotten. A ledger row belongs to its own region, else its table's, else its document's. Of a
document that is another region's but holds a row of the reader's, only that it exists remains.
"""

# ruff: noqa: S608 - names come from the schema in code, a scope holds checked digits only

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.ddl import quoted
from warehouse.explore.documents import OPEN
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

    from warehouse.explore.scope import Scope

ELSEWHERE = "（其他地区的文件）"
"""Stands for the name and path of a document that is not the reader's."""

_WHOLE = "document_id IN (SELECT document_id FROM whole)"
_SEEN_ROW = "row_id IN (SELECT row_id FROM seen_rows)"
_OF_DEBT = "debt_id IN (SELECT debt_id FROM seen_debts)"
# Tables whose rows follow from others; the value is the condition.
_RULES: dict[str, str] = {
    "documents": "document_id IN (SELECT document_id FROM whole UNION SELECT document_id FROM shells)",
    "document_notices": _WHOLE,
    "document_parts": _WHOLE,
    "debt_statements": _WHOLE,
    "time_expressions": _WHOLE,
    "obligation_units": _WHOLE,
    "assignments": _WHOLE,
    "document_references": _WHOLE,
    "statistics": _WHOLE,
    "ledger_tables": "(document_id, table_index) IN (SELECT document_id, table_index FROM seen_tables)",
    "ledger_rows": _SEEN_ROW,
    "ledger_totals": "(document_id, table_index) IN (SELECT document_id, table_index FROM seen_tables WHERE is_whole)",
    "files": _WHOLE,
    "units": "unit_id IN (SELECT unit_id FROM seen_units)",
    "regions": "true",
    "findings": f"{_WHOLE} OR {_SEEN_ROW}",
    "corrections": f"{_SEEN_ROW} OR row_id IN (SELECT row_id FROM seen_statements)",
    "runs": "true",
    "debt_lineage": f"{_OF_DEBT} AND from_debt_id IN (SELECT debt_id FROM seen_debts)",
    "debt_clocks": _OF_DEBT,
    "row_clocks": _SEEN_ROW,
    "debt_duplicates": f"same_{_OF_DEBT} AND debt_id IN (SELECT debt_id FROM seen_rows)",
    "debt_parts": "from_debt_id IN (SELECT debt_id FROM seen_rows)",
    "reports_due": "report_id IN (SELECT report_id FROM seen_reports)",
    "decisions": "subject IN (SELECT subject FROM seen_findings)",
    "company_names": "name IN (SELECT name FROM seen_names)",
    "statutes": "true",
    "lpr_rates": "true",
    "cadence_days": "rule IN (SELECT rule FROM seen_rules)",
}
# What is left of a row that belongs to a document of another region: these columns, or this in their place.
_SHELLS: dict[str, dict[str, str]] = {
    "documents": {
        c: c for c in ("document_id", "kind", "status", "first_seen_date", "extractor_version", "format")
    },
    "ledger_tables": {
        **{
            c: c
            for c in (
                "document_id", "table_index", "as_of_date", "as_of_source", "report_date", "report_type", "about",
                "known_date", "replaced_date", "unit",
            )
        },
        **{c: f"md5({c})" for c in ("series_key", "scope_key")},  # they hold the region's code and the table's title
    },
    "findings": {
        c: c
        for c in (
            "finding_id", "rule", "severity", "document_id", "row_id", "table_name", "field", "status",
            "first_seen_date", "decision_number",
        )
    },
    "company_names": {c: c for c in ("company_id", "name", "uscc", "is_debtor", "is_creditor")},
    "runs": {c: c for c in ("run_id", "as_of_date", "started_at", "ended_at", "status")},
}  # fmt: skip
_STATEMENTS = {
    "debt_statements": "statement_id",
    "time_expressions": "obligation_id",
    "assignments": "assignment_id",
    "document_references": "reference_id",
    "statistics": "statistic_id",
}


def choose(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Work out what of the attached warehouse `src` is seen, as temporary tables that the conditions read."""
    marked = OPEN.format("d.")
    own = scope.where("d.region_code")
    of_table = "coalesce(t.region_code, d.region_code)"
    of_row = f"coalesce(r.region_code, {of_table})"
    rows = (
        "FROM src.core.ledger_rows r JOIN src.core.ledger_tables t USING (document_id, table_index) "
        "JOIN src.core.documents d USING (document_id)"
    )
    statements = " UNION ALL ".join(
        f"SELECT {k} AS row_id FROM src.core.{t} WHERE {_WHOLE}" for t, k in _STATEMENTS.items()
    )
    for name, select in {
        "whole": f"SELECT d.document_id FROM src.core.documents d WHERE {own} AND "
        f"({marked} OR {'true' if scope.is_everything else 'false'})",
        "seen_rows": f"SELECT r.row_id, r.document_id, r.table_index, r.debt_id {rows} WHERE {scope.where(of_row)}",
        "seen_debts": f"SELECT debt_id FROM src.core.debts_stored WHERE {scope.where('region_code')}",
        "seen_tables": "SELECT document_id, table_index, true AS is_whole FROM src.core.ledger_tables t "
        f"JOIN src.core.documents d USING (document_id) WHERE {_WHOLE} AND {scope.where(of_table)} UNION "
        "SELECT DISTINCT document_id, table_index, false FROM seen_rows s WHERE NOT EXISTS ("
        "SELECT 1 FROM src.core.ledger_tables t JOIN src.core.documents d USING (document_id) "
        "WHERE t.document_id = s.document_id AND t.table_index = s.table_index AND "
        f"d.{_WHOLE} AND {scope.where(of_table)})",
        "shells": f"SELECT DISTINCT document_id FROM seen_rows WHERE NOT {_WHOLE}",
        "seen_reports": f"SELECT report_id FROM src.core.reports_due WHERE {scope.where('region_code')}",
        "seen_names": f"SELECT debtor_name AS name FROM src.core.ledger_rows WHERE {_SEEN_ROW} UNION "
        f"SELECT creditor_name FROM src.core.ledger_rows WHERE {_SEEN_ROW}",
        "seen_findings": f"SELECT DISTINCT subject FROM src.core.findings WHERE {_WHOLE} OR {_SEEN_ROW}",
        "seen_units": f"SELECT unit_id FROM src.core.units WHERE {scope.where('region_code')} UNION "
        f"SELECT unit_id FROM src.core.obligation_units WHERE {_WHOLE} UNION "
        f"SELECT unit_id FROM src.core.assignments WHERE {_WHOLE}",
        "seen_statements": statements,
        "seen_rules": f"SELECT DISTINCT rule FROM src.core.time_expressions WHERE {_WHOLE} AND rule IS NOT NULL",
    }.items():
        connection.execute(f"CREATE TEMP TABLE {name} AS {select}")


def condition(table: str) -> str:
    """The condition on rows of a base table. Raises KeyError for a table without one: better no query."""
    return _RULES[table]


def bare(table: str, column: str, scope: Scope) -> str | None:
    """What a column becomes in a row of another region's document (as `is_bare` tells); None: the table has none."""
    kept = _SHELLS.get(table)
    if kept is None:
        return None
    if column == "region_code":  # a table of the reader's region in a document that names none
        return f"CASE WHEN {scope.where('region_code')} THEN region_code END"
    field = TABLES[table].field(column)
    if column in kept or field.nullable:
        return kept.get(column, "NULL")
    needed = {"text": f"'{ELSEWHERE}'", "int": "0", "bool": "false", "json": "'null'"}
    return needed[field.type]


def is_bare(table: str, scope: Scope) -> str:
    """The test for rows of which only the bare columns are shown."""
    if scope.is_everything or table not in _SHELLS:
        return "false"
    if table == "runs":
        return "true"  # how much came in all over the country is not a region's own
    if table == "company_names":
        return "true"  # the same company may stand in ledgers of other regions
    if table == "ledger_tables":
        return "(document_id, table_index) IN (SELECT document_id, table_index FROM seen_tables WHERE NOT is_whole)"
    return f"NOT coalesce({_WHOLE}, false)"


def tables_without_rule() -> set[str]:
    """Base tables that nobody thought of."""
    return set(TABLES) - set(_RULES)


def columns_of(table: str) -> list[str]:
    """The columns of a base table, quoted."""
    return [quoted(c) for c in TABLES[table].column_names]
