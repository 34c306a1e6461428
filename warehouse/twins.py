"""Two files that hold one and the same ledger: a workbook and its stamped scan, or a table loaded twice.

Offices hand in the electronic table together with a stamped copy of it. Both are kept, but their rows speak of the
same debts: the later version takes scope and series of the earlier one, and a row whose names differ by a slip of
the scanner takes its key. What the versions say differently is left as it is, for the audit to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.keys import normal_name

if TYPE_CHECKING:
    import duckdb

SIMILAR = 0.75
"""Share of common characters from which two names may be one name misread."""

MOST_OF_A_SERIES = 6
"""Files of one series and cut-off that are compared row by row; more are the parts of many offices, not versions."""

Ledger = tuple[str, int]
"""document_id and table_index."""


class Row(NamedTuple):
    """What tells a ledger row from others."""

    row_id: str
    position: int
    debtor: str
    creditor: str
    what: str
    amount: object
    match_key: str | None


_LEDGERS = """
CREATE TEMP TABLE detail_ledgers AS
SELECT n.document_id, n.table_index, any_value(n.source) AS source, any_value(n.scope_key) AS scope_key,
       any_value(t.series_key) AS series_key, any_value(coalesce(t.region_code, d.region_code)) AS region_code,
       any_value(t.reporting_unit) AS reporting_unit, any_value(n.as_of_date) AS as_of_date,
       any_value(n.first_seen_date) AS first_seen_date, count(*) AS size,
       bool_or(t.sheet IS NOT NULL OR d.format = 'csv') AS is_data
FROM named_rows n
JOIN core.ledger_tables t USING (document_id, table_index)
JOIN staged_documents d USING (document_id)
GROUP BY n.document_id, n.table_index
"""

# Pairs of ledgers of one source and cut-off in different files that share half their debts, or that belong to one
# small series. A ledger without a cut-off goes with what came in on the same night.
_PAIRS = """
WITH keys AS (
  SELECT DISTINCT document_id, table_index, source, match_key, as_of_date, first_seen_date
  FROM named_rows WHERE match_key IS NOT NULL
), shared AS (
  SELECT document_id, table_index, other_document, other_table, count(*) AS common FROM (
    SELECT a.document_id, a.table_index, b.document_id AS other_document, b.table_index AS other_table
    FROM keys a JOIN keys b USING (source, match_key, as_of_date) WHERE a.document_id <> b.document_id
    UNION ALL
    SELECT a.document_id, a.table_index, b.document_id, b.table_index
    FROM keys a JOIN keys b USING (source, match_key, first_seen_date)
    WHERE a.document_id <> b.document_id AND (a.as_of_date IS NULL OR b.as_of_date IS NULL)
  ) GROUP BY ALL
), small AS (
  SELECT *, coalesce(as_of_date, first_seen_date) AS period FROM detail_ledgers
  QUALIFY count(DISTINCT document_id) OVER (PARTITION BY scope_key, series_key, period) BETWEEN 2 AND $most
), candidates AS (
  SELECT document_id, table_index, other_document, other_table, common FROM shared
  UNION ALL
  SELECT a.document_id, a.table_index, b.document_id, b.table_index, 0
  FROM small a JOIN small b USING (scope_key, series_key, period) WHERE a.document_id <> b.document_id
)
SELECT c.document_id, c.table_index, c.other_document, c.other_table, max(c.common) AS common,
       least(any_value(a.size), any_value(b.size)) AS smaller
FROM candidates c
JOIN detail_ledgers a USING (document_id, table_index)
JOIN detail_ledgers b ON b.document_id = c.other_document AND b.table_index = c.other_table
WHERE c.document_id < c.other_document
  AND 2 * least(a.size, b.size) >= greatest(a.size, b.size)
  AND (a.region_code IS NULL OR b.region_code IS NULL OR a.region_code = b.region_code)
GROUP BY ALL
ORDER BY ALL
"""

_ROWS = """
SELECT row_id, row_number() OVER (ORDER BY row_number) AS position, debtor_name, creditor_name, what,
       arrears_amount_yuan, match_key
FROM named_rows WHERE document_id = ? AND table_index = ? ORDER BY row_number
"""


def adopt_twins(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives versions of one ledger one scope, one series and one key a row.

    Works on the temporary table `named_rows` (whose column `is_twin` it sets) and on `core.ledger_tables`.
    """
    connection.execute(_LEDGERS)
    pairs = connection.execute(_PAIRS, {"most": MOST_OF_A_SERIES}).fetchall()
    if not pairs:
        return
    ledgers = _described(connection)
    twins: list[tuple[Ledger, Ledger]] = []
    for document, table, other_document, other_table, common, smaller in pairs:
        one, other = (document, table), (other_document, other_table)
        if _of_different_units(ledgers[one]["reporting_unit"], ledgers[other]["reporting_unit"]):
            continue
        if 2 * common < smaller:
            common += len(align(_rows(connection, one), _rows(connection, other)))
        if 2 * common >= smaller:
            twins.append((one, other))
    for leader, members in _groups(twins, ledgers):
        for member in members:
            _adopt(connection, leader, member, ledgers[leader])


