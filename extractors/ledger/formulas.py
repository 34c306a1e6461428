"""Cell formulas without a stored result: plain sums are computed, everything else stays unknown."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

MAX_CELLS = 20_000
"""Cells one SUM may add up when it is recomputed; larger ones stay unknown."""

_SUM = re.compile(r"^SUM\((\$?[A-Z]{1,3}\$?\d{1,7}):(\$?[A-Z]{1,3}\$?\d{1,7})\)$")
_REFS = re.compile(r"([+-]?)(\$?[A-Z]{1,3}\$?\d{1,7})")

Lookup = Callable[[str], Decimal | None]


def plain_sum(formula: str, value_of: Lookup) -> Decimal | None:
    """The result of SUM(F5:F9), F5+G5 or F5-G5 from the cells' own numbers; None for any other formula.

    `value_of` gives a cell's number by its ref; blank cells count zero, as the spreadsheet counts them; None stops.
    """
    flat = formula.lstrip("=").replace(" ", "").replace("$", "").upper()
    if m := _SUM.match(flat):
        return _area(m[1], m[2], value_of)
    if re.fullmatch(r"[+-]?[A-Z]{1,3}\d{1,7}(?:[+-][A-Z]{1,3}\d{1,7})+", flat):
        total = Decimal(0)
        for sign, ref in _REFS.findall(flat):
            value = value_of(ref)
            if value is None:
                return None
            total += -value if sign == "-" else value
        return total
    return None


def _area(first: str, last: str, value_of: Lookup) -> Decimal | None:
    (c0, r0), (c1, r1) = _split(first), _split(last)
    if (c1 - c0 + 1) * (r1 - r0 + 1) > MAX_CELLS or c1 < c0 or r1 < r0:
        return None
    total = Decimal(0)
    for col in range(c0, c1 + 1):
        for row in range(r0, r1 + 1):
            value = value_of(f"{_letters(col)}{row}")
            if value is None:
                return None
            total += value
    return total


def _split(ref: str) -> tuple[int, int]:
    letters, digits = re.match(r"([A-Z]+)(\d+)", ref).groups()  # type: ignore[union-attr]
    col = 0
    for c in letters:
        col = col * 26 + ord(c) - 64
    return col, int(digits)


def _letters(col: int) -> str:
    out = ""
    while col:
        col, rest = divmod(col - 1, 26)
        out = chr(65 + rest) + out
    return out
