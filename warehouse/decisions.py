"""Stewards' decisions: appended, never changed, each record hashing the one before it.

A removed, altered or reordered record is found by `verify`, which names the first bad one. A cut-off tail is found
only by who noted the last number and hash elsewhere: `verify` takes them.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from warehouse.keys import stable_id
from warehouse.state import State, utc

_FIRST = "0" * 32


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What one person decided on one value or row."""

    decision_number: int
    decided_at: str
    steward: str
    table_name: str
    row_id: str
    field: str | None
    action: str
    value: str | None
    reason: str | None
    previous_hash: str
    hash: str


def append_decision(
    state: State,
    *,
    steward: str,
    table_name: str,
    row_id: str,
    action: str,
    now: dt.datetime,
    field: str | None = None,
    value: str | None = None,
    reason: str | None = None,
) -> Decision:
    """Add one decision to the chain and return it."""
    with state.transaction():
        last = state.db.execute(
            "SELECT decision_number, hash FROM decisions ORDER BY decision_number DESC LIMIT 1"
        ).fetchone()
        number, previous = (1, _FIRST) if last is None else (last[0] + 1, last[1])
        content = (number, utc(now), steward, table_name, row_id, field, action, value, reason, previous)
        row = (*content, stable_id(*content))
        state.db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return _decision(row)


def decisions(state: State) -> list[Decision]:
    """Every decision, oldest first."""
    return [_decision(r) for r in state.db.execute("SELECT * FROM decisions ORDER BY decision_number")]


def head(state: State) -> str:
    """Hash of the last decision: what a warehouse built from them depends on."""
    row = state.db.execute("SELECT hash FROM decisions ORDER BY decision_number DESC LIMIT 1").fetchone()
    return _FIRST if row is None else str(row[0])


def verify(state: State, *, known_head: str | None = None) -> int | None:
    """The number of the first record that does not fit the chain; None when all is well.

    With `known_head` (a hash noted earlier) a chain that does not hold it is cut off: the number after its last.
    """
    previous, number, seen = _FIRST, 0, known_head is None or known_head == _FIRST
    for d in decisions(state):
        number += 1
        content = msgspec.structs.astuple(d)[:-1]
        if d.decision_number != number or d.previous_hash != previous or stable_id(*content) != d.hash:
            return number
        previous = d.hash
        seen = seen or d.hash == known_head
    return None if seen else number + 1


def _decision(row: tuple[object, ...]) -> Decision:
    return msgspec.convert(dict(zip(Decision.__struct_fields__, row, strict=True)), Decision)
