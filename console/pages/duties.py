"""Duties: a month as a calendar or a list, each unit's iCalendar file, and 催报 sheets to print."""

from __future__ import annotations

import calendar as months
import datetime as dt
import re
from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.masking import Masker, masker_of
from console.render import render
from console.roles import READERS
from console.routing import Nav, page
from console.scoping import asked, asked_day, scope_of
from console.sending import attachment
from validators.duties.duty import Duty, duties
from validators.duties.events import event_of
from validators.duties.status import STATUS_ZH
from warehouse.duty_rows import DutyRows
from warehouse.icalendar import Event, calendar

nav = [Nav("duties.title", "/duties", READERS, 50)]
_VIEWS = ("calendar", "list", "urge")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_BEHIND, _AHEAD = 92, 7  # days that a 催报 sheet looks back and ahead
_YEAR = 366
NOBODY = "-"


def index(request: Request) -> Response:
    """One month, or what is to be urged."""
    view = asked(request, "view") or "calendar"
    view = view if view in _VIEWS else "calendar"
    day = asked_day(request, "day") or request.app.state.settings.today()
    first = _month_of(request, day)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    start, until = (day - dt.timedelta(_BEHIND), day + dt.timedelta(_AHEAD)) if view == "urge" else (first, last)
    found = _seen(request, day, start, until)
    units = sorted({d.unit for d in found if d.unit})
    has_nobody = any(d.unit is None for d in found)
    counts = Counter(d.state.status for d in found)
    unit, status = asked(request, "unit", 400), asked(request, "status")
    shown = [d for d in found if unit is None or (d.unit or NOBODY) == unit]
    if view == "urge":
        shown = _to_urge(shown)
    shown = [d for d in shown if status not in STATUS_ZH or d.state.status == status]
    return render(
        request, "duties/index.html", view=view, day=day, first=first, duties=shown, units=units, unit=unit,
        chosen=status, statuses=list(STATUS_ZH), counts=counts, has_nobody=has_nobody, weeks=_weeks(first, shown),
        before=_shift(first, -1), after=_shift(first, 1), by_unit=_by_unit(shown), start=start, until=until,
        is_own=lambda d: scope_of(request).covers(d.document_region),
    )  # fmt: skip


def _seen(request: Request, day: dt.date, start: dt.date, until: dt.date) -> list[Duty]:
    """Duties that papers of the reader's regions set, and those set for a unit of these regions."""
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        found = duties(DutyRows(q.connection), day=day, start=start, until=until)
    return [d for d in found if scope.covers(d.document_region) or (d.region_code and scope.covers(d.region_code))]


def file(request: Request) -> Response:
    """The duties of one unit, or of all, of a year around the day, for a calendar program."""
    day = request.app.state.settings.today()
    unit = asked(request, "unit", 400)
    found = _seen(request, day, day - dt.timedelta(_BEHIND), day + dt.timedelta(_YEAR))
    chosen = [d for d in found if unit is None or (d.unit or NOBODY) == unit]
    audit(request, "export", "calendar", unit or "", duties=len(chosen))
    masker, scope = masker_of(request), scope_of(request)
    stamp = dt.datetime.combine(day, dt.time(), dt.timezone(dt.timedelta(hours=8)))
    events = [_masked(event_of(d if scope.covers(d.document_region) else _unsourced(d)), masker) for d in chosen]
    text = calendar(f"清欠时限 {unit or ''}".strip(), events, stamp=stamp)
    return attachment(text.encode(), "duties.ics", f"清欠时限_{unit or '全部'}.ics")


def _unsourced(duty: Duty) -> Duty:
    """A duty that a paper of another region sets: the paper itself is not the reader's."""
    import msgspec

    return msgspec.structs.replace(duty, source="上级文件")


def _masked(event: Event, masker: Masker) -> Event:
    import msgspec

    said = {"summary": masker.text(event.summary), "description": masker.text(event.description)}
    return msgspec.structs.replace(event, **said)


def _month_of(request: Request, day: dt.date) -> dt.date:
    found = _MONTH.fullmatch(asked(request, "month") or "")
    if found is not None and 1 <= int(found[2]) <= 12 and 1900 <= int(found[1]) <= 2999:
        return dt.date(int(found[1]), int(found[2]), 1)
    return day.replace(day=1)


def _shift(first: dt.date, by: int) -> str:
    number = first.year * 12 + first.month - 1 + by
    return f"{number // 12:04}-{number % 12 + 1:02}"


def _weeks(first: dt.date, found: list[Duty]) -> list[list[tuple[dt.date, list[Duty]]]]:
    """The month's weeks from Monday, each day with what falls due on it."""
    by_day: dict[dt.date, list[Duty]] = {}
    for duty in found:
        by_day.setdefault(duty.due, []).append(duty)
    weeks = months.Calendar(0).monthdatescalendar(first.year, first.month)
    return [[(day, by_day.get(day, [])) for day in week] for week in weeks]


def _to_urge(found: list[Duty]) -> list[Duty]:
    """What is not known to be met, by day; of a cadence only the latest day of each unit."""
    latest: dict[tuple[str, ...], Duty] = {}
    for duty in found:
        if duty.state.status in ("overdue", "due_soon", "unknown"):
            once = () if duty.is_recurring else (duty.uid,)
            latest[duty.obligation_id, duty.unit or "", duty.region_code or "", *once] = duty
    return sorted(latest.values(), key=lambda d: (d.due, d.uid))


def _by_unit(found: list[Duty]) -> list[tuple[str | None, list[Duty]]]:
    groups: dict[str | None, list[Duty]] = {}
    for duty in found:
        groups.setdefault(duty.unit, []).append(duty)
    return sorted(groups.items(), key=lambda g: (g[0] is None, g[0] or ""))


routes = [
    page("/duties", index, roles=READERS),
    page("/duties/calendar.ics", file, roles=READERS),
]
