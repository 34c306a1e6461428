"""The weights laid out for adding up: all that a cue weighs is one packed number, found by the cue's name and words.

A packed number, a row of the table, has a field of `_WIDTH` bits for each role, and above them the cue's place in the
alphabetical order. A field tells how far the cue speaks for its role against the mean of all roles, so many times as
there are roles, raised by `_ZERO` so that no field is negative. Adding rows adds all fields at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import repeat
from operator import itemgetter
from sys import intern

from extractors.circular.role_cues import skeleton

_WIDTH = 23  # bits: small numbers are quicker to fetch
_FIELD = (1 << _WIDTH) - 1
_MUCH = 1 << 12  # the highest bit of a field: set where a cue speaks much for a role
_ZERO = _MUCH - 64  # most figures have more cues that speak much for a role than are asked for
_AT_ONCE = _FIELD // (2 * _MUCH)  # rows that can be added up before a field overflows

_NOTHING: tuple[str, frozenset[int]] = "", frozenset()


class Rows:
    """The packed weights of all cues."""

    def __init__(self, weights: Mapping[str, Sequence[int]]) -> None:
        """`weights` maps cues to one weight a role. Raises ValueError for weights too large to be packed."""
        self._cues = ["", *sorted(weights)]
        self._roles = len(weights[self._cues[-1]])
        self.unknown = self._packed([0] * self._roles, 0)  # what cues without weights are: nothing
        self._named: dict[str, dict[str, int]] = {}
        for place, cue in enumerate(self._cues[1:], 1):
            name, _, words = cue.partition("|")
            self._named.setdefault(name, {})[intern(words)] = self._packed(weights[cue], place)
        self._lengths: dict[tuple[str, int], list[dict[str, int]]] = {}
        self.bones = lru_cache(maxsize=4096)(self._bones)

    def _packed(self, weights: Sequence[int], place: int) -> int:
        total = sum(weights)
        packed = place
        for weight in reversed(weights):
            field = self._roles * weight - total + _ZERO
            if not 0 <= field < 2 * _MUCH:
                raise ValueError(f"the weights of {self._cues[place]} are too large: {weights}")
            packed = packed << _WIDTH | field
        return packed

    def one(self, name: str, words: str) -> int:
        """What a cue weighs."""
        known = self._named.get(name)
        return self.unknown if known is None else known.get(words, self.unknown)

    def grams(self, name: str, words: str, low: int, high: int) -> set[int]:
        """What the cues with this name weigh whose words are a run of `low` to `high` characters of `words`."""
        known = self._named.get(name)
        if known is None:
            return set()
        runs = _runs(len(words), low, high)(words)
        return set(map(known.get, runs, repeat(self.unknown)))

    def by_length(self, name: str, low: int, high: int) -> list[dict[str, int]]:
        """What the cues weigh whose names are this one and a number from `low` to `high`."""
        found = self._lengths.get((name, high))
        if found is None:
            found = self._lengths[name, high] = [self._named.get(f"{name}{n}", {}) for n in range(low, high + 1)]
        return found

    def _bones(self, name: str, seen: str) -> tuple[int, ...]:
        """What the cues with this name weigh of the skeleton of a clause."""
        return tuple({self.one(shape + name, signs) for shape, signs in skeleton(seen)})

    def add(self, rows: Sequence[int]) -> list[int]:
        """How far rows together speak for each role against the mean of all, so many times as there are roles."""
        sums = [-len(rows) * _ZERO] * self._roles
        for since in range(0, len(rows), _AT_ONCE):
            packed = sum(rows[since : since + _AT_ONCE])
            for role in range(self._roles):
                sums[role] += packed >> role * _WIDTH & _FIELD
        return sums

    def strongest(self, rows: Sequence[int], role: int, most: int) -> Iterator[str]:
        """The cues that speak most for a role, strongest first; of equals the later first."""
        shift = role * _WIDTH
        much = _MUCH << shift
        strong = [row for row in rows if row & much]
        if len(strong) < most:
            strong = [row for row in rows if row >> shift & _FIELD > _ZERO]
        places = self._roles * _WIDTH
        gains = sorted([(row >> shift & _FIELD, row >> places) for row in strong], reverse=True)
        return (self._cues[place] for _, place in gains[:most])


_Cut = Callable[[str], tuple[str, ...]]


def _cut(runs: list[slice]) -> _Cut:
    """What cuts these runs out of a text; in one step, as figures have hundreds."""
    return itemgetter(*runs) if len(runs) > 1 else lambda text: tuple(text[run] for run in runs)


@cache
def _runs(length: int, low: int, high: int) -> _Cut:
    """What cuts a text of a length into all its runs of `low` to `high` characters."""
    return _cut([slice(k, k + n) for n in range(low, high + 1) for k in range(length - n + 1)])


@cache
def _beginnings(low: int, high: int) -> _Cut:
    return _cut([slice(n) for n in range(low, high + 1)])


@cache
def _endings(low: int, high: int) -> _Cut:
    return _cut([slice(-n, None) for n in range(low, high + 1)])


class Told:
    """Is told the cues of a paper's figures one by one, and keeps the rows of those of the last figure."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._unknown = rows.unknown
        self._before: dict[str, tuple[str, set[int] | frozenset[int]]] = {}  # what several figures are told
        self.rows: list[int] = []

    def one(self, name: str, words: str) -> None:
        self.rows.append(self._rows.one(name, words))

    def grams(self, name: str, words: str, low: int, high: int) -> None:
        before, rows = self._before.get(name, _NOTHING)
        if before != words:
            rows = self._rows.grams(name, words, low, high)
            self._before[name] = words, rows
        self.rows += rows

    def begins(self, name: str, words: str, low: int, high: int) -> None:
        lengths = self._rows.by_length(name, low, high)
        self.rows += map(dict.get, lengths, _beginnings(low, high)(words), repeat(self._unknown))

    def ends(self, name: str, words: str, low: int, high: int) -> None:
        high = min(high, len(words))
        if high >= low:
            lengths = self._rows.by_length(name, low, high)
            self.rows += map(dict.get, lengths, _endings(low, high)(words), repeat(self._unknown))

    def bones(self, name: str, seen: str) -> None:
        self.rows += self._rows.bones(name, seen)
