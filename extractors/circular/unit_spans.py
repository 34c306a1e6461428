"""Where units stand in a text: organs, offices, companies and collective units, with exact spans.

Names of organs grow leftwards from their last word: 财政局, 领导小组办公室, 部门. So an automaton finds last words
first, then each is extended to the left by its grammar: level word or region (市, 吕梁市), collective place
(各县(市、区)), modifiers (有关, 市直各), or free words back to a region or level word (市减轻企业负担领导小组办公室).
Shortened members of a list (市国资委、财政局; 县教体、住建等部门) count only beside a unit that stands by itself.
"""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from extractors.circular.unit_departments import CLASSES, DEPARTMENTS, FIELDS, IN_CHARGE, PERSON, SCHOOLS
from extractors.circular.unit_heads import division_end, each_spans, framed_items, next_sections, told_items
from extractors.circular.unit_left import BEFORE_PLACE, Left, extend_free, extend_group, extend_local, extend_named
from extractors.resolve.organs import Word, organs
from extractors.rules.swift import Swift

UnitKind = Literal["organ", "group", "class", "stem", "place", "addressee", "author"]

SEPARATOR = re.compile(r"\s?(?:、|和|与|以及|及其|及|暨)\s?(?=[^\s])")
_OPEN_TAIL = re.compile(
    r"等(?:[^,。;:、()]{0,10}?(?:部门|单位|大户|成员|地区|机构|地)|(?!.{0,4}(?:领域|方面|行业|资金|工作|项目|欠款|费用)))"
)
_STEM_AFTER = re.compile(r"、|和|及|与|等(?!领域|方面|行业(?!主管)|工作|事业|资金|重点)|(?:主管)?部门")
_TITLE = re.compile(
    r"《[^《》]{0,200}(?:《[^《》]{0,100}》[^《》]{0,200})*》|〈[^〈〉]{0,120}〉|“关于[^“”]{2,80}的(?:建议|提案|议案|意见|问题|请示|报告|通知|函)”"
)
_NAMEPLATE = re.compile(r"\(([^()]{1,16})\)")
_NUMBER_CODE = re.compile(r"[字发函办]{0,2}[〔\[(]\d{4}")
# Last words that are only the beginning of another word: 局面, 工作组织, 审批办理, 公司法.
_GOES_ON = {
    "局": "面势限促部", "委": "托员派任屈", "办": "理公法结好事学证案复件厅完妥", "组": "织成建合", "司": "法机",
    "团": "结队化体", "心": "任环思城工地", "区": "别域块间分",
    "院": "士落", "处": "置理罚分境在", "队": "伍列员长", "庭": "审长", "科": "技学目", "村": "民里委干镇",
    "镇": "域压静", "乡": "村镇亲", "县": "域城", "旗": "下舰帜", "会": "议计员谈商诊晤",
    "部": "门署队落级",
    "投": "债资入放向诉标产", "学": "生校期习科位历",
    "所": "需有属在得以谓辖监管欠占涉提反述指承", "站": "位在点台", "班": "次",
}  # fmt: skip
# 镇水利站在6月10日前, 县财政局限期…, 市清欠办公布…: the characters belong to what follows after all.
_DEED_AFTER = re.compile(
    r"(?<=站)在(?:\d|[今明本下每][年月季])|(?<=局)(?:限[期时]|部署)|(?<=办)(?:公[布示开告]|结合)|(?<=委)派[驻出员人专]|(?<=所)有[序效]|(?<=队)列[入出支]"
)
_ZONE_IN_FRONT = re.compile(r"[\u4e00-\u9fff]{0,4}(?:经开|高新|开发|新|园|管理|度假|示范|保税)区[\u4e00-\u9fff]{0,4}")
_OF_GOVERNMENT = re.compile(
    r"部门|投资(?:项目|工程|类|建设|性|的)|采购(?:项目|合同|预算|款|活动)|性(?:债务|基金|项目)|隐性债|专项债|债[券务]|类项目|购买服务"
)
_NAMES = 40  # of one paper, looked for where no frame shows them
_STATE = re.compile(r"于(?![\d本年每月当收接])")
_PLATE_END = re.compile(r"[\u4e00-\u9fff]{1,14}(?:局|委|办|厅|办公室|委员会|中心|专班|处|科|室|股)$")


