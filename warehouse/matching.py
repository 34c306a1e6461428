"""Which ledger rows of different periods speak of the same debt, and the debt's id.

Within one source and region, rows are the same debt when debtor, creditor and contract number (else project name)
agree after normalising. Where one ledger has several such rows, equal amounts pair first, then their order. Debts that
go on under another key are found by `linking`. Every row keeps the reason and how sure it is. The id is
a hash over the row by which the debt was first seen, so that re-runs and later ledgers leave it as it is, and the
order in which files are worked off plays no part: everything is sorted by period, night, document and row. Versions
of one ledger (a workbook and its stamped scan) are found first, by `twins`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from warehouse.linking import link_debts
from warehouse.twins import adopt_twins
from warehouse.versions import find_refiled

if TYPE_CHECKING:
    import duckdb


@dataclass(slots=True)
class _Debt:
    ordinal: int
    amount: Decimal | None
    ledgers: set[object] = field(default_factory=set)


def series_of(tables: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """For each ledger table (source, region_code, series_name) its (scope_key, series_key), in the same order.

    A table without a region takes that of its series where the source knows exactly one; a guess between two is not
    made, it then stands in a scope of its own.
    """
    listed = list(tables)
    regions: dict[tuple[str, str], set[str]] = defaultdict(set)
    for t in listed:
        if t["region_code"]:
            regions[t["source"], t["series_name"]].add(t["region_code"])
    out = []
    for t in listed:
        source, name = t["source"], t["series_name"]
        known = regions[source, name]
        region = t["region_code"] or (next(iter(known)) if len(known) == 1 else "")
        scope = f"{source}|{region}" if region else f"{source}|~{name}"
        out.append((scope, f"{source}|{region}|{name}"))
    return out


def pair(ledgers: Sequence[Sequence[tuple[str, Decimal | None]]]) -> list[tuple[str, int, str]]:
    """Tell apart debts that share one key: (row_id, ordinal of the debt, reason) for every row.

    `ledgers` holds the rows (row_id, arrears amount) of each ledger, oldest ledger first, rows in order.
    """
    debts: list[_Debt] = []
    out: list[tuple[str, int, str]] = []
    for number, rows in enumerate(ledgers):
        left: list[tuple[str, Decimal | None]] = []
        for row_id, amount in rows:
            same = next(
                (d for d in debts if amount is not None and d.amount == amount and number not in d.ledgers), None
            )
            if same is None:
                left.append((row_id, amount))
            else:
                same.ledgers.add(number)
                out.append((row_id, same.ordinal, "amount"))
        for row_id, amount in left:
            free = next((d for d in debts if number not in d.ledgers), None)
            if free is None:
                free = _Debt(len(debts), amount)
                debts.append(free)
                reason = "new"
            else:
                reason = "order"
            free.ledgers.add(number)
            free.amount = amount
            out.append((row_id, free.ordinal, reason))
    return out


_NAMED_ROWS = """
CREATE TEMP TABLE named_rows AS
SELECT r.row_id, r.document_id, r.table_index, r.row_number, r.match_key, t.scope_key, t.as_of_date, d.first_seen_date,
       d.source, r.debtor_name, r.creditor_name, coalesce(r.contract_no, r.project_name) AS what, r.debtor_uscc,
       CASE WHEN s.row_id IS NULL THEN r.debtor_name ELSE s.debtor_name END AS said_debtor,
       CASE WHEN s.row_id IS NULL THEN r.creditor_name ELSE s.creditor_name END AS said_creditor,
       r.creditor_uscc, r.arrears_amount_yuan, r.remaining_amount_yuan, false AS is_twin
FROM {rows} r
JOIN core.ledger_tables t USING (document_id, table_index)
JOIN staged_documents d USING (document_id)
LEFT JOIN said_names s USING (row_id)
WHERE t.report_type = 'detail' AND t.about = 'arrears'
"""

# Keys that stand more than once in one ledger, with their rows, oldest ledger first.
_AMBIGUOUS = """
WITH several AS (
  SELECT DISTINCT scope_key, match_key FROM named_rows
  WHERE match_key IS NOT NULL
  GROUP BY scope_key, match_key, document_id, table_index
  HAVING count(*) > 1
)
SELECT scope_key, match_key, document_id, table_index, row_id, arrears_amount_yuan
FROM named_rows JOIN several USING (scope_key, match_key)
ORDER BY scope_key, match_key, as_of_date NULLS FIRST, first_seen_date, document_id, table_index, row_number
"""

# `proto` numbers a key within its scope (or a row that has none): a debt before links are looked for.
_GROUPED = """
CREATE TEMP TABLE grouped AS
SELECT n.* EXCLUDE (what, said_debtor, said_creditor), p.reason,
       md5_number(concat_ws(chr(31), n.scope_key, n.match_key, coalesce(p.ordinal, 0),
                            CASE WHEN n.match_key IS NULL THEN n.row_id END)) AS proto,
       concat_ws(chr(31), n.source, coalesce(n.said_debtor, ''), coalesce(n.said_creditor, ''),
                 coalesce(n.what, ''), n.document_id, n.table_index, n.row_number) AS locator
