"""Broken, hostile and endless text: spans stay exact, nothing raises, nothing is written twice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors import circular
from extractors.document import Document
from extractors.facts import Context, Facts, Statement
from extractors.rules.engine import NOTHING
from extractors.rules.time import expressions, resolve

TEXTS = [
    yaml.safe_load(p.read_text(encoding="utf-8"))["text"]
    for p in sorted((Path(__file__).parent / "circulars").glob("*.yml"))
]
PIECES = [
    "2022年",
    "13月32日",
    "2月30日",
    "前",
    "内",
    "《",
    "》",
    "〔2022",
    "号",
    "（",
    "）",
    "\u200b",
    "１２",
    "壹",
    "万",
    "亿",
    "元",
    "约",
    "每",
    "季度末",
    "截至",
    "至",
    "—",
    "\n",
    "\n\n",
    " ",
    "，",
    "。",
    "；",
    "9" * 40,
    "二〇",
    "联系人：",
    "附件：1.",
    "第一阶段：",
    "𠀀",
    "\ufeff",
    "½",
    "㎡",
    "0000年",
    "每月99日前",
    "9999个工作日内",
    "零",
    "9999年12月31日前",
    "自本通知印发之日起399年内",
]


def _extract(text: str) -> Facts:
    return circular.extract(Document(sha256="0", name="x", format="txt", text=text), Context())


def _statements(facts: Facts) -> list[Statement]:
    m = facts.metadata
    single = [m.title, m.issuer, m.doc_number, m.doc_type, m.issued_date, m.urgency, m.secrecy, m.signed_off_by]
    many = [
        *m.recipients,
        *m.attachments,
        *m.contacts,
        *facts.amounts,
        *facts.deadlines,
        *facts.refs,
        *facts.statistics,
    ]
    return [*(f for f in single if f is not None), *many]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(TEXTS),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(PIECES), st.integers(0, 25)), min_size=1, max_size=25),
)
def test_spans_stay_exact_in_damaged_text(text: str, damage: list[tuple[float, str, int]]) -> None:
    for share, piece, dropped in damage:
        at = int(share * len(text))
        text = text[:at] + piece + text[at + dropped :]
    for s in _statements(_extract(text)):
        assert s.text
        assert text[s.start : s.end] == s.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "。",
        "9" * 5000,
        "每月" * 3000,
        "（" * 3000,
        "《" * 3000,
        "1月至" * 2000,
        "1," * 3000,
        "壹佰万" * 2000,
        "联系人：张三 " * 800,
        "政办〔2022" * 1000,
        "截至2022年6月，已清偿100万元、3笔，" * 300,
    ],
    ids=range(13),
)
def test_endless_text_is_read(text: str) -> None:
    for s in _statements(_extract(text)):
        assert text[s.start : s.end] == s.text


_CN = "〇一二三四五六七八九"


def _chinese(n: int) -> str:
    if n < 10:
        return _CN[n]
    tens, ones = divmod(n, 10)
    return ("" if tens == 1 else _CN[tens]) + "十" + (_CN[ones] if ones else "")


@given(st.dates(dt.date(1990, 1, 1), dt.date(2089, 12, 31)), st.integers(0, 4))
def test_a_date_reads_back_from_any_surface_form(day: dt.date, form: int) -> None:
    text = [
        f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}年{day.month:02}月{day.day:02}日",
        f"{day.year}-{day.month:02}-{day.day:02}",
        f"{day.year}.{day.month}.{day.day}",
        "".join(_CN[int(c)] for c in str(day.year)) + f"年{_chinese(day.month)}月{_chinese(day.day)}日",
    ][form]
    (found,) = expressions.find(f"请于{text}前报送", NOTHING)
    assert found.shape == "before"
    days = resolve.limit(found, resolve.Frame(None, "none"))
    assert days is not None
    assert (days.end, days.year_source) == (day, "text")


def test_no_rule_reads_inside_a_title() -> None:
    facts = _extract("按照《关于2023年6月底前清偿500万元以下欠款、按月报送的通知》办理。")
    assert not facts.amounts
    assert not facts.deadlines