class UnitSpan(msgspec.Struct, frozen=True, gc=False):
    """`view.text[start:end]` names a unit. Numbers are view positions.

    `name_end` leaves out a nameplate in brackets (市清欠办(市工信局)). `prefix` are the region or level words in
    front, "" when there are none. `weak` marks what counts only inside a list. `person` is true when the words
    after it turn it into people (市政府主要领导).
    """

    start: int
    end: int
    name_end: int
    kind: UnitKind
    prefix: str = ""
    weak: bool = False
    person: bool = False


@cache
def _automaton() -> Any:
    import ahocorasick

    auto = ahocorasick.Automaton()
    for text, entries in organs().words.items():
        auto.add_word(text, (len(text), entries))
    auto.make_automaton()
    return auto


def find_units(text: str, aliases: tuple[str, ...] = ()) -> tuple[UnitSpan, ...]:
    """Every unit named in `text` (a view's text), in order, disjoint. `aliases` are short names the text defines."""
    found: dict[int, UnitSpan] = {}  # by end, the longest
    titles = [m.span() for m in _TITLE.finditer(text)]
    skip = _Inside(titles)
    for start, end in _alias_places(text, aliases):
        _keep(found, UnitSpan(start, end, end, "organ"))
    for start, end in CLASSES.spans(text):
        _keep(found, UnitSpan(start, end, end, "class"))
    for start, end in IN_CHARGE.spans(text) if "政府负责" in text or "国务院负责" in text else ():
        _keep(found, UnitSpan(start, end, end, "group"))
    for start, end in FIELDS.spans(text) if "主管部门" in text else ():
        _keep(found, UnitSpan(start, end, end, "group"))
    for start, end in [*DEPARTMENTS.spans(text), *SCHOOLS.spans(text)]:
        _keep(found, UnitSpan(start, end, end, "organ"))
    for start, end in each_spans(text):
        if not skip(start):
            if (plate := _NAMEPLATE.match(text, end)) and _is_plate_of(plate.group(1), "group"):
                end = plate.end()  # 各学院(部)
            _keep(found, UnitSpan(start, end, end, "group", person=PERSON.match(text, end) is not None))
    skip = _Inside(titles)
    for last, (length, entries) in _automaton().iter(text):
        end = last + 1
        start = end - length
        if titles and skip(start):
            continue
        for entry in entries:
            span = _span(text, start, end, entry)
            if span is not None:
                _keep(found, span)
    for u in [u for u in found.values() if u.kind == "organ" and not u.person]:
        for start, end in next_sections(text, u.end):
            _keep(found, UnitSpan(start, end, end, "organ"))
    known = _with_framed(text, _disjoint(found.values()), titles)
    return _chained(text, _with_neighbours(text, known))


def _with_framed(text: str, known: list[UnitSpan], titles: list[tuple[int, int]]) -> list[UnitSpan]:
    """The spans with the names that only their frame shows; of two readings with one end the longer name wins."""
    starts = [u.start for u in known]
    more: list[UnitSpan] = []
    dropped: set[int] = set()
    skip = _Inside(titles)
    sure = {u.end: u.start for u in known if not u.weak and (u.prefix or u.kind == "group")}
    spans = frozenset((u.start, u.end) for u in known)
    for items in heapq.merge(framed_items(text, sure, spans), told_items(text, sure)):
        fresh: list[UnitSpan] = []
        for start, end in items:
            low = max(bisect_left(starts, start) - 1, 0)
            near = [u for u in known[low : bisect_left(starts, end)] if u.end > start]
            if (start, end) in spans:
                continue
            if not near:
                fresh.append(UnitSpan(start, end, end, "organ"))
            elif len(near) == 1 and near[0].weak and (near[0].start, near[0].end) == (start, end):
                fresh.append(replace(near[0], weak=False))
                dropped.add(start)
            elif all(u.weak and u.kind in ("group", "organ") and start <= u.start for u in near):
                fresh.append(UnitSpan(start, end, end, "organ"))  # 街道|消安办。负责…
                dropped.update(u.start for u in near)
            elif len(near) == 1 and near[0].end == end and _is_longer(text, start, near[0]):
                fresh.append(UnitSpan(start, end, end, "organ"))
                dropped.add(near[0].start)
            elif len(near) == 2 and near[0].start == start and near[1].end == end and _is_house(text, near[0]):
                fresh.append(UnitSpan(start, end, end, "organ"))
                dropped.update(u.start for u in near)
        more += [u for u in fresh if not skip(u.start)]
    if not more:
        return known
    more += _elsewhere(text, more, known, dropped)
    merged = sorted([*more, *(u for u in known if u.start not in dropped)], key=lambda u: (u.start, -u.end))
    out: list[UnitSpan] = []
    for u in merged:
        if not out or u.start >= out[-1].end:
            out.append(u)
    return out


