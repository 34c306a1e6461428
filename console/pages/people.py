"""The admin's pages: who has an account, which roles and regions, temporary passwords, ending sessions."""

from __future__ import annotations

import re
import secrets
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console import passwords
from console.audit import audit
from console.pages.account import field
from console.reading import NoWarehouse
from console.render import render
from console.roles import ADMIN, ROLES
from console.routing import Nav, page
from warehouse import accounts
from warehouse.accounts import Account, AccountError
from warehouse.explore import parties
from warehouse.state import State

nav = [Nav("people.title", "/people", (ADMIN,), 90)]

_READABLE = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ"


def index(request: Request) -> Response:
    """Every account."""
    with request.app.state.store.open() as store:
        return _list(request, store)


def _list(request: Request, store: State, *, status: int = 200, **values: Any) -> Response:
    now = request.app.state.settings.now()
    people = accounts.accounts(store)
    locked = {a.user_id for a in people if accounts.is_locked(store, a.name, now=now)}
    names = _region_names(request, {r for a in people for r in a.regions})
    told = {"said": None, "typed": {}, "temporary": None, "fresh": None, **values}
    return render(
        request, "people/index.html", status=status, people=people, locked=locked, names=names, roles=ROLES, **told
    )


def add(request: Request) -> Response:
    """Make an account with a temporary password, shown once, or one for somebody who signs in at the proxy."""
    name = field(request, "name").strip()
    temporary = None if field(request, "elsewhere") else _temporary()
    with request.app.state.store.open() as store:
        try:
            made = accounts.add_account(
                store,
                name=name,
                display_name=field(request, "display_name"),
                password_hash=None if temporary is None else passwords.hashed(temporary),
                roles=_chosen(request),
                regions=_regions(request),
                must_change=temporary is not None,
                now=request.app.state.settings.now(),
            )
        except AccountError as e:
            typed = {"name": name, "display_name": field(request, "display_name"), "regions": field(request, "regions")}
            return _list(request, store, status=400, said=str(e), typed=typed)
        _log(request, made, "add")
        return _list(request, store, temporary=temporary, fresh=made)


def one(request: Request) -> Response:
    """One account's form."""
    with request.app.state.store.open() as store:
        return _one(request, store, _account(request, store))


def _one(request: Request, store: State, of: Account, *, status: int = 200, **values: Any) -> Response:
    now = request.app.state.settings.now()
    told = {"said": None, "temporary": None, "done": False, **values}
    return render(
        request,
        "people/one.html",
        status=status,
        of=of,
        roles=ROLES,
        names=_region_names(request, set(of.regions)),
        is_locked=accounts.is_locked(store, of.name, now=now),
        **told,
    )


def change(request: Request) -> Response:
    """Change name, roles, regions, use; the account's sessions end."""
    with request.app.state.store.open() as store:
        of = _account(request, store)
        try:
            accounts.change_account(
                store,
                of.user_id,
                display_name=field(request, "display_name"),
                roles=_chosen(request),
                regions=_regions(request),
                is_active=field(request, "is_active") == "1",
                now=request.app.state.settings.now(),
            )
        except AccountError as e:
            return _one(request, store, of, status=400, said=str(e))
        changed = _account(request, store)
        _log(request, changed, "change")
        return _one(request, store, changed, done=True)


def reset(request: Request) -> Response:
    """A new temporary password, shown once; the account's sessions end and a pause is lifted."""
    with request.app.state.store.open() as store:
        of = _account(request, store)
        temporary = _temporary()
        now = request.app.state.settings.now()
        accounts.set_password(store, of.user_id, passwords.hashed(temporary), must_change=True, now=now)
        accounts.forget_failures(store, of.name)
        _log(request, of, "reset_password")
        return _one(request, store, _account(request, store), temporary=temporary)


def end(request: Request) -> Response:
    """End all sessions of an account at once."""
    with request.app.state.store.open() as store:
        of = _account(request, store)
        accounts.end_sessions(store, of.user_id, now=request.app.state.settings.now())
        _log(request, of, "end_sessions")
        return _one(request, store, of, done=True)


def unlock(request: Request) -> Response:
    """Lift the pause after failed sign-ins."""
    with request.app.state.store.open() as store:
        of = _account(request, store)
        accounts.forget_failures(store, of.name)
        _log(request, of, "unlock")
        return _one(request, store, of, done=True)


def _account(request: Request, store: State) -> Account:
    found = accounts.account_by_id(store, request.path_params["user_id"])
    if found is None:
        raise HTTPException(404)
    return found


def _chosen(request: Request) -> list[str]:
    return [str(r) for r in request.state.form.getlist("role")]


def _regions(request: Request) -> list[str]:
    return [r for r in re.split(r"[\s,，、;；]+", field(request, "regions")) if r]


def _temporary() -> str:
    """Easy to read out: four groups of four, well over 80 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4)) + "9a"


def _region_names(request: Request, codes: set[str]) -> dict[str, str]:
    """Names of regions from the published register; before the first night codes stand for themselves."""
    if not codes:
        return {}
    try:
        with request.app.state.warehouse.open() as q:
            return parties.region_names(q.connection, codes)
    except NoWarehouse:
        return {}


def _log(request: Request, of: Account, what: str) -> None:
    audit(request, "account", "account", of.name, what=what, roles=of.roles, regions=of.regions, in_use=of.is_active)


routes = [
    page("/people", index, roles=(ADMIN,)),
    page("/people", add, roles=(ADMIN,), methods=("POST",)),
    page("/people/{user_id:int}", one, roles=(ADMIN,)),
    page("/people/{user_id:int}", change, roles=(ADMIN,), methods=("POST",)),
    page("/people/{user_id:int}/reset", reset, roles=(ADMIN,), methods=("POST",)),
    page("/people/{user_id:int}/end", end, roles=(ADMIN,), methods=("POST",)),
    page("/people/{user_id:int}/unlock", unlock, roles=(ADMIN,), methods=("POST",)),
]
