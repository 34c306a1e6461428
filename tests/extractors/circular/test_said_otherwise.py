"""The same said in other words is read as the same: no rule may hang on one of many words for a thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors import circular
from extractors.document import Document
from extractors.facts import Context

SPECS = Path(__file__).parents[2] / "specs"


def _spec(name: str) -> Any:
    return yaml.safe_load((SPECS / name).read_text(encoding="utf-8"))


def _roles(text: str) -> list[str]:
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())
    return [a.role for a in facts.amounts]


def _parts(text: str) -> list[tuple[str, str]]:
    paper = f"关于做好清欠工作的通知\n各区县人民政府：\n{text}"
    facts = circular.extract(Document(sha256="0", name="x", format="txt", text=paper), Context())
    return sorted({(a.text, a.role) for a in facts.assignments})


def _changed(
    read: Callable[[str], Any], pairs: list[tuple[str, str]], same: Callable[[Any], Any] = lambda found: found
) -> list[Any]:
    return [(said, read(text), read(said)) for text, said in pairs if read(said) != same(read(text))]


SUMS: list[str] = [case["text"] for case in _spec("amounts_sentences.yml")]
DUTIES: list[str] = [case["text"] for case in _spec("duties_sentences.yml")]


@pytest.mark.parametrize(("word", "others"), _spec("amounts_otherwise.yml"), ids=lambda x: str(x)[:8])
def test_other_words_leave_what_sums_count(word: str, others: list[str]) -> None:
    pairs = [(t, t.replace(word, o)) for t in SUMS for o in others if word in t and o not in t]
    assert pairs, "no sentence has the word"
    assert _changed(_roles, pairs) == []


_SUM = r"(\d[\d.,]*余?[万亿]?元)"
# How many before a sum, whose the sums are behind it, spaces: none of them changes what is counted.
SHAPES = {
    "how many": (rf"(?<=[款欠]){_SUM}", r"36笔、\1"),
    "how many, run on": (rf"(?<=[款欠]){_SUM}", r"36笔\1"),
    "how many, in a clause": (rf"(?<=[款欠]){_SUM}", r"36笔，涉及金额\1"),
    "summed up": (rf"(?<=[款欠]){_SUM}", r"共计\1"),
    "whose, behind": (rf"{_SUM}(?=[，；。])", r"\1（36户）"),
    "spaces": (r"(\d)([万亿]元)", r"\1 \2"),
    "renminbi": (rf"(?<=[款欠]){_SUM}", r"人民币\1"),
}


def variants(text: str) -> list[str]:
    """A sentence of sums said in all the other ways that the tests here know."""
    words = [text.replace(word, o) for word, others in _spec("amounts_otherwise.yml") for o in others if o not in text]
    shapes = [re.sub(pattern, by, text) for pattern, by in SHAPES.values()]
    return [said for said in dict.fromkeys((*words, *shapes)) if said != text]


@pytest.mark.parametrize("shape", SHAPES)
def test_counts_and_asides_leave_what_sums_count(shape: str) -> None:
    pattern, by = SHAPES[shape]
    pairs = [(text, said) for text in SUMS if (said := re.sub(pattern, by, text)) != text]
    assert pairs
    assert _changed(_roles, pairs) == []


@pytest.mark.parametrize(("word", "others"), _spec("duties_otherwise.yml"), ids=lambda x: str(x)[:8])
def test_other_words_leave_who_must_do_what(word: str, others: list[str]) -> None:
    changed = []
    seen = 0
    for other in others:
        pairs = [(t, t.replace(word, other)) for t in DUTIES if word in t and other not in t]
        seen += len(pairs)

        def renamed(found: list[tuple[str, str]], other: str = other) -> list[tuple[str, str]]:
            return sorted({(unit.replace(word, other), role) for unit, role in found})

        changed += _changed(_parts, pairs, renamed)
    assert seen, "no sentence has the word"
    assert changed == []
