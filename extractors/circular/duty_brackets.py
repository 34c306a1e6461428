"""Responsibility in a trailing bracket or behind a label: （市清欠办牵头，市财政局、市国资委按职责分工负责）.

Inside such a bracket every item of the list is a unit, known to the lexicon or not, because its place says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from msgspec import structs

from extractors.circular.duty_marks import LIST_TAIL, Mark, label_role, pattern
from extractors.circular.unit_spans import UnitSpan, between
from extractors.facts import AssignmentRole
from extractors.resolve.organs import organs

_LABEL = pattern(
    r"(?P<label><roles.lead_labels>|<roles.support_labels>|<roles.responsible_labels>|<roles.member_labels>|<roles.supervisor_labels>)\s?[::]\s?"
)
# 责任单位：A、B，排在首位的为牵头单位，下同: a remark about the lists, no unit.
_FIRST_LEADS = re.compile(
    r"[排列位](?:名|序)?(?:在|列|于)?(?:第一[位个]?|首位|最前面?|在?前列)的?(?:单位|部门|者)?(?:为|是|作为)(?:牵头|主办)(?:单位|部门)?"
)
_LIKEWISE = re.compile(r"[,、]?(?:以)?下同")
_END_LABEL = pattern(r"<roles.ending_labels>\s?[::]")
_PHRASE = pattern(
    r"(?:(?:按|依)(?:照)?(?:各自)?职[责能](?:分工)?|根据[^,;()]{0,6}分工|分别|共同|具体|(?P<partner>会同|联合|协同(?!配合)|商)|要?密切|积极|全力)*"
    r"(?:(?P<word><roles.lead>|<roles.support>|<roles.supervisor>|<roles.responsible>)(?!人|同志|领导))?"
)
# 出席：李某（市财政局）: the person's unit is the member.
_SEATED = re.compile(r"[\u4e00-\u9fff·]{2,4}\(")
_ADDRESS = re.compile(r"\d{2,4}(?:室|房间|房)(?=[,、;。)]|$)")
_OWN_GOVERNMENT = re.compile(r"[省市县区州旗](?:人民)?政府")
# A牵头，B配合，12月底前完成: the limit of the task, no unit.
_TIME_ITEM = re.compile(
    r"(?:(?:完成|办理|工作|整改)?(?:时限|时间|期限)\s?[:为]?\s?)?(?:(?:20\d\d|今|本|明)?年?(?:\d{1,2}|[一二三四五六七八九十]{1,3})月|(?:20\d\d|今|本|明)?年(?:底|末|内|上半年|下半年)|每[月季周年]|长期|持续|立即|按[月季周])"
    r"[^,;()]{0,14}"
)
# 出席人员：县财政局孙某某、青石镇赵某: the people behind their units.
_NAME = re.compile(r"[\u4e00-\u9fff]{2,3}(?=[、,;。\s]|$)")
_TOWN_NAME = re.compile(r"(?P<town>[\u4e00-\u9fff]{2,3}(?:镇|乡|街道))[\u4e00-\u9fff]{2,3}")
_SPLIT = re.compile(r"[、,;。]|和|与|及(?!其)|以及")
_UNIT_LIKE = re.compile(r"[\u4e00-\u9fff()·A-Za-z]{2,30}")
_ROLE_WORDS: tuple[tuple[str, AssignmentRole], ...] = (
    ("牵头", "lead"), ("主办", "lead"), ("总负责", "lead"),
    ("配合", "support"), ("协", "support"), ("参", "support"), ("支持", "support"), ("会办", "support"),
    ("督", "supervisor"), ("考核", "supervisor"), ("审计", "supervisor"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bracket:
    """A responsibility bracket or labelled line: its span, the units it names and where its task stands."""

    start: int
    end: int
    marks: tuple[Mark, ...]


def first_leads_from(text: str) -> int | None:
    """From where on the first unit of every list leads (排在首位的为牵头单位，下同); None if that is not said."""
    m = _FIRST_LEADS.search(text)
    return m.start() if m is not None and _LIKEWISE.match(text, m.end()) else None


def with_first_lead(bracket: Bracket) -> Bracket:
    """The list with its first unit leading the others, where it gave all of them one part."""
    marks = bracket.marks
    if len(marks) < 2 or any(m.role != "responsible" for m in marks):
        return bracket
    return Bracket(bracket.start, bracket.end, (structs.replace(marks[0], role="lead"), *marks[1:]))


def role_of_word(word: str) -> AssignmentRole:
    """The role a phrase stands for; anything not listed is responsible."""
    for start, role in _ROLE_WORDS:
        if start in word:
            return role
    return "responsible"


_AND = re.compile(r"和|与|及|以及")
_EITHER = re.compile(r"[()]")


def top_brackets(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The outermost (…) in `text[start:end]`, brackets included; unclosed ones are left out."""
    out: list[tuple[int, int]] = []
    depth, opened = 0, start
    for m in _EITHER.finditer(text, start, end):
        if m.group() == "(":
            if depth == 0:
                opened = m.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                out.append((opened, m.end()))
    return out


