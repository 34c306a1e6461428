"""The published warehouse as pages read it: opened per request, read-only, always the current night.

DuckDB keeps one instance per path in a process: while any request has the file open, another `connect` to the same
path gets that instance, and would go on reading last night's file for as long as requests overlap. So each
publication is opened under a name of its own (a hard link, removed as soon as it is open); requests that overlap
share the instance of their publication, and it is closed when the last of them is done.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.access import connect
from warehouse.publish import warehouse_path
from warehouse.sql_guard import QueryError

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
_MEMORY = 2 << 30


class NoWarehouse(Exception):  # noqa: N818 - a state, not a fault
    """No night has been published yet."""


class Reader:
    """One request's view of one published night. Call it with a statement of ours and bound values."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read through this connection."""
        self.connection = connection

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
    def __init__(self, key: tuple[int, ...], connection: duckdb.DuckDBPyConnection) -> None:
        self.key = key
        self.connection = connection
        self.users = 0


class Warehouse:
    """Opens the published warehouse of a home for one request at a time."""

    def __init__(self, home: Path) -> None:
        """Serve this home; nothing is opened yet."""
        self.path = warehouse_path(home)
        self._links = home / "console" / "reading"
        self._lock = threading.Lock()
        self._instances: dict[tuple[int, ...], _Instance] = {}
        if self._links.is_dir():
            for left in self._links.iterdir():  # a server that was killed between opening and removing
                left.unlink(missing_ok=True)

    @property
    def is_published(self) -> bool:
        """Whether there is a night to read."""
        return self.path.is_file()

    @contextmanager
    def open(self) -> Iterator[Reader]:
        """Read the current publication. Raises NoWarehouse before the first night, QueryError for a damaged file."""
        instance = self._enter()
        try:
            cursor = instance.connection.cursor()
            try:
                yield Reader(cursor)
            finally:
                cursor.close()
        finally:
            self._leave(instance)

    def _enter(self) -> _Instance:
        key: tuple[int, ...]
        with self._lock:
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                raise NoWarehouse from None
            key = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)
            instance = self._instances.get(key)
            if instance is None:
                key, connection = self._open()
                instance = self._instances.get(key)  # a night was published between looking and opening
                if instance is None:
                    instance = self._instances[key] = _Instance(key, connection)
                else:
                    connection.close()
            instance.users += 1
            return instance

    def _open(self) -> tuple[tuple[int, ...], duckdb.DuckDBPyConnection]:
        self._links.mkdir(parents=True, exist_ok=True)
        link = self._links / f"{uuid.uuid4().hex}.duckdb"
        try:
            link.hardlink_to(self.path)
        except FileNotFoundError:
            raise NoWarehouse from None
        try:
            stat = link.stat()
            connection = connect(link, memory=_MEMORY, threads=max(1, os.cpu_count() or 1))
        finally:
            link.unlink()
        return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size), connection

    def _leave(self, instance: _Instance) -> None:
        with self._lock:
            instance.users -= 1
            if instance.users == 0:
                del self._instances[instance.key]
                instance.connection.close()


__all__ = ["NoWarehouse", "QueryError", "Reader", "Row", "Warehouse"]
