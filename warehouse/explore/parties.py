"""One debtor, one creditor, one region: what is owed now, how it went from period to period."""

# ruff: noqa: S608 - conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from warehouse.duty_rows import region_prefix
from warehouse.explore.scope import Rows, Scope, row_of, rows_of

if TYPE_CHECKING:
    import duckdb

Side = Literal["debtor", "creditor"]
_LEFT = (
    "coalesce(remaining_amount_yuan, "
    "arrears_amount_yuan - coalesce(repaid_amount_yuan, 0) - coalesce(resolved_amount_yuan, 0))"
)
_COUNTED = "FILTER (status IN ('open', 'cleared'))"
_SUMS = (
    f"count(*) AS debts, count(*) FILTER (status = 'open') AS open_debts, sum(arrears_amount_yuan) {_COUNTED} AS "
    f"arrears_yuan, sum(arrears_amount_yuan - {_LEFT}) {_COUNTED} AS cleared_yuan, sum({_LEFT}) {_COUNTED} AS left_yuan"
)
_MOST_PERIODS = 24


def parties(
    connection: duckdb.DuckDBPyConnection, scope: Scope, side: Side, *, text: str = "", offset: int = 0, limit: int = 50
) -> Rows:
    """Debtors or creditors whose name holds `text`, with their sums, those with the most still owed first."""
    return rows_of(
        connection,
        f"SELECT {side}_name AS name, any_value({side}_uscc) AS uscc, {_SUMS} FROM main.debts "
        f"WHERE {side}_name IS NOT NULL AND contains({side}_name, $text) AND {scope.where('region_code')} "
        "GROUP BY name ORDER BY left_yuan DESC NULLS LAST, name LIMIT $limit OFFSET $offset",
        {"text": text.strip(), "limit": limit, "offset": offset},
    )


def count(connection: duckdb.DuckDBPyConnection, scope: Scope, side: Side, *, text: str = "") -> int:
    """How many parties have a name that holds `text`."""
    found = row_of(
        connection,
        f"SELECT count(DISTINCT {side}_name) AS n FROM main.debts "
        f"WHERE contains({side}_name, ?) AND {scope.where('region_code')}",
        [text.strip()],
    )
    return 0 if found is None else int(found["n"])


def party(connection: duckdb.DuckDBPyConnection, scope: Scope, side: Side, name: str) -> dict[str, Any] | None:
    """Sums and particulars of one party by its name as ledgers write it; None where the reader sees no debt of it."""
    other = "creditor" if side == "debtor" else "debtor"
    return row_of(
        connection,
        f"SELECT {side}_name AS name, any_value({side}_uscc) AS uscc, {_SUMS}, count(DISTINCT {other}_name) AS others, "
        f"any_value(debtor_type) AS debtor_type, any_value(creditor_size) AS creditor_size, "
        "min(first_as_of_date) AS first_as_of_date, max(as_of_date) AS as_of_date "
        f"FROM main.debts WHERE {side}_name = ? AND {scope.where('region_code')} GROUP BY name",
        [name],
    )


def party_trend(connection: duckdb.DuckDBPyConnection, scope: Scope, side: Side, name: str) -> Rows:
    """What ledgers reported of a party for each period, oldest first: `as_of_date`, `debts`, `arrears_yuan`,
    `left_yuan`. Ledgers replaced since do not count."""
    return _trend(connection, f"{side}_name = $which AND {scope.where('region_code')}", name)


def region(connection: duckdb.DuckDBPyConnection, scope: Scope, region_code: str) -> dict[str, Any] | None:
    """A region with those below it: its names and sums; None where the reader may not see it or it does not exist."""
    if not scope.covers(region_code):
        return None
    found = row_of(connection, "SELECT * FROM main.regions WHERE region_code = ?", [region_code])
    if found is None:
        return None
    sums = row_of(
        connection,
        f"SELECT {_SUMS}, count(DISTINCT debtor_name) AS debtors, count(DISTINCT creditor_name) AS creditors, "
        "max(as_of_date) AS as_of_date FROM main.debts "
        f"WHERE starts_with(region_code, $prefix) AND {scope.where('region_code')}",
        {"prefix": region_prefix(region_code)},
    )
    assert sums is not None
    parent = found["parent_code"]
    return {**found, **sums, "parent_code": parent if scope.covers(parent) else None}


def region_names(connection: duckdb.DuckDBPyConnection, codes: Collection[str]) -> dict[str, str]:
    """Names of regions by their codes, those that the register knows."""
    found = connection.execute(
        "SELECT region_code, name FROM main.regions WHERE list_contains(?, region_code)", [sorted(codes)]
    ).fetchall()
    return dict(found)


def region_trend(connection: duckdb.DuckDBPyConnection, scope: Scope, region_code: str) -> Rows:
    """As `party_trend`, of a region with those below it."""
    test = f"starts_with(region_code, $which) AND {scope.where('region_code')}"
    return _trend(connection, test, region_prefix(region_code))


def regions_below(connection: duckdb.DuckDBPyConnection, scope: Scope, region_code: str | None) -> Rows:
    """The regions right below one (None: those that have debts at all, by county) with their sums, most owed first."""
    length = {2: 4, 4: 6}.get(len(region_prefix(region_code)), 0) if region_code else 6
    if length == 0:
        return []
    prefix = "" if region_code is None else region_prefix(region_code)
    padded = f"rpad(left(d.region_code, {length}), 6, '0')"
    return rows_of(
        connection,
        f"SELECT {padded} AS code, any_value(r.name) AS name, any_value(r.full_name) AS full_name, {_SUMS} "
        f"FROM main.debts d LEFT JOIN main.regions r ON r.region_code = {padded} "
        f"WHERE starts_with(d.region_code, $prefix) AND {scope.where('d.region_code')} "
        "GROUP BY code ORDER BY left_yuan DESC NULLS LAST, code",
        {"prefix": prefix},
    )


def _trend(connection: duckdb.DuckDBPyConnection, test: str, which: str) -> Rows:
    found = rows_of(
        connection,
        "SELECT as_of_date, count(DISTINCT debt_id) AS debts, sum(arrears_amount_yuan) AS arrears_yuan, "
        f"sum({_LEFT}) AS left_yuan FROM main.debt_history "
        f"WHERE replaced_date IS NULL AND as_of_date IS NOT NULL AND {test} "
        "GROUP BY as_of_date ORDER BY as_of_date DESC LIMIT $most",
        {"which": which, "most": _MOST_PERIODS},
    )
    return found[::-1]
