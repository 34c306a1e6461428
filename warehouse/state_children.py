"""Files found inside other files: what each holds, and under which paths that puts the children.

The path of a child is its parent's, `!/`, and its own path inside it: `下发/材料.zip!/台账/七月.xlsx`. What a file
holds is kept by its bytes, so a parent that comes again, or lies at a second place, need not be read for its children
to be known.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from warehouse.state import State, utc

SEPARATOR = "!/"
_AFTER = "!0"  # the first text behind all that begins with the separator: an upper bound that the index can use
MAX_DEPTH = 3
"""Containers within each other: a pack of packs of mails with attachments; deeper nesting is an attack or a mistake."""
MAX_BELOW = 2_000
"""Files below one file of a source, over all depths: as many as one archive may hold."""
MAX_BYTES_BELOW = 1024 * 1024 * 1024
"""Their bytes together: twice what one container may expand to."""


class ChildRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One file inside another: its id, its path inside, how it lay there, its size in bytes."""

    child_id: str
    path: str
    how: str
    size: int


def keep_children(state: State, parent_id: str, children: Sequence[ChildRecord]) -> None:
    """Record what a file holds, in order, in place of what was recorded before."""
    with state.transaction():
        state.db.execute("DELETE FROM children WHERE parent_id = ?", (parent_id,))
        state.db.executemany(
            "INSERT INTO children VALUES (?, ?, ?, ?, ?, ?)",
            [(parent_id, i, c.child_id, c.path, c.how, c.size) for i, c in enumerate(children)],
        )


def children_of(state: State, parent_id: str) -> list[ChildRecord]:
    """What a file holds, in order."""
    found = state.db.execute(
        "SELECT child_id, path, how, size FROM children WHERE parent_id = ? ORDER BY place", (parent_id,)
    )
    return [ChildRecord(child_id=r[0], path=r[1], how=r[2], size=r[3]) for r in found]


def files_with_children(state: State) -> frozenset[str]:
    """Every file that holds others, by its bytes or by what lies below one of its paths."""
    found = state.db.execute(
        "SELECT parent_id FROM children UNION SELECT parent_id FROM provenance WHERE parent_id IS NOT NULL"
    )
    return frozenset(r[0] for r in found)


def see_children(
    state: State, parent_id: str, *, source: str, path: str, night: dt.date, now: dt.datetime
) -> list[str]:
    """Record that the children of a file lie below its path tonight, and theirs as far as they are known.

    Returns the paths that were left out because of the limits on depth, number and bytes below one file.
    """
    left: list[str] = []
    with state.transaction():
        budget = _Budget(_below(state, source, path.split(SEPARATOR)[0]))
        _see(state, parent_id, source, path, night, now, budget, left)
    return left


class _Budget:
    """What may still lie below one file of a source; what lies there already counts once."""

    def __init__(self, below: list[tuple[str, str, int]]) -> None:
        self._paths = {path for _, path, _ in below}
        self._bytes = sum(size for _, _, size in below)

    def takes(self, path: str, size: int) -> bool:
        """True when the file may lie at this path; it is counted then."""
        if path in self._paths:
            return True
        if len(self._paths) >= MAX_BELOW or self._bytes + size > MAX_BYTES_BELOW:
            return False
        self._paths.add(path)
        self._bytes += size
        return True


def _see(
    state: State,
    parent_id: str,
    source: str,
    path: str,
    night: dt.date,
    now: dt.datetime,
    budget: _Budget,
    left: list[str],
) -> None:
    seen: set[str] = set()
    for child in children_of(state, parent_id):
        below = f"{path}{SEPARATOR}{child.path}"
        if path.count(SEPARATOR) >= MAX_DEPTH or below in seen or not budget.takes(below, child.size):
            left.append(below)
            continue
        seen.add(below)
        novelty = state.saw_file(
            child.child_id,
            source=source,
            path=below,
            size=child.size,
            mtime_ns=None,
            night=night,
            now=now,
            parent_id=parent_id,
        )
        if novelty in ("changed", "known"):
            close_below(state, source, below, by=child.child_id, now=now)
        _see(state, child.child_id, source, below, night, now, budget, left)
    for file_id, gone in _direct(state, parent_id, source, path):
        if gone not in seen:
            _close(state, source, gone, file_id, parent_id, now)
            close_below(state, source, gone, by=parent_id, now=now)


def close_below(state: State, source: str, path: str, *, by: str, now: dt.datetime) -> None:
    """Nothing lies below this path any more: other bytes, `by`, lie there now."""
    with state.transaction():
        for file_id, gone, _ in _below(state, source, path):
            _close(state, source, gone, file_id, by, now)


def _close(state: State, source: str, path: str, file_id: str, by: str, now: dt.datetime) -> None:
    state.db.execute(
        "UPDATE provenance SET is_current = 0 WHERE file_id = ? AND source = ? AND path = ?", (file_id, source, path)
    )
    state.supersede_if_gone(file_id, by, utc(now))


def _below(state: State, source: str, path: str) -> list[tuple[str, str, int]]:
    """Current files below a path: id, path, size."""
    return state.db.execute(
        "SELECT p.file_id, p.path, f.size FROM provenance p JOIN files f USING (file_id) "
        "WHERE p.source = ? AND p.is_current = 1 AND p.path >= ? AND p.path < ? ORDER BY p.path",
        (source, path + SEPARATOR, path + _AFTER),
    ).fetchall()


def _direct(state: State, parent_id: str, source: str, path: str) -> list[tuple[str, str]]:
    """Current children of a file right below a path: id and path."""
    start = len(path) + len(SEPARATOR)
    rows = state.db.execute(
        "SELECT file_id, path FROM provenance WHERE source = ?1 AND parent_id = ?2 AND is_current = 1 "
        "AND path >= ?3 AND path < ?4 ORDER BY path",
        (source, parent_id, path + SEPARATOR, path + _AFTER),
    )
    return [(r[0], r[1]) for r in rows.fetchall() if SEPARATOR not in r[1][start:]]
