"""Sums that must hold, exactly or within the precision that was printed.

Columns are compared exactly and all at once, as whole fen; only rows that do not hold are looked at one by one, with
the precision of their printed figures. A figure printed to k decimals of a unit u stands for itself ± 0.5·10^-k·u,
and a sum of figures for the sum of these. Approximate amounts are intervals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

FEN = Decimal("0.01")
Interval = tuple[Decimal, Decimal]


def fen(column: pa.ChunkedArray) -> tuple[IntArray, BoolArray]:
    """A DECIMAL(18,2) column as whole fen and the mask of rows that have a value (null is 0 there)."""
    import pyarrow as pa

    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if array.type != pa.decimal128(18, 2):
        raise TypeError(f"money must be decimal128(18, 2), not {array.type}")
    if len(array) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    # 18 digits fit the lower 64 bits of the 128 (little-endian two's complement), so the unscaled value is exact.
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset * 2 : (array.offset + len(array)) * 2 : 2]
    given = array.is_valid().to_numpy(zero_copy_only=False)
    return np.where(given, words, 0), given


_NUMBER = re.compile(r"[0-9][0-9,]*(?:\.([0-9]+))?(?![0-9.,eE])")


def printed_quantum(raw: object, value: Decimal | None) -> Decimal | None:
    """Half a unit of the last printed digit in yuan, from a cell's text and the value it was read as.

    The unit is value / number, so `223.33` read as 2 233 300 yuan has the unit 10 000 and the quantum 50. None where
    the text holds no plain number, or the two do not go together by a power of ten (then nothing is excused).
    """
    if not isinstance(raw, str) or value is None:
        return None
    match = _NUMBER.search(unicodedata.normalize("NFKC", raw).replace(" ", ""))
    if match is None:
        return None
    number = Decimal(match.group().replace(",", ""))
    if not number or not value:
        return None
    unit = abs(value) / number
    power = unit.normalize().as_tuple()
    if power.digits != (1,) or unit < 1:
        return None
    return unit * Decimal(5).scaleb(-1 - len(match.group(1) or ""))


def settles(terms: Sequence[Interval], result: Interval, tolerance: Decimal) -> bool:
    """Whether the sum of intervals can equal the result within the tolerance (yuan, not negative)."""
    low = sum((t[0] for t in terms), Decimal(0))
    high = sum((t[1] for t in terms), Decimal(0))
    return low - tolerance <= result[1] and result[0] <= high + tolerance


def difference(terms: Sequence[Interval], result: Interval) -> Decimal:
    """How far the sum of intervals lies from the result; zero where they meet."""
    low = sum((t[0] for t in terms), Decimal(0))
    high = sum((t[1] for t in terms), Decimal(0))
    return max(low - result[1], result[0] - high, Decimal(0))
