"""What surrounds every answer: security headers, and the names this server answers to."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.settings import Settings

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Guard:
    """ASGI middleware: refuses unknown Host headers, adds headers to everything, static files included."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Guard this application."""
        self._app = app
        names = settings.allowed_hosts
        if not names and settings.is_loopback and not settings.behind_proxy:
            names = _LOOPBACK_NAMES  # a page elsewhere cannot point a name of its own at this machine (DNS rebinding)
        self._names = frozenset(n.casefold() for n in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        host = Headers(scope=scope).get("host", "").casefold()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if self._names and name not in self._names:
            await PlainTextResponse("Unknown host.", 400)(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)
