"""Units made by a head noun whatever stands in front of it, and the parts of an organ that stand behind its name.

财政金融局：负责…, 开投集团、城发集团要…: a clause opens with the name and goes on as a duty does (`framed_items`).
各公立医院, 各直管项目部: 各, free words, a head. 县公安局经侦大队, 市中级人民法院立案庭: an organ, free words, a
division.
The free words are short and hold nothing that makes a sentence of them (要, 将, 负责 …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from extractors.circular.unit_left import joined_body
from extractors.resolve.organs import organs
from extractors.rules.lexicon import compiled, words
from extractors.rules.swift import Swift

_HEAD_GOES_ON = (
    "(?![长员托法织署队额经位件置罚类需属期险款史门校业]|面(?!对)|理(?!顺)|建(?!立)|成(?!立)|落(?!实)|务(?!必)|分(?![别批期类级])|别(?!停)|会(?![同商])|有(?![序效])"
    r"|在(?![\d今明本每]))"
)
_SMALL_OFFICE = "(?:劳保|清欠|治欠|根治|信访|项目|法制|工程|党政|综合|扶贫|移民|棚改)办(?![理公结法事])"
_FREE_DIVISION = (
    r"(?:督[查导办考]|效能|经联|联络|[^\W\d_的要负报送牵配对向每转呈和与及将由在为应须依查惩罚从并联"
    r"督责自认进开抓加强落指尽可已按照各、收完编设下内抽派主参等两几])"
)


@cache
def _each() -> Swift:
    heads = "|".join(sorted(organs().each_heads, key=lambda w: (-len(w), w)))
    free = rf"[^\W\d_{organs().each_breaks}各]{{0,10}}?"
    return Swift(
        re.compile(rf"(?:各级各类|各被?|[省市县区州][属管]){free}(?:{heads}){_HEAD_GOES_ON}(?:调解组织|所属单位)?")
    )


@cache
def _each_verbs() -> re.Pattern[str]:
    return re.compile(rf"项(?!目)|{'|'.join(organs().each_verbs)}")


@cache
def _division() -> re.Pattern[str]:
    parts = "|".join(sorted(organs().divisions, key=lambda w: (-len(w), w)))
    no_post = r"(?!副|成立|组建|设立|抽调|派出|[^\W\d_]{0,3}(?:长|主任|书记|领导|主席))"
    no_deed = "(?![署门分队件长学技室目级研教员理置罚分创在于东审伍])"
    return re.compile(
        rf"{no_post}(?:{_FREE_DIVISION}{{1,8}}?(?:{parts}|(?<=[务律理划规产源程计财法])部){no_deed}|{_SMALL_OFFICE})"
    )


def each_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every 各 … group by its head, with the level in front (市直各医疗机构), in order."""
    verbs = _each_verbs()
    for start, end in _each().spans(text):
        if end - start > 4 and verbs.search(text, start, end):
            continue  # 各地组织单位
        if text.endswith("干部", start, end):
            continue  # 各级领导干部
        front = next((len(w) for w in _IN_FRONT if text.endswith(w, 0, start)), 0)
        if not front and text.endswith(_PARTS_OF_BODY, start, end) and text.endswith(_BODIES, 0, start):
            joined = joined_body(text, start)
            front = 0 if joined is None else start - joined  # 县防汛指挥部|各工作组
        yield start - front, end


_BODIES = ("指挥部", "领导小组", "委员会", "安委会", "专班", "联席会议", "协调小组")
_PARTS_OF_BODY = ("工作组", "小组", "专项组", "专班")
_IN_FRONT = (*(a + b for a in "省市县区州镇" for b in "直属级"), "总部", "本部", "集团", "街道")


_RUN_IN_DUTY = re.compile(
    "。(?:负责|牵头|配合|协助|参与|承担|积极|协调|指导|根据|按照|具体|统筹|落实|组织|加强|做好|制定|监督|督促|会同|主动|认真|依法|依托)"
)


@cache
def _heads() -> str:
    return "|".join(sorted(organs().framed_heads, key=lambda w: (-len(w), w)))