def _described(connection: duckdb.DuckDBPyConnection) -> dict[Ledger, dict[str, Any]]:
    rows = connection.execute("SELECT * FROM detail_ledgers").to_arrow_table().to_pylist()
    return {(r["document_id"], r["table_index"]): r for r in rows}


def _of_different_units(one: str | None, other: str | None) -> bool:
    """Two offices that list the same debts report them twice; that is no second version of one ledger."""
    return bool(one and other) and SequenceMatcher(None, normal_name(one), normal_name(other)).ratio() < SIMILAR


def _rows(connection: duckdb.DuckDBPyConnection, ledger: Ledger) -> list[Row]:
    return [
        Row(r[0], r[1], normal_name(r[2]), normal_name(r[3]), normal_name(r[4]), r[5], r[6])
        for r in connection.execute(_ROWS, list(ledger)).fetchall()
    ]


def align(one: Sequence[Row], other: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Rows of two versions that speak of one debt though their keys differ; each row at most once.

    A misread row keeps its amount or its place; its names are the same or nearly so.
    """
    shared = {r.match_key for r in one} & {r.match_key for r in other} - {None}
    left = [r for r in one if r.match_key not in shared]
    right = [r for r in other if r.match_key not in shared]
    by_amount: dict[object, list[Row]] = {}
    by_place = {r.position: r for r in right}
    for row in right:
        if row.amount is not None:
            by_amount.setdefault(row.amount, []).append(row)
    taken: set[str] = set()
    out: list[tuple[Row, Row]] = []
    for row in left:
        at_place = by_place.get(row.position)
        rivals = [*([at_place] if at_place is not None else []), *by_amount.get(row.amount, ())]
        partner = next((r for r in rivals if r.row_id not in taken and is_same(row, r)), None)
        if partner is not None:
            taken.add(partner.row_id)
            out.append((row, partner))
    return out


def is_same(row: Row, other: Row) -> bool:
    """Whether two rows of two versions are one row misread in one of them."""
    names = [(row.debtor, other.debtor), (row.creditor, other.creditor)]
    if not all(a and b for a, b in names):
        return False
    same_amount = row.amount is not None and row.amount == other.amount
    same_place = row.position == other.position
    if all(a == b for a, b in names):
        return same_amount or same_place
    if not all(_near(a, b) for a, b in names):
        return False
    return (same_amount and same_place) or (_near(row.what, other.what) and (same_amount or same_place))


def _near(one: str, other: str) -> bool:
    return one == other or SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _groups(
    twins: Iterable[tuple[Ledger, Ledger]], ledgers: dict[Ledger, dict[str, Any]]
) -> list[tuple[Ledger, list[Ledger]]]:
    """Twins of twins together, each group led by the version known first; on one night by the workbook or
    CSV, whose names nobody misread."""
    parent: dict[Ledger, Ledger] = {}

    def root(ledger: Ledger) -> Ledger:
        while parent.setdefault(ledger, ledger) != ledger:
            ledger = parent[ledger]
        return ledger

    def order(ledger: Ledger) -> tuple[object, ...]:
        known = ledgers[ledger]
        return (known["first_seen_date"], not known["is_data"], ledger)

    for one, other in twins:
        first, second = sorted((root(one), root(other)), key=order)
        parent[second] = first
    groups: dict[Ledger, list[Ledger]] = {}
    for ledger in sorted(parent, key=order):
        if root(ledger) != ledger:
            groups.setdefault(root(ledger), []).append(ledger)
    return sorted(groups.items())


def _adopt(connection: duckdb.DuckDBPyConnection, leader: Ledger, member: Ledger, known: dict[str, Any]) -> None:
    pairs = align(_rows(connection, leader), _rows(connection, member))
    connection.execute(
        "UPDATE named_rows SET scope_key = ? WHERE document_id = ? AND table_index = ?", [known["scope_key"], *member]
    )
    connection.execute(
        "UPDATE core.ledger_tables SET scope_key = ?, series_key = ? WHERE document_id = ? AND table_index = ?",
        [known["scope_key"], known["series_key"], *member],
    )
    for first, second in pairs:
        connection.execute(
            "UPDATE named_rows SET match_key = ?, is_twin = true WHERE row_id = ?", [first.match_key, second.row_id]
        )
