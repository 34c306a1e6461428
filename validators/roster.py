"""Rosters: which units a source expects reports from, what was due by a night, and what came.

Silence is a state of its own. It is never read as zero; where a circular says what becomes of a unit that does not
report (逾期未报视为…), that is noted beside it and changes no figure.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from validators.findings import Finding
from validators.rules import raise_finding
from warehouse.keys import normal_name, stable_id

Cadence = Literal["monthly", "quarterly", "yearly"]
Row = Mapping[str, Any]

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
ABOUT_ZH = {
    "arrears": "台账", "disclosure": "逾期信息披露", "complaint": "投诉情况", "dispatch": "调度表", "ranking": "排名",
}  # fmt: skip


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that a source expects reports from.

    Periods run from `since` on by `cadence`; a period's report is due on day `due_day` of the month `due_month` after
    its end (1: the next; clipped to the month's last day). `if_silent` is what a circular says of not reporting.
    """

    source: str
    unit: str
    since: dt.date
    cadence: Cadence = "monthly"
    about: str = "arrears"
    region_code: str | None = None
    due_day: int = 5
    due_month: int = 1
    until: dt.date | None = None
    if_silent: str | None = None


def periods(reporter: Reporter, night: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    """Each period that is over by a night: its last day, and the day its report is due."""
    step = _MONTHS[reporter.cadence]
    year, month = reporter.since.year, reporter.since.month
    month += -month % step
    while True:
        end = _month_end(year, month, 31)
        if end > night or (reporter.until is not None and end > reporter.until):
            return
        yield end, _month_end(*_later(year, month, reporter.due_month), reporter.due_day)
        year, month = _later(year, month, step)


def _later(year: int, month: int, by: int) -> tuple[int, int]:
    return year + (month - 1 + by) // 12, (month - 1 + by) % 12 + 1


def _month_end(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def reports_due(
    reporters: Iterable[Reporter],
    received: Iterable[Row],
    night: dt.date,
    consequences: Mapping[str, str] = {},
) -> list[dict[str, Any]]:
    """Rows of `reports_due`: every report due or awaited by a night with what came of it.

    `received` are rows {source, about, region_code, reporting_unit, report_type, as_of_date, received_date,
    document_id, table_index}; `consequences` what circulars of a source say of not reporting.
    """
    by_source: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in received:
        if row["as_of_date"] is not None:
            by_source[row["source"], row["about"]].append(row)
    out: list[dict[str, Any]] = []
    for reporter in reporters:
        own = [r for r in by_source[reporter.source, reporter.about] if _is_from(reporter, r)]
        for end, due in periods(reporter, night):
            came = min(
                (r for r in own if _is_for(reporter, end, r["as_of_date"])),
                key=lambda r: (r["received_date"], r["document_id"], r["table_index"]),
                default=None,
            )
            out.append(
                {
                    "report_id": stable_id(reporter.source, reporter.unit, reporter.about, end.isoformat()),
                    "source": reporter.source,
                    "unit": reporter.unit,
                    "region_code": reporter.region_code,
                    "about": reporter.about,
                    "period_date": end,
                    "due_date": due,
                    "status": _status(came, due, night),
                    "received_date": None if came is None else came["received_date"],
                    "document_id": None if came is None else came["document_id"],
                    "report_type": None if came is None else came["report_type"],
                    "consequence": reporter.if_silent or consequences.get(reporter.source),
                }
            )
    return out


def _status(came: Row | None, due: dt.date, night: dt.date) -> str:
    if came is not None:
        return "late" if came["received_date"] > due else "received"
    return "silent" if night > due else "awaited"


def _is_from(reporter: Reporter, row: Row) -> bool:
    """By the unit's name where the ledger gives one, else by its region."""
    if row["reporting_unit"]:
        said, known = normal_name(row["reporting_unit"]), normal_name(reporter.unit)
        if said == known:
            return True
    return reporter.region_code is not None and row["region_code"] == reporter.region_code


def _is_for(reporter: Reporter, end: dt.date, as_of: dt.date) -> bool:
    """Whether a day a report speaks of lies in a period; a yearly one may also be dated when it was made public."""
    if reporter.cadence == "yearly" and reporter.about == "disclosure":
        return end <= as_of < end.replace(year=end.year + 1)
    year, month = _later(end.year, end.month, -_MONTHS[reporter.cadence])
    return _month_end(year, month, 31) < as_of <= end


def silence_findings(rows: Sequence[Row]) -> list[Finding]:
    """A finding for each report that was due and did not come."""
    return [
        raise_finding(
            "report_not_received",
            where_zh=f"来源“{r['source']}”",
            where_en=f"source “{r['source']}”",
            table_name="reports_due",
            row_id=r["report_id"],
            field="status",
            value=r["period_date"],
            values={
                "unit": r["unit"],
                "about": ABOUT_ZH.get(r["about"], r["about"]),
                "due": r["due_date"],
                "consequence": f"通知写明“{r['consequence']}”，仅作注明，不据此填数"
                if r["consequence"]
                else "未报不等于无拖欠",
            },
        )
        for r in rows
        if r["status"] == "silent"
    ]
