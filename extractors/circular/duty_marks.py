"""What the parts of duty finding share: a mark is a unit with its role, before it becomes an `Assignment`."""

from __future__ import annotations

import re
from itertools import pairwise

import msgspec

from extractors.circular.unit_spans import UnitSpan
from extractors.facts import AssignmentRole
from extractors.rules.lexicon import compiled, words
from extractors.rules.view import View


class Mark(msgspec.Struct, frozen=True, gc=False):
    """One unit (`view.text[start:end]`), its role, the view span of its task, and the rule that said so."""

    start: int
    end: int
    role: AssignmentRole
    rule: str
    task: tuple[int, int] | None = None
    open_list: bool = False


ROLE_LABELS: tuple[tuple[str, AssignmentRole], ...] = (
    ("lead_labels", "lead"),
    ("support_labels", "support"),
    ("responsible_labels", "responsible"),
    ("member_labels", "member"),
    ("supervisor_labels", "supervisor"),
    ("recipient_labels", "recipient"),
)


def label_role(label: str) -> AssignmentRole | None:
    """The role a label stands for (牵头单位, 成员 …); spaces inside do not count. None for any other word."""
    whole = re.sub(r"\s", "", label).strip(":")
    for word in (whole, whole.strip("()")):
        for name, role in ROLE_LABELS:
            if word in words("roles", name):
                return role
    return None


LIST_TAIL = re.compile(
    r"\s?等(?:(?:\d{1,3}|[一二三四五六七八九十两]{1,3})?(?:个|家)?[^,。;:、()\s\d的要负对向在由将按]{0,10}?(?:部门|单位|委办局|地区|机构|成员|地(?![^,。;、]))(?:\((?:单位|部门|机构)\))?"
    r"|[^,。;:、()\s要应须]{1,14}的(?:[省市县区]级|有关|相关)?(?:部门|单位|乡镇|镇街|街道|县区|县市区|企业|地区|地方|大户)"
    r"|[^,。;:、()\s的要]{2,4}大户|(?:\d{1,3}|[一二三四五六七八九十两]{1,3})(?:个|家))?"
    r"|(?:[两三四五六七八九十]|\d{1,2})(?:个?(?:县区|区县|县市|县|区|市|镇|乡|街道|部门|单位)|家(?:公司|单位|企业)?)(?=[要应须将于按共均分负牵每])"
    r"|(?:以及|及|和|、)(?:其他|其它)?(?:各?有关|各?相关)(?:乡镇|镇街|街道|县区|县市区|地方|方面|企业|责任单位)(?![的负人])"
)


_CALLED = re.compile(
    r"\((?:(?:以下|下)(?:统|并|合)?[简称]|详见|见附|名单|具体(?:名单)?见)[^()]{1,24}\)"
)  # A、B(以下简称“各单位”)要…


def after_list(text: str, chain: list[UnitSpan]) -> tuple[int, bool, str]:
    """Where the text after a list of units goes on, whether the list is open (等9个部门), and the words of its tail."""
    end = chain[-1].end
    if text.startswith("(", end) and (named := _CALLED.match(text, end)):
        end = named.end()
    m = LIST_TAIL.match(text, end)
    if m is None:
        return end, False, ""
    counted = m.group()[0].isdigit() or m.group()[0] in "两三四五六七八九十"  # 甲区、乙区两区: all of them
    return m.end(), not counted, m.group()


def squeeze(text: str) -> str:
    """Without any white space."""
    return "".join(text.split())


def pattern(expression: str) -> re.Pattern[str]:
    """A compiled expression with `<roles.list>` placeholders."""
    return compiled(expression)


def source_lines(view: View, start: int, end: int) -> list[tuple[int, int]]:
    """A paragraph of the view cut where the source has line ends: short lines of a table may have been joined."""
    a, b = view.span(start, end)
    cuts = [start]
    at = view.source.find("\n", a, b)
    while at >= 0:
        cut = view.position(at)
        if cuts[-1] < cut < end:
            cuts.append(cut)
        at = view.source.find("\n", at + 1, b)
    cuts.append(end)
    return [(x, y) for x, y in pairwise(cuts) if view.text[x:y].strip()]
