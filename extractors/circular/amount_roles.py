"""What each figure of a paper counts: its own words first, then what became of it, then its neighbours.

A figure that is one of several under a head (其中：工程款…) takes the head's role; a clause that goes on to tell what
was done (货款80万元已清偿) changes it; a silent figure takes the role of the clauses before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from typing import cast

from extractors.circular import amount_constructions as says
from extractors.circular.amount_apart import stands_apart
from extractors.circular.amount_arithmetic import is_rest
from extractors.circular.amount_clauses import own_role
from extractors.circular.amount_pieces import REACH, Piece
from extractors.circular.amount_subject import Subject
from extractors.circular.amount_wholes import Head, Wholes
from extractors.circular.amount_words import of_plan, role_of_context, role_of_words
from extractors.facts import AmountRole, AmountRoleRule, Deadline
from extractors.rules import lexicon
from extractors.rules.segment import Outline


class RoleReader:
    """Reads the figures of one paper in order; `role` must be asked once for each, from first to last."""

    def __init__(
        self, outline: Outline, found: list[Piece], deadlines: Sequence[Deadline] = (), year: int | None = None
    ) -> None:
        """`year` is the paper's own: sums of later years are planned."""
        self.outline = outline
        self.text = outline.view.text
        self.found = found
        self.head: Head | None = None
        self.wholes = Wholes(outline, found)
        self.said: dict[tuple[Decimal, Decimal | None], AmountRole] = {}  # what a sum was called before
        self.others: set[tuple[Decimal, Decimal | None]] = set()  # sums that are no debts
        self.planned = -1  # the sentence that last told of a sum yet to be paid
        self.year = year
        self.subject = Subject(outline)
        # Where times stand that are over, and where limits stand that lie ahead.
        over = [
            d.resolved is not None and (d.kind == "past_event" or d.subtype in ("past", "past_period"))
            for d in deadlines
        ]
        self.past = [outline.view.position(d.start) for d, told in zip(deadlines, over, strict=True) if told]
        self.ahead = [outline.view.position(d.start) for d in deadlines if d.kind == "due" and d.subtype is None]

    def role(self, number: int) -> tuple[AmountRole, AmountRoleRule]:
        """What the figure with this number counts, and the rule that said so."""
        piece = self.found[number]
        sentence = self.outline.sentence_at(piece.start)[0]
        head = self.head if self.head is not None and self.head.sentence == sentence else None
        self.wholes.divide(number, head)
        role, basis = own_role(piece)
        if role in (None, "debt_total"):
            role, basis = self._of_list(number, role, basis)
        rule = basis
        role, rule = _told_by(self.wholes.of_part(number, role, basis, sentence), "amount.whole", role, rule)
        role, rule = _told_by(self._beside_head(piece, role, head), "amount.neighbour", role, rule)
        told, basis = self._by_clauses(piece, role, basis, head, sentence)
        role, rule = _told_by(told, "amount.clauses", role, rule)
        rule = basis if basis in ("amount.contract", "amount.goal") else rule
        if basis != "amount.threshold" and stands_apart(self.text, piece, role, self._last(piece), self.wholes.role):
            role, rule = "other", "amount.apart"
            basis = rule
        role, rule = _told_by(self._joined(piece, role, basis, head), "amount.neighbour", role, rule)
        role, rule = _told_by(self._by_sums(piece, role, basis), "amount.sums", role, rule)
        if role is None:
            role, rule = self._silent(piece, head, sentence), "amount.context"
        if role != "other" and not self.subject.is_arrears(piece):
            role, rule = "other", "amount.subject"  # 审计查出问题金额63亿元
        if basis == "amount.threshold":
            # 未清偿账款中,10万元以下的21笔、96万元: the limit says nothing of the next figure
            return role, cast(AmountRoleRule, rule)
        self.head = Head(role, sentence, piece.end)
        self.wholes.tell(piece, role)
        if role != "other":
            self.said.setdefault(_sum(piece), role)
        else:
            self.others.add(_sum(piece))
        return role, cast(AmountRoleRule, rule)

    @staticmethod
    def _joined(piece: Piece, role: AmountRole | None, basis: str, head: Head | None) -> AmountRole | None:
        """The role of a figure that goes on with the one before it, without words of its own."""
        if head is None:
            return role
        if role == "remaining" and head.role == "disputed" and says.IN_PROCESS.search(piece.before):
            return "disputed"  # 有分歧欠款进入诉讼740万元,正在协商470万元
        if basis in ("", "amount.after") and says.JOINED.fullmatch(piece.before):
            return head.role  # 分别为35万元和17万元
        return head.role if says.INCLUDING.fullmatch(piece.before) else role

    def _by_sums(self, piece: Piece, role: AmountRole | None, basis: str) -> AmountRole | None:
        """The role where figures tell what words leave open: what is owed less what was paid is what is left."""
        paragraph = self.outline.paragraph_at(piece.start).start
        rest = says.THE_REST.fullmatch(piece.before) is not None
        if rest and role in (None, "other", "debt_total", "cleared") and (role, basis) != ("cleared", "amount.after"):
            return "remaining" if is_rest(piece.value, self.wholes.told, paragraph, ("cleared", "other")) else role
        open_ = role is None or (role == "debt_total" and says.OWING.search(piece.before) is not None)
        if open_ and is_rest(piece.value, self.wholes.told, paragraph):
            return "remaining"  # 拖欠4372.8万元,甲已支付1960万元,乙将2412.8万元列入预算
        return role

    def _last(self, piece: Piece) -> AmountRole | None:
        """The role of the figure before this one in its paragraph."""
        if self.head is None or self.head.end < self.outline.paragraph_at(piece.start).start:
            return None
        return self.head.role

    def _of_list(self, number: int, role: AmountRole | None, basis: str) -> tuple[AmountRole | None, str]:
        """The role that the words behind a list give to all its figures: 机关1亿元、企业2亿元尚未清偿."""
        last = number
        while last + 1 < len(self.found) and says.GOES_ON.fullmatch(
            self.text, self.found[last].end, self.found[last + 1].start
        ):
            last += 1
        if last == number:
            return role, basis
        told, by = own_role(self.found[last])
        if told is None and (share := says.SHARE.match(self.text, self.found[last].end)):
            told, by = role_of_words(share["what"] or share["is"], allow_other=False), "amount.after"
        if told not in (None, "other") and by == "amount.after":
            return told, "amount.list"
        return role, basis

    def _beside_head(self, piece: Piece, role: AmountRole | None, head: Head | None) -> AmountRole | None:
        """The role beside the figure before it in the sentence: what it fell to, a further item, the rest of it."""
        before = says.COUNT.sub("", piece.before)
        if says.FALLS_TO.search(before) and (
            role in (None, "debt_total") or (head is not None and head.role != "other")
        ):
            return "other" if head is not None and head.role == "other" else "remaining"
        if head is None:
            if (
                role in (None, "other")
                and says.THE_REST.fullmatch(before)
                and any(t.role in says.OWED for t in self.wholes.told)
            ):
                return "remaining"  # 三、其余1650万元由市城建集团付清
            return role
        if says.CHANGES.fullmatch(before) and says.COMPARED.search(
            self.text, max(head.sentence, head.end - REACH), head.end
        ):
            return "other"  # 较年初1.2亿元减少6200万元
        drawn = role in (None, "cleared") and head.role == "other" and says.DRAWN.fullmatch(before) is not None
        if drawn and not says.WORKS.search(self.text, max(head.sentence, head.end - 30), head.end):
            return "other"  # 授信3000万元,已发放1200万元
        if says.THE_REST.fullmatch(before) and self.wholes.role is None:
            if role in ("disputed", "undisputed"):
                return role  # 其余24万元因质量存在争议
            paid = head.role in ("cleared", "remaining") or says.PAYS.search(self.text, head.sentence, piece.start)
            return "remaining" if paid else head.role
        if role == "debt_total":
            if head.role == "remaining" and says.LEFT_TOO.fullmatch(before) and says.LEFT_ALL.match(piece.after):
                return "remaining"  # 仍有拖欠工资1240万元、拖欠账款8.9亿元未清偿
            if says.ITEM.fullmatch(before):
                return head.role if head.role in ("cleared", "remaining") else role
            if head.role in ("cleared", "new_debt") and says.AT_THE_END.search(before):
                return "remaining"  # 上半年清偿3.9亿元,6月末逾期账款3亿元
            if head.role == "cleared" and says.STILL_OWED.fullmatch(before):
                return "remaining"  # 已付1800万元,欠付500万元
        return role

    def _by_clauses(
        self, piece: Piece, role: AmountRole | None, basis: str, head: Head | None, sentence: int
    ) -> tuple[AmountRole | None, str]:
        """The role where other clauses of the sentence tell what became of the sum."""
        text = self.text
        floor = max(sentence, piece.start - REACH)
        since = piece.since
        if basis == "amount.before":
            over = self._any(self.past, since, piece.start) and not says.PROMISED.search(piece.before)
            over = over or says.BENEFITS.match(text, piece.end) is not None
            if role == "other" and over:
                role = role_of_words(says.LIMITS.sub("", piece.before)) or role  # 春节前集中兑付4630万元,惠及企业215家
            planned = self._any(self.ahead, since, piece.start) or self._is_planned(piece, sentence)
            planned = planned or says.BY_ORDER.search(piece.before) is not None
            limit = says.ONLY_TIME.search(text, floor, since)  # 6月30日前,清偿逾期账款2.4亿元
            planned = planned or (limit is not None and self._any(self.ahead, limit.start(), since))
            goes_on = self.planned == sentence and not over  # 拟偿还960万元,变现偿还420万元
            done = over or (says.DONE_NOW if goes_on else says.DONE).search(piece.before)
            if role == "cleared" and (planned or goes_on) and not done:
                role = of_plan(piece.before)  # 9月30日支付200万元: yet to be paid
            limited = head is None and not done and self._any(self.ahead, sentence, piece.start)
            limited = limited and says.DONE.search(piece.after) is None
            if role == "cleared" and limited and role_of_words(piece.before) == "debt_total":
                # 5月底前,对工资欠款360万元全部兑付
                role = "remaining" if any(t.role == "remaining" for t in self.wholes.told) else "debt_total"
            known = _sum(piece) in self.others and _sum(piece) not in self.said
            if role == "cleared" and known and says.GIVEN_BACK.search(piece.before):
                role = "other"  # 挪用专项资金430万元…已归还430万元
            if role in ("other", "cleared") and says.PLEA.search(piece.before):
                role = self.said.get(_sum(piece), role)  # 拖欠158万元…请讨回这158万元
            if role == "other" and lexicon.compiled(says.PLAN).search(piece.before):
                self.planned = sentence
        if role in (None, "debt_total") and says.CLAIMED.search(piece.before) and says.REJECTED.match(text, piece.end):
            return "disputed", "amount.after"
        if role == "cleared":
            role = self._not_yet(piece, basis, sentence)
        if (
            role == "remaining"
            and head is None
            and says.BARE_UNPAID.match(piece.after)
            and not says.TAIL.search(piece.before)
        ):
            role = "debt_total"
        if role == "debt_total" and says.FEE.search(piece.before) and says.CONTRACTED.search(text, floor, since):
            return "other", "amount.contract"  # 双方签订服务合同,年服务费186万元
        if role in (None, "debt_total") and says.FOR_PAYING.match(text, piece.end):
            return "other", "amount.fund"  # 资金1.1亿元,全部用于支付拖欠账款
        if role == "other" and says.TAKEN_BACK.search(piece.before):
            start = max(self.outline.paragraph_at(piece.start).start, piece.start - REACH)
            told = role_of_context(re.sub("。", ",", text[start:since]))
            role = "cleared" if told is not None else role  # 被拖欠账款3.5亿元,已收回2.9亿元
        funded = says.FUNDED.search(text, floor, since) is not None and not says.DEBTS.search(text, floor, floor + 12)
        if role == "remaining" and funded and says.LEFT_OF_FUND.search(piece.before):
            role = "other"  # 收到清欠专项补助1500万元,用于偿还1120万元,结余380万元
        plain = says.COUNT.sub("", piece.before)
        if role in (None, "debt_total") and says.OWE.fullmatch(plain):
            start = max(sentence, head.end if head is not None else 0, piece.start - 2 * REACH)
            role = "remaining" if role_of_context(text[start:since]) in ("remaining", "cleared") else role
        if role == "debt_total" and says.CONCERNED.fullmatch(piece.before):
            # 正在办理7条,涉及欠款2900万元: the clause before tells what became of them
            start = max(sentence, head.end if head is not None else 0, piece.start - 2 * REACH)
            told = role_of_context(text[start:since])
            role = told if told in ("cleared", "remaining", "disputed") else role
        achieved = role in (None, "other", "remaining") and says.ACHIEVED.fullmatch(plain) is not None
        if achieved and says.CLEARING.search(text, floor, piece.start):
            role = "cleared"  # 年度清偿任务2.5亿元,目前完成1.1亿元
        if role is None and says.ADDED.search(piece.before) and says.DEBTS.search(text, floor, piece.start):
            role = "new_debt"  # 年初余额3.3亿元,今年新增0.4亿元
        if role in (None, "cleared") and says.GOAL_BEFORE.search(piece.before) and piece.after.startswith("的"):
            return "other", "amount.goal"  # 完成年度目标5.5亿元的123.6%
        if says.SIGNED.search(text, floor, piece.start) or says.TO_REACH.match(text, piece.end):
            return "other", "amount.before"  # 签订合同86份，总金额7453万元; 2亿元的年度目标
        return role, basis

    def _not_yet(self, piece: Piece, basis: str, sentence: int) -> AmountRole:
        """What a sum is whose paying is only asked for, or has a limit that lies ahead: 6月底前将50万元代付给供货商."""
        since = piece.since
        if basis == "amount.after" and says.DONE.search(piece.after) is None:
            ahead = self._any(self.ahead, since, piece.start) or says.AIMED.search(piece.before)
            ahead = ahead or says.ASKED.match(piece.after)
            if ahead and says.NO_QUARREL.match(piece.after):
                return "undisputed"
            if ahead:
                return "debt_total" if says.NAMED_DEBT.match(piece.after) else "other"
        if says.FOR_PURPOSE.search(piece.before) and says.ASKED.match(piece.after):
            return "other"  # 用于发放工资的412万元请先行拨付
        if "代发" in piece.before and says.ACCOUNT.search(self.text, max(sentence, piece.start - REACH), piece.start):
            return "other"  # 开设工资专用账户47个,累计代发工资3.2亿元: paid as it should be
        return "cleared"

    def _is_planned(self, piece: Piece, sentence: int) -> bool:
        """2024年清偿1.9亿元,2025年清偿1.2亿元, in a paper of 2024: a sentence that looks beyond the paper's year."""
        if self.year is None or (own := says.YEAR.search(piece.before)) is None or int(own[1]) < self.year:
            return False
        end = min(self.outline.sentence_at(piece.start)[1], piece.end + REACH)
        named = says.YEAR.findall(self.text, max(sentence, piece.start - REACH), end)
        return any(int(y) > self.year for y in named)

    @staticmethod
    def _any(places: list[int], start: int, end: int) -> bool:
        at = bisect_left(places, start)
        return at < len(places) and places[at] < end

    def _silent(self, piece: Piece, head: Head | None, sentence: int) -> AmountRole:
        """The role of a figure whose own clause says nothing: its share, the clauses before it, the figure before."""
        if share := says.SHARE.match(self.text, piece.end):
            told = role_of_words(share["what"] or share["is"], allow_other=False)
            if told is not None:
                return told  # 三年以上的4600万元,占未清偿总额的22%
        if says.NAMELY.search(piece.before) and says.GOAL.search(
            self.text, max(sentence, piece.start - 40), piece.start
        ):
            return "other"  # 不少于拖欠总额的50%,即4230万元
        reach = max(sentence, piece.start - REACH)
        if says.FUND_LIST.search(self.text, reach, piece.start) and "欠" not in piece.before:
            return "other"
        if says.BUDGETED.search(piece.before) and says.IN_BUDGET.match(piece.after):
            return self.said.get(_sum(piece), "other")
        floor = max(sentence, head.end if head is not None else 0, piece.start - 2 * REACH)
        if head is not None and (mark := says.MARK.search(self.text, floor, piece.start)):
            floor = mark.end()  # what follows the figure before in its own clause speaks of that one
        between = self.text[floor : piece.start]
        role = role_of_context(between)
        if role in (None, "debt_total") and (colon := self.text.find(":", sentence, piece.start)) >= 0:
            led = role_of_words(self.text[max(sentence, colon - 30) : colon], allow_other=False)
            role = led if led in ("cleared", "remaining", "disputed") else role  # 尚未化解的有两类:…,金额380万元
        if role == "debt_total" and head is not None and self.text[piece.start - 1] == "(":
            role = None  # 主要集中在园区平台公司(2870万元): of what was told before
        if role is None and head is not None:
            apart = ";" in self.text[head.end : piece.start] and head.role in ("disputed", "undisputed")
            role = head.role if not apart else None
        neutral = lexicon.compiled("<money.role_total_neutral>").search(piece.before) is not None
        if role == "other" and not neutral and says.COUNTED.search(piece.before) is None:
            return role
        if role not in (None, "other"):
            return role
        if neutral and not self.subject.is_near(piece):
            return "other"  # 抽查980个单位,涉及资金1585亿元
        if neutral:
            return "remaining" if self._is_hardship(piece) else "debt_total"
        alone = says.CASES_AND_SUM.fullmatch(piece.before) is not None and self.subject.is_near(piece)
        if says.COUNTED.search(piece.before) and (
            alone or says.CASES.search(self.text, max(sentence, piece.start - 50), piece.start)
        ):
            return "debt_total"  # 省反馈线索32条、5680万元; （一）县交通运输局（5条，2260万元）
        lent = self._of_heading(piece)
        if lent != "other":
            return lent
        return self.said.get(_sum(piece), "debt_total" if self.subject.is_bare_debt(piece) else "other")

    def _is_hardship(self, piece: Piece) -> bool:
        """Whether a section on difficulties counts the sum, after the paper has told what is left."""
        p = self.outline.paragraph_at(piece.start)
        told = any(t.role == "remaining" for t in self.wholes.told)
        return told and any("困难" in h.title or "难点" in h.title for h in (p, *self.outline.path(p)))

    def _of_heading(self, piece: Piece) -> AmountRole:
        """The role of the nearest heading that is about sums (（二）未清偿情况)."""
        p = self.outline.paragraph_at(piece.start)
        for heading in (p, *reversed(self.outline.path(p))):
            title = heading.title
            if title and len(title) <= 16 and says.ABOUT_SUMS.search(title):
                role = role_of_words(title.rstrip("情况进展方面部分明细")) or "other"
                return "other" if role == "debt_total" else role
        return "other"


def _sum(piece: Piece) -> tuple[Decimal, Decimal | None]:
    return piece.value.low, piece.value.high


def _told_by(told: AmountRole | None, name: str, role: AmountRole | None, rule: str) -> tuple[AmountRole | None, str]:
    """What a step says and its name, when it says something else than the steps before it."""
    return (role, rule) if told == role else (told, name)
