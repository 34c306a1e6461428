"""Units and their parts in papers on any subject (tests/specs/duties_subjects.yml)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "specs" / "duties_subjects.yml").read_text(encoding="utf-8")
)
_HEAD = "关于做好夏粮收购工作的通知\n各区县人民政府：\n"


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["text"][:24])
def test_case(case: dict[str, Any]) -> None:
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=_HEAD + case["text"]), Context())
    assert sorted({(a.text, a.role) for a in facts.assignments}) == sorted((u, r) for u, r in case["expect"])
