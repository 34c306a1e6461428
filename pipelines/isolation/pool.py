"""The parent's side: hand files to limited child processes, and account for every file exactly once.

The library pools do not survive here: one loses every waiting task when a worker dies, the other hangs. This one is
a single loop over the children's sockets and exits. Whatever happens to a child becomes a typed `Outcome`; the other
files never notice.
"""

from __future__ import annotations

import fcntl
import os
import selectors
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

import msgspec

from pipelines.isolation import frames
from pipelines.isolation.child import Child, Job
from pipelines.isolation.limits import MIB, Limits
from pipelines.isolation.outcome import ErrorCode, Outcome, Task, exit_words, failure_message, reason, signal_name

__all__ = ["Limits", "Outcome", "PoolError", "Task", "WorkerPool"]

DEFAULT_FUNCTION = "extractors.process:process"
_PREFIX = "qingqian-pool-"
_START_TRIES = 3
_SWEEP_AGE = 60.0
# What allocators say on stderr before they abort a process for want of memory.
_OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "memory allocation of", "Out of memory", "out of memory")


class PoolError(Exception):
    """Children do not even start (an installation problem, not a file's fault). The message is one Chinese sentence;
    `detail` holds what the last of them wrote to stderr."""

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


class WorkerPool:
    """A few child processes that parse files. Use as a context manager, from one thread.

    `function` is what the children call for every file, as `module:function`; `entry` the module they run as.
    The thread that enters the pool must live as long as the pool: the kernel ends children with the thread that
    started them, which is what leaves no orphan when the parent is killed.
    """

    def __init__(
        self,
        workers: int = 2,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        entry: str = "pipelines.isolation.worker",
        *,
        function: str | None = None,
    ) -> None:
        if workers < 1:
            raise ValueError("workers must be at least 1")
        self.workers = workers
        self.limits = limits
        self.protections: tuple[str, ...] | None = None
        self._entry = entry
        self._function = function or os.environ.get("QINGQIAN_PARSE_FUNCTION") or DEFAULT_FUNCTION
        self._selector: selectors.BaseSelector
        self._children: list[Child] = []
        self._base: Path | None = None
        self._lock = -1
        self._failed_starts = 0
        self._start_failure = ("", "")
        self._running = False

    @property
    def network_isolated(self) -> bool | None:
        """True when children cannot reach a network, False when this system does not allow to cut it off; None
        before the first child is ready."""
        if self.protections is None:
            return None
        return "network_namespace" in self.protections or "seccomp" in self.protections

    def __enter__(self) -> Self:
        _sweep()
        self._selector = selectors.DefaultSelector()
        self._base = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = os.open(self._base / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._refill()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children and delete their folders; safe to call twice."""
        while self._children:
            self._children.pop().end()
        if self._base is not None:
            self._selector.close()
            shutil.rmtree(self._base, ignore_errors=True)
            os.close(self._lock)
            self._base = None

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Parse every task and yield one outcome each, in the order they finish.

        Tasks are taken one by one as children become free. Leaving the iteration early ends what is in flight.
        Raises PoolError when no child can be started.
        """
        if self._base is None:
            raise RuntimeError("use the pool as a context manager")
        if self._running:
            raise RuntimeError("one run at a time")
        self._running, self._failed_starts = True, 0
        waiting = iter(tasks)
        retries: deque[Job] = deque()
        more = True
        try:
            while True:
                self._refill()
                for child in [c for c in self._children if c.ready and c.job is None]:
                    # a file that crashed goes to a child no other file has been through
                    if retries and child.done == 0:
                        child.give(retries.popleft())
                    elif more:
                        task = next(waiting, None)
                        if task is None:
                            more = False
                        else:
                            child.give(Job(task))
                    elif retries and all(c.ready for c in self._children):
                        self._discard(child)  # worn ones only: make room for a fresh one
                if not more and not retries and all(c.job is None for c in self._children):
                    return
                self._refill()
                for outcome in self._turn():
                    if isinstance(outcome, Job):
                        retries.append(outcome)
                        continue
                    left = time.monotonic()
                    yield outcome
                    self._excuse(time.monotonic() - left)
                if self._failed_starts >= _START_TRIES:
                    raise PoolError(*self._start_failure)
        finally:
            for child in [c for c in self._children if c.job is not None]:
                self._discard(child)
            self._running = False

    def _excuse(self, pause: float) -> None:
        """While the caller was busy nobody fetched answers: children in the middle of one are not to blame."""
        for child in self._children:
            if child.answering:
                child.since += pause

    def _turn(self) -> list[Outcome | Job]:
        """Wait for something to happen and settle it: outcomes, and jobs that deserve a second try."""
        deadlines = [d for c in self._children if (d := c.deadline) is not None]
        timeout = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        settled: list[Outcome | Job] = []
        exited: list[Child] = []
        for key, _ in self._selector.select(timeout):
            child, what = key.data
            if what == "exit":
                exited.append(child)
            elif child in self._children and what == "errors":
                child.on_errors()
            elif child in self._children:
                self._hear(child, settled)
        for child in exited:
            if child in self._children:
                self._hear(child, settled)  # its last words may still lie in the socket
            if child in self._children:
                self._settle_death(child, settled)
        now = time.monotonic()
        for child in [c for c in self._children if (d := c.deadline) is not None and d <= now]:
            self._settle_timeout(child, settled)
        return settled

    def _hear(self, child: Child, settled: list[Outcome | Job]) -> None:
        """Read from one child; a whole frame or a broken one settles its task."""
        try:
            frame = child.on_socket()
        except frames.FrameError as error:
            self._discard(child)
            if child.job is not None:
                code: ErrorCode = "output_too_large" if error.too_large else "protocol"
                settled.append(self._failure(child, code, str(error), seconds=child.elapsed))
            return
        if frame is not None:
            self._settle_frame(child, frame, settled)

    def _settle_frame(self, child: Child, frame: frames.Frame, settled: list[Outcome | Job]) -> None:
        """A child said something: it is ready, or has an answer."""
        if frame.kind == frames.READY and not child.ready:
            hello = msgspec.json.decode(frame.body, type=frames.ReadyBody)
            self.protections, child.max_rss_at_start = hello.protections, hello.max_rss
            child.ready = True
            self._failed_starts = 0
            return
        job = child.job
        if job is None:
            self._discard(child)
            return
        if frame.kind == frames.READY:
            self._discard(child)
            settled.append(self._failure(child, "protocol", "ready twice", seconds=child.elapsed))
            return
        child.done += 1
        worn = child.done >= self.limits.recycle_tasks or frame.rss > self.limits.recycle_rss_bytes
        if not frame.fit or worn:
            self._discard(child)
        if frame.kind == frames.RESULT:
            settled.append(
                Outcome(key=job.task.key, ok=True, payload=frame.body, seconds=frame.seconds, attempts=job.attempts)
            )
        else:
            try:
                report = msgspec.json.decode(frame.body, type=frames.FailedBody)
            except msgspec.DecodeError:
                report = frames.FailedBody("protocol", "unreadable failure report")
            code: ErrorCode = report.code if report.code in get_args(ErrorCode) else "protocol"  # type: ignore[assignment]
            settled.append(self._failure(child, code, report.detail, seconds=frame.seconds))
        child.job = None

    def _settle_death(self, child: Child, settled: list[Outcome | Job]) -> None:
        """A child ended by itself, or was ended by someone else."""
        self._discard(child)
        if not child.ready:
            self._note_failed_start(child)
            return
        if child.job is None:
            return
        detail = f"{exit_words(child.returncode)}; {child.errors}"
        seconds = child.elapsed
        if child.returncode is not None and -child.returncode > 0 and signal_name(-child.returncode) == "SIGXCPU":
            settled.append(self._failure(child, "timeout", detail, seconds=seconds))
        elif self._looks_like_memory(child):
            settled.append(self._failure(child, "memory", detail, seconds=seconds))
        elif child.job.attempts < 2:
            settled.append(child.job)
        else:
            settled.append(self._failure(child, "crash", detail, seconds=seconds))

    def _settle_timeout(self, child: Child, settled: list[Outcome | Job]) -> None:
        """A child is over its wall clock: end it."""
        seconds = child.elapsed
        self._discard(child)
        if not child.ready:
            self._note_failed_start(child)
        elif child.job is not None:
            settled.append(self._failure(child, "timeout", child.errors, seconds=seconds))

    def _looks_like_memory(self, child: Child) -> bool:
        """Whether a death was for want of memory: the allocator said so, or it had grown near its limit."""
        if child.max_rss >= 0.8 * self.limits.memory_bytes and child.max_rss > child.max_rss_at_start:
            return True
        return any(word in child.errors for word in _OUT_OF_MEMORY)

    def _failure(self, child: Child, code: ErrorCode, detail: str, *, seconds: float) -> Outcome:
        """The outcome of the child's present job as a failure."""
        assert child.job is not None
        task, attempts = child.job.task, child.job.attempts
        whole = seconds >= self.limits.total_seconds
        what = {
            "timeout": f"{self.limits.total_seconds if whole else child.allowed:g}",
            "memory": f"{self.limits.memory_bytes // MIB}MB",
            "output_too_large": f"{self.limits.output_bytes // MIB}MB",
            "crash": exit_words(child.returncode),
        }.get(code, reason(detail))
        return Outcome(
            key=task.key,
            ok=False,
            error_code=code,
            error_message=failure_message(code, task.name, attempts=attempts, what=what),
            seconds=seconds,
            attempts=attempts,
            detail=detail,
        )

    def _note_failed_start(self, child: Child) -> None:
        """Three children in a row that never became ready: it is not the files."""
        self._failed_starts += 1
        how, said = exit_words(child.returncode), child.errors
        last = said.splitlines()[-1] if said else ""
        self._start_failure = (f"解析子进程无法启动（{how}），请运行 qingqian doctor 检查安装：{last}", said)

    def _refill(self) -> None:
        """Start children until there are as many as wanted."""
        assert self._base is not None
        while len(self._children) < self.workers:
            self._children.append(Child(self._selector, self.limits, self._entry, self._function, self._base))

    def _discard(self, child: Child) -> None:
        """End a child and forget it; its job, if any, stays readable on the handle."""
        self._children.remove(child)
        child.end()


def _sweep() -> None:
    """Delete folders that a killed pool left behind: a minute old, and their lock held by nobody."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if time.time() - folder.stat().st_mtime < _SWEEP_AGE:
                continue  # perhaps just being made, its lock not yet taken
            lock = os.open(folder / "lock", os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            continue  # someone else's, or being made or removed at this moment
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue  # in use
        finally:
            os.close(lock)
