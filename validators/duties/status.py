"""Whether a duty was met on a day, told from the reports that came in. What leaves no trace with us stays unknown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from validators.duties.targets import Reached

Status = Literal["met", "late", "due_soon", "upcoming", "overdue", "unknown"]
STATUS_ZH: dict[Status, str] = {
    "met": "已完成",
    "late": "迟报",
    "due_soon": "即将到期",
    "upcoming": "未到期",
    "overdue": "已逾期",
    "unknown": "无法判断",
}
SOON_DAYS = 7
# 报送台账, 零报告: answered by a ledger, a summary or a zero report that came in. Progress told in words is not.
_FORMS = r"(?:台[账帐]|报表|月报表|零报告|清偿数据|清欠数据|还款数据|数据)"
_SENDING = r"(?:报送|上报|填报|补报|更新|报至|报(?=[市县省区]))"
_REPORTING = re.compile(rf"{_SENDING}[^，。；]{{0,24}}?{_FORMS}|{_FORMS}[^，。；]{{0,16}}?{_SENDING}|零报告")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger, summary or zero report that came in: the region it is of, the day it speaks of, when we had it."""

    document_id: str
    region_code: str | None
    reporting_unit: str | None
    as_of: dt.date | None
    received: dt.date


class DutyStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`document_id` is the report that met the duty; `why` one Chinese sentence."""

    status: Status
    document_id: str | None = None
    why: str = ""


def is_reporting(words: str | None) -> bool:
    """Whether a duty is to send in a ledger or figures, so that what came in tells whether it was met."""
    return bool(words and _REPORTING.search(words))


def period_of(due: dt.date, previous: dt.date | None) -> tuple[dt.date, dt.date]:
    """The days a report due on `due` may speak of: after the due day before it, else from the month before on."""
    first = due.replace(day=1)
    return (previous if previous is not None else (first - dt.timedelta(days=1)).replace(day=1)), due


def status_on(
    day: dt.date,
    due: dt.date,
    *,
    words: str | None,
    region_code: str | None,
    reports: Iterable[Report] = (),
    previous_due: dt.date | None = None,
    reached: Reached | None = None,
) -> DutyStatus:
    """The state of one instance of a duty on a day, as far as was known by then.

    `region_code` is the region of the unit that must act (None: not known), `reports` everything that came in,
    `reached` the target's evaluation where the words set one.
    """
    if reached is not None:
        return _by_target(day, due, reached)
    if is_reporting(words) and region_code is not None:
        start, end = period_of(due, previous_due)
        fitting = [
            r
            for r in reports
            if r.region_code == region_code and r.as_of is not None and start <= r.as_of <= end and r.received <= day
        ]
        if fitting:
            first = min(fitting, key=lambda r: (r.received, r.document_id))
            if first.received <= due:
                return DutyStatus(status="met", document_id=first.document_id, why=f"{first.received} 收到报表。")
            return DutyStatus(
                status="late", document_id=first.document_id, why=f"{first.received} 才收到报表，晚于期限 {due}。"
            )
        if day > due:
            return DutyStatus(status="overdue", why=f"期限 {due} 已过，没有收到该地区 {start} 至 {end} 的报表。")
    if day <= due:
        return _ahead(day, due)
    return DutyStatus(status="unknown", why="期限已过；是否完成没有报表可以证明，请核实。")


def _ahead(day: dt.date, due: dt.date) -> DutyStatus:
    left = (due - day).days
    if left <= SOON_DAYS:
        return DutyStatus(status="due_soon", why="今天到期。" if left == 0 else f"还有 {left} 天到期。")
    return DutyStatus(status="upcoming", why=f"还有 {left} 天到期。")


def _by_target(day: dt.date, due: dt.date, reached: Reached) -> DutyStatus:
    wanted = f"目标 {reached.target.share:.2%}"
    if reached.is_met is None:
        return (
            _ahead(day, due) if day <= due else DutyStatus(status="unknown", why=f"{wanted}，台账数据不足，无法计算。")
        )
    found = f"{wanted}，台账显示 {reached.share:.2%}。"
    if reached.is_met:
        return DutyStatus(status="met", why=found)
    if day <= due:
        ahead = _ahead(day, due)
        return DutyStatus(status=ahead.status, why=found + ahead.why)
    return DutyStatus(status="overdue", why=found)