def read_bracket(
    text: str, start: int, end: int, units: list[UnitSpan], task: tuple[int, int] | None
) -> Bracket | None:
    """The marks of a bracket `text[start:end]` that ends a sentence; None if it says nothing about responsibility.

    Without any role word it counts only when it holds nothing but units.
    """
    if _ADDRESS.search(text, start + 1, end - 1):
        return None  # （区科工局402室）: where to send it
    marks = _read(text, start + 1, end - 1, units, task, None)
    return _ordered(text, Bracket(start, end, tuple(marks))) if marks else None


def _ordered(text: str, bracket: Bracket) -> Bracket:
    """The list as its own remark about the order wants it."""
    said = _FIRST_LEADS.search(text, bracket.start, bracket.end)
    return with_first_lead(bracket) if said is not None else bracket


def read_labels(text: str, start: int, end: int, units: list[UnitSpan], task: tuple[int, int] | None) -> list[Bracket]:
    """Runs of `责任单位：A、B；配合单位：C` in `text[start:end]`; a run ends with a full stop or the next label."""
    out: list[Bracket] = []
    places = list(_LABEL.finditer(text, start, end))
    for i, m in enumerate(places):
        before = text[m.start() - 1] if m.start() > start else ""
        if before not in _BEFORE_LABEL and not any(u.end == m.start() for u in units):
            continue  # a label may also stand right behind the last name of the line above
        stop = places[i + 1].start() if i + 1 < len(places) else end
        stop = _closing(text, m.end(), stop)
        if ending := _END_LABEL.search(text, m.end(), stop):
            stop = ending.start()
        role = label_role(m.group("label"))
        if role is None:
            continue
        marks = _read(text, m.end(), stop, units, task, role)
        if marks:
            out.append(_ordered(text, Bracket(m.start(), stop, tuple(marks))))
    return out


_BEFORE_LABEL = frozenset(["", *" \t,;。(【[|\n"])


def read_cell(
    text: str, start: int, end: int, units: list[UnitSpan], task: tuple[int, int] | None, role: AssignmentRole
) -> list[Mark]:
    """The marks of a table's cell whose column says the role: every item of its list is a unit, known or not."""
    found = _read(text, start, end, units, task, role)
    return [Mark(m.start, m.end, m.role, "duty.table_column", m.task, m.open_list) for m in found]


def _closing(text: str, start: int, end: int) -> int:
    """Where a labelled list ends: a full stop, a line end, or the bracket around it."""
    depth = 0
    for i in range(start, end):
        c = text[i]
        if c in "。\n":
            return i
        if c == "(":
            depth += 1
        elif c == ")":
            if not depth:
                return i
            depth -= 1
    return end


