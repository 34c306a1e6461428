"""Running sums over the rows of a very large table: exact, by position, without a number object for every row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, overload

import numpy as np

from extractors.ledger.checking import UNKNOWN
from extractors.rowstore import CODED, NUMBER, RowStore

_LOW_BITS = 20


class RunningSums(Sequence[Decimal]):
    """`sums[i]` is the sum over the first i rows of one field; `doubts` and `counts` likewise count.

    Payloads are below 10^15: cut into a high and a low part, their running sums stay within 64 bits over 2^43 rows.
    """

    def __init__(self, rows: RowStore, field: str) -> None:
        order = np.asarray(rows.order)
        plain = np.maximum(order, 0)
        is_plain = order >= 0
        column = rows.column(field)
        size = len(rows)
        self._length = size + 1
        self._factor = Decimal(1)
        self._parts: list[tuple[int, Any, Any]] = []
        single: list[tuple[int, Decimal]] = []
        doubt, count = np.zeros(size, np.int64), np.zeros(size, np.int64)
        if column is not None and len(column.lane):
            lane = np.where(is_plain, column.lane[plain], 0)
            number = lane == NUMBER
            if column.is_money and column.factor is None:
                unknown = number & (column.payload[plain] != 0)
                doubt += unknown
                count += number & ~unknown
                number = np.zeros(size, bool)
            else:
                self._factor = column.factor or Decimal(1)
                count += number
            for exponent in np.unique(column.exponent[plain][number]).tolist():
                mine = number & (column.exponent[plain] == exponent)
                payload = np.where(mine, column.payload[plain], 0)
                high, low = payload >> _LOW_BITS, payload & ((1 << _LOW_BITS) - 1)
                self._parts.append((exponent, _running(high), _running(low)))
            for position in np.flatnonzero(lane == CODED).tolist():
                entry = column.entries[int(column.payload[plain[position]])]
                self._note(position, entry.value, {entry.problem}, single, doubt, count)
        for position in np.flatnonzero(~is_plain).tolist():
            row = rows.others[-1 - int(order[position])]
            value = row.values.get(field)
            kinds = {f.kind for f in row.flags if f.field == field}
            self._note(position, None if value is None else value.value, kinds, single, doubt, count)
        single.sort()
        self._single = [p for p, _ in single]
        self._single_sums = [Decimal(0), *accumulate(v for _, v in single)]
        self.doubts, self.counts = _running(doubt), _running(count)

    @staticmethod
    def _note(position: int, value: Any, kinds: Any, single: list[tuple[int, Decimal]], doubt: Any, count: Any) -> None:
        if isinstance(value, Decimal):
            single.append((position, value))
            count[position] += 1
        elif isinstance(value, tuple) or kinds & UNKNOWN:
            doubt[position] += 1

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Decimal: ...
    @overload
    def __getitem__(self, index: slice) -> list[Decimal]: ...
    def __getitem__(self, index: int | slice) -> Decimal | list[Decimal]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._length))]
        total = sum(
            (Decimal((int(high[index]) << _LOW_BITS) + int(low[index])).scaleb(-e) for e, high, low in self._parts),
            Decimal(0),
        )
        return total * self._factor + self._single_sums[bisect_left(self._single, index)]


def _running(values: Any) -> Any:
    out = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=out[1:])
    return out
