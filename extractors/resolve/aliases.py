"""Names a document gives to bodies itself: （以下简称市清欠办）, and nicknames whose long form it prints elsewhere."""

from __future__ import annotations

import re
from functools import cache

from extractors.resolve.organs import LEVEL_WORDS, organs
from extractors.resolve.regions import Region, registry

_ALIAS = re.compile(r"\((?:以下|下)?[统简]称:?[“\"'‘]?([^()“”\"'‘’、,。;\n]{2,14})[”\"'’]?\)")
_UNIT_END = re.compile(r"(?:办|组|班|会议|中心|局|委|委员会|公司|部|办公室|法院|银行|站|院|区|集团)$")
_BOUNDARY = re.compile(r"[,。;:!?、《》()“”\"\s]")
_STOP = re.compile(r"^.*(?:由|在|的|为|了|对|将|把|向|与|经)(?!外)")
_LONG = 45


def alias_places(text: str) -> tuple[tuple[str, int], ...]:
    """Short names of bodies defined in a normalised text, each with the position of its bracket."""
    return tuple((m.group(1), m.start()) for m in _ALIAS.finditer(text) if _UNIT_END.search(m.group(1)))


def definitions(text: str) -> dict[str, str]:
    """Short name -> the words right before its bracket, back to a mark or a verb; left out where there are none."""
    out: dict[str, str] = {}
    for name, at in alias_places(text):
        before = text[max(0, at - _LONG) : at]
        cut = 0
        for m in _BOUNDARY.finditer(before):
            cut = m.end()
        for m in organs().breaks.finditer(before, cut):
            if m.end() < len(before):
                cut = m.end()
        words = before[cut:]
        words = _STOP.sub("", words)
        if len(words) > len(name) - 1 and _UNIT_END.search(words):
            out.setdefault(name, words)
    return out


def nickname_sources(text: str, region: Region | None) -> dict[str, str]:
    """市清欠办 -> the one office of that level whose long name the text prints; nothing where it prints two."""
    out: dict[str, str] = {}
    if region is None:
        return out
    for level in LEVEL_WORDS:
        place = registry().level_in(region, level)
        if place is None or (place.level == "province" and level in "市区县"):
            continue
        behind = _ends_of(text, place.name)
        for nick, tail in _tails() if behind else ():
            found = {m.group() for at in behind if (m := tail.match(text, at))}
            whole = {place.name + words for words in found if words.count("(") == words.count(")")}
            if len(whole) == 1:
                out[level + nick] = whole.pop()
    return out


def _ends_of(text: str, name: str) -> list[int]:
    """The positions right behind each mention of a name."""
    out: list[int] = []
    at = text.find(name)
    while at >= 0:
        out.append(at + len(name))
        at = text.find(name, at + len(name))
    return out


@cache
def _tails() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each nickname with the pattern of its long form behind the place's name."""
    words = r"[\u4e00-\u9fff()]"
    return tuple(
        (nick, re.compile(rf"{words}{{0,8}}{key}{words}{{0,24}}?{last}"))
        for nick, (key, last) in organs().nicknames.items()
    )
