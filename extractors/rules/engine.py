"""The engine: rules are values in tables, a layer runs its table over a text, hits keep their derivation.

A layer looks only at the places its `trigger` finds (digits, 每, 按, 春节 …), tries every rule of its table there
and keeps the longest match; of equals the first in the table wins. A producer may refuse a match by returning None.
Positions are those of the normalised `View`; callers map them back to the document.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from extractors.rules import lexicon
from extractors.rules.swift import Swift

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


class Hit(msgspec.Struct, frozen=True, gc=False):
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

    @cached_property
    def _starts(self) -> Swift:
        return Swift(lexicon.compiled(self.trigger))

    @cached_property
    def _together(self) -> tuple[re.Pattern[str], list[int]]:
        """All rules as one pattern that matches everywhere, and each rule's group in it: where its match would end.

        Most places of a trigger are none of any rule; one look at them costs a tenth of fifteen.
        """
        every = "".join(f"(?:(?=(?P<rule_{i}>{_unnamed(r.pattern, i)}))|)" for i, r in enumerate(self.rules))
        pattern = re.compile(every)
        return pattern, [pattern.groupindex[f"rule_{i}"] for i in range(len(self.rules))]

    def scan(self, text: str, masked: Spans = NOTHING, start: int = 0, end: int | None = None) -> list[Hit]:
        """All hits in order, none overlapping another, none touching a masked span."""
        stop = len(text) if end is None else end
        found: list[Hit] = []
        free = start
        look = self._together[0].match
        for at, _ in self._starts.spans(text, start, stop):
            if at < free or at in masked:
                continue
            seen = look(text, at, stop)
            if seen is None or seen.lastindex is None:
                continue
            hit = self._longest(text, seen, masked, stop)
            if hit is not None:
                found.append(hit)
                free = hit.end
        return found

    def at(self, text: str, position: int, masked: Spans = NOTHING, end: int | None = None) -> Hit | None:
        """The longest accepted match that begins exactly at `position`."""
        stop = len(text) if end is None else end
        seen = self._together[0].match(text, position, stop)
        return None if seen is None or seen.lastindex is None else self._longest(text, seen, masked, stop)

    def _longest(self, text: str, seen: re.Match[str], masked: Spans, stop: int) -> Hit | None:
        position = seen.start()
        groups = self._together[1]
        ends = [(-seen.end(group), order) for order, group in enumerate(groups) if seen.end(group) > position]
        for minus, order in sorted(ends) if len(ends) > 1 else ends:
            rule = self.rules[order]
            if masked.overlaps(position, -minus):
                continue
            m = rule.regex.match(text, position, stop)
            value = rule.produce(m) if m is not None else None
            if value is not None:
                return Hit(rule.name, position, -minus, value)
        return None


_NAMED = re.compile(r"\(\?P<(\w+)>")
_NAMED_AGAIN = re.compile(r"\(\?P=(\w+)\)")


def _unnamed(pattern: str, order: int) -> str:
    """A rule's pattern for use beside others: groups nameless, but those it refers back to, which get its number."""
    again = set(_NAMED_AGAIN.findall(pattern))
    plain = _NAMED.sub(lambda m: f"(?P<{m[1]}_{order}>" if m[1] in again else "(?:", lexicon.expand(pattern))
    return _NAMED_AGAIN.sub(lambda m: f"(?P={m[1]}_{order})", plain)
