"""Who does what in running prose: the part each list of units plays in its sentence.

Every list (市国资委、财政局) is judged by the words right before it (由, 督促, 报送, 会同, 在 … 指导下), right after it
(牵头, 配合, 负责, 要, 为组长单位) and by its place: the first words of a clause are its subject. Objects (对各县…
进行通报), attributes (市政府的要求) and history of others are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.circular.duty_marks import Mark, after_list, pattern
from extractors.circular.unit_spans import UnitSpan, chains
from extractors.facts import AssignmentRole

_HOLDER = r"(?:等)?(?:的)?(?:主要|相关|有关|分管|班子)?(?:负责同志|负责人|领导|同志)?"
_OFFICE = pattern(
    _HOLDER
    + r"(?:分别|共同)?(?:为|任|担任|作为|是)(?P<what>[^,。;:、()]{0,10}?)"
    + r"(?P<post>副组长|组长|召集人|副召集人|牵头|主办|成员|副主任|主任|责任|配合|协办)"
)
_COMPOSE = re.compile(r"(?:的)?[^,。;:]{0,8}?(?:各?(?:抽调|选派|派出|明确)[^。;]{0,24}?)?(?:共同)?组成")
_ADVERB = r"(?:<roles.adverbs>|履行[^,。;]{0,8}?)"
_LEAD = pattern(rf"{_ADVERB}*<roles.lead>(?!部门|单位|市直)")
_LEAD_LATER = re.compile(
    r"(?:履行|发挥|承担|扛起)[^,。;]{0,10}牵头[^,。;]{0,5}(?:职责|作用|责任)|(?:主动|认真|切实|积极|切实履行)牵头"
)
_SUPPORT = pattern(rf"{_ADVERB}*<roles.support>")
_SUPPORT_WITH = re.compile(r"(?:的)?(?:协同|密切|通力|相互|积极)?(?:配合|协作)|协同配合")
_GUIDED = re.compile(
    r"(?:的)?(?:统一|具体|正确|坚强|有力|大力|关心|精心|悉心)?(?:指导|领导|统筹|协调|支持|关心)[^,。;]{0,6}下"
)
_MODAL = pattern(r"[,]?(?:均|都|也|每[月周季年]|每半月)?<roles.modals>(?!求)")
_SPEAKS = re.compile(r"(?:分别|依次)?作(?:了)?[^,。;]{0,6}(?:发言|检讨|说明|检查|汇报)")
_GIVEN = re.compile(r"(?:出具|提供|审定|核定|认定|评审|确认|提出)的")
_HOSTS = re.compile(r"(?:内|中)?(?:下设|内设|增设|设立)")
_NOT_VERB = pattern(r"<roles.not_verbs>|及(?![时早])|以及")
_HISTORY = pattern(r"[^,。;]{0,6}?<roles.history>")
_APPROVAL = pattern(r"<roles.approval_after>")
_SELF = re.compile(
    r"(?:(?!成立|组建|设立|建立)[^,。;]){0,14}?由(?:本单位|本部门|本地区|本级|其|各自|自身|自行|分管|主要|一把手|专人)"
)
_OTHER_AGENT = re.compile(r"[^,。;]{0,24}?由")

_BEFORE_REPORT = pattern(r"(?P<verb><roles.report_to>)(?:了)?$")
_NOT_REPORT = pattern(r"<roles.not_report_to>$")
_TOWARDS = re.compile(r"向$")
_TOWARDS_AFTER = re.compile(r"[^,。;]{0,16}?(?:报告|报送|反馈|汇报|报备|上报|提交|报|说明|备案)")
_BEFORE_TOLD = pattern(r"<roles.told_to>(?:好)?$")
_BEFORE_PARTNER = pattern(r"<roles.with_partner>(?:了)?$")
_PARTNER_GAP = pattern(r"[,]?(?:<roles.modals>|<roles.adverbs>|及时|可)*<roles.with_partner>(?:了)?")
_WITH = re.compile(r"(?:要|应|将|须|可)?会同(?!意)")
_BEFORE_SEAT = pattern(r"<roles.seat>$")
_BEFORE_WITH = re.compile(r"(?:与|同|和)$")
_BEFORE_IN = re.compile(r"在$")
_BEFORE_AGENT = re.compile(r"由$")
_LEAD_IN = pattern(
    r"(?:<roles.lead_in>|[,、\s“”]|[一二三四五六七八九十]是(?:要)?|第[一二三四五六七八九]|\d{1,2}[.、]"
    r"|[(][一二三四五六七八九十\d]{1,3}[)])*"
)
_TIME_IN = re.compile(
    r"[^,。;]{0,12}?(?:\d{1,2}[月日]|月底|年底|季度|之日起|后|前|期间|中|时|以来)(?:底|末)?(?:前|内|起|后)?$"
)
_ANNOUNCE = pattern(r"<roles.announcing>")
# Not the local branches of central bodies (国家税务总局某市税务局).
_LEVEL_ABOVE = re.compile(
    r"(?:国务院|国家(?!(?:税务|金融监督管理|金融监管)总局.{2,}(?:局|分局)$|统计局.+队$|电网)|中央(?!驻)|全国|中共中央)"
)
_VAGUE = re.compile(r"(?:有关|相关|下属|所属|欠款|拖欠|债务|涉欠|涉事|付款)(?:单位|企业|机构|部门|方面)")
# 县政府督查室对…进行专项督查, 镇纪委全程监督: the deed is to watch others.
_WATCHES = re.compile(
    r"(?:[^,。;]{0,24}?(?:进行|开展|实施|组织|全程|跟踪|专项|重点|实地|联合|挂牌|驻点|派出|负责|予以|加强|随机|持续)[^,。;]{0,6}?"
    r"|(?:将|要|应)?)(?:督查|督办|督导|监督检查|(?<!管)监督(?=$|[,。;])|考核(?=$|[,。;]))"
    r"(?!室|组|要求|意见|问题|反馈|机制|办法|体系|作用|函|单|通知|工作(?:的|中))"
)
_WATCH_OFFICE = re.compile(r"(?:督查|督考|督导|督办|考核|绩效)(?:室|局|办|办公室|中心|组)$")
_WATCH_DEED = re.compile(r"督查|督办|督导|督促|问效|暗访|考核|考评")
_BY_A_DAY = re.compile(
    r"负责(?!人|同志)|(?:于|在)?(?:\d{4}年|今年|明年)?\d{1,2}月(?:\d{1,2}日|[底末中上下]旬?)?(?:\d{1,2}[时点::]\d{0,2}分?)?前"
)
_SETS_TO = re.compile(r"(?:于|在|按|组织|立即|尽快|抓紧|认真|负责|会同|及时|务必|\d)")
_COUNTS = re.compile(
    r"(?:已|累计|共)*(?:清偿|偿还|化解|剩余|尚欠|支付|兑付)(?:率|欠款)?(?:为|达)?约?\d|\d[\d,.]*\s?[余多]?(?:万|亿|元|%|笔|户|家|件|条|个|宗|项)"
)
_HANDS_OVER = re.compile(r"(?:移送|移交|转交|交由)(?:有管辖权的|有关)?$")
_TO_PROSECUTE = re.compile(
    r"(?:依法|依规|依纪|严肃|按规定)*(?:处理|查处|处置|追究|追责|问责|调查|立案|核查|核实|办理|处分)"
)
_DERIVED = re.compile(r"(?:指导(?:和|、)?|负责|联合)督促$")
# 今年以来，各地…: what follows tells how things went.
_TOLD_SENTENCE = re.compile(
    r"(?:[^,。;]{0,12}以来|近年来|近一个时期|(?:今年|去年|上年|\d{4}年)?(?:第?[一二三四]季度|[上下]半年|前[\d一二三四五六七八九十]{1,2}个月)"
    r"|日前|近日|前不久|去年|上年|截至[^,。;]{1,14}),"
)
_ENTERPRISE = re.compile(r"(?:企业|公司|机关|主体|集团)$")


# 市财政局：…, 市财政局职责：…, 市财政局 alone on its line with 1.… below.
_ADDRESSED = re.compile(
    r"(?:的?(?:主要|工作|具体)?职责(?:分工)?)?(?:[:。]|(?=\n|$))[ \t]?"
    r"(?:\n(?:\(?\d{1,2}[).、]|\([一二三四五六七八九十]{1,2}\))?)?"
)
# 区教育局：合同2份，…: figures about the unit, no duty.
_FIGURES = re.compile(
    r"\s?(?:以|台账|连续|未|虚报|仅|存在|合同|逾期|拖欠|欠款|金额|尚欠|剩余|共|涉及|累计|已清偿|清偿率|应付|\d)"
)
_STRANGER = re.compile(
    r"、(?P<name>[\u4e00-\u9fff]{1,13}?[局委办区镇乡社站所院会部县市园道处组厅])"
    r"(?=要|应|须|负责|牵头|配合|按职责|等(?:部门|单位)|[、和]\S{2,12}(?:要|应|须|负责|牵头|配合))"
)
_LIMIT_AHEAD = re.compile(r"\d\s?[月日](?:\d{1,2}日|底|中旬|上旬|下旬)?(?:下班)?前|年底前|每[月周]")
_LONG_CLAUSE = 200  # characters looked at on either side of a list, so that hostile text costs no more
_PART_OF_DEED = re.compile(r"(?:履行|发挥|承担)$")
_OBJECT_OF = (
    "配合",
    "协助",
    "支持",
    "对",
    "向",
    "将",
    "把",
    "联络",
    "联系",
    "抽调",
    "经",
    "受",
    "为",
    "按照",
    "根据",
    "对照",
)

Part = tuple[AssignmentRole, str, bool]
"""A role, the rule that gave it, and whether the list is the subject of its clause."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One list of units at work: its units, where it stands, what it was found to do."""

    units: tuple[UnitSpan, ...]
    role: AssignmentRole
    rule: str
    end: int  # where the text after the list goes on
    open_list: bool
    subject: bool  # it is the grammatical subject or agent


