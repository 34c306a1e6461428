"""The left end of a unit's name: how far it reaches before the last word that gave it away."""

from __future__ import annotations

import re

import msgspec

from extractors.circular.unit_regions import BEFORE_SHORT, inside_place, regions_before
from extractors.resolve.organs import LEVEL_WORDS, organs
from extractors.resolve.regions import registry
from extractors.rules.lexicon import words

MAX_FREE = 42
"""The longest free name before its last word, in characters (清理拖欠民营企业中小企业账款工作 …)."""

_WHOLE = re.compile(r"[\u4e00-\u9fff]{0,10}?(?:机关|部门|法院|检察院|局|委)(?!系统|[\u4e00-\u9fff]{0,2}系统)")
_TOO_SHORT = (
    "局",
    "委",
    "办",
    "厅",
    "所",
    "站",
    "中心",
    "公司",
    "法院",
    "学校",
    "医院",
    "集团",
    "大学",
    "学院",
    "银行",
    "支行",
    "分行",
)
_ORGAN_INSIDE = re.compile(r"[省市县区州旗](?:[\u4e00-\u9fff]{2,8})(?:局|厅|办|委(?!员|托|会))[\u4e00-\u9fff]")
_MERGED = re.compile(r"分局|局(?:直属|所属)|委办")
_LEVELS_BEFORE = re.compile(
    r"(?:[省市县区州乡镇](?:、?[省市县区州乡镇(]){1,5}\)?(?:两级|三级|四级|各级)?|(?:各|市县|省市|上下|市县乡)?(?:两级|三级|四级)"
    r"|各级各?|[省市县乡]级以上(?:地方)?(?:各级)?|各地|同级|本级|上级|下级|当地|属地)$"
)
# 白鹤镇、县财政局: the town's last word and the bureau's level are no list of levels (县、乡两级财政部门 is).
_BEFORE_LEVELS = frozenset("由请和与及对各报送向全促成责同给让使按在为")
_ABOVE_PLACES = re.compile(r"[\s,。;:]([省市州地](?:[州市])?、)+$")
_LEVELS_END = frozenset("省市县区州乡镇()级各地方上\n")  # what that ends with
_BOUNDARY = frozenset(" \t\n,。;:!?、“”\"'《》〈〉【】[]<>|/—~…·%+=*#@&_.0123456789")
_STOPS = frozenset("赴了的由在于把将向给被让使请报送并为是与及从以因至到着等各据经即且又也均都应须需要对按")
# Words that hold a stop character and stand inside names.
_NO_STOPS = frozenset(words("organs", "inner_words"))
_NOT_AFTER = {  # characters that make the level word before them part of another word (市场, 县域, 区块 …)
    "市": frozenset("场民容值区内域外级属本长辖"),
    "县": frozenset("域城情内外级属乡本长区辖市"),
    "区": frozenset("域块间分别位内外级属本长划县"),
    "省": frozenset("内外级属本长份略事钱"),
    "州": frozenset("内外级属本长"),
    "旗": frozenset("帜舰下"),
    "盟": frozenset("约友"),
    "镇": frozenset("区内街级村"),
    "乡": frozenset("村镇亲"),
}
_NAMED_LEVELS = (
    "国务院",
    "国家",
    "中央",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "兵团",
    "省级",
    "市级",
    "县级",
    "区级",
)
_COLLECTIVES = (
    "各有关",
    "各相关",
    "各属地",
    "各参建",
    "各涉及",
    "各试点",
    "各责任",
    "各",
    "所辖各",
    "所辖",
    "下辖各",
    "全市各",
    "全县各",
    "属地",
    "所在地",
    "所在",
)
# Places that count without 各 where they are a member of a list: 各街镇、经开区.
_SHORT_PLACES = frozenset(
    ["开发区", "园区", "街道", "乡镇", "高新区", "经开区", "新区", "街道办事处", "街镇", "街道(开发区)办事处"]
)
# What the departments of an enterprise begin with in its own papers.
_HOUSES = (
    "集团公司", "集团总部", "集团本部", "集团", "股份公司", "总公司", "公司本部", "总部",
    "分公司", "子公司", "项目部", "公司", "学校", "学院", "医院",
)  # fmt: skip
# 高新区建设局, 临港新区经发局: a zone's own bureau.
_ZONE = re.compile(
    r"[\u4e00-\u9fff]{0,4}?(?:经开|高新|高新技术|经济技术|经济开发|开发|新|园|管理|度假|示范|保税|集聚|功能|自贸|工业园)区"
)
_ZONE_KINDS = tuple(words("organs", "zone_kinds"))
_HOUSE_LETTERS = frozenset("局院校厅行")
_NOT_BEFORE = frozenset(
    "城上超都股各全本我该两跨入出门黑夜菜集园校社小地片辖战景街山厂矿库港灾疫新高自经开发示特牧林湖海江河"
)
_POSTED = re.compile(r"(?:[省市县区州旗]?纪委(?:监委)?)?(?:派?驻[\u4e00-\u9fff]{2,12}|派驻)$")
_ACTS = frozenset("要须应每于")
# Verbs whose object is a unit: the name begins right behind them.
_TELLS = tuple(words("organs", "verbs_before"))
_JOINS = frozenset("、和及与")
BEFORE_PLACE = _JOINS | {words_[-1] for words_ in (*_COLLECTIVES, "相关", "有关")}
"""What stands before a place of one character that means several (各县, 乡镇、村); see `extend_group`."""
_NEEDS_LIST = frozenset(["子公司", "分公司", "项目部", "平台公司"])
_BEFORE_TOWN = frozenset("\n,。;:、()由请和与及交")
_NO_TOWN = ("安排", "通知", "指定", "抽调", "支持", "指导", "动员", "依靠", "选派", "明确")
_TOWN_ENDS = frozenset("镇乡街道区村场园")  # of a town's name in four characters
_DEEDS = ("配合", "参与", "参加", "督查", "督导", "督办", "考核", "审批")
_NUMBERED = re.compile(r"\([一二三四五六七八九十\d]{1,3}\)$")
_ORGAN_ENDS = frozenset("局厅委会办室部组班院行司府队处站所门位心团社联馆校协")


