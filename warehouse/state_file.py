"""The state store in a file of the home: SQLite in WAL mode with synchronous=FULL, the default."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from warehouse.durable import NoRoomError, no_room
from warehouse.state_engine import BUSY_SECONDS, Answer, StateDamagedError, bring_up

_BUSY_MS = int(BUSY_SECONDS * 1000)
# Writers of one process take turns here: SQLite has those who find the store locked sleep and try again, and with
# twenty people deciding at once the unlucky one sleeps for many seconds.
_TURNS: dict[Path, threading.Lock] = {}


class FileEngine:
    """An open file; see `warehouse.state_engine.StateEngine`."""

    def __init__(self, path: Path) -> None:
        """Open or make the file.

        Raises StateDamagedError, NoRoomError when the disk is full, sqlite3.OperationalError when the folder refuses.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self.name = str(path)
        self._turn = _TURNS.setdefault(path.absolute(), threading.Lock())
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
                self._db.execute(f"PRAGMA {pragma}")
            bring_up(self)
            problem = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except StateDamagedError:
            self._db.close()
            raise
        except sqlite3.DatabaseError as e:
            self._db.close()
            raise self._told(e) from e
        if problem != "ok":
            self._db.close()
            raise StateDamagedError(f"状态库 {path} 已损坏（{problem}）。请从备份恢复该文件后重试。")

    def _told(self, error: sqlite3.DatabaseError) -> Exception:
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            return error
        if (full := no_room(self._path.parent)) is not None:
            return NoRoomError(full)
        return StateDamagedError(f"状态库 {self._path} 无法读取（{error}）。请从备份恢复该文件后重试。")

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way."""
        return self._db.in_transaction

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Answer:
        """Run one statement."""
        return self._db.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row of values."""
        self._db.executemany(sql, rows)

    def begin(self) -> None:
        """Begin a transaction. Raises sqlite3.OperationalError when others hold the store for too long."""
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sqlite3.OperationalError("database is locked")
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._turn.release()
            raise

    def commit(self) -> None:
        """Keep what the transaction did."""
        try:
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        finally:
            self._turn.release()

    def rollback(self) -> None:
        """Undo what the transaction did."""
        try:
            if self._db.in_transaction:  # a full disk or a lost one has undone it already
                self._db.execute("ROLLBACK")
        finally:
            self._turn.release()

    def version(self) -> int:
        """How many migrations the store has had."""
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def migrate(self, number: int, script: Iterable[str]) -> None:
        """Run the statements of a migration."""
        for statement in script:
            self._db.execute(statement)
        self._db.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
