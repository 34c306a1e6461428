"""Sums as people say them: 两千多万, 三四十万元, 两万五, 一百来万, and ¥ before a figure with no 元 behind it.

Complaints, minutes and reports of visits speak so; the rules stand in the table of `extractors.rules.money`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.rules.engine import Rule
from extractors.rules.money_value import (
    AFTER,
    BEFORE,
    NO_UNIT,
    PAST,
    SCALE,
    YUAN,
    Money,
    around,
    last_place,
    read_number,
)
from extractors.rules.numbers import ARABIC, CAPITALS, DIGITS, arabic, chinese, quantum

_TENS = {"十": 1, "百": 2, "千": 3, "万": 4}
_DIGIT = "一二两三四五六七八九"
_LARGE = "万亿|千亿|百亿|十亿|亿|千万|百万|十万|万"
# Where a figure that ends in a bare digit may end: 两万五, but not 两万五一吨.
_CLOSED = r"(?=[,。;、:)!?\s]|$|元|块钱|左右|上下|以上|以下|以内|的|了|还|未|已|没|才)"


def _signed(m: re.Match[str]) -> Money | None:
    """¥9,240,000: the sign says what 元 would."""
    figure = arabic(m["n"])
    if figure is None:
        return None
    scale = SCALE.get(m["mult"] or "", 0)
    return Money(figure.scaleb(scale), quantum=quantum(m["n"]).scaleb(scale), scale=scale)


def _past(m: re.Match[str]) -> Money | None:
    """两千多万, 壹佰捌拾万余元: the word of more stands inside or behind the numeral."""
    figure = read_number(m["n"])
    if not figure:
        return None
    scale = SCALE.get(m["mult"] or "", 0)
    value = Money(figure.scaleb(scale), scale=scale)
    return around(value, m["before"] or "", m["over"], last_place(figure).scaleb(scale), m["after"] or "")


def _between(m: re.Match[str]) -> Money | None:
    """三四十万元, 一百二三十万元, 两三千万: two digits that follow each other are the ends of a range."""
    low, high = DIGITS[m["low"]], DIGITS[m["high"]]
    if high != low + 1:
        return None
    tens, scale = _TENS.get(m["tens"] or "", 0), SCALE.get(m["mult"] or "", 0)
    if not m["yuan"] and not m["mult"]:
        return None
    above = chinese(m["above"]) or 0 if m["above"] else 0
    if above and _TENS[m["above"][-1]] != tens + 1:
        return None
    ends = [Decimal(above + digit * 10**tens).scaleb(scale) for digit in (low, high)]
    return Money(ends[0], ends[1], approx=True)


def _half_said(m: re.Match[str]) -> Money | None:
    """两万五, 十一亿九, 3万5: a last digit counts tenths of the unit before it."""
    figure = read_number(m["n"])
    if not figure:
        return None
    digit = int(m["tenth"]) if m["tenth"].isdigit() else DIGITS[m["tenth"]]
    tenth = Decimal(1).scaleb(SCALE[m["mult"]] - 1)
    value = figure.scaleb(SCALE[m["mult"]]) + digit * tenth
    return around(Money(value, quantum=tenth / 2), m["before"] or "", "", tenth, m["after"] or "")


RULES: tuple[Rule, ...] = (
    Rule(
        "money.signed",
        "money",
        rf"(?:人民币\s?)?(?:[¥￥]|RMB|CNY)\s?(?P<n>(?>{ARABIC}))(?:\s?(?P<mult>万亿|亿|千万|百万|万))?(?![\d万亿千百元])"
        rf"(?!\s?(?:万|亿|元)){AFTER}",
        _signed,
        examples=(("累计付款¥7,392,000，其余未付", "¥7,392,000"), ("¥9.80", "¥9.80")),
        counter_examples=("¥7,392,000元", "共7,392,000"),
    ),
    Rule(
        "money.past",
        "money",
        rf"{BEFORE}(?P<n>[{_DIGIT}十][{_DIGIT}十百千]{{0,6}})(?P<over>{PAST})(?P<mult>{_LARGE})(?P<yuan>{YUAN})?{NO_UNIT}{AFTER}",
        _past,
        examples=(("每天要还两千多万，", "两千多万"), ("二十多万元", "二十多万元"), ("九百来万。", "九百来万")),
        counter_examples=("十多万户企业", "二十多家企业"),
    ),
    Rule(
        "money.past_capitals",
        "money",
        rf"{BEFORE}(?P<n>[{CAPITALS}万亿]{{2,16}})(?P<over>余)(?P<mult>)(?P<yuan>[元圆]){AFTER}",
        _past,
        examples=(("费用壹佰捌拾万余元", "壹佰捌拾万余元"),),
        counter_examples=("壹佰捌拾万元整",),
    ),
    Rule(
        "money.between",
        "money",
        rf"{BEFORE}(?<![一二三四五六七八九\d])(?:(?P<above>[{_DIGIT}][百千万]))?(?P<low>[一二两三四五六七八])(?P<high>[二两三四五六七八九])(?P<tens>[十百千])?"
        rf"(?P<mult>{_LARGE})?(?P<yuan>{YUAN}|块钱)?{NO_UNIT}{AFTER}",
        _between,
        examples=(
            ("还了三四十万，", "三四十万"),
            ("两三千万元", "两三千万元"),
            ("一两百万元", "一两百万元"),
            ("一百二三十万元", "一百二三十万元"),
            ("一个人一万二三千元", "一万二三千元"),
            ("七八千元", "七八千元"),
        ),
        counter_examples=("三四线城市", "二三百户", "一二三四五元", "三四十家"),
    ),
    Rule(
        "money.half_said",
        "money",
        rf"{BEFORE}(?P<n>[{_DIGIT}十百千]{{1,6}}|\d{{1,4}})(?P<mult>万|亿)(?P<tenth>[1-9一二三四五六七八九]){_CLOSED}"
        rf"(?:元|块钱)?{AFTER}",
        _half_said,
        examples=(("平均一笔两万五。", "两万五"), ("三家加起来十一亿九，", "十一亿九"), ("还了3万5，", "3万5")),
        counter_examples=("两万五千里", "三万五人", "2亿3户"),
    ),
)
