"""The state store: which files were seen and what became of them, runs, publications, stewards' decisions.

A file of the home or, by a setting, a PostgreSQL server (`warehouse.state_engine`); apart from the warehouse, because a
published warehouse is replaced in whole and people's work must outlive it. The clock is an argument everywhere; moments
are aware datetimes, kept in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from warehouse.state_engine import StateDamagedError, StateEngine, transaction
from warehouse.state_file import FileEngine
from warehouse.state_place import check_file, claim, has_state, server_set, state_path

FileState = Literal["seen", "stable", "archived", "read", "partial", "quarantined", "superseded", "ignored"]
WorkStatus = Literal["begun", "read", "partial", "quarantined", "ignored"]
RunStatus = Literal["running", "done", "failed", "interrupted"]
Novelty = Literal["new", "changed", "unchanged", "known"]

__all__ = ["State", "StateDamagedError", "has_state", "open_state", "state_path", "utc"]


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One file (by its bytes) and what became of it."""

    file_id: str
    state: FileState
    reason_code: str | None
    reason: str | None
    size: int
    first_seen_date: dt.date


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """One path a file was found under; inside another file, the parent, it is a path like `a.zip!/b.txt`."""

    file_id: str
    source: str
    path: str
    first_seen_date: dt.date
    last_seen_date: dt.date
    mtime_ns: int | None
    is_current: bool
    parent_id: str | None = None


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What became of reading a file under one version. `begun` without an end means the run died over it."""

    file_id: str
    version: str
    status: WorkStatus
    attempts: int
    error_code: str | None = None
    error_message: str | None = None

    @property
    def is_done(self) -> bool:
        """True when there is nothing left to do for this version."""
        return self.status != "begun"


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One night."""

    run_id: str
    as_of: dt.date
    started_at: dt.datetime
    ended_at: dt.datetime | None
    status: RunStatus
    counts: dict[str, Any]


def utc(now: dt.datetime) -> str:
    """A moment as it is stored. Raises ValueError for one without a time zone, which could mean anything."""
    if now.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return now.astimezone(dt.UTC).isoformat(timespec="microseconds")


