"""Who a deadline binds: the subject of its item, sentence or paragraph, its task's bracket, else the addressees.

5月底前完成梳理排查 (no subject)       -> bracket of the task, subject of the paragraph or phase, addressees
各县（市、区）于6月13日前报送市清欠办   -> 各县（市、区）, recipient 市清欠办
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from extractors.circular.deeds import deed
from extractors.circular.duty_brackets import Bracket
from extractors.circular.duty_marks import pattern
from extractors.circular.duty_sentences import Clause
from extractors.circular.unit_spans import UnitSpan
from extractors.facts import Deadline, Metadata
from extractors.rules.segment import Outline, Paragraph
from extractors.rules.view import View

_OBLIGATIONS = ("due", "recurring", "period", "effective")
_REPORT = pattern(r"(?<![通汇申举预推日月])<roles.report_to>$")
_APPROVAL = pattern(r"<roles.approval_after>")
_SUBJECT_ROLES = ("responsible", "lead", "support")


# 请未清零单位于…前报送, 由债务单位于…前付清: parties no lexicon names, told by 请, 由 in front and 单位 at the end.
_LOOSE = re.compile(
    r"(?:请|由|督促|责成|要求)(?P<subject>[^,。;:()由请、\d]{1,12}?(?:单位|企业|部门|主体|地区|公司|机构))"
    r"(?=[于在应要须将与按尽对,一]|会同|\d|务必|必须|立即|每|全部|限期|付|清|偿|支|报|提交|制定|$)"
)


class Link(msgspec.Struct, frozen=True, gc=False):
    """What a deadline is about: the deed in the text's words, who must do it, to whom it goes.

    `by_issuer` says that no unit is named and the issuer speaks of itself: it then stands as responsible.
    """

    action: str | None = None
    responsible: tuple[str, ...] = ()
    recipient: str | None = None
    by_issuer: bool = False


class Links:
    """Answers for one document; positions are those of its view."""

    def __init__(
        self, view: View, outline: Outline, metadata: Metadata, units: tuple[UnitSpan, ...], clauses: list[Clause],
        brackets: list[tuple[Bracket, int]],
    ) -> None:  # fmt: skip
        self.view, self.outline, self.metadata = view, outline, metadata
        ordered = sorted(clauses, key=lambda c: c.units[0].start)
        acting = [c for c in ordered if c.role in _SUBJECT_ROLES and c.rule not in ("duty.seat", "duty.partner")]
        self.subjects = _Sorted(acting)
        self.recipients = _Sorted([c for c in ordered if c.role == "recipient"])
        self.units, self._unit_starts = units, [u.start for u in units]
        self.brackets: dict[int, list[Bracket]] = {}
        for bracket, index in brackets:
            self.brackets.setdefault(index, []).append(bracket)

    def of(self, deadline: Deadline, times: Sequence[tuple[int, int]] = ()) -> Link:
        """The link of one deadline, empty for kinds that are no obligation. `times`: where all deadlines stand."""
        if deadline.kind not in _OBLIGATIONS or deadline.subtype in ("past_period", "scope", "doc_date"):
            return Link()
        at = self.view.position(deadline.start)
        stop = max(self.view.position(deadline.end - 1) + 1, at + 1)
        named = deadline.rule in ("cadence.noun", "cadence.daily_noun", "cadence.one_each")
        action = self.view.raw(at, stop) if named else self._action(at, stop, times)
        responsible = self._responsible(at, stop, period=deadline.kind == "period")
        if not responsible and self.metadata.issuer is not None:
            # A report or a reply to a person: what it promises without a subject, its author does (我市…, 逐月上报).
            return Link(action, (self.metadata.issuer.value,), self._recipient(at, stop), by_issuer=True)
        return Link(action, responsible, self._recipient(at, stop))

    def _action(self, at: int, stop: int, times: Sequence[tuple[int, int]]) -> str | None:
        """The deed as a person would say it."""
        start, end = self.outline.item_at(at)
        subjects = [c for c in self.subjects.between(start, end) if c.subject or c.rule == "duty.told_to"]
        if not subjects and (loose := self._loose(at, stop)) is not None:
            return deed(self.outline, at, stop, loose, times)
        near = [c for c in subjects if c.end <= at] or [c for c in subjects if c.units[0].start >= stop]
        span = (near[-1].units[0].start, near[-1].end) if near and near[-1].end <= at else None
        if near and span is None:
            span = (near[0].units[0].start, near[0].end)
        return deed(self.outline, at, stop, span, times)

    def _words(self, units: tuple[UnitSpan, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.view.raw(u.start, u.name_end) for u in units))

    def _loose(self, at: int, stop: int) -> tuple[int, int] | None:
        """The party that 请 or 由 names in the deadline's item, before it or right behind it."""
        text = self.view.text
        start, end = self.outline.item_at(at)
        found = list(_LOOSE.finditer(text, max(start, at - 60), at))
        m = found[-1] if found else _LOOSE.match(text, stop, min(end, stop + 40))
        return m.span("subject") if m is not None else None

    def _phase_end(self, paragraph: Paragraph) -> int:
        """Where the words of a phase end: its own paragraph, or the one below when it is no more than a heading."""
        below = paragraph.index + 1
        short = paragraph.kind == "heading" and below < len(self.outline.paragraphs)
        return self.outline.paragraphs[below].end if short else paragraph.end

    def _responsible(self, at: int, stop: int, *, period: bool = False) -> tuple[str, ...]:
        paragraph = self.outline.paragraph_at(at)
        for a, b in (self.outline.item_at(at), self.outline.sentence_at(at)):
            before = self.subjects.between(a, at)
            if before and self._points_back(before[-1]):
                break
            if before:
                return self._words(_leading(before).units)
            after = [c for c in self.subjects.between(stop, b) if c.subject]
            if after:
                return self._words(after[0].units)
        if (loose := self._loose(at, stop)) is not None:
            return (self.view.raw(*loose),)
        if period:  # 第一阶段:排查摸底(5月25日至6月10日)。各县区…全面排查: who acts in it
            within = [c for c in self.subjects.between(stop, self._phase_end(paragraph)) if c.subject]
            if within:
                return self._words(within[0].units)
        before = [c for c in self.subjects.between(paragraph.start, at) if c.subject]
        if before:
            return self._nearby(before)
        for bracket in self.brackets.get(paragraph.index, ()):
            lead = [m for m in bracket.marks if m.role in ("lead", "responsible")]
            if lead:
                return tuple(dict.fromkeys(self.view.raw(m.start, m.end) for m in lead))
        return tuple(r.value for r in self.metadata.recipients if not _is_person(r.value))

    def _nearby(self, before: list[Clause]) -> tuple[str, ...]:
        """The subject of the sentence before; all of them when the deadline's sentence sums up (以上各…)."""
        if self._points_back(before[-1]):
            found = [u for c in before if not self._points_back(c) for u in c.units]
            return tuple(dict.fromkeys(self.view.raw(u.start, u.name_end) for u in found))
        return self._words(before[-1].units)

    def _points_back(self, clause: Clause) -> bool:
        return self.view.text.startswith(("以上", "上述", "前述"), clause.units[0].start)

    def _recipient(self, at: int, stop: int) -> str | None:
        """The unit after 报, 报送, 反馈 … in the deadline's item, its nameplate and seat left out."""
        start, end = self.outline.item_at(at)
        for c in self.recipients.between(start, end):
            return "、".join(self._words(c.units))
        for i in range(bisect_left(self._unit_starts, stop), len(self.units)):
            u = self.units[i]
            if u.start >= end:
                break
            lead = self.view.text[max(start, u.start - 4) : u.start]
            if not u.person and _REPORT.search(lead) and not _APPROVAL.match(self.view.text, u.end):
                return self.view.raw(u.start, u.name_end)
        return None


def _leading(clauses: list[Clause]) -> Clause:
    """The clause that binds: of A牵头，B配合 the one that leads, else the nearest."""
    nearest = clauses[-1]
    if nearest.role != "support":
        return nearest
    return next((c for c in reversed(clauses) if c.role in ("lead", "responsible")), nearest)


class _Sorted:
    """Clauses in the order of the text, asked for by range."""

    def __init__(self, clauses: list[Clause]) -> None:
        self._clauses = clauses
        self._starts = [c.units[0].start for c in clauses]

    def between(self, start: int, end: int) -> list[Clause]:
        """Those whose first unit begins in [start, end)."""
        return self._clauses[bisect_left(self._starts, start) : bisect_left(self._starts, end)]


def _is_person(words: str) -> bool:
    return words.endswith(("代表", "委员", "同志", "先生", "女士"))
