"""Statutory clocks and interest, case by case, and what must hold for all of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from validators.statutes.calendar import after_working_days, is_working_day, months_after, off_rest
from validators.statutes.clocks import (
    Clock,
    confirmation_clock,
    disclosure_clock,
    longest_clock,
    result_clock,
    transfer_clock,
)
from validators.statutes.interest import Rate, interest, rate_of
from validators.statutes.payment import Performance, debtor_class, overdue_days, payment_clock
from validators.statutes.reasons import REASONS
from validators.statutes.rulebook import lpr_table, rulebook

SPEC: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "specs" / "statutes.yml").read_text("utf-8")
)
NOW_LAW = "802-2025-06-01"


def name(case: dict[str, Any]) -> str:
    return ",".join(str(v) for k, v in case.items() if k not in ("why", "reason", "flags"))


@pytest.mark.parametrize("case", SPEC["payment"], ids=name)
def test_payment(case: dict[str, Any]) -> None:
    kind, why = debtor_class(case["debtor"])
    done = Performance(
        delivered=case.get("delivered"),
        accepted=case.get("accepted"),
        acceptance_until=case.get("until"),
        settled=case.get("settled"),
        term_days=case.get("term"),
    )
    found = payment_clock(kind, done, why_no_kind=why, version=case.get("override"))
    assert (found.due, found.rule_version, found.reason) == (case["due"], case["version"], case.get("reason"))
    assert list(found.flags) == case.get("flags", [])
    assert (found.due is None) == (found.reason is not None)
    assert found.due is None or found.article


@pytest.mark.parametrize("case", SPEC["overdue"], ids=name)
def test_overdue_days(case: dict[str, Any]) -> None:
    assert overdue_days(case["due"], case["day"]) == case["days"]


@pytest.mark.parametrize("case", SPEC["interest"], ids=name)
def test_interest(case: dict[str, Any]) -> None:
    agreed = None if "rate" not in case else Decimal(case["rate"])
    rate = rate_of(case.get("version", NOW_LAW), agreed_yearly=agreed, contract_date=case.get("signed"))
    assert list(rate.flags) == case.get("flags", [])
    principal = None if case["principal"] is None else Decimal(case["principal"])
    repaid = [(day, Decimal(amount)) for day, amount in case.get("repaid", [])]
    found = interest(principal, case["due"], case["day"], rate, repaid)
    expected = None if case["yuan"] is None else Decimal(case["yuan"])
    assert (found.total, found.reason) == (expected, case.get("reason"))


@pytest.mark.parametrize("case", SPEC["clocks"], ids=name)
def test_clocks(case: dict[str, Any]) -> None:
    of_a_day = {
        "transfer": transfer_clock,
        "result": result_clock,
        "longest": longest_clock,
        "confirmation": confirmation_clock,
    }
    found: Clock
    if case["clock"] in of_a_day:
        found = of_a_day[case["clock"]](case["start"])
    else:
        found = disclosure_clock("large" if case["clock"].startswith("large") else "organ", case["year"])
    assert (found.due, found.reason) == (case["due"], case.get("reason"))
    if "version" in case:
        assert found.rule_version == case["version"]


def test_every_reason_has_a_sentence() -> None:
    used = {c["reason"] for section in SPEC.values() for c in section if c.get("reason")}
    assert used <= set(REASONS)
    assert all(sentence.endswith("。") for sentence in REASONS.values())


def test_versions_follow_each_other_without_a_gap_and_the_rates_fall_on_their_days() -> None:
    book = rulebook()
    assert [book.on(v.since).version for v in book.versions] == [v.version for v in book.versions]
    before = [book.on(v.since - dt.timedelta(days=1)).version for v in book.versions[1:]]
    assert before == [v.version for v in book.versions[:-1]]
    with pytest.raises(KeyError):
        book.named("803")
    table = lpr_table()
    assert table.on(dt.date(2021, 12, 19)) == Decimal("0.0385")
    assert table.on(dt.date(2021, 12, 20)) == Decimal("0.038")
    assert table.on(table.steps[0].since - dt.timedelta(days=1)) is None


days = st.dates(dt.date(2019, 1, 1), dt.date(2028, 12, 31))
money = st.decimals(0, 10**9, places=2)


@given(days)
def test_a_limit_never_ends_on_a_day_of_rest_nor_moves_back(day: dt.date) -> None:
    counted = off_rest(day)
    assert counted.day >= day == counted.nominal
    assert is_working_day(counted.day)[0]
    assert (counted.day.year <= 2026) >= counted.is_certain


@given(days, st.integers(1, 40))
def test_working_days_are_counted_one_by_one(day: dt.date, count: int) -> None:
    end = after_working_days(day, count).day
    between = (day + dt.timedelta(days=n) for n in range(1, (end - day).days + 1))
    assert sum(is_working_day(d)[0] for d in between) == count
    with pytest.raises(ValueError):
        after_working_days(day, 0)


@given(days, st.integers(-30, 30))
def test_months_after_keeps_the_day_or_takes_the_last(day: dt.date, months: int) -> None:
    found = months_after(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == day.day or (found + dt.timedelta(days=1)).day == 1


@given(money, st.lists(st.tuples(st.integers(-20, 400), money), max_size=5), st.integers(0, 400))
def test_interest_is_the_sum_of_what_each_day_earns(
    principal: Decimal, repaid: list[tuple[int, Decimal]], late: int
) -> None:
    due = dt.date(2025, 7, 10)
    rate = Rate(share=Decimal("0.0005"))
    by_day = [(due + dt.timedelta(days=n), amount) for n, amount in repaid]
    found = interest(principal, due, due + dt.timedelta(days=late), rate, by_day)
    left_on = [max(Decimal(0), principal - sum(a for n, a in repaid if n < day)) for day in range(1, late + 1)]
    exact = sum(left_on, Decimal(0)) * Decimal("0.0005")
    assert found.total is not None
    assert abs(found.total - exact) <= Decimal("0.005")
    assert sum(s.days for s in found.segments) <= late
