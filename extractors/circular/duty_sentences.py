"""Who does what in running prose: the part each list of units plays in its sentence, list by list.

Every list (市国资委、财政局) is judged by the words right before it (由, 督促, 报送, 会同, 在 … 指导下), right after it
(牵头, 配合, 负责, 要, 为组长单位) and by its place: the first words of a clause are its subject. Objects (对各县…
进行通报), attributes (市政府的要求) and history of others are left alone.
"""

from __future__ import annotations

import re

import msgspec

from extractors.circular.duty_marks import Mark, after_list, label_role, pattern
from extractors.circular.duty_parts import Judge
from extractors.circular.duty_words import LEAD, LIMIT_AHEAD, SUPPORT, WITH
from extractors.circular.unit_spans import SEPARATOR, UnitSpan, chains
from extractors.facts import AssignmentRole

_OTHER_AGENT = re.compile(r"[^,。;]{0,24}?由")
_PARTNER_GAP = pattern(
    r"[,]?(?:<roles.modals>|<roles.adverbs>|第一时间|及时|可|(?:[在于每]|今年|明年|\d{4}年)?(?:\d{1,2}月(?:份|\d{1,2}日)?|第?[一二三四]?季度|[年月季周旬])"
    r"(?:[底初末]|[上中下]旬)?[前后内起]?|已)*<roles.with_partner>(?:了)?"
)
# 县财政局负责筹集资金,会同县审计局开展核查: the subject of the clause before leads in the one that follows.
_PARTNER_LATER = re.compile(r"[^。;:]{2,60}[,](?:并|同时|主动|积极|定期|及时|适时|负责|要|应|须)*会同")
_NEXT_DEED = re.compile(r"(?!等)[^,。;、()]{2,14}、")
_ANNOUNCE = pattern(r"<roles.announcing>")
# 县政府督查室对…进行专项督查, 镇纪委全程监督: the deed is to watch others.
_WATCHES = re.compile(
    r"[^,。;]{0,24}?(?:做好|抓好)(?:督查|督办|督导)(?=$|[,。;]|工作)"
    r"|(?:[^,。;]{0,24}?(?:进行|开展|实施|组织|全程|跟踪|专项|重点|实地|联合|挂牌|驻点|派出|负责(?!人|同志)|予以|加强|随机|持续|加大|强化)[^,。;]{0,6}?"
    r"|(?:将|要|应)?)(?:督查|督办|督导|监督检查|(?<!管|察)监督(?=$|[,。;]|问责|执纪)|考核(?=$|[,。;]))"
    r"(?!室|组|要求|意见|问题|反馈|机制|办法|体系|作用|函|单|通知|工作(?:的|中))"
)
_WATCH_OFFICE = re.compile(r"(?:督查|督考|督导|督办|目督|考核|绩效)(?:室|局|办|办公室|中心|组)$")
_WATCH_DEED = re.compile(r"督查|督办|督导|督促|考核|问效|暗访|考评|抽查|检查|提示函|提醒函")
# 今年以来，各地…: what follows tells how things went.
_TOLD_SENTENCE = re.compile(
    r"(?:[^,。;]{0,12}以来|近年来|近一个时期|(?:今年|去年|上年|\d{4}年)?(?:第?[一二三四]季度|[上下]半年|前[\d一二三四五六七八九十]{1,2}个月)"
    r"|日前|近日|近期|前期|前不久|会议(?:指出|认为|肯定)|去年|上年|截至[^,。;]{1,14}),"
)
# 市财政局：…, 市财政局职责：…, 市财政局 alone on its line with 1.… below.
_SAID_IN_MEETING = re.compile(r"会议(?:指出|认为),[^。;]{2,60}?(?:要(?![求点素])|必须|务必)")
_ADDRESSED = re.compile(
    r"(?:的?(?:主要|工作|具体)?职责(?:分工)?)?(?:[:。]|—{1,2}(?=负责|牵头|具体|统筹|做好|主要)|(?=\n|$))[ \t]?"
    r"(?:\n(?:\(?\d{1,2}[).、]|\([一二三四五六七八九十]{1,2}\)|[—●•·▪◆-]{1,2}\s?)?)?"
)
# 区教育局：合同2份，…: figures about the unit, no duty.
_FIGURES = re.compile(
    r"\s?(?:以|台账|连续|未|虚报|仅|存在|合同|逾期|拖欠|欠款|金额|尚欠|剩余|共|涉及|累计|已清偿|清偿率|应付|\d)"
)
_STRANGER = re.compile(
    r"[、和及与](?P<name>(?:(?![等的较])[\u4e00-\u9fff]){1,13}?[局委办区镇乡社站所院会部县市园道处组厅校])"
    r"(?=要|应|须|于\d|负责|牵头|配合|按职责|主要|分管|相关负责|有关负责|参加|列席|等(?:相关|有关)?(?:部门|单位)"
    r"|[、和及]\S{2,12}(?:要|应|须|是|负责|牵头|配合|主要|相关负责|参加))"
)
# Fields of work that open a list: plain words of two to four characters, none of them a deed.
_FIELDS = pattern(r"(?:<roles.lead_in>)*(?P<fields>(?:(?!<roles.no_fields>)[^\W\d_的要将由对和及与等各在]{2,4}、)+)")
_FIELDS_ACT = re.compile(r",?[要应须在按可将各]|负责|牵头|配合|分别|共同|必须|务必|根据|结合|认真|切实|做好|协助")
_NUMBERED = re.compile(r"\([一二三四五六七八九十\d]{1,3}\)$")
_LONG_CLAUSE = 200  # characters looked at on either side of a list, so that hostile text costs no more


