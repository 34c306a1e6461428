"""Counts and shares: 386笔, 112户, 98.5 % (value 0.985, unit `ratio`). Slogans (四到位, 三公) and serials are none."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from extractors.circular.amounts import as_of, as_of_dates
from extractors.document import Document
from extractors.facts import Amount, Deadline, Statistic
from extractors.rules import lexicon
from extractors.rules.engine import Layer, Rule, Spans
from extractors.rules.numbers import any_integer, arabic
from extractors.rules.segment import Outline

_CN = "一二两三四五六七八九十百千万零"


def _value(m: re.Match[str]) -> tuple[Decimal, str] | None:
    raw = m["n"]
    number = arabic(raw) if raw[0].isdigit() else None
    if number is None:
        n = any_integer(raw)
        number = Decimal(n) if n is not None else None
    if number is None:
        return None
    groups = m.groupdict()
    if groups.get("wan"):
        number = number.scaleb(4)
    return number, groups.get("u") or "ratio"


def _share(m: re.Match[str]) -> tuple[Decimal, str] | None:
    number = arabic(m["n"])
    if number is None:
        return None
    return number.scaleb(-2 if m["p"] == "%" else -3), "ratio"


def _spoken_share(m: re.Match[str]) -> tuple[Decimal, str] | None:
    n = arabic(m["n"]) if m["n"][0].isdigit() else Decimal(any_integer(m["n"]) or 0)
    return (n.scaleb(-2), "ratio") if n is not None else None


RULES: tuple[Rule, ...] = (
    Rule(
        "count.figure",
        "count",
        r"(?<![\d.第〕前后末])(?P<n>(?:\d{1,3}(?:,\d{3}){1,3}|\d{1,9})(?:\.\d{1,4})?)\s?(?P<wan>万)?(?:余|多)?\s?(?P<u>户次"
        r"|人次|家次|件次|批次|户|笔|件|家|起|宗|次|份|批|场|名|条(?!例)|项(?!第)|个(?=<statistics.counted_nouns>))",
        _value,
        examples=(("共排查386笔", "386笔"), ("惠及3.5万户", "3.5万户"), ("112户大型企业", "112户"), ("9个部门", "9个")),
        counter_examples=("第17次会议", "3个月", "500字"),
    ),
    Rule(
        "count.chinese",
        "count",
        rf"(?<![{_CN}第\d接])(?P<n>[{_CN}]{{1,5}})(?P<u>户|笔|家|起|宗|件(?!事)|次(?!会|全|性)|个"
        rf"(?=<statistics.counted_nouns>))(?!一|接)(?<!一一)",
        _value,
        examples=(("剩余一笔未偿还", "一笔"), ("化解三十二件", "三十二件")),
        counter_examples=("第二次会议", "四到位", "一件接一件办"),
    ),
    Rule(
        "count.share",
        "count",
        r"(?<![\d.])(?P<n>\d{1,4}(?:\.\d{1,4})?)\s?(?P<p>%|‰)(?!的?(?:比例)?以[上下])",
        _share,
        examples=(("清偿率98.5%", "98.5%"),),
        counter_examples=("第3项",),
    ),
    Rule(
        "count.spoken_share",
        "count",
        rf"百分之(?P<n>[{_CN}]{{1,6}}|\d{{1,3}}(?:\.\d{{1,4}})?)",
        _spoken_share,
        examples=(("达到百分之九十八", "百分之九十八"),),
        counter_examples=("百分制",),
    ),
)

LAYER = Layer("count", rf"(?<![\d.])\d|(?<![{_CN}])[一二两三四五六七八九十百](?=[{_CN}户笔家起宗件次个])|百分之", RULES)


def find_statistics(
    document: Document,
    outline: Outline,
    masked: Spans,
    amounts: tuple[Amount, ...],
    deadlines: tuple[Deadline, ...],
    issued: dt.date | None,
) -> tuple[Statistic, ...]:
    """All counts and shares in order, with what they count and the date they hold for."""
    view = outline.view
    text = view.text
    taken = Spans((view.position(x.start), view.position(x.end - 1) + 1) for x in (*amounts, *deadlines))
    slogans = Spans(m.span() for m in lexicon.compiled("<statistics.slogans>").finditer(text))
    cutoffs = as_of_dates(outline, deadlines)
    out: list[Statistic] = []
    for hit in LAYER.scan(text, masked):
        if taken.overlaps(hit.start, hit.end) or slogans.overlaps(hit.start, hit.end):
            continue
        assert isinstance(hit.value, tuple)
        value, unit = hit.value
        start, end = view.span(hit.start, hit.end)
        out.append(
            Statistic(
                text=document.text[start:end],
                start=start,
                end=end,
                rule=hit.rule,
                evidence=document.evidence(start, end),
                value=value,
                unit=unit,
                what=_what(outline, hit.start, hit.end),
                as_of=as_of(cutoffs, outline, hit.start, issued),
            )
        )
    return tuple(out)


def _what(outline: Outline, start: int, end: int) -> str | None:
    """What is counted: the clause around the figure, in its own words."""
    text = outline.view.text
    a, b = outline.clause_at(start)
    p = outline.paragraph_at(start)
    a = max(a, p.body if p.body <= start else p.start + len(p.marker))
    before = text[a:start].strip(" ,;:。、(\n")
    after = text[end:b].strip(" ,;:。、)\n")
    words = f"{before}{after}" if len(after) < 30 else before or after
    words = lexicon.compiled(r"^(?:<statistics.what_stop>)+").sub("", words)
    if words.count("(") > words.count(")"):
        words = words[: words.rfind("(")]
    return words[:60] or None
