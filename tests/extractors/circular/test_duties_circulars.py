"""Invented papers of many layouts: the duties a careful reader would note, and the mentions that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.circular.duties import find_assignments
from extractors.facts import Field, Metadata
from extractors.rules.segment import outline
from extractors.rules.view import of_text

SPECS = yaml.safe_load((Path(__file__).parents[2] / "specs" / "duties_circulars.yml").read_text("utf-8"))


def field(value: str | None) -> Field | None:
    return None if value is None else Field(text="", start=0, end=0, rule="test", value=value)


def metadata_of(spec: dict[str, Any]) -> Metadata:
    return Metadata(
        title=field(spec.get("title")),
        doc_type=field(spec.get("doc_type")),
        region_code=field(spec.get("region")),
        recipients=tuple(f for r in spec.get("recipients", ()) if (f := field(r)) is not None),
    )


def unified(words: str) -> str:
    return "".join(words.translate(str.maketrans("（）", "()")).split())


@pytest.mark.parametrize("spec", SPECS, ids=[s["name"] for s in SPECS])
def test_duties_of_an_invented_paper(spec: dict[str, Any]) -> None:
    text = spec["text"]
    view = of_text(text, [(0, len(text))] if spec.get("tables") else ())
    found = find_assignments(view, outline(view), metadata_of(spec))
    for a in found:
        assert text[a.start : a.end] == a.text
    pairs = {(unified(a.text), a.role) for a in found}
    if "expect" in spec:
        assert sorted(pairs) == sorted({(unified(u), r) for u, r in spec["expect"]})
    for words in spec.get("absent", ()):
        assert words not in {u for u, _ in pairs}
    for words in spec.get("open", ()):
        assert any(a.open_list for a in found if a.text == words)
