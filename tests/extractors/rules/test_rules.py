"""Every rule finds its examples and leaves its counter-examples alone; lexicons load; the engine keeps its promises."""

from __future__ import annotations

import re
import unicodedata

import pytest

from extractors.rules import all_rules, layers, lexicon
from extractors.rules.engine import Layer, Rule, Spans

PAIRS = [(layer, rule) for layer in layers() for rule in layer.rules]
IDS = [rule.name for _, rule in PAIRS]


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _hits(layer: Layer, rule: Rule, text: str) -> list[str]:
    if layer.name == "suffix":  # suffixes are tried where a point ends, not searched for
        hit = layer.at(_normal(text), 0)
        return [_normal(text)[: hit.end]] if hit is not None and hit.rule == rule.name else []
    return [_normal(text)[h.start : h.end] for h in layer.scan(_normal(text)) if h.rule == rule.name]


@pytest.mark.parametrize(("layer", "rule"), PAIRS, ids=IDS)
def test_rule_finds_its_examples(layer: Layer, rule: Rule) -> None:
    assert rule.examples, "a rule without an example cannot be trusted"
    for text, words in rule.examples:
        assert _normal(words) in _hits(layer, rule, text), text


@pytest.mark.parametrize(("layer", "rule"), PAIRS, ids=IDS)
def test_rule_leaves_counter_examples_alone(layer: Layer, rule: Rule) -> None:
    assert rule.counter_examples, "a rule without a counter-example says too little"
    for text in rule.counter_examples:
        assert _hits(layer, rule, text) == [], text


def test_names_are_unique_and_layered() -> None:
    names = [r.name for r in all_rules()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", n) for n in names)


def test_spans_merge_and_answer() -> None:
    spans = Spans([(5, 8), (1, 3), (7, 10)])
    assert [p for p in range(12) if p in spans] == [1, 2, 5, 6, 7, 8, 9]
    assert spans.overlaps(3, 6)
    assert not spans.overlaps(3, 5)


def test_masked_places_are_not_read() -> None:
    money = layers()[0]
    text = "《关于清理500万元以下欠款的通知》清偿200万元"
    assert len(money.scan(text, Spans([(0, 17)]))) == 1


@pytest.mark.parametrize("file", ["money", "time", "metadata", "statistics", "lunar"])
def test_lexicon_has_no_empty_or_double_word(file: str) -> None:
    for name, entries in lexicon.load(file).items():
        words = [str(w) for w in entries]
        assert words and all(w.strip() == w and w for w in words), name
        assert len(words) == len(set(words)), (name, [w for w in words if words.count(w) > 1])


def test_unknown_lexicon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        lexicon.load("no_such_list")
    with pytest.raises(KeyError):
        lexicon.words("money", "no_such_list")
