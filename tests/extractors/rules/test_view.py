"""The normalised view: what is joined, what is not, and that every position maps back exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.rules.view import of_text

ALPHABET = "清欠账款单位，。；：、（）《》 \t\n\u3000\u00a0\u200b１２3亿万元〔〕—～㎡…A#年月日办公室"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("全市共拖欠１２３．５万元", "全市共拖欠123.5万元"),
        ("（一）分类", "(一)分类"),
        ("清\u200b欠\ufeff办", "清欠办"),
        ("## 关于清欠的通知", "关于清欠的通知"),
        ("甲\u00a0\u3000 乙", "甲 乙"),
        ("一、总则\n\n为做好工作，", "一、总则\n为做好工作,"),
    ],
)
def test_normal_form(text: str, expected: str) -> None:
    assert of_text(text).text == expected


def test_a_sentence_cut_by_a_page_break_is_joined() -> None:
    text = "各成员单位要建立台账，逐笔明确责任单位和清偿时限，按月向领导小组办公室报送清\n\n偿进展情况。"
    assert "\n" not in of_text(text).text


@pytest.mark.parametrize(
    "text",
    [
        "河东县清理拖欠账款工作领导小组关于进一步压实责任加快清偿的通知\n\n各乡镇人民政府：",
        "某某市清理拖欠中小企业账款工作领导小组办公室\n2026年5月8日",
        "（一）摸底排查。各县区要全面摸底，逐笔登记造册，形成台账并于月底前报送。\n（二）分类清偿。",
        "县财政局负责统筹资金，县审计局负责监督检查，县工信局负责台账汇总和通报工作；\n\n县司法局负责法律咨询。",
        "联系人：李某某，联系电话：0000-1234567，电子邮箱另行通知\n附件：台账",
    ],
)
def test_paragraphs_of_their_own_stay_apart(text: str) -> None:
    assert of_text(text).text.count("\n") == 1


def test_a_bracket_in_mid_sentence_does_not_end_it() -> None:
    text = "督促各乡镇（街道）按照职责分工，认真梳理排查本辖区的拖欠账款（含以前年度）\n\n并逐笔登记。"
    assert "\n" not in of_text(text).text


def test_table_text_is_never_joined() -> None:
    text = "序号\t拖欠单位\t金额\n1\t甲局\t10\n2\t乙局\t20"
    assert of_text(text).text == text


@given(st.text(alphabet=ALPHABET, max_size=200))
def test_every_position_maps_back(text: str) -> None:
    view = of_text(text)
    assert view.source == text
    last = -1
    for i in range(len(view.text)):
        start, end = view.span(i, i + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start
        if "\u4e00" <= view.text[i] <= "\u9fff":
            assert text[start] == view.text[i]
        assert view.span(0, i + 1)[1] == end


@given(st.text(alphabet=ALPHABET, max_size=120))
def test_no_word_character_is_lost(text: str) -> None:
    kept = [c for c in of_text(text).text if "\u4e00" <= c <= "\u9fff"]
    assert kept == [c for c in text if "\u4e00" <= c <= "\u9fff"]


def test_empty_span_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        of_text("清欠").span(1, 1)
