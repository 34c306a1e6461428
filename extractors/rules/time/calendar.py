"""Days of the calendar: month ends, festivals, and working days by the State Council's notices.

Working days come from the `chinese_calendar` table (2004 to 2026, make-up Saturdays counted); a day beyond it is
judged by its weekday alone and the answer says so.
"""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from functools import cache

from extractors.rules import lexicon


def month_end(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, _calendar.monthrange(year, month)[1])


def add_months(day: dt.date, months: int) -> dt.date:
    """The corresponding day some months on, or the month's last day where there is none (Civil Code art. 202)."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    last = month_end(year, month + 1)
    return last if day.day > last.day else last.replace(day=day.day)


def make_date(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None when there is no such day (2月30日)."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def is_working_day(day: dt.date) -> tuple[bool, bool]:
    """Whether a day is worked, and whether the official table covers it."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


def add_working_days(start: dt.date, count: int) -> tuple[dt.date, bool]:
    """The `count`-th working day after `start` (which is not counted), and whether the table covers all the way."""
    day, left, covered = start, count, True
    step = dt.timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        worked, known = is_working_day(day)
        covered = covered and known
        if worked:
            left -= 1
    return day, covered


@cache
def _lunar(name: str) -> tuple[dt.date, ...]:
    days = lexicon.load("lunar")[name]
    return tuple(d if isinstance(d, dt.date) else dt.date.fromisoformat(str(d)) for d in days)


def festival(name: str, year: int) -> dt.date | None:
    """The day of a festival in a year; None when the name or the year is not in the tables."""
    fixed = lexicon.table("time", "festival_fixed").get(name)
    if fixed is not None:
        return dt.date(year, fixed[0], fixed[1])
    if name in ("正月十五", "元宵", "元宵节"):
        first = next((d for d in _lunar("春节") if d.year == year), None)
        return first + dt.timedelta(days=14) if first else None
    for key, lunar in (
        ("端午", "端午"),
        ("中秋", "中秋"),
        ("除夕", "春节"),
        ("春", "春节"),
        ("新", "春节"),
        ("两节", "春节"),
    ):
        if key in name:
            found = next((d for d in _lunar(lunar) if d.year == year), None)
            return found - dt.timedelta(days=1) if found and name == "除夕" else found
    return None
