"""Sums that explain each other: rests and complete divisions are known by their figures, chance is not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.circular.amount_arithmetic import Told, are_whole, is_rest
from extractors.facts import AmountRole
from extractors.rules.money_value import Money

SUMS = st.integers(min_value=101, max_value=10**9)  # fen-free sums in units of 100 yuan


def _money(yuan: int, quantum: int = 0) -> Money:
    return Money(Decimal(yuan), quantum=Decimal(quantum) or None)


@given(paid=SUMS, rest=SUMS)
def test_what_is_owed_less_what_was_paid_is_a_rest(paid: int, rest: int) -> None:
    whole = paid + rest
    told = [Told(_money(whole), "debt_total", 5), Told(_money(paid), "cleared", 20)]
    has_digits = max(len(str(n).rstrip("0")) for n in (whole, paid, rest)) >= 3
    assert is_rest(_money(rest), told, 0) == has_digits
    assert not is_rest(_money(rest + 1), told, 0)
    assert not is_rest(_money(rest), told, 6), "the whole stands in another paragraph"
    assert not is_rest(_money(rest), told[::-1], 0), "what was paid stands before the whole: of something else"
    assert not is_rest(Money(Decimal(rest), Decimal(rest + 1)), told, 0), "a range is never a rest"


@pytest.mark.parametrize(("whole", "paid", "rest"), [(3000, 2000, 1000), (5, 3, 2), (90_000, 40_000, 50_000)])
def test_round_figures_agree_by_chance(whole: int, paid: int, rest: int) -> None:
    told = [Told(_money(whole), "debt_total", 0), Told(_money(paid), "cleared", 9)]
    assert not is_rest(_money(rest), told, 0)


@pytest.mark.parametrize("role", ["other", "remaining", "disputed"])
def test_only_a_payment_leaves_a_rest(role: AmountRole) -> None:
    told = [Told(_money(1360), "debt_total", 0), Told(_money(960), role, 9)]
    assert not is_rest(_money(400), told, 0)
    assert is_rest(_money(400), told, 0, ("cleared", "other")) == (role == "other")


@given(parts=st.lists(SUMS, min_size=2, max_size=6), more=SUMS)
def test_parts_are_whole_when_they_add_up(parts: list[int], more: int) -> None:
    whole = _money(sum(parts))
    assert are_whole(whole, [_money(p) for p in parts])
    assert not are_whole(whole, [_money(p) for p in [*parts, more]])
    assert not are_whole(whole, [_money(p) for p in parts[:-1]])


def test_rounded_parts_add_up_within_their_last_digits() -> None:
    whole = _money(10_000_000, 500_000)  # 0.10亿元
    assert are_whole(whole, [_money(6_234_000), _money(4_100_000)])
    assert not are_whole(whole, [_money(6_234_000), _money(4_900_000)])


def test_one_part_is_no_division() -> None:
    assert not are_whole(_money(700), [_money(700)])
