"""How a clause around a date is to be read: told as done, demanded, forecast, or merely saying what counts.

2021年底前 is history in 2021年底前已全部清偿 and a duty in 原则上2021年底前应清尽清. The clause is cut at
the expression; what stands before and after it is looked at separately.
"""

from __future__ import annotations

import re

import msgspec

from extractors.facts import DocumentKind
from extractors.rules import lexicon
from extractors.rules.segment import Outline

_PAST = (
    r"已经|业已|均已|(?<![而早不])已(?!进入|有关|登记在册的)|曾(?!经理)|先后|累计|共(?:计|收到|召开|清|受理|排查"
    r"|约谈|化解|偿|下发|办)|同比|环比|取得|荣获|被评为|(?<![为除])了(?![解结断])|未能|逾期未|仍未"
)
_DEMAND = (
    r"必须|务必|应当|确保|力争|争取|原则上|不得|请(?!示)|须|(?<![主重需只将])要(?!求|点|素|闻|件)|"
    r"(?<![对相供适反响效回])应(?!急|付|收|用|对|邀|届|聘|税)|需(?!求|要的)|要求"
)
_TASK = r"<time.duty>"
_SCOPE = r"^[^,。;]{0,3}?<time.scope_after>"
_FORMED = re.compile(
    r"^\s?(?:期间)?(?:已经?|所|新)?(?:形成|发生|产生|签订|签署|拖欠|到期|立项|开工|完工|竣工|交付|验收|受理"
    r"|存在|新增)(?:[^,。;]{0,10}的|[^,。;]{0,4}(?:欠款|账款|款项|债务))"
)

_AHEAD = re.compile(r"将|再|拟|计划|预计|力争|不低于|不少于|至少|以上|比例|(?:全部|一律)(?=清|付|偿|支|兑)|目标")
_PAID_SUM = re.compile(
    r"(?:清偿|偿还|兑付|支付|化解|发放|拨付|筹集|追回|执行到位|解决)[^,。;\d]{0,16}\d[\d.,]*\s?[余多]?(?:[万亿]?元|笔|件|户|家)"
)
_BENEFITS = re.compile(r"惠及|受益|超额完成")

# A limit that has passed and is only told of: what was agreed, what was once asked for, what was not kept.
_AGREED = re.compile(
    r"(?:约定|承诺|答应|表态|许诺|协议|原定|原计划|原拟|原应|本应|本该|(?<!未)曾|此前|前期|上次|去年)[^。;]{0,16}$"
    r"|按照?[^,。;]{0,8}(?:约定|承诺|协议|合同),[^,。;]{0,14}$"
)
_NOT_KEPT = re.compile(
    r"(?:有|仅)[^,。;]{0,12}未(?![^,。;]{0,8}的)|至今|现已|已经?逾期|实际(?:仅|只|支付|清偿|完成|偿还)|仅(?:完成|支付|偿还|清偿|有)|截至目前"
    r"|仍有|仍未|仍无|无果|食言|未兑现|没有兑现|分文未|逾期未|落空|延后|未能|没有完成"
    r"|(?:目前|现在?|实际|到现在)[^,。;]{0,6}(?:仅|只|才(?!能)|为零)|仅为?\d"
)
# 原计划12月底前付清,现已提前完成; 在规定的12月1日前提前完成: kept before its day, so nothing is left to do.
_EARLY = re.compile(r"[^。;]{0,30}?(?:已经?|现|均|经[^,。;]{1,6}(?:已)?)[^,。;将]{0,4}提前")
_SET = re.compile(r"(?:规定|要求|确定|明确|下达)的[^,。;]{0,4}$")
_SET_EARLY = re.compile(r"(?:之前|以前|前)?提前[^,。;要须]{0,6}(?:完成|清零|付清|兑付|办结)")
_BUILT_ON = re.compile(r"[^,。;]{0,24}的基础上")
_MISSED = re.compile(r"(?:[应该须][^,。;]{0,6}未|[^,。;]{0,6}应未)[^,。;]{0,12}的")

# Headings, and words before a colon, that say whether what follows is to come.
_DECIDED = re.compile(
    r"(?:决定|议定|商定|约定|承诺|同意|安排|计划|打算|如下|方案)[^,。;:]{0,8}:[^。;:]{0,24}$|(?:下一?步|下一?阶段|接下来|今后)[,:]?[^。;]{0,50}$"
)
_NEXT = re.compile(r"下一?步|下一?阶段|打算|今后|明年|来年|(?<!原)(?<!原定)计划$")
_TOLD_OF = re.compile(r"情况|进展|成效|做法|回顾|问题|原因|成因|困难|经过|特点|现状")
_ARRANGED = re.compile(r"安排|建议|思路|要求|考虑|对策|承诺|整改措施")
_MEASURES = re.compile(r"措施|举措|任务|目标|步骤|分工|阶段|重点|部署|保障")

_NARRATIVE = ("report", "reply", "disclosure", "bulletin")

# No clause of prose is longer; text without punctuation must not make reading quadratic.
_REACH = 300


