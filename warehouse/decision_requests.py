"""Decisions as forms send them: each form counts once, and only if nobody decided on the same thing meanwhile.

A form carries a key made when the page was shown, and the version of what it was shown: the number of the last
decision on the subject's column. A second click or a replayed request finds its key and gets the decision that was
kept; a form filled while somebody else decided is a conflict, with their decision in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from warehouse.deciding import DecisionError, decide, undo
from warehouse.decisions import Decision, in_force, matter_of
from warehouse.recent_decisions import decisions_on
from warehouse.state import State

Finding = dict[str, Any]


class DecisionConflictError(DecisionError):
    """Somebody decided on the same thing since the form was shown: `newer`, oldest first; `finding` the one."""

    def __init__(self, finding: Finding, newer: Sequence[Decision]) -> None:
        last = newer[-1]
        super().__init__(f"{last.steward} 刚刚已对这一项作出决定（第 {last.decision_number} 号）；请看过再定")
        self.finding = finding
        self.newer = tuple(newer)


class StaleFormError(DecisionError):
    """A form for several findings that are no longer those it was shown."""


def last_number(state: State) -> int:
    """The number of the last decision of all; 0 for none. What is read afterwards has at least this version."""
    row = state.db.execute("SELECT max(decision_number) FROM decisions").fetchone()
    return int(row[0] or 0)


def version_of(state: State, finding: Finding) -> int:
    """The number of the last decision on the finding's subject and column, undoing included; 0 for none."""
    return max((d.decision_number for d in _on(state, finding)), default=0)


def decide_once(
    state: State,
    findings: Sequence[Finding],
    action: str,
    *,
    key: str,
    versions: Mapping[str, int],
    steward: str,
    reason: str | None,
    now: dt.datetime,
    value: str | None = None,
) -> tuple[list[Decision], bool]:
    """Keep one decision for one or several findings, all or none; the decisions, and whether they were new.

    `versions` are those shown, by finding id. Findings on one matter (a debt in several months) get one decision.
    Raises DecisionConflictError, StaleFormError for no finding at all, and DecisionError for what cannot be kept.
    """
    with state.transaction():
        before = _kept(state, key, steward)
        if before:
            return before, False
        if not findings:
            raise StaleFormError("这里要处理的事项已经变了；请看过再定")
        done: list[Decision] = []
        seen: set[tuple[Any, ...]] = set()
        for finding in findings:
            matter = _matter(finding, action)
            if matter in seen:
                continue
            seen.add(matter)
            newer = [d for d in _on(state, finding) if d.decision_number > versions.get(finding["finding_id"], 0)]
            newer = [d for d in newer if d not in done]
            if newer:
                raise DecisionConflictError(finding, newer)
            done.append(
                decide(
                    state, finding, action, steward=steward, reason=reason, now=now, value=value,
                    over=_over(state, finding, action, now.date()),
                )
            )  # fmt: skip
        _remember(state, key, steward, done)
        return done, True


def undo_once(
    state: State, number: int, *, key: str, steward: str, reason: str | None, now: dt.datetime
) -> tuple[Decision, bool]:
    """Take a decision back once. Raises DecisionError."""
    with state.transaction():
        before = _kept(state, key, steward)
        if before:
            return before[0], False
        undone = undo(state, number, steward=steward, reason=reason, now=now)
        _remember(state, key, steward, [undone])
        return undone, True


def _on(state: State, finding: Finding) -> list[Decision]:
    if finding["subject"] is None:
        return []
    found = decisions_on(state, finding["table_name"] or "", finding["subject"])
    return [d for d in found if d.field == finding["field"]]


def _matter(finding: Finding, action: str) -> tuple[Any, ...]:
    rule = None if action == "correct" else finding["rule"]
    return (finding["table_name"], finding["subject"], finding["field"], rule)


def _over(state: State, finding: Finding, action: str, day: dt.date) -> int | None:
    """The decision in force that this one knowingly replaces: its version was shown."""
    rule = "" if action == "correct" else finding["rule"]
    wanted = (finding["table_name"] or "", finding["subject"], finding["field"] or "", rule)
    return next((d.decision_number for d in in_force(state, day) if matter_of(d) == wanted), None)


def _kept(state: State, key: str, steward: str) -> list[Decision]:
    """What an earlier request of the same key kept."""
    if not 16 <= len(key) <= 64:
        raise DecisionError("这张表单没有编号；请回到上一页刷新后再提交")
    names = ", ".join(f"d.{c}" for c in Decision.__struct_fields__)
    rows = state.db.execute(
        f"SELECT {names} FROM decision_requests r JOIN decisions d USING (decision_number) "  # noqa: S608 - own names
        "WHERE r.request_key = ? AND r.steward = ? ORDER BY decision_number",
        (key, steward),
    ).fetchall()
    return [Decision(**dict(zip(Decision.__struct_fields__, row, strict=True))) for row in rows]


def _remember(state: State, key: str, steward: str, done: Sequence[Decision]) -> None:
    state.db.executemany(
        "INSERT INTO decision_requests VALUES (?, ?, ?)", [(key, steward, d.decision_number) for d in done]
    )
