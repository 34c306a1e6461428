"""What the state store knows of loads into a server: which publication it was given, and since when that fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from warehouse.state import State, utc

Status = Literal["prepared", "current", "replaced", "dropped", "failed"]


class ServerLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One load. `tables` has rows and digest of every table; `message` says why it failed."""

    load_id: str
    server: str
    publication_id: int
    status: Status
    tables: dict[str, tuple[int, str]]
    written: int
    message: str | None
    at: dt.datetime


class StandingFailure(msgspec.Struct, frozen=True, kw_only=True):
    """A server that the last nights could not load: since when, how often, and what the last said."""

    server: str
    since: dt.datetime
    times: int
    message: str


def prepare(
    state: State,
    *,
    load_id: str,
    server: str,
    publication_id: int,
    tables: Mapping[str, tuple[int, str]],
    written: int,
    now: dt.datetime,
) -> None:
    """Record a load that is about to be committed: after a crash the server itself says whether it was."""
    with state.transaction():
        drop_prepared(state, server)
        state.db.execute(
            "INSERT INTO server_loads VALUES (?, ?, ?, 'prepared', ?, ?, NULL, ?)",
            (load_id, server, publication_id, msgspec.json.encode(tables).decode(), written, utc(now)),
        )


def confirm(state: State, load_id: str, server: str) -> None:
    """Record that it was committed."""
    with state.transaction():
        state.db.execute(
            "UPDATE server_loads SET status = 'replaced' WHERE server = ? AND status = 'current'", (server,)
        )
        state.db.execute("UPDATE server_loads SET status = 'current' WHERE load_id = ?", (load_id,))


def drop_prepared(state: State, server: str) -> None:
    """Record that what was prepared never came to be seen."""
    state.db.execute("UPDATE server_loads SET status = 'dropped' WHERE server = ? AND status = 'prepared'", (server,))


def fail(state: State, *, load_id: str, server: str, publication_id: int, message: str, now: dt.datetime) -> None:
    """Record that a publication could not be loaded."""
    with state.transaction():
        drop_prepared(state, server)
        state.db.execute(
            "INSERT INTO server_loads VALUES (?, ?, ?, 'failed', '{}', 0, ?, ?) ON CONFLICT DO UPDATE SET "
            "status = 'failed', message = excluded.message",
            (load_id, server, publication_id, message, utc(now)),
        )


def current(state: State, server: str) -> ServerLoad | None:
    """The load that the server's readers see; None before the first."""
    return _one(state, server, "current")


def prepared(state: State, server: str) -> ServerLoad | None:
    """A load whose commit was not confirmed; None in quiet times."""
    return _one(state, server, "prepared")


def _one(state: State, server: str, status: Status) -> ServerLoad | None:
    r = state.db.execute(
        "SELECT load_id, server, publication_id, status, tables, written, message, at FROM server_loads "
        "WHERE server = ? AND status = ? ORDER BY at DESC, rowid DESC LIMIT 1",
        (server, status),
    ).fetchone()
    if r is None:
        return None
    return ServerLoad(
        load_id=r[0],
        server=r[1],
        publication_id=r[2],
        status=r[3],
        tables=msgspec.json.decode(r[4], type=dict[str, tuple[int, str]]),
        written=r[5],
        message=r[6],
        at=dt.datetime.fromisoformat(r[7]),
    )


def standing_failure(state: State, server: str) -> StandingFailure | None:
    """The failures since the server was last loaded; None when the last load went well."""
    rows = state.db.execute(
        "SELECT status, message, at FROM server_loads WHERE server = ? AND status IN ('current', 'replaced', 'failed') "
        "ORDER BY at DESC, rowid DESC",
        (server,),
    ).fetchall()
    failed = []
    for status, message, at in rows:
        if status != "failed":
            break
        failed.append((message, at))
    if not failed:
        return None
    return StandingFailure(
        server=server, since=dt.datetime.fromisoformat(failed[-1][1]), times=len(failed), message=failed[0][0]
    )
