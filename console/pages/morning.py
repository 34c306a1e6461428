"""The first page: how the last night went, where the arrears stand, what waits."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.render import render
from console.roles import ADMIN, READERS, ROLES, scope_clause
from console.routing import Nav, page

nav = [Nav("morning.title", "/", READERS, 10)]


def index(request: Request) -> Response:
    """The morning page for readers; admins and auditors go to where they work."""
    user = request.state.user
    if not user.has(*READERS):
        return RedirectResponse("/people" if user.has(ADMIN) else "/log", 303)
    where, params = scope_clause(user)
    with request.app.state.warehouse.open() as q:
        debts = q.value(f"SELECT count(*) FROM main.debts WHERE {where}", params)  # noqa: S608 - our own condition
    return render(request, "morning/index.html", debts=debts)


routes = [page("/", index, roles=ROLES)]
