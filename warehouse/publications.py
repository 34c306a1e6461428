"""What the state store knows of published warehouses: which file is current, what it holds, what it was made from."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from warehouse.state import State, utc


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One published warehouse file."""

    publication_id: int
    run_id: str | None
    inputs_digest: str
    file_sha256: str
    bytes: int
    rows: dict[str, int]
    core_rows: dict[str, int]
    status: Literal["prepared", "current", "replaced", "dropped"]
    prepared_at: dt.datetime
    published_at: dt.datetime | None


def prepare(
    state: State,
    *,
    run_id: str | None,
    inputs_digest: str,
    file_sha256: str,
    size: int,
    rows: dict[str, int],
    core_rows: dict[str, int],
    now: dt.datetime,
) -> int:
    """Record what is about to be swapped in, before it is: after a crash the file itself says whether it was."""
    with state.transaction():
        state.db.execute("UPDATE publications SET status = 'dropped' WHERE status = 'prepared'")
        done = state.db.execute(
            "INSERT INTO publications (run_id, inputs_digest, file_sha256, bytes, rows, core_rows, status, "
            "prepared_at) VALUES (?, ?, ?, ?, ?, ?, 'prepared', ?) RETURNING publication_id",
            (
                run_id,
                inputs_digest,
                file_sha256,
                size,
                msgspec.json.encode(rows).decode(),
                msgspec.json.encode(core_rows).decode(),
                utc(now),
            ),
        ).fetchone()
    return int(done[0])


def confirm(state: State, publication_id: int, *, now: dt.datetime) -> None:
    """Record that the swap was made."""
    with state.transaction():
        state.db.execute("UPDATE publications SET status = 'replaced' WHERE status = 'current'")
        state.db.execute(
            "UPDATE publications SET status = 'current', published_at = ? WHERE publication_id = ?",
            (utc(now), publication_id),
        )


def drop_prepared(state: State) -> None:
    """Record that what was prepared never came to be published."""
    state.db.execute("UPDATE publications SET status = 'dropped' WHERE status = 'prepared'")


def current(state: State) -> Publication | None:
    """The publication that readers see; None before the first."""
    return _one(state, "current")


def prepared(state: State) -> Publication | None:
    """A publication whose swap was not confirmed; None in quiet times."""
    return _one(state, "prepared")


def _one(state: State, status: str) -> Publication | None:
    r = state.db.execute(
        "SELECT publication_id, run_id, inputs_digest, file_sha256, bytes, rows, core_rows, status, prepared_at, "
        "published_at FROM publications WHERE status = ? ORDER BY publication_id DESC LIMIT 1",
        (status,),
    ).fetchone()
    if r is None:
        return None
    return Publication(
        publication_id=r[0],
        run_id=r[1],
        inputs_digest=r[2],
        file_sha256=r[3],
        bytes=r[4],
        rows=msgspec.json.decode(r[5]),
        core_rows=msgspec.json.decode(r[6]),
        status=r[7],
        prepared_at=dt.datetime.fromisoformat(r[8]),
        published_at=None if r[9] is None else dt.datetime.fromisoformat(r[9]),
    )
