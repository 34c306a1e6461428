"""The one-time code that lets the first person make the first account: there is no default password."""

from __future__ import annotations

import hmac
import secrets
import threading

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what is easily misread
_TRIES = 20


class SetupCode:
    """A code shown in the terminal of whoever started the server; worthless once used or guessed at too often."""

    def __init__(self) -> None:
        """Make a new code."""
        self.text = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        self._left = _TRIES
        self._lock = threading.Lock()

    def matches(self, typed: str) -> bool:
        """Whether this is the code; blanks and case do not matter."""
        with self._lock:
            if self._left <= 0:
                return False
            ok = hmac.compare_digest("".join(typed.split()).upper().encode(), self.text.encode())
            if not ok:
                self._left -= 1
            return ok

    def use_up(self) -> None:
        """The first account is made."""
        with self._lock:
            self._left = 0