class Clause(msgspec.Struct, frozen=True, gc=False):
    """One list of units at work: its units, where it stands, what it was found to do."""

    units: tuple[UnitSpan, ...]
    role: AssignmentRole
    rule: str
    end: int  # where the text after the list goes on
    open_list: bool
    subject: bool  # it is the grammatical subject or agent


class Reader:
    """Judges the lists of units of one text. `above` tells whether a unit's words belong to a higher level."""

    def __init__(
        self, text: str, own_level: str | None, narrative: bool, enterprise: bool = False, bulletin: bool = False,
        letter: bool = False,
    ) -> None:  # fmt: skip
        self.text = text
        self.narrative = narrative
        self.judge = Judge(text, own_level, narrative, enterprise, bulletin, letter)

    def sentence(
        self,
        start: int,
        end: int,
        body: int,
        units: list[UnitSpan],
        *,
        told_section: bool = False,
        ordered_section: bool = False,
    ) -> list[Clause]:
        """The parts played in `text[start:end]`; `body` is where the words after a run-in heading start.

        `told_section` says that the heading above announces how things stand (主要成效, 存在问题), not what to do;
        `ordered_section` the opposite (下步打算).
        """
        text = self.text
        told = not self.narrative and _TOLD_SENTENCE.match(text, start, end) is not None
        if told and _SAID_IN_MEETING.match(text, start, end):
            told = False  # 会议指出,甲局要…,乙局按时间节点做好…
        limited = LIMIT_AHEAD.search(text, start, end) is not None
        self.judge.tells = self.narrative and not limited and not ordered_section
        self.judge.ordered = ordered_section
        self.judge.told = told_section and not self.narrative and not limited
        announced = _ANNOUNCE.search(text, start, end)
        opening = announced is not None
        announcing = told or opening
        out: list[Clause] = []
        lists = chains(text, units)
        skip_group = -1
        ahead: list[tuple[list[UnitSpan], int, bool]] = []  # lists that only a comma parts from the next
        joined = -1  # where the last list starts that was taken into the one before
        for n, chain in enumerate(lists):
            first = chain[0]
            if first.start == joined:
                continue
            known, chain = len(chain), self._with_strangers(chain, end)
            gap = SEPARATOR.match(text, chain[-1].end) if len(chain) > known and n + 1 < len(lists) else None
            if gap is not None and gap.end() == lists[n + 1][0].start:
                chain = [*chain, *lists[n + 1]]  # 靖城镇、城南办事处、|马桥镇
                joined = lists[n + 1][0].start
            go_on, is_open, tail = after_list(text, chain)
            chain = self._with_fields(chain, max(start, body), tail)
            first = chain[0]
            if first.start == skip_group or first.start < body:
                continue
            if n + 1 < len(lists) and lists[n + 1][0].start < go_on:
                # 卫健委等市直牵头部门: the collective only closes the list.
                skip_group = lists[n + 1][0].start
                go_on = max(go_on, lists[n + 1][0].end)
                tail = text[chain[-1].end : go_on]
                is_open = True
            clause_start = self._clause_start(first.start, max(start, body))
            acted = bool(out) and out[-1].subject and not out[-1].units[-1].person
            if acted and _NEXT_DEED.fullmatch(text, out[-1].end, first.start):
                clause_start = first.start  # 市财政局保资金、市住建局保进度
            clause_end = self._clause_end(go_on, end)
            agent_later = n + 1 < len(lists) and _OTHER_AGENT.match(text, go_on, lists[n + 1][0].start + 1) is not None
            if self._goes_on_behind_a_comma(chain, lists[n + 1 :], clause_start, go_on):
                ahead.append((chain, go_on, is_open))
                continue
            found = self.judge.part(chain, clause_start, go_on, clause_end, end, tail, agent_later, announcing, opening)
            if found is None:
                ahead = []
                continue
            role, rule, subject = found
            if rule == "duty.subject" and text[clause_start - 2 : clause_start] in ("元、", "%、", "笔、"):
                continue  # 争取上级补助1100万元、地方政府债券900万元
            if rule == "duty.partner" and (told or (announced is not None and first.start < announced.start())):
                continue  # 经会同市财政局研究，现答复如下
            acts = role == "responsible" and (subject or rule == "duty.told_to")
            if acts and (_WATCHES.match(text, go_on, clause_end) or self._is_watch_office(chain, go_on, clause_end)):
                role = "supervisor"
            if subject:
                out += [Clause(tuple(c), role, rule, at, more, True) for c, at, more in ahead]
            ahead = []
            out.append(Clause(tuple(chain), role, rule, go_on, is_open, subject))
        return self._joint(out)

    def _goes_on_behind_a_comma(
        self, chain: list[UnitSpan], later: list[list[UnitSpan]], clause_start: int, go_on: int
    ) -> bool:
        """各县区清欠办，市直各部门要…: a list alone in its clause, and the next clause opens with another."""
        if not later or chain[-1].person or later[0][0].start != go_on + 1 or self.text[go_on] != ",":
            return False
        return not self.text[clause_start : chain[0].start].strip() and chain[0].kind in ("organ", "group")

    def _is_watch_office(self, chain: list[UnitSpan], go_on: int, clause_end: int) -> bool:
        """市政府督查室加大督查力度: an office that bears the watching in its name does its own work."""
        if not any(_WATCH_OFFICE.search(self.text, u.start, u.name_end) for u in chain):
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
        if len(chain) == 1 and label_role(self.text[chain[0].start : chain[0].end]) is not None:
            return None  # (一)牵头部门 names a part, no unit
        if m is None or chain[-1].person or _FIGURES.match(self.text, m.end()):
            return None
        role: AssignmentRole = "responsible"
        if LEAD.match(self.text, m.end()):
            role = "lead"
        elif SUPPORT.match(self.text, m.end()):
            role = "support"
        elif _WATCHES.match(self.text, m.end(), self._clause_end(m.end(), end)):
            role = "supervisor"
        return Clause(tuple(chain), role, "duty.addressed", min(m.end(), end), is_open, True)

    def _with_strangers(self, chain: list[UnitSpan], end: int) -> list[UnitSpan]:
        """The list with further members that no lexicon knows but their place and last word show (、屈原管理区要 …)."""
        while m := _STRANGER.match(self.text, chain[-1].end, end):
            chain = [*chain, UnitSpan(m.start("name"), m.end("name"), m.end("name"), "organ")]
        return chain

    def _with_fields(self, chain: list[UnitSpan], floor: int, tail: str) -> list[UnitSpan]:
        """The list with the fields of work that open it and no lexicon knows (计划、财政部门, 建设、水利等部门)."""
        if "部门" not in tail and not self.text.endswith("部门", 0, chain[-1].end):
            return chain
        start = self._clause_start(chain[0].start, floor)
        opening = _FIELDS.fullmatch(self.text, start, chain[0].start)
        if opening is None or not _FIELDS_ACT.match(self.text, chain[-1].end + len(tail)):
            return chain
        at = opening.start("fields")
        more: list[UnitSpan] = []
        for word in opening["fields"].split("、")[:-1]:
            more.append(UnitSpan(at, at + len(word), at + len(word), "stem"))
            at += len(word) + 1
        return [*more, *chain]

    def _clause_start(self, at: int, floor: int) -> int:
        floor = max(floor, at - _LONG_CLAUSE)
        depth = 0  # of brackets closed before the list: 办公室(以下简称清欠办)设在…
        for i in range(at - 1, floor - 1, -1):
            if self.text[i] == ")" and _NUMBERED.search(self.text, max(floor, i - 4), i + 1):
                return i + 1
            depth += self.text[i] == ")"
            if self.text[i] == "(" and depth:
                depth -= 1
            elif depth:
                continue
            elif self.text[i] in ",。;:!?\n(" or (self.text[i] == "、" and self.text[i - 1 : i] in ("元", "%", "笔")):
                return i + 1  # 县甲局要清偿1500万元、县乙局要清偿800万元
        return floor

    def _clause_end(self, at: int, ceiling: int) -> int:
        ceiling = min(ceiling, at + _LONG_CLAUSE)
        for i in range(at, ceiling):
            if self.text[i] in ",。;:!?\n":
                return i
        return ceiling

    def _joint(self, clauses: list[Clause]) -> list[Clause]:
        """A会同B, A与B协同配合: the subject before the partner leads."""
        out: list[Clause] = []
        for i, c in enumerate(clauses):
            nxt = clauses[i + 1] if i + 1 < len(clauses) else None
            if c.role in ("responsible", "supervisor") and c.subject:
                with_ = WITH.match(self.text, c.end)
                joint = with_ is not None and (
                    with_.group().endswith("会同") or (nxt is not None and nxt.units[0].start == with_.end())
                )
                if nxt is not None and not joint and c.role == "responsible":
                    gap = self.text[c.end : nxt.units[0].start]
                    joint = nxt.rule == "duty.partner" and _PARTNER_GAP.fullmatch(gap) is not None
                    joint = joint or (c.rule == "duty.subject" and nxt.rule == "duty.together")
                    joint = joint or (nxt.rule == "duty.partner" and _PARTNER_LATER.fullmatch(gap) is not None)
                if joint:
                    c = Clause(c.units, "lead", "duty.together", c.end, c.open_list, c.subject)
            out.append(c)
        return out


def marks_of(clause: Clause, task: tuple[int, int] | None) -> list[Mark]:
    """One mark per unit of a clause."""
    return [Mark(u.start, u.end, clause.role, clause.rule, task, clause.open_list) for u in clause.units]
