"""Time expressions: points joined into ranges and lists, with the hour, weekday and limit words that belong to them.

`截至`, `自`, `于` stay outside an expression, `前`, `之前`, `内` inside, as the project's contract has it.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from extractors.rules import lexicon
from extractors.rules.engine import Hit, Layer, Rule, Spans
from extractors.rules.swift import Swift
from extractors.rules.time import points
from extractors.rules.time.points import Point

Shape = Literal["point", "before", "inside", "range", "since"]


class Expression(msgspec.Struct, frozen=True, gc=False):
    """`text[start:end]` of the view: one point, or a range of two, with its limit word.

    `shape`: before (前), inside (年内, 6月内), range (A至B), since (A以来, A至今), point (bare). `rule` names how it
    was found and `children` the points it was built from.
    """

    start: int
    end: int
    shape: Shape
    first: Point
    last: Point | None
    rule: str
    children: tuple[Hit, ...]


def _shape(name: Shape) -> object:
    return lambda m: name


# What may follow a point and belongs to it. Tried where a point ends.
_CLOCK = (
    r"(?:\s?\((?:星期|周)[一二三四五六日天]\))?(?:\s?(?:当天|当日))?"
    r"(?:\s?(?:上午|下午|中午|晚上|晚间|早上|晚)?\s?(?:[01]?\d|2[0-4])(?:[::][0-5]\d|时(?:[0-5]?\d分|整)?|点(?:半"
    r"|整|[0-5]?\d分)?)|\s?(?:中午|上午|下午)?(?:下班|上班)|\s?(?:中午|上午|下午|晚))?"
)
SUFFIXES: tuple[Rule, ...] = (
    Rule(
        "time.before",
        "suffix",
        rf"{_CLOCK}\s?(?:\(含\)|\(含当日\)|\(含当天\))?\s?(?:<time.limit>)(?!期|述|款|往|景|提(?![交供出报请前])|三|两|后|者|年|几"
        rf"|十|五|列(?![入支为明示出])|来|去|\d{{1,2}}\s?个?[月季])",
        lambda m: "before",
        examples=(("17:00前", "17:00前"), ("(星期一)下班前", "(星期一)下班前")),
        counter_examples=("前期工作", "前4个月"),
    ),
    Rule(
        "time.inside",
        "suffix",
        r"\s?(?:<time.inside>)(?!部|容|涵|的?[资债])",
        lambda m: "inside",
        examples=(("之内完成", "之内"),),
        counter_examples=("内部",),
    ),
    Rule(
        "time.to_now",
        "suffix",
        r"(?:起)?(?:至今|迄今|以来)",
        lambda m: "since",
        examples=(("以来,全市", "以来"),),
        counter_examples=("以前",),
    ),
)
SUFFIX_LAYER = Layer("suffix", r"[\s(上下中晚早当\d之以前内至迄起]", SUFFIXES)

_TO = re.compile(
    r"(?:\s?\((?:星期|周)[一二三四五六日天]\))?\s?(?:起|开始|开始起)?\s?,?\s?(?:至|到|—{1,2}|-{1,2}|~|持续至"
    r"|持续到|延续至|延续到|截至|截止到)\s?"
)
_AND_NEXT = re.compile(r"\s?、\s?")
_CLOCK_ALONE = lexicon.compiled(_CLOCK)
_SINCE_GAP = re.compile(r"[^,。;:、\n]{1,30}?以来")
# First ends of ranges that borrow their unit: 2018-2020年, 1-8月, 5月25-28日.
_OPEN = Swift(
    re.compile(
        r"(?<![\d.\-/第])(?:(?P<ya>(?:19|20)\d\d)\s?(?:至|到|—{1,2}|-|~)\s?(?P<yb>(?:19|20)\d\d)\s?年(?!\s?\d)"
        r"|(?:(?P<y>(?:19|20)\d\d年|今年|本年|当年|去年|上年|明年|次年)\s?)?(?P<ma>1[0-2]|0?[1-9])\s?(?:至|到|—{1,2}|-|~)\s?(?P<mb>1[0-2]"
        r"|0?[1-9])\s?月(?!\s?\d)份?(?P<mp>底|末)?"
        r"|(?<![\n。;])(?P<mc>1[0-2]|[1-9])\s?、\s?(?P<md>1[0-2]|[1-9])\s?月(?!\s?\d|底|末|初|[上中下]|内)份?"
        r"|(?:(?P<y2>(?:19|20)\d\d年|今年|本年|当年|去年|上年|明年|次年)\s?)?(?P<m>1[0-2]|0?[1-9])\s?月\s?(?P<da>3[01]|[12]\d|0?[1-9])\s?(?:至|到"
        r"|—{1,2}|-|~)\s?(?P<db>3[01]|[12]\d|0?[1-9])\s?[日号])"
    )
)


def find(text: str, masked: Spans, start: int = 0, end: int | None = None) -> list[Expression]:
    """All time expressions of a text in order, none touching a masked span."""
    hits = points.LAYER.scan(text, masked, start, end)
    hits = _with_open_ranges(text, hits, masked, start, end)
    out: list[Expression] = []
    i = 0
    while i < len(hits):
        hit = hits[i]
        assert isinstance(hit.value, Point)
        nxt = hits[i + 1] if i + 1 < len(hits) else None
        gap = _TO.fullmatch(text, hit.end, nxt.start) if nxt is not None and nxt.start - hit.end <= 16 else None
        if gap is None and nxt is not None and hit.rule == "point.month" and text[hit.end - 1].isdigit():
            gap = _AND_NEXT.fullmatch(text, hit.end, nxt.start)  # 7、8月份
        if nxt is not None and gap is not None and isinstance(nxt.value, Point) and _can_range(hit.value, nxt.value):
            finish, _, _ = _suffix(text, nxt.end)
            out.append(Expression(hit.start, finish, "range", hit.value, nxt.value, "time.range", (hit, nxt)))
            i += 2
            continue
        i += 1
        if hit.rule == "point.day" and not _day_is_meant(text, hit):
            continue
        finish, shape, rule = _suffix(text, hit.end)
        if shape == "point":
            gap = _SINCE_GAP.match(text, hit.end) if _since_before(text, hit.start) or hit.value.is_year_only else None
            if gap is not None and gap.end() - hit.end <= 32:
                shape, rule = "since", "time.since"
        if shape == "point" and hit.rule == "point.relative_month" and hit.value.day is None and hit.value.part is None:
            continue  # 上月进展: it describes
        if hit.value.part == "within" and shape == "point":
            shape = "inside"
        out.append(Expression(hit.start, finish, shape, hit.value, None, rule or hit.rule, (hit,)))
    return out


def _suffix(text: str, at: int) -> tuple[int, Shape, str]:
    """Where the expression ends, its shape, and the rule of its suffix ('' for none)."""
    hit = SUFFIX_LAYER.at(text, at)
    if hit is not None:
        return hit.end, hit.value, hit.rule  # type: ignore[return-value]
    clock = _CLOCK_ALONE.match(text, at)
    if clock is not None and clock.end() > at and re.search(r"\d", clock.group()):
        return clock.end(), "point", ""
    return at, "point", ""


def _since_before(text: str, at: int) -> bool:
    return text[max(0, at - 1) : at] in ("自", "从")


def _can_range(a: Point, b: Point) -> bool:
    """Whether two points may be the ends of one range: not 年底 to 春节前 of something else."""
    return (a.weekday is None) == (b.weekday is None)


def _day_is_meant(text: str, hit: Hit) -> bool:
    """A bare 15日 counts only as a limit or right after 于/至: 15日前, 于15日."""
    return text.startswith(("前", "之前", "以前"), hit.end) or text[max(0, hit.start - 1) : hit.start] in "于至到"


def _with_open_ranges(text: str, hits: list[Hit], masked: Spans, start: int, end: int | None) -> list[Hit]:
    """Replace the hits under a range with a borrowed unit by its two ends."""
    ends: list[Hit] = []
    for m in _OPEN.finditer(text, start, len(text) if end is None else end):
        if masked.overlaps(m.start(), m.end()):
            continue
        if m["ya"]:
            ends.append(Hit("point.year", m.start(), m.end("ya"), Point(year=int(m["ya"]))))
            ends.append(Hit("point.year", m.start("yb"), m.end(), Point(year=int(m["yb"]))))
        elif m["mc"]:
            if int(m["md"]) != int(m["mc"]) + 1 or m.start() == 0:
                continue  # the number of an item, or two months apart
            ends.append(Hit("point.month", m.start(), m.end("mc"), Point(month=int(m["mc"]))))
            ends.append(Hit("point.month", m.start("md"), m.end(), Point(month=int(m["md"]))))
        elif m["ma"]:
            year, shift = points.read_year(m["y"])
            first = Point(year=year, year_shift=shift, month=int(m["ma"]))
            ends.append(Hit("point.month", m.start(), m.end("ma"), first))
            part = "end" if m["mp"] else None
            ends.append(Hit("point.month", m.start("mb"), m.end(), Point(month=int(m["mb"]), part=part)))
        else:
            year, shift = points.read_year(m["y2"])
            first = Point(year=year, year_shift=shift, month=int(m["m"]), day=int(m["da"]))
            ends.append(Hit("point.date", m.start(), m.end("da"), first))
            ends.append(Hit("point.day", m.start("db"), m.end(), Point(day=int(m["db"]))))
    if not ends:
        return hits
    covered = Spans([(a.start, b.end) for a, b in zip(ends[::2], ends[1::2], strict=True)])
    return sorted([h for h in hits if not covered.overlaps(h.start, h.end)] + ends, key=lambda h: h.start)
