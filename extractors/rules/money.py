"""Money in prose: surface forms to exact yuan.

Figures (15,167.39万元), Chinese numerals (三千万元), mixed (3亿2000万元), financial capitals (壹佰万元整), vague sizes
(数百万元, 上亿元), ranges (500万元至1000万元), and the words of approximation around them.
`money_value` says what these leave of a sum, `money_spoken` has sums as people say them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.rules import money_spoken
from extractors.rules.engine import Layer, Rule
from extractors.rules.money_value import (
    AFTER,
    BEFORE,
    MULTIPLIER,
    NO_UNIT,
    OVER,
    PAST,
    SCALE,
    YUAN,
    Money,
    around,
    last_place,
    read_number,
)
from extractors.rules.numbers import ARABIC, CAPITALS, DIGITS, arabic, chinese, quantum

_VAGUE_HEAD = {
    "十几": (11, 19),
    "几十": (20, 90),
    "数十": (20, 90),
    "上": (1, 2),
    "几": (2, 9),
    "数": (2, 9),
    "上百": (100, 200),
}
_VAGUE_HEAD |= {
    "数百": (200, 900),
    "几百": (200, 900),
    "上千": (1000, 2000),
    "数千": (2000, 9000),
    "几千": (2000, 9000),
}

# 比批复超164万元: by how much, not at least how much
_COMPARED = re.compile(r"(?:比(?![例重率])|较)[^,。;:、\n\d]{1,14}$")


def _figure(m: re.Match[str]) -> Money | None:
    """A number with its multiplier; 元 printed or understood."""
    number = read_number(m["n"])
    if number is None:
        return None
    scale = SCALE.get(m["mult"] or "", 0)
    yuan = number.scaleb(scale)
    fine = quantum(m["n"]).scaleb(scale) if m["n"][0].isdigit() else None
    over = (m["over"] or "") + (m["over2"] or "")
    before = (
        "" if m["before"] in OVER and _COMPARED.search(m.string, max(0, m.start() - 16), m.start()) else m["before"]
    )
    value = Money(yuan, quantum=fine, scale=scale)
    return around(value, before or "", over, last_place(number).scaleb(scale), m["after"] or "")


def _mixed(m: re.Match[str]) -> Money | None:
    """3亿2000万元, 1万5千元, 12元5角."""
    total = Decimal(0)
    fine: Decimal | None = None
    place = Decimal(1)
    last = 99
    for part in re.finditer(
        rf"({ARABIC}|[零一二三四五六七八九十百千两]+)\s?(万亿|亿|千万|百万|万|千|百|十|元|角|分)", m["body"]
    ):
        number = read_number(part[1].lstrip("零") or "零")
        scale = {"百": 2, "十": 1, "元": 0, "角": -1, "分": -2}.get(part[2], SCALE.get(part[2], 0))
        if number is None or scale >= last or (last != 99 and number.scaleb(scale) >= Decimal(1).scaleb(last)):
            return None
        last = scale
        total += number.scaleb(scale)
        place = last_place(number).scaleb(scale) if number else place
        fine = quantum(part[1]).scaleb(scale) if part[1][0].isdigit() else None
    return around(Money(total, quantum=fine), m["before"] or "", m["over"] or "", place, m["after"] or "")


def _chinese(m: re.Match[str]) -> Money | None:
    """三千万元, 一亿五千万元, 十万元: needs a unit of its own so that 一元化 or 二元 stay out."""
    body = m["n"]
    if not any(c in "百千万亿" for c in body) and not (m["yuan"] and "十" in body):
        return None
    if not any(c in "一二三四五六七八九十两" for c in body) and not (m["before"] or m["over"] or m["after"]):
        return None  # 百元店
    value = chinese(body)
    if not value or (not m["yuan"] and not body.endswith(("万", "亿"))):
        return None
    number = Decimal(value)
    return around(Money(number), m["before"] or "", m["over"] or "", last_place(number), m["after"] or "")


def capitals(text: str) -> Decimal | None:
    """壹佰贰拾叁万肆仟伍佰元陆角整 as yuan; None when malformed."""
    m = re.fullmatch(rf"([{CAPITALS}万亿]+)[元圆](?:零?([{CAPITALS}])角)?(?:零?([{CAPITALS}])分)?[整正]?", text)
    if not m:
        return None
    whole = chinese(m[1])
    if whole is None:
        return None
    jiao = DIGITS.get(m[2], 0) if m[2] else 0
    fen = DIGITS.get(m[3], 0) if m[3] else 0
    return Decimal(whole) + Decimal(jiao) / 10 + Decimal(fen) / 100


def _capitals(m: re.Match[str]) -> Money | None:
    value = capitals(m["body"])
    if value is None:
        return None
    if m["digits"] is None:
        return Money(value)
    figure = arabic(m["digits"])
    if figure is not None:
        figure = figure.scaleb(SCALE.get(m["mult"] or "", 0))
    return Money(value, conflict=figure is not None and figure != value)


def _figure_and_capitals(m: re.Match[str]) -> Money | None:
    """1,125,000.00元（大写：壹佰壹拾贰万伍仟元整）: one sum said twice."""
    figure, said = arabic(m["n"]), capitals(m["body"])
    if figure is None or said is None:
        return None
    scale = SCALE.get(m["mult"] or "", 0)
    yuan = figure.scaleb(scale)
    return Money(yuan, quantum=quantum(m["n"]).scaleb(scale), scale=scale, conflict=yuan != said)


def _vague(m: re.Match[str]) -> Money | None:
    """数百万元, 上亿元, 十几万元, 百余万元."""
    low, high = _VAGUE_HEAD[m["head"]]
    unit = Decimal(1).scaleb(SCALE[m["mult"]])
    return Money(low * unit, high * unit, approx=True)


def _hundreds(m: re.Match[str]) -> Money | None:
    """近百万元, 百余万元, 千万元以上: a bare unit stands for one of it."""
    scale = SCALE.get(m["mult"] or "", 0) + {"百": 2, "千": 3, "十": 1, "": 0}[m["head"]]
    if not (m["before"] or m["over"] or m["after"]):
        return None
    unit = Decimal(1).scaleb(scale)
    return around(Money(unit), m["before"] or "", m["over"] or "", unit, m["after"] or "")


def _range(m: re.Match[str]) -> Money | None:
    low, high = read_number(m["a"]), read_number(m["b"])
    if low is None or high is None:
        return None
    scale = SCALE.get(m["mult"] or "", 0)
    first = SCALE.get(m["mult1"], 0) if m["mult1"] or m["yuan1"] else scale
    low, high = low.scaleb(first), high.scaleb(scale)
    return Money(low, high, approx=True) if low < high else None


RULES: tuple[Rule, ...] = (
    Rule(
        "money.figure",
        "money",
        rf"{BEFORE}(?P<n>{ARABIC})\s?(?P<over>{PAST})?\s?个?(?P<mult>{MULTIPLIER})?(?P<over2>{PAST})?\s?{YUAN}"
        rf"(?:人民币)?{AFTER}",
        _figure,
        examples=(
            ("拖欠账款15,167.39万元", "15,167.39万元"),
            ("共6600多亿元", "6600多亿元"),
            ("约200万元", "约200万元"),
            ("偿还人民币86500元", "人民币86500元"),
            ("500万元以下的欠款", "500万元以下"),
        ),
        counter_examples=("2022元旦前", "国务院令第728号", "共排查386笔"),
    ),
    Rule(
        "money.bare",
        "money",
        rf"{BEFORE}(?P<n>{ARABIC})\s?(?P<over>{PAST})?\s?个?(?P<mult>万亿|亿|千万|百万|万)"
        rf"(?P<over2>{PAST})?{NO_UNIT}{AFTER}",
        _figure,
        examples=(("欠款1.3亿，已清偿", "1.3亿"), ("尚欠200余万。", "200余万")),
        counter_examples=("惠及3.5万户企业", "走访1万人次", "万人助万企", "涉及6万余户", "外运11.2万方"),
    ),
    Rule(
        "money.mixed",
        "money",
        rf"{BEFORE}(?P<body>(?:{ARABIC}|[一二三四五六七八九十百千两]{{1,7}})\s?(?:万亿|亿|千万|百万|万|千|元)"
        rf"(?:零?(?:\d{{1,8}}(?:\.\d{{1,6}})?|[零一二三四五六七八九十百千两]{{1,7}})\s?(?:亿|千万|百万|万|千|百(?!万)|十"
        rf"(?!万)|角|分)){{1,4}}(?:零?\d{{1,7}}(?:\.\d{{1,2}})?(?=元))?元?)(?P<over>{PAST})?{NO_UNIT}{AFTER}",
        _mixed,
        examples=(
            ("总额3亿2000万元", "3亿2000万元"),
            ("1万5千元", "1万5千元"),
            ("三亿二千万元", "三亿二千万元"),
            ("6万2千2百元", "6万2千2百元"),
        ),
        counter_examples=("3亿户2000万人",),
    ),
    Rule(
        "money.chinese",
        "money",
        rf"{BEFORE}(?P<n>[一二三四五六七八九十百千万亿零两]{{1,16}})(?P<over>{PAST})?"
        rf"(?P<yuan>{YUAN})?{NO_UNIT}{AFTER}",
        _chinese,
        examples=(("清偿三千万元", "三千万元"), ("约十万元", "约十万元")),
        counter_examples=("一元化领导", "四到位", "六稳六保", "两款一金", "万人助万企", "千方百计"),
    ),
    Rule(
        "money.capitals",
        "money",
        rf"(?:人民币\s?)?(?:\(?大写\)?:?\s?)?(?P<body>[{CAPITALS}万亿]{{1,24}}[元圆](?=[整正零{CAPITALS}]|"
        rf"(?<=[{CAPITALS}万亿][{CAPITALS}万亿]元))(?:零?[{CAPITALS}]角)?(?:零?[{CAPITALS}]分)?[整正]?)"
        rf"(?:\((?:小写:?)?[¥￥]?(?P<digits>{ARABIC})\s?(?P<mult>{MULTIPLIER})?元?\))?",
        _capitals,
        examples=(("人民币壹佰贰拾万元整", "人民币壹佰贰拾万元整"), ("叁拾伍元陆角柒分", "叁拾伍元陆角柒分")),
        counter_examples=("壹号楼",),
    ),
    Rule(
        "money.figure_and_capitals",
        "money",
        rf"(?:人民币\s?|[¥￥]\s?)?(?P<n>{ARABIC})\s?(?P<mult>{MULTIPLIER})?\s?元\s?\((?:人民币)?(?:大写)?:?\s?(?:人民币)?"
        rf"(?P<body>[{CAPITALS}万亿]{{1,24}}[元圆](?:零?[{CAPITALS}]角)?(?:零?[{CAPITALS}]分)?[整正]?)\)",
        _figure_and_capitals,
        examples=(("尚欠86,500元（大写：捌万陆仟伍佰元整）", "86,500元（大写：捌万陆仟伍佰元整）"),),
        counter_examples=("尚欠86,500元（含质保金）",),
    ),
    Rule(
        "money.vague",
        "money",
        rf"(?P<head>十几|几十|数十|数百|几百|上百|上千|数千|几千|上|几|数)个?(?P<mult>万亿|千亿|百亿|十亿|亿|千万"
        rf"|百万|十万|万)(?:{YUAN}|(?=[的,。;、)]|$))",
        _vague,
        examples=(("拖欠数百万元", "数百万元"), ("上亿元工程款", "上亿元"), ("十几万元", "十几万元")),
        counter_examples=("数万户企业",),
    ),
    Rule(
        "money.unit_alone",
        "money",
        rf"{BEFORE}(?P<head>百|千|十|)(?P<over>{PAST})?(?P<mult>万亿|亿|千万|百万|万)?{YUAN}{AFTER}",
        _hundreds,
        examples=(("百余万元", "百余万元"), ("近亿元", "近亿元")),
        counter_examples=("单位:万元", "多元化解"),
    ),
    Rule(
        "money.range",
        "money",
        rf"(?P<a>{ARABIC})\s?(?P<mult1>{MULTIPLIER})?(?P<yuan1>元)?(?:\(不?含\))?\s?(?:至|到|—{{1,2}}|-{{1,2}}"
        rf"|~)\s?(?P<b>{ARABIC})\s?(?P<mult>{MULTIPLIER})?元(?!旦)",
        _range,
        examples=(("500万元至1000万元", "500万元至1000万元"), ("罚款5—10万元", "5—10万元")),
        counter_examples=("2018—2020年",),
    ),
    *money_spoken.RULES,
)

LAYER = Layer(  # 2026年, 386笔, 52.4%: no rule begins with such a figure
    "money",
    r"(?:<money.before_about>|<money.before_under>|<money.before_over>|<money.before_bound>|人民币|[¥￥大]|\("
    r"(?=大写))\s?(?=[\d一二三四五六七八九十百千万亿零两人¥￥数几上大壹贰叁肆伍陆柒捌玖拾])"
    r"|(?<![\d.A-Za-z])\d(?!\d{0,14}(?:\.\d{1,8})?[年月日号笔件户家条%])|(?:RMB|CNY)(?=\s?\d)"
    r"|[一二三四五六七八九十百千两](?=[零一二两三四五六七八九十百千万亿余多元来几])"
    r"|[壹贰叁肆伍陆柒捌玖拾弍貳參陸]|[数几上](?=[十百千万亿])|(?<=[近超约逾])[万亿](?=元)",
    RULES,
)


def shared_unit(text: str, start: int) -> list[tuple[int, int]]:
    """Figures of a list that borrow the unit of the one at `start`: 200 and 300 in `200、300和150万元`."""
    out: list[tuple[int, int]] = []
    at = start
    while True:
        head = text[max(0, at - 24) : at]
        m = re.search(rf"(?<![\d.第])({ARABIC})\s?(?:、|和|及|与)$", head)
        if not m:
            return out[::-1]
        begin = at - len(head) + m.start(1)
        out.append((begin, begin + len(m.group(1))))
        at = begin
