"""Terms that run from an event: 30日内, 10个工作日内, 自印发之日起, 即日起; and the words that give no time at all.

A term is `WITHIN=30D` (calendar days), `WITHIN=10BD` (working days), `M`, `Y` or `H`. What it runs from stands before
it and is read by `start_event`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.rules import lexicon
from extractors.rules.engine import Layer, Rule
from extractors.rules.numbers import any_integer


@dataclass(frozen=True, slots=True)
class Term:
    """`count` units (D, BD, M, Y, H) from an event; `cap` when it is the longest allowed (不得超过90日)."""

    count: int
    unit: str
    cap: bool = False

    @property
    def rule(self) -> str:
        """The contract's form, `WITHIN=30D`."""
        return f"WITHIN={self.count}{self.unit}"


@dataclass(frozen=True, slots=True)
class Ahead:
    """提前5个工作日, 届满前10日: counted back from an event that has no day yet."""


@dataclass(frozen=True, slots=True)
class FromIssue:
    """即日起, 印发之日起: from the document's own date on."""


@dataclass(frozen=True, slots=True)
class NoTime:
    """限期, 尽快: an obligation without a computable time."""


_UNITS = {"工作日": ("BD", 1), "自然日": ("D", 1), "日历日": ("D", 1), "日": ("D", 1), "天": ("D", 1), "周": ("D", 7),
    "星期": (
    "D", 7),
          "月": ("M", 1), "季度": ("M", 3), "年": ("Y", 1), "小时": ("H", 1), "钟头": ("H", 1)}  # fmt: skip


def _term(m: re.Match[str]) -> Term | None:
    count = any_integer(m["n"])
    unit, factor = _UNITS[m["u"]]
    if not count or count > 400:
        return None
    return Term(count * factor, unit, cap=bool(m.groupdict().get("cap")))


def _half(m: re.Match[str]) -> Term | None:
    return Term(15, "D") if "月" in m.group() else Term(6, "M")


_N = r"\d{1,3}|[一二两三四五六七八九十]{1,3}(?:百[一二三四五六七八九]?十?)?"
_U = r"工作日|自然日|日历日|日|天|周|星期|月|季度|年|小时|钟头"

RULES: tuple[Rule, ...] = (
    Rule(
        "term.within",
        "term",
        rf"(?<![近去过满第前每\d.])(?P<n>{_N})\s?(?:个?(?!月)|个(?=月))(?:完整)?(?P<u>{_U})\s?(?:\(含\)\s?)?"
        rf"(?:以内|之内|内(?!部|容|涵|的?[资债]))",
        _term,
        examples=(
            ("收到后30日内办结", "30日内"),
            ("10个工作日内反馈", "10个工作日内"),
            ("一个月内清偿", "一个月内"),
            ("24小时内转办", "24小时内"),
        ),
        counter_examples=("近三年内", "5月内", "2022年内", "第3日内部会议"),
    ),
    Rule(
        "term.half",
        "term",
        r"(?<![近每])半个?(?:月|年)(?:以内|之内|内(?!部|容))",
        _half,
        examples=(("半个月内整改到位", "半个月内"), ("半年内清偿", "半年内")),
        counter_examples=("上半年内容", "每半月内"),
    ),
    Rule(
        "term.cap",
        "term",
        rf"(?:最长)?(?P<cap>不得?超过|不得多于|不超出)(?P<n>{_N})\s?个?(?P<u>工作日|自然日|日(?!元)|天|周|月"
        rf"(?!租)|小时)",
        _term,
        examples=(("最长不得超过90日", "最长不得超过90日"), ("办理时间不超过10个工作日", "不超过10个工作日")),
        counter_examples=("不得超过500万元", "不超过3日元"),
    ),
    Rule(
        "term.ahead",
        "term",
        rf"(?<=届满|到期|期满)(?:{_N})\s?个?(?:{_U})(?:之前|以前|前)|(?:提前|(?<=届满)前|(?<=到期)前|(?<=期满)前)\s?(?:至少)?(?:{_N})\s?个?(?:{_U})(?!以上)",
        lambda m: Ahead(),
        examples=(
            ("提前5个工作日报告", "提前5个工作日"),
            ("期限届满前10日申请", "前10日"),
            ("期限届满3个工作日前", "3个工作日前"),
        ),
        counter_examples=("提前完成", "满前期"),
    ),
    Rule(
        "term.from_issue",
        "term",
        r"即日起|(?:印发|发布|公布|下发|发文|签发|颁布)之日起(?!的?\s?(?:\d"
        r"|[一二三四五六七八九十半]{1,3}[个日天年])|前|后|内|,?\s?在?\d)",
        lambda m: FromIssue(),
        examples=(("即日起开展排查", "即日起"), ("自印发之日起施行", "印发之日起")),
        counter_examples=("自印发之日起30日内", "自收到之日起"),
    ),
    Rule(
        "term.no_time",
        "term",
        r"(?<![期长短时年])限期(?!限|间|内|为|届|是|已|未)|(?<!要)尽快(?!速)",
        lambda m: NoTime(),
        examples=(("限期整改到位", "限期"), ("尽快形成台账", "尽快")),
        counter_examples=("有效期限期间", "时限期满"),
    ),
    Rule(
        "term.uncomputable",
        "term",
        r"(?:<time.not_computable>|(?<![\u4e00-\u9fff])节(?:日)?|(?<=[于在保])节(?:日)?)(?:来临|召开|开始)?(?:之前|以前|前)(?!期)",
        lambda m: NoTime(),
        examples=(("汛期前付清防汛工程款", "汛期前"), ("两会前办结", "两会前"), ("确保节前兑付到位", "节前")),
        counter_examples=("两会期间", "供暖前期", "在各环节前置审查"),
    ),
)

LAYER = Layer(
    "term",
    r"(?<![\d.])\d{1,3}(?=\s?[个日天周年小钟工月])|[一二两三四五六七八九十]"
    r"(?=[个日天周年小月十星一二三四五六七八九])|半(?=个?月|年)|最长|不得?超|不得多于|即日起|限期|尽快|提前|节(?=日?前)|(?<=[届到期][满期])前|<time.not_computable>|(?:印发"
    r"|发布|公布|下发|发文|签发|颁布)(?=之日起)",
    RULES,
)

_EVENT = re.compile(
    r"(?:自|从|在|于)?(?P<event>[^,。;:\n]{1,40}?)(?:之日起|之时起|当日起|的次日起|次日起|之日|后|起)\s?(?:的)?"
    r"(?:,)?(?:在|于)?(?:最长)?$"
)


def start_event(text: str, start: int) -> tuple[int, str] | None:
    """What a term at `start` runs from: (position, words), read from `自…之日起` or `…后` just before it."""
    m = _EVENT.search(text[max(0, start - 50) : start])
    return (max(0, start - 50) + m.start("event"), m["event"]) if m else None


def is_issue_event(words: str) -> bool:
    """Whether the event is this document's own issue: 印发, 下发, 发布 of 本通知 and the like."""
    return (
        bool(lexicon.compiled(r"(?:印发|下发|发布|公布|签发|发文|颁布)(?:本\S{0,4})?$").search(words))
        and "收到" not in words
    )
