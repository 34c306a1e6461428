"""The lexicon of organs (`lexicon/organs.yml`, `groups.yml`) in the form that finding and naming units need."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from extractors.rules.lexicon import load
from extractors.rules.swift import Swift

WordKind = Literal["function", "stem", "body", "national", "open", "place", "group", "local"]
"""A `local` word is an office of a town or a street (财政所); with the suffix `loose` it may be no office at all."""

LEVEL_WORDS = "省市县区州盟旗镇乡"
"""Words of one character that stand for a region of the paper's own line (市 = our city)."""

_DEFAULT_SUFFIXES = ("局", "厅", "委", "委员会", "部门", "主管部门", "行政主管部门", "行政部门", "监管部门", "机关")
_FULL_SUFFIX = {"局": "局", "厅": "厅", "委": "委员会", "委员会": "委员会"}


@dataclass(frozen=True, slots=True)
class Function:
    """A field of work: `full` in an organ's full name; `suffix` an organ's usual last word below a province."""

    full: str
    suffix: str | None
    prefix: str
    known: bool


@dataclass(frozen=True, slots=True)
class Body:
    """An organ with a name of its own. `name` stands after the region; None when it differs from place to place."""

    kind: str
    name: str | None
    city_name: str | None
    province_name: str | None
    before: str


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the lexicon and what it can be; `suffix` is the part of a function word after its stem."""

    text: str
    kind: WordKind
    function: Function | None = None
    body: Body | None = None
    suffix: str = ""
    place: str = ""


@dataclass(frozen=True)
class Organs:
    """All words by their text, with the patterns made from them."""

    words: dict[str, tuple[Word, ...]]
    national: dict[str, str | None]
    free_tails: tuple[str, ...]
    bare_tails: frozenset[str]
    not_organs: frozenset[str]
    not_organs_end: frozenset[str]  # their last characters
    heads: re.Pattern[str]
    breaks: Swift
    places: dict[str, str]
    place_lengths: dict[str, tuple[int, ...]]  # of the words of places by their last character, longest first
    place_ahead: re.Pattern[str]
    modifiers: frozenset[str]
    modifier_lengths: dict[str, tuple[int, ...]]  # by their last character, longest first
    before_last: frozenset[str]  # what any modifier or place before an organ word ends with
    class_modifiers: re.Pattern[str]
    class_tails: frozenset[str]
    closed_tails: frozenset[str]
    stems: dict[str, Function]
    nicknames: dict[str, tuple[str, str]]
    divisions: tuple[str, ...]
    plates: frozenset[str]
    framed_heads: tuple[str, ...]
    each_heads: tuple[str, ...]
    each_breaks: str
    each_verbs: tuple[str, ...]

    def place_before(self, text: str) -> str | None:
        """The words for places that a text ends with (各县（市、区）), the longest reading; None if there are none."""
        best = 0
        for n in self.place_lengths.get(text[-1:], ()):
            if n <= len(text) and text[-n:] in self.places:
                rest = text[:-n]
                known = rest.endswith(_BEFORE_PLACES)
                lead = next(len(w) for w in _BEFORE_PLACES if rest.endswith(w)) if known else 0
                best = max(best, n + lead)
        return text[-best:] if best else None

    def modifiers_before(self, text: str) -> str:
        """The longest run of modifiers that a text ends with (县政府各有关); empty if there is none."""
        reached, low = [len(text)], len(text)
        for at in reached:
            for n in self.modifier_lengths.get(text[at - 1 : at], ()):
                if n <= at and at - n not in reached and text[at - n : at] in self.modifiers:
                    reached.append(at - n)
                    low = min(low, at - n)
        return text[low:]

    def of_kind(self, text: str, kind: WordKind) -> Word | None:
        """The entry of that word and kind, None if there is none."""
        return next((w for w in self.words.get(text, ()) if w.kind == kind), None)

    def named_body(self, tail: str) -> Word | None:
        """The entry of a complete organ word (财政局, 清欠办): function, then body."""
        return self.of_kind(tail, "body") or self.of_kind(tail, "function")


def _functions(raw: list[dict[str, Any]]) -> list[tuple[Function, tuple[str, ...], tuple[str, ...]]]:
    out = []
    for line in raw:
        function = Function(line["full"], line.get("suffix"), line.get("prefix", ""), line.get("known", True))
        stems = tuple(dict.fromkeys([*line["short"], line["full"]]))
        out.append((function, stems, tuple(line.get("only") or _DEFAULT_SUFFIXES)))
    return out


def _bracketed(heads: list[str], inner: list[str]) -> list[str]:
    """辖市(区), 区县(自治县) …: every head with every bracket behind it."""
    return [f"{head}({part})" for head in heads for part in inner] + heads


def _paired(parts: list[str]) -> list[str]:
    """牵头和配合(单位), 责任(配合)(单位): every two of the words that say a part, joined or one in brackets."""
    pairs = [(a, b) for a in parts for b in parts if a != b]
    return [joined for a, b in pairs for joined in (f"{a}和{b}", f"{a}、{b}", f"{a}及{b}", f"{a}({b})")]


def _lengths_by_last(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    out: dict[str, set[int]] = {}
    for word in words:
        out.setdefault(word[-1], set()).add(len(word))
    return {last: tuple(sorted(lengths, reverse=True)) for last, lengths in out.items()}


def _alternation(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w))) + ")"


@cache
def organs() -> Organs:
    """The lexicon, read and indexed once."""
    raw, groups = load("organs"), load("groups")
    words: dict[str, list[Word]] = {}
    stems: dict[str, Function] = {}

    def add(word: Word) -> None:
        entries = words.setdefault(word.text, [])
        if not any(w.kind == word.kind for w in entries):
            entries.append(word)

    for line in raw["bodies"]:
        body = Body(
            line["kind"], line.get("name"), line.get("city_name"), line.get("province_name"), line.get("before", "")
        )
        for text in line["short"]:
            add(Word(text, "body", body=body))
    for text in raw["departments"]:
        add(Word(text, "body", body=Body("department", None, None, None, "")))
    for function, names, suffixes in _functions(raw["functions"]):
        for stem in names:
            stems.setdefault(stem, function)
            add(Word(stem, "stem", function=function))
            for suffix in suffixes:
                add(Word(stem + suffix, "function", function=function, suffix=suffix))
    for text in raw["national"]:
        add(Word(text, "national"))
    for text in raw["open_tails"]:
        add(Word(text, "open"))
    places: dict[str, str] = {}
    for level, names in groups["places"].items():
        for text in names:
            places[text] = level
            add(Word(text, "place", place=level))
    for text in groups["group_tails"] + groups["closed_tails"]:
        add(Word(text, "group"))
    local = raw["local"]
    for text in (*local["names"], *(f + end for f in local["fields"] for end in local["firm"])):
        if all(w.kind in ("place", "group", "stem") for w in words.get(text, ())):
            add(Word(text, "local"))
    for text in (f + end for f in local["fields"] for end in local["loose"]):
        if text not in words:
            add(Word(text, "local", suffix="loose"))

    for text in _bracketed(groups["place_heads"], groups["place_inner"]):
        if text not in places:
            places[text] = "county"
            add(Word(text, "place", place="county"))
    for text in _bracketed(groups["town_heads"], groups["town_inner"]):
        if text not in places:
            places[text] = "township"
            add(Word(text, "place", place="township"))
    whole = [f"全{level}{each}" for level in "省市县区州旗镇" for each in ("各", "各级", "各级各", "各有关", "各相关")]
    modifiers = [*groups["modifiers"], *whole, *_paired(groups["paired_modifiers"])]
    place = _alternation(list(places))
    return Organs(
        words={k: tuple(v) for k, v in words.items()},
        national=dict(raw["national"]),
        free_tails=tuple(raw["free_tails"]),
        bare_tails=frozenset(raw["bare_tails"]),
        not_organs=frozenset(raw["not_organs"]),
        not_organs_end=frozenset(w[-1] for w in raw["not_organs"]),
        heads=re.compile(_alternation(raw["heads"])),
        breaks=Swift(re.compile(_alternation(raw["breaks"]) + _COORDINATES)),
        places=places,
        place_lengths=_lengths_by_last(places),
        place_ahead=re.compile(rf"(?:有关|相关)?{place}"),
        before_last=frozenset(w[-1] for w in [*modifiers, *places]),
        modifiers=frozenset(modifiers),
        modifier_lengths=_lengths_by_last(modifiers),
        class_modifiers=re.compile(_alternation(groups["class_modifiers"])),
        class_tails=frozenset(groups["class_tails"]),
        closed_tails=frozenset(groups["closed_tails"]),
        stems=stems,
        nicknames={k: (v[0], v[1]) for k, v in raw["nicknames"].items()},
        framed_heads=tuple(raw["framed_heads"]),
        divisions=tuple(raw["divisions"]),
        plates=frozenset(raw["plates"]),
        each_heads=tuple(groups["each_heads"]),
        each_breaks=groups["each_breaks"],
        each_verbs=tuple(groups["each_verbs"]),
    )


# 协调 is a deed unless a body is named for it (协调小组, 协调办).
_COORDINATES = "|协调(?!小组|领导|机制|议事|会|组|办|中心|处|科|服务|工作|联席|委)"
# What may stand in front of a word for places, longest first.
_BEFORE_PLACES = (
    "各有关", "各相关", "各参建", "各涉及", "各试点", "各责任", "所辖各", "下辖各", "全市各", "全省各", "全县各",
    "所辖", "下辖", "有关", "相关", "属地", "所在地", "所在", "各",
)  # fmt: skip


def full_suffix(suffix: str) -> str | None:
    """委 → 委员会; None for words like 部门 that leave the suffix to the level."""
    return _FULL_SUFFIX.get(suffix)
