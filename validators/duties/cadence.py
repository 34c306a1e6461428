"""Cadences (the rules of `time_expressions`) as days of the calendar.

A rule is an RFC 5545 recurrence as far as circulars go: `FREQ` with `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY` and
`BYSETPOS`. Where the words name no day, the period's last day counts and the answer says so. A last day that is a day
of rest moves on to the next working day (Civil Code art. 203), in weekly cadences back to the working day before it,
since the next week has its own; a daily cadence skips days of rest.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from validators.statutes.calendar import is_working_day, month_end, off_rest

_DAY = dt.timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_COUNTED = re.compile(r"([+-]?[1-5])([A-Z]{2})")
_KNOWN = frozenset({"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"})


class UnknownRuleError(ValueError):
    """A rule that is not understood; nothing is guessed of it."""


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One day on which a cadence falls due. `nominal` is the day the words name (or the period's last), `due` the same
    moved off days of rest; `is_certain` false beyond the table of holidays; `is_exact` false where no day was named."""

    nominal: dt.date
    due: dt.date
    is_certain: bool
    is_exact: bool


class _Rule(msgspec.Struct, frozen=True, kw_only=True):
    freq: str
    interval: int = 1
    months: tuple[int, ...] = ()
    days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    position: int | None = None


def _parse(rule: str) -> _Rule:
    parts = dict(p.split("=", 1) for p in rule.split(";") if "=" in p)
    if set(parts) - _KNOWN or "FREQ" not in parts or len(parts) != rule.count(";") + 1:
        raise UnknownRuleError(f"cadence {rule!r} is not understood")
    counted = _COUNTED.fullmatch(parts.get("BYDAY", ""))
    if counted is not None and "BYSETPOS" not in parts:  # -1FR, the last Friday, is the last of the Fridays
        parts |= {"BYDAY": counted[2], "BYSETPOS": counted[1]}
    try:
        found = _Rule(
            freq=parts["FREQ"],
            interval=int(parts.get("INTERVAL", "1")),
            months=_numbers(parts.get("BYMONTH")),
            days=_numbers(parts.get("BYMONTHDAY")),
            weekdays=tuple(_WEEKDAYS.index(d) for d in parts.get("BYDAY", "").split(",") if d),
            position=int(parts["BYSETPOS"]) if "BYSETPOS" in parts else None,
        )
    except ValueError as e:
        raise UnknownRuleError(f"cadence {rule!r} is not understood") from e
    sound = (
        found.freq in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        and found.interval >= 1
        and all(1 <= m <= 12 for m in found.months)
        and all(1 <= abs(d) <= 31 for d in found.days)
        and (found.position is None or (found.position != 0 and bool(found.weekdays)))
    )
    if not sound:
        raise UnknownRuleError(f"cadence {rule!r} is not understood")
    return found


def _numbers(listed: str | None) -> tuple[int, ...]:
    return tuple(int(n) for n in listed.split(",")) if listed else ()


@lru_cache(maxsize=4096)
def occurrences(rule: str, start: dt.date, until: dt.date) -> tuple[Occurrence, ...]:
    """Every day from `start` to `until` (by their nominal days, both included), in order.

    Raises UnknownRuleError for a rule that is not understood.
    """
    parsed = _parse(rule)
    days = {"DAILY": _daily, "WEEKLY": _weekly}.get(parsed.freq, _monthly)(parsed, start, until)
    return tuple(o for o in sorted(set(days), key=lambda o: o.nominal) if start <= o.nominal <= until)


def _daily(rule: _Rule, start: dt.date, until: dt.date) -> Iterator[Occurrence]:
    day = start
    while day <= until:
        worked, known = is_working_day(day)
        if worked:
            yield Occurrence(nominal=day, due=day, is_certain=known, is_exact=True)
        day += rule.interval * _DAY


def _weekly(rule: _Rule, start: dt.date, until: dt.date) -> Iterator[Occurrence]:
    """Weeks are counted by the calendar (ISO), so that every second week does not depend on where counting begins."""
    monday = start - start.weekday() * _DAY
    while monday <= until:
        if (monday.toordinal() // 7) % rule.interval == 0:
            for weekday in rule.weekdays or (4,):
                nominal = monday + weekday * _DAY
                yield _before_rest(nominal, monday, is_exact=bool(rule.weekdays) and rule.interval == 1)
        monday += 7 * _DAY


def _before_rest(nominal: dt.date, monday: dt.date, *, is_exact: bool) -> Occurrence:
    """The last working day of the week up to the day named; after a whole week of rest, the next working day."""
    certain, day = True, nominal
    while day >= monday:
        worked, known = is_working_day(day)
        certain = certain and known
        if worked:
            return Occurrence(nominal=nominal, due=day, is_certain=certain, is_exact=is_exact)
        day -= _DAY
    moved = off_rest(nominal)
    return Occurrence(nominal=nominal, due=moved.day, is_certain=certain and moved.is_certain, is_exact=is_exact)


def _monthly(rule: _Rule, start: dt.date, until: dt.date) -> Iterator[Occurrence]:
    months = rule.months or _months_of(rule)
    year, month = start.year, start.month
    while (year, month) <= (until.year, until.month):
        if month in months:
            for nominal in _days_of(rule, year, month):
                moved = off_rest(nominal)
                exact = bool(rule.days or rule.position is not None) and (rule.freq == "MONTHLY" or bool(rule.months))
                yield Occurrence(nominal=nominal, due=moved.day, is_certain=moved.is_certain, is_exact=exact)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _months_of(rule: _Rule) -> tuple[int, ...]:
    """Quarters, half-years and years end with their last month. Another interval is counted from the year's end."""
    interval = 12 if rule.freq == "YEARLY" else rule.interval
    return tuple(m for m in range(1, 13) if (12 - m) % interval == 0)


def _days_of(rule: _Rule, year: int, month: int) -> Iterator[dt.date]:
    last = month_end(year, month)
    if rule.position is not None:
        listed = [last.replace(day=d) for d in range(1, last.day + 1)]
        # 每月最后一个工作日: Monday to Friday stand for working days, which the calendar knows better
        by_calendar = set(rule.weekdays) == {0, 1, 2, 3, 4}
        fitting = [d for d in listed if (is_working_day(d)[0] if by_calendar else d.weekday() in rule.weekdays)]
        index = rule.position - 1 if rule.position > 0 else rule.position
        if -len(fitting) <= index < len(fitting):
            yield fitting[index]
        return
    for day in rule.days or (-1,):
        if day < 0:
            yield last + (day + 1) * _DAY
        else:  # 每月31日 is the last day of a shorter month
            yield last.replace(day=min(day, last.day))
