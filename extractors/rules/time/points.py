"""Points of time as written: full dates, months with 底/初/旬, years with their parts, festivals, weekdays.

A point keeps what the text says and leaves open what it does not; `extractors.rules.time.resolve` fills the year.
"""

from __future__ import annotations

import re

import msgspec

from extractors.rules import lexicon
from extractors.rules.engine import Layer, Rule
from extractors.rules.numbers import any_integer


class Point(msgspec.Struct, frozen=True, gc=False):
    """A day, month, quarter, half or year, partly given.

    `year` as printed, or `year_shift` from the document's (去年 -1); likewise `month_shift` and `week_shift`. `part`
    narrows: end, start, early (上旬), mid, late, h1, h2, q1…q4, q0 (this quarter), within (年内).
    """

    year: int | None = None
    year_shift: int | None = None
    month: int | None = None
    month_shift: int | None = None
    day: int | None = None
    part: str | None = None
    festival: str | None = None
    weekday: int | None = None  # 0 = Monday
    week_shift: int | None = None
    day_shift: int | None = None  # 今日 0, 明日 1
    now: bool = False

    @property
    def is_year_only(self) -> bool:
        """Whether nothing finer than a year is said."""
        return (
            (self.year is not None or self.year_shift is not None)
            and self.month is None
            and self.part is None
            and self.festival is None
        )


_PARTS = {
    "底": "end",
    "末": "end",
    "初": "start",
    "上旬": "early",
    "中旬": "mid",
    "下旬": "late",
    "上中旬": "early_mid",
    "中下旬": "mid_late",
    "中": "mid",
    "内": "within",
}
_PARTS |= {"上半年": "h1", "下半年": "h2", "底前": "end"}
_CN = "〇○零一二三四五六七八九O0"


def read_year(text: str | None) -> tuple[int | None, int | None]:
    """(year, shift) of a printed year; (None, None) when there is none."""
    if not text:
        return None, None
    bare = "".join(text.split())
    shift = lexicon.table("time", "year_relative").get(bare, lexicon.table("time", "year_relative").get(bare + "年"))
    if shift is None:
        for word, value in lexicon.table("time", "year_relative").items():
            if bare.startswith(word):
                return None, int(value)
        value = any_integer(bare.rstrip("年度"))
        return (value, None) if value and 1949 <= value <= 2099 else (None, None)
    return None, int(shift)


def _part(text: str | None) -> str | None:
    if not text:
        return None
    bare = re.sub(r"[\s年度份]", "", text) if text not in ("上半年", "下半年") else text
    if "季" in bare:
        m = re.search(r"[一二三四1-4]", bare)
        return f"q{any_integer(m.group())}" if m else "q0"
    return _PARTS.get(text) or _PARTS.get(bare) or ("h1" if "上半" in bare else "h2" if "下半" in bare else None)


def _date(m: re.Match[str]) -> Point | None:
    year, shift = read_year(m["y"])
    month, day = any_integer(m["m"]), any_integer(m["d"])
    if month is None or day is None or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return Point(year=year, year_shift=shift, month=month, day=day)


def _month(m: re.Match[str]) -> Point | None:
    year, shift = read_year(m["y"])
    month = any_integer(m["m"])
    if month is None or not 1 <= month <= 12:
        return None
    return Point(year=year, year_shift=shift, month=month, part=_part(m["part"]))


def _relative_month(m: re.Match[str]) -> Point | None:
    shift = int(lexicon.table("time", "month_relative")[m["rel"]])
    day = any_integer(m["d"]) if m["d"] else None
    if day is not None and not 1 <= day <= 31:
        return None
    return Point(month_shift=shift, day=day, part=_part(m["part"]))


def _bare_month(m: re.Match[str]) -> Point | None:
    return Point(month_shift=0, part=_part(m["part"]))


def _year_part(m: re.Match[str]) -> Point | None:
    year, shift = read_year(m["y"])
    return None if year is None and shift is None else Point(year=year, year_shift=shift, part=_part(m["part"]))


def _bare_part(m: re.Match[str]) -> Point | None:
    return Point(part=_part(m["part"]))


def _year_only(m: re.Match[str]) -> Point | None:
    year, shift = read_year(m["y"])
    return None if year is None and shift is None else Point(year=year, year_shift=shift)


def _festival(m: re.Match[str]) -> Point | None:
    year, shift = read_year(m["y"])
    return Point(year=year, year_shift=shift, festival=m["f"].strip('"“”').replace('"', "").replace("”", ""))


