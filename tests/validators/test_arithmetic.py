"""Sums within the printed precision: what rounding can explain is excused, what it cannot is found."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.validators.build import row, table
from validators.arithmetic import difference, fen, printed_quantum, settles
from validators.ledger_checks import BALANCES, PARTS, exceeding, unbalanced

UNITS = {"元": Decimal(1), "千元": Decimal(1000), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
ARREARS, REPAID, REMAINING = "arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan"
FEN = st.integers(min_value=0, max_value=10**13)


def printed(yuan: Decimal, unit: Decimal, places: int) -> tuple[str, Decimal]:
    """What a ledger prints of an amount, and the yuan that text stands for."""
    text = (yuan / unit).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{text:,f}", (text * unit).quantize(Decimal("0.01"))


def balance_row(amounts: dict[str, tuple[str, Decimal]], **changes: object) -> pa.Table:
    """One row with the given printed amounts and no others."""
    none = dict.fromkeys(["undisputed_amount_yuan", "disputed_amount_yuan", ARREARS, REPAID, REMAINING])
    values = {name: value for name, (_, value) in amounts.items()}
    raw = json.dumps({name: text for name, (text, _) in amounts.items()})
    return table("ledger_rows", [row(7, **{**none, **values, "raw": raw, **changes})])


@given(FEN, FEN, st.sampled_from(list(UNITS.values())), st.integers(0, 6))
def test_rounding_is_never_an_alarm(repaid: int, left: int, unit: Decimal, places: int) -> None:
    exact = {REPAID: Decimal(repaid) / 100, REMAINING: Decimal(left) / 100}
    exact[ARREARS] = exact[REPAID] + exact[REMAINING]
    # Finer than a fen is no amount of money: a column printed so has no rounding left.
    if unit.scaleb(-places) < Decimal("0.01"):
        return
    amounts = {name: printed(value, unit, places) for name, value in exact.items()}
    assert not unbalanced(balance_row(amounts), BALANCES).any()
    parts = balance_row(
        {
            "undisputed_amount_yuan": amounts[REPAID],
            "disputed_amount_yuan": amounts[REMAINING],
            ARREARS: amounts[ARREARS],
        }
    )
    assert not unbalanced(parts, PARTS).any()


@given(FEN, FEN, st.sampled_from(["元", "千元", "万元"]), st.integers(0, 2), st.integers(2, 10**6), st.booleans())
def test_more_than_rounding_is_always_an_alarm(
    repaid: int, left: int, unit: str, places: int, steps: int, above: bool
) -> None:
    step = UNITS[unit].scaleb(-places)
    repaid_yuan, left_yuan = (Decimal(x) // 100 * UNITS[unit] + step for x in (repaid % 10**9, left % 10**9))
    # Three figures, each half a step off at most: two steps are beyond what rounding can do.
    arrears = repaid_yuan + left_yuan + (steps if above else -steps) * step
    if arrears <= 0:
        return
    amounts = {
        name: (f"{value / UNITS[unit]:.{places}f}", value)
        for name, value in ((ARREARS, arrears), (REPAID, repaid_yuan), (REMAINING, left_yuan))
    }
    assert unbalanced(balance_row(amounts), BALANCES).all()


@given(st.integers(1, 10**12), st.sampled_from(list(UNITS.values())), st.integers(0, 4))
def test_the_quantum_is_half_a_unit_of_the_last_digit(number: int, unit: Decimal, places: int) -> None:
    text = f"{Decimal(number).scaleb(-places):,f}"
    assert printed_quantum(text, Decimal(number).scaleb(-places) * unit) == unit.scaleb(-places) / 2


@pytest.mark.parametrize(
    ("raw", "value", "quantum"),
    [
        ("223.33", Decimal("2233300.00"), Decimal(50)),
        ("223.33万", Decimal("2233300"), Decimal(50)),
        ("１５，１６７．３９", Decimal("151673900"), Decimal(50)),
        ("￥ 1 200.5 元", Decimal("1200.5"), Decimal("0.05")),
        ("(12.3)", Decimal("-123000"), Decimal(500)),
        ("100", Decimal(100), Decimal("0.5")),
        ("0.00", Decimal(0), None),
        ("壹佰元整", Decimal(100), None),
        ("3亿2000万元", Decimal(320_000_000), None),
        ("1E+3", Decimal(1000), None),
        ("", Decimal(5), None),
        (None, Decimal(5), None),
        ("5", None, None),
    ],
)
def test_the_printed_precision_of_a_cell(raw: str | None, value: Decimal | None, quantum: Decimal | None) -> None:
    found = printed_quantum(raw, value)
    assert found == quantum


def test_one_finely_printed_row_makes_the_column_exact() -> None:
    coarse = {ARREARS: ("30", Decimal(300000)), REPAID: ("10", Decimal(100000)), REMAINING: ("21", Decimal(210000))}
    alone = balance_row(coarse)
    assert not unbalanced(alone, BALANCES).any(), "whole 万元 may be rounded"
    fine = {n: (f"{int(t)}.25", v + 2500) for n, (t, v) in coarse.items()} | {ARREARS: ("31.5", Decimal(315000))}
    fine[REMAINING] = ("21.25", Decimal(212500))
    both = pa.concat_tables([alone, balance_row(fine, row_id="f" * 32)])
    assert unbalanced(both, BALANCES).tolist() == [True, False]


def test_an_amount_that_exceeds_another_by_rounding_alone() -> None:
    predicate = exceeding(REPAID, ARREARS)
    rounded = balance_row({ARREARS: ("30.00", Decimal(300000)), REPAID: ("30.01", Decimal(300100))})
    beyond = balance_row({ARREARS: ("30.00", Decimal(300000)), REPAID: ("30.02", Decimal(300200))})
    assert predicate(rounded).tolist() == [False]
    assert predicate(beyond).tolist() == [True]


@given(st.lists(st.one_of(st.none(), st.decimals(-(10**15), 10**15, places=2))), st.integers(0, 3))
def test_fen_are_exact_for_every_amount_a_column_can_hold(values: list[Decimal | None], start: int) -> None:
    column = pa.array(values, pa.decimal128(18, 2)).slice(start)
    amounts, there = fen(column)
    assert [int(a) if t else None for a, t in zip(amounts, there, strict=True)] == [
        None if v is None else int(v * 100) for v in values[start:]
    ]


def test_fen_refuse_floating_point() -> None:
    with pytest.raises(TypeError, match="decimal128"):
        fen(pa.array([0.1]))


@given(st.lists(st.tuples(FEN, FEN), min_size=1, max_size=4), FEN, FEN, st.integers(0, 10**6))
def test_intervals_settle_when_their_difference_is_within_the_tolerance(
    pairs: list[tuple[int, int]], low: int, width: int, slack: int
) -> None:
    terms = [(Decimal(min(p)), Decimal(max(p))) for p in pairs]
    result = (Decimal(low), Decimal(low + width))
    assert settles(terms, result, Decimal(slack)) == (difference(terms, result) <= slack)
