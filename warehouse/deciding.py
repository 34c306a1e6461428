"""Stewards decide: the open findings of the published warehouse, and decisions checked before they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from warehouse.deciding_values import (
    DecisionError,
    check_correction,
    check_day,
    read_lookup,
    read_parts,
    read_same_debt,
)
from warehouse.decisions import (
    Context,
    Decision,
    append_decision,
    context_of,
    decisions,
    in_force_on,
    matter,
    matter_of,
)
from warehouse.lookups import LOOKUPS, lookup_subject
from warehouse.publish import warehouse_path
from warehouse.review_queue import review_queue
from warehouse.state import State

__all__ = [
    "ACTIONS",
    "ACTION_ZH",
    "SEVERITY",
    "DecisionError",
    "causes",
    "decide",
    "decide_cause",
    "findings",
    "of_same_cause",
    "undo",
    "undo_batch",
]

SEVERITY = {"block": "拦截", "quarantine": "检疫", "warn": "警告", "note": "提示"}
"""Severities as people read them."""
ACTION_ZH = {
    "accept": "接受", "correct": "更正", "reject": "不成立", "defer": "推迟", "map": "对照", "duplicate": "重复",
    "split": "拆分", "undo": "撤销",
}  # fmt: skip
"""Actions as people read them."""
ACTIONS = ("accept", "correct", "defer", "reject", "map", "duplicate", "split")


def findings(home: Path, *, statuses: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Findings of the published warehouse with their file's path, worst first; those of some statuses only."""
    path = warehouse_path(home)
    if not path.is_file():
        raise DecisionError(f"{home} 里还没有发布过仓库；请先运行 qingqian nightly")
    return review_queue(path, statuses)


