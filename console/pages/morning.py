"""The first page: how the last night went, where the arrears stand and move, what waits, region by region."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import overview
from console.formats import percent, short_money
from console.overview import Period, RegionLine
from console.plots import Plot, curve
from console.render import language_of, render
from console.roles import ADMIN, READERS, ROLES, User
from console.routing import Nav, page
from console.translation import translate
from warehouse.state import Run

nav = [Nav("morning.title", "/", READERS, 10)]

SORTS: dict[str, Callable[[RegionLine], Any]] = {
    "region": lambda r: r.region_code or "",
    "as_of": lambda r: str(r.as_of or ""),
    "debts": lambda r: r.debts,
    "arrears": lambda r: r.arrears,
    "cleared": lambda r: r.cleared,
    "left": lambda r: r.left,
    "disputed": lambda r: r.disputed,
    "change": lambda r: r.change if r.change is not None else Decimal("-Infinity"),
    "rate": lambda r: r.rate if r.rate is not None else Decimal(-1),
    "findings": lambda r: r.findings,
}


def index(request: Request) -> Response:
    """The morning page for readers; admins and auditors go to where they work."""
    user: User = request.state.user
    if not user.has(*READERS):
        return RedirectResponse("/people" if user.has(ADMIN) else "/log", 303)
    today = request.app.state.settings.today()
    with request.app.state.warehouse.open() as q:
        lines = overview.regions(q, user)
        periods = overview.periods(q, user)
        with request.app.state.store.open() as store:
            severities, queue = overview.queue(q, user, store)
        overdue, overdue_count, unknown = overview.overdue(q, user, today)
        night, arrived, documents = overview.arrivals(q, user)
    shown, sort = _sorted(request, lines)
    return render(
        request,
        "morning/index.html",
        runs=_runs(request),
        night=night,
        arrived=arrived,
        documents=documents,
        whole=overview.totals(lines),
        change=periods[-1].left - periods[-2].left if len(periods) > 1 else None,
        rate_change=_rate_change(periods),
        periods=periods,
        plots=_plots(request, periods),
        queue=queue,
        severities=severities,
        overdue=overdue,
        overdue_count=overdue_count,
        unknown=unknown,
        lines=shown,
        regions_in_all=len(lines),
        shown_total=overview.totals(shown),
        sort=sort,
        wanted=request.query_params.get("region", ""),
        owing=request.query_params.get("owing") == "1",
    )


def _runs(request: Request) -> list[Run]:
    with request.app.state.store.open() as store:
        found: list[Run] = store.runs(14)
    return found


def _sorted(request: Request, lines: list[RegionLine]) -> tuple[list[RegionLine], str]:
    wanted = request.query_params.get("region", "").strip()
    if wanted:
        lines = [r for r in lines if wanted in r.name or (r.region_code or "").startswith(wanted)]
    if request.query_params.get("owing") == "1":
        lines = [r for r in lines if r.left > 0]
    sort = request.query_params.get("sort", "-left")
    key = SORTS.get(sort.removeprefix("-"))
    if key is None:
        sort, key = "-left", SORTS["left"]
    return sorted(sorted(lines, key=SORTS["region"]), key=key, reverse=sort.startswith("-")), sort


def _rate_change(periods: list[Period]) -> Decimal | None:
    if len(periods) < 2 or periods[-1].rate is None or periods[-2].rate is None:
        return None
    return periods[-1].rate - periods[-2].rate


def _plots(request: Request, periods: list[Period]) -> list[Plot]:
    """What is left and the share cleared over the periods; nothing to draw before the second."""
    if len(periods) < 2:
        return []
    language = language_of(request)
    t = partial(translate, language)
    rates = [(str(p.as_of), p.rate) for p in periods if p.rate is not None]
    plots = [
        curve(
            t("morning.plot_left"),
            [(str(p.as_of), p.left) for p in periods],
            headers=(t("morning.period"), t("morning.left")),
            show=lambda v: short_money(v, language),
        )
    ]
    if len(rates) > 1:
        plots.append(
            curve(
                t("morning.plot_rate"),
                rates,
                headers=(t("morning.period"), t("morning.rate")),
                show=lambda v: percent(v),
                highest=Decimal(1),
            )
        )
    return plots


routes = [page("/", index, roles=ROLES)]
