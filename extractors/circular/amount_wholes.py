"""The sum that the figures of a sentence divide (剩余2740万元，其中市直360万元), and what its parts take over."""

from __future__ import annotations

import msgspec

from extractors.circular import amount_constructions as says
from extractors.circular.amount_arithmetic import Told, are_whole
from extractors.circular.amount_pieces import REACH, Piece
from extractors.circular.amount_words import last_end, role_of_context, role_of_words
from extractors.facts import AmountRole
from extractors.rules import lexicon
from extractors.rules.money_value import Money
from extractors.rules.segment import Outline


class Head(msgspec.Struct, frozen=True, gc=False):
    """The figure before this one: its role, the start of its sentence, its end."""

    role: AmountRole
    sentence: int
    end: int


class Wholes:
    """Follows the figures of one paper; `divide` is asked before each figure is read, `tell` once it was."""

    def __init__(self, outline: Outline, found: list[Piece]) -> None:
        self.outline = outline
        self.text = outline.view.text
        self.found = found
        self.role: AmountRole | None = None  # of the sum that is divided
        self.told: list[Told] = []  # the figures read so far
        self._divided: Told | None = None  # the sum itself, where it was told, and its parts so far
        self._parts: list[Money] = []
        self._bracketed = False  # it is divided in a bracket behind it
        self._last_end = -1

    def tell(self, piece: Piece, role: AmountRole) -> None:
        """Notes what a figure was read as."""
        self.told.append(Told(piece.value, role, piece.start))
        self._parts.append(piece.value)
        self._last_end = piece.end

    def divide(self, number: int, head: Head | None) -> None:
        """Notes the role of the sum this figure is a part of (其中, a bracket behind the sum), or that it is none."""
        piece = self.found[number]
        if self._divided is not None and are_whole(self._divided.value, self._parts):
            self.role = self._divided = None  # 已清偿6175万元,其中…3890万元、…2285万元;有分歧1060万元
        if head is None:
            self.role, self._divided, self._bracketed = None, None, False
            sentence = self.outline.sentence_at(piece.start)[0]
            if says.TOPIC.search(self.text, sentence, min(piece.start, sentence + REACH)):
                self.role = "remaining"
            if self._last_end >= 0 and says.OF_WHICH.fullmatch(self.text, self._last_end, piece.start):
                self._begin(number)  # 剩余2740万元。其中,市直360万元
            return
        gap = self.text[head.end : piece.start]
        if says.DIVIDES.search(gap) or gap.startswith(("中,", "中:", "的中,")):
            self._begin(number)
        elif gap.startswith("(") and ")" not in gap and not gap.startswith("(含"):
            self.role, self._divided, self._bracketed = head.role, None, True
        elif self._bracketed and ")" in gap:
            self.role, self._bracketed = None, False

    def _begin(self, number: int) -> None:
        """Notes the sum that the figures from `number` on divide."""
        self._divided, self._parts = self._whole_of(number), []
        self.role = self._divided.role if self._divided is not None else None

    def _whole_of(self, number: int) -> Told | None:
        """The sum that the figures from `number` on divide: the one they add up to, else the last one that is no
        smaller than its part; None where there is none."""
        piece = self.found[number]
        before = self.told[-says.PARTS :]
        end = self.outline.sentence_at(piece.start)[1]
        stop = self.text.find(";", piece.start, end)
        for limit in (stop, end):  # a list up to its semicolon first
            parts = [p.value for p in self.found[number : number + 2 * says.PARTS] if p.start < limit]
            for count in range(len(parts), 1, -1):
                if whole := next((t for t in reversed(before) if are_whole(t.value, parts[:count])), None):
                    return whole
        for t in reversed(before):
            if t.value.low >= piece.value.low:
                return t
        return None

    def of_part(self, number: int, role: AmountRole | None, basis: str, sentence: int) -> AmountRole | None:
        """The role after a sum summed up (形成的应付款项，合计11亿元) or divided by 其中."""
        piece = self.found[number]
        if basis == "amount.after" and lexicon.compiled("<money.role_total_neutral>$").search(piece.before):
            told = role_of_context(self.text[max(sentence, piece.start - 2 * REACH) : piece.start])
            role = told if told not in (None, "other") else role
        if self.role is None:
            return role
        if self.role == "remaining" and role == "cleared" and basis == "amount.after":
            return role if says.DONE.search(piece.after) else "remaining"  # 剩余2.6亿元,其中1.1亿元由企业处置资产解决
        if role is None:
            return self.role
        if role == "debt_total" and self.role != "other" and last_end("role_total_strong", piece.before) < 0:
            return role if self._is_divided_itself(number) else self.role
        if self.role in ("cleared", "remaining") and role == "other":
            source = last_end("fund_sources", piece.before)
            return self.role if 0 <= source == last_end("role_other", piece.before) else role
        if self.role == "cleared" and role in ("undisputed", "disputed"):
            return "cleared"
        return role

    def _is_divided_itself(self, number: int) -> bool:
        """Whether the next figure tells what became of this one: 机关欠款7.9亿元、已清偿5.8亿元."""
        if number + 1 >= len(self.found):
            return False
        piece, after = self.found[number], self.found[number + 1]
        gap = self.text[piece.end : after.start]
        return says.OF_THIS.match(gap) is not None and role_of_words(after.before) in ("cleared", "remaining")