# A member of a list that begins with the level of the member beside it: 县公路段、县企联、县财政局.
_BESIDE = Swift(
    re.compile(
        r"[省市县区州旗镇](?<=[\n,。;:、由请和与及].)(?![直级属内外域场区级长委本政])[\u4e00-\u9fff]{2,6}(?=[、和与及])"
    )
)
_BESIDE_LAST = re.compile(
    r"、(?P<name>[省市县区州旗镇](?![直级属内外域场区级长委本政])[\u4e00-\u9fff]{2,5}?)(?=要(?![求点素])|应当|须|负责|牵头|配合|等部门|等单位)"
)
_NO_MEMBER = re.compile(r"(?:资金|款|费|项目|工程|券|债|收入|工作|领域|预算|计划|方案|制度|情况|的.*)$")


def _with_neighbours(text: str, known: list[UnitSpan]) -> list[UnitSpan]:
    """The spans with the members of a list that no lexicon knows, shown by the level they share with a neighbour."""
    taken = {u.start for u in known}
    found = [(a, b) for a, b in _BESIDE.spans(text) if a not in taken]
    found += [m.span("name") for m in _BESIDE_LAST.finditer(text) if m.start("name") not in taken]
    if not found:
        return known
    starts = {u.start: u for u in known if u.kind == "organ"}
    ends = {u.end: u for u in known if u.kind == "organ"}
    more: dict[int, UnitSpan] = {}
    for start, end in sorted(found, reverse=True):
        if _NO_MEMBER.search(text, start, end) or any(
            start < u.end and u.start < end for u in between(known, start - 20, end + 20)
        ):
            continue
        after = SEPARATOR.match(text, end)
        right = starts.get(after.end()) if after is not None else None
        left = ends.get(start - 1)
        if any(u is not None and text[u.start] == text[start] for u in (left, right)):
            more[start] = starts[start] = ends[end] = UnitSpan(start, end, end, "organ", text[start])
    return sorted([*known, *more.values()], key=lambda u: u.start) if more else known


def _is_house(text: str, u: UnitSpan) -> bool:
    """Whether the name is of a house whose department follows (管委会|经济发展局)."""
    return text[u.start : u.end].endswith(("管委会", "管理委员会", "集团", "公司"))


def _elsewhere(text: str, shown: list[UnitSpan], known: list[UnitSpan], dropped: set[int]) -> list[UnitSpan]:
    """The same names where no frame shows them: 财政审计局：…, then 会同财政审计局实地核查."""
    starts = [u.start for u in known]
    taken = {u.start for u in shown}
    out: list[UnitSpan] = []
    names = dict.fromkeys(text[u.start : u.end] for u in shown if u.end - u.start > 3 and not u.prefix)
    for name in list(names)[:_NAMES]:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            low = max(bisect_left(starts, at) - 1, 0)
            near = [u for u in known[low : bisect_left(starts, end)] if u.end > at]
            if at not in taken and all(u.start >= at and u.end == end and not u.prefix for u in near):
                plate = _NAMEPLATE.match(text, end)
                stop = plate.end() if plate is not None and _is_plate(plate.group(1)) else end
                out.append(UnitSpan(at, stop, end, "organ"))
                taken.add(at)
                dropped.update(u.start for u in near)
            at = text.find(name, end)
    return out


def _is_longer(text: str, start: int, u: UnitSpan) -> bool:
    """Whether the words in front of a name without a place are a field of its work: 财政|金融局, 采购与|招标中心."""
    front = text[start : u.start]
    fits = front in organs().stems or front.endswith(("与", "和")) or _ZONE_IN_FRONT.fullmatch(front) is not None
    return u.kind == "organ" and not u.prefix and fits


