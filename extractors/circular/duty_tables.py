"""Tables of members: kept as a grid, or flattened to lines whose label stands only on the first of a block.

组长单位：凌某 县工信局 局长
副组长单位：周某 县财政局 副局长
陈某 县审计局 副局长          <- a member of the block above
"""

from __future__ import annotations

import re

from extractors.circular.duty_brackets import read_cell, read_labels, with_first_lead
from extractors.circular.duty_marks import LIST_TAIL, Mark, label_role, pattern, source_lines
from extractors.circular.unit_spans import UnitSpan, between
from extractors.facts import AssignmentRole
from extractors.rules.engine import Spans
from extractors.rules.segment import Outline, Paragraph
from extractors.rules.swift import Swift

_SPACED = "(?:{})(?:单位)?".format(
    "|".join(
        r"\s{0,4}".join(word)  # 副 召 集 人
        for word in (
            "组长", "副组长", "成员", "组员", "召集人", "总召集人", "副召集人", "总指挥", "副总指挥", "指挥长",
            "副指挥长", "常务副组长", "第一组长", "第一召集人", "常务副总指挥", "常务副指挥长", "第一副组长",
        )
    )
)  # fmt: skip
# 其他成员单位:按照…: a group that is told something, no label.
_LINE_LABEL = re.compile(rf"(?<!其他)(?<!其它)(?<!有关)(?<!相关)(?<!各)(?P<label>{_SPACED})\s?[::]\s?")
_PERSON_LINE = re.compile(
    r"^[\u4e00-\u9fff](?:\s?[\u4e00-\u9fff·]){1,5}\s?[ \t]|[局院部行司处科股组任长员记事席师][ \t]*$"
    r"|(?:局|厅|委|办|院|中心|公司|部|会|政府|支行|分局|大队|支队)\s?$"
)
_POSITION = re.compile(
    r"\s?(?:党组|党委|党工委|常务|专职|一级|二级|三级|四级|主要|分管|有关|相关|负责|总|副|局|厅"
    r"|处|科|股|室|院|行|部|站|队|所|主任|书记|经理|董事|组|执行|经济|班子|政治|审判|调研|工会|总工|纪检|综合|财务|办公室|企业|行政|法规"
    r"|人事|投资|镇|乡|县|市|区|省)[^\n,。;]{0,16}?"
    r"(?:长|任|记|员|理|席|事|师|人|志|导)|\s?副?(?:主任|书记|经理|总裁|主席|总监)|\s?$|\s?(?=[\n\t、])"
)
_GOVERNMENT = re.compile(
    r"(?<![乡镇])(?<![乡镇]人民)政府$|(?:党委|党工委|人大工委)$|^(?:中共)?[\u4e00-\u9fff]{0,8}[省市县区州旗盟]委$|人大$|政协$"
)
_SECOND_POST = re.compile(r"[\u4e00-\u9fff]{0,8}、")
_SEAT = re.compile(
    r"\s?[\u4e00-\u9fff](?:\s?[\u4e00-\u9fff·]){1,3}\s(?P<unit>[\u4e00-\u9fff()]{2,16}?"
    r"(?:局|(?<!常)委|办|中心|集团|公司|院|所|站|总队|支队|银行|学校|镇|乡|街道|区|县))"
    r"\s?(?:党委|党组|党工委)?(?:委员|成员|书记)?、?(?:常务)?[副总]?"
    r"(?:局长|主任|总裁|总经理|经理|董事长|院长|所长|站长|队长|行长|校长|镇长|乡长|区长|县长|书记|总工程师|总监)\s?$"
)
_HEADER = Swift(
    pattern(
        r"(?P<label><roles.lead_labels>|<roles.support_labels>|<roles.responsible_labels>|<roles.member_labels>|<roles.supervisor_labels>)"
    )
)


def member_lines(outline: Outline, units: dict[int, list[UnitSpan]]) -> tuple[list[Mark], list[tuple[int, int]]]:
    """Marks from labelled lines of names, and the spans they cover. `units` are spans by paragraph index."""
    view = outline.view
    text = view.text
    marks: list[Mark] = []
    covered: list[tuple[int, int]] = []
    role: AssignmentRole | None = None
    for p in outline.paragraphs:
        if role is None and _LINE_LABEL.search(text, p.start, p.end) is None:
            continue
        inside = units.get(p.index, [])
        for start, end in source_lines(view, p.start, p.end) if p.end > p.start else []:
            labels = list(_LINE_LABEL.finditer(text, start, end))
            if labels and labels[0].start() - start <= 8:
                covered.append((start, end))
                for i, m in enumerate(labels):
                    stop = labels[i + 1].start() if i + 1 < len(labels) else end
                    role = label_role(re.sub(r"\s", "", m.group("label")).replace("第一", ""))
                    if role is not None:
                        marks += _members(text, m.end(), stop, inside, role)
            elif role is not None and _goes_on(text, start, end, p, inside):
                covered.append((start, end))
                marks += _members(text, start, end, inside, role)
            else:
                role = None
    return marks, covered


