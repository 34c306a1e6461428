"""Running a reader's query: on their limited warehouse, a few at a time, ended when they say so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.access import Cancel, Limits, QueryError, QueryResult, run_query
from warehouse.query_forks import Forks
from warehouse.query_process import environment

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 6
"""Queries that run at the same time; each has a process of its own with a gigabyte at most."""
PER_PERSON = 2
_PATIENCE = 20.0  # seconds to wait for a turn


class Queries:
    """The queries that run now, by who asked and the key that the page gave them."""

    def __init__(self) -> None:
        """None yet."""
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._running: dict[tuple[int, str], Cancel] = {}
        self._forks = Forks(environment()) if Forks.is_possible() else None

    def run(self, user_id: int, key: str, home: Path, sql: str, path: Path, limits: Limits) -> QueryResult:
        """Run one query. Raises QueryError, also where too many run already or it was cancelled."""
        with self._entered(user_id, key) as cancel:
            if not self._turns.acquire(timeout=_PATIENCE):
                raise QueryError("busy", "现在查询的人太多，请稍后再试。")
            try:
                return run_query(home, sql, limits, path=path, cancel=cancel, forks=self._forks)
            finally:
                self._turns.release()

    def cancel(self, user_id: int, key: str) -> bool:
        """End a query of this person; False where it is over already."""
        with self._lock:
            found = self._running.get((user_id, key))
        if found is not None:
            found.cancel()
        return found is not None

    @contextmanager
    def _entered(self, user_id: int, key: str) -> Iterator[Cancel]:
        cancel = Cancel()
        with self._lock:
            if sum(who == user_id for who, _ in self._running) >= PER_PERSON or (user_id, key) in self._running:
                raise QueryError("busy", f"您已有 {PER_PERSON} 个查询在运行；请等它们结束，或先取消。")
            self._running[user_id, key] = cancel
        try:
            yield cancel
        finally:
            with self._lock:
                del self._running[user_id, key]


def rows_of(table: pa.Table, limit: int) -> list[list[Any]]:
    """The first rows of a result."""
    shown = table.slice(0, limit)
    columns = [shown.column(i).to_pylist() for i in range(shown.num_columns)]
    return [list(row) for row in zip(*columns, strict=True)]


def points_of(table: pa.Table, *, most: int = 40) -> tuple[str, str, list[tuple[str, Any]]] | None:
    """What a simple chart shows: the first column that names something and the first that counts it.

    None where there is no such pair, or fewer than two or more than `most` rows.
    """
    import pyarrow.types as pt

    if not 2 <= table.num_rows <= most:
        return None
    named = [f.name for f in table.schema if pt.is_string(f.type) or pt.is_date(f.type) or pt.is_large_string(f.type)]
    counted = [f.name for f in table.schema if pt.is_integer(f.type) or pt.is_floating(f.type) or pt.is_decimal(f.type)]
    if not named or not counted or table.column_names.count(named[0]) > 1 or table.column_names.count(counted[0]) > 1:
        return None
    labels, values = table.column(named[0]).to_pylist(), table.column(counted[0]).to_pylist()
    points = [(str(a), b) for a, b in zip(labels, values, strict=True) if a is not None and _is_finite(b)]
    return (named[0], counted[0], points) if len(points) >= 2 else None


def _is_finite(value: Any) -> bool:
    return value is not None and value == value and abs(value) != float("inf")