class Left(msgspec.Struct, frozen=True, gc=False):
    """Where a name starts, its region or level words, whether it counts only in a list, whether it means several."""

    start: int
    prefix: str
    weak: bool = False
    group: bool = False


def extend_named(text: str, start: int, *, list_only: bool = False) -> Left | None:
    """The left side of a known organ word (财政局): collective place, level, region, or nothing.

    `list_only` words (教体, 住建) without any prefix are weak.
    """
    at, region = regions_before(text, start)
    if region:
        return Left(at, text[at:start])
    if text[start] in "镇乡街" and not list_only:
        return Left(_township(text, start), "", weak=False)
    window = text[max(0, start - 18) : start]
    places = organs().place_before(window) if text[start - 1 : start] in organs().before_last else None
    if places is not None and len(places) > 1:
        at = start - len(places)
        if places[0] not in "各所下有相全" and (above := _ABOVE_PLACES.search(text, max(0, at - 8), at)):
            return Left(above.start() + 1, "", group=True)  # 市、|县(市、区)人民政府
        if places[0] in "各所下有相全" or not at or text[at - 1] not in _NOT_BEFORE:
            return Left(at, "", group=True)
    if window[-1:] in _LEVELS_END and (levels := _LEVELS_BEFORE.search(window)) and _are_levels(window, levels):
        return Left(start - len(levels.group()), "", group=True)
    if is_level(text, start - 1, organ=True):
        inner, region = regions_before(text, start - 1)
        if not region and text[start - 2 : start - 1] in ("你", "贵"):
            return Left(start - 2, text[start - 1 : start])  # 你市教育局
        if not region and text[start - 1] in "镇乡":
            inner = _named_town(text, start - 1)  # 城关|镇财政所: the town's own name
        return Left(inner, text[inner:start]) if region or inner < start - 1 else Left(start - 1, text[start - 1])
    if text[start - 1 : start] == "委" and is_level(text, start - 2, organ=True) and not list_only:
        inner, region = regions_before(text, start - 2)
        at = inner if region else start - 2
        return Left(at, text[at : start - 1])  # 县委|督查办
    if window.endswith(_NAMED_LEVELS):
        level = next(w for w in _NAMED_LEVELS if window.endswith(w))
        return Left(start - len(level), level)
    if text[start - 1 : start] == "关" and window.endswith(("相关", "有关")) and "部门" in text[start : start + 14]:
        return Left(start - 2, "", group=True)  # 抄送相关行业管理部门
    for head in _HOUSES if window.endswith(_HOUSES) else ():
        at = start - len(head)
        clear = at == 0 or not "\u4e00" <= text[at - 1] <= "\u9fff" or text[at - 1] in _STOPS
        if window.endswith(head) and (clear or text.endswith(_TELLS, 0, at)):
            return Left(at, head)
    if text[start - 2 : start - 1] == "全" and text[start - 1] in LEVEL_WORDS and _WHOLE.match(text, start):
        return Left(start - 2, "", group=True)  # 全省|审计机关
    if (
        text[start - 1 : start] in _HOUSE_LETTERS
        and start
        and (start == 1 or text[start - 2] in BEFORE_SHORT or text.endswith(_TELLS, 0, start - 1))
    ):
        return Left(start - 1, text[start - 1])  # 院纪委, 校工会
    if list_only:
        before = text[start - 1 : start]
        return (
            Left(start, "", weak=True)
            if before in ("、", "和", "及", "与") or before in _BOUNDARY or start == 0 or before in "由"
            else None
        )
    return Left(start, "")


