"""Files stopped at the door for a mark of state secrecy: which they are, and what goes with them.

保守国家秘密法 art. 31 forbids keeping such papers on a system like this one. Their bytes are not kept; what stays is
the SHA-256, the path and the time, so that the file is known when it comes again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from warehouse.state import State, utc

CODE = "secrecy_mark"
_DOOR = "door"  # in place of a version, for files stopped before anything read them


def stopped_files(state: State) -> frozenset[str]:
    """Every file that was ever stopped; a later version at its path does not make it fit to read."""
    rows = state.db.execute(
        "SELECT file_id FROM files WHERE reason_code = ?1 UNION SELECT file_id FROM work WHERE error_code = ?1", (CODE,)
    )
    return frozenset(r[0] for r in rows)


def keep_stopped(state: State, file_ids: Iterable[str], *, reason: str, now: dt.datetime) -> None:
    """Record that files are stopped; the reason must say nothing of what is in them."""
    with state.transaction():
        for file_id in file_ids:
            state.db.execute(
                "INSERT INTO work VALUES (?, ?, 'quarantined', 1, ?, ?, ?) "
                "ON CONFLICT (file_id, version) DO UPDATE SET "
                "status = 'quarantined', error_code = excluded.error_code, error_message = excluded.error_message",
                (file_id, _DOOR, CODE, reason, utc(now)),
            )
            state.db.execute(
                "UPDATE work SET status = 'quarantined', error_code = ?, error_message = ? WHERE file_id = ?",
                (CODE, reason, file_id),
            )
            state.db.execute(
                "UPDATE files SET state = 'quarantined', reason_code = ?, reason = ?, changed_at = ? "
                "WHERE file_id = ? AND state <> 'superseded'",
                (CODE, reason, utc(now), file_id),
            )


def family_of(state: State, file_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """What must be stopped with a marked file: the files that hold it, and what else those hold.

    The second set leaves out files that also lie outside of them: their bytes came on their own.
    """
    above = _closure(state, {file_id}, "SELECT parent_id FROM children WHERE child_id = ?") - {file_id}
    inside = _closure(state, above | {file_id}, "SELECT child_id FROM children WHERE parent_id = ?") - above
    package = above | inside | {file_id}
    apart = set()
    for other in inside - {file_id}:
        rows = state.db.execute("SELECT parent_id FROM provenance WHERE file_id = ? AND is_current = 1", (other,))
        if any(parent not in package for (parent,) in rows):
            apart.add(other)
    return frozenset(above), frozenset(inside - apart - {file_id})


def close_packages(state: State, file_ids: Iterable[str]) -> None:
    """What lies in stopped packages lies there no more, as far as it is not stopped itself: it came on its own."""
    for file_id in file_ids:
        state.db.execute(
            "UPDATE provenance SET is_current = 0 WHERE parent_id = ?1 AND file_id NOT IN "
            "(SELECT file_id FROM work WHERE error_code = ?2)",
            (file_id, CODE),
        )
        state.db.execute("DELETE FROM children WHERE parent_id = ?", (file_id,))


def _closure(state: State, start: Iterable[str], sql: str) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        file_id = waiting.pop()
        if file_id not in found:
            found.add(file_id)
            waiting += [r[0] for r in state.db.execute(sql, (file_id,))]
    return found
