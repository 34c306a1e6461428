"""From what the text says to dates: the year from the text, else inherited, else the document's, else unknown.

Nothing is moved to make sense of it: a day before the document's own date stays and is flagged by the caller. Only
a festival, which names no year, is the next one after the document's date.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec.structs import replace

from extractors.rules.time import calendar
from extractors.rules.time.expressions import Expression
from extractors.rules.time.points import Point


class Frame(msgspec.Struct, frozen=True, gc=False):
    """The time around an expression.

    `reference` is the document's own date (or what stands in for it) and `source` where that came from; `year` and
    `month` are inherited from a date before it in the same list or sentence.
    """

    reference: dt.date | None
    source: str  # issued_date | body | none
    year: int | None = None
    month: int | None = None
    past: bool = False  # what happened then is told, so that a festival is the last one, not the next


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """First and last day of a point, where the year came from (text, inherited, issued_date, body, none), doubts."""

    start: dt.date
    end: dt.date
    year_source: str
    flags: tuple[str, ...] = ()


_HALVES = {"h1": (1, 6), "h2": (7, 12), "q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12)}


def resolve(point: Point, frame: Frame) -> Resolved | None:
    """The days a point covers; None where the year or month cannot be known or there is no such day."""
    if point.now:
        return Resolved(frame.reference, frame.reference, frame.source) if frame.reference else None
    if point.day_shift is not None:
        if frame.reference is None:
            return None
        day = frame.reference + dt.timedelta(days=point.day_shift)
        return Resolved(day, day, frame.source)
    if point.weekday is not None:
        return _weekday(point, frame)
    if point.month_shift is not None:
        if frame.reference is None:
            return None
        month = calendar.add_months(frame.reference.replace(day=1), point.month_shift)
        return _span(month.year, month.month, point, frame.source)
    year, source = _year(point, frame)
    if point.festival is not None:
        return _festival(point, frame, year, source)
    if year is None:
        return None
    if point.month is not None:
        return _span(year, point.month, point, source)
    if point.day is not None:
        month_number = frame.month or (frame.reference.month if frame.reference else None)
        return _span(year, month_number, point, source) if month_number else None
    return _year_part(year, point, frame, source)


def _year(point: Point, frame: Frame) -> tuple[int | None, str]:
    if point.year is not None:
        return point.year, "text"
    if point.year_shift is not None:
        base = frame.reference.year if frame.reference else None
        return (base + point.year_shift, frame.source) if base is not None else (None, "none")
    if frame.year is not None:
        return frame.year, "inherited"
    if frame.reference is not None:
        return frame.reference.year, frame.source
    return None, "none"


def _span(year: int, month: int, point: Point, source: str) -> Resolved | None:
    if point.day is not None:
        day = calendar.make_date(year, month, point.day)
        return Resolved(day, day, source) if day else None
    first, last = dt.date(year, month, 1), calendar.month_end(year, month)
    match point.part:
        case "end":
            return Resolved(last, last, source)
        case "start":
            return Resolved(first, first.replace(day=10), source, ("approximate",))
        case "early":
            return Resolved(first, first.replace(day=10), source)
        case "mid":
            return Resolved(first.replace(day=11), first.replace(day=20), source)
        case "early_mid":
            return Resolved(first, first.replace(day=20), source)
        case "mid_late":
            return Resolved(first.replace(day=11), last, source)
        case "late":
            return Resolved(first.replace(day=21), last, source)
        case _:
            return Resolved(first, last, source)


def _year_part(year: int, point: Point, frame: Frame, source: str) -> Resolved | None:
    part = point.part
    if part == "q0":
        if frame.reference is None:
            return None
        part = f"q{(frame.reference.month - 1) // 3 + 1}"
    if part in _HALVES:
        a, b = _HALVES[part]
        return Resolved(dt.date(year, a, 1), calendar.month_end(year, b), source)
    if part == "end":
        return Resolved(dt.date(year, 12, 31), dt.date(year, 12, 31), source)
    if part == "start":
        return Resolved(dt.date(year, 1, 1), dt.date(year, 1, 31), source, ("approximate",))
    return Resolved(dt.date(year, 1, 1), dt.date(year, 12, 31), source)


def _weekday(point: Point, frame: Frame) -> Resolved | None:
    if frame.reference is None or point.weekday is None:
        return None
    monday = frame.reference - dt.timedelta(days=frame.reference.weekday())
    day = monday + dt.timedelta(days=7 * (point.week_shift or 0) + point.weekday)
    return Resolved(day, day, frame.source)


def _festival(point: Point, frame: Frame, year: int | None, source: str) -> Resolved | None:
    """The festival's own day; the next one on or after the reference (told: the last one) where no year is printed."""
    assert point.festival is not None
    flags = (
        ("two_festivals",)
        if "两节" in point.festival or ("元旦" in point.festival and "春节" in point.festival)
        else ()
    )
    name = "两节" if flags else point.festival
    if point.year is None and point.year_shift is None:
        if frame.reference is None:
            return None
        this = frame.reference.year
        if frame.past:
            candidates = (calendar.festival(name, y) for y in (this, this - 1))
            day = next((d for d in candidates if d is not None and d <= frame.reference), None)
        else:
            candidates = (calendar.festival(name, y) for y in (this, this + 1))
            day = next((d for d in candidates if d is not None and d >= frame.reference), None)
        source = frame.source
    else:
        day = calendar.festival(name, year) if year is not None else None
    return Resolved(day, day, source, flags) if day else None


def limit(expression: Expression, frame: Frame) -> Resolved | None:
    """The day a limit (前, 内, 底) falls on, as `end`: the day itself, the month's or year's end, a festival's eve."""
    found = resolve(expression.first, frame)
    if found is None:
        return None
    # 正月十五前 names a day as 6月15日前 does, and includes it.
    if expression.first.festival not in (None, "正月十五") and expression.shape == "before":
        eve = found.start - dt.timedelta(days=1)
        return replace(found, start=eve, end=eve)
    if expression.shape == "before" and expression.first.is_year_only:
        return replace(found, end=found.start - dt.timedelta(days=1), flags=(*found.flags, "year_before"))
    return found


def span(expression: Expression, frame: Frame) -> Resolved | None:
    """First and last day of a range; the end inherits year and month and never lies before the start."""
    first = resolve(expression.first, frame)
    if expression.last is None:
        return first
    if first is None:
        return None
    inner = Frame(frame.reference, frame.source, year=first.start.year, month=first.start.month)
    point = expression.last
    if point.year_shift == 1 and expression.first.year is not None:
        point = replace(point, year=first.start.year + 1, year_shift=None)  # 11月至次年3月
    last = resolve(point, inner)
    if last is None:
        return None
    flags = (*first.flags, *last.flags)
    if last.end < first.start and point.year is None and point.year_shift is None:
        rolled = resolve(point, replace(inner, year=first.start.year + 1))
        if rolled is None:
            return None
        last, flags = rolled, (*flags, "rolled_over_year_end")
    start = first.end if expression.first.part == "end" else first.start
    if last.end < start:
        return None
    return Resolved(start, last.end, first.year_source, flags)
