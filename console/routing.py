"""Routes that say who may see them, and what happens around every one: session, role, CSRF, answers to errors.

A page module builds its routes with `page` (signed-in roles) or `public` (nobody signed in yet). `create_app` refuses
any other route, so nothing is reachable by having been forgotten. Handlers are plain functions run in a worker
thread; a form, read and checked already, is `request.state.form`.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import anyio
import anyio.to_thread
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from console import sessions
from console.proxy import origin_of
from console.roles import ROLES, Forbidden, User
from console.routing_errors import RefusedForm

Handler = Callable[[Request], Response]
SAFE_METHODS = frozenset({"GET", "HEAD"})
FORM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route: these roles; none of them means anyone, signed in or not."""

    roles: frozenset[str]

    @property
    def is_public(self) -> bool:
        """Whether it is open to people who have not signed in."""
        return not self.roles


@dataclass(frozen=True, slots=True)
class Nav:
    """An entry of the main menu: words key, address, roles that see it, place from left (10, 20, …)."""

    key: str
    path: str
    roles: Sequence[str]
    place: int


def page(
    path: str, handler: Handler, *, roles: Sequence[str], methods: Sequence[str] = ("GET",), is_slow: bool = False
) -> Route:
    """A route for these roles only. `is_slow`: it may take seconds (a query, an export), and waits among its like, so
    that pages and decisions never wait for it. Raises ValueError for no role or an unknown one."""
    if not roles or set(roles) - set(ROLES):
        raise ValueError(f"{path} must name known roles, not {roles}")
    return _route(path, handler, Access(frozenset(roles)), methods, is_slow)


def public(path: str, handler: Handler, *, methods: Sequence[str] = ("GET",)) -> Route:
    """A route for anyone. Only signing in and what that page needs should be one."""
    return _route(path, handler, Access(frozenset()), methods)


def access_of(route: Any) -> Access | None:
    """Who may use a route; None for one that was not made here."""
    return getattr(getattr(route, "endpoint", None), "access", None)


def require(request: Request, *roles: str) -> User:
    """The user, who must hold one of these roles. Raises Forbidden. For checks finer than a route's."""
    user: User | None = request.state.user
    if user is None or not user.has(*roles):
        raise Forbidden("这一项不在您的角色权限内")
    return user


def _route(path: str, handler: Handler, access: Access, methods: Sequence[str], is_slow: bool = False) -> Route:
    return Route(
        path,
        _endpoint(handler, access, is_slow),
        methods=list(methods),
        name=f"{handler.__module__}.{handler.__name__}",
    )


def _endpoint(handler: Handler, access: Access, is_slow: bool) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.state.form, request.state.user, request.state.set_cookies = FormData(), None, []
        too_large = False
        if request.method not in SAFE_METHODS:
            try:
                request.state.form = await _form(request)
            except RefusedForm:
                too_large = True
        if is_slow:
            slow: anyio.CapacityLimiter = request.app.state.slow
            return await anyio.to_thread.run_sync(_guarded, request, handler, access, too_large, limiter=slow)
        return await run_in_threadpool(_guarded, request, handler, access, too_large)

    endpoint.access = access  # type: ignore[attr-defined]
    return endpoint


async def _form(request: Request) -> FormData:
    """The form of a change; its size is capped before it is parsed, whatever its declared length."""
    received = 0
    chunks: list[bytes] = []
    async for chunk in request.stream():
        received += len(chunk)
        if received > FORM_BYTES:
            raise RefusedForm("提交的内容太大")
        chunks.append(chunk)
    request._body = b"".join(chunks)  # what Starlette's own body() keeps; form() reads it from here
    return await request.form(max_files=0, max_fields=2000, max_part_size=FORM_BYTES)


def _guarded(request: Request, handler: Handler, access: Access, too_large: bool) -> Response:
    """The handler's answer or an error page; either way with the cookies that were set on the way."""
    try:
        if too_large:
            raise RefusedForm("提交的内容太大，没有照办")
        response = _answer(request, handler, access)
    except Exception as error:  # noqa: BLE001 - every fault of a page becomes a page that says so
        from console import errors

        response = errors.answer(request, error)
    sessions.send_cookies(request, response)
    return response


def _answer(request: Request, handler: Handler, access: Access) -> Response:
    sessions.attach(request)
    user: User | None = request.state.user
    if not access.is_public:
        if user is None:
            return _to_sign_in(request)
        if not user.roles & access.roles:
            raise Forbidden("这一页不在您的角色权限内")
        if user.must_change and request.url.path not in ("/password", "/sign-out"):
            return RedirectResponse("/password", 303)
    if request.method not in SAFE_METHODS:
        _check_form(request)
    return handler(request)


def _to_sign_in(request: Request) -> Response:
    """Whoever had a session is told that it ended; what was sent with a form is not kept, and they are told so."""
    ended = "ended=yes&" if sessions.cookie_name(request) in request.cookies else ""
    if request.method not in SAFE_METHODS:
        return RedirectResponse(f"/sign-in?ended=form&next={quote(page_before(request))}", 303)
    where = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if where == "/":
        return RedirectResponse(f"/sign-in?{ended}".rstrip("?&"), 303)
    return RedirectResponse(f"/sign-in?{ended}next={quote(where)}", 303)


def page_before(request: Request) -> str:
    """The page of ours that led here, as a path; the first page where it is none of ours or unknown."""
    before = urlsplit(request.headers.get("referer", ""))
    if f"{before.scheme}://{before.netloc}" != origin_of(request):
        return "/"
    return before.path + (f"?{before.query}" if before.query else "") or "/"


def _check_form(request: Request) -> None:
    """Raises RefusedForm unless the form comes from a page of ours, shown to this very session."""
    origin = request.headers.get("origin")
    if origin is None:
        referrer = urlsplit(request.headers.get("referer", ""))
        origin = f"{referrer.scheme}://{referrer.netloc}" if referrer.netloc else None
    if origin is not None and origin != origin_of(request):
        raise RefusedForm("这次提交来自别的网站，没有照办")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusedForm("这次提交来自别的网站，没有照办")
    token = request.state.form.get("csrf") or request.headers.get("x-csrf-token") or ""
    if not isinstance(token, str) or not hmac.compare_digest(token.encode(), request.state.csrf.encode()):
        raise RefusedForm("页面已经过期，没有照办；请回到上一页刷新后再提交")