@cache
def _framed() -> Swift:
    heads = _heads()
    return Swift(
        re.compile(
            rf"(?:{heads})(?=[:]|\n—|—{{1,2}}(?:负责|牵头)|分头|负责(?!人|同志|的)|牵头|要(?![求点素害闻])|应当|须(?!知)|必须|配合(?!度)|会同(?!意)|按职责"
            rf"|具体(?!情)|共同|切实|认真|积极|全力|主动|[如据]实|按(?:时|期|要求|上述|规定|同级|本级|各自|照)|帮助|将(?:进一步|对|按|依|视|会同|组织|适时|严格|继续|加强|加大|定期|不定期|从|把|全力|统筹|根据|结合)|于(?:每|今年|明年|\d{{1,4}}[年月])|每[月周季]"
            rf"|作为[^,。;]{{2,12}}(?:主体|单位|部门|平台),|抓紧|加快|尽快|立即|及时|组织(?:开展|实施|召开|推进|人员|力量|编制|对|做好|协调|落实|排查|自查|专[班人家]|相关|有关|各|本|所属|辖区)|严格(?!的)|统筹|做好|分别|优先|逐[一笔户项]|参照|比照|承担|{_RUN_IN_DUTY.pattern})"
        )
    )


_CLAUSE_ENDS = frozenset("\n。;,:()“”!?")
_OPENING = compiled(
    r"\s*(?:(?:\d{1,2}[.、)]|[一二三四五六七八九十]{1,3}、|[一二三四五六七八九十]{1,2}是(?:要)?|<roles.lead_in>|由|请)\s*)*"
)
_FREE_NAME = re.compile(r"(?:国有|[^\W\d_的了将把对向为被与在是有要应须请由该我本贵你各全其此这那并]){2,14}")
_JOINT = re.compile(r"(?<=[^\W\d_]{2})[与和](?=[^\W\d_]{2})")
_AMONG = re.compile(r"、|(?<=[局委办厅会部院所站心司团行门组处科室位])(?:和|及|与)")
_NO_NAMES = frozenset(words("organs", "no_names"))
_FRAME = 60  # characters from the clause's start to the frame's last head


