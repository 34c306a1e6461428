"""Figures over a whole publication: what ledgers reported for each period, where each region stands, what came in."""

# ruff: noqa: S608 - conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from warehouse.explore.scope import Rows, Scope, row_of, rows_of

if TYPE_CHECKING:
    import duckdb

_LEFT = (
    "coalesce(remaining_amount_yuan, arrears_amount_yuan - coalesce(repaid_amount_yuan, 0) "
    "- coalesce(resolved_amount_yuan, 0))"
)


def reports(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Rows:
    """What every series of ledgers told of each region for each period, oldest first: `arrears` and `left_yuan`."""
    return rows_of(
        connection,
        f"""
        WITH told AS (
          SELECT coalesce(r.region_code, t.region_code, d.region_code) AS region_code, t.series_key, t.as_of_date,
                 r.arrears_amount_yuan AS arrears,
                 coalesce(r.remaining_amount_yuan, r.arrears_amount_yuan - coalesce(r.repaid_amount_yuan, 0)
                          - coalesce(r.resolved_amount_yuan, 0)) AS left_yuan
          FROM core.ledger_rows r
          JOIN main.ledger_tables t USING (document_id, table_index)
          JOIN core.documents d USING (document_id)
          WHERE t.about = 'arrears' AND t.report_type IN ('detail', 'zero') AND t.replaced_date IS NULL
            AND t.as_of_date IS NOT NULL AND r.debt_id IS NOT NULL
            AND r.row_id NOT IN (SELECT row_id FROM core.quarantine)
        )
        SELECT region_code, series_key, as_of_date, sum(arrears) AS arrears, sum(left_yuan) AS left_yuan
        FROM told WHERE {scope.where("region_code")} GROUP BY ALL ORDER BY as_of_date
        """,
    )


def regions(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Rows:
    """Regions with debts or open findings: debts in force, sums in yuan, `as_of` the latest day, `findings`."""
    return rows_of(
        connection,
        f"""
        WITH standing AS (
          SELECT region_code, as_of_date, arrears_amount_yuan AS arrears, {_LEFT} AS left_yuan, disputed
          FROM main.debts WHERE status IN ('open', 'cleared') AND {scope.where("region_code")}
        ), owed AS (
          SELECT region_code, max(as_of_date) AS as_of,
                 count(*) FILTER (left_yuan > 0 OR left_yuan IS NULL) AS debts,
                 coalesce(sum(arrears), 0) AS arrears, coalesce(sum(left_yuan), 0) AS left_yuan,
                 coalesce(sum(arrears - left_yuan), 0) AS cleared,
                 coalesce(sum(left_yuan) FILTER (disputed IN ('yes', 'partial')), 0) AS disputed
          FROM standing GROUP BY region_code
        ), open AS (
          SELECT region_code, count(*) AS findings FROM main.findings WHERE status = 'open' GROUP BY region_code
        )
        SELECT coalesce(o.region_code, n.region_code) AS region_code, r.name, o.as_of, coalesce(o.debts, 0) AS debts,
               coalesce(o.arrears, 0) AS arrears, coalesce(o.cleared, 0) AS cleared,
               coalesce(o.left_yuan, 0) AS left_yuan, coalesce(o.disputed, 0) AS disputed,
               coalesce(n.findings, 0) AS findings
        FROM owed o
        FULL JOIN open n ON n.region_code IS NOT DISTINCT FROM o.region_code
        LEFT JOIN main.regions r ON r.region_code = coalesce(o.region_code, n.region_code)
        WHERE {scope.where("coalesce(o.region_code, n.region_code)")}
        """,
    )


def arrivals(connection: duckdb.DuckDBPyConnection, scope: Scope, limit: int) -> tuple[dt.date | None, int, Rows]:
    """The last night on which documents were first seen: the night, how many, and some of them, unread ones first."""
    where = scope.where("region_code")
    last = row_of(connection, f"SELECT max(first_seen_date) AS night FROM main.documents WHERE {where}")
    night: dt.date | None = None if last is None else last["night"]
    if night is None:
        return None, 0, []
    found = rows_of(
        connection,
        "SELECT document_id, coalesce(title, name, path) AS title, kind, format, status, error_message, "
        f"count(*) OVER () AS total FROM main.documents WHERE {where} AND first_seen_date = ? "
        "ORDER BY status = 'quarantined' DESC, status = 'partial' DESC, title LIMIT ?",
        [night, limit],
    )
    return night, found[0]["total"], found
