"""Counting days as the law does: the first day not counted, the last moved off a day of rest, months by their end.

Civil Code art. 200-204 and 1259. Working days come from the State Council's yearly notices (`chinesecalendar`, make-up
Saturdays counted as worked). Beyond its table only weekdays are known; every answer says which of the two it rests on.
"""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from functools import lru_cache
from typing import NamedTuple

_DAY = dt.timedelta(days=1)


class Counted(NamedTuple):
    """A day reached by counting. `nominal` is the day before it was moved off a day of rest; `is_certain` is false
    where the holiday table does not cover the way and weekdays alone were used."""

    day: dt.date
    nominal: dt.date
    is_certain: bool

    @property
    def is_shifted(self) -> bool:
        """Whether the day was moved off a day of rest."""
        return self.day != self.nominal


@lru_cache(maxsize=50_000)
def is_working_day(day: dt.date) -> tuple[bool, bool]:
    """Whether a day is worked, and whether the official table says so."""
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < 5, False


def off_rest(day: dt.date) -> Counted:
    """The day itself, or the first working day after it."""
    nominal, certain = day, True
    while True:
        worked, known = is_working_day(day)
        certain = certain and known
        if worked:
            return Counted(day, nominal, certain)
        day += _DAY


@lru_cache(maxsize=50_000)
def after_days(start: dt.date, days: int) -> Counted:
    """`days` calendar days after `start`, moved off a day of rest."""
    return off_rest(start + days * _DAY)


def after_working_days(start: dt.date, count: int) -> Counted:
    """The `count`-th working day after `start`. Raises ValueError for fewer than one."""
    if count < 1:
        raise ValueError("working days are counted from 1")
    day, certain = start, True
    while count:
        day += _DAY
        worked, known = is_working_day(day)
        certain = certain and known
        count -= worked
    return Counted(day, day, certain)


def month_end(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, _calendar.monthrange(year, month)[1])


def months_after(day: dt.date, months: int) -> dt.date:
    """The corresponding day some months on, or the month's last day where there is none (Civil Code art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = month_end(year, month + 1)
    return last if day.day > last.day else last.replace(day=day.day)
