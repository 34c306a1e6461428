"""Signing in and out, the first account, one's own password, the language switch, showing masked data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console import passwords, sessions
from console.audit import audit, record
from console.masking import UNMASK_MINUTES
from console.proxy import is_secure, named_user
from console.render import LANGUAGE_COOKIE, local_path, render
from console.roles import ROLES, STEWARD, Forbidden, User
from console.routing import page, public
from warehouse import accounts
from warehouse.accounts import AccountError


def field(request: Request, name: str) -> str:
    """A text field of the form; empty when it is missing."""
    value = request.state.form.get(name, "")
    return value if isinstance(value, str) else ""


def sign_in_page(request: Request) -> Response:
    """The form; whoever is signed in already goes on."""
    with request.app.state.store.open() as store:
        if not accounts.has_accounts(store):
            return RedirectResponse("/setup", 303)
    target = local_path(request.query_params.get("next"))
    if request.state.user is not None:
        return RedirectResponse(target, 303)
    return _sign_in_form(request, target)


def _sign_in_form(request: Request, target: str) -> Response:
    """The form, and why it is shown: a session that ended, or a name of the proxy's that has no account here."""
    ended = request.query_params.get("ended")
    return render(
        request, "people/sign_in.html", target=target, name="", refused=False, named=named_user(request),
        ended=ended if ended in ("yes", "form") else None,
    )  # fmt: skip


def sign_in(request: Request) -> Response:
    """One answer and the same work for a wrong password, an unknown name and a locked one."""
    name, password = field(request, "name").strip()[:64], field(request, "password")
    target = local_path(field(request, "next"))
    now = request.app.state.settings.now()
    with request.app.state.store.open() as store:
        of = accounts.account(store, name)
        locked = accounts.is_locked(store, name, now=now)
        matches = passwords.matches(password, of.password_hash if of is not None else None)
        if of is None or not matches or locked or not of.is_active:
            newly = False if locked else accounts.note_failure(store, name, now=now)
            why = "locked" if locked else "locked_now" if newly else "refused"
            # A name that is no account may be a password typed into the wrong field: it is not written down.
            known = of.name if of is not None else "?"
            record(request, "sign_in", "account", known, result="refused", user=known, detail={"why": why})
            return render(
                request,
                "people/sign_in.html",
                status=401,
                target=target,
                name=name,
                refused=True,
                named=None,
                ended=None,
            )
        accounts.forget_failures(store, name)
    sessions.begin(request, of, how="password")
    return RedirectResponse(target, 303)


def sign_out(request: Request) -> Response:
    """End the session on the server, not only the cookie."""
    audit(request, "sign_out", "account", request.state.user.name)
    sessions.end(request)
    return RedirectResponse("/sign-in", 303)


def setup_page(request: Request) -> Response:
    """The first account's form, while there is none."""
    with request.app.state.store.open() as store:
        if accounts.has_accounts(store):
            return RedirectResponse("/sign-in", 303)
    return render(request, "people/setup.html", name="", display_name="", problem=None)


def setup(request: Request) -> Response:
    """Make the first admin, for whoever can read the server's terminal."""
    name, display_name = field(request, "name").strip(), field(request, "display_name")
    password = field(request, "password")
    typed: dict[str, Any] = {"name": name, "display_name": display_name}
    key = passwords.problem(password, name) or (
        "people.password_differs" if password != field(request, "again") else None
    )
    if key is None and not request.app.state.setup_code.matches(field(request, "code")):
        key = "people.setup_code_wrong"
    if key is not None:
        return render(request, "people/setup.html", status=400, problem=key, **typed)
    now = request.app.state.settings.now()
    with request.app.state.store.open() as store:
        try:
            made = accounts.add_account(
                store, name=name, display_name=display_name, password_hash=passwords.hashed(password),
                roles=("admin",), only_first=True, now=now,
            )  # fmt: skip
        except AccountError as e:
            return render(request, "people/setup.html", status=400, problem=None, said=str(e), **typed)
    request.app.state.setup_code.use_up()
    record(request, "account", "account", made.name, user=made.name, detail={"what": "first", "roles": made.roles})
    sessions.begin(request, made, how="setup")
    return RedirectResponse("/people", 303)


def password_page(request: Request) -> Response:
    """The form for one's own password."""
    return render(request, "people/password.html", problem=None)


def change_password(request: Request) -> Response:
    """A new password for oneself: the old one is asked for, every other session ends."""
    user: User = request.state.user
    now = request.app.state.settings.now()
    new = field(request, "password")
    with request.app.state.store.open() as store:
        of = accounts.account_by_id(store, user.user_id)
        assert of is not None
        key = None
        if accounts.is_locked(store, of.name, now=now) or not passwords.matches(
            field(request, "old"), of.password_hash
        ):
            accounts.note_failure(store, of.name, now=now)
            key = "people.password_old_wrong"
        elif new == field(request, "old"):
            key = "people.password_same"
        elif new != field(request, "again"):
            key = "people.password_differs"
        key = key or passwords.problem(new, of.name)
        if key is not None:
            record(request, "password", "account", of.name, result="refused", detail={"why": key})
            return render(request, "people/password.html", status=400, problem=key)
        accounts.set_password(store, of.user_id, passwords.hashed(new), must_change=False, now=now)
        audit(request, "password", "account", of.name, what="own")
    sessions.begin(request, of, how="password")
    return RedirectResponse("/", 303)


def language(request: Request) -> Response:
    """Switch between Chinese and English; remembered by a cookie for a year."""
    response = RedirectResponse(local_path(request.query_params.get("next")), 303)
    chosen = "en" if request.query_params.get("to") == "en" else "zh"
    response.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=31_536_000, httponly=True, samesite="strict", secure=is_secure(request)
    )
    return response


def unmask(request: Request) -> Response:
    """Show one object's personal data to a steward for a quarter of an hour; who, what and why are logged first."""
    kind, object_id = field(request, "object_kind"), field(request, "object_id")
    reason = field(request, "reason").strip()
    if not kind or not object_id or len(reason) < 4:
        raise Forbidden("请写明查看个人信息的理由（至少四个字）")
    settings = request.app.state.settings
    audit(request, "unmask", kind, object_id, reason=reason[:200])
    with request.app.state.store.open() as store:
        until = settings.now() + dt.timedelta(minutes=UNMASK_MINUTES)
        accounts.unmask(store, request.state.session.token_hash, f"{kind}:{object_id}", until=until)
    return RedirectResponse(local_path(field(request, "next")), 303)


routes = [
    public("/sign-in", sign_in_page),
    public("/sign-in", sign_in, methods=("POST",)),
    public("/setup", setup_page),
    public("/setup", setup, methods=("POST",)),
    public("/language", language),
    page("/sign-out", sign_out, roles=ROLES, methods=("POST",)),
    page("/password", password_page, roles=ROLES),
    page("/password", change_password, roles=ROLES, methods=("POST",)),
    page("/unmask", unmask, roles=(STEWARD,), methods=("POST",)),
]
