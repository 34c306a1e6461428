"""What a reverse proxy on this machine says of the real visitor, believed only when it is allowed to say it."""

from __future__ import annotations

from starlette.requests import Request

from console.settings import Settings, is_loopback


def trusts(request: Request) -> bool:
    """Whether X-Forwarded-* and the user header of this request are to be believed."""
    settings: Settings = request.app.state.settings
    return settings.behind_proxy and request.client is not None and is_loopback(request.client.host)


def address_of(request: Request) -> str:
    """The visitor's address: the last one the proxy added, else the connection's."""
    if trusts(request):
        told = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        if told:
            return told[:64]
    return request.client.host if request.client else ""


def is_secure(request: Request) -> bool:
    """Whether the visitor speaks HTTPS."""
    return (trusts(request) and request.headers.get("x-forwarded-proto") == "https") or request.url.scheme == "https"


def host_of(request: Request) -> str:
    """The host the visitor typed."""
    if trusts(request) and request.headers.get("x-forwarded-host"):
        return request.headers["x-forwarded-host"].split(",")[-1].strip()
    return request.headers.get("host", "")


def origin_of(request: Request) -> str:
    """This site as the visitor's browser names it."""
    return f"{'https' if is_secure(request) else 'http'}://{host_of(request)}"


def named_user(request: Request) -> str | None:
    """Who has signed in at the proxy (OIDC), when a user header is set and to be believed."""
    settings: Settings = request.app.state.settings
    if settings.user_header is None or not trusts(request):
        return None
    return request.headers.get(settings.user_header) or None
