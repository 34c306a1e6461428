"""Units and their roles in single sentences (tests/specs/duties_sentences.yml and duties_subjects.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context

# A paper's title by the table: what the paper is about must not decide what a unit is.
TITLES = {"duties_sentences.yml": "关于做好清欠工作的通知", "duties_subjects.yml": "关于做好夏粮收购工作的通知"}
CASES: list[tuple[str, dict[str, Any]]] = [
    (title, case)
    for name, title in TITLES.items()
    for case in yaml.safe_load((Path(__file__).parents[2] / "specs" / name).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("title", "case"), CASES, ids=[case["text"][:24] for _, case in CASES])
def test_case(title: str, case: dict[str, Any]) -> None:
    text = f"{title}\n各区县人民政府：\n{case['text']}"
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    assert sorted({(a.text, a.role) for a in facts.assignments}) == sorted((u, r) for u, r in case["expect"])
