"""Units that no organ's word names: places that answer as a whole (唐县要…), the addressee (你市), the author (我局).

They count only where the sentence makes them act: a place before 要 or after 由, the author after 报送. What else a
paper says of a place (唐县清偿率52.4%) is no duty, so these spans are kept apart from `unit_spans.find_units` and
looked at only by the reader of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from extractors.circular.unit_regions import place_stands
from extractors.circular.unit_spans import SEPARATOR, UnitSpan
from extractors.resolve.regions import registry

_ADDRESSEE = re.compile(
    r"(?:你|贵)(?:省|市|县|区|州|旗|局|委|办|厅|单位|公司|集团|院|校|镇|乡|街道|管委会|政府)(?![长域直属内级])"
    r"(?:[^\W\d_的在对将于按要应须尽及和与、]{2,8}?(?:中心|[科股室处站](?![理置罚分点位技学目])))?"
)
_AUTHOR = re.compile(
    r"我(?:局|委|办|厅|中心|公司|单位|院|部|会|处|专班|组|校|集团)(?![长门]|[\u4e00-\u9fff]{2,8}[局处科室])"
)
_COUNTED = re.compile(
    r"(?:[两三四五六七八九十]|上述|以上|相关|有关)(?:县区|县市|区县|县|市|区|地|州)(?:人民政府|政府|政府部门)"
)
_TEAMS = re.compile(r"各(?:[\u4e00-\u9fff]{2,4})组(?![织成长建])")
# A town that no table holds, where it acts: 土门镇、大靖镇负责.
_TOWNS = re.compile(
    r"(?<![\u4e00-\u9fff])(?![各全本我该乡市县区])[\u4e00-\u9fff]{2,3}(?<![前后内中])(?:镇|乡|街道|社区)(?=[、和及等是]|要|应|须|负责|牵头|配合|于|按|会同|组织[开实召]|\d)"
)
# 由街道托底保障: the lowest level, without a name.
_LOWEST = re.compile(r"(?<=由)(?:所在|属地)?(?:街道|乡镇|镇街|街镇|街乡|社区|村社)(?![干办党的级社民政公自区]|工作)")
_LAST = re.compile("[市县区州盟旗]")


def find_actors(text: str, units: Iterable[UnitSpan]) -> list[UnitSpan]:
    """Spans of addressee, author, counted governments and places, none overlapping a span of `units`, in order."""
    taken = sorted((u.start, u.end) for u in units)
    found = [UnitSpan(m.start(), m.end(), m.end(), "addressee") for m in _ADDRESSEE.finditer(text)]
    found += [UnitSpan(m.start(), m.end(), m.end(), "author") for m in _AUTHOR.finditer(text)]
    found += [UnitSpan(m.start(), m.end(), m.end(), "group") for m in _COUNTED.finditer(text)]
    found += [UnitSpan(m.start(), m.end(), m.end(), "group") for m in _TEAMS.finditer(text)]
    found += [UnitSpan(m.start(), m.end(), m.end(), "place") for m in _TOWNS.finditer(text)]
    found += [UnitSpan(m.start(), m.end(), m.end(), "place") for m in _LOWEST.finditer(text)]
    found += [UnitSpan(a, b, b, "place") for a, b in places(text) if place_stands(text, a, b)]
    return _apart(sorted(found, key=lambda u: (u.start, -u.end)), taken)


def _apart(found: list[UnitSpan], taken: list[tuple[int, int]]) -> list[UnitSpan]:
    out: list[UnitSpan] = []
    i, free = 0, 0
    for u in found:
        while i < len(taken) and taken[i][1] <= u.start:
            i += 1
        if u.start >= free and (i >= len(taken) or taken[i][0] >= u.end):
            out.append(u)
            free = u.end
    return out


def joined_places(text: str, units: list[UnitSpan], actors: list[UnitSpan]) -> list[UnitSpan]:
    """Places in one list with an organ (唐县、阜平县、涞源县人民政府): they are members as good as it."""
    starts = {u.start for u in units if u.kind == "organ"}
    out: list[UnitSpan] = []
    for u in reversed(actors):
        gap = SEPARATOR.match(text, u.end)
        if u.kind == "place" and gap is not None and gap.end() in starts:
            starts.add(u.start)
            out.append(UnitSpan(u.start, u.end, u.end, "organ"))
    return out[::-1]


def places(text: str) -> list[tuple[int, int]]:
    """Where names of cities, counties and districts stand: of overlapping ones the first, and of those the longest."""
    names, lengths = _places()
    found: list[tuple[int, int]] = []
    for m in _LAST.finditer(text):
        end = m.end()
        for n in lengths.get(text[end - 2 : end], ()):
            if n <= end and text[end - n : end] in names:
                found.append((end - n, end))
    out: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda x: (x[0], -x[1])):
        if not out or start >= out[-1][1]:
            out.append((start, end))
    return out


@cache
def _places() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The names, and their lengths by their last two characters."""
    names = frozenset(r.name for r in registry().all() if r.level != "province" and _LAST.match(r.name[-1]))
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[-2:], set()).add(len(name))
    return names, {tail: tuple(sorted(found)) for tail, found in lengths.items()}