def _are_levels(window: str, found: re.Match[str]) -> bool:
    """Whether level words parted by 、 are a list of their own and not the end of a place's name and a level."""
    before = window[found.start() - 1 : found.start()] if found.start() else ""
    return "、" not in found.group() or not "\u4e00" <= before <= "\u9fff" or before in _BEFORE_LEVELS


def extend_local(text: str, start: int, end: int, *, loose: bool) -> Left | None:
    """The left side of an office of a town (财政所, 综合执法大队): region, level, collective, or the town's own name.

    A `loose` word counts as weak unless a clause opens with it: 数据中心 is a building as well.
    """
    if text[start:end].startswith("纪检") and (posted := _POSTED.search(text, max(0, start - 24), start)):
        return Left(posted.start(), "")  # 市纪委监委驻市教育局纪检监察组
    left = extend_named(text, start)
    if left is None or left.prefix or left.group or left.start < start:
        return left
    low = max(_walk(text, start), start - 5)
    named = 2 <= start - low <= 4 and (low == 0 or text[low - 1] in _BEFORE_TOWN)
    named = named and (start - low < 4 or text[start - 1] in _TOWN_ENDS)
    if named and not organs().breaks.stands_in(text, low, start):
        return Left(low, "", weak=loose)  # 城关派出所
    bare = low == start or not "\u4e00" <= text[start - 1] <= "\u9fff" or text[start - 1] in _STOPS
    return Left(start, "", weak=loose and not _opens(text, start)) if bare else None


def extend_free(text: str, start: int, end: int) -> Left | None:
    """The left side of a name whose last word alone says little (中心, 领导小组办公室, 局).

    It begins with a head (人行), a region or a level word; some last words stand without one when the whole
    phrase back to its boundary is the name.
    """
    tail = text[start:end]
    lexicon = organs()
    if start == 0 or (
        text[end - 1] in lexicon.not_organs_end and any(text[end - n : end] in lexicon.not_organs for n in range(2, 6))
    ):
        return None
    low = _walk(text, start)
    if low == start and not is_level(text, start - 1):
        told = "办公室" in tail and (
            text[start - 1 : start] in ("报", "送", "至", "给", "交", "向") or text.endswith(_TELLS, 0, start)
        )
        return Left(start, "") if tail in lexicon.bare_tails and (told or _opens(text, start)) else None
    if text[low - 1 : low] == "各" and (m := lexicon.place_ahead.match(text, low, start)) and m.end() > low + 1:
        return Left(low - 1, "", group=True)  # 各县(市、区)联席会议办公室
    stem = text[low:start]
    # A break (负责, 督促 …) cannot be inside: the name begins after the last one.
    cut = 0
    for a, b in lexicon.breaks.spans(stem):
        if b - a > 1 or not inside_place(text, low + a):
            cut = b
    low += cut
    stem = stem[cut:]
    if tail not in lexicon.free_tails and _ORGAN_INSIDE.search(stem) and not _MERGED.search(stem):
        return None  # 市发展改革委严格政府: two names, or a name and a deed
    head = lexicon.heads.search(text, low, start)
    table = registry()
    if text.startswith(_HOUSES, low) and start - low > 2:
        return Left(low, "")
    for i in range(low, head.start() if head else start):
        if text[i] in LEVEL_WORDS and is_level(text, i):
            if start - i == 1 and tail in _TOO_SHORT:
                return None
            return Left(i, text[i])
        name = table.name_at(text, i) if text[i : i + 2] in table.heads else None
        if name is not None and i + len(name) <= start:
            return Left(i, name)
    if head:
        return Left(head.start(), "")
    if zone := _ZONE.match(text, low, start):
        return Left(low, zone.group())
    if tail in lexicon.free_tails and start - low >= 2:
        return Left(low, "")
    # A shortened member of a list: 县法院、司法局、科工贸和信息化局.
    return Left(low, "", weak=True) if start - low >= 2 and text[low - 1 : low] in ("、", "和") else None


