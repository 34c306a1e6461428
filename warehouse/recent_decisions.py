"""Decisions taken since the night was published: what they will settle, so that nobody is asked twice in one day.

The warehouse says what stood when it was built. Decisions of the day are laid over it when the queue is read; the
next night works them in for good.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec

from warehouse.decisions import Decision, context_of
from warehouse.lookups import LOOKUPS
from warehouse.review import SETTLED
from warehouse.state import State, utc

_PAGE = 500


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions not yet in the warehouse that count, oldest first, and the numbers of those undone since."""

    decided: tuple[Decision, ...] = ()
    undone: tuple[int, ...] = ()


class Settles(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision settles: the finding it was taken on and its like. `rule` None: any rule (a correction).
    `header_of`: the source for which a column's header was taught."""

    finding_id: str | None
    subject: str
    field: str | None
    rule: str | None
    raw: str | None
    value: str | None
    status: str
    number: int
    header_of: str | None


def recent_decisions(state: State, since: dt.datetime | None) -> Recent:
    """Decisions from `since` (when the publishing run began; None: all). It reads no more of the log than these."""
    from_moment = "" if since is None else utc(since)
    newest: list[Decision] = []
    for decision in _from_the_last(state):
        if decision.decided_at < from_moment:
            break
        newest.append(decision)
    undone = {int(d.value) for d in newest if d.action == "undo" and d.value}
    kept = [d for d in reversed(newest) if d.action != "undo" and d.decision_number not in undone]
    return Recent(decided=tuple(kept), undone=tuple(sorted(undone)))


def _from_the_last(state: State) -> Iterator[Decision]:
    """Every decision, the last first, read a page at a time."""
    before = newest_number(state) + 1
    while rows := state.db.execute(
        "SELECT * FROM decisions WHERE decision_number < ? ORDER BY decision_number DESC LIMIT ?", (before, _PAGE)
    ).fetchall():
        yield from map(_decision, rows)
        before = rows[-1][0]


def newer_than(state: State, number: int) -> list[Decision]:
    """Decisions after one, oldest first."""
    rows = state.db.execute("SELECT * FROM decisions WHERE decision_number > ? ORDER BY decision_number", (number,))
    return [_decision(row) for row in rows]


def newest_number(state: State) -> int:
    """The number of the last decision of all; 0 for none."""
    row = state.db.execute("SELECT max(decision_number) FROM decisions").fetchone()
    return int(row[0] or 0)


def recent_reasons(state: State, steward: str, most: int = 4) -> list[tuple[str, str]]:
    """The reasons a steward gave last, latest first, each once, with the rule it was given on."""
    out: dict[str, str] = {}
    rows = state.db.execute(
        "SELECT last.* FROM (SELECT * FROM decisions ORDER BY decision_number DESC LIMIT 500) last "
        "WHERE steward = ? AND action <> 'undo' AND reason <> '' ORDER BY decision_number DESC",
        (steward,),
    )
    for given in map(_decision, rows):
        if given.reason is not None and given.reason not in out:
            out[given.reason] = context_of(given).rule or ""
            if len(out) == most:
                break
    return list(out.items())


def _decision(row: tuple[object, ...]) -> Decision:
    return msgspec.convert(dict(zip(Decision.__struct_fields__, row, strict=True)), Decision)


def settles(decision: Decision) -> Settles:
    """What a decision settles."""
    context = context_of(decision)
    kind, _, header = decision.row_id.partition(":")
    return Settles(
        finding_id=context.finding_id,
        subject=decision.row_id,
        field=decision.field,
        rule=None if decision.action == "correct" else context.rule,
        raw=context.raw,
        value=context.value,
        status=SETTLED.get(decision.action, "resolved"),
        number=decision.decision_number,
        header_of=header.rpartition("|")[0] if kind == "header" and decision.table_name == LOOKUPS else None,
    )
