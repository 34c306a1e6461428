"""The published warehouse as pages read it: a cursor per request, read-only, always the current night.

DuckDB keeps one instance per path in a process: while any request has the file open, another `connect` to the same
path gets that instance, and would go on reading last night's file for as long as requests overlap. So each
publication is opened under a name of its own (a hard link, removed as soon as it is open), and requests share the
instance of their publication. Opening costs more than most pages, so an instance is kept for a while after its last
request. It stands in nobody's way: publishing renames, and an instance is closed when a newer night is read or after
`LEASE` seconds without a request, so that the space of an old night is free again soon.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from warehouse.access import connect
from warehouse.publish import warehouse_path
from warehouse.sql_guard import QueryError

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
T = TypeVar("T")
_MEMORY = 2 << 30
# A page's statement runs in the thread of its request: most take a millisecond, of which handing parts of it to other
# threads would be a third, and with many people at work there is no core left over to hand them to.
_THREADS = 1
_REMEMBERED = 512
LEASE = 30.0
"""Seconds for which a publication stays open after the last request that read it."""


class NoWarehouse(Exception):  # noqa: N818 - a state, not a fault
    """No night has been published yet."""


class _Memory:
    """What was computed of one publication, which never changes; the least used is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:  # those who ask for the same at once wait for one of them to compute it
            with self._lock:
                if key in self._known:
                    self._known.move_to_end(key)
                    found: T = self._known[key]
                    return found
            value = make()
            with self._lock:
                self._known[key] = value
                if len(self._known) > _REMEMBERED:
                    gone, _ = self._known.popitem(last=False)
                    self._making.pop(gone, None)
            return value


class Reader:
    """One request's view of one published night. Call it with a statement of ours and bound values."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, memory: _Memory) -> None:
        """Read through this connection."""
        self.connection = connection
        self._memory = memory

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` computes, kept as long as this publication is current.

        `key` must hold all that the value depends on: above all the user's regions, and never a user's own state.
        The value is shared by requests: do not change it.
        """
        return self._memory.get(key, make)

    def __call__(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """The rows of a statement as dicts. Values go in `params`, never into the text."""
        found = self.connection.execute(sql, params)
        names = [d[0] for d in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> Row | None:
        """The first row; None when there is none."""
        found = self(sql, params)
        return found[0] if found else None

    def value(self, sql: str, params: Sequence[object] | dict[str, object] = ()) -> Any:
        """The first value of the first row; None when there is no row."""
        row = self.connection.execute(sql, params).fetchone()
        return None if row is None else row[0]


class _Instance:
    def __init__(self, key: tuple[int, ...], connection: duckdb.DuckDBPyConnection, memory: _Memory) -> None:
        self.key = key
        self.connection = connection
        self.memory = memory
        self.users = 0
        self.left_at = 0.0


class Warehouse:
    """Opens the published warehouse of a home for one request at a time."""

    def __init__(self, home: Path) -> None:
        """Serve this home; nothing is opened yet."""
        self.path = warehouse_path(home)
        self._links = home / "console" / "reading"
        self._lock = threading.Lock()
        self._instances: dict[tuple[int, ...], _Instance] = {}
        self._is_sweeping = False
        self._memory: tuple[tuple[int, ...], _Memory] = ((), _Memory())
        if self._links.is_dir():
            for left in self._links.iterdir():  # a server that was killed between opening and removing
                left.unlink(missing_ok=True)

    @property
    def is_published(self) -> bool:
        """Whether there is a night to read."""
        return self.path.is_file()

    @property
    def published(self) -> Hashable | None:
        """What tells the current publication from others; None before the first."""
        return self._key()

    @contextmanager
    def open(self) -> Iterator[Reader]:
        """Read the current publication. Raises NoWarehouse before the first night, QueryError for a damaged file."""
        instance = self._enter()
        try:
            cursor = instance.connection.cursor()
            try:
                yield Reader(cursor, instance.memory)
            finally:
                cursor.close()
        finally:
            self._leave(instance)

    def _enter(self) -> _Instance:
        with self._lock:
            key = self._key()
            if key is None:
                raise NoWarehouse
            instance = self._instances.get(key)
            if instance is None:
                key, connection = self._open()
                instance = self._instances.get(key)  # a night was published between looking and opening
                if instance is None:
                    if self._memory[0] != key:
                        self._memory = (key, _Memory())
                    instance = self._instances[key] = _Instance(key, connection, self._memory[1])
                else:
                    connection.close()
                self._close_unused(key)
            instance.users += 1
            return instance

    def _open(self) -> tuple[tuple[int, ...], duckdb.DuckDBPyConnection]:
        """Open the file as it is at this moment; once more where another server's start swept the link away."""
        try:
            return self._open_link()
        except QueryError:
            return self._open_link()

    def _open_link(self) -> tuple[tuple[int, ...], duckdb.DuckDBPyConnection]:
        self._links.mkdir(parents=True, exist_ok=True)
        link = self._links / f"{uuid.uuid4().hex}.duckdb"
        try:
            link.hardlink_to(self.path)
        except FileNotFoundError:
            raise NoWarehouse from None
        try:
            stat = link.stat()
            connection = connect(link, memory=_MEMORY, threads=_THREADS)
        except FileNotFoundError as e:
            raise QueryError("cannot_open", "仓库文件打不开：另一个工作台正在启动，请重试。") from e
        finally:
            link.unlink(missing_ok=True)
        return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size), connection

    def _leave(self, instance: _Instance) -> None:
        with self._lock:
            instance.users -= 1
            instance.left_at = time.monotonic()
            if not self._is_sweeping:
                self._is_sweeping = True
                threading.Thread(target=self._sweep, name="lease", daemon=True).start()

    def _close_unused(self, key: tuple[int, ...] | None) -> None:
        """Close what nobody reads and is not `key`; call it with the lock held."""
        for other in [i for i in self._instances.values() if i.users == 0 and i.key != key]:
            del self._instances[other.key]
            other.connection.close()

    def _sweep(self) -> None:
        """Close what nobody has read for a while or a newer night has replaced, and end when nothing is open."""
        while True:
            time.sleep(LEASE / 6)
            with self._lock:
                now = time.monotonic()
                idle = all(i.users == 0 and now - i.left_at > LEASE for i in self._instances.values())
                self._close_unused(None if idle else self._key())
                if not self._instances:
                    self._is_sweeping = False
                    return

    def _key(self) -> tuple[int, ...] | None:
        """What tells the current publication from others; None when there is none."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return None
        return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)


__all__ = ["NoWarehouse", "QueryError", "Reader", "Row", "Warehouse"]
