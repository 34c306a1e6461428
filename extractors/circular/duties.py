"""Duties: which unit plays which part in which task, and which units a deadline binds.

Three places name them: labelled tables and lines (牵头单位：…), a bracket that closes a task (（A牵头，B按职责分工
负责）), and the sentences themselves. Within one task the bracket outranks the sentence: a subject that the bracket
names again, or a collective that it spells out (各有关部门), is not reported twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from extractors.circular.duty_brackets import Bracket, first_leads_from, read_bracket, top_brackets, with_first_lead
from extractors.circular.duty_links import Link, Links
from extractors.circular.duty_marks import Mark, after_list, squeeze
from extractors.circular.duty_sentences import Clause, Reader, marks_of
from extractors.circular.duty_tables import grid_marks, label_marks, member_lines, task_of_heading
from extractors.circular.unit_places import find_actors, joined_places
from extractors.circular.unit_spans import UnitSpan, between, find_units
from extractors.facts import Assignment, Deadline, Metadata
from extractors.resolve.aliases import alias_places
from extractors.resolve.issuer import issuer_region
from extractors.resolve.organs import organs
from extractors.resolve.regions import registry
from extractors.rules.engine import Spans
from extractors.rules.segment import Outline, Paragraph
from extractors.rules.swift import Swift
from extractors.rules.view import View

_NARRATIVE = ("汇报", "答复", "报告", "总结", "简报", "信息", "回复", "说明")
_PUT_RIGHT = re.compile(r"(?:整改|办理|落实|自查)(?:工作)?(?:进展)?(?:情况|结果)的?(?:公告|公示|通告|函|复函|告知书)$")
_TASK_LIMIT = 80
_HEADING = 20  # characters of a heading that names its section
_COLLECTIVE = re.compile(r"(?:各|有关|相关|其他|各级|各有关|各相关)*(?:部门|单位|成员单位|责任单位|方面)")
_BODIES = frozenset(w for w in organs().bare_tails if "办公室" not in w)
_PROSE = re.compile(r"[。;,:]")
# ▲下一步工作 市专班将…: a heading parted from its text by a blank only.
_RUN_ON = re.compile(
    r"(?<=[。;])\s?(?:\d{1,2}[.、]|\(\d{1,2}\)|\([一二三四五六七八九十]{1,3}\)|[①-⑳])(?=[\u4e00-\u9fff])"
)
_BULLET_HEAD = re.compile(r"[▲△●◆■★☆※◎]\s?[^\s,。;:]{2,30}\s(?=[\u4e00-\u9fff])")
_DASHED = re.compile(r"\n(?:—{1,2}|[●•·▪◆-])\s?[\u4e00-\u9fff]")
_CAPTION = Swift(re.compile(r"^(?:附表|附件|附|表)\s?[\d一二三四五六七八九十]{0,2}\s?:|\((?:金额)?单位:"))
"""The line over a table: whose figures it holds, not who must act."""
_TOLD_HEADING = re.compile(r"成效|进展|情况$|问题$|不足$|经验|做法$|亮点|成绩")
_ORDER_HEADING = re.compile(r"要求|措施|打算|下一?步|安排|任务|整改|建议|报送|建立|落实|解决|加强|关于")
_NEXT = re.compile(r"下一?步|打算|今后|后续")
_VAGUE = re.compile(r"(?:各)?(?:有关|相关|成员|责任)(?:单位|部门|方面)")


class Duties:
    """Everything found about duties in one document; `find_assignments` and `link_deadlines` are its two faces."""

    def __init__(self, view: View, outline: Outline, metadata: Metadata) -> None:
        self.view, self.outline, self.metadata = view, outline, metadata
        aliases = tuple(dict.fromkeys(name for name, _ in alias_places(view.text)))
        named = list(find_units(view.text, aliases))
        actors = find_actors(view.text, named)
        joined = joined_places(view.text, named, actors)
        self.units = tuple(sorted([*named, *joined], key=lambda u: u.start))
        members = {u.start for u in joined}
        self.by_paragraph = self._by_paragraph(self.units)
        self.actors = self._by_paragraph(u for u in actors if u.start not in members)
        self.clauses: list[Clause] = []
        self.brackets: list[tuple[Bracket, int]] = []  # with the paragraph whose task it closes
        self.labelled: list[tuple[Bracket, int]] = []  # the same for labels (责任单位：…)
        self.named: dict[int, list[str]] = {}  # by paragraph, the units its bracket names
        self.marks = self._find()
        self.links = Links(view, outline, metadata, self.units, self.clauses, [*self.brackets, *self.labelled])

    def _by_paragraph(self, units: Iterable[UnitSpan]) -> dict[int, list[UnitSpan]]:
        out: dict[int, list[UnitSpan]] = {}
        for u in units:
            out.setdefault(self.outline.paragraph_at(u.start).index, []).append(u)
        return out

    def _find(self) -> list[Mark]:
        marks, covered = member_lines(self.outline, self.by_paragraph)
        more, rows = grid_marks(self.outline, self.by_paragraph)
        marks += more
        covered += rows
        first_leads = first_leads_from(self.view.text)
        more, labelled = label_marks(self.outline, self.by_paragraph, covered, first_leads)
        marks += more
        covered += labelled
        for m in more:
            p = self.outline.paragraph_at(m.start)
            bracket = Bracket(m.start, m.end, (m,))
            self.labelled.append((bracket, p.index))
            if p.index and not self.outline.clauses(p.start, m.start)[1:]:
                self.labelled.append((bracket, p.index - 1))  # 责任单位：… on a line under its task
        # What tables and labels left over, by paragraph.
        said = Spans(covered)
        rest = {i: [u for u in units if u.start not in said] for i, units in self.by_paragraph.items()}
        bracketed: list[tuple[int, int]] = []
        for i, units in rest.items():
            if units:
                bracketed += self._read_brackets(self.outline.paragraphs[i], units)
        if first_leads is not None:
            self.brackets = [(with_first_lead(b) if b.start > first_leads else b, i) for b, i in self.brackets]
        for bracket, index in self.brackets:
            marks += bracket.marks
            # 各市政府配合 in the bracket does not answer for 各市政府要 … in the sentence.
            leading = [m for m in bracket.marks if m.role in ("lead", "responsible")]
            self.named.setdefault(index, []).extend(squeeze(self.view.text[m.start : m.end]) for m in leading)
        said = Spans(bracketed)
        issuer = self.metadata.issuer
        enterprise = issuer is not None and issuer.value.endswith(("公司", "集团"))
        doc_type = self.metadata.doc_type
        bulletin = doc_type is not None and "通报" in doc_type.value
        letter = doc_type is not None and doc_type.value.endswith("函")
        reader = Reader(self.view.text, self._own_level(), self._is_narrative(), enterprise, bulletin, letter)
        for i in sorted(rest.keys() | self.actors.keys()):
            p = self.outline.paragraphs[i]
            left = [u for u in rest.get(i, ()) if u.start not in said]
            actors = [u for u in self.actors.get(i, ()) if u.start not in said]
            left = sorted([*left, *actors], key=lambda u: u.start) if actors else left
            if left and self._is_prose(p):
                marks += self._read_prose(p, reader, left)
        return sorted(marks, key=lambda m: (m.start, m.end))

    def _is_prose(self, p: Paragraph) -> bool:
        """Titles, addressees, signatures and labelled lines are no sentences."""
        if p.kind in ("salutation", "date", "label", "trailer"):
            return False
        words = self.view.text[p.start : p.end]
        if _CAPTION.stands_in(words) and not words.endswith(("。", ";")):
            return False
        if p.kind == "heading":
            # 一、市财政局牵头建立机制，…。 is a sentence on a line of its own, （一）市财政局 names who follows.
            return words.endswith(("。", ";")) or "," in words or self._is_party(p)
        title = self.metadata.title
        if title is not None and squeeze(words) == squeeze(title.value):
            return False
        if _PROSE.search(words) is not None or p.level > 0 or len(words) > 45:
            return True
        # 服务办 alone on its line, ——牵头负责… below it.
        return _DASHED.match(self.view.text, p.end) is not None and self._is_party(p)

    def _is_party(self, p: Paragraph) -> bool:
        """Whether a heading is nothing but a list of units."""
        units = self.by_paragraph.get(p.index, [])
        if not units:
            return False
        end, _, _ = after_list(self.view.text, units)
        return units[0].start <= p.start + len(p.marker) and end >= p.end - 1

    def _read_brackets(self, p: Paragraph, units: list[UnitSpan]) -> list[tuple[int, int]]:
        """Brackets that close a sentence of the paragraph (or stand alone under it); returns their spans."""
        text = self.view.text
        covered: list[tuple[int, int]] = []
        home = p
        if p.kind in ("label", "salutation", "date"):
            return covered
        if p.kind == "trailer" and p.parent is not None:
            home = self.outline.paragraphs[p.parent]
        elif p.kind == "trailer" and p.index:
            home = self.outline.paragraphs[p.index - 1]
        for start, end in top_brackets(text, p.start, p.end):
            after = text[end : end + 1]
            # In the middle of a sentence only what stands behind a full stop can be a task's bracket.
            behind_stop = start > p.start and text[start - 1] in "。;"
            if end < p.end and after not in "。;" and not behind_stop:
                continue
            task = task_of_heading(self.outline, home) or self._sentence_before(start, p.start)
            bracket = read_bracket(text, start, end, units, task)
            if bracket is not None:
                self.brackets.append((bracket, home.index))
                covered.append((start, end))
        return covered

    def _sentence_before(self, at: int, floor: int) -> tuple[int, int] | None:
        if at <= floor:
            return None
        a, b = self.outline.sentence_at(at - 1)
        a = max(a, floor)
        return (a, min(b, at)) if a < min(b, at) else None

    def _read_prose(self, p: Paragraph, reader: Reader, units: list[UnitSpan]) -> list[Mark]:
        named = self.named.get(p.index)
        body = p.start + len(p.marker) if p.level else p.start
        if headed := _BULLET_HEAD.match(self.view.text, body, p.end):
            body = headed.end()
        out: list[Mark] = []
        named_units = [u for u in units if u.kind not in ("place", "author")]
        addressed = reader.addressed(body, p.end, named_units)
        if addressed is not None:
            self.clauses.append(addressed)
            # 一、领导小组: the heading over its members.
            heads = p.kind == "heading" or self.view.text.startswith("。", addressed.units[-1].end)
            named_only = heads and all(self.view.text[u.start : u.end] in _BODIES for u in addressed.units)
            out += [] if named_only else marks_of(addressed, (addressed.end, p.end) if addressed.end < p.end else None)
            units = [u for u in units if u.start >= addressed.end]
        for item in _RUN_ON.finditer(self.view.text, body, p.end):  # 1.甲局:…;2.乙局:… in one paragraph
            ahead = reader.addressed(item.end(), p.end, named_units)
            if ahead is None or not all(u in units for u in ahead.units):
                continue
            self.clauses.append(ahead)
            out += marks_of(ahead, (ahead.end, p.end) if ahead.end < p.end else None)
            units = [u for u in units if u not in ahead.units]
        told, ordered = self._section(p)
        for a, b in self.outline.sentences(p.start, p.end):
            inside = between(units, a, b)
            if not inside:
                continue
            clauses = reader.sentence(a, b, body, inside, told_section=told, ordered_section=ordered)
            self.clauses += clauses
            for c in clauses:
                task = self._task(c, b)
                for mark in marks_of(c, task):
                    if not (self._said_by_bracket(mark, named) or self._points_back(mark) or self._is_bare(mark)):
                        out.append(mark)
        return out

    def _section(self, p: Paragraph) -> tuple[bool, bool]:
        """Whether the nearest heading announces how things went (主要成效, 存在问题), or what comes next (下步打算)."""
        at: Paragraph | None = p
        while at is not None:
            if at.title and len(at.title) <= _HEADING and "," not in at.title:
                ordered = _ORDER_HEADING.search(at.title) is not None
                told, comes = _TOLD_HEADING.search(at.title) is not None, _NEXT.search(at.title) is not None
                if ordered or told or comes:
                    return told and not ordered, comes
            at = self.outline.paragraphs[at.parent] if at.parent is not None else None
        return False, False

    def _said_by_bracket(self, mark: Mark, named: list[str] | None) -> bool:
        """Whether the task's bracket already gives this unit its part, or spells out a vague collective."""
        if named is None or mark.role not in ("responsible", "supervisor"):
            return False
        words = squeeze(self.view.text[mark.start : mark.end])
        if _VAGUE.fullmatch(words):
            return True
        return any(_same_party(words, other) for other in named)

    def _is_bare(self, mark: Mark) -> bool:
        """专班每月召开例会: binds the deadline, but names nobody; who the 专班 is stands elsewhere."""
        return mark.role == "responsible" and self.view.text[mark.start : mark.end] in _BODIES

    def _points_back(self, mark: Mark) -> bool:
        """以上各部门 names nobody anew."""
        return self.view.text.startswith(("以上", "上述", "前述"), mark.start)

    def _task(self, clause: Clause, sentence_end: int) -> tuple[int, int] | None:
        """The words after a subject up to the end of its item; for others the clause they stand in."""
        if clause.subject or clause.rule == "duty.told_to":
            end = min(self.outline.item_at(clause.end)[1], sentence_end) if clause.end < sentence_end else clause.end
            return (clause.end, end) if end > clause.end else None
        a, b = self.outline.clause_at(clause.units[0].start)
        return a, b

    def _own_level(self) -> str | None:
        """省, 市 or 县: the level of the paper's own region, None if that is not known."""
        code, issuer, title = self.metadata.region_code, self.metadata.issuer, self.metadata.title
        region = registry().get(code.value) if code is not None else None
        if region is None and (issuer is not None or title is not None):
            region = issuer_region(
                issuer.value if issuer is not None else None, title.value if title is not None else None, self.view.text
            )
        if region is None and issuer is not None:
            # 省人民政府办公厅: the level is said, the region is not.
            return {"省": "省", "市": "市", "县": "县", "区": "县", "旗": "县", "州": "市", "盟": "市"}.get(
                issuer.value[:1]
            )
        if region is None:
            return None
        if region.level == "county" and region.name.endswith("市"):
            return "市"  # a city of the county's level calls its own organs 市
        return {"province": "省", "city": "市", "county": "县"}[region.level]

    def _is_narrative(self) -> bool:
        doc_type, title = self.metadata.doc_type, self.metadata.title
        if title is not None and _PUT_RIGHT.search(title.value):
            return True  # 关于…整改情况的公告 tells what was done, whatever its kind
        return doc_type is not None and any(w in doc_type.value for w in _NARRATIVE)

    def assignments(self) -> tuple[Assignment, ...]:
        """One entry per unit, role and task."""
        seen: set[tuple[int, int, str]] = set()
        out: list[Assignment] = []
        for m in self.marks:
            start, end = self.view.span(m.start, m.end)
            if (start, end, m.role) in seen:
                continue
            seen.add((start, end, m.role))
            out.append(
                Assignment(
                    text=self.view.source[start:end],
                    start=start,
                    end=end,
                    rule=m.rule,
                    role=m.role,
                    task=self._task_words(m),
                    open_list=m.open_list,
                )
            )
        return tuple(out)

    def _task_words(self, mark: Mark) -> str | None:
        if mark.task is None:
            return None
        start, end = mark.task
        while start < end and self.view.text[start] in " ,。;:、\t\n":
            start += 1
        while end > start and self.view.text[end - 1] in " ,。;:、\t\n":
            end -= 1
        if start >= end:
            return None
        words = self.view.raw(start, end)
        words = re.sub(r"\s*\n\s*", "", words) if "\n" in words else words
        return words if len(words) <= _TASK_LIMIT else words[: _TASK_LIMIT - 1] + "…"

    def link(self, deadline: Deadline, times: Sequence[tuple[int, int]]) -> Link:
        """Who a deadline binds, what they must do, and to whom they report; `times` are all deadlines' view spans."""
        return self.links.of(deadline, times)


