"""Stewards decide: the open findings of the published warehouse, and decisions checked before they are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.decisions import Context, Decision, append_decision, context_of, decisions, in_force
from warehouse.publish import warehouse_path
from warehouse.review import CORRECTABLE
from warehouse.review_queue import as_stored, review_queue
from warehouse.state import State

SEVERITY = {"block": "拦截", "quarantine": "检疫", "warn": "警告", "note": "提示"}
"""Severities as people read them."""
ACTIONS = ("accept", "correct", "defer", "reject")


class DecisionError(Exception):
    """A decision that cannot be kept; the message is one sentence that says why and what to do."""


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
) -> Decision:
    """Keep one decision on a finding of the published warehouse.

    `value` is the corrected value, or the day a deferral ends. `over` is the number of an earlier decision that this
    one replaces knowingly. Raises DecisionError: nothing is kept then.
    """
    if action not in ACTIONS:
        raise DecisionError(f"不认识的处理方式“{action}”；可用 {'、'.join(ACTIONS)}")
    if not steward.strip():
        raise DecisionError("请用 --as 写明是谁作出的决定")
    if action in ("accept", "reject", "correct") and not (reason or "").strip():
        raise DecisionError("请用 --reason 写明理由，以后查证要用")
    if finding["subject"] is None:
        raise DecisionError(f"发现 {finding['finding_id'][:8]} 不指向具体的文件或行，不能逐条处理")
    if action == "correct":
        _check_correction(finding, value)
    if action == "defer":
        _check_day(value, now)
    with state.transaction():
        earlier = _earlier(state, finding, action, now.date())
        if earlier is not None and earlier.decision_number not in (finding["decision_number"], over):
            raise DecisionError(
                f"{earlier.steward} 已对这一项作出决定（第 {earlier.decision_number} 号，{earlier.action}，"
                f"{earlier.reason or '未写理由'}）；看过后如仍要改，请加 --over {earlier.decision_number}"
            )
        return append_decision(
            state,
            steward=steward.strip(),
            table_name=finding["table_name"] or "",
            row_id=finding["subject"],
            field=finding["field"],
            action=action,
            value=value,
            reason=reason,
            now=now,
            context=Context(
                finding_id=finding["finding_id"],
                rule=finding["rule"],
                raw=finding["raw_value"],
                value=finding["value"],
                message_zh=finding["message_zh"],
                evidence=finding["evidence"],
            ),
        )


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


def _earlier(state: State, finding: dict[str, Any], action: str, day: dt.date) -> Decision | None:
    """The decision in force on the same matter, if there is one."""
    for d in in_force(state, day):
        same = (d.table_name, d.row_id, d.field) == (finding["table_name"] or "", finding["subject"], finding["field"])
        corrects = action == "correct"
        if same and (d.action == "correct") == corrects and (corrects or context_of(d).rule == finding["rule"]):
            return d
    return None


def _check_correction(finding: dict[str, Any], value: str | None) -> None:
    from warehouse.tables import TABLES

    table, field = finding["table_name"], finding["field"]
    if table not in CORRECTABLE or field is None or field not in TABLES[table].column_names:
        raise DecisionError("这一项不是某一行某一列的值，不能更正；请用 accept、reject 或 defer，或改好原文件后重报")
    column = TABLES[table].field(field)
    if value is None:
        if not column.nullable:
            raise DecisionError(f"“{column.label_zh}”不能为空")
        return
    if column.domain and value not in column.domain:
        raise DecisionError(f"“{column.label_zh}”只能是 {'、'.join(column.domain)}，不能是“{value}”")
    stored = as_stored(column, value)
    if stored is None:
        raise DecisionError(f"“{value}”不是“{column.label_zh}”能用的值（{column.description}）")
    if column.type == "money" and Decimal(stored) != Decimal(value):
        raise DecisionError(f"“{value}”超过两位小数；金额以元为单位，到分为止")
    if field.endswith("_uscc"):
        import pyarrow as pa

        from warehouse.uscc import failing

        if failing(pa.array([value]))[0]:
            raise DecisionError(f"“{value}”不是有效的统一社会信用代码（位数、字符或校验码不符）")


def _check_day(value: str | None, now: dt.datetime) -> None:
    if value is None:
        return
    try:
        day = dt.date.fromisoformat(value)
    except ValueError:
        raise DecisionError(f"“{value}”不是日期；推迟到哪一天请写成 YYYY-MM-DD") from None
    if day <= now.date():
        raise DecisionError(f"推迟的日子 {value} 已经过去；请给今天以后的日期")
