"""Title, issuer, number, date and addressees of whole short papers, case by case from tests/specs/frames.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Field

SPECS = Path(__file__).parents[2] / "specs"
CASES: list[dict[str, Any]] = yaml.safe_load((SPECS / "frames.yml").read_text(encoding="utf-8"))


def _shown(found: Field | tuple[Field, ...] | None) -> str | list[str | None] | None:
    if isinstance(found, tuple):
        return [f.value for f in found]
    return found.value if found is not None else None


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_case(case: dict[str, Any]) -> None:
    metadata = circular.extract(Document(sha256="0", name="x", format="txt", text=case["text"]), Context()).metadata
    assert {name: _shown(getattr(metadata, name)) for name in case["expect"]} == case["expect"]
