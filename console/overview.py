"""The figures of the morning page: arrears by region and period, findings by severity and cause, dates that passed.

What a publication holds is aggregated once for each set of regions (`Reader.cached`); the queue follows decisions.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from console.reading import Reader, Row
from console.review.asked import queue_for
from console.roles import User, in_scope
from validators.duties.duty import Duty, duties
from warehouse.duty_rows import DutyRows
from warehouse.explore import overview as figures
from warehouse.explore.scope import Scope
from warehouse.review_pages import Wanted
from warehouse.state import State
from warehouse.tables import SEVERITIES

PERIODS = 13
LOOK_BACK = dt.timedelta(days=92)


@dataclass(frozen=True, slots=True)
class RegionLine:
    """One region: debts in force, what is owed, cleared and left of them, in yuan, and what waits."""

    region_code: str | None
    name: str
    as_of: dt.date | None
    debts: int
    arrears: Decimal
    cleared: Decimal
    left: Decimal
    disputed: Decimal
    change: Decimal | None
    findings: int

    @property
    def rate(self) -> Decimal | None:
        """Share cleared, 1 being the whole; None where nothing is owed."""
        return self.cleared / self.arrears if self.arrears else None


@dataclass(frozen=True, slots=True)
class Period:
    """All regions on the last day of one period: what is left and what was cleared. A region that did not report for
    it counts with its latest report before; `reported` says how many reported, of `known` regions."""

    as_of: dt.date
    left: Decimal
    arrears: Decimal
    reported: int
    known: int

    @property
    def rate(self) -> Decimal | None:
        """Share cleared."""
        return (self.arrears - self.left) / self.arrears if self.arrears else None


def periods(q: Reader, user: User) -> list[Period]:
    """The last periods that ledgers speak of, oldest first, each region carried forward until it reports again."""
    return _carried(_reports(q, user))[0]


def regions(q: Reader, user: User) -> list[RegionLine]:
    """One line for each region with debts or findings the user may see."""
    return q.cached(("overview.regions", user.regions), lambda: _regions(q, user))


def _reports(q: Reader, user: User) -> list[Row]:
    scope = Scope(user.regions or None)
    return q.cached(("overview.reports", scope), lambda: figures.reports(q.connection, scope))


def _carried(reports: list[Row]) -> tuple[list[Period], dict[str | None, Decimal | None]]:
    """Periods over all regions, and each region's change in what is left from the period before its latest."""
    days = sorted({r["as_of_date"] for r in reports})
    latest: dict[tuple[str | None, str], Row] = {}
    out: list[Period] = []
    by_region: dict[str | None, list[Decimal]] = {}
    for as_of in days:
        now = [r for r in reports if r["as_of_date"] == as_of]
        latest.update({(r["region_code"], r["series_key"]): r for r in now})
        touched = {r["region_code"] for r in now}
        for region in touched:
            left = sum((r["left_yuan"] or Decimal(0) for (code, _), r in latest.items() if code == region), Decimal(0))
            by_region.setdefault(region, []).append(left)
        out.append(
            Period(
                as_of,
                sum((r["left_yuan"] or Decimal(0) for r in latest.values()), Decimal(0)),
                sum((r["arrears"] or Decimal(0) for r in latest.values()), Decimal(0)),
                len(touched),
                len({code for code, _ in latest}),
            )
        )
    changes = {code: lefts[-1] - lefts[-2] if len(lefts) > 1 else None for code, lefts in by_region.items()}
    return out[-PERIODS:], changes


def _regions(q: Reader, user: User) -> list[RegionLine]:
    changes = _carried(_reports(q, user))[1]
    return [
        RegionLine(
            r["region_code"], r["name"] or r["region_code"] or "", r["as_of"], r["debts"], Decimal(r["arrears"]),
            Decimal(r["cleared"]), Decimal(r["left_yuan"]), Decimal(r["disputed"]), changes.get(r["region_code"]),
            r["findings"],
        )
        for r in figures.regions(q.connection, Scope(user.regions or None))
    ]  # fmt: skip


def queue(q: Reader, user: User, state: State, limit: int = 9) -> tuple[dict[str, int], list[Row]]:
    """Open findings by severity, and the first causes, worst and largest first; what was decided since the night is
    open no more."""
    found = queue_for(q, state, user)
    counts = dict.fromkeys(SEVERITIES, 0)
    for line in found.counts(Wanted()):
        if line["status"] == "open":
            counts[line["severity"]] += line["count"]
    return counts, found.causes(Wanted(), limit=limit)


@dataclass(frozen=True, slots=True)
class Late:
    """One thing that was due, the last day it was due, the units that had not done it then, and how many days before
    that passed likewise."""

    duty: Duty
    units: tuple[str, ...]
    earlier: int


def overdue(q: Reader, user: User, day: dt.date) -> tuple[list[Late], int, int]:
    """What was not done by its day in the last quarter, the latest first; for how many units in all; and how many
    days passed of which no paper tells whether they were met."""

    def find() -> tuple[list[Late], int, int]:
        found = duties(DutyRows(q.connection), day=day, start=day - LOOK_BACK, until=day - dt.timedelta(days=1))
        mine = [d for d in found if in_scope(user, d.region_code or d.document_region)]
        late = [d for d in mine if d.state.status == "overdue"]
        groups: dict[str, list[Duty]] = {}
        for d in reversed(late):  # the last day first
            groups.setdefault(d.obligation_id, []).append(d)
        grouped = [
            Late(g[0], tuple(d.unit or "" for d in g if d.due == g[0].due), len({d.due for d in g}) - 1)
            for g in groups.values()
        ]
        return grouped, len(late), sum(d.state.status == "unknown" for d in mine)

    return q.cached(("overview.overdue", user.regions, day), find)


def arrivals(q: Reader, user: User, limit: int = 8) -> tuple[dt.date | None, int, list[Row]]:
    """The last night on which documents were first seen: the night, how many, and some of them, unread ones first."""
    scope = Scope(user.regions or None)
    return q.cached(("overview.arrivals", scope, limit), lambda: figures.arrivals(q.connection, scope, limit))


def totals(lines: list[RegionLine]) -> dict[str, Any]:
    """The sum over regions: debts, arrears, cleared, left, disputed, change, rate, findings."""
    arrears = sum((line.arrears for line in lines), Decimal(0))
    cleared = sum((line.cleared for line in lines), Decimal(0))
    return {
        "debts": sum(line.debts for line in lines),
        "arrears": arrears,
        "cleared": cleared,
        "left": sum((line.left for line in lines), Decimal(0)),
        "disputed": sum((line.disputed for line in lines), Decimal(0)),
        "rate": cleared / arrears if arrears else None,
        "findings": sum(line.findings for line in lines),
    }
