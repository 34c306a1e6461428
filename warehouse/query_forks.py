"""A process that waits with all that a query needs already loaded, and forks one child for each query.

Starting Python and loading DuckDB and Arrow takes ten times what most queries take. A fork of a process that has them
takes a hundredth, and the child is what it always was: of one query, limited by the kernel, killed when its time is up.
The waiting process opens no warehouse and runs no statement, so that nothing of one query is there for the next.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parent.parent)
_WAITING = f"import sys; sys.path.insert(0, {_ROOT!r}); from warehouse.query_forks import wait; wait(int(sys.argv[1]))"
_WANTED = b"q"
_BLOCK = 1 << 20


class ForkError(Exception):
    """The waiting process is not there and could not be started."""


class Forked:
    """A child that was forked for one query: its request goes to `stdin`, its answer comes from `stdout`."""

    def __init__(self, handle: int, stdin: int, stdout: int) -> None:
        """`handle` is what the kernel knows the process by (a pidfd): it never comes to mean another one."""
        self._handle: int | None = handle
        self._stdin: int | None = stdin
        self._stdout = stdout
        self._lock = threading.Lock()

    def send(self, request: bytes) -> None:
        """Hand over the request; there is no more to come after it."""
        assert self._stdin is not None
        with os.fdopen(self._stdin, "wb", buffering=0) as stdin, contextlib.suppress(BrokenPipeError):
            self._stdin = None
            while request:
                request = request[stdin.write(request) or 0 :]

    def is_ready(self, seconds: float) -> bool:
        """Whether it says within so many seconds that it has opened the warehouse; at its end too."""
        ready, _, _ = select.select([self._stdout], [], [], seconds)
        if ready:
            os.read(self._stdout, 1)
        return bool(ready)

    def read(self, seconds: float) -> bytes:
        """All that it writes. Raises TimeoutError when it goes on for longer."""
        until = time.monotonic() + seconds
        blocks: list[bytes] = []
        while True:
            ready, _, _ = select.select([self._stdout], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError
            block = os.read(self._stdout, _BLOCK)
            if not block:
                return b"".join(blocks)
            blocks.append(block)

    def kill(self) -> None:
        """End it at once; one that has ended stays ended."""
        with self._lock:
            if self._handle is not None:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def end(self) -> None:
        """Kill it if it still runs, and let go of it."""
        self.kill()
        with self._lock:
            for fd in (self._handle, self._stdin, self._stdout):
                if fd is not None:
                    os.close(fd)
            self._handle = self._stdin = None


class Forks:
    """Forks children for queries; the waiting process is started with the first and again when it has died."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """The environment that children get: nothing of ours that they do not need."""
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @staticmethod
    def is_possible() -> bool:
        """Whether this system has what it takes (Linux 5.3 and newer)."""
        return hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal") and hasattr(socket, "send_fds")

    def fork(self) -> Forked:
        """A new child. Raises ForkError when there is none to be had."""
        with self._lock:
            for _ in range(2):
                line = self._line or self._start()
                with contextlib.suppress(OSError, EOFError):
                    return self._ask(line)
                self._stop()
        raise ForkError

    def close(self) -> None:
        """End the waiting process; children that run go on to their end."""
        with self._lock:
            self._stop()

    def _ask(self, line: socket.socket) -> Forked:
        in_read, in_write = os.pipe()
        out_read, out_write = os.pipe()
        try:
            socket.send_fds(line, [_WANTED], [in_read, out_write])
            answer, handles, _, _ = socket.recv_fds(line, 1, 1)
            if not answer or not handles:
                raise EOFError
        except BaseException:
            os.close(in_write)
            os.close(out_read)
            raise
        finally:
            os.close(in_read)
            os.close(out_write)
        os.set_inheritable(handles[0], False)
        return Forked(handles[0], in_write, out_read)

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                    [sys.executable, "-I", "-c", _WAITING, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=self._environment,
                    cwd="/",
                    start_new_session=True,
                    pass_fds=[theirs.fileno()],
                )
            except OSError as e:
                ours.close()
                raise ForkError from e
        self._line = ours
        return ours

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:  # it ends by itself when nobody holds the other end of its line
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def wait(number: int) -> None:
    """What the waiting process does until the other end of its line is closed: fork a child for each byte."""
    import gc

    from warehouse.query_child import load, main

    load()
    gc.collect()
    gc.freeze()  # children share these pages for as long as nobody counts references on them
    line = socket.socket(fileno=number)
    while True:
        asked, given, _, _ = socket.recv_fds(line, 1, 2)
        if not asked:
            return
        with contextlib.suppress(ChildProcessError):  # those that have ended since
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        child = os.fork()
        if child == 0:
            status = 1
            try:
                line.close()
                os.setsid()
                os.dup2(given[0], 0)
                os.dup2(given[1], 1)
                os.closerange(3, max(given) + 1)
                main()
                status = 0
            finally:
                os._exit(status)
        handle = os.pidfd_open(child)  # it cannot be anybody else's: only we collect it, and not before the next
        socket.send_fds(line, [_WANTED], [handle])
        for fd in (handle, *given):
            os.close(fd)
