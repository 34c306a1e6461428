"""One page for each debtor, creditor and region: sums, how they went, and the debts behind them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.audit import audit
from console.masking import mask_party
from console.pages.debts import plot_of
from console.paging import page_of
from console.render import render
from console.roles import READERS
from console.routing import page
from console.scoping import asked, scope_of
from warehouse.explore import debts, parties
from warehouse.explore.parties import Side

_SIZE = 50


def index(request: Request) -> Response:
    """Debtors or creditors, those with the most still owed first."""
    side = _side(request)
    words = asked(request, "q") or ""
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        pages = page_of(request, parties.count(q.connection, scope, side, text=words), _SIZE)
        found = parties.parties(q.connection, scope, side, text=words, offset=pages.offset, limit=pages.size)
    return render(request, "parties/index.html", side=side, rows=found, pages=pages, words=words)


def one(request: Request) -> Response:
    """One debtor or creditor by its name."""
    side, name = _side(request), asked(request, "name", 400)
    if name is None:
        return RedirectResponse(f"/{side}s", 303)
    scope = scope_of(request)
    wanted = debts.DebtFilter(debtor=name) if side == "debtor" else debts.DebtFilter(creditor=name)
    with request.app.state.warehouse.open() as q:
        party = parties.party(q.connection, scope, side, name)
        if party is None:
            raise HTTPException(404)
        trend = parties.party_trend(q.connection, scope, side, name)
        pages = page_of(request, party["debts"], _SIZE)
        rows = debts.page(q.connection, scope, wanted, offset=pages.offset, limit=pages.size)
    audit(request, "view", side, mask_party(name))
    return render(
        request, "parties/one.html", side=side, p=party, rows=rows, pages=pages, trend=trend,
        plot=plot_of(request, "parties.plot", trend),
    )  # fmt: skip


def region(request: Request) -> Response:
    """One region with those below it."""
    code = request.path_params["code"]
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        found = parties.region(q.connection, scope, code)
        if found is None:
            raise HTTPException(404)
        below = parties.regions_below(q.connection, scope, code)
        trend = parties.region_trend(q.connection, scope, code)
        rows = debts.page(q.connection, scope, debts.DebtFilter(region=code, status="open"), limit=10)
    return render(
        request, "parties/region.html", r=found, below=below, rows=rows, trend=trend,
        plot=plot_of(request, "parties.plot", trend),
    )  # fmt: skip


def _side(request: Request) -> Side:
    return "creditor" if request.url.path.startswith("/creditors") else "debtor"


routes = [
    page("/debtors", index, roles=READERS),
    page("/creditors", index, roles=READERS),
    page("/debtors/one", one, roles=READERS),
    page("/creditors/one", one, roles=READERS),
    page("/regions/{code}", region, roles=READERS),
]