def causes(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings grouped by cause: one rule on one column of one debt over all its ledgers, else of one file; the largest
    groups of a severity first."""
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for f in found:
        of_debt = (f["subject"] or "").startswith("debt:")
        key = (f["severity"], f["rule"], f["field"], f["subject"] if of_debt else f["path"])
        group = groups.setdefault(
            key,
            {
                "severity": f["severity"],
                "rule": f["rule"],
                "path": f["path"],
                "field": f["field"],
                "count": 0,
                "example": f["message_zh"],
                "first_seen_date": f["first_seen_date"],
                "finding_ids": [],
            },
        )
        group["count"] += 1
        group["finding_ids"].append(f["finding_id"])
        if f["first_seen_date"] is not None and f["first_seen_date"] < group["first_seen_date"]:
            group["first_seen_date"] = f["first_seen_date"]
    order = ("block", "quarantine", "warn", "note")
    return sorted(groups.values(), key=lambda g: (order.index(g["severity"]), -g["count"], g["rule"], g["path"] or ""))


def decide(
    state: State,
    finding: dict[str, Any],
    action: str,
    *,
    steward: str,
    reason: str | None,
    now: dt.datetime,
    value: str | None = None,
    over: int | None = None,
    batch: int | None = None,
) -> Decision:
    """Keep one decision on a finding of the published warehouse.

    `value` by action: the corrected value (correct); the day it comes back (defer); a column's canonical field or its
    Chinese label, `-` to leave it, or `name=full name` (map); the id of the debt that is counted, or its beginning
    (duplicate); the parts (split), as `deciding_values.read_parts` takes them. `over` is the number of an earlier
    decision that this one replaces knowingly; `batch` that of the first decision taken with this one.
    Raises DecisionError: nothing is kept then.
    """
    if action not in ACTIONS:
        raise DecisionError(f"不认识的处理方式“{action}”；可用 {'、'.join(ACTIONS)}")
    if not steward.strip():
        raise DecisionError("请用 --as 写明是谁作出的决定")
    if action != "defer" and not (reason or "").strip():
        raise DecisionError("请用 --reason 写明理由，以后查证要用")
    if finding["subject"] is None:
        raise DecisionError(f"发现 {finding['finding_id'][:8]} 不指向具体的文件或行，不能逐条处理")
    about = _About(finding["table_name"] or "", finding["subject"], finding["field"], finding["raw_value"], value)
    published = warehouse_path(state.home)
    if action == "correct":
        check_correction(finding, value)
    elif action == "defer":
        check_day(value, now)
    elif action == "map":
        about = _taught(published, finding, value)
    elif action == "duplicate":
        about = about._replace(value=read_same_debt(published, finding, value))
    elif action == "split":
        about = about._replace(value=read_parts(published, finding, value))
    with state.transaction():
        earlier = _earlier(state, about, action, finding, now.date())
        if earlier is not None and earlier.decision_number not in (finding["decision_number"], over):
            raise DecisionError(
                f"{earlier.steward} 已对这一项作出决定（第 {earlier.decision_number} 号，{ACTION_ZH[earlier.action]}，"
                f"{earlier.reason or '未写理由'}）；看过后如仍要改，请加 --over {earlier.decision_number}"
            )
        return append_decision(
            state,
            steward=steward.strip(),
            table_name=about.table,
            row_id=about.subject,
            field=about.field,
            action=action,
            value=about.value,
            reason=reason,
            now=now,
            context=Context(
                finding_id=finding["finding_id"],
                rule=finding["rule"],
                raw=about.raw,
                value=finding["value"],
                message_zh=finding["message_zh"],
                evidence=finding["evidence"],
                row_id=finding["row_id"],
                batch=batch,
            ),
        )


def decide_cause(
    state: State,
    findings: Sequence[dict[str, Any]],
    action: str,
    *,
    steward: str,
    reason: str | None,
    now: dt.datetime,
    value: str | None = None,
    over: int | None = None,
) -> list[Decision]:
    """One decision for many findings, as a rule those of one cause: all are kept or none.

    What is decided twice by it (one header over many tables) is kept once. Raises DecisionError.
    """
    kept: list[Decision] = []
    with state.transaction():
        for finding in findings:
            first = kept[0].decision_number if kept else None
            if action == "map" and kept:
                about = _taught(warehouse_path(state.home), finding, value)
                if any((d.table_name, d.row_id, d.value) == (about.table, about.subject, about.value) for d in kept):
                    continue
            try:
                kept.append(
                    decide(
                        state, finding, action, steward=steward, reason=reason, now=now, value=value, over=over,
                        batch=first,
                    )
                )  # fmt: skip
            except DecisionError as e:
                raise DecisionError(f"{finding['finding_id'][:8]}：{e}；本次一条都没有记下") from e
    return kept


def of_same_cause(found: Iterable[dict[str, Any]], finding: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings of a queue that share the cause of one of them, that one included."""
    listed = list(found)
    for group in causes(listed):
        if finding["finding_id"] in group["finding_ids"]:
            wanted = set(group["finding_ids"])
            return [f for f in listed if f["finding_id"] in wanted]
    return [finding]


def undo(state: State, number: int, *, steward: str, reason: str | None, now: dt.datetime) -> Decision:
    """Take a decision back; what it settled is open again from the next night. Raises DecisionError."""
    every = {d.decision_number: d for d in decisions(state)}
    was = every.get(number)
    if was is None or was.action == "undo":
        raise DecisionError(f"没有第 {number} 号决定可撤销；请用 qingqian findings --decided 查看")
    if any(d.action == "undo" and d.value == str(number) for d in every.values()):
        raise DecisionError(f"第 {number} 号决定已经撤销过了")
    return append_decision(
        state, steward=steward, table_name=was.table_name, row_id=was.row_id, field=was.field, action="undo",
        value=str(number), reason=reason, now=now, context=context_of(was),
    )  # fmt: skip


def undo_batch(state: State, number: int, *, steward: str, reason: str | None, now: dt.datetime) -> list[Decision]:
    """Take back a decision and all that were taken with it for one cause. Raises DecisionError."""
    every = {d.decision_number: d for d in decisions(state)}
    first = context_of(every[number]).batch or number if number in every else number
    gone = {int(d.value) for d in every.values() if d.action == "undo" and d.value}
    together = [n for n, d in every.items() if n == first or (d.action != "undo" and context_of(d).batch == first)]
    with state.transaction():
        wanted = [n for n in together if n not in gone] or [number]
        return [undo(state, n, steward=steward, reason=reason, now=now) for n in wanted]


class _About(NamedTuple):
    """What a decision is kept under, and its value as it is stored."""

    table: str
    subject: str
    field: str | None
    raw: str | None
    value: str | None


def _taught(published: Path, finding: dict[str, Any], value: str | None) -> _About:
    kind, source, said, meant = read_lookup(published, finding, value)
    return _About(LOOKUPS, lookup_subject(kind, source, said), None, said, meant)


def _earlier(state: State, about: _About, action: str, finding: dict[str, Any], day: dt.date) -> Decision | None:
    """The decision in force on the same matter, if there is one."""
    wanted = matter(action, about.table, about.subject, about.field, finding["rule"], finding["value"])
    return next((d for d in in_force_on(state, about.table, about.subject, day) if matter_of(d) == wanted), None)
