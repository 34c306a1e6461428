"""Decisions as forms send them: each form counts once, and only if nobody decided on the same thing meanwhile.

A form carries a key made when the page was shown, and the version of what it was shown: the number of the last
decision on the subject's column. A second click or a replayed request finds its key and gets the decision that was
kept; a form filled while somebody else decided is a conflict, with their decision in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from warehouse.deciding import DecisionError, decide, undo, undo_batch
from warehouse.deciding_values import read_lookup
from warehouse.decisions import Decision, decisions_on, in_force_on, matter, matter_of
from warehouse.lookups import LOOKUPS, lookup_subject
from warehouse.publish import warehouse_path
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
        seen: set[tuple[str, ...]] = set()
        for finding in findings:
            about = _matter(state, finding, action, value)
            if about in seen:
                continue
            seen.add(about)
            newer = [d for d in _on(state, finding) if d.decision_number > versions.get(finding["finding_id"], 0)]
            newer = [d for d in newer if d not in done]
            if newer:
                raise DecisionConflictError(finding, newer)
            done.append(
                decide(
                    state, finding, action, steward=steward, reason=reason, now=now, value=value,
                    over=_over(state, about, now.date()), batch=done[0].decision_number if done else None,
                )
            )  # fmt: skip
        _remember(state, key, steward, done)
        return done, True


def undo_once(
    state: State, number: int, *, key: str, steward: str, reason: str | None, now: dt.datetime, whole: bool = False
) -> tuple[Decision, bool]:
    """Take a decision back once; with `whole` also those taken with it for one cause. Raises DecisionError."""
    with state.transaction():
        before = _kept(state, key, steward)
        if before:
            return before[0], False
        take_back = undo_batch if whole else _undo_one
        undone = take_back(state, number, steward=steward, reason=reason, now=now)
        _remember(state, key, steward, undone)
        return undone[0], True


def _undo_one(state: State, number: int, *, steward: str, reason: str | None, now: dt.datetime) -> list[Decision]:
    return [undo(state, number, steward=steward, reason=reason, now=now)]


def _on(state: State, finding: Finding) -> list[Decision]:
    if finding["subject"] is None:
        return []
    found = decisions_on(state, finding["table_name"] or "", finding["subject"])
    return [d for d in found if d.field == finding["field"]]


def _matter(state: State, finding: Finding, action: str, value: str | None) -> tuple[str, ...]:
    """What the decision would be about. Raises DecisionError for a lookup that cannot be."""
    if action == "map":
        kind, source, said, _ = read_lookup(warehouse_path(state.home), finding, value)
        return matter(action, LOOKUPS, lookup_subject(kind, source, said), None, finding["rule"], finding["value"])
    table, subject = finding["table_name"] or "", str(finding["subject"])
    return matter(action, table, subject, finding["field"], finding["rule"], finding["value"])


def _over(state: State, about: tuple[str, ...], day: dt.date) -> int | None:
    """The decision in force that this one knowingly replaces: its version was shown."""
    kept = in_force_on(state, about[0], about[1], day)
    return next((d.decision_number for d in kept if matter_of(d) == about), None)


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
