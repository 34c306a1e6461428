"""Debts that go on under another name or contract, that were split, or put together: from one ledger to the next.

The key of `matching` is exact. Where a debt's last row under one key is followed, in the very next ledger of its
series, by the first row of another key, one of the rules below may tell that it is the same debt; each has a reason
and a confidence, which stay with the row. Only pairs that are each other's only candidate are linked: between two
possible answers none is chosen. Splits and merges keep their own ids and are told as lineage, with the amount that
went over; their totals must agree to the fen.
"""

# ruff: noqa: S608 - fragments of our own

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

# Rows that count: of tables neither superseded nor filed again, with a known period and known parties.
_SPANS = """
CREATE TEMP TABLE spans AS
WITH live AS (
  SELECT g.*, t.series_key
  FROM grouped g
  JOIN core.ledger_tables t USING (document_id, table_index)
  WHERE g.match_key IS NOT NULL AND g.as_of_date IS NOT NULL
    AND (g.document_id, g.table_index) NOT IN (SELECT (document_id, table_index) FROM refiled)
    AND g.document_id NOT IN (SELECT document_id FROM gone)
), periods AS (
  SELECT series_key, as_of_date, row_number() OVER (PARTITION BY series_key ORDER BY as_of_date) AS period
  FROM (
    SELECT DISTINCT t.series_key, t.as_of_date
    FROM core.ledger_tables t
    WHERE t.about = 'arrears' AND t.report_type IN ('detail', 'zero') AND t.as_of_date IS NOT NULL
      AND t.document_id NOT IN (SELECT document_id FROM gone)
      AND (t.document_id, t.table_index) NOT IN (SELECT (document_id, table_index) FROM refiled)
  )
), lengths AS (
  SELECT series_key, max(period) AS periods FROM periods GROUP BY series_key
)
SELECT l.proto, l.series_key, min(p.period) AS first_period, max(p.period) AS last_period,
       any_value(n.periods) AS periods, min(l.as_of_date) AS first_as_of,
       split_part(any_value(l.match_key), '|', 1) AS debtor, split_part(any_value(l.match_key), '|', 2) AS creditor,
       nullif(split_part(any_value(l.match_key), '|', 3), '') AS what,
       arg_max(l.debtor_uscc, p.period) AS debtor_uscc, arg_max(l.creditor_uscc, p.period) AS creditor_uscc,
       arg_min(l.arrears_amount_yuan, p.period) AS first_arrears,
       arg_max(l.arrears_amount_yuan, p.period) AS last_arrears,
       arg_max_null(l.remaining_amount_yuan, p.period) AS last_remaining
FROM live l
JOIN periods p USING (series_key, as_of_date)
JOIN lengths n USING (series_key)
GROUP BY l.proto, l.series_key
HAVING min(p.period) > 1 OR max(p.period) < any_value(n.periods)
"""

_ENDED = "(SELECT * FROM spans WHERE last_period < periods AND coalesce(last_remaining, last_arrears, 1) > 0)"
_STARTED = "(SELECT * FROM spans WHERE first_period > 1)"
_NEXT = "b.series_key = a.series_key AND b.first_period = a.last_period + 1"
_CODES_AGREE = "(a.{0}_uscc IS NULL OR b.{0}_uscc IS NULL OR a.{0}_uscc = b.{0}_uscc)"
_SAME_AMOUNT = "(b.first_arrears = a.last_arrears OR b.first_arrears = a.last_remaining)"


class LinkRule(NamedTuple):
    """When two keys are one debt. Rules are tried in order; a later one never undoes an earlier one."""

    reason: str
    confidence: Decimal
    condition: str


LINK_RULES: tuple[LinkRule, ...] = (
    LinkRule(
        "uscc_contract",
        Decimal("0.98"),
        "a.debtor_uscc = b.debtor_uscc AND a.creditor_uscc = b.creditor_uscc AND a.what = b.what",
    ),
    LinkRule(
        "renamed_debtor",
        Decimal("0.90"),
        "a.creditor = b.creditor AND a.what = b.what AND a.debtor <> b.debtor AND a.what LIKE 'c:%' "
        f"AND {_CODES_AGREE.format('debtor')} AND {_CODES_AGREE.format('creditor')}",
    ),
    LinkRule(
        "renamed_creditor",
        Decimal("0.90"),
        "a.debtor = b.debtor AND a.what = b.what AND a.creditor <> b.creditor AND a.what LIKE 'c:%' "
        f"AND {_CODES_AGREE.format('debtor')} AND {_CODES_AGREE.format('creditor')}",
    ),
    LinkRule(
        "relabelled",
        Decimal("0.85"),
        f"a.debtor = b.debtor AND a.creditor = b.creditor AND a.what IS DISTINCT FROM b.what AND {_SAME_AMOUNT}",
    ),
    LinkRule(
        "renamed_debtor_amount",
        Decimal("0.75"),
        "a.creditor = b.creditor AND a.what = b.what AND a.debtor <> b.debtor "
        f"AND {_CODES_AGREE.format('debtor')} AND {_SAME_AMOUNT}",
    ),
)