FROM named_rows n LEFT JOIN paired p USING (row_id)
"""

# How sure a match by key is: a contract number tells a debt, a project nearly, the parties alone rarely.
_MATCHES = """
CREATE TEMP TABLE matches AS
WITH rooted AS (
  SELECT g.*, coalesce(l.root, g.proto) AS root, l.reason AS link, l.confidence AS link_confidence,
         row_number() OVER (
           PARTITION BY g.proto ORDER BY as_of_date NULLS FIRST, first_seen_date, document_id, table_index, row_number
         ) = 1 AS is_first_of_key
  FROM grouped g LEFT JOIN roots l USING (proto)
), told AS (
  SELECT row_id, root,
         substr(sha256(first_value(locator) OVER (
           PARTITION BY root ORDER BY first_seen_date, as_of_date NULLS FIRST, document_id, table_index, row_number
         )), 1, 32) AS debt_id,
         CASE
           WHEN match_key IS NULL THEN 'none'
           WHEN is_first_of_key THEN coalesce(link, 'new')
           WHEN is_twin THEN 'twin'
           ELSE coalesce(nullif(reason, 'new'), 'key')
         END AS match_reason,
         match_key, link_confidence
  FROM rooted
)
SELECT row_id, root, debt_id, match_reason,
       (CASE match_reason
         WHEN 'none' THEN NULL
         WHEN 'new' THEN 1
         WHEN 'amount' THEN 0.9
         WHEN 'twin' THEN 0.8
         WHEN 'order' THEN 0.5
         WHEN 'key' THEN CASE WHEN contains(match_key, '|c:') THEN 0.95 WHEN contains(match_key, '|p:') THEN 0.9
                              ELSE 0.7 END
         ELSE link_confidence
       END)::DECIMAL(18,6) AS match_confidence
FROM told
"""

_LINEAGE = """
INSERT INTO core.debt_lineage BY NAME
WITH names AS (SELECT DISTINCT g.proto, m.debt_id FROM grouped g JOIN matches m USING (row_id))
SELECT t.debt_id, s.debt_id AS from_debt_id, l.kind, l.as_of_date, l.amount_yuan
FROM lineage l JOIN names s ON s.proto = l.source JOIN names t ON t.proto = l.target
ORDER BY ALL
"""


def match_debts(connection: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Make the temporary tables `matches(row_id, debt_id, match_reason, match_confidence)` and `refiled` (see
    `versions`), and fill `core.debt_lineage`.

    `rows` is what to select ledger rows from (SQL); `core.ledger_tables` and the temporary tables `staged_documents`,
    `said_names` (names as printed where others were taught) and `gone` (documents whose rows do not count any more)
    must be filled.
    """
    connection.execute(_NAMED_ROWS.format(rows=rows))
    adopt_twins(connection)
    paired: list[tuple[str, int, str]] = []
    groups: dict[tuple[str, str], dict[tuple[str, int], list[tuple[str, Decimal | None]]]] = {}
    for scope, key, document, table, row_id, amount in connection.execute(_AMBIGUOUS).fetchall():
        groups.setdefault((scope, key), {}).setdefault((document, table), []).append((row_id, amount))
    for ledgers in groups.values():
        paired += pair(list(ledgers.values()))
    table_of_pairs = pa.table(
        {
            "row_id": pa.array([p[0] for p in paired], pa.string()),
            "ordinal": pa.array([p[1] for p in paired], pa.int64()),
            "reason": pa.array([p[2] for p in paired], pa.string()),
        }
    )
    connection.register("paired_arrow", table_of_pairs)
    connection.execute("CREATE TEMP TABLE paired AS SELECT * FROM paired_arrow")
    connection.unregister("paired_arrow")
    connection.execute(_GROUPED)
    find_refiled(connection)
    link_debts(connection)
    connection.execute(_MATCHES)
    connection.execute(_LINEAGE)
