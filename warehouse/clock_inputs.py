"""What statutory clocks and calendars are worked out from, read back from a warehouse file."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

Rows = list[dict[str, Any]]

_DEBTS = """
SELECT debt_id, debtor_type, delivery_date, delivery_date_precision, due_date, due_date_precision, as_of_date,
       arrears_amount_yuan
FROM main.debts WHERE delivery_date IS NOT NULL ORDER BY debt_id
"""
_REPAID = """
SELECT debt_id, paid_date, paid_amount_yuan FROM main.repayments
WHERE paid_amount_yuan > 0 AND debt_id IN (SELECT debt_id FROM main.debts WHERE delivery_date IS NOT NULL)
ORDER BY debt_id, paid_date
"""
_LISTED = """
SELECT r.row_id, r.debtor_type, r.year, r.publish_date, r.as_of_date, r.accepted_date, r.accepted_date_precision,
       r.transferred_date, r.closed_date, t.about
FROM core.ledger_rows r JOIN core.ledger_tables t USING (document_id, table_index)
WHERE t.about IN ('complaint', 'disclosure') AND t.report_type <> 'zero' ORDER BY r.row_id
"""
_RULES = "SELECT DISTINCT rule FROM core.time_expressions WHERE is_obligation AND rule LIKE 'FREQ=%' ORDER BY rule"
_SPAN = "SELECT min(coalesce(issued_date, first_seen_date)), max(first_seen_date) FROM core.documents"


class ClockInputs(msgspec.Struct, frozen=True, kw_only=True):
    """What one warehouse gives: debts with a day of delivery, complaints and disclosures as listed, what was repaid
    when by debt, cadences, and the days of the first and the newest document (None without documents)."""

    debts: Rows
    repaid: dict[str, list[tuple[dt.date, Decimal]]]
    listed: Rows
    rules: list[str]
    first: dt.date | None
    newest: dt.date | None


def clock_inputs(path: Path) -> ClockInputs:
    """Read a warehouse file. Raises duckdb.Error when it cannot be read."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:

        def rows(sql: str) -> Iterator[dict[str, Any]]:
            found = connection.execute(sql)
            names = [d[0] for d in found.description or ()]
            return (dict(zip(names, row, strict=True)) for row in found.fetchall())

        repaid: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
        for debt_id, day, paid in connection.execute(_REPAID).fetchall():
            repaid[debt_id].append((day, paid))
        span = connection.execute(_SPAN).fetchone()
        assert span is not None
        return ClockInputs(
            debts=list(rows(_DEBTS)),
            repaid=dict(repaid),
            listed=list(rows(_LISTED)),
            rules=[r[0] for r in connection.execute(_RULES).fetchall()],
            first=span[0],
            newest=span[1],
        )