def _same_party(words: str, other: str) -> bool:
    """Whether two names mean one party: 各县市区 and 各县市区人民政府, 有关部门 and 相关部门."""
    if words == other:
        return True
    a, b = (re.sub(r"人民政府$|政府$|有关|相关|各", "", w) for w in (words, other))
    return (len(a) >= 2 and a == b) or (len(words) >= 3 and other.startswith(words) and "成员单位" in other)


_memo: dict[int, tuple[View, Duties]] = {}


def _duties(view: View, outline: Outline, metadata: Metadata) -> Duties:
    """The duties of a view; the last one is kept, since both entry points ask for it in turn."""
    kept = _memo.get(0)
    if kept is not None and kept[0] is view and kept[1].metadata is metadata:
        return kept[1]
    duties = Duties(view, outline, metadata)
    _memo[0] = (view, duties)
    return duties


def find_assignments(view: View, segments: Outline, metadata: Metadata) -> tuple[Assignment, ...]:
    """Every unit with its part, in the order of the text; names are not yet resolved."""
    return _duties(view, segments, metadata).assignments()


def link_deadlines(
    view: View, segments: Outline, deadlines: Iterable[Deadline], assignments: Iterable[Assignment], metadata: Metadata
) -> tuple[Deadline, ...]:
    """The deadlines with `action`, `responsible` and `recipient` filled where the text gives them."""
    duties = _duties(view, segments, metadata)
    found = sorted(deadlines, key=lambda d: (d.start, d.end))
    times = [(view.position(d.start), view.position(d.end - 1) + 1) for d in found]
    out: list[Deadline] = []
    for d in found:
        link = duties.link(d, times)
        out.append(
            msgspec.structs.replace(
                d,
                action=d.action or link.action,
                responsible=d.responsible or link.responsible,
                recipient=d.recipient or link.recipient,
                flags=(*d.flags, "responsible_is_issuer") if link.by_issuer and not d.responsible else d.flags,
            )
        )
    return tuple(out)
