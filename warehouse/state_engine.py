"""The one gate through which all SQL of the state store goes: what an engine must do, whichever it is.

The SQL behind it is written once, in words that SQLite and PostgreSQL both know: `?` and `?1` for values, conflict
targets named, no function that only one of them has. `warehouse.state_file` is the embedded engine, the default;
`warehouse.state_server` the one on a server.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from warehouse.state_schema import MIGRATIONS

VARIABLE = "QINGQIAN_STATE"
"""Names the server; not set, the store lies in the home."""
BUSY_SECONDS = 30.0
"""How long a writer waits for the others before it gives up."""


class StateDamagedError(Exception):
    """The state store cannot be used: damaged, made by a newer version, not the one that belongs to the home, or out of
    reach."""


class StateBusyError(StateDamagedError):
    """Another writer held the store for longer than `BUSY_SECONDS`."""


class StateServerError(StateDamagedError):
    """The server of the state store does not answer or refuses; one sentence says why and what to do."""


def kept(value: Any) -> Any:
    """A value as every engine can keep it: PostgreSQL takes no U+0000 in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


class Answer(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """Rows that it changed."""

    def fetchone(self) -> Any:
        """The next row; None after the last."""

    def fetchall(self) -> list[Any]:
        """The rows left."""

    def __iter__(self) -> Iterator[Any]: ...


class StateEngine(Protocol):
    """A connection to where the state store lies. One writer at a time, as SQLite has it, on every engine: what a
    transaction reads stays as it is until it ends."""

    name: str
    """For people; never a password."""

    @property
    def in_transaction(self) -> bool:
        """Whether `begin` was called and its transaction has not ended."""

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Answer:
        """Run one statement; outside a transaction it is one by itself."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""

    def begin(self) -> None:
        """Begin a transaction, alone among writers."""

    def commit(self) -> None:
        """Keep what the transaction did."""

    def rollback(self) -> None:
        """Undo what the transaction did."""

    def version(self) -> int:
        """How many migrations the store has had."""

    def migrate(self, number: int, script: Iterable[str]) -> None:
        """Run the statements of a migration and count it, inside a transaction."""

    def close(self) -> None:
        """Give the connection back."""


def bring_up(engine: StateEngine) -> None:
    """Run the migrations that a store has not had, each whole or not at all. Raises StateDamagedError for a store that
    has had more than this program knows."""
    had = engine.version()
    if had > len(MIGRATIONS):
        raise StateDamagedError(f"状态库 {engine.name} 由更新的程序版本建立，请升级程序。")
    for number, script in enumerate(MIGRATIONS[had:], had + 1):
        with transaction(engine):
            if engine.version() < number:  # else another process was faster
                engine.migrate(number, _statements(script))


@contextmanager
def transaction(engine: StateEngine) -> Iterator[None]:
    """All or nothing; inside another transaction it is part of that one."""
    if engine.in_transaction:
        yield
        return
    engine.begin()
    try:
        yield
    except BaseException:
        engine.rollback()
        raise
    engine.commit()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one, a trigger with its body as one."""
    buffer = ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            yield buffer
            buffer = ""
    if buffer.strip():
        raise ValueError("a migration ends in the middle of a statement")
