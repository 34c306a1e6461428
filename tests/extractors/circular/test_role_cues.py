"""Cues and their weights: kinds of words, what figures say of each other, and why a role was given."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import circular
from extractors.circular.amounts import figures
from extractors.circular.role_cues import SIGNS, Passages
from extractors.circular.role_kinds import kinds
from extractors.circular.role_reasons import shown
from extractors.circular.role_rows import Rows
from extractors.circular.role_weights import BIAS, SCALE, weigh, weights
from extractors.document import Document
from extractors.facts import Amount, AmountRole, Context
from extractors.rules import lexicon

TITLE = "关于清理拖欠账款工作情况的通报\n"


def _document(text: str) -> Document:
    return Document(sha256="0", name="x", format="txt", text=text)


def _amounts(text: str) -> tuple[Amount, ...]:
    return circular.extract(_document(TITLE + text), Context()).amounts


def _passages(text: str) -> tuple[Passages, int]:
    """The figures of a paper and their number."""
    _, outline, _, _, masked, issued, deadlines = circular.prepare(_document(TITLE + text), Context())
    found, said = figures(outline, masked, deadlines, issued)
    return Passages(outline, found, said), len(found)


def _cues(text: str, *roles: AmountRole) -> list[str]:
    """The cues of the figure behind those with these roles."""
    return _passages(text)[0].cues(len(roles), roles)


def test_each_kind_has_a_sign_and_a_label_of_its_own_and_no_word_has_two_kinds() -> None:
    entries = lexicon.load("cues").values()
    signs = [e["sign"] for e in entries] + list(SIGNS.values())
    assert len(set(signs)) == len(signs) and all(len(s) == 1 for s in signs)
    assert len({e["label"] for e in entries}) == len(entries)
    words = [w for e in entries for w in e.get("words", ())]
    assert sorted({w for w in words if words.count(w) > 1}) == []
    assert all(re.compile(p).groups == 0 for e in entries for p in e.get("patterns", ()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("尚未支付的质保金", "仍未兑付的保证金"),
        ("已向#家企业偿还", "已经向#户供应商还清"),
        ("截至#年#月底", "截止#月#日"),
        ("双方各执一词的部分", "双方说法不一的部分"),
    ],
)
def test_words_of_a_kind_are_seen_alike(one: str, other: str) -> None:
    assert kinds(one)[:2] == kinds(other)[:2]


@pytest.mark.parametrize(("one", "other"), [("已支付", "未支付"), ("有分歧", "无分歧"), ("剩余", "新增拖欠")])
def test_words_of_other_kinds_are_not(one: str, other: str) -> None:
    assert kinds(one) != kinds(other)


@pytest.mark.parametrize(
    ("text", "before", "cue"),
    [
        ("拖欠900万元，已付600万元，300万元列入明年。", ("debt_total", "cleared"), "diff|debt_total|cleared"),
        ("甲镇100万元、乙镇200万元，合计300万元。", ("cleared", "cleared"), "total|cleared"),
        ("剩余300万元，甲镇100万元、乙镇200万元。", ("remaining",), "part|remaining"),
        ("剩余300万元，甲镇100万元、乙镇200万元。", ("remaining", "remaining"), "last|remaining"),
        ("欠款300万元。这300万元已有着落。", ("debt_total",), "same|debt_total"),
        ("甲镇欠120万元，乙镇欠130万元。", ("debt_total",), "like2|debt_total"),
        ("已付甲公司120万元、乙公司130万元。", ("cleared",), "bare|cleared|、"),
        ("欠款900万元，其中工程款500万元。", ("debt_total",), "whole|Ⓓ"),
    ],
)
def test_figures_speak_of_each_other(text: str, before: tuple[AmountRole, ...], cue: str) -> None:
    assert cue in _cues(text, *before)


def test_figures_that_only_nearly_add_up_do_not() -> None:
    cues = _cues("拖欠900万元，已付600万元，310万元列入明年。", "debt_total", "cleared")
    assert not any(c.startswith(("diff|", "sum|")) for c in cues)


def test_roles_told_before_are_seen_in_place_of_the_figures() -> None:
    assert "L3|Ⓒ,余" in _cues("已付600万元，余300万元。", "cleared")


def test_a_role_comes_with_how_sure_it_is_and_why() -> None:
    owed, paid = _amounts("全市拖欠账款3200万元，已清偿1200万元。")
    assert (owed.role, paid.role) == ("debt_total", "cleared")
    for amount in (owed, paid):
        assert amount.role_confidence is not None and Decimal("0.9") < amount.role_confidence <= 1
        assert 1 <= len(amount.role_cues) <= 4
    assert any("清偿" in c or "支付" in c for c in paid.role_cues)


def test_words_that_say_little_leave_little_confidence() -> None:
    (amount,) = circular.extract(_document("甲方处有人提及120万元。"), Context()).amounts
    (plain,) = circular.extract(_document("甲方已清偿拖欠货款120万元。"), Context()).amounts
    assert amount.role_confidence is not None and plain.role_confidence is not None
    assert amount.role_confidence < plain.role_confidence


def test_where_cues_outweigh_the_rules_it_is_said() -> None:
    told = {a.role_rule for a in _amounts("存量3000万元，眼下压到了700万元，县里要求年内清零。")}
    assert None not in told


@pytest.mark.parametrize(
    ("cue", "text"),
    [
        ("c|尚欠", "本句「尚欠」"),
        ("kc|ＵＶ", "本句〔未〕〔支付〕"),
        ("prev|cleared|s", "前一数 已付"),
        ("rule|other", "成文规则 其他"),
        ("prev|-", "前一数 无"),
        ("kc|提", "本句「提」"),
    ],
)
def test_cues_are_shown_in_words(cue: str, text: str) -> None:
    assert shown(cue) == text


def test_the_shipped_weights_are_whole_and_even() -> None:
    known = weights()
    assert set(known.roles) == set(SIGNS)
    assert all(len(row) == len(known.roles) for row in known.cues.values())
    assert len(known.cues[BIAS]) == len(known.roles)


def test_a_role_is_what_the_weights_of_its_cues_add_up_to() -> None:
    passages, count = _passages(
        "一、清偿情况。全市拖欠账款3200万元，其中工程款2000万元、货款1200万元；已清偿1200万元，剩余2000万元。"
        "剩余部分中有争议的😀500万元，500万元无争议，拟于年底前付清，付清，付清。\n新增拖欠80万元。"
    )
    weighed = weigh(passages, count)
    known, roles = weights(), [w.role for w in weighed]
    assert count == 8 and len(set(roles)) > 3
    for number, told in enumerate(weighed):
        rows = [known.cues[c] for c in (BIAS, *passages.cues(number, roles[:number])) if c in known.cues]
        sums = [sum(column) for column in zip(*rows, strict=True)]
        assert told.role == known.roles[sums.index(max(sums))]
        share = 1 / sum(math.exp((s - max(sums)) / SCALE) for s in sums)
        assert told.confidence == Decimal(f"{share:.3f}")


_WEIGHTS = st.lists(st.integers(-500, 500), min_size=3, max_size=3)


_CUES = st.dictionaries(st.text("已付欠款,", max_size=4).map("c|{}".format), _WEIGHTS, min_size=1, max_size=20)


@given(_CUES, st.integers(0, 2))
def test_rows_add_up_and_tell_the_strongest(weighed: dict[str, list[int]], role: int) -> None:
    rows = Rows(weighed)
    packed = [rows.one("c", cue.removeprefix("c|")) for cue in weighed]
    gains = {cue: [3 * one - sum(row) for one in row] for cue, row in weighed.items()}
    sums = [sum(column) for column in zip(*gains.values(), strict=True)]
    assert rows.add([*packed * 40, rows.one("c", "?"), rows.one("?", "")]) == [40 * s for s in sums]
    strongest = sorted(((row[role], cue) for cue, row in gains.items() if row[role] > 0), reverse=True)
    assert list(rows.strongest(packed, role, 3)) == [cue for _, cue in strongest[:3]]


def test_weights_too_large_to_be_packed_are_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        Rows({"c|欠": [2000, 0, -2000]})