def _keep(found: dict[int, UnitSpan], span: UnitSpan) -> None:
    old = found.get(span.end)
    if old is None or (span.start, span.weak) < (old.start, old.weak):
        found[span.end] = span


class _Inside:
    """Answers for rising positions whether they lie inside one of some spans."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        self._spans = spans
        self._at = 0

    def __call__(self, position: int) -> bool:
        # Positions of an automaton rise by their ends, so starts may step back a little: look one span back too.
        while self._at < len(self._spans) and self._spans[self._at][1] <= position:
            self._at += 1
        for i in (self._at - 1, self._at):
            if 0 <= i < len(self._spans) and self._spans[i][0] <= position < self._spans[i][1]:
                return True
        return False


def _alias_places(text: str, aliases: tuple[str, ...]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for alias in aliases:
        at = text.find(alias)
        while at >= 0:
            if not (alias.endswith("办") and text.startswith("公室", at + len(alias))):  # 收购办 in 收购办公室
                out.append((at, at + len(alias)))
            at = text.find(alias, at + len(alias))
    return out


def _span(text: str, start: int, end: int, entry: Word) -> UnitSpan | None:
    """The unit whose last word is `text[start:end]`, or None if nothing there makes it one."""
    if entry.kind == "place" and end - start == 1 and text[start - 1 : start] not in BEFORE_PLACE:
        return None  # 绩溪县, 城市: most of them
    if entry.kind == "stem" and not _STEM_AFTER.match(text, end):
        return None
    left: Left | None
    kind: UnitKind = "organ"
    goes_on = entry.kind != "stem" and end < len(text) and text[end] in _GOES_ON.get(text[end - 1], ())
    goes_on = goes_on and not _DEED_AFTER.match(text, end)
    if goes_on and not text.startswith("工作人员", end):
        return None
    if text[end - 1] == "处" and _STATE.match(text, end):
        return None  # 资产处于查封状态
    if text.startswith("政府", end - 2) and _OF_GOVERNMENT.match(text, end):
        return None  # 全市政府部门, 区政府投资项目
    if text[start] == "委" and entry.kind == "body" and text[start - 1 : start] in ("工", "党", "体"):
        return None  # 人大代表工|委、市政府督查室
    if entry.kind == "open" and text.startswith("长", end):
        return None  # 局长, 行长, 会长
    if entry.kind == "stem":
        left = extend_named(text, start, list_only=True)
        kind = "stem"
    elif entry.kind in ("function", "body"):
        if _NUMBER_CODE.match(text, end):
            return None
        left = extend_named(text, start)
        # 县工业信息化和科技局: the known word is only the end of a longer name.
        if left is not None and not left.prefix and not left.group and left.start == start:
            free = extend_free(text, start, end)
            if free is not None and free.start < start:
                left = free
        if left is not None and entry.body is not None and not left.prefix and left.start == start:
            alone = entry.body.kind in ("court", "procuracy") and text[start - 1 : start] in ("", "\n")
            weak = entry.body.kind in ("government", "court", "procuracy", "party", "zone") and not alone
            weak = weak and not (entry.text in ("政府办", "政府办公室", "府办") and _ACTS.match(text, end))
            left = replace(left, weak=weak)  # a paragraph may open with 人民法院
    elif entry.kind == "national":
        left = Left(start, "", weak=False, group=False)
    elif entry.kind == "open" and _NUMBER_CODE.match(text, end):
        return None
    elif entry.kind == "open":
        left = extend_free(text, start, end)
    elif entry.kind == "local":
        left = extend_local(text, start, end, loose=entry.suffix == "loose")
    elif entry.kind == "place":
        left = extend_group(text, start, end, place=True)
        kind = "group"
    else:
        left = extend_group(text, start, end, place=False)
        kind = "group"
    if left is None:
        return None
    if left.group:
        kind = "group"
    if kind == "organ" and entry.kind in ("function", "body", "open", "local"):
        end = division_end(text, end)
    name_end = end
    if (plate := _NAMEPLATE.match(text, end)) and _is_plate_of(plate.group(1), kind):
        end = plate.end()
        if kind == "group":
            name_end = end
    person = PERSON.match(text, end) is not None
    return UnitSpan(left.start, end, name_end, kind, left.prefix, left.weak, person)


def _is_plate(words: str) -> bool:
    """Whether the words of a bracket are a second nameplate: 工信局, 市工信局, 挂市物价局牌子 (but not 牵头, 设在…)."""
    if words.startswith(("设在", "以下", "简称", "下称", "含", "包括", "不含", "除")):
        return False
    if words in organs().plates:
        return True
    if _PLATE_END.search(words) and not re.search(r"[、,;。:]|牵头|负责|配合", words):
        return True
    for cut in range(min(4, len(words))):
        entries = organs().words.get(words[cut:], ())
        if any(e.kind in ("function", "body") and e.suffix != "部门" for e in entries):
            return True
    return False


def _is_plate_of(words: str, kind: UnitKind) -> bool:
    """各部门(单位), 各街镇(园区): behind a group only the short words, behind an organ any second name."""
    return words in organs().plates if kind == "group" else kind == "organ" and _is_plate(words)


def _disjoint(spans: Any) -> list[UnitSpan]:
    """The spans without overlaps: the earlier and longer win, a strong one beats a weak one inside it."""
    ordered = sorted(spans, key=lambda u: (u.start, -u.end))
    out: list[UnitSpan] = []
    for u in ordered:
        if out and u.start < out[-1].end:
            before = out[-1]
            if u.end <= before.end:
                continue
            # The later one begins inside the earlier one and runs on: a name that goes on (县政府 + 各部门).
            if u.end > before.end and u.start >= before.start and before.kind != "class":
                if before.weak or u.start == before.start:
                    out[-1] = u
                continue
            continue
        out.append(u)
    return out


def _chained(text: str, spans: list[UnitSpan]) -> tuple[UnitSpan, ...]:
    """The spans without weak ones that stand beside no strong one; shortened members need the chain's end to fit."""
    out: list[UnitSpan] = []
    for chain in chains(text, spans):
        tail = _OPEN_TAIL.match(text, chain[-1].end)
        acts = (
            all(u.kind == "group" for u in chain) and _ACTS.match(text, chain[-1].end) and _fronts(text, chain[0].start)
        )
        acts = acts or (
            _COURT.search(text, chain[0].start, chain[0].end) is not None
            and _ACTS.match(text, chain[-1].end) is not None
            and _fronts(text, chain[0].start)
        )
        strong = acts or any(not u.weak and u.kind != "stem" for u in chain)
        prefixed = any(u.prefix for u in chain)
        if strong or (prefixed and tail is not None and len(chain) > 1) or (tail is not None and len(chain) > 1):
            if tail is None and chain[-1].kind == "stem":
                chain = chain[:-1]
            out += chain
    return tuple(out)