class State:
    """An open state store. One object per process and thread; use it as a context manager."""

    def __init__(self, path: Path, server: str | None = None) -> None:
        """Open or make the store: the file, or with `server` what lies there for the same home.

        Raises StateDamagedError, NoRoomError when the disk is full, sqlite3.OperationalError when the folder refuses,
        StateServerError when the server does.
        """
        self.home = path.parent.parent
        self.db: StateEngine
        if server is None:
            self.db = FileEngine(path)
            return
        from warehouse.state_server import ServerEngine

        engine = ServerEngine(server)
        try:
            claim(self.home, engine)
        except BaseException:
            engine.close()
            raise
        self.db = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing; inside another transaction it is part of that one."""
        return transaction(self.db)

    # Files -----------------------------------------------------------------------------------------------------

    def saw_file(
        self,
        file_id: str,
        *,
        source: str,
        path: str,
        size: int,
        mtime_ns: int | None,
        night: dt.date,
        now: dt.datetime,
        parent_id: str | None = None,
    ) -> Novelty:
        """Record that these bytes lie at this path tonight.

        `new`: bytes never seen; `changed`: new bytes where others lay (those are superseded unless they lie
        elsewhere too); `known`: known bytes at a path where they did not lie last; `unchanged`: as the night before.
        """
        with self.transaction():
            known = self.file(file_id)
            stamp = utc(now)
            if known is None:
                self.db.execute(
                    "INSERT INTO files VALUES (?, 'seen', NULL, NULL, ?, ?, ?, ?)",
                    (file_id, size, night.isoformat(), stamp, stamp),
                )
            before = self.db.execute(
                "SELECT file_id FROM provenance WHERE source = ? AND path = ? AND is_current = 1", (source, path)
            ).fetchone()
            if before is not None and before[0] != file_id:
                self.db.execute(
                    "UPDATE provenance SET is_current = 0 WHERE file_id = ? AND source = ? AND path = ?",
                    (before[0], source, path),
                )
                self.supersede_if_gone(before[0], file_id, stamp)
            self.db.execute(
                "INSERT INTO provenance VALUES (?, ?, ?, ?, ?, ?, 1, ?) "  # noqa: S608 - own text
                "ON CONFLICT (file_id, source, path) DO UPDATE SET "
                f"last_seen_date = {_later('provenance.last_seen_date', 'excluded.last_seen_date')}, "
                "mtime_ns = excluded.mtime_ns, is_current = 1, parent_id = excluded.parent_id",
                (file_id, source, path, night.isoformat(), night.isoformat(), mtime_ns, parent_id),
            )
            if known is not None and known.state == "superseded":
                self._restore(file_id, stamp)
            if before is not None and before[0] == file_id:
                return "unchanged"
            if known is None:
                return "new" if before is None else "changed"
            return "known"

    def saw_again(self, source: str, paths: Iterable[str], night: dt.date) -> None:
        """Record that the same bytes as before lie at these paths of a source tonight, all in one transaction."""
        with self.transaction():
            self.db.executemany(
                f"UPDATE provenance SET last_seen_date = {_later('last_seen_date', '?1')} "  # noqa: S608 - own text
                "WHERE source = ?2 AND path = ?3 AND is_current = 1",
                [(night.isoformat(), source, path) for path in paths],
            )

    def supersede_if_gone(self, file_id: str, by: str, stamp: str) -> None:
        """Mark a file that lies nowhere any more as replaced by another; `stamp` is a moment as `utc` gives it."""
        left = self.db.execute("SELECT count(*) FROM provenance WHERE file_id = ? AND is_current = 1", (file_id,))
        if left.fetchone()[0] == 0:
            self.db.execute(
                "UPDATE files SET state = 'superseded', reason_code = 'replaced', reason = ?, changed_at = ? "
                "WHERE file_id = ?",
                (f"同一路径下已换成新文件 {by[:12]}。", stamp, file_id),
            )

    def _restore(self, file_id: str, stamp: str) -> None:
        """Bytes that were superseded lie at a current path again: back to what reading them last came to."""
        row = self.db.execute(
            "SELECT status, error_code, error_message FROM work WHERE file_id = ? AND status <> 'begun' "
            "ORDER BY changed_at DESC, version DESC LIMIT 1",
            (file_id,),
        ).fetchone()
        state, code, reason = row if row is not None else ("seen", None, None)
        self.db.execute(
            "UPDATE files SET state = ?, reason_code = ?, reason = ?, changed_at = ? WHERE file_id = ?",
            (state, code, reason, stamp, file_id),
        )

    def set_file_state(
        self,
        file_id: str,
        state: FileState,
        *,
        now: dt.datetime,
        reason_code: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Record what became of a file. Raises KeyError for one never seen."""
        done = self.db.execute(
            "UPDATE files SET state = ?, reason_code = ?, reason = ?, changed_at = ? WHERE file_id = ?",
            (state, reason_code, reason, utc(now), file_id),
        )
        if done.rowcount == 0:
            raise KeyError(file_id)

    def file(self, file_id: str) -> FileRecord | None:
        """One file; None when it was never seen."""
        return next(self._files("WHERE file_id = ?", file_id), None)

    def files(self, *states: FileState) -> list[FileRecord]:
        """Files in any of these states (all without), by id."""
        marks = ", ".join("?" * len(states))
        return list(self._files(f"WHERE state IN ({marks})" if states else "", *states))

    def _files(self, where: str, *values: str) -> Iterator[FileRecord]:
        columns = "file_id, state, reason_code, reason, size, first_seen_date"
        for r in self.db.execute(f"SELECT {columns} FROM files {where} ORDER BY file_id", values):  # noqa: S608 - own text
            yield FileRecord(
                file_id=r[0],
                state=r[1],
                reason_code=r[2],
                reason=r[3],
                size=r[4],
                first_seen_date=dt.date.fromisoformat(r[5]),
            )

    def first_seen_since(self, moment: dt.datetime) -> frozenset[str]:
        """Files never seen before this moment."""
        found = self.db.execute("SELECT file_id FROM files WHERE first_seen_at >= ?", (utc(moment),))
        return frozenset(r[0] for r in found)

    def superseded(self) -> frozenset[str]:
        """Files whose rows no longer count."""
        return frozenset(f.file_id for f in self.files("superseded"))

    def provenance(self, file_id: str | None = None) -> list[Provenance]:
        """Every path, of one file or of all, in a fixed order."""
        where, values = ("", ()) if file_id is None else ("WHERE file_id = ?", (file_id,))
        rows = self.db.execute(
            "SELECT file_id, source, path, first_seen_date, last_seen_date, mtime_ns, is_current, "  # noqa: S608
            f"parent_id FROM provenance {where} ORDER BY file_id, source, path",
            values,
        )
        return [
            Provenance(
                file_id=r[0],
                source=r[1],
                path=r[2],
                first_seen_date=dt.date.fromisoformat(r[3]),
                last_seen_date=dt.date.fromisoformat(r[4]),
                mtime_ns=r[5],
                is_current=bool(r[6]),
                parent_id=r[7],
            )
            for r in rows
        ]

    # Work ------------------------------------------------------------------------------------------------------

    def begin_work(self, file_id: str, version: str, *, now: dt.datetime) -> int:
        """Record that reading starts; returns which attempt this is (from 1), so that poison is given up in time."""
        with self.transaction():
            self.db.execute(
                "INSERT INTO work VALUES (?, ?, 'begun', 1, NULL, NULL, ?) "
                "ON CONFLICT (file_id, version) DO UPDATE SET "
                "status = 'begun', attempts = work.attempts + 1, changed_at = excluded.changed_at",
                (file_id, version, utc(now)),
            )
            row = self.db.execute("SELECT attempts FROM work WHERE file_id = ? AND version = ?", (file_id, version))
            return int(row.fetchone()[0])

    def finish_work(
        self,
        file_id: str,
        version: str,
        status: WorkStatus,
        *,
        now: dt.datetime,
        error_code: str | None = None,
        error_message: str | None = None,
    ) -> None:
        """Record how reading ended and set the file's state (a superseded file stays superseded)."""
        with self.transaction():
            stamp = utc(now)
            self.db.execute(
                "INSERT INTO work VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (file_id, version) DO UPDATE SET "
                "status = excluded.status, error_code = excluded.error_code, error_message = excluded.error_message, "
                "changed_at = excluded.changed_at",
                (file_id, version, status, error_code, error_message, stamp),
            )
            if status != "begun":
                self.db.execute(
                    "UPDATE files SET state = ?, reason_code = ?, reason = ?, changed_at = ? "
                    "WHERE file_id = ? AND state <> 'superseded'",
                    (status, error_code, error_message, stamp, file_id),
                )

    def work(self, version: str) -> dict[str, Work]:
        """Work under a version by file id."""
        rows = self.db.execute(
            "SELECT file_id, version, status, attempts, error_code, error_message FROM work WHERE version = ?",
            (version,),
        )
        return {
            r[0]: Work(file_id=r[0], version=r[1], status=r[2], attempts=r[3], error_code=r[4], error_message=r[5])
            for r in rows
        }

    # Runs ------------------------------------------------------------------------------------------------------

    def start_run(self, run_id: str, *, as_of: dt.date, now: dt.datetime) -> list[str]:
        """Record the start of a run, and that runs left `running` by a crash were interrupted; returns their ids.

        Call it while holding the home's lock: only then are other running runs known to be dead.
        """
        with self.transaction():
            dead = [
                r[0]
                for r in self.db.execute("SELECT run_id FROM runs WHERE status = 'running' AND run_id <> ?", (run_id,))
            ]
            self.db.execute(
                "UPDATE runs SET status = 'interrupted', ended_at = ? WHERE status = 'running'", (utc(now),)
            )
            self.db.execute(
                "INSERT INTO runs VALUES (?, ?, ?, NULL, 'running', '{}') ON CONFLICT (run_id) DO UPDATE SET "
                "status = 'running', ended_at = NULL",
                (run_id, as_of.isoformat(), utc(now)),
            )
        return sorted(dead)

    def end_run(self, run_id: str, status: RunStatus, *, counts: dict[str, Any], now: dt.datetime) -> None:
        """Record the end of a run, not before its start (clocks are set back). Raises KeyError for one never begun."""
        done = self.db.execute(
            f"UPDATE runs SET status = ?2, ended_at = {_later('?1', 'started_at')}, counts = ?3 "  # noqa: S608 - own text
            "WHERE run_id = ?4",
            (utc(now), status, msgspec.json.encode(counts).decode(), run_id),
        )
        if done.rowcount == 0:
            raise KeyError(run_id)

    def runs(self, limit: int | None = None) -> list[Run]:
        """Runs, latest first."""
        rows = self.db.execute(
            "SELECT run_id, as_of, started_at, ended_at, status, counts FROM runs "  # noqa: S608 - own text
            f"ORDER BY started_at DESC, run_id DESC {'' if limit is None else 'LIMIT ?'}",
            () if limit is None else (limit,),
        )
        return [
            Run(
                run_id=r[0],
                as_of=dt.date.fromisoformat(r[1]),
                started_at=dt.datetime.fromisoformat(r[2]),
                ended_at=None if r[3] is None else dt.datetime.fromisoformat(r[3]),
                status=r[4],
                counts=msgspec.json.decode(r[5]),
            )
            for r in rows
        ]


def _later(one: str, other: str) -> str:
    """The later of two moments or days, as they are stored."""
    return f"CASE WHEN {other} > {one} THEN {other} ELSE {one} END"


def counts_for_backup(state: State) -> dict[str, int]:
    """How many rows of each kind a copy of the store must have again: what a backup's manifest notes."""
    tables = ("files", "provenance", "decisions", "runs", "fetched")
    return {t: int(state.db.execute(f"SELECT count(*) FROM {t}").fetchone()[0]) for t in tables}  # noqa: S608 - own names


def open_state(home: Path) -> State:
    """The state store of a home, where QINGQIAN_STATE says. Raises StateDamagedError, StateServerError."""
    server = server_set()
    if server is None:
        check_file(home)
    return State(state_path(home), server)
