"""The state store whole: as one SQLite file for a backup, and back from it, whichever engine keeps it.

A backup of a server's store is the same file as a backup of a home's, so that a store moves between the engines by
backup and restore.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse.state import open_state
from warehouse.state_engine import StateDamagedError, kept
from warehouse.state_file import FileEngine
from warehouse.state_place import server_set, state_path
from warehouse.state_schema import MIGRATIONS

if TYPE_CHECKING:
    import psycopg

_BATCH = 10_000
TABLES: tuple[str, ...] = tuple(re.findall(r"CREATE TABLE (\w+)", "".join(MIGRATIONS)))
"""Every table, those that others refer to first."""
_NUMBERED = re.findall(r"CREATE TABLE (\w+) \(\s*(\w+) INTEGER PRIMARY KEY", "".join(MIGRATIONS))


def copy_out(home: Path, target: Path) -> None:
    """Copy a home's store into a new file, whole as of one moment, whatever is being written.

    Raises StateDamagedError, StateServerError, OSError and sqlite3.Error when the disk refuses.
    """
    server = server_set()
    if server is None:
        with (
            closing(sqlite3.connect(state_path(home), timeout=60)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return
    from warehouse.state_server import connect

    open_state(home).close()  # it is this home's, and of this version
    FileEngine(target).close()
    with connect(server) as connection, closing(sqlite3.connect(target)) as copy:
        connection.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in TABLES:
            _table_out(connection, copy, table)
        connection.execute(b"COMMIT")
        copy.commit()
        copy.execute("PRAGMA journal_mode = DELETE")


def _table_out(connection: psycopg.Connection[tuple[Any, ...]], copy: sqlite3.Connection, table: str) -> None:
    names = [r[1] for r in copy.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" * len(names))
    connection.execute(f"DECLARE whole NO SCROLL CURSOR FOR SELECT {_columns(names)} FROM {table}".encode())  # noqa: S608
    while rows := connection.execute(f"FETCH FORWARD {_BATCH} FROM whole".encode()).fetchall():
        copy.executemany(f"INSERT INTO {table} ({_columns(names)}) VALUES ({marks})", rows)  # noqa: S608 - own names
    connection.execute(b"CLOSE whole")


def bring_in(home: Path, source: Path) -> None:
    """Make a copy the store of a home that has none; on a server it must be a store that nothing was written to.

    Raises StateDamagedError for one that holds something, StateServerError, OSError when the disk refuses.
    """
    server = server_set()
    if server is None:
        state_path(home).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, state_path(home))
        return
    from warehouse.state_server import connect

    check_empty(home)
    with tempfile.TemporaryDirectory(dir=state_path(home).parent) as folder:
        current = Path(folder) / state_path(home).name
        shutil.copy2(source, current)
        FileEngine(current).close()  # whole, and of this version
        with closing(sqlite3.connect(current)) as copy, connect(server) as connection, connection.transaction():
            for table in TABLES:
                _table_in(connection, copy, table)
            for table, column in _NUMBERED:
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608 - own names
                    f"greatest((SELECT max({column}) FROM {table}), 1))".encode()
                )


def check_empty(home: Path) -> None:
    """Raises StateDamagedError when a server is set whose store holds something, or belongs to another home."""
    if server_set() is None:
        return
    with open_state(home) as state:
        for table in TABLES:
            if state.db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None:  # noqa: S608 - own names
                raise StateDamagedError(f"数据库 {state.db.name} 里已有数据，不能恢复到那里；请另建一个空库。")


def _table_in(connection: psycopg.Connection[tuple[Any, ...]], copy: sqlite3.Connection, table: str) -> None:
    names = [r[1] for r in copy.execute(f"PRAGMA table_info({table})")]
    found = copy.execute(f"SELECT {_columns(names)} FROM {table}")  # noqa: S608 - own names
    with connection.cursor() as cursor, cursor.copy(
        f"COPY {table} ({_columns(names)}) FROM STDIN".encode()
    ) as taken:  # fmt: skip
        while rows := found.fetchmany(_BATCH):
            for row in rows:
                taken.write_row([kept(v) for v in row])


def _columns(names: list[str]) -> str:
    return ", ".join(f'"{n}"' for n in names)
