"""Debts as an explorer shows them: what fits the conditions, counts for further ones, totals, the life of one debt."""

# ruff: noqa: S608 - conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.explore.scope import Facet, Rows, Scope, facet_of, facet_tests, facet_values, row_of, rows_of

if TYPE_CHECKING:
    import duckdb

STATUS_ZH = {"open": "未清偿", "cleared": "已清偿", "vanished": "消失未销号", "split": "已拆分", "merge": "已合并"}
DISPUTED_ZH = {"yes": "有分歧", "no": "无分歧", "partial": "部分有分歧"}
AGES_ZH = {"under_1": "1年以内", "1_to_2": "1—2年", "2_to_3": "2—3年", "over_3": "3年以上"}
AMOUNTS_ZH = {
    "under_10w": "10万元以下",
    "10w_100w": "10—100万元",
    "100w_1000w": "100—1000万元",
    "over_1000w": "1000万元以上",
}
_LABELS: dict[str, dict[str, str]] = {
    "status": STATUS_ZH,
    "disputed": DISPUTED_ZH,
    "age": AGES_ZH,
    "amount": AMOUNTS_ZH,
}
FACETS = ("region", "status", "disputed", "age", "amount", "debtor_type", "creditor_size", "payment_kind")
SORTS = {
    "left": "left_yuan DESC NULLS LAST",
    "arrears": "arrears_amount_yuan DESC NULLS LAST",
    "age": "since_date NULLS LAST",
    "debtor": "debtor_name NULLS LAST",
    "creditor": "creditor_name NULLS LAST",
    "region": "region_code NULLS LAST",
    "plan": "plan_due_date NULLS LAST",
    "as_of": "as_of_date DESC NULLS LAST",
}
_MOST_VALUES = 30
_LISTED = (
    "debt_id", "debtor_name", "creditor_name", "project_name", "contract_no", "region_code", *FACETS[1:],
    "arrears_amount_yuan", "left_yuan", "cleared_yuan", "since_date", "as_of_date", "plan_due_date", "responsible_unit",
)  # fmt: skip

# One row for each debt with what the facets go by. A debt's age runs from when it arose, else from when it was due.
_BASE = """
SELECT d.*, region_code AS region,
       coalesce(remaining_amount_yuan,
                arrears_amount_yuan - coalesce(repaid_amount_yuan, 0) - coalesce(resolved_amount_yuan, 0)) AS left_yuan,
       arrears_amount_yuan - left_yuan AS cleared_yuan,
       coalesce(arrears_formed_date, due_date) AS since_date,
       date_diff('day', since_date, coalesce(as_of_date, last_seen_date)) AS age_in_days,
       CASE WHEN age_in_days < 0 THEN NULL WHEN age_in_days <= 365 THEN 'under_1' WHEN age_in_days <= 730 THEN '1_to_2'
            WHEN age_in_days <= 1095 THEN '2_to_3' WHEN age_in_days > 1095 THEN 'over_3' END AS age,
       CASE WHEN left_yuan < 100000 THEN 'under_10w' WHEN left_yuan < 1000000 THEN '10w_100w'
            WHEN left_yuan < 10000000 THEN '100w_1000w' WHEN left_yuan >= 10000000 THEN 'over_1000w' END AS amount
FROM {source} d
WHERE {scope}
"""


class DebtFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Each facet is one of its values, `NONE` for rows without one, or None for all; `region` takes
    in the regions below. `period` is a day: debts as ledgers reported them for it. `text` is part of a name, contract
    or project; `debtor` and `creditor` are whole names."""

    region: str | None = None
    status: str | None = None
    disputed: str | None = None
    age: str | None = None
    amount: str | None = None
    debtor_type: str | None = None
    creditor_size: str | None = None
    payment_kind: str | None = None
    period: dt.date | None = None
    text: str | None = None
    debtor: str | None = None
    creditor: str | None = None
    sort: str = "left"
    is_reversed: bool = False

    def parameters(self) -> dict[str, Any]:
        """The values that the statements bind."""
        given = facet_values(self, FACETS)
        text = None if self.text is None else self.text.strip()
        return {**given, "period": self.period, "text": text, "debtor": self.debtor, "creditor": self.creditor}


def _source(asked: DebtFilter) -> str:
    return "main.debts" if asked.period is None else "main.debts_as_of($period::DATE, DATE '9999-12-31')"


def _selection(scope: Scope, asked: DebtFilter, *, without: str | None = None) -> str:
    """The SELECT of debts that fit, leaving out the condition of one facet."""
    tests = ["true", *facet_tests(asked, FACETS, without)]
    if asked.text and asked.text.strip():
        names = ("debtor_name", "creditor_name", "project_name", "contract_no", "responsible_unit", "debt_id")
        tests.append("(" + " OR ".join(f"contains(lower({n}), lower($text))" for n in names) + ")")
    for side in ("debtor", "creditor"):
        if getattr(asked, side) is not None:
            tests.append(f"{side}_name = ${side}")
    base = _BASE.format(source=_source(asked), scope=scope.where("region_code"))
    return f"SELECT * FROM ({base}) WHERE {' AND '.join(tests)}"


def page(
    connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DebtFilter, *, offset: int = 0, limit: int = 50
) -> Rows:
    """The debts that fit, as lists show them with the name of their region, in the order asked for."""
    order = SORTS.get(asked.sort, SORTS["left"])
    if asked.is_reversed:
        order = order.replace(" DESC", " ASC") if " DESC" in order else order.replace(" NULLS", " DESC NULLS")
    selection, cut = _selection(scope, asked), "LIMIT $limit OFFSET $offset"
    listed = ", ".join(f"s.{c}" for c in _LISTED)
    joined = "LEFT JOIN main.regions r ON r.region_code = s.region_code"
    if asked.period is None:
        # Which debts first, then what is shown of them: reading it of every debt would take most of the time.
        sql = (
            f"WITH chosen AS (SELECT debt_id FROM ({selection}) ORDER BY {order}, debt_id {cut}) "
            f"SELECT {listed}, r.name AS region_name FROM ({selection}) s SEMI JOIN chosen USING (debt_id) {joined} "
            f"ORDER BY {order}, debt_id"
        )
    else:
        sql = f"SELECT {listed}, r.name AS region_name FROM ({selection}) s {joined} ORDER BY {order}, debt_id {cut}"
    return rows_of(connection, sql, {**asked.parameters(), "limit": limit, "offset": offset})


def totals(connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DebtFilter) -> dict[str, Any]:
    """Of all debts that fit: `debts`, `debtors`, `creditors`, and sums in yuan `arrears_yuan`, `cleared_yuan`,
    `left_yuan`, `disputed_yuan`. Only debts open or cleared take part in the sums: the others went over into other
    debts or are no longer reported."""
    counted = "FILTER (status IN ('open', 'cleared'))"
    sql = (
        "SELECT count(*) AS debts, count(DISTINCT debtor_name) AS debtors, count(DISTINCT creditor_name) AS creditors, "
        f"sum(arrears_amount_yuan) {counted} AS arrears_yuan, sum(cleared_yuan) {counted} AS cleared_yuan, "
        f"sum(left_yuan) {counted} AS left_yuan, "
        "sum(left_yuan) FILTER (status = 'open' AND disputed IN ('yes', 'partial')) AS disputed_yuan, "
        "count(*) FILTER (status NOT IN ('open', 'cleared')) AS uncounted "
        f"FROM ({_selection(scope, asked)})"
    )
    found = row_of(connection, sql, asked.parameters())
    assert found is not None
    return found


def facets(connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DebtFilter) -> dict[str, list[Facet]]:
    """For every facet its values with how many debts would fit, the other conditions standing; the most first."""
    return {name: _facet(connection, scope, asked, name) for name in FACETS}


def _facet(connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DebtFilter, name: str) -> list[Facet]:
    labels = _LABELS.get(name, {})
    out = facet_of(
        connection,
        name,
        _selection(scope, asked, without=name),
        asked.parameters(),
        chosen=getattr(asked, name),
        labels=labels,
        most=_MOST_VALUES,
    )
    if name in ("age", "amount"):
        order = list(labels)
        out.sort(key=lambda f: order.index(f.value) if f.value in order else len(order))
    return out


def periods(connection: duckdb.DuckDBPyConnection, scope: Scope) -> list[dt.date]:
    """The days that ledgers of debts speak of, latest first."""
    sql = (
        "SELECT DISTINCT t.as_of_date AS day FROM main.ledger_tables t LEFT JOIN main.documents d USING (document_id) "
        "WHERE t.as_of_date IS NOT NULL AND t.about = 'arrears' AND "
        f"{scope.where('coalesce(t.region_code, d.region_code)')} ORDER BY day DESC"
    )
    return [r["day"] for r in rows_of(connection, sql)]


def one(connection: duckdb.DuckDBPyConnection, scope: Scope, debt_id: str) -> dict[str, Any] | None:
    """The current state of a debt with its statutory clock; None where there is none that the reader may see."""
    base = _BASE.format(source="main.debts", scope=scope.where("region_code"))
    return row_of(
        connection,
        f"SELECT s.*, r.full_name AS region_name, c.statutory_due_date, c.overdue_days, c.interest_yuan, "
        "c.rule_version, c.article, c.reason_zh AS clock_reason, c.base_date, c.term_days "
        f"FROM ({base}) s LEFT JOIN main.regions r ON r.region_code = s.region_code "
        "LEFT JOIN main.debt_clocks c ON c.debt_id = s.debt_id WHERE s.debt_id = ?",
        [debt_id],
    )


def life(connection: duckdb.DuckDBPyConnection, scope: Scope, debt_id: str) -> Rows:
    """Everything ledgers ever reported of a debt and of those it came from or went into, oldest period first, each
    with its document, the findings on the row and its corrections; `left_yuan` is what was owed."""
    region = "coalesce(h.region_code, t.region_code, d.region_code)"
    return rows_of(
        connection,
        "SELECT l.*, h.resolved_amount_yuan, h.region_code, h.plan_due_date, h.plan_method, h.cells, t.sheet, d.path, "
        "d.title, d.name, coalesce(l.remaining_amount_yuan, l.arrears_amount_yuan - "
        "coalesce(l.repaid_amount_yuan, 0) - coalesce(h.resolved_amount_yuan, 0)) AS left_yuan, "
        f"{scope.where('d.region_code')} AS is_document_open, "
        "(SELECT count(*) FROM main.findings f WHERE f.row_id = l.row_id "
        "AND f.status IN ('open', 'deferred')) AS findings "
        "FROM main.debt_lifeline($which) l JOIN core.ledger_rows h USING (row_id) "
        "JOIN core.ledger_tables t ON t.document_id = l.document_id AND t.table_index = l.table_index "
        "JOIN core.documents d ON d.document_id = l.document_id "
        f"WHERE {scope.where(region)} "
        "ORDER BY l.as_of_date NULLS FIRST, l.known_date, l.document_id, l.table_index, l.row_number",
        {"which": debt_id},
    )


def lineage(connection: duckdb.DuckDBPyConnection, scope: Scope, debt_id: str) -> Rows:
    """The debts this one came from (`direction` from) and went into (into), with the amount that went over."""
    seen = scope.where("d.region_code")
    return rows_of(
        connection,
        "SELECT 'from' AS direction, l.from_debt_id AS debt_id, l.kind, l.as_of_date, l.amount_yuan, d.debtor_name, "
        "d.creditor_name FROM main.debt_lineage l JOIN main.debts d ON d.debt_id = l.from_debt_id "
        f"WHERE l.debt_id = $which AND {seen} UNION ALL "
        "SELECT 'into', l.debt_id, l.kind, l.as_of_date, l.amount_yuan, d.debtor_name, d.creditor_name "
        f"FROM main.debt_lineage l JOIN main.debts d USING (debt_id) WHERE l.from_debt_id = $which AND {seen} "
        "ORDER BY direction, debt_id",
        {"which": debt_id},
    )