def _weekday(m: re.Match[str]) -> Point | None:
    shift = lexicon.table("time", "week_relative").get(m["rel"] + "周" if m["rel"] else "", 0)
    if not m["w"]:
        return Point(weekday=6, week_shift=int(shift))
    return Point(weekday="一二三四五六日天".index(m["w"]) % 7 if m["w"] != "天" else 6, week_shift=int(shift))


def _today(m: re.Match[str]) -> Point | None:
    return Point(day_shift={"今": 0, "明": 1, "后": 2}[m["rel"][0]])


def _day(m: re.Match[str]) -> Point | None:
    day = any_integer(m["d"])
    return Point(day=day) if day and 1 <= day <= 31 else None


_Y4 = rf"(?:(?:19|20)\d\d|[一二][{_CN}][{_CN}]{{2}})"
_REL = r"(?:今年度?|本年度?|当年|去年|上一?年度?|前年|明年|次年|翌年|来年|下一?年|后年)"
YEAR = rf"(?:{_Y4}\s?年度?|{_REL})"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])"
_D = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_LEFT = r"(?<![\d./第])(?<!\d-)"
_QUARTER = r"第?[一二三四1-4]个?季度(?:末|底)?|季度?[末底]|上半年[末底]?|下半年[末底]?"

RULES: tuple[Rule, ...] = (
    Rule(
        "point.date",
        "point",
        rf"{_LEFT}(?P<y>{YEAR})?\s?(?P<m>{_M})\s?月\s?(?P<d>{_D})\s?[日号]",
        _date,
        examples=(
            ("2022年6月13日前", "2022年6月13日"),
            ("5月26日前报送", "5月26日"),
            ("二○二二年五月二十五日", "二○二二年五月二十五日"),
            ("今年5月29日", "今年5月29日"),
        ),
        counter_examples=("10月龄", "12345.6月"),
    ),
    Rule(
        "point.numeric",
        "point",
        r"(?<![\d.\-/])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>1[0-2]|0?[1-9])(?P=s)(?P<d>3[01]|[12]\d|0?[1-9])"
        r"(?![\d.\-/])",
        _date,
        examples=(("于2022-06-13报送", "2022-06-13"), ("2022.6.13前", "2022.6.13")),
        counter_examples=("0358-2022-0613", "版本2022.13.01"),
    ),
    Rule(
        "point.month",
        "point",
        rf"{_LEFT}(?P<y>{YEAR})?\s?(?P<m>{_M})\s?月(?:份)?(?!度|报(?!送)|票|薪|均|嫂|饼|光)\s?(?P<part>底|末|初|上旬"
        rf"|中旬|下旬|上中旬|中下旬|中(?=[旬,。]|前)|内)?",
        _month,
        examples=(
            ("6月底前", "6月底"),
            ("2022年8月，全市", "2022年8月"),
            ("11月中旬前", "11月中旬"),
            ("截至9月末", "9月末"),
            ("6月中下旬督导", "6月中下旬"),
        ),
        counter_examples=("每3个月", "一个月内"),
    ),
    Rule(
        "point.numeric_month",
        "point",
        r"(?<![\d.\-/])(?P<y>(?:19|20)\d\d)[.](?P<m>1[0-2]|0?[1-9])(?![\d.\-/万亿元%])(?P<part>底|末)?"
        r"(?=[至到—\-~前起]|$)",
        _month,
        examples=(("2019.3—2020.5", "2019.3"),),
        counter_examples=("2022.1亿元", "2022.13"),
    ),
    Rule(
        "point.relative_month",
        "point",
        rf"(?P<rel>本月|当月|这个月|下个?月|次月|上个?月)\s?(?:(?P<d>{_D})\s?[日号]|(?P<part>底|末|初|上旬|中旬"
        rf"|下旬|内))?",
        _relative_month,
        examples=(("下月5日前", "下月5日"), ("本月底前", "本月底")),
        counter_examples=("每月5日前",),
    ),
    Rule(
        "point.bare_month",
        "point",
        r"(?<![\d一二三四五六七八九十每本当下次上个年满逐按半])月(?P<part>底|末|内)(?=前|之前|以前|,|完|报|上|提"
        r"|$)",
        _bare_month,
        examples=(("于月底前完成", "月底"),),
        counter_examples=("每月底前", "6月底前", "满月内容", "半月内整改"),
    ),
    Rule(
        "point.year_part",
        "point",
        rf"{_LEFT}(?P<y>{_Y4}(?=\s?年)|{_REL}|{_Y4}(?=[底末]))\s?年?\s?(?P<part>年?[底末初]|年内|(?<=年)内(?![部容])|{_QUARTER})",
        _year_part,
        examples=(
            ("2022年底前", "2022年底"),
            ("去年底前", "去年底"),
            ("2022年第三季度", "2022年第三季度"),
            ("2023年年底", "2023年年底"),
            ("2021年下半年", "2021年下半年"),
        ),
        counter_examples=("2022年度报告",),
    ),
    Rule(
        "point.bare_part",
        "point",
        rf"(?<![\d每按逐个周半今])(?P<part>(?<![一二两三四五六七八九十几])年[底末初内]|岁末(?=前)|本季度?[末底]|本?季度(?=以内|之内|内(?![部容涵]))|{_QUARTER})(?!容)",
        _bare_part,
        examples=(("年底前完成", "年底"), ("三季度末", "三季度末"), ("上半年完成", "上半年"), ("本季度内", "本季度")),
        counter_examples=("每季度末报送", "每年底前", "一年内分期清偿"),
    ),
    Rule(
        "point.year",
        "point",
        rf"{_LEFT}(?P<y>{_Y4}\s?年度?|{_REL}(?!工作|任务|目标))(?![底末初内]|\s?\d)(?:度)?",
        _year_only,
        examples=(("2020年以前的欠款", "2020年"), ("纳入2021年度考核", "2021年度")),
        counter_examples=("2022年底前", "2022年6月"),
    ),
    Rule(
        "point.festival",
        "point",
        rf"(?P<y>{YEAR})?(?P<f>元旦、?春节|元旦节?|春节|新春佳节|农历新年|除夕|[\"“]?五一[\"”]?(?:国际)?(?:劳动节)?"
        rf"|劳动节|端午节?|中秋节?|元宵节?|正月十五|[\"“]?十一[\"”]?国庆|[\"“](?:十一|七一|八一)[\"”]|国庆节?|两节)(?=之前|以前|前|来临前|假期前|期间|后)",
        _festival,
        examples=(("春节前清零", "春节"), ("2025年元旦前", "2025年元旦")),
        counter_examples=("春节慰问",),
    ),
    Rule(
        "point.weekday",
        "point",
        r"(?<![每\d两隔])(?P<rel>本|这|下|上)?(?:周|星期)(?P<w>[一二三四五六日天])(?=前|之前|以前|下班|上午"
        r"|下午|中午|\d|晚|\()",
        _weekday,
        examples=(("本周五下班前", "本周五"), ("下周一上午", "下周一")),
        counter_examples=("每周五前", "一周一次"),
    ),
    Rule(
        "point.week",
        "point",
        r"(?<![每\d两隔])(?P<rel>本|这|下)(?:周|星期)(?P<w>)(?=内|之内|以内|底前|末前)",
        _weekday,
        examples=(("本周内完成核对", "本周"),),
        counter_examples=("每周内部通报", "本周五前"),
    ),
    Rule(
        "point.today",
        "point",
        r"(?P<rel>今天|今日|明天|明日|后天)(?=\s?(?:[上下中]午|晚|下班|\d{1,2}[时点::]|前|之前|以前|内))",
        _today,
        examples=(("请于今日下班前报送", "今日"), ("明天上午10点前反馈", "明天")),
        counter_examples=("截至今日，尚有3家未报",),
    ),
    Rule(
        "point.now",
        "point",
        r"(?:即日|现在)(?=起?\s?(?:至|到|—|-|~))",
        lambda m: Point(now=True),
        examples=(("即日起至6月30日", "即日"),),
        counter_examples=("即日起开展",),
    ),
    Rule(
        "point.day",
        "point",
        r"(?<![\d.第每满近个月零])(?P<d>3[01]|[12]\d|0?[1-9])\s?日(?!以?内|之内|常|报告|调度|起[^至到])",
        _day,
        examples=(("5月25日至28日", "28日"),),
        counter_examples=("30日内办结", "每5日"),
    ),
)

LAYER = Layer(
    "point",
    r"(?<![\d.])\d|[一二][〇○零九O0]|[一二三四五六七八九十](?=[月十一二])|第?[一二三四](?=个?季度)"
    r"|[今本当去上前明次翌来下后这](?=一?年|个?月|[周星半])"
    r"|月(?=[底末内])|年(?=[底末初内])|岁末|本?季度?(?=[末底内以之])|即日|现在(?=起)|今[天日]|明[天日]|后天|周(?=[一二三四五六日天])|星期|元旦|春节|新春|农历"
    r"|除夕|[\"“]?五一|劳动节|端午|中秋|元宵|正月十五|[\"“]?十一|[\"“][七八]一|国庆|两节",
    RULES,
)
