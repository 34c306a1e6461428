"""The process of one query as its parent sees it: started anew by Python, or forked from one that waits."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from warehouse.engine import LAKE_DATA

_ROOT = str(Path(__file__).resolve().parent.parent)
_CHILD = f"import sys; sys.path.insert(0, {_ROOT!r}); from warehouse.query_child import main; main()"
_TIME_ZONE = "Asia/Shanghai"


class QueryProcess(Protocol):
    """A process that answers one request."""

    def send(self, request: bytes) -> None:
        """Hand over the request; there is no more to come after it."""

    def is_ready(self, seconds: float) -> bool:
        """Whether it says within so many seconds that it has opened the warehouse; at its end too."""

    def read(self, seconds: float) -> bytes:
        """All that it writes. Raises TimeoutError when it goes on for longer."""

    def kill(self) -> None:
        """End it at once; one that has ended stays ended."""

    def end(self) -> None:
        """Kill it if it still runs, and let go of it."""


def environment() -> dict[str, str]:
    """What of our environment a query of a file needs: no key and no password is among it."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": _TIME_ZONE}


def _login() -> dict[str, str]:
    """Where the server's client library, and a lakehouse's storage, look for what is not in the URL."""
    from warehouse.lake.storage import VARIABLES

    return {k: v for k, v in os.environ.items() if k in ("HOME", LAKE_DATA, *VARIABLES) or k.startswith("PG")}


class Started:
    """A Python of its own."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code; the statement goes over stdin
            [sys.executable, "-I", "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**_login(), **environment()},
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )

    def send(self, request: bytes) -> None:
        """See `QueryProcess`."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it died at once; its end is read below
            self._process.stdin.write(request)
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdin = None

    def is_ready(self, seconds: float) -> bool:
        """See `QueryProcess`."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if ready:
            self._process.stdout.read(1)
        return bool(ready)

    def read(self, seconds: float) -> bytes:
        """See `QueryProcess`."""
        try:
            return self._process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired as e:
            raise TimeoutError from e

    def kill(self) -> None:
        """See `QueryProcess`; whatever it may have started goes with it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """See `QueryProcess`."""
        if self._process.poll() is None:
            self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
