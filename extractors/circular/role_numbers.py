"""What the figures of a paper say of each other as numbers: sums, differences, the same again, wholes, parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from extractors.facts import AmountRole

_NEAR, _BACK, _ON = 6, 12, 9  # figures looked at: for differences, for what this one is a part of, behind this one

Sign = tuple[str, str]  # the name of a cue and its words


class Numbers:
    """The values of a paper's figures, as whole multiples of their smallest common unit."""

    def __init__(self, values: Sequence[Decimal]) -> None:
        ratios = [value.as_integer_ratio() for value in values]
        unit = math.lcm(*(below for _, below in ratios))
        self._values = [above * (unit // below) for above, below in ratios]
        self._sums = [0, *accumulate(self._values)]  # `_sums[k]`: of all values before the k-th

    def signs(self, number: int, roles: Sequence[AmountRole]) -> list[Sign]:
        """What the figure with this number is to the others, once each; `roles` are those of all figures before it."""
        if not self._values[number]:
            return []
        out = self._to_those_before(number, roles)
        out += self._in_runs(number, roles)
        out += self._of_runs(number, roles)
        return list(dict.fromkeys(out))

    def _to_those_before(self, number: int, roles: Sequence[AmountRole]) -> list[Sign]:
        """Larger or smaller than the last, the same again, a difference or a sum of two."""
        values, value = self._values, self._values[number]
        out = [("than", f"{roles[-1]}|{'<' if value < values[number - 1] else '>'}")] if number else []
        since = max(0, number - _NEAR)
        near = values[since:number]
        if value in near:
            out.append(("same", roles[number - 1 - near[::-1].index(value)]))
        if not any(one + value in near or value - one in near for one in near):
            return out
        for k, one in enumerate(near, since):
            for n in range(k + 1, number):
                if abs(one - values[n]) == value:
                    out.append(("diff", f"{roles[k]}|{roles[n]}"))
                if one + values[n] == value:
                    out.append(("sum", f"{roles[k]}|{roles[n]}"))
        return out

    def _in_runs(self, number: int, roles: Sequence[AmountRole]) -> list[Sign]:
        """Part of a run of figures that adds up to one told before it, or to the one behind it."""
        values, sums = self._values, self._sums
        since, stop = max(0, number - _BACK), min(len(values), number + _ON)
        ends = {sums[k + 1]: k for k in range(number, stop)}  # where a run that holds this figure may end
        ends_before_whole = {sums[k + 1] - values[k + 1]: k for k in range(number, stop - 1)}
        out: list[Sign] = []
        for first in range(since, number + 1):
            begin = sums[first]
            for whole in [k for k in range(since, first) if begin + values[k] in ends]:
                last = ends[begin + values[whole]]
                if last > first:
                    out.append(("part", roles[whole]))
                    if last == number:
                        out.append(("last", roles[whole]))
            if ends_before_whole.get(begin, -1) > first:
                out.append(("toward", roles[first] if first < number else "-"))
        return out

    def _of_runs(self, number: int, roles: Sequence[AmountRole]) -> list[Sign]:
        """The whole of the figures right before this one, or of those right behind it."""
        values, sums, value = self._values, self._sums, self._values[number]
        out: list[Sign] = []
        for first in range(max(0, number - _BACK), number - 1):
            if sums[number] - sums[first] == value:
                out.append(("total", roles[first] if len(set(roles[first:number])) == 1 else "mixed"))
        behind = sums[number + 1] + value
        if behind in sums[number + 3 : min(len(values), number + _ON) + 1]:
            out.append(("whole", "next"))
        return out
