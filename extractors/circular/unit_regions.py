"""Names of regions right before an organ's words, and places whose names are also everyday words."""

from __future__ import annotations

from functools import cache

from extractors.resolve.regions import registry

BEFORE_SHORT = frozenset(" \n\t,。;:、()》”由请是对和与及")
"""What may stand right before a name of two characters that is also an everyday word (和县)."""


def inside_place(text: str, i: int) -> bool:
    """Whether `text[i]` stands inside the name of a place (应县, 从江县, 大同市)."""
    places, inside = _full_names()
    if text[i] not in inside:
        return False
    return any(text[a : a + n] in places for a in range(max(i - 2, 0), i + 1) for n in range(max(2, i - a + 1), 6))


@cache
def _full_names() -> tuple[frozenset[str], frozenset[str]]:
    """Names of regions up to five characters, and all their characters."""
    names = frozenset(r.name for r in registry().all() if len(r.name) < 6)
    return names, frozenset("".join(names))


def regions_before(text: str, end: int) -> tuple[int, bool]:
    """Where a run of region names that ends at `end` begins, and whether there is one."""
    at, found = end, False
    while True:
        length = _region_ending(text, at)
        if not length:
            return at, found
        at -= length
        found = True


def _region_ending(text: str, end: int) -> int:
    if end < 2:
        return 0
    names, lengths = _names()
    for length in lengths.get(text[end - 2 : end], ()):
        if (
            length <= end
            and text[end - length : end] in names
            and not _runs_in(text, end - length)
            and (length != 3 or place_stands(text, end - length, end))
        ):
            return length
    return 0


def _runs_in(text: str, start: int) -> bool:
    """责成县城市管理局, 贵局和县工信局: the first character belongs to the words before and begins no 成县, 和县."""
    if text.startswith("和县", start):
        return start > 0 and text[start - 1] not in BEFORE_SHORT and text[start - 1] not in "省市"
    return text[start] == "成" and text[start - 1 : start] in ("责", "组", "形", "完", "建", "构", "达", "促")


def place_stands(text: str, start: int, end: int) -> bool:
    """Whether a place's name that is also everyday words (和县, 会同县) stands as a name: nothing runs into it."""
    if text[start:end] == "会同县":  # ,会同县财政局: with the county's bureau, unless a line begins with it
        return start == 0 or text[start - 1] in "\n省市、"
    if end - start > 2:
        return True
    return start == 0 or text[start - 1] in BEFORE_SHORT


@cache
def _names() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """Names of regions, and their lengths by their last two characters, longest first."""
    names = frozenset(r.name for r in registry().all()) | frozenset(registry().short_places())
    lengths: dict[str, set[int]] = {}
    for name in names:
        lengths.setdefault(name[-2:], set()).add(len(name))
    return names, {tail: tuple(sorted(found, reverse=True)) for tail, found in lengths.items()}