def extend_group(text: str, start: int, end: int, *, place: bool) -> Left | None:
    """The left side of a collective: 各 before a place, modifiers before 部门, 单位, 企业."""
    window = text[max(0, start - 30) : start]
    if place:
        # 各市场主体, 各区域: the place word is only the beginning of another word.
        if text[end : end + 1] == "长" and text[end : end + 2] != "长期":
            return None  # 各乡镇长
        if end - start == 1 and text[end : end + 1] in _NOT_AFTER.get(text[start], ()):
            return None
        if window.endswith(_COLLECTIVES):
            lead = next(w for w in _COLLECTIVES if window.endswith(w))
            return Left(start - len(lead), "", group=True)
        if window.endswith(("相关", "有关")) and organs().places[text[start:end]] == "county":
            return Left(start - 2, "", group=True)  # 请相关区于3月底前…
        acts = text[end : end + 1] in _ACTS or text.startswith(("负责", "配合"), end)
        if end - start > 1 and acts and _opens(text, start):
            return Left(start, "", group=True)  # 旗县(市、区)要逐笔落实
        before, after = text[start - 1 : start], text[end : end + 1]
        if end - start > 1 and after in _JOINS and (before in _JOINS or _opens(text, start)):
            return Left(start, "", weak=True, group=True)  # 县区、乡镇政府要…
        lower = organs().places[text[start:end]] == "township" and (end - start > 1 or text[start] == "村")
        if before in _JOINS and lower and organs().place_before(window[:-1]):
            return Left(start, "", weak=True, group=True)  # 乡镇、|村负责…
        if text[start:end] in _SHORT_PLACES:
            before = text[start - 1 : start] if start else ""
            return Left(start, "", weak=True, group=True) if before in ("、", "和", "及", "与") else None
        return None
    said = organs().modifiers_before(window) if text[start - 1 : start] in organs().before_last else ""
    tail = text[start:end]
    if not said:
        if tail in _NEEDS_LIST and text[start - 1 : start] in _JOINS:
            return Left(start, "", weak=True, group=True)  # 相关部门、|子公司要…
        beside = organs().place_before(window[:-1]) or window[:-1].endswith(("科室", "处室", "股室", "站所"))
        if tail in ("部门", "单位") and text[start - 1 : start] in _JOINS and beside:
            return Left(start, "", weak=True, group=True)  # 各乡镇和|部门要…
        return Left(start, "", group=True) if tail in organs().closed_tails else None
    if tail in organs().class_tails and not organs().class_modifiers.search(said + tail[:2]):
        return None
    at = start - len(said)
    if (cut := said.rfind("各")) > 0:
        places = organs().place_before(window[: len(window) - len(said) + cut])
        if places is not None and places.startswith("各"):
            at += cut - len(places)  # 各乡镇各部门: one party, as 各地各部门
    if said.startswith(_DEEDS) and said.startswith(("有关", "相关", "各"), 2):
        at += 2  # 配合有关部门开展…: the first word is the deed
    inner, region = regions_before(text, at)
    if region:
        at = inner
    elif text[at] == "各" and is_level(text, at - 1, organ=True):
        at -= 1  # 市各有关部门
    elif text.startswith(("有关", "相关"), at) and is_level(text, at - 1, organ=True):
        at -= not "\u4e00" <= text[at - 2 : at - 1] <= "\u9fff"  # 市有关单位
    if tail == "单位" and said.endswith("成员"):
        joined = joined_body(text, at)
        if joined is not None:
            at = joined
    return Left(at, "", group=True)


