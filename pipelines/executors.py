"""Where files are read: `QINGQIAN_EXECUTOR` is `local` (limited children of this machine, the default), `spark://…` or
`sc://…` (a cluster).

`QINGQIAN_EXECUTOR_FALLBACK=local` has the night read here when the cluster is away; without it such a night is tried
again twice by its step and then fails, with everything read so far kept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from pipelines.isolation.outcome import Outcome, Task
from pipelines.reading import Executor, ExecutorError, Executors, Finished, in_children

VARIABLE = "QINGQIAN_EXECUTOR"
FALLBACK = "QINGQIAN_EXECUTOR_FALLBACK"
TRIES = 3
WAIT_SECONDS = 30.0


def address_set() -> str | None:
    """The cluster's address that is set; None for this machine. Raises ExecutorError for what is neither."""
    given = os.environ.get(VARIABLE, "").strip() or "local"
    if given == "local":
        return None
    scheme, _, rest = given.partition("://")
    if scheme not in ("spark", "sc") or not rest:
        raise ExecutorError(
            f"{VARIABLE}={given} 不认识；可以是 local、spark://主机:7077（独立集群）"
            "或 sc://主机:15002（Spark Connect）。"
        )
    return given


def falls_back() -> bool:
    """Whether a night reads here when the cluster is away. Raises ExecutorError for a value that is not known."""
    given = os.environ.get(FALLBACK, "").strip() or "none"
    if given not in ("none", "local"):
        raise ExecutorError(f"{FALLBACK}={given} 不认识；可以是 local（集群不在就在本机读）或 none。")
    return given == "local"


def executors_set(home: Path) -> Executors:
    """The executors of the setting. Raises ExecutorError when it is wrong; a cluster is only spoken to at its use."""
    address = address_set()
    fallback = falls_back()
    if address is None:
        return in_children
    from pipelines.spark.cluster import on_cluster

    executors = on_cluster(address, home)
    return WithFallback(executors) if fallback else executors


def executor_answer(home: Path) -> tuple[dict[str, Any], bool]:
    """The executor set and whether it can work, by trying it: `executor`, `answer`, and `checks` of a cluster."""
    try:
        address = address_set()
        falls_back()
    except ExecutorError as e:
        return {"executor": None, "answer": str(e), "checks": []}, False
    if address is None:
        return {"executor": "local", "answer": "本机受限子进程，不需要集群", "checks": []}, True
    from pipelines.spark.checkup import checkup

    checks = checkup(address, home)
    is_well = all(c.is_well for c in checks)
    answer = "可以使用" if is_well else checks[-1].said
    return {"executor": address, "answer": answer, "checks": [msgspec.to_builtins(c) for c in checks]}, is_well


class WithFallback:
    """Executors that read here what the cluster does not, after asking it some times; `away` then says why."""

    def __init__(self, executors: Executors, *, tries: int = TRIES, wait: float = WAIT_SECONDS) -> None:
        self.away: str | None = None
        self._executors = executors
        self._tries = tries
        self._wait = wait

    @contextmanager
    def __call__(self, workers: int) -> Iterator[Executor]:
        """An executor that has the cluster open from its first file on."""
        with ExitStack() as stack:
            yield _Either(self, workers, stack)

    def open(self, workers: int, stack: ExitStack) -> Executor:
        """The cluster. Raises ExecutorError, a passing one after so many tries only."""
        for left in reversed(range(self._tries)):
            try:
                return stack.enter_context(self._executors(workers))
            except ExecutorError as e:
                if not (e.passing and left):
                    raise
            time.sleep(self._wait)
        raise ValueError("tries must be at least 1")


class _Either:
    """The cluster while it is there, children of this machine afterwards."""

    def __init__(self, owner: WithFallback, workers: int, stack: ExitStack) -> None:
        self._owner = owner
        self._workers = workers
        self._stack = stack
        self._cluster: Executor | None = None

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | Finished]:
        """One outcome for each task; those the cluster did not give are read here."""
        waiting = {t.key: t for t in tasks}
        if self._owner.away is None:
            try:
                if self._cluster is None:
                    self._cluster = self._owner.open(self._workers, self._stack)
                for outcome in self._cluster.run(list(waiting.values())):
                    del waiting[outcome.key]
                    yield outcome
            except ExecutorError as e:
                if not e.passing:
                    raise
                self._owner.away = str(e)
        if waiting:
            with in_children(min(self._workers, len(waiting))) as here:
                yield from here.run(waiting.values())
