"""Other documents and what a paper does with them, case by case from tests/specs/references.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Reference

SPECS = Path(__file__).parents[2] / "specs"
CASES: list[dict[str, Any]] = yaml.safe_load((SPECS / "references.yml").read_text(encoding="utf-8"))


def _refs(text: str) -> tuple[Reference, ...]:
    return circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context()).refs


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["text"][:24])
def test_case(case: dict[str, Any]) -> None:
    assert [[r.title, r.doc_number, r.relation] for r in _refs(case["text"])] == case["expect"]


def test_a_title_that_hands_another_paper_on_names_it() -> None:
    text = (
        "石河县人民政府办公室\n关于转发市清欠办关于做好岁末清欠工作的通知的通知\n\n各乡镇人民政府：\n\n"
        "现将有关事项通知如下。\n\n石河县人民政府办公室\n2024年12月2日\n"
    )
    (found,) = _refs(text)
    assert (found.title, found.relation) == ("市清欠办关于做好岁末清欠工作的通知", "forwards")
    assert text[found.start : found.end] == found.text
