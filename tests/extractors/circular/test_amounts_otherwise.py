"""The same said in other words leaves what sums count as it is: no rule may hang on one of many words for a thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context

SPECS = Path(__file__).parents[2] / "specs"
SENTENCES: list[str] = [
    case["text"] for case in yaml.safe_load((SPECS / "amounts_sentences.yml").read_text(encoding="utf-8"))
]
WORDS: list[tuple[str, list[str]]] = yaml.safe_load((SPECS / "amounts_otherwise.yml").read_text(encoding="utf-8"))
_SUM = r"(\d[\d.,]*余?[万亿]?元)"
# A count before a sum, whose the sums are behind it, spaces: none of them changes what is counted.
SHAPES = {
    "how many": (rf"(?<=[款欠]){_SUM}", r"36笔、\1"),
    "how many, run on": (rf"(?<=[款欠]){_SUM}", r"36笔\1"),
    "how many, in a clause": (rf"(?<=[款欠]){_SUM}", r"36笔，涉及金额\1"),
    "summed up": (rf"(?<=[款欠]){_SUM}", r"共计\1"),
    "whose, behind": (rf"{_SUM}(?=[，；。])", r"\1（36户）"),
    "spaces": (r"(\d)([万亿]元)", r"\1 \2"),
    "renminbi": (rf"(?<=[款欠]){_SUM}", r"人民币\1"),
}


def _roles(text: str) -> list[str]:
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    return [a.role for a in facts.amounts]


def _otherwise(text: str, word: str, other: str) -> Iterator[str]:
    if word in text and other not in text:
        yield text.replace(word, other)


def _changed(pairs: list[tuple[str, str]]) -> list[Any]:
    return [(said, _roles(text), _roles(said)) for text, said in pairs if _roles(said) != _roles(text)]


@pytest.mark.parametrize(("word", "others"), WORDS, ids=lambda x: x if isinstance(x, str) else "")
def test_other_words_for_the_same_leave_roles_as_they_are(word: str, others: list[str]) -> None:
    pairs = [(text, said) for text in SENTENCES for other in others for said in _otherwise(text, word, other)]
    assert pairs, "no sentence has the word"
    assert _changed(pairs) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_counts_and_asides_leave_roles_as_they_are(shape: str) -> None:
    pattern, by = SHAPES[shape]
    pairs = [(text, said) for text in SENTENCES if (said := re.sub(pattern, by, text)) != text]
    assert pairs
    assert _changed(pairs) == []