def _goes_on(text: str, start: int, end: int, p: Paragraph, units: list[UnitSpan]) -> bool:
    """Whether a line without label is one more member of the block above."""
    line = text[start:end].strip()
    if p.level or p.kind in ("heading", "label", "salutation", "date") or len(line) > 60:
        return False
    if re.search(r"[。;:,]", line):
        return False
    return bool(between(units, start, end)) or _PERSON_LINE.search(line) is not None


def _members(text: str, start: int, end: int, units: list[UnitSpan], role: AssignmentRole) -> list[Mark]:
    """The units of one label's text: a plain list, or after each name the unit before a post."""
    inside = between(units, start, end)
    out: list[Mark] = []
    if not inside:
        # 陆某 青桥水务集团副总经理, 周某 白鹤镇副镇长: no lexicon names the unit, its place before a post does.
        seated = _SEAT.match(text, start, end) if role == "member" else None
        return [Mark(*seated.span("unit"), role, "duty.member_table", None, False)] if seated is not None else out
    last_end = led = -1
    for u in inside:
        words = text[u.start : u.end]
        if led >= 0 and not u.prefix and _SECOND_POST.fullmatch(text, led, u.start):
            continue  # 镇党委委员、武装部部长: one leader's two posts
        if _GOVERNMENT.search(words) and (u.person or words.endswith(("党委", "工委"))):
            led = u.end
            continue  # 县政府副县长: a leader, not a unit with a task
        gap = text[last_end : u.start] if last_end >= 0 else ""
        # 县审计局 经济联席会议办公室主任: the second is part of the post, unless a name or a mark parts them.
        if (
            last_end >= 0
            and re.fullmatch(r"\s?(?:党组成员|党组书记|副局长|局长|主任)?(?:、|兼)?\s?", gap)
            and "、" not in gap
        ):
            continue
        if not _POSITION.match(text, u.end) and text[u.end : u.end + 1] not in (
            "",
            "、",
            "\n",
            "\t",
            ",",
            ";",
            "。",
            "等",
            "(",
        ):
            continue
        tail = LIST_TAIL.match(text, u.end)
        stop = u.end - 2 if words.endswith("党组") and len(words) > 4 else u.end  # 区水务局党组书记
        out.append(Mark(u.start, stop, role, "duty.member_table", None, tail is not None))
        last_end = u.end
    return out


def grid_marks(outline: Outline, units: dict[int, list[UnitSpan]]) -> tuple[list[Mark], list[tuple[int, int]]]:
    """Marks from the rows of tables with columns like 牵头单位, 责任单位, 配合单位; cells stand apart by tabs."""
    text = outline.view.text
    marks: list[Mark] = []
    covered: list[tuple[int, int]] = []
    columns: dict[int, AssignmentRole] = {}
    task_column: int | None = None
    for p in outline.paragraphs:
        line = text[p.start : p.end]
        if "\t" not in line:
            if p.kind != "table":
                columns = {}
            continue
        cells = _cells(line, p.start)
        heads = {i: label_role(text[a:b]) for i, (a, b) in enumerate(cells)}
        named: dict[int, AssignmentRole] = {i: role for i, role in heads.items() if role not in (None, "recipient")}
        if named and not any(u.kind == "organ" for u in units.get(p.index, [])):
            columns = named
            task_column = next(
                (
                    i
                    for i, (a, b) in enumerate(cells)
                    if re.search(r"任务|事项|内容|措施|工作", text[a:b]) and i not in named
                ),
                None,
            )
            covered.append((p.start, p.end))
            continue
        if not columns:
            continue
        covered.append((p.start, p.end))
        task = cells[task_column] if task_column is not None and task_column < len(cells) else None
        for i, role in columns.items():
            if i >= len(cells):
                continue
            marks += read_cell(text, *cells[i], units.get(p.index, []), task, role)
    return marks, covered


def _cells(line: str, start: int) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    at = start
    for part in line.split("\t"):
        out.append((at, at + len(part)))
        at += len(part) + 1
    return out


def label_marks(
    outline: Outline, units: dict[int, list[UnitSpan]], taken: list[tuple[int, int]], first_leads: int | None = None
) -> tuple[list[Mark], list[tuple[int, int]]]:
    """Marks of `责任单位：…` runs outside the spans already `taken`, and the spans they cover.

    From `first_leads` on the first unit of each list leads.
    """
    marks: list[Mark] = []
    covered: list[tuple[int, int]] = []
    done = Spans(taken)
    for p in outline.paragraphs:
        if p.kind in ("salutation", "date") or p.start in done:
            continue
        if not _HEADER.stands_in(outline.view.text, p.start, p.end):
            continue
        task = task_of_heading(outline, p)
        for b in read_labels(outline.view.text, p.start, p.end, units.get(p.index, []), task):
            if first_leads is not None and b.start > first_leads:
                b = with_first_lead(b)
            marks += b.marks
            covered.append((b.start, b.end))
    return marks, covered


def task_of_heading(outline: Outline, p: Paragraph) -> tuple[int, int] | None:
    """The span of the heading a paragraph's responsibility belongs to: its own run-in title, else the one above."""
    at: Paragraph | None = p
    while at is not None:
        if at.title:
            found = outline.view.text.find(at.title, at.start, at.end)
            if found >= 0:
                return found, found + len(at.title)
        at = outline.paragraphs[at.parent] if at.parent is not None else None
    return None