def framed_items(
    text: str, known: dict[int, int], spans: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[list[tuple[int, int]]]:
    """The items of each list that opens a clause, ends with a head and goes on with 负责, 要, 牵头, ： …, in order.

    `known` are units that need no frame, start by end: a list of one of them is passed over. `spans` are all that
    were found to be units already: as members of a list they need no other proof.
    """
    for _, end in _framed().spans(text):
        sure = known.get(end, 0)
        if sure and text[sure - 1] not in "、和及与":
            continue
        low = max(0, end - _FRAME)
        start = next((i + 1 for i in range(end - 1, low - 1, -1) if text[i] in _CLAUSE_ENDS), low)
        if start == low and low:
            continue
        if text[end : end + 1] == ":" and start and text[start - 1] not in "\n)":
            continue  # 责任单位是某公司:…
        start = max(start, text.rfind("由", start, end) + 1, text.rfind("请", start, end) + 1)
        opening = _OPENING.match(text, start, end)
        start = opening.end() if opening is not None else start
        items: list[tuple[int, int]] = []
        at = start
        for cut in [*_AMONG.finditer(text, start, end), None]:
            stop = cut.start() if cut is not None else end
            items.append((at, stop))
            at = cut.end() if cut is not None else end
        if text[end] == "。" and not _is_run_in(text, start, end, items):
            continue
        if all((a, b) in spans or _is_name(text, a, b) for a, b in items):
            yield items


def _is_run_in(text: str, start: int, end: int, items: list[tuple[int, int]]) -> bool:
    """3.服务办。负责…: a numbered heading that is a name, with the words of a duty behind it."""
    return len(items) == 1 and text[start - 1 : start] in ".、)" and _RUN_IN_DUTY.match(text, end) is not None


_ASKS = ("会同", "联合", "请", "督促", "责成")
_NAME_CHARACTER = r"(?:国有|[^\W\d_的了将把对向为被与在是有要应须请由该我本贵你各全其此这那并和及经后前至给某兼任])"
# Parties told of in general: no name.
_IN_GENERAL = (
    "部分|全部|个别|有关|相关|所属|下属|所在|辖区|属地|主管|上级|下级|第三方|中介|评估机构|审计机构|咨询|施工|建设单位"
    "|总包|分包|业主|用人|用工|当事|欠款|拖欠|债务|多个|多家|[一二三四五六七八九十两]家|几"
)
# What an asked party is told to do begins so.
_SETS_OFF = re.compile(
    r"[\d,。;]|[逐于在对将把从按派抓核审补报提做与到每]|(?:尽[快早]|组织|安排|配合|协[助调同]|牵头|会同|联合|负责|[要应须]|立即|及时|认真|严格|加快|进一步|切实|根据|结合"
    r"|参照|落实|完成|开展|制定|督促|指导|跟踪|支付|清偿|拨付|筹[措集]|调解|出具|复核|梳理|排查|汇总|继续|积极|主动|统筹|明确|研究|帮助|[给予]予|前往|抽查|实地"
    r"|共同|进行|约谈|处理|办理|[答回]复|反馈|收集|监督|检查|参[加与]|依法|据实)"
)


@cache
def _told() -> Swift:
    return Swift(
        re.compile(
            rf"(?:由|会同|联合|(?<!申|邀|聘|敬|恳|提|报)请|督促|责成|报送|反馈|抄送|推送|上报|报告|(?<!报|推|移|抄|发|选)送|报|(?<![公外成])交(?!办|由|付|通|易|流|代|底|叉|接))"
            rf"(?P<name>(?!{_IN_GENERAL}|[转报交送按])(?:{_NAME_CHARACTER}{{1,12}}?|{_NAME_CHARACTER}{{2,6}}[与和]{_NAME_CHARACTER}{{2,8}}?)(?:{_heads()})){_HEAD_GOES_ON}(?!主任|副|书记|同志|人员|主要|负责人)"
        )
    )


@cache
def _one_more() -> re.Pattern[str]:
    """A further member of a list behind 请, 会同, 由: 、审计处; 和采购与招标管理中心."""
    return re.compile(
        rf"(?:、|和|与|及)(?P<name>(?!{_IN_GENERAL}){_NAME_CHARACTER}{{1,12}}?(?:{_heads()})){_HEAD_GOES_ON}(?!主任|副|书记|同志|人员|主要|负责人)"
    )


def told_items(text: str, known: dict[int, int]) -> Iterator[list[tuple[int, int]]]:
    """The name behind 由 or 报送 (由厅建设管理处…, 送资金管理中心), one an item, in order."""
    for m in _told().finditer(text):
        start, end = m.span("name")
        if end in known or not _is_name(text, start, end, joined=True):
            continue
        end = division_end(text, end)
        items = [(start, end)]
        while more := _one_more().match(text, end):
            items.append(more.span("name"))
            end = more.end()
        if m.group().startswith(_ASKS) and _SETS_OFF.match(text, end) is None:
            continue
        yield items


def _is_name(text: str, start: int, end: int, *, joined: bool = False) -> bool:
    """Whether the words can be a name; `joined` allows one 与 or 和 inside (采购与招标管理中心)."""
    name = text[start:end]
    plain = _JOINT.sub("", name, count=1) if joined else name
    if name in _NO_NAMES or _FREE_NAME.fullmatch(plain) is None or not name.endswith(organs().framed_heads):
        return False
    if name.endswith(_not_organs()) and not (name.endswith(("分公司", "子公司")) and len(name) > 4):
        return False
    return all(end == len(name) for _, end in organs().breaks.spans(name))


@cache
def _not_organs() -> tuple[str, ...]:
    return tuple(organs().not_organs)


_BRANCH = re.compile(
    r"(?:各|[^\W\d_、要应对向与和的负牵]{1,12}?)?(?:中心支行|分行|支行|营业部|营业管理部)"
    r"(?:[^\W\d_、要应对向与和的负牵]{2,8}?(?:支行|营业部|营业管理部))?"
)
_NO_DIVISION = frozenset([*"、,。:;()要负牵将应须的和及与会在对配报于 \n", ""])


def division_end(text: str, end: int) -> int:
    """Where an organ's name that ends at `end` ends with its division; `end` itself where none is named."""
    if text[end : end + 1] in _NO_DIVISION:
        return end
    if text.startswith("银行", end - 2) and (branch := _BRANCH.match(text, end)):
        return branch.end()
    m = _division().match(text, end)
    return m.end() if m is not None else end


_NEXT_SECTION = re.compile(
    r"(?:、|和|及|以及)([^\W\d_的要应将须负各与和及由对]{2,9}(?:科|处|股|室))(?=[、,。;:()\s]|$|和|及|要|应|须|负责|牵头|配合|共同|按)"
)


def next_sections(text: str, end: int) -> Iterator[tuple[int, int]]:
    """The further departments of one house behind the first, which ends at `end` (市商务局运行科、|市场科)."""
    if text[end - 1 : end] not in ("科", "处", "股", "室"):
        return
    while m := _NEXT_SECTION.match(text, end):
        yield m.span(1)
        end = m.end()
