"""The five seed circulars against their hand-made gold, where the folder with the gold is at hand."""

from __future__ import annotations

import importlib.util
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Facts

SHARED = Path(__file__).parents[4] / "shared"
SCORER = SHARED / "gold" / "score.py"

pytestmark = pytest.mark.skipif(not SCORER.exists(), reason=f"no gold at {SHARED}: scores not checked")


def _record(facts: Facts) -> dict[str, Any]:
    def value(field: Any) -> str | None:
        return None if field is None else field.value

    m = facts.metadata
    metadata: dict[str, Any] = {
        k: value(getattr(m, k)) for k in ("title", "issuer", "doc_number", "doc_type", "issued_date")
    }
    metadata["recipients"] = [f.value for f in m.recipients]
    record: dict[str, Any] = {"metadata": metadata}
    encoder = msgspec.json.Encoder(decimal_format="number")
    for name in ("amounts", "deadlines", "refs"):
        record[name] = json.loads(encoder.encode(getattr(facts, name)))
    record["assignments"] = [{"unit": a.text, "role": a.role} for a in facts.assignments]
    return record


@pytest.fixture(scope="module")
def scores() -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("gold_score", SCORER)
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    found = {}
    for path in sorted((SHARED / "seeds").glob("*.txt")):
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        document = Document(sha256="0", name=path.name, format="txt", text=text)
        found[path.stem] = _record(circular.extract(document, Context()))
    result, _ = score.evaluate(score.load(str(SHARED / "gold" / "gold")), found)
    return dict(result)


@pytest.mark.parametrize(
    ("measure", "least"),
    [
        ("amount span+yuan+role", 1.0),
        ("obligation span+kind+resolved", 0.97),
        ("date span+kind+resolved", 0.95),
        ("recipients", 1.0),
        ("refs doc_number", 1.0),
        ("assignment unit+role", 0.9),
    ],
)
def test_measure(scores: dict[str, Any], measure: str, least: float) -> None:
    assert scores[measure]["f1"] >= least, scores[measure]


def test_no_history_is_taken_for_a_duty(scores: dict[str, Any]) -> None:
    assert scores["false obligations (history or as-of taken for a duty)"] == 0


def test_metadata_is_exact(scores: dict[str, Any]) -> None:
    for name, figures in scores["metadata"].items():
        assert figures["exact"] == 1.0, name
        assert figures["spurious"] == 0, name


def test_money_is_decimal() -> None:
    text = "截至2024年3月31日，已清偿1.1万元。"
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    assert facts.amounts[0].amount_yuan == Decimal("11000")
