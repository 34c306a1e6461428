"""The part a list of units plays in its clause, by the words before it, the words behind it, and its place.

由, 督促, 报送, 会同, 在 … 指导下 stand before; 牵头, 配合, 负责, 要, 为组长单位 behind; the first words of a clause
are its subject. Objects (对各县…进行通报), attributes (市政府的要求) and history of others are left alone.
"""

from __future__ import annotations

import re

from extractors.circular import duty_words as words
from extractors.circular.unit_spans import UnitSpan
from extractors.facts import AssignmentRole

Part = tuple[AssignmentRole, str, bool]
"""A role, the rule that gave it, and whether the list is the subject of its clause."""


class Judge:
    """Judges the lists of units of one text.

    `own_level` is 省, 市, 县 … of the paper's own region; `tells` says whether the sentence in hand tells, not orders.
    """

    def __init__(
        self, text: str, own_level: str | None, narrative: bool, enterprise: bool = False, bulletin: bool = False,
        letter: bool = False,
    ) -> None:  # fmt: skip
        self.text = text
        self.letter = letter  # a 函 answers: what it says is done counts
        self.bulletin = bulletin  # a 通报: its sentences with figures and without a limit are statistics
        self.own_level = own_level
        self.narrative = narrative
        self.enterprise = enterprise  # a company speaks to its own
        self.tells = narrative
        self.ordered = False  # the section says what comes next (下步要求)
        self.told = False  # the section tells how things went: only modals and limits bind

    def part(
        self, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int, end: int, tail: str, agent_later: bool,
        announcing: bool, opening: bool,
    ) -> Part | None:  # fmt: skip
        """Role, rule and whether it is the subject; None if the list only is mentioned."""
        text = self.text
        first = chain[0]
        before = text[max(clause, first.start - 14) : first.start]
        lead_in = text[clause : first.start]
        at_front = words.LEAD_IN.fullmatch(lead_in) is not None or words.TIME_IN.fullmatch(lead_in) is not None
        if chain[0].kind in ("place", "addressee", "author"):
            return self._actor(chain[0].kind, before, lead_in, at_front, go_on, clause_end)
        decided, part = self._by_before(before, chain, clause, go_on, clause_end)
        if decided:
            return part
        if said := self._by_after(chain, before, lead_in, at_front, go_on, clause_end, end, tail):
            return *said, True
        if chain[-1].person:
            return None
        is_part = words.PARTS.search(text, first.start, first.end) is not None
        if is_part and words.PLAYED_BY.match(text, go_on, clause_end):
            return None  # 责任单位为市财政局: the part, then who plays it
        if not before.endswith("请") and all(words.VAGUE.fullmatch(text[u.start : u.end]) for u in chain):
            return None
        known = not text.startswith(("有关", "相关", "地方"), first.start)
        if known and words.HANDS_OVER.search(before):
            # 专班将按程序移交市纪委监委处理, 线索移送市纪委监委: it receives; 弄虚作假的移送市纪委监委处理: it acts.
            dealt = words.TO_PROSECUTE.match(text, go_on, clause_end) is not None
            handed = chain[0].kind == "organ" and (
                bool(chain[0].prefix) or words.FIELD.search(text, first.start, first.end)
            )
            handed = handed and (not dealt or lead_in.find("将") > 0)
            if handed and not self.tells:
                return "recipient", "duty.handed_over", False
            if dealt:
                return "responsible", "duty.handed_over", False
        if all(u.kind == "class" and not text.startswith("各", u.start) for u in chain):
            bound = at_front and words.STATUTE.match(text, go_on, clause_end) is not None
            bound = bound and "规定" not in text[max(0, clause - 30) : clause]  # 条例第十六条规定,机关…应当: told
            return ("responsible", "duty.modal", True) if bound else None
        if words.SELF.match(text, go_on, clause_end):
            return "responsible", "duty.by_itself", True
        if before.endswith("协调") and chain[0].kind == "organ" and words.BY_A_DAY.match(text, go_on):
            return "responsible", "duty.told_to", False
        told = words.BEFORE_TOLD.search(before) if not words.ADVICE.search(before) else None
        told = told or words.ASKED_WHICH.fullmatch(lead_in)
        if told is not None:
            if before.endswith(("提请", "报请", "恳请")) and text[first.start : first.end].endswith("政府"):
                return None
            named = any(u.kind == "organ" and u.prefix for u in chain)
            named = named or any(words.OWNED.match(text, u.start) for u in chain)
            loose = not named and all(words.ENTERPRISE.search(text[u.start : u.end]) for u in chain)
            if loose and not (words.MODAL.match(text, go_on) or words.BY_A_DAY.match(text, go_on)):
                return None
            derived = words.DERIVED.search(before) is not None and not (
                named and not self.tells and words.CHARGED.search(before)
            )
            if clause_end - go_on >= 2 and not words.NOT_VERB.match(text, go_on) and not derived:
                return "responsible", "duty.told_to", False
            return None
        modal = words.MODAL.match(text, go_on, clause_end + 3)
        at_front = at_front or (modal is not None and words.WHICH.fullmatch(lead_in) is not None)
        at_front = at_front or (modal is not None and words.OTHERS_FIRST.fullmatch(lead_in) is not None)
        if modal and (at_front or before.endswith(("由", "明确", "要求", "强调", "提出"))):
            return "responsible", "duty.modal", True
        if words.BEFORE_AGENT.search(before):
            if self._above(chain) and words.HANDED_DOWN.match(text, go_on, clause_end):
                return None  # 该件由省清欠办交办: how it came here
            if before.endswith("是由") and words.DRAWN_UP.match(text, go_on):
                return None
            if words.DONE_BY_THEN.match(text, go_on, end) and not self.narrative:
                return None
            return "responsible", "duty.agent", True
        if at_front and (
            words.OF_ITS_OWN.match(text, go_on, clause_end)
            or words.JUDGED_AS.match(text, go_on, clause_end)
            or words.TOPIC.match(text, go_on, end)
        ):
            return None
        reproached = at_front and words.REPROACHED.match(text, go_on, end) is not None
        if reproached and words.MODAL_LATER.match(text, go_on, end) is None:
            return None
        if at_front and not announcing and text.startswith("会同", go_on) and not self._above(chain):
            return "responsible", "duty.subject", True  # 8月29日,市清欠专班会同市审计局开展督查: it leads
        if not at_front or agent_later or announcing or self.told:
            return None
        later = words.MODAL_LATER.match(text, go_on, end)
        if later is not None and not self.narrative and not self._above(chain) and self._is_own(chain):
            return "responsible", "duty.modal_later", True
        if clause_end - go_on < 2 or words.NOT_VERB.match(text, go_on) or self._above(chain):
            return None
        if not ("\u4e00" <= text[go_on] <= "\u9fff" or text[go_on].isdigit()) or words.COUNTS.match(text, go_on):
            return None
        if not self.enterprise and all(words.ENTERPRISE.search(text[u.start : u.end]) for u in chain):
            each = chain[0].kind == "group" and words.TAKES_ON.match(text, go_on, clause_end)
            acts = (
                chain[0].kind == "organ"
                and (chain[0].prefix or not self.narrative)
                and (
                    not words.FIGURE.search(text, go_on, clause_end)
                    or words.RAISES.match(text, go_on, clause_end) is not None
                )
            )
            acts = acts and not any(words.BY_LAW.search(text, u.start, u.end) for u in chain)
            return ("responsible", "duty.subject", True) if each or acts else None
        counted = self.bulletin and not self.ordered and words.FIGURE.search(text, go_on, clause_end) is not None
        if counted and words.LIMIT_AHEAD.search(text, go_on, clause_end) is None:
            return None  # 县财政局筹措资金600万元: what a bulletin counts is done
        history = words.HISTORY.match(text, go_on, clause_end) is not None and not words.CADENCE_AHEAD.match(
            text, go_on
        )
        if history and not self._may_tell(chain):
            return None
        if words.SETS_UP.match(text, go_on, clause_end) and text[chain[-1].end - 2 : chain[-1].end].endswith(
            ("政府", "委")
        ):
            return None  # 县政府成立领导小组: told
        if not (self.narrative or self.letter) and words.ALREADY.match(text, go_on, clause_end):
            return None
        return "responsible", "duty.subject", True

    def _actor(self, kind: str, before: str, lead_in: str, at_front: bool, go_on: int, clause_end: int) -> Part | None:
        """A place, 你市 or 我局: what makes it act. Anything else that is said of it is no duty."""
        text = self.text
        if kind in ("author", "addressee"):
            reported = words.BEFORE_REPORT.search(before) is not None and not words.NOT_REPORT.search(before)
            towards = (
                words.TOWARDS.search(before) is not None
                and words.TOWARDS_AFTER.match(text, go_on, clause_end) is not None
            )
            takes = (reported or towards) and not self.tells and not words.APPROVAL.match(text, go_on)
            if takes or kind == "author":
                return ("recipient", "duty.report_to", False) if takes else None
        asked = words.BEFORE_TOLD.search(before) is not None and not before.endswith("恳请")
        if asked and kind == "addressee" and text.startswith(":", go_on):
            return "responsible", "duty.told_to", True  # 现商请贵院:(一)…
        if asked and clause_end - go_on >= 2 and not words.NOT_VERB.match(text, go_on):
            return "responsible", "duty.told_to", True
        agent = words.BEFORE_AGENT.search(before) is not None
        modal = words.MODAL.match(text, go_on, clause_end + 3)
        at_front = at_front or (modal is not None and words.WHICH.fullmatch(lead_in) is not None)
        if not (at_front or agent) or words.REPROACHED.match(text, go_on, clause_end):
            return None
        if words.LEAD.match(text, go_on, clause_end):
            return "lead", "duty.lead", True
        if words.SUPPORT.match(text, go_on, clause_end):
            return "support", "duty.support", True
        if agent:
            return "responsible", "duty.agent", True
        if words.BY_A_DAY.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        if modal or words.SPEAKS.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        acts = (
            words.SETS_TO.match(text, go_on, clause_end) is not None
            and words.SENT.match(text, go_on, clause_end) is None
        )
        if kind == "addressee" and acts and not self.narrative:
            return "responsible", "duty.subject", True
        return None

    def _by_before(
        self, before: str, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int
    ) -> tuple[bool, Part | None]:
        """Whether the words in front decide the matter, and the part; decided without a part means a mere mention."""
        text = self.text
        if words.GIVEN.match(text, go_on):
            if before.endswith((*words.JUDGED, *words.DRAWN_FROM)):
                return True, None  # 同意区工信局提出的方案, 根据市财政局提供的数据
            return True, ("support", "duty.given_by", False)
        if words.BEFORE_SEAT.search(before):
            # （设在县工信局） only explains where the recipient sits.
            explained = (
                clause > 0 and text[clause - 1] == "(" and not words.SET_UP.search(text, max(0, clause - 24), clause)
            )
            return True, (None if explained else ("responsible", "duty.seat", False))
        if words.IN_CHARGE_OF.match(text, go_on) and not chain[-1].person:
            return True, ("responsible", "duty.in_charge_of", False)
        if before.endswith("抽调") and words.FORMS.match(text, go_on, clause_end + 1):
            return True, ("member", "duty.compose", False)
        if (
            chain[0].kind == "organ"
            and words.PASSED_ON.search(before)
            and words.TO_BE_DONE.match(text, go_on, clause_end)
        ):
            acts = not chain[-1].person and not self._above(chain)
            return True, (("responsible", "duty.passed_on", False) if acts else None)
        if m := words.BEFORE_REPORT.search(before):
            if words.NOT_REPORT.search(before):
                return False, None
            if before[: m.start()].endswith("已") and words.KEPT.match(text, go_on):
                return True, (None if chain[-1].person else ("recipient", "duty.report_to", False))
            if before[: m.start()].endswith(("经", "已", "通", "汇", "申", "推")):
                return True, None
            if words.APPROVAL.match(text, go_on) or chain[-1].person:
                return True, None
            if self.tells:
                return True, (("responsible", "duty.sums_up", False) if text.startswith("汇总", go_on) else None)
            return True, ("recipient", "duty.report_to", False)
        carried = before.endswith(("至", "到")) and words.CARRIED_TO.search(text, clause, chain[0].start) is not None
        if carried and not self.tells and not chain[-1].person:
            return True, ("recipient", "duty.report_to", False)
        if words.TOWARDS.search(before):
            towards = words.TOWARDS_AFTER.match(text, go_on, clause_end) and not chain[-1].person and not self.tells
            return True, (("recipient", "duty.report_towards", False) if towards else None)
        if (guided := words.GUIDED.match(text, go_on)) and words.COURTESY.search(guided.group()):
            return True, None
        if guided and before.endswith(("和", "、")) and "在" in text[clause : chain[0].start]:
            return True, ("supervisor", "duty.under_guidance", False)
        if words.BEFORE_IN.search(before):
            if guided:
                return True, ("supervisor", "duty.under_guidance", False)
            return True, (("responsible", "duty.host", False) if words.HOSTS.match(text, go_on) else None)
        if before.endswith("以") and words.FOREMOST.match(text, go_on, clause_end):
            return True, ("lead", "duty.foremost", True)
        if before.endswith("的") and words.PARTS.fullmatch(text, chain[0].start, chain[-1].end):
            return True, None  # 市住建局是房建领域的责任单位: the part of the one before
        if words.MEMBERS_ARE.search(before):
            return True, ("member", "duty.compose", False)
        if m := (words.NAMED_AS.search(before) or words.LABELLED.fullmatch(text, clause, chain[0].start)):
            named_role: AssignmentRole = "lead" if m.group("what") in ("牵头", "主办") else "responsible"
            return True, ("support" if m.group("what")[0] in "配协" else named_role, "duty.named_as", True)
        if words.BEFORE_PARTNER.search(before) or before == "牵头":
            return True, ("support", "duty.partner", False)
        if words.SUPPORT_NEEDED.search(before):
            return True, (("support", "duty.needed", False) if words.SUPPORT_WITH.match(text, go_on) else None)
        others = before.endswith("和") and words.OTHERS_FIRST.fullmatch(text, clause, chain[0].start) is not None
        if words.BEFORE_WITH.search(before) and not others:
            return True, (("support", "duty.together", False) if words.SUPPORT_WITH.match(text, go_on) else None)
        return before.endswith(words.OBJECT_OF), None

    def _by_after(
        self,
        chain: list[UnitSpan],
        before: str,
        lead_in: str,
        at_front: bool,
        go_on: int,
        clause_end: int,
        end: int,
        tail: str,
    ) -> tuple[AssignmentRole, str] | None:
        """What the words behind decide: a post (为组长单位), 组成, 牵头, 配合."""
        text = self.text
        if m := words.OFFICE.match(text, go_on, clause_end):
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
        if "由" in lead_in and words.POST_BY.search(lead_in) and words.TAKES_POST.match(text, go_on, clause_end):
            led = chain[-1].person and re.search(r"政府$|委$", text[chain[-1].start : chain[-1].end])
            return None if led else ("member", "duty.post_by")
        asked = words.BEFORE_TOLD.search(before) is not None
        asked = asked or before.endswith(("邀请", "特邀"))
        attends = words.ATTENDS.match(text, go_on, clause_end + 1) is not None
        if words.ATTENDS_TOO.match(text, go_on, clause_end + 1):
            attends = "主持" in text[text.rfind("。", 0, chain[0].start) + 1 : chain[0].start]
        if not asked and attends and not self._led(chain):
            return "member", "duty.attends"
        leads = words.LEAD.match(text, go_on, clause_end) is not None and not chain[-1].person
        composes = not leads and words.COMPOSE.match(text, go_on, clause_end + 1) and self._composes(chain)
        composes = composes and not (before.endswith("由") and words.JOINED_UP.match(text, go_on, clause_end + 1))
        if composes and not asked and words.MODAL.match(text, go_on) is None:
            return "member", "duty.compose"
        if chain[-1].person:
            return None
        if words.PART_OF_DEED.search(before):
            return None
        if leads or "牵头" in tail:
            return "lead", "duty.lead"
        if chain[0].kind == "class" or self._above(chain):
            return None
        if words.SUPPORT.match(text, go_on, clause_end):
            return None if self._all_together(chain, go_on) else ("support", "duty.support")
        if at_front and _is_subject_of_lead(text, go_on, end):
            return "lead", "duty.lead_later"
        return None

    def _is_own(self, chain: list[UnitSpan]) -> bool:
        """Whether the list names offices or groups that orders go to: no party under its registered name."""
        return all(u.kind in ("organ", "group") and not words.BY_LAW.search(self.text, u.start, u.end) for u in chain)

    def _all_together(self, chain: list[UnitSpan], go_on: int) -> bool:
        """各部门要密切配合,各负其责: a group told to work together, where nobody leads it."""
        if any(u.kind != "group" for u in chain) or words.MUTUAL.match(self.text, go_on) is None:
            return False
        before = self.text[max(0, chain[0].start - 60) : chain[0].start]
        return "牵头" not in before[before.rfind("。") + 1 :]

    def _led(self, chain: list[UnitSpan]) -> bool:
        """Whether the people named are a government's leaders, who stand for no office."""
        return any(words.LEADERS.search(self.text, u.start, u.end) for u in chain)

    def _composes(self, chain: list[UnitSpan]) -> bool:
        """A list before 组成 is of members when it is one: several units, or 由 before it."""
        return len(chain) > 1 or self.text[: chain[0].start].endswith("由")

    def _above(self, chain: list[UnitSpan]) -> bool:
        """Whether the list names organs above the paper's own level, whose deeds it tells but does not order."""
        return any(self._is_above(u) for u in chain[:1]) or all(self._is_above(u) for u in chain)

    def _is_above(self, u: UnitSpan) -> bool:
        if words.LEVEL_ABOVE.match(self.text, u.start, u.end):
            return True
        if u.prefix.endswith("省") or u.prefix == "自治区":
            return self.own_level != "省"
        return u.prefix.endswith("市") and self.own_level == "县"

    def _may_tell(self, chain: list[UnitSpan]) -> bool:
        """History counts in a report only for those who are set a duty elsewhere: collectives and plain bureaus."""
        return self.narrative and not any(words.LEADERS.search(self.text, u.start, u.end) for u in chain)


def _is_subject_of_lead(text: str, go_on: int, end: int) -> bool:
    """Whether the sentence goes on to say that its subject takes the lead (…，主动牵头统筹 …), before another item."""
    stop = min(end, go_on + 90)
    for i in range(go_on, stop):
        if text[i] in "。;":
            stop = i
            break
    return words.LEAD_LATER.search(text, go_on, stop) is not None
