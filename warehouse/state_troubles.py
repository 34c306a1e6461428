"""Troubles in the state store: what is wrong, since when, and whether people were told of its start and its end.

A trouble is told once when it starts and once when it ends, however many nights it lasts.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from warehouse.state import State, utc


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `kind` is source, night, secrecy, expectation, backup, server, executor, archive or
    disk; `subject` what it is about."""

    trouble_id: str
    kind: str
    subject: str
    message: str
    since: dt.datetime
    ended_at: dt.datetime | None


_COLUMNS = "trouble_id, kind, subject, message, since, ended_at"


def begin_trouble(state: State, trouble_id: str, *, kind: str, subject: str, message: str, now: dt.datetime) -> bool:
    """Record that something is wrong; one that stands already gets the new message. Returns True for a new one."""
    with state.transaction():
        changed = state.db.execute(
            "UPDATE troubles SET message = ? WHERE trouble_id = ? AND ended_at IS NULL", (message, trouble_id)
        )
        if changed.rowcount:
            return False
        state.db.execute(
            "INSERT INTO troubles (trouble_id, kind, subject, message, since) VALUES (?, ?, ?, ?, ?)",
            (trouble_id, kind, subject, message, utc(now)),
        )
        return True


def end_trouble(state: State, trouble_id: str, *, now: dt.datetime) -> bool:
    """Record that it is well again; True when it stood."""
    done = state.db.execute(
        "UPDATE troubles SET ended_at = ? WHERE trouble_id = ? AND ended_at IS NULL", (utc(now), trouble_id)
    )
    return bool(done.rowcount)


def standing_troubles(state: State) -> list[Trouble]:
    """What is wrong now, oldest first."""
    return _troubles(state, "ended_at IS NULL")


def untold(state: State) -> tuple[list[Trouble], list[Trouble]]:
    """Troubles whose start, and troubles whose end, nobody has been told of; of the latter only those told before."""
    began = _troubles(state, "told_at IS NULL")
    ended = _troubles(state, "told_at IS NOT NULL AND ended_at IS NOT NULL AND end_told_at IS NULL")
    return began, ended


def mark_told(state: State, troubles: list[Trouble], *, now: dt.datetime) -> None:
    """People have been told: of the start, and where it ended, of the end."""
    with state.transaction():
        for trouble in troubles:
            state.db.execute(
                "UPDATE troubles SET told_at = coalesce(told_at, ?1), "
                "end_told_at = CASE WHEN ?2 THEN ?1 ELSE end_told_at END WHERE trouble_id = ?3 AND since = ?4",
                (utc(now), trouble.ended_at is not None, trouble.trouble_id, utc(trouble.since)),
            )


def _troubles(state: State, where: str) -> list[Trouble]:
    rows = state.db.execute(f"SELECT {_COLUMNS} FROM troubles WHERE {where} ORDER BY since, trouble_id")  # noqa: S608
    return [
        Trouble(
            trouble_id=r[0],
            kind=r[1],
            subject=r[2],
            message=r[3],
            since=dt.datetime.fromisoformat(r[4]),
            ended_at=None if r[5] is None else dt.datetime.fromisoformat(r[5]),
        )
        for r in rows
    ]
