"""Quick ways of the engine find what the plain ways find: sets of first characters, and rules looked at together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.circular import statistics
from extractors.rules import lexicon, money, view
from extractors.rules.engine import Layer
from extractors.rules.swift import Swift, first_characters
from extractors.rules.time import cadence, durations, expressions, points

LAYERS = (
    points.LAYER, cadence.LAYER, durations.LAYER, expressions.SUFFIX_LAYER, money.LAYER, statistics.LAYER,
)  # fmt: skip
TUNING = Path(__file__).resolve().parents[2] / "gold" / "circulars" / "tuning"
WORDS = st.sampled_from(
    ["2024年", "6月", "15日", "前", "每月", "按季", "约", "3,000", "万元", "亿", "第", "一二", "季度", "底", "内", " ",
     "，", "。", "\n", "(", ")", "“", "至", "—", "春节", "工作日", "三", "笔", "百分之", "元", "上", "下", "半", "周"]
)  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_triggers_begin_with_a_set_that_can_be_read(layer: Layer) -> None:
    assert first_characters(lexicon.compiled(layer.trigger)) is not None


@pytest.mark.parametrize(
    ("pattern", "heads"),
    [
        (r"(?<!\d)[ab]c|\dx", r"[ab\d]"),
        (r"(?:年)?月", "[年月]"),
        (r"[a-c]|(?P<n>z)", "[a-cz]"),
        (r"a?", None),  # matches nothing, too
        (r"[^a]b", None),
        (r".a", None),
        (r"(a)\1", None),
        (r"(?i)a", None),
    ],
)
def test_first_characters(pattern: str, heads: str | None) -> None:
    assert first_characters(re.compile(pattern)) == heads


@given(st.lists(WORDS, max_size=30).map("".join), st.integers(0, 12), st.integers(0, 12))
def test_a_swift_pattern_finds_what_the_pattern_finds(text: str, start: int, short: int) -> None:
    end = max(len(text) - short, 0)
    for layer in LAYERS:
        regex = lexicon.compiled(layer.trigger)
        plain = [m.span() for m in regex.finditer(text, start, end)]
        assert list(Swift(regex).spans(text, start, end)) == plain
        assert [m.span() for m in Swift(regex).finditer(text, start, end)] == plain


def test_patterns_without_a_set_are_searched_for_as_they_are() -> None:
    for pattern in (r".b", r"(?m)^[^\n]+$", r"(\w)\1"):
        regex = re.compile(pattern)
        text = "ab\nxbb aab\n"
        assert list(Swift(regex).spans(text)) == [m.span() for m in regex.finditer(text)]
        assert [m[0] for m in Swift(regex).finditer(text)] == [m[0] for m in regex.finditer(text)]


def _one_by_one(layer: Layer, text: str, at: int) -> tuple[str, int] | None:
    """The longest accepted match at a position, every rule tried by itself."""
    found = [(m.end(), -i, r, m) for i, r in enumerate(layer.rules) if (m := r.regex.match(text, at)) and m.end() > at]
    for end, _, rule, m in sorted(found, key=lambda x: x[:2], reverse=True):
        if rule.produce(m) is not None:
            return rule.name, end
    return None


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_rules_together_find_what_each_finds_alone(layer: Layer) -> None:
    for path in sorted(TUNING.glob("*.txt"))[::4]:
        text = view.of_text(path.read_text(encoding="utf-8")).text
        for at in range(len(text)):
            hit = layer.at(text, at)
            assert (None if hit is None else (hit.rule, hit.end)) == _one_by_one(layer, text, at)


@given(st.lists(WORDS, max_size=12).map("".join))
def test_rules_together_on_any_words(text: str) -> None:
    for layer in LAYERS:
        for at in range(len(text)):
            hit = layer.at(text, at)
            assert (None if hit is None else (hit.rule, hit.end)) == _one_by_one(layer, text, at)