def is_level(text: str, i: int, *, organ: bool = False) -> bool:
    """Whether `text[i]` is a level word at the head of a name (市财政局), not a part of 城市, 市场, 县域.

    `organ` says that a known organ word follows, so that what comes after need not be looked at.
    """
    if i < 0 or text[i] not in LEVEL_WORDS:
        return False
    if i and (text[i - 1] in _NOT_BEFORE or text.startswith("自治", i - 2)):
        return False
    if text[i] == "区" and text.endswith(_ZONE_KINDS, 0, i):
        return False  # 度假区管委会
    if organ:
        return True
    after = text[i + 1 : i + 2]
    if after == "城" and text[i + 2 : i + 3] in ("投", "建", "发", "管", "乡", "市", "规", "运", "控"):
        return True  # 县城投公司
    if text[i + 1 : i + 3] in ("市政", "市场", "市容"):
        return True  # 县市政管理处
    if after in _NOT_AFTER.get(text[i], ()):
        # 市市场监管局, 区区块链 …: the second one is the word, the first the level.
        return False
    return not (text[i] == "市" and text.startswith("市政", i) and not text.startswith("市政府", i))


def _opens(text: str, start: int) -> bool:
    """Whether a clause or list begins here, so that a bare 专班 stands for the one the paper set up."""
    return start == 0 or text[start - 1] in "\n,。;:、)由"


def _township(text: str, start: int) -> int:
    """Where the name of a town before 镇人民政府 begins: towns are in no table, so back to the boundary."""
    low = max(_walk(text, start), start - 8)
    for m in organs().breaks.finditer(text, low, start):
        low = m.end()
    return low if start - low <= 6 else start


def _named_town(text: str, at: int) -> int:
    """Where the name of a town begins whose 镇 stands at `at`; `at` itself where no name fills the place."""
    low = _walk(text, at)
    fits = 2 <= at - low <= 3 and (low == 0 or text[low - 1] in _BEFORE_TOWN)
    if not fits or text.startswith(_NO_TOWN, low) or organs().breaks.stands_in(text, low, at):
        return at
    return low


def joined_body(text: str, at: int) -> int | None:
    """Where the body begins whose members are meant: 清欠专班|各成员单位, 市清欠工作|成员单位."""
    low = _walk(text, at)
    cut = 0
    for m in organs().breaks.finditer(text[low:at]):
        cut = m.end()
    low += cut
    for i in range(low, at):
        if is_level(text, i):
            return i
    stem = text[low:at]
    if 2 <= len(stem) <= 14 and stem[-1] in "班组议部会室":
        return low
    return None


def _walk(text: str, start: int) -> int:
    """The furthest left a free name can reach: to a boundary, a function word, or the end of another unit."""
    i = start
    low = max(0, start - MAX_FREE)
    depth = 0
    while i > low:
        c = text[i - 1]
        if c == ")":
            if depth == 0 and _NUMBERED.search(text, max(0, i - 6), i):
                break  # (一)专班每月…
            depth += 1
        elif c == "(":
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and c in _MAY_STOP and _stops_at(text, i - 1):
            break
        i -= 1
    if depth:
        # An unopened bracket: the name cannot reach over it.
        i = text.rfind(")", i, start) + 1
    return i


_MAY_STOP = _BOUNDARY | _STOPS | {"和"}


def _stops_at(text: str, i: int) -> bool:
    """Whether a free name cannot reach over `text[i]`."""
    c = text[i]
    if c in _BOUNDARY:
        return True
    if c in _STOPS:
        inside = text[i : i + 2] in _NO_STOPS or text[max(i - 1, 0) : i + 1] in _NO_STOPS
        return not inside and not inside_place(text, i)
    # 示范区和市安委会: a level word behind 和 begins the next name.
    return c == "和" and i >= 1 and (text[i - 1] in _ORGAN_ENDS or is_level(text, i + 1))
