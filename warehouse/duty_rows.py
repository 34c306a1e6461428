"""What the calendar of duties is made from, read from a published warehouse: instances with their units, reports that
came in, sums that targets are held against."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_INSTANCES = """
SELECT i.obligation_id, i.nominal_date, i.due_date, i.is_recurring, i.is_certain, i.is_exact, i.rule, i.action, i.text,
       i.strength, i.recipient, u.unit, u.unit_name, u.unit_id, r.region_code AS unit_region,
       d.document_id, d.title, d.doc_number, d.path, d.issued_date, d.region_code
FROM main.obligation_instances i
JOIN main.documents d USING (document_id)
LEFT JOIN main.obligation_units u ON u.obligation_id = i.obligation_id AND u.role = 'responsible'
LEFT JOIN main.units r ON r.unit_id = u.unit_id
WHERE i.due_date BETWEEN ? AND ?
ORDER BY i.due_date, d.path, i.obligation_id, u.unit
"""
_UNDATED = """
SELECT o.obligation_id, o.rule, o.action, o.text, d.title, d.path
FROM main.obligations o JOIN main.documents d USING (document_id)
WHERE o.due_date IS NULL AND o.kind IN ('due', 'recurring')
  AND o.obligation_id NOT IN (SELECT obligation_id FROM main.obligation_instances)
ORDER BY d.path, o.start_offset
"""
_REPORTS = """
SELECT document_id, region_code, reporting_unit, as_of_date, received_date
FROM main.reports_received WHERE about <> 'disclosure' ORDER BY received_date, document_id
"""
_CHILDREN = "SELECT region_code, name FROM main.regions WHERE parent_code = ? AND level <> 'other' ORDER BY region_code"
_SUMS = """
SELECT sum(arrears_amount_yuan), sum(coalesce(repaid_amount_yuan, arrears_amount_yuan - remaining_amount_yuan))
FROM main.debts_as_of(?::DATE, ?::DATE)
WHERE starts_with(region_code, ?) AND (NOT ? OR disputed = 'no') AND status <> 'split' AND status <> 'merge'
"""


class DutyRows:
    """The rows of an open warehouse, as `validators.duties.duty` asks for them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through this connection."""
        self._connection = connection

    def instances(self, start: dt.date, until: dt.date) -> list[dict[str, Any]]:
        """See `instances` below."""
        return instances(self._connection, start, until)

    def reports(self) -> list[dict[str, Any]]:
        """See `reports` below."""
        return reports(self._connection)

    def child_regions(self, region_code: str) -> list[tuple[str, str]]:
        """See `child_regions` below."""
        return child_regions(self._connection, region_code)

    def sums(
        self, period: dt.date, known_at: dt.date, region_code: str, *, undisputed: bool
    ) -> tuple[Decimal | None, Decimal | None]:
        """See `sums` below."""
        return sums(self._connection, period, known_at, region_code, undisputed=undisputed)


def instances(connection: duckdb.DuckDBPyConnection, start: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """Days due from `start` to `until`, one row for each unit that must act (unit null where none is named)."""
    return _dicts(connection.execute(_INSTANCES, [start, until]))


def undated(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Duties without a day: counted from an event we do not know, or of a cadence that is not understood."""
    return _dicts(connection.execute(_UNDATED))


def reports(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every report that came in, oldest first."""
    return _dicts(connection.execute(_REPORTS))


def child_regions(connection: duckdb.DuckDBPyConnection, region_code: str) -> list[tuple[str, str]]:
    """Codes and names of the regions right below one."""
    return connection.execute(_CHILDREN, [region_code]).fetchall()


def sums(
    connection: duckdb.DuckDBPyConnection, period: dt.date, known_at: dt.date, region_code: str, *, undisputed: bool
) -> tuple[Decimal | None, Decimal | None]:
    """What was owed in all and what of it was cleared in a region and those below it."""
    row = connection.execute(_SUMS, [period, known_at, region_prefix(region_code), undisputed]).fetchone()
    assert row is not None
    return row[0], row[1]


def region_prefix(region_code: str) -> str:
    """The leading digits that a region's code shares with those below it (GB/T 2260: pairs of zeros at the end)."""
    for length in (2, 4):
        if region_code.endswith("0" * (6 - length)):
            return region_code[:length]
    return region_code


def _dicts(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
