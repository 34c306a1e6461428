"""Groups spelled out: who 各县（市、区） and 各成员单位 are, where the table of regions or the paper's own list says.

A group stays a group; its members stand beside it. What neither the table nor the paper tells (有关部门, 各乡镇) is
left alone: no member is ever invented, and an open list (等部门) stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

import msgspec

from extractors.facts import Assignment
from extractors.resolve.regions import Region, registry
from extractors.resolve.units import plain
from extractors.rules import lexicon

FROM_REGIONS = "expanded_by_regions"
FROM_PAPER = "expanded_by_paper"

_MEMBERS = re.compile(r"[\u4e00-\u9fff]{0,14}?各?成员单位")
_COLLECTIVE = re.compile(r"各|有关|相关|其他")
_GAP = 60  # characters between two members of one list (a name and a post)
_LEAST = 2
_OFFICES = r"(?P<office>人民政府|政府)?"


def expand(assignments: Sequence[Assignment], region: Region | None) -> tuple[Assignment, ...]:
    """The assignments with `expands_to` filled for groups; `region` is the paper's own."""
    members = _members(assignments)
    return tuple(_expanded(a, region, members) for a in assignments)


def _expanded(a: Assignment, region: Region | None, members: tuple[str, ...]) -> Assignment:
    words = plain(a.text)
    if words.endswith("成员单位") and _MEMBERS.fullmatch(words):
        return _with(a, members, FROM_PAPER)
    if region is None or not words.startswith("各"):
        return a
    m = _places(_below(region)).fullmatch(words)
    if m is None:
        return a
    office = m["office"] and "人民政府"
    return _with(a, [f"{r.name}{office or ''}" for r in _children(region)], FROM_REGIONS)


def _with(a: Assignment, names: Iterable[str], how: str) -> Assignment:
    found = tuple(names)
    return msgspec.structs.replace(a, expands_to=found, flags=(*a.flags, how)) if found else a


def _members(assignments: Sequence[Assignment]) -> tuple[str, ...]:
    """Who sits in the paper's own group: its longest list of members, and the lead that stands in that list."""
    listed = sorted((a for a in assignments if a.role in ("member", "lead")), key=lambda a: a.start)
    lists: list[list[Assignment]] = []
    for a in listed:
        if _COLLECTIVE.match(plain(a.text)):
            continue
        if lists and a.start - lists[-1][-1].end <= _GAP and a.rule == lists[-1][-1].rule:
            lists[-1].append(a)
        else:
            lists.append([a])
    longest = max(lists, key=lambda x: sum(a.role == "member" for a in x), default=[])
    if sum(a.role == "member" for a in longest) < _LEAST:
        return ()
    return tuple(dict.fromkeys(a.unit_name or plain(a.text) for a in longest))


def _below(region: Region) -> str:
    """The level of the regions right below: a municipality's are counties like a city's."""
    if region.level == "city":
        return "county"
    if region.level == "province":
        children = _children(region)
        return "county" if children and all(r.level == "county" for r in children) else "city"
    return ""


@cache
def _children(region: Region) -> tuple[Region, ...]:
    return tuple(r for r in registry().children(region) if r.level in ("city", "county"))


@cache
def _places(level: str) -> re.Pattern[str]:
    """各 with any word for the regions of a level, and 人民政府 behind it or not."""
    if not level:
        return re.compile(r"(?!)")
    words = [str(w) for w in lexicon.table("groups", "places")[level]]
    if level == "county":
        heads, inner = lexicon.words("groups", "place_heads"), lexicon.words("groups", "place_inner")
        words += [*heads, *(f"{h}({i})" for h in heads for i in inner)]
    longest = sorted(dict.fromkeys(plain(w) for w in words), key=lambda w: -len(w))
    return re.compile(f"各(?:{'|'.join(map(re.escape, longest))}){_OFFICES}")
