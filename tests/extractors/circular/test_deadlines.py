"""Time expressions in context, case by case from tests/specs/deadlines.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Deadline

CASES: list[dict[str, Any]] = [
    case
    for name in ("deadlines.yml", "deadlines_told.yml", "deadlines_stands.yml", "deadlines_years.yml")
    for case in yaml.safe_load((Path(__file__).parents[2] / "specs" / name).read_text(encoding="utf-8"))
]


def _document(case: dict[str, Any]) -> Document:
    kind = "工作情况的报告" if case.get("kind") == "report" else "工作的通知"
    text = (
        f"石河市清欠办关于清理拖欠账款{kind}\n\n各县（市、区）人民政府：\n\n{case['text']}\n\n"
        f"石河市清理拖欠账款工作领导小组办公室\n\n{case.get('issued', '2024-05-24')}\n"
    )
    return Document(sha256="0", name="case.txt", format="txt", text=text)


def _found(case: dict[str, Any]) -> list[Deadline]:
    facts = circular.extract(_document(case), Context())
    return [d for d in facts.deadlines if d.subtype != "doc_date"]


def _shown(d: Deadline) -> list[Any]:
    resolved = list(d.resolved) if isinstance(d.resolved, tuple) else d.resolved
    return [d.text, d.kind if d.subtype is None else f"{d.kind}.{d.subtype}", resolved]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["text"][:24])
def test_case(case: dict[str, Any]) -> None:
    found = _found(case)
    assert [_shown(d) for d in found] == case["expect"]
    for flag in case.get("flags", []):
        assert any(flag in d.flags for d in found), f"missing flag {flag}"
    if "strength" in case:
        assert found[0].strength == case["strength"]


ACTIONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "specs" / "actions.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", ACTIONS, ids=lambda c: c["text"][:24])
def test_what_must_be_done(case: dict[str, Any]) -> None:
    assert [[d.text, d.action] for d in _found(case)] == case["expect"]