def _read(
    text: str, start: int, end: int, units: list[UnitSpan], task: tuple[int, int] | None, role: AssignmentRole | None
) -> list[Mark]:
    """Marks of a list of units with role phrases behind (A、B牵头，C配合) or one role given for all (`role`)."""
    marks: list[Mark] = []
    waiting: list[tuple[int, int]] = []
    said = role is not None
    pending: AssignmentRole | None = None
    at = start
    label = None if said else _LABEL.match(text, at, end)
    if label:
        return [m for b in read_labels(text, start, end, units, task) for m in b.marks]
    inside = {u.start: u for u in between(units, start, end)}
    is_open = False
    while at < end:
        c = text[at]
        if c in "、,;。 \t:由":
            at += 1
            continue
        if not waiting or text[at - 1] not in "、":
            m = _PHRASE.match(text, at, end)
            if m and m.group() and m.end() > at:
                word = m.group("word")
                if word or (m.group("partner") is None and m.end() >= end):
                    found = pending or role_of_word(word or "负责")
                    marks += [Mark(a, b, found, "duty.bracket", task, is_open) for a, b in waiting]
                    waiting, said, is_open, pending = [], True, False, None
                    at = _next_part(text, m.end(), end)
                    continue
                if m.group("partner"):
                    # A会同B负责: A does it, B helps.
                    marks += [Mark(a, b, "responsible", "duty.bracket", task, is_open) for a, b in waiting]
                    waiting, said, pending = [], True, "support"
                    at = m.end()
                    continue
        if remark := (_FIRST_LEADS.match(text, at, end) or _LIKEWISE.match(text, at, end)):
            at = remark.end()
            continue
        if not waiting and (timed := _TIME_ITEM.match(text, at, end)):
            at = timed.end()
            continue
        if tail := LIST_TAIL.match(text, at, end):
            is_open = True
            at = tail.end()
            continue
        if c == "等":
            is_open = True
            at += 1
            continue
        if m2 := _AND.match(text, at, end):
            at = m2.end()
            continue
        unit = inside.get(at)
        if unit is not None:
            waiting.append((unit.start, unit.end))
            at = unit.end
            if role == "member" and (named := _NAME.match(text, at, end)):
                at = named.end()  # 县财政局孙某某、县教育局滕某
            continue
        if (
            (m3 := _SEATED.match(text, at, end))
            and (seated := inside.get(m3.end()))
            and text[seated.end : seated.end + 1] == ")"
        ):
            if not _OWN_GOVERNMENT.fullmatch(text, seated.start, seated.end):  # there to lead, not to do
                waiting.append((seated.start, seated.end))
            at = seated.end + 1
            continue
        item = _loose_item(text, at, end)
        if role == "member" and item is not None and (town := _TOWN_NAME.fullmatch(text, at, item)):
            waiting.append((at, town.end("town")))
            at = item
            continue
        if role == "member" and item is not None and item - at <= 4 and not text.endswith(_ORGAN_LAST, at, item):
            at = item  # 出席:何某、刘某: people without their units
            continue
        if item is None:
            if role is None:
                return []
            break
        waiting.append((at, item))
        at = item
    if waiting:
        known = all(a in inside or text[a:b] in organs().places for a, b in waiting)
        if role is None and not said and not known:
            return []
        rest = pending or role or "responsible"
        marks += [Mark(a, b, rest, "duty.bracket", task, is_open) for a, b in waiting]
    if role is None and not any(m.start in inside for m in marks):
        return []
    return marks


_ORGAN_LAST = tuple("局委办厅院所站部镇乡处科室社行会队区县市心司团道")


def _next_part(text: str, at: int, end: int) -> int:
    """Behind a role word: the next list, which begins after a mark (（A牵头制定，B配合）: 制定 is no unit)."""
    if at >= end or text[at] in "、,;。 ":
        return at
    m = _PART_END.search(text, at, end)
    return m.end() if m else end


_PART_END = re.compile(r"[,;。]")
_LOOSE_END = pattern(
    r"[、,;。\s]|等|牵头|主办|负责|配合|协办|协助|协同|参与|参加|落实|承办|按职责|按照|分别|分工|共同|会同|(?<=[局委办厅会院行司门位府心组])(?:和|与|及)"
)


def _loose_item(text: str, at: int, end: int) -> int | None:
    """The end of a list item that the lexicon does not know; None if it does not look like a unit's name."""
    m = _LOOSE_END.search(text, at, end)
    stop = m.start() if m else end
    word = text[at:stop]
    if not _UNIT_LIKE.fullmatch(word) or word.count("(") != word.count(")"):
        return None
    return stop
