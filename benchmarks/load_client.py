"""A browser for load tests that costs next to nothing: one kept connection, cookies, forms, no redirects followed."""

from __future__ import annotations

import http.client
from urllib.parse import urlencode, urlsplit

_SECONDS = 60


class Answer:
    """What came back: the status and the text."""

    __slots__ = ("status", "text")

    def __init__(self, status: int, text: str) -> None:
        """Keep both."""
        self.status = status
        self.text = text


class Browser:
    """One person's browser. Not for use by several threads."""

    def __init__(self, url: str) -> None:
        """Talk to this server."""
        parts = urlsplit(url)
        self._origin = url
        self._line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Ask for a page. Raises OSError, http.client.HTTPException."""
        return self._ask("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form. Raises as `get`."""
        return self._ask("POST", path, urlencode(form))

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()), "Origin": self._origin}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # the server had hung up on a quiet connection, as servers do: browsers call again
            self._line.close()
            self._line.request(method, path, body, headers)
            answer = self._line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return Answer(answer.status, text)
