"""Stewards' decisions: appended, never changed, each record hashing the one before it.

A removed, altered or reordered record is found by `verify`, which names the first bad one. A cut-off tail is found
only by who noted the last number and hash elsewhere: `verify` takes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from warehouse.keys import stable_id
from warehouse.state import State, utc
from warehouse.state_engine import kept

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
    context: str | None = None


class Context(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a decision was about, as it stood when it was made: evidence for later, and what it is held against.

    `rule` is that of the finding; `raw` the text in the source, `value` the machine's reading of it; for what is
    taught, `raw` is the header or name. `row_id` is the row as it was then, `batch` the first decision of those taken
    together for one cause.
    """

    finding_id: str | None = None
    rule: str | None = None
    raw: str | None = None
    value: str | None = None
    message_zh: str | None = None
    evidence: str | None = None
    row_id: str | None = None
    batch: int | None = None


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
    context: Context | None = None,
) -> Decision:
    """Add one decision to the chain and return it. `row_id` is the subject it is about, by its stable name."""
    told = None if context is None else msgspec.json.encode(context).decode()
    with state.transaction():
        last = state.db.execute(
            "SELECT decision_number, hash FROM decisions ORDER BY decision_number DESC LIMIT 1"
        ).fetchone()
        number, previous = (1, _FIRST) if last is None else (last[0] + 1, last[1])
        said = map(kept, (steward, table_name, row_id, field, action, value, reason))
        content = (number, utc(now), *said, previous)
        row = (*content, _hash(content, told), told)
        state.db.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return _decision(row)


def decisions(state: State) -> list[Decision]:
    """Every decision, oldest first."""
    return [_decision(r) for r in state.db.execute("SELECT * FROM decisions ORDER BY decision_number")]


def decisions_on(state: State, table_name: str, subject: str) -> list[Decision]:
    """Every decision on one subject, oldest first, those undone and the undoing among them."""
    rows = state.db.execute(
        "SELECT * FROM decisions WHERE table_name = ? AND row_id = ? ORDER BY decision_number", (table_name, subject)
    )
    return [_decision(r) for r in rows]


def decision(state: State, number: int) -> Decision | None:
    """One decision by its number."""
    row = state.db.execute("SELECT * FROM decisions WHERE decision_number = ?", (number,)).fetchone()
    return None if row is None else _decision(row)


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
        content = msgspec.structs.astuple(d)[:-2]
        if d.decision_number != number or d.previous_hash != previous or _hash(content, d.context) != d.hash:
            return number
        previous = d.hash
        seen = seen or d.hash == known_head
    return None if seen else number + 1


def in_force(state: State, day: dt.date) -> list[Decision]:
    """Decisions that count on a day, oldest first: not undone, not overtaken by a later one on the same matter.

    What is one matter says `matter`. A deferral counts up to its day.
    """
    return _counting(decisions(state), day)


def in_force_on(state: State, table_name: str, subject: str, day: dt.date) -> list[Decision]:
    """The same of one subject only, without reading the others."""
    return _counting(decisions_on(state, table_name, subject), day)


def _counting(every: Sequence[Decision], day: dt.date) -> list[Decision]:
    undone = {int(d.value) for d in every if d.action == "undo" and d.value}
    latest: dict[tuple[str, ...], Decision] = {}
    for d in every:
        if d.action == "undo" or d.decision_number in undone:
            continue
        latest[matter_of(d)] = d
    kept = [d for d in latest.values() if d.action != "defer" or not d.value or day < dt.date.fromisoformat(d.value)]
    return sorted(kept, key=lambda d: d.decision_number)


def matter_of(decision: Decision) -> tuple[str, ...]:
    """What two decisions must share for the later to overtake the earlier."""
    context = context_of(decision)
    return matter(
        decision.action, decision.table_name, decision.row_id, decision.field, context.rule, context.value
    )  # fmt: skip


def matter(
    action: str, table_name: str, subject: str, field: str | None, rule: str | None, value: str | None
) -> tuple[str, ...]:
    """The same of a decision that is still to be taken; `rule` and `value` are those of the finding.

    A value is one matter and a finding on it another; a debt is the same as another, or split, whatever the finding.
    A rule may find several things wrong in one file, so there the value tells them apart.
    """
    if action in ("duplicate", "split"):
        return (table_name, subject, "", "=")
    if action in ("correct", "map"):
        return (table_name, subject, field or "", "")
    told = (value or "",) if subject.startswith("file:") else ()
    return (table_name, subject, field or "", rule or "", *told)


def context_of(decision: Decision) -> Context:
    """What a decision was about."""
    return Context() if decision.context is None else msgspec.json.decode(decision.context, type=Context)


def _hash(content: tuple[object, ...], context: str | None) -> str:
    # Records from before there was a context keep their hash.
    return stable_id(*content) if context is None else stable_id(*content, context)


def _decision(row: tuple[object, ...]) -> Decision:
    return msgspec.convert(dict(zip(Decision.__struct_fields__, row, strict=True)), Decision)
