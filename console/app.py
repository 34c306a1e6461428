"""The console's frame, and how to hang a page on it.

**A page area** is one module `console/pages/<area>.py`, found by being there. It exports `routes: list[Route]`, and
`nav: list[Nav]` for its entries in the main menu:

    from console.roles import READERS, STEWARD
    from console.scoping import scope_of
    from console.routing import Nav, page, require
    from console.render import render
    from console.audit import audit
    from console.paging import page_of

    nav = [Nav("debts.title", "/debts", READERS, 40)]

    def index(request: Request) -> Response:
        scope = scope_of(request)                                   # what of the regions the reader may see
        with request.app.state.warehouse.open() as q:               # this night's publication, read-only
            pages = page_of(request, debts.count(q.connection, scope))  # SQL stands in `warehouse.explore`
            rows = debts.page(q.connection, scope, offset=pages.offset, limit=pages.size)
        return render(request, "debts/index.html", rows=rows, pages=pages)

    routes = [page("/debts", index, roles=READERS), page("/debts/note", note, roles=(STEWARD,), methods=("POST",))]

* Handlers are plain `def`, run in a worker thread; one that may take seconds says `is_slow=True`.
  `page(path, handler, roles=…)` or `public(path, handler)` are the
  only ways to make a route: `create_app` refuses any other. `require(request, STEWARD)` checks further inside.
* `request.state.user` (`console.roles.User`: name, roles, regions, `.has(role)`), `request.state.form` (read, size
  capped, CSRF and Origin checked), `request.app.state.settings` (`.home`, `.now()`, `.today()`): ask no other clock.
* `request.app.state.warehouse.open()` gives `q.connection` for `warehouse.explore` and the like, and
  `q.cached(("debts.facets", user.regions), make)`: what is computed once for each publication. Never
  `duckdb.connect` the published path yourself: see `console.reading` for the trap. Do not keep `q`.
* `request.app.state.store.open()` gives the open `warehouse.state.State` (decisions, accounts, audit log).
* Templates: `console/templates/<area>/…`, `{% extends "layout.html" %}`, blocks `title`, `content`, `aside`;
  `{{ t("area.key", n=3) }}`, `{{ csrf_field }}` in each form, filters `money count percent day moment filesize`,
  functions `short_money duration with_query`, `mask.text|name|phone|party|field`, macros in `macros/*.html`.
* Words: `console/words/<area>.yml`, `key: [中文, English]`, used as `area.key`.
* `audit(request, "view", "document", document_id)` before showing a document; also for export, decide, unmask …
* `masker_of(request, "document", id)` → pass as `render(…, masker=…)`; `macros/people.html` has the unmask form.
* Raise `Forbidden`, `Conflict`, starlette's `HTTPException(404)`; `NoWarehouse` gives the teaching page by itself.
* No inline script or style (CSP): add to `static/console.css` and `static/<area>.js` (block `scripts`).
"""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from pathlib import Path

import anyio
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from console import errors, pages, sessions
from console.guard import Guard
from console.querying import Queries
from console.reading import Warehouse
from console.render import environment
from console.routing import Nav, access_of
from console.settings import Settings
from console.setup_code import SetupCode
from console.stores import Store

SLOW_AT_ONCE = 6
"""Queries, reports and exports at work at once; more of them wait without holding up pages and decisions."""
STATIC = Path(__file__).resolve().parent / "static"


def create_app(settings: Settings) -> Starlette:
    """The application for one home. Raises TypeError for a route that does not say who may use it."""
    routes: list[BaseRoute] = []
    nav: list[Nav] = []
    for name in sorted(m.name for m in pkgutil.iter_modules(pages.__path__)):
        area = importlib.import_module(f"console.pages.{name}")
        for route in area.routes:
            _check(route)
        routes += area.routes
        nav += getattr(area, "nav", [])
    routes.append(Mount("/static", StaticFiles(directory=STATIC), name="static"))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _not_routed})
    app.state.settings = settings
    app.state.warehouse = Warehouse(settings.home)
    app.state.store = Store(settings.home)
    app.state.templates = environment()
    app.state.nav = sorted(nav, key=lambda n: n.place)
    app.state.secret = secrets.token_bytes(32)
    app.state.setup_code = SetupCode()
    app.state.slow = anyio.CapacityLimiter(SLOW_AT_ONCE)
    app.state.queries = Queries()
    app.add_middleware(Guard, settings=settings)
    return app


def _check(route: BaseRoute) -> None:
    if not isinstance(route, Route) or access_of(route) is None:
        raise TypeError(f"{route} does not say who may use it: make it with console.routing.page or public")


async def _not_routed(request: Request, error: Exception) -> Response:
    """No such page, or not in this way: said within the frame of whoever asks."""
    request.state.user, request.state.csrf, request.state.set_cookies = None, "", []
    return await run_in_threadpool(_unrouted, request, error)


def _unrouted(request: Request, error: Exception) -> Response:
    sessions.attach(request)
    response = errors.answer(request, error)
    sessions.send_cookies(request, response)
    return response