_COURT = re.compile(r"(?:法院|检察院|纪委监委)$")
_ACTS = re.compile(
    r"负责(?!人|同志|的)|要(?![求点素])|,?应当?(?![付收急])|必须|按职责|配合(?!度)|协助|监督(?=[,。;])|全程监督|具体"
)


def _fronts(text: str, start: int) -> bool:
    """Whether a clause begins here (乡镇、村负责公示)."""
    return start == 0 or text[start - 1] in "\n,。;:"


def chains(text: str, spans: list[UnitSpan] | tuple[UnitSpan, ...]) -> list[list[UnitSpan]]:
    """Neighbours joined by 、 和 与 及 put together in lists, in order."""
    out: list[list[UnitSpan]] = []
    for u in spans:
        if out:
            last = out[-1][-1]
            gap = SEPARATOR.match(text, last.end)
            joined = gap is not None and (gap.end() == u.start or text[u.start : gap.end()] == "其")
            if joined and not last.person:
                out[-1].append(u)
                continue
        out.append([u])
    return out


def between(spans: Sequence[UnitSpan], start: int, end: int) -> list[UnitSpan]:
    """Of spans in order, those that lie in [start, end)."""
    low = bisect_left(spans, start, key=lambda u: u.start)
    high = bisect_left(spans, end, key=lambda u: u.start)
    return [u for u in spans[low:high] if u.end <= end]
