"""Signing in and out: sessions live on the server, the cookie holds a random token and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import Response

from console.audit import record
from console.proxy import address_of, is_secure, named_user
from console.roles import User
from console.settings import Settings
from warehouse import accounts
from warehouse.accounts import Account

COOKIE = "qingqian_session"
FORM_COOKIE = "qingqian_form"


def attach(request: Request) -> None:
    """Find out who asks: sets `request.state` user, session, csrf, and cookies that the answer must set."""
    state = request.state
    state.user, state.session, state.set_cookies = None, None, []
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(request), "")
    with request.app.state.store.open() as store:
        found = None
        if token:
            found = accounts.session(store, token, idle=settings.idle, absolute=settings.absolute, now=settings.now())
        named = named_user(request)
        if named is not None and (found is None or found[1].name.casefold() != named.casefold()):
            found = _sign_in_named(request, named)
    if found is None:
        _attach_anonymous(request)
        return
    state.session, of = found
    state.user = user_of(of)
    state.csrf = state.session.csrf


def _attach_anonymous(request: Request) -> None:
    """Before signing in the token is bound to a cookie of its own, so that another site cannot sign anyone in."""
    form = request.cookies.get(FORM_COOKIE, "")
    if len(form) != 43:
        form = secrets.token_urlsafe(32)
        request.state.set_cookies.append((FORM_COOKIE, form))
    secret: bytes = request.app.state.secret
    request.state.csrf = hmac.new(secret, form.encode(), hashlib.sha256).hexdigest()


def _sign_in_named(request: Request, name: str) -> tuple[accounts.Session, Account] | None:
    """Sign in whom the proxy names; they must have an account in use."""
    settings: Settings = request.app.state.settings
    with request.app.state.store.open() as store:
        of = accounts.account(store, name)
        if of is None or not of.is_active:
            record(request, "sign_in", "account", name, result="refused", user=name, detail={"how": "proxy"})
            return None
        token = begin(request, of, how="proxy")
        return accounts.session(store, token, idle=settings.idle, absolute=settings.absolute, now=settings.now())


def begin(request: Request, of: Account, *, how: str) -> str:
    """Begin a session with a new token, ending the one the browser came with; its cookie goes out with the answer."""
    settings: Settings = request.app.state.settings
    token = secrets.token_urlsafe(32)
    now = settings.now()
    with request.app.state.store.open() as store:
        old = request.cookies.get(cookie_name(request))
        if old:
            accounts.end_session(store, old, now=now)
        csrf = secrets.token_urlsafe(32)
        accounts.begin_session(store, token, of.user_id, csrf=csrf, address=address_of(request), now=now)
        record(request, "sign_in", "account", of.name, user=of.name, detail={"how": how})
    request.state.set_cookies.append((cookie_name(request), token))
    return token


def end(request: Request) -> None:
    """End the session the browser came with."""
    settings: Settings = request.app.state.settings
    token = request.cookies.get(cookie_name(request))
    if token:
        with request.app.state.store.open() as store:
            accounts.end_session(store, token, now=settings.now())
    request.state.set_cookies.append((cookie_name(request), ""))


def user_of(of: Account) -> User:
    """The user of an account."""
    return User(of.user_id, of.name, of.display_name, frozenset(of.roles), of.regions, of.must_change)


def cookie_name(request: Request) -> str:
    """Over HTTPS the name itself forbids being set by a neighbour or without Secure."""
    return f"__Host-{COOKIE}" if is_secure(request) else COOKIE


def send_cookies(request: Request, response: Response) -> None:
    """Put what `attach`, `begin` and `end` set onto the answer."""
    for name, value in getattr(request.state, "set_cookies", ()):
        age = None if value else 0
        response.set_cookie(
            name, value, max_age=age, path="/", secure=is_secure(request), httponly=True, samesite="strict"
        )
