"""The ledger lexicons as tables ready for lookup, and the one normal form headers and labels are compared in."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import msgspec

from extractors.ledger.parts import part_label
from extractors.rules.lexicon import load

MONEY, DATE, TEXT, USCC, ENUM, INT, RATIO, BOOL, RANK, TICK = (
    "money",
    "date",
    "text",
    "uscc",
    "enum",
    "int",
    "ratio",
    "bool",
    "rank",
    "tick",
)

_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


class FieldWords(msgspec.Struct, frozen=True):
    """One canonical field as the lexicon describes it."""

    name: str
    kind: str
    label: str
    words: tuple[str, ...]
    under: dict[str, tuple[str, ...]]
    examples: tuple[str, ...]
    counter: tuple[str, ...]


class Lexicon(msgspec.Struct, frozen=True):
    """Lookups over the field lexicon; every key is in normal form.

    `words` leads from a leaf header to the fields it may mean, best first; `under` from (group, leaf); `groups`
    holds (word, group) longest first; `leaves` every text that can stand in a header cell; `patterns` what wordings
    outside the lists most likely mean; `lookalikes` from a wrong character (by code point) to the one it stands for.
    """

    fields: dict[str, FieldWords]
    words: dict[str, tuple[str, ...]]
    order: dict[tuple[str, str], int]
    under: dict[tuple[str, str], str]
    sided: dict[str, tuple[str, str]]
    generic: dict[str, str]
    groups: tuple[tuple[str, str], ...]
    group_of: dict[str, str]
    leaves: frozenset[str]
    patterns: tuple[tuple[re.Pattern[str], str], ...]
    lookalikes: dict[int, str]


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """NFKC, no spaces or invisible characters, lower case: the form cells and labels are compared in."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()


def tidy(text: str) -> str:
    """A cell's text for people: NFKC spaces joined, invisible characters gone, line breaks kept as one space."""
    return re.sub(r"\s+", " ", text.replace("\u200b", "").replace("\ufeff", "").replace("\u00a0", " ")).strip()


@cache
def lexicon() -> Lexicon:
    """The field lexicon, read once. Raises ValueError when a group or sided field is not defined in it."""
    raw = load("ledger_fields")
    groups = {g: [plain(w) for w in ws] for g, ws in raw["groups"].items()}
    fields: dict[str, FieldWords] = {}
    words: dict[str, list[str]] = {}
    order: dict[tuple[str, str], int] = {}
    under: dict[tuple[str, str], str] = {}
    generic: dict[str, str] = {}
    for name, spec in raw["fields"].items():
        field = _field(name, spec)
        fields[name] = field
        for i, word in enumerate(field.words):
            words.setdefault(word, []).append(name)
            order[(word, name)] = i
        for group, leaves in field.under.items():
            if group not in groups:
                raise ValueError(f"ledger_fields.yml: {name} names the unknown group {group}")
            for leaf in leaves:
                under.setdefault((group, leaf), name)
        side = {"debtor_name": "debtor", "creditor_name": "creditor"}.get(name)
        for word in groups[side] if side else ():  # a side by itself is the party
            if name not in words.setdefault(word, []):
                words[word].append(name)
                order[(word, name)] = len(field.words)
        for word in spec.get("generic", ()):
            generic[plain(word)] = name
    sided = {plain(k): (v[0], v[1]) for k, v in raw["sided"].items()}
    for pair in sided.values():
        if not set(pair) <= set(fields):
            raise ValueError(f"ledger_fields.yml: sided leaf names an unknown field in {pair}")
    pairs = sorted(((w, g) for g, ws in groups.items() for w in ws), key=lambda p: (-len(p[0]), p[0]))
    known = set(words) | {leaf for _, leaf in under} | set(sided) | set(generic) | {w for w, _ in pairs}
    return Lexicon(
        fields=fields,
        words={k: tuple(v) for k, v in words.items()},
        order=order,
        under=under,
        sided=sided,
        generic=generic,
        groups=tuple(pairs),
        group_of=dict(pairs),
        leaves=frozenset(known),
        patterns=_patterns(raw["patterns"], fields),
        lookalikes={ord(c): right for right, wrong in raw["lookalikes"].items() for c in wrong},
    )


def _patterns(raw: list[list[str]], fields: dict[str, FieldWords]) -> tuple[tuple[re.Pattern[str], str], ...]:
    unknown = [field for _, field in raw if field not in fields]
    if unknown:
        raise ValueError(f"ledger_fields.yml: patterns name unknown fields {unknown}")
    return tuple((re.compile(pattern), field) for pattern, field in raw)


def _field(name: str, spec: dict[str, Any]) -> FieldWords:
    return FieldWords(
        name=name,
        kind=spec["kind"],
        label=spec["label"],
        words=tuple(plain(w) for w in spec["words"]),
        under={g: tuple(plain(w) for w in ws) for g, ws in spec.get("under", {}).items()},
        examples=tuple(spec.get("examples", ())),
        counter=tuple(spec.get("counter", ())),
    )


@cache
def word_set(*path: str) -> frozenset[str]:
    """The words of one list of `ledger_words.yml` in normal form, e.g. `word_set("totals", "whole")`."""
    node: Any = load("ledger_words")
    for step in path:
        node = node[step]
    return frozenset(plain(w) for w in node)


@cache
def word_lists(name: str) -> dict[str, tuple[str, ...]]:
    """A mapping of lists of `ledger_words.yml` in normal form, longest word first, in the file's own order."""
    return {
        key: tuple(sorted((plain(w) for w in ws), key=len, reverse=True))
        for key, ws in load("ledger_words")[name].items()
    }


@cache
def enum_words(field: str) -> tuple[tuple[str, str], ...]:
    """(word, canonical value) of one enumerated field, longest word first."""
    values = load("ledger_words")["enums"].get(field, {})
    pairs = [(plain(w), str(value)) for value, ws in values.items() for w in ws]
    return tuple(sorted(pairs, key=lambda p: -len(p[0])))


@cache
def unit_factors() -> dict[str, Decimal]:
    """Yuan in one of each money unit, longest unit name first."""
    units = load("ledger_words")["units"]
    return {k: Decimal(v) for k, v in sorted(units.items(), key=lambda kv: -len(kv[0]))}


def label_of(field: str) -> str:
    """The Chinese name of a canonical field for messages; parts of an amount name their whole and themselves."""
    entry = lexicon().fields.get(field)
    if entry is None and field.endswith("_yuan"):
        for whole in (f for f in lexicon().fields.values() if f.kind == MONEY):
            stem = whole.name.removesuffix("yuan")
            part = part_label(field.removeprefix(stem).removesuffix("_yuan")) if field.startswith(stem) else None
            if part is not None:
                return f"{whole.label}（{part}）"
    return entry.label if entry else field


def kind_of(field: str) -> str:
    """The kind of a field; derived fields (`…_works_yuan`, `…_precision`) are known by their suffix."""
    entry = lexicon().fields.get(field)
    if entry:
        return entry.kind
    if field.endswith("_yuan"):
        return MONEY
    return DATE if field.endswith("_date") else TEXT


def is_blank(text: str) -> bool:
    """True for an empty cell and for the marks people put for 'nothing here' (`-`, `/`, `无`)."""
    return plain(text) in word_set("blank")


def is_repeat(text: str) -> bool:
    """True for 同上 and the ditto marks."""
    return plain(text) in word_set("repeat")