class Around(msgspec.Struct, frozen=True, gc=False):
    """The words of a clause before and after an expression, and the sentence's item they stand in."""

    before: str
    after: str
    item: str
    kind: DocumentKind
    lead: str  # the item up to the expression, its last 60 characters
    rest: str  # the item from the expression on
    past: bool  # the paper tells how things stand (情况通报), so a limit before its date is history
    outline: Outline
    at: int  # where the expression begins

    @property
    def clause(self) -> str:
        """The clause without the expression."""
        return self.before + self.after

    def is_told(self) -> bool:
        """Whether the clause tells what was done."""
        return bool(lexicon.compiled(_PAST).search(self.clause))

    def is_demanded(self) -> bool:
        """Whether the clause demands something."""
        return bool(lexicon.compiled(_DEMAND).search(self.clause))

    def has_task(self) -> bool:
        """Whether the clause names something that can be done by a date."""
        return bool(lexicon.compiled(_TASK).search(self.clause))

    def was_due(self) -> bool:
        """Whether a limit already over is told of as agreed, asked for earlier or missed: 原定3月底前, 至今未付."""
        if self.was_agreed() or _BUILT_ON.match(self.after) or _MISSED.match(self.after):
            return True
        return _NOT_KEPT.search(self.rest) is not None

    def done_early(self) -> bool:
        """Whether what had a limit is told of as done before it."""
        if _EARLY.match(self.after) or (self.was_agreed() and _EARLY.match(self.rest)):
            return True
        if self.is_forward() or self.is_demanded():
            return False
        return _SET.search(self.before) is not None and _SET_EARLY.match(self.after) is not None

    def was_agreed(self) -> bool:
        """Whether the words before the time tell of what was agreed or promised for it: 承诺2023年底前付清."""
        return _AGREED.search(self.lead) is not None

    def is_scope(self) -> bool:
        """Whether the time says which debts count: 2020年以前形成的欠款."""
        return bool(lexicon.compiled(_SCOPE).search(self.after))

    def is_formed(self) -> bool:
        """Whether the time belongs to 形成的, 签订的, 到期的 and so only says which debts are meant."""
        return bool(_FORMED.match(self.after))

    def is_forecast(self) -> bool:
        """预计, 有望: expected, not demanded."""
        return bool(lexicon.compiled(r"<time.forecast>").search(self.before))

    def is_forward(self) -> bool:
        """计划, 拟, 力争 before the date: what is meant lies ahead."""
        return bool(lexicon.compiled(r"<time.forward>").search(self.before))

    def headings(self) -> list[str]:
        """The words of the headings it stands under, the nearest first."""
        paragraph = self.outline.paragraph_at(self.at)
        own = [paragraph] if self.at >= paragraph.body else []
        return [h.title for h in (*own, *reversed(self.outline.path(paragraph))) if h.title]

    def plans(self) -> bool:
        """Whether its section or the words before it say what is to come: 四、下步打算, 会议研究决定：…."""
        if _DECIDED.search(self.lead):
            return True
        for heading in self.headings():
            if _NEXT.search(heading):
                return True
            if _TOLD_OF.search(heading):
                return False
            if _ARRANGED.search(heading) or (not self.narrates() and _MEASURES.search(heading)):
                return True
        return False

    def is_settled(self) -> bool:
        """Whether its section tells what was done or found (二、主要做法)."""
        return any(_TOLD_OF.search(h) for h in self.headings())

    def narrates(self) -> bool:
        """Whether the document as a whole reports rather than orders."""
        return self.kind in _NARRATIVE

    def is_outcome(self) -> bool:
        """Whether the sentence counts what was paid then: 春节前集中兑付4630万元,惠及企业215家."""
        if self.is_demanded() or self.is_forward() or _AHEAD.search(self.clause) or self.plans():
            return False
        if self.narrates():
            return self.is_told() or _PAID_SUM.search(self.clause) is not None
        return _PAID_SUM.search(self.clause) is not None and _BENEFITS.search(self.item) is not None

    def strength(self) -> str:
        """must, should or aim, from the softeners of the item; must where none stands."""
        near = self.before[-30:] + self.after
        if lexicon.compiled(r"<time.aim>").search(near):
            return "aim"
        if "原则上" in near:
            return "should"
        return "must"


def around(outline: Outline, start: int, end: int, kind: DocumentKind, doc_type: str = "") -> Around:
    """What stands around positions [start, end) of a paper of a kind; `doc_type` is the word of its title (通报)."""
    text = outline.view.text
    a, b = outline.clause_at(start)
    _, b2 = outline.clause_at(max(end - 1, start))
    i, j = outline.item_at(start)
    i, j = max(i, start - 2 * _REACH), min(j, end + 2 * _REACH)
    a, b, b2 = max(a, start - _REACH), min(b, end + _REACH), min(b2, end + _REACH)
    paragraph = outline.paragraph_at(start)
    before = text[max(a, paragraph.body if paragraph.body <= start else a) : start]
    after = text[end : max(b, b2)].rstrip("\n")
    if len(after.strip(",;。:")) < 2:  # 4月30日前，将…报送: the task is in the next clause
        _, c = outline.clause_at(min(max(b, b2), len(text) - 1)) if max(b, b2) < j else (0, max(b, b2))
        after = text[end : min(max(c, b2), end + _REACH)].rstrip("\n")
    past = kind in _NARRATIVE or doc_type.endswith("通报")
    lead, rest = text[max(i, start - 60) : start], text[end:j]
    return Around(before, after, text[i:j], kind, lead, rest, past, outline, start)