class Reader:
    """Judges the lists of units of one text. `above` tells whether a unit's words belong to a higher level."""

    def __init__(self, text: str, own_level: str | None, narrative: bool, enterprise: bool = False) -> None:
        self.text = text
        self.own_level = own_level  # 省, 市, 县 … of the paper's own region
        self.narrative = narrative
        self.enterprise = enterprise  # a company speaks to its own
        self._tells = narrative  # whether the sentence in hand tells rather than orders

    def sentence(self, start: int, end: int, body: int, units: list[UnitSpan]) -> list[Clause]:
        """The parts played in `text[start:end]`; `body` is where the words after a run-in heading start."""
        text = self.text
        told = not self.narrative and _TOLD_SENTENCE.match(text, start, end) is not None
        self._tells = self.narrative and _LIMIT_AHEAD.search(text, start, end) is None
        opening = _ANNOUNCE.search(text, start, end) is not None
        announcing = told or opening
        out: list[Clause] = []
        lists = chains(text, units)
        skip_group = -1
        for n, chain in enumerate(lists):
            first = chain[0]
            chain = self._with_strangers(chain, end)
            go_on, is_open, tail = after_list(text, chain)
            if first.start == skip_group or first.start < body:
                continue
            if n + 1 < len(lists) and lists[n + 1][0].start < go_on:
                # 卫健委等市直牵头部门: the collective only closes the list.
                skip_group = lists[n + 1][0].start
                go_on = max(go_on, lists[n + 1][0].end)
                tail = text[chain[-1].end : go_on]
                is_open = True
            clause_start = self._clause_start(first.start, max(start, body))
            clause_end = self._clause_end(go_on, end)
            agent_later = n + 1 < len(lists) and _OTHER_AGENT.match(text, go_on, lists[n + 1][0].start + 1) is not None
            found = self._part(chain, clause_start, go_on, clause_end, end, tail, agent_later, announcing)
            if found is None:
                continue
            role, rule, subject = found
            if opening and rule == "duty.partner":
                continue  # 经会同市财政局研究，现答复如下
            acts = role == "responsible" and (subject or rule == "duty.told_to")
            if acts and (_WATCHES.match(text, go_on, clause_end) or self._is_watch_office(chain, go_on, clause_end)):
                role = "supervisor"
            out.append(Clause(tuple(chain), role, rule, go_on, is_open, subject))
        return self._joint(out)

    def _is_watch_office(self, chain: list[UnitSpan], go_on: int, clause_end: int) -> bool:
        """市政府督查室加大督查力度: an office that bears the watching in its name does its own work."""
        if not all(_WATCH_OFFICE.search(self.text, u.start, u.name_end) for u in chain):
            return False
        return _WATCH_DEED.search(self.text, go_on, clause_end) is not None

    def addressed(self, start: int, end: int, units: list[UnitSpan]) -> Clause | None:
        """The list that opens a paragraph and is followed by a colon or stands alone (1.市财政局：负责 …)."""
        inside = [u for u in units if u.start >= start]
        if not inside or self.text[start : inside[0].start].strip("—-●•·▪◆ \t"):
            return None
        chain = chains(self.text, inside)[0]
        go_on, is_open, _ = after_list(self.text, chain)
        m = _ADDRESSED.match(self.text, go_on)
        if m is None or chain[-1].person or _FIGURES.match(self.text, m.end()):
            return None
        role: AssignmentRole = "responsible"
        if _LEAD.match(self.text, m.end()):
            role = "lead"
        elif _SUPPORT.match(self.text, m.end()):
            role = "support"
        return Clause(tuple(chain), role, "duty.addressed", min(m.end(), end), is_open, True)

    def _with_strangers(self, chain: list[UnitSpan], end: int) -> list[UnitSpan]:
        """The list with further members that no lexicon knows but their place and last word show (、屈原管理区要 …)."""
        while m := _STRANGER.match(self.text, chain[-1].end, end):
            chain = [*chain, UnitSpan(m.start("name"), m.end("name"), m.end("name"), "organ")]
        return chain

    def _clause_start(self, at: int, floor: int) -> int:
        floor = max(floor, at - _LONG_CLAUSE)
        for i in range(at - 1, floor - 1, -1):
            if self.text[i] in ",。;:!?\n(":
                return i + 1
        return floor

    def _clause_end(self, at: int, ceiling: int) -> int:
        ceiling = min(ceiling, at + _LONG_CLAUSE)
        for i in range(at, ceiling):
            if self.text[i] in ",。;:!?\n":
                return i
        return ceiling

    def _part(
        self, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int, end: int, tail: str, agent_later: bool,
        announcing: bool,
    ) -> Part | None:  # fmt: skip
        """Role, rule and whether it is the subject; None if the list only is mentioned."""
        text = self.text
        first = chain[0]
        before = text[max(clause, first.start - 14) : first.start]
        lead_in = text[clause : first.start]
        at_front = _LEAD_IN.fullmatch(lead_in) is not None or _TIME_IN.fullmatch(lead_in) is not None
        if chain[0].kind in ("place", "addressee", "author"):
            return self._actor(chain[0].kind, before, at_front, go_on, clause_end)
        decided, part = self._by_before(before, chain, clause, go_on, clause_end)
        if decided:
            return part
        if said := self._by_after(chain, before, at_front, go_on, clause_end, end, tail):
            return *said, True
        if chain[-1].person or all(_VAGUE.fullmatch(text[u.start : u.end]) for u in chain):
            return None
        known = not text.startswith(("有关", "相关", "地方"), first.start)
        if known and _HANDS_OVER.search(before):
            # 专班将按程序移交市纪委监委处理, 线索移送市纪委监委: it receives; 弄虚作假的移送市纪委监委处理: it acts.
            dealt = _TO_PROSECUTE.match(text, go_on, clause_end) is not None
            handed = chain[0].kind == "organ" and bool(chain[0].prefix) and (not dealt or lead_in.find("将") > 0)
            if handed and not self._tells:
                return "recipient", "duty.handed_over", False
            if dealt:
                return "responsible", "duty.handed_over", False
        if all(u.kind == "class" and not text.startswith("各", u.start) for u in chain):
            return None
        if _SELF.match(text, go_on, clause_end):
            return "responsible", "duty.by_itself", True
        told = _BEFORE_TOLD.search(before)
        if told is not None:
            if before.endswith(("提请", "报请", "恳请")) and text[first.start : first.end].endswith("政府"):
                return None
            named = any(u.kind == "organ" and u.prefix for u in chain)
            loose = not named and all(_ENTERPRISE.search(text[u.start : u.end]) for u in chain)
            if loose and not _MODAL.match(text, go_on):
                return None
            if clause_end - go_on >= 2 and not _NOT_VERB.match(text, go_on) and not _DERIVED.search(before):
                return "responsible", "duty.told_to", False
            return None
        modal = _MODAL.match(text, go_on, clause_end + 3)
        if modal and (at_front or before.endswith(("由", "明确", "要求", "强调", "提出"))):
            return "responsible", "duty.modal", True
        if _BEFORE_AGENT.search(before):
            return "responsible", "duty.agent", True
        if not at_front or agent_later or announcing:
            return None
        if clause_end - go_on < 2 or _NOT_VERB.match(text, go_on) or self._above(chain):
            return None
        if not ("\u4e00" <= text[go_on] <= "\u9fff" or text[go_on].isdigit()) or _COUNTS.match(text, go_on):
            return None
        if not self.enterprise and all(_ENTERPRISE.search(text[u.start : u.end]) for u in chain):
            return None
        if _HISTORY.match(text, go_on, clause_end) and not self._may_tell(chain):
            return None
        return "responsible", "duty.subject", True

    def _actor(self, kind: str, before: str, at_front: bool, go_on: int, clause_end: int) -> Part | None:
        """A place, 你市 or 我局: what makes it act. Anything else that is said of it is no duty."""
        text = self.text
        if kind == "author":
            reported = _BEFORE_REPORT.search(before) is not None and not _NOT_REPORT.search(before)
            towards = _TOWARDS.search(before) is not None and _TOWARDS_AFTER.match(text, go_on, clause_end) is not None
            takes = (reported or towards) and not self._tells and not _APPROVAL.match(text, go_on)
            return ("recipient", "duty.report_to", False) if takes else None
        asked = _BEFORE_TOLD.search(before) is not None and not before.endswith("恳请")
        if asked and clause_end - go_on >= 2 and not _NOT_VERB.match(text, go_on):
            return "responsible", "duty.told_to", True
        agent = _BEFORE_AGENT.search(before) is not None
        if not (at_front or agent):
            return None
        if _LEAD.match(text, go_on, clause_end):
            return "lead", "duty.lead", True
        if _SUPPORT.match(text, go_on, clause_end):
            return "support", "duty.support", True
        if agent:
            return "responsible", "duty.agent", True
        if _BY_A_DAY.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        if _MODAL.match(text, go_on, clause_end + 3) or _SPEAKS.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        if kind == "addressee" and _SETS_TO.match(text, go_on, clause_end) and not self.narrative:
            return "responsible", "duty.subject", True
        return None

    def _by_before(
        self, before: str, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int
    ) -> tuple[bool, Part | None]:
        """Whether the words in front decide the matter, and the part; decided without a part means a mere mention."""
        text = self.text
        if _GIVEN.match(text, go_on):
            return True, ("support", "duty.given_by", False)
        if _BEFORE_SEAT.search(before):
            # （设在县工信局） only explains where the recipient sits.
            explained = clause > 0 and text[clause - 1] == "("
            return True, (None if explained else ("responsible", "duty.seat", False))
        if m := _BEFORE_REPORT.search(before):
            if _NOT_REPORT.search(before):
                return False, None
            if before[: m.start()].endswith(("经", "已", "通", "汇", "申", "推")):
                return True, None
            if _APPROVAL.match(text, go_on) or chain[-1].person:
                return True, None
            if self._tells:
                return True, (("responsible", "duty.sums_up", False) if text.startswith("汇总", go_on) else None)
            return True, ("recipient", "duty.report_to", False)
        if _TOWARDS.search(before):
            towards = _TOWARDS_AFTER.match(text, go_on, clause_end) and not chain[-1].person and not self._tells
            return True, (("recipient", "duty.report_towards", False) if towards else None)
        if _GUIDED.match(text, go_on) and before.endswith(("和", "、")) and "在" in text[clause : chain[0].start]:
            return True, ("supervisor", "duty.under_guidance", False)
        if _BEFORE_IN.search(before):
            if _GUIDED.match(text, go_on):
                return True, ("supervisor", "duty.under_guidance", False)
            return True, (("responsible", "duty.host", False) if _HOSTS.match(text, go_on) else None)
        if _BEFORE_PARTNER.search(before):
            return True, ("support", "duty.partner", False)
        if _BEFORE_WITH.search(before):
            return True, (("support", "duty.together", False) if _SUPPORT_WITH.match(text, go_on) else None)
        return before.endswith(_OBJECT_OF), None

    def _by_after(
        self, chain: list[UnitSpan], before: str, at_front: bool, go_on: int, clause_end: int, end: int, tail: str
    ) -> tuple[AssignmentRole, str] | None:
        """What the words behind decide: a post (为组长单位), 组成, 牵头, 配合."""
        text = self.text
        if m := _OFFICE.match(text, go_on, clause_end):
            if re.search(r"政府|委$", text[chain[-1].start : chain[-1].end]) and chain[-1].person:
                return None
            post = m.group("post")
            if post in ("组长", "召集人", "牵头", "主办") and not m.group("what").endswith("副"):
                return "lead", "duty.office"
            if post in ("责任",):
                return "responsible", "duty.office"
            if post in ("配合", "协办"):
                return "support", "duty.office"
            return "member", "duty.office"
        if _COMPOSE.match(text, go_on, clause_end + 1) and self._composes(chain):
            return "member", "duty.compose"
        if chain[-1].person:
            return None
        if _PART_OF_DEED.search(before):
            return None
        if _LEAD.match(text, go_on, clause_end) or "牵头" in tail:
            return "lead", "duty.lead"
        if chain[0].kind == "class" or self._above(chain):
            return None
        if _SUPPORT.match(text, go_on, clause_end):
            return "support", "duty.support"
        if at_front and _is_subject_of_lead(text, go_on, end):
            return "lead", "duty.lead_later"
        return None

    def _composes(self, chain: list[UnitSpan]) -> bool:
        """A list before 组成 is of members when it is one: several units, or 由 before it."""
        return len(chain) > 1 or self.text[: chain[0].start].endswith("由")

    def _above(self, chain: list[UnitSpan]) -> bool:
        """Whether the list names organs above the paper's own level, whose deeds it tells but does not order."""
        return any(self._is_above(u) for u in chain[:1]) or all(self._is_above(u) for u in chain)

    def _is_above(self, u: UnitSpan) -> bool:
        if _LEVEL_ABOVE.match(self.text, u.start, u.end):
            return True
        return u.prefix.endswith("省") and self.own_level != "省"

    def _may_tell(self, chain: list[UnitSpan]) -> bool:
        """History counts in a report only for those who are set a duty elsewhere: collectives and plain bureaus."""
        return self.narrative and not any(
            self.text[u.start : u.end].endswith(("政府", "委", "领导小组")) for u in chain
        )

    def _joint(self, clauses: list[Clause]) -> list[Clause]:
        """A会同B, A与B协同配合: the subject before the partner leads."""
        out: list[Clause] = []
        for i, c in enumerate(clauses):
            nxt = clauses[i + 1] if i + 1 < len(clauses) else None
            if c.role == "responsible" and c.subject:
                joint = _WITH.match(self.text, c.end) is not None
                if nxt is not None and not joint:
                    gap = self.text[c.end : nxt.units[0].start]
                    joint = nxt.rule == "duty.partner" and _PARTNER_GAP.fullmatch(gap) is not None
                    joint = joint or (c.rule == "duty.subject" and nxt.rule == "duty.together")
                if joint:
                    c = Clause(c.units, "lead", "duty.together", c.end, c.open_list, c.subject)
            out.append(c)
        return out


def _is_subject_of_lead(text: str, go_on: int, end: int) -> bool:
    """Whether the sentence goes on to say that its subject takes the lead (…，主动牵头统筹 …), before another item."""
    stop = min(end, go_on + 90)
    for i in range(go_on, stop):
        if text[i] in "。;":
            stop = i
            break
    return _LEAD_LATER.search(text, go_on, stop) is not None


def marks_of(clause: Clause, task: tuple[int, int] | None) -> list[Mark]:
    """One mark per unit of a clause."""
    return [Mark(u.start, u.end, clause.role, clause.rule, task, clause.open_list) for u in clause.units]
