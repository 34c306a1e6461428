"""The parent's handle on one child process: start it, talk to it, end it, clean up after it."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from pipelines.isolation import frames
from pipelines.isolation.limits import Limits
from pipelines.isolation.outcome import Task

_CHUNK = 1 << 20
# What a child may know of the parent's environment; secrets in other variables stay here.
_PASSED_ON = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TZ")


class Job:
    """A task and how often it has been tried."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.attempts = 0


class Child:
    """One process. Its file descriptors are registered with the pool's selector; the data of each key is this
    handle and the word "socket", "errors" or "exit"."""

    def __init__(self, selector: selectors.BaseSelector, limits: Limits, entry: str, function: str, base: Path) -> None:
        self._selector = selector
        self.limits = limits
        self.ready = False
        self.allowed = limits.wall_seconds  # for the present file
        self.job: Job | None = None
        self.done = 0
        self.rss = 0
        self.since = self.begun = time.monotonic()
        self.returncode: int | None = None
        self.max_rss = 0
        self.max_rss_at_start = 0
        self._tail = b""
        self._outbox = b""
        self._reader = frames.FrameReader(limits.output_bytes)
        self.folder = Path(tempfile.mkdtemp(prefix="child-", dir=base))
        with ExitStack() as undo:
            undo.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._socket, theirs = socket.socketpair()
            undo.callback(self._socket.close)
            self._errors, errors_theirs = os.pipe()
            undo.callback(os.close, self._errors)
            with theirs, os.fdopen(errors_theirs, "wb") as printed:
                self._process = self._start(entry, function, theirs, printed)
            undo.pop_all()
        self.pid = self._process.pid
        self._exit = os.pidfd_open(self.pid)
        self._socket.setblocking(False)
        os.set_blocking(self._errors, False)
        for source, what in ((self._socket, "socket"), (self._errors, "errors"), (self._exit, "exit")):
            self._selector.register(source, selectors.EVENT_READ, (self, what))

    def _start(self, entry: str, function: str, theirs: socket.socket, printed: BinaryIO) -> subprocess.Popen[bytes]:
        """Run the child's program in a session of its own. Raises OSError when the system refuses."""
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [
                *(sys.executable, "-P", "-m", entry, str(theirs.fileno()), str(os.getpid()), str(self.folder)),
                *(function, msgspec.json.encode(self.limits).decode()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=printed,  # what a library prints must never reach the protocol or the terminal
            stderr=printed,
            pass_fds=(theirs.fileno(),),
            cwd=self.folder,
            env=_environment(self.folder),
            start_new_session=True,
        )

    @property
    def deadline(self) -> float | None:
        """When the parent ends this child (monotonic seconds); None while it idles."""
        if not self.ready:
            return self.since + self.limits.start_seconds
        if self.job is None:
            return None
        last = self.since + self.allowed
        return last if self.answering else min(last, self.begun + self.limits.total_seconds)

    @property
    def answering(self) -> bool:
        """True when part of an answer has come: parsing is over, and `since` counts the time to fetch the rest."""
        return self._reader.begun

    @property
    def elapsed(self) -> float:
        """Seconds since the present task was given."""
        return time.monotonic() - self.begun

    @property
    def errors(self) -> str:
        """The last lines the child printed."""
        return self._tail.decode("utf-8", "replace").strip()

    def give(self, job: Job) -> None:
        """Start a job; the child must be ready and idle."""
        job.attempts += 1
        self.job, self._tail = job, b""
        self.since = self.begun = time.monotonic()
        task = job.task
        with suppress(OSError):  # the child will say what is wrong with it
            self.allowed = self.limits.wall_seconds + self.limits.seconds_more(Path(task.path).stat().st_size)
        body = msgspec.msgpack.encode(frames.TaskBody(task.path, task.name, task.context))
        self._outbox = frames.header(frames.TASK, len(body)) + body
        self._flush()

    def on_socket(self) -> frames.Frame | None:
        """Send what is waiting, read what has come: a whole frame, or None.

        Raises FrameError for anything that is no frame. The end of the stream is left to the exit event.
        """
        if self._outbox:
            self._flush()
        while True:
            try:
                data = self._socket.recv(_CHUNK)
            except (BlockingIOError, ConnectionError):
                return None
            if not data:
                with suppress(KeyError):
                    self._selector.unregister(self._socket)
                return None
            if not self._reader.begun:
                self.since = time.monotonic()  # a beat came, or an answer begins: the time counts anew
            frame = self._reader.feed(data)
            if frame is not None:
                return frame

    def on_errors(self) -> None:
        """Keep the tail of what the child printed; never show it."""
        for _ in range(16):  # a child that prints without end must not hold up the others
            try:
                data = os.read(self._errors, 65536)
            except BlockingIOError:
                return
            if not data:
                with suppress(KeyError):
                    self._selector.unregister(self._errors)
                return
            self._tail = (self._tail + data)[-self.limits.stderr_bytes :]

    def end(self) -> None:
        """Kill the child and every process in its group, note how it ended, delete its folder."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)  # should it have left its group; not yet reaped, so the id is still its
        self._reap()
        self.on_errors()
        for source in (self._socket, self._errors, self._exit):
            with suppress(KeyError, ValueError):
                self._selector.unregister(source)
        self._socket.close()
        os.close(self._errors)
        os.close(self._exit)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reap(self) -> None:
        """Collect the exit status and the greatest resident size the process ever had."""
        try:
            _, status, usage = os.wait4(self.pid, 0)
        except ChildProcessError:  # someone else in this program collected it
            self._process.returncode = 0
            return
        self.returncode = self._process.returncode = os.waitstatus_to_exitcode(status)
        self.max_rss = usage.ru_maxrss * 1024  # Linux counts in KiB

    def _flush(self) -> None:
        """Send as much of the outbox as the socket takes; ask to be called again for the rest."""
        try:
            sent = self._socket.send(self._outbox)
        except BlockingIOError:
            sent = 0
        except ConnectionError:  # it has died; the exit event tells the rest
            sent = len(self._outbox)
        self._outbox = self._outbox[sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outbox else 0)
        with suppress(KeyError):
            if self._selector.get_key(self._socket).events != wanted:
                self._selector.modify(self._socket, wanted, (self, "socket"))


def _environment(folder: Path) -> dict[str, str]:
    """The child's environment: small, the same on every machine, importable packages included."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join([root, *filter(None, [kept.get("PYTHONPATH")])])
    return kept | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",  # the same order of sets in every child, so the same bytes out
        "PYTHONNOUSERSITE": "1",
        # one file, one processor; also keeps thread stacks out of the address space limit
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        # Arrow's own allocator reserves address space by the gigabyte, and the limit counts what is reserved
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
