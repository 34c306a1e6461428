"""A process that waits with all that a query needs already loaded, and forks one child for each query.

Starting Python and loading DuckDB and Arrow takes ten times what most queries take. A fork of a process that has them
takes a hundredth, and the child is what it always was: of one query, limited by the kernel, killed when its time is up.

Opening a file of a million rows takes as long as asking it. So of the waiting process, that opens nothing, some more
are forked, each with one file open, read-only and in no thread but its own. They run no statement: nothing of one query
is there for the next, and of other readers' files nothing at all. Each ends when nobody has asked of its file for
`LEASE` seconds, or when it is one too many.
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
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.query_child import Opened

_ROOT = str(Path(__file__).resolve().parent.parent)
_WAITING = f"import sys; sys.path.insert(0, {_ROOT!r}); from warehouse.query_forks import wait; wait(int(sys.argv[1]))"
_WANTED, _OPEN = b"q", b"o"
LEASE = 30.0
"""Seconds for which a process keeps a file open that nobody asks of: the space of an old night is free again then."""
_FILES = 8
_OPENING_SECONDS = 30.0
_LONGEST_PATH = 8192
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
        self._opened: OrderedDict[str, socket.socket] = OrderedDict()

    @staticmethod
    def is_possible() -> bool:
        """Whether this system has what it takes (Linux 5.3 and newer)."""
        return hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal") and hasattr(socket, "send_fds")

    def fork(self, path: str = "") -> Forked:
        """A new child, as a rule with this warehouse file open. Raises ForkError when there is none to be had."""
        with self._lock:
            for _ in range(2 if path else 0):
                if self._process is not None and self._process.poll() is not None:
                    self._stop()
                with contextlib.suppress(OSError, EOFError):
                    return self._ask(self._with_open(path))
                self._let_go(path)
            for _ in range(2):  # it opens the file itself, or says why it cannot
                line = self._line or self._start()
                with contextlib.suppress(OSError, EOFError):
                    return self._ask(line)
                self._stop()
        raise ForkError

    def _with_open(self, path: str) -> socket.socket:
        """The line to the process that has a file open."""
        if path in self._opened:
            self._opened.move_to_end(path)
            return self._opened[path]
        for known in [p for p in self._opened if not Path(p).exists()]:
            self._let_go(known)
        line = self._line or self._start()
        ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        try:
            with theirs:
                socket.send_fds(line, [_OPEN], [theirs.fileno()])
            ours.settimeout(_OPENING_SECONDS)
            ours.send(path.encode())
            if not ours.recv(1):
                raise EOFError
            ours.settimeout(None)
        except BaseException:
            ours.close()
            raise
        self._opened[path] = ours
        if len(self._opened) > _FILES:
            self._let_go(next(iter(self._opened)))
        return ours

    def _let_go(self, path: str) -> None:
        """Let the process that has a file open end."""
        line = self._opened.pop(path, None)
        if line is not None:
            line.close()

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
        for path in list(self._opened):
            self._let_go(path)
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
    from warehouse.query_child import load

    load()
    _serve(socket.socket(fileno=number))


def _serve(line: socket.socket, opened: Opened | None = None) -> None:
    import gc

    from warehouse.query_child import main, opened_at

    gc.collect()
    gc.freeze()  # children share these pages for as long as nobody counts references on them
    while opened is None or select.select([line], [], [], LEASE)[0]:
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
                if asked == _OPEN:
                    own = socket.socket(fileno=given[0])
                    warehouse = opened_at(own.recv(_LONGEST_PATH).decode())
                    own.send(_WANTED)
                    _serve(own, warehouse)
                else:
                    os.dup2(given[0], 0)
                    os.dup2(given[1], 1)
                    for fd in given:
                        os.close(fd)
                    main(opened)
                status = 0
            finally:
                os._exit(status)
        if asked == _WANTED:
            handle = os.pidfd_open(child)  # it cannot be anybody else's: only we collect it, and not before the next
            socket.send_fds(line, [_WANTED], [handle])
            os.close(handle)
        for fd in given:
            os.close(fd)
