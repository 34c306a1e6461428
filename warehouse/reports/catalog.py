"""The reports by name, and making one as an xlsx file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from warehouse.access import connect
from warehouse.reports.common import ReportError, Request, last_day
from warehouse.reports.lists import dossier, duties, overdue
from warehouse.reports.progress import monthly, quarterly
from warehouse.workbook import Sheet

if TYPE_CHECKING:
    import duckdb


class Report(msgspec.Struct, frozen=True):
    """One report: its name for commands, its Chinese name, and what makes its sheets."""

    name: str
    label_zh: str
    make: Callable[[duckdb.DuckDBPyConnection, Request], list[Sheet]]


REPORTS: tuple[Report, ...] = (
    Report("monthly", "月调度表", monthly),
    Report("quarterly", "季通报", quarterly),
    Report("overdue", "逾期清单", overdue),
    Report("duties", "责任分工表", duties),
    Report("debtor", "拖欠主体一户一档", partial(dossier, side="debtor_name")),
    Report("creditor", "债权企业一户一档", partial(dossier, side="creditor_name")),
)
_PERIOD = re.compile(r"(\d{4})(?:-(\d{1,2})|[-年]?第?([1-4一二三四])季度?|[-]?[Qq]([1-4]))?(?:-(\d{1,2}))?")


def find(name: str) -> Report:
    """A report by its name, in English or Chinese. Raises ReportError."""
    for report in REPORTS:
        if name in (report.name, report.label_zh):
            return report
    known = "、".join(f"{r.name}（{r.label_zh}）" for r in REPORTS)
    raise ReportError(f"没有报表“{name}”；可用的有 {known}。")


def period_of(text: str) -> dt.date:
    """The last day of a period: 2026-07, 2026Q3, 2026, or a day itself. Raises ReportError."""
    found = _PERIOD.fullmatch(text.strip())
    try:
        if found is not None:
            year, month, zh_quarter, quarter, day = found.groups()
            if day is not None and month is not None:
                return dt.date(int(year), int(month), int(day))
            if day is None and month is not None:
                return last_day(int(year), int(month))
            if day is None:
                which = quarter or zh_quarter
                return last_day(int(year), 12 if which is None else 3 * ("一二三四".find(which) + 1 or int(which)))
    except ValueError:
        pass  # a month or day that does not exist: said below
    raise ReportError(f"报告期（--period）写作 2026-07、2026Q3、2026 或 2026-07-31，不能是“{text}”。")


def make_sheets(
    path: Path,
    name: str,
    *,
    period: dt.date,
    known_at: dt.date | None = None,
    region_code: str | None = None,
    party: str | None = None,
) -> list[Sheet]:
    """The sheets of a report from a warehouse file; without `known_at`, by all that has come in.

    Raises ReportError, QueryError.
    """
    report = find(name)
    with connect(path) as connection:
        if known_at is None:
            newest = connection.execute("SELECT max(first_seen_date) FROM main.documents").fetchone()
            known_at = newest[0] if newest is not None and newest[0] is not None else period
        request = Request(period=period, known_at=known_at, region_code=region_code, party=party)
        return report.make(connection, request)
