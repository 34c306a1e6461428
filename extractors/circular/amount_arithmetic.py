"""What sums say of each other by their figures alone: a rest is the whole less what was paid, parts add up to a whole.

欠款1360万元，甲单位付现960万元，400万元以煤抵款: whatever words stand beside 400, it is what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from extractors.facts import AmountRole
from extractors.rules.money_value import Money

_OWED = ("debt_total", "remaining", "new_debt", "undisputed")
_BACK = 6  # so many figures back a whole or a payment is looked for
_DIGITS = 3  # figures of fewer digits agree by chance: one of the three must have as many


class Told(msgspec.Struct, frozen=True, gc=False):
    """A figure read before: its value, its role, where it stands in the normalised view."""

    value: Money
    role: AmountRole
    at: int


def is_rest(value: Money, told: Sequence[Told], since: int, paid: tuple[AmountRole, ...] = ("cleared",)) -> bool:
    """Whether a figure is an owed sum told at or behind `since` less one with a role of `paid` that was told after it.

    Both within the last few figures; ranges are never a rest.
    """
    near = [t for t in told[-_BACK:] if t.at >= since and t.value.high is None]
    return value.high is None and any(
        whole.value.low - part.value.low == value.low
        and max(map(_digits, (whole.value.low, part.value.low, value.low))) >= _DIGITS
        for k, whole in enumerate(near)
        if whole.role in _OWED
        for part in near[k + 1 :]
        if part.role in paid
    )


def are_whole(whole: Money, parts: Sequence[Money]) -> bool:
    """Whether at least two parts add up to the whole, within what rounding leaves open: nothing further divides it."""
    if len(parts) < 2:
        return False
    total = sum((p.low for p in parts), Decimal(0))
    doubt = sum((p.quantum or Decimal(0) for p in parts), Decimal(0)) + (whole.quantum or Decimal(0))
    return abs(whole.low - total) <= doubt


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)
