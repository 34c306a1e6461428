"""`qingqian decide`: keep decisions on findings, each checked against the published warehouse first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from pipelines.cli import CommandError
from pipelines.home import resolve_home
from warehouse.deciding import (
    ACTION_ZH,
    DecisionError,
    decide,
    decide_cause,
    findings,
    of_same_cause,
    undo,
    undo_batch,
)
from warehouse.state import open_state

_SHORTEST = 4
"""Digits of a finding's id that a person must give at least."""


def run(
    *,
    home: Path | None,
    ids: list[str],
    action: str,
    value: Any,
    reason: str | None,
    steward: str,
    over: int | None,
    now: dt.datetime,
    whole_cause: bool = False,
) -> None:
    """Keep the decisions, all or none of them. Raises CommandError that says which was refused and why.

    With `whole_cause` each finding named stands for all that share its cause, and an undone decision for those that
    were taken with it.
    """
    folder = resolve_home(home)
    try:
        known = findings(folder)
        if action == "from":
            from pipelines.review_sheet import read_sheet

            wanted = read_sheet(Path(value), {f["finding_id"]: f for f in known}, steward)
        elif action == "undo":
            wanted = []
        else:
            text = None if value is True or (action == "correct" and value == "-") else str(value)
            wanted = [(f, action, text, reason, steward) for f in _chosen(known, ids)]
        with open_state(folder) as state:
            if action == "undo":
                take_back = undo_batch if whole_cause else undo
                take_back(state, int(value), steward=_named(steward), reason=reason, now=now)
                print(f"第 {value} 号决定{'及同批的' if whole_cause else ''}已撤销；下一夜起恢复待处理")
                return
            with state.transaction():
                numbers = []
                for finding, act, text, why, who in wanted:
                    if whole_cause:
                        group = of_same_cause((f for f in known if f["status"] == finding["status"]), finding)
                        kept_all = decide_cause(
                            state, group, act, steward=who, reason=why, now=now, value=text, over=over
                        )
                        numbers += [(k.decision_number, act, finding) for k in kept_all]
                        continue
                    try:
                        kept = decide(state, finding, act, steward=who, reason=why, now=now, value=text, over=over)
                    except DecisionError as e:
                        raise DecisionError(f"{finding['finding_id'][:8]}：{e}；本次一条都没有记下") from e
                    numbers.append((kept.decision_number, act, finding))
    except DecisionError as e:
        raise CommandError(str(e)) from e
    for number, act, finding in numbers:
        print(f"第 {number} 号：{ACTION_ZH[act]} {finding['finding_id'][:8]} {finding['message_zh']}")
    print(f"记下 {len(numbers)} 条决定，下一夜起生效" if numbers else "表里没有填写任何处理方式，没有记下决定")


def _named(steward: str) -> str:
    if not steward.strip():
        raise DecisionError("请用 --as 写明是谁作出的决定")
    return steward.strip()


def _chosen(known: list[dict[str, Any]], ids: list[str]) -> list[dict[str, Any]]:
    """The findings meant by the beginnings of their ids."""
    chosen = []
    for text in ids:
        if len(text) < _SHORTEST:
            raise DecisionError(f"编号“{text}”太短，请至少给出前 {_SHORTEST} 位")
        found = [f for f in known if f["finding_id"].startswith(text)]
        if len(found) != 1:
            said = "没有这条发现，可能已不再出现" if not found else f"有 {len(found)} 条以它开头，请多给几位"
            raise DecisionError(f"编号“{text}”：{said}；请用 qingqian findings --each 查看")
        chosen.append(found[0])
    return chosen
