"""What the state store knows of loads into a server or lakehouse: which publication it was given, rows and digest of
its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

from warehouse.state import State, utc

Status = Literal["prepared", "current", "replaced", "dropped"]


class ServerLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One load. `tables` has rows and digest of every table, `written` is how many rows were copied."""

    load_id: str
    server: str
    publication_id: int
    status: Status
    tables: dict[str, tuple[int, str]]
    written: int
    at: dt.datetime


class ServerState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the server holds what the state store says it was given; `reason` is a Chinese sentence when not.

    `publication_id` is what it holds, when it is sound.
    """

    is_sound: bool
    reason: str | None = None
    publication_id: int | None = None


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the server tonight. `rows` and `written` count rows in all and those copied."""

    server: str
    status: Literal["loaded", "unchanged", "failed"]
    message: str
    rows: int = 0
    written: int = 0


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


def forget(state: State, server: str) -> None:
    """Know nothing of what a server holds, so that the next load writes everything anew."""
    with state.transaction():
        state.db.execute(
            "UPDATE server_loads SET status = 'dropped' WHERE server = ? AND status IN ('current', 'prepared')",
            (server,),
        )


def current(state: State, server: str) -> ServerLoad | None:
    """The load that the server's readers see; None before the first."""
    return _one(state, server, "current")


def prepared(state: State, server: str) -> ServerLoad | None:
    """A load whose commit was not confirmed; None in quiet times."""
    return _one(state, server, "prepared")


def settled(state: State, server: str, held: str | None) -> ServerLoad | None:
    """The load that counts as current, after one that a crash left unconfirmed is confirmed or dropped: `held` is the
    load that the server itself names."""
    pending = prepared(state, server)
    if pending is not None:
        if held == pending.load_id:
            confirm(state, pending.load_id, server)
        else:
            drop_prepared(state, server)
    return current(state, server)


def _one(state: State, server: str, status: Status) -> ServerLoad | None:
    r = state.db.execute(
        "SELECT load_id, server, publication_id, status, tables, written, at FROM server_loads "
        "WHERE server = ? AND status = ? ORDER BY at DESC, load_id DESC LIMIT 1",
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
        at=dt.datetime.fromisoformat(r[6]),
    )
