"""The engine: rules are values in tables, a layer runs its table over a text, hits keep their derivation.

A layer looks only at the places its `trigger` finds (digits, 每, 按, 春节 …), tries every rule of its table there
and keeps the longest match; of equals the first in the table wins. A producer may refuse a match by returning None.
Positions are those of the normalised `View`; callers map them back to the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from extractors.rules import lexicon

Producer = Callable[[re.Match[str]], object | None]


@dataclass(frozen=True)
class Rule:
    """One named way of saying something.

    `examples` are (text, the words the rule must find in it); `counter_examples` are texts in which this rule must
    find nothing. Both are run by the tests and listed in the documentation.
    """

    name: str
    layer: str
    pattern: str
    produce: Producer
    examples: tuple[tuple[str, str], ...] = ()
    counter_examples: tuple[str, ...] = ()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern, lexicon placeholders expanded."""
        return lexicon.compiled(self.pattern)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: `text[start:end]` of the view, its value, and the hits it was built from."""

    rule: str
    start: int
    end: int
    value: object
    children: tuple[Hit, ...] = ()


class Spans:
    """A set of disjoint spans that answers whether a position lies inside one."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        merged: list[list[int]] = []
        for a, b in sorted(spans):
            if merged and a <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], b)
            else:
                merged.append([a, b])
        self._starts = [a for a, _ in merged]
        self._ends = [b for _, b in merged]

    def __contains__(self, position: int) -> bool:
        i = bisect_right(self._starts, position) - 1
        return i >= 0 and position < self._ends[i]

    def overlaps(self, start: int, end: int) -> bool:
        """Whether [start, end) shares a position with a span."""
        i = bisect_right(self._starts, end - 1) - 1
        return i >= 0 and start < self._ends[i]


NOTHING = Spans(())


@dataclass(frozen=True)
class Layer:
    """A table of rules with the trigger that says where to try them."""

    name: str
    trigger: str
    rules: Sequence[Rule]
    _regex: list[re.Pattern[str]] = field(default_factory=list, repr=False)
    _tries: list[tuple[int, Rule, Callable[..., re.Match[str] | None]]] = field(default_factory=list, repr=False)

    def scan(self, text: str, masked: Spans = NOTHING, start: int = 0, end: int | None = None) -> list[Hit]:
        """All hits in order, none overlapping another, none touching a masked span."""
        if not self._regex:
            self._regex.append(lexicon.compiled(self.trigger))
        stop = len(text) if end is None else end
        found: list[Hit] = []
        free = start
        for m in self._regex[0].finditer(text, start, stop):
            at = m.start()
            if at < free or at in masked:
                continue
            hit = self.at(text, at, masked, stop)
            if hit is not None:
                found.append(hit)
                free = hit.end
        return found

    def at(self, text: str, position: int, masked: Spans = NOTHING, end: int | None = None) -> Hit | None:
        """The longest accepted match that begins exactly at `position`."""
        stop = len(text) if end is None else end
        if not self._tries:
            self._tries.extend((order, rule, rule.regex.match) for order, rule in enumerate(self.rules))
        matches: list[tuple[int, int, Rule, re.Match[str]]] = []
        for order, rule, match in self._tries:
            m = match(text, position, stop)
            if m is not None and m.end() > position:
                matches.append((-m.end(), order, rule, m))
        if len(matches) > 1:
            matches.sort(key=lambda x: x[:2])
        for _, _, rule, m in matches:
            if masked.overlaps(m.start(), m.end()):
                continue
            value = rule.produce(m)
            if value is not None:
                return Hit(rule.name, m.start(), m.end(), value)
        return None