# One debt becomes several of the same parties whose amounts add up, or several become one. `whole` is the one.
_SHARES = """
WITH side AS (
  SELECT series_key, {many_period} AS period, debtor, creditor, array_agg(proto ORDER BY what, proto) AS protos,
         array_agg({many_amount} ORDER BY what, proto) AS amounts, sum({many_amount}) AS total, count(*) AS debts,
         count({many_amount}) AS known, {also} AS also
  FROM {many} WHERE proto NOT IN (SELECT proto FROM linked) GROUP BY ALL
)
SELECT o.proto, s.protos, s.amounts, o.first_as_of, o.first_period, s.also
FROM {one} o
JOIN side s ON s.series_key = o.series_key AND s.period = {one_period} AND s.debtor = o.debtor
  AND s.creditor = o.creditor AND s.known = s.debts AND s.debts >= 2
WHERE o.proto NOT IN (SELECT proto FROM linked) AND ({totals})
QUALIFY count(*) OVER (PARTITION BY o.series_key, s.period, o.debtor, o.creditor) = 1
"""


def link_debts(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables `roots(proto, root, reason, confidence)` and `lineage(kind, source, target,
    as_of_date, amount_yuan)` (protos), from `grouped`, `refiled` and `gone`."""
    connection.execute(_SPANS)
    links = _links(connection)
    parents = {b: a for a, b, _, _ in links}

    def root(proto: int) -> int:
        while proto in parents:
            proto = parents[proto]
        return proto

    connection.register(
        "found",
        pa.table(
            {
                "proto": pa.array([str(b) for _, b, _, _ in links], pa.string()),
                "root": pa.array([str(root(b)) for _, b, _, _ in links], pa.string()),
                "reason": pa.array([r for _, _, r, _ in links], pa.string()),
                "confidence": pa.array([c for _, _, _, c in links], pa.decimal128(18, 6)),
            }
        ),
    )
    connection.execute(
        "CREATE TEMP TABLE roots AS "
        "SELECT proto::UHUGEINT AS proto, root::UHUGEINT AS root, reason, confidence FROM found"
    )
    connection.unregister("found")
    _shares(connection, [x for a, b, _, _ in links for x in (a, b)])


def _links(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, int, str, Decimal]]:
    """(earlier proto, later proto, reason, confidence) of every link, one to one."""
    used_as_first: set[int] = set()
    used_as_second: set[int] = set()
    out: list[tuple[int, int, str, Decimal]] = []
    for rule in LINK_RULES:
        pairs: Iterable[tuple[int, int]] = connection.execute(
            f"SELECT DISTINCT a.proto, b.proto FROM {_ENDED} a JOIN {_STARTED} b ON {_NEXT} AND {rule.condition} "
            "WHERE a.proto <> b.proto"
        ).fetchall()
        free = [(a, b) for a, b in pairs if a not in used_as_first and b not in used_as_second]
        firsts, seconds = Counter(a for a, _ in free), Counter(b for _, b in free)
        for a, b in sorted(free):
            if firsts[a] == 1 and seconds[b] == 1:
                used_as_first.add(a)
                used_as_second.add(b)
                out.append((a, b, rule.reason, rule.confidence))
    return out


def _shares(connection: duckdb.DuckDBPyConnection, linked: list[int]) -> None:
    connection.register("linked_arrow", pa.table({"proto": pa.array([str(p) for p in linked], pa.string())}))
    connection.execute("CREATE TEMP TABLE linked AS SELECT proto::UHUGEINT AS proto FROM linked_arrow")
    connection.unregister("linked_arrow")
    rows: list[tuple[str, str, str, object, Decimal]] = []
    split = _SHARES.format(
        many=_STARTED, many_period="first_period - 1", many_amount="first_arrears", also="min(first_as_of)",
        one=_ENDED, one_period="o.last_period", totals="s.total = o.last_arrears OR s.total = o.last_remaining",
    )  # fmt: skip
    for proto, parts, amounts, _, _, day in connection.execute(split).fetchall():
        rows += [("split", str(proto), str(p), day, amount) for p, amount in zip(parts, amounts, strict=True)]
    for amount_of in ("last_arrears", "last_remaining"):
        merge = _SHARES.format(
            many=_ENDED, many_period="last_period + 1", many_amount=amount_of, also="NULL",
            one=_STARTED, one_period="o.first_period", totals="s.total = o.first_arrears",
        )  # fmt: skip
        known = {row[2] for row in rows if row[0] == "merge"}
        for proto, parts, amounts, day, _, _ in connection.execute(merge).fetchall():
            if str(proto) not in known:
                rows += [("merge", str(p), str(proto), day, amount) for p, amount in zip(parts, amounts, strict=True)]
    connection.register(
        "found",
        pa.table(
            {
                "kind": pa.array([r[0] for r in rows], pa.string()),
                "source": pa.array([r[1] for r in rows], pa.string()),
                "target": pa.array([r[2] for r in rows], pa.string()),
                "as_of_date": pa.array([r[3] for r in rows], pa.date32()),
                "amount_yuan": pa.array([r[4] for r in rows], pa.decimal128(18, 2)),
            }
        ),
    )
    connection.execute(
        "CREATE TEMP TABLE lineage AS "
        "SELECT * REPLACE (source::UHUGEINT AS source, target::UHUGEINT AS target) FROM found"
    )
    connection.unregister("found")
