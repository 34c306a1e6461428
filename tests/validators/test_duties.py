"""Duties in time: cadences as days, targets in words, and what reports say of them on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.rules.engine import Rule, Spans
from extractors.rules.time import cadence
from validators.duties.cadence import UnknownRuleError, occurrences
from validators.duties.status import Report, is_reporting, status_on
from validators.duties.targets import Target, evaluate, target_of

SPEC: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "specs" / "cadences.yml").read_text("utf-8")
)
DUE = dt.date(2031, 3, 5)


@pytest.mark.parametrize("case", SPEC, ids=lambda c: f"{c['rule']} {c['from']}")
def test_cadence(case: dict[str, Any]) -> None:
    found = occurrences(case["rule"], case["from"], case["to"])
    assert [(o.nominal, o.due) for o in found] == [(d[0], d[-1]) for d in case["days"]]
    assert {o.is_exact for o in found} == {not case.get("inexact", False)}
    assert {o.is_certain for o in found} == {not case.get("uncertain", False)}


@pytest.mark.parametrize("rule", cadence.RULES, ids=lambda r: r.name)
def test_the_calendar_knows_every_cadence_that_circulars_can_name(rule: Rule) -> None:
    assert rule.examples
    for text, words in rule.examples:
        hits = [h for h in cadence.LAYER.scan(text, Spans([])) if text[h.start : h.end] == words]
        (said,) = [h.value.rule for h in hits if isinstance(h.value, cadence.Cadence)]
        if said is not None and not said.startswith("WITHIN"):
            assert occurrences(said, dt.date(2026, 1, 1), dt.date(2027, 12, 31)), said


@pytest.mark.parametrize(
    "rule",
    ["", "MONTHLY", "FREQ=HOURLY", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYDAY=XX",
     "FREQ=MONTHLY;BYMONTH=13", "FREQ=WEEKLY;INTERVAL=0", "FREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;BYSETPOS=1",
     "WITHIN=30D", "FREQ=MONTHLY;BYMONTHDAY=x"],
)  # fmt: skip
def test_a_rule_that_is_not_understood_is_refused(rule: str) -> None:
    with pytest.raises(UnknownRuleError):
        occurrences(rule, DUE, DUE)


@given(
    st.sampled_from([c["rule"] for c in SPEC]), st.dates(dt.date(2024, 1, 1), dt.date(2028, 1, 1)), st.integers(0, 400)
)
def test_a_longer_horizon_only_adds_days(rule: str, start: dt.date, length: int) -> None:
    until = start + dt.timedelta(days=length)
    whole = occurrences(rule, start - dt.timedelta(days=60), until + dt.timedelta(days=60))
    assert occurrences(rule, start, until) == tuple(o for o in whole if start <= o.nominal <= until)


@pytest.mark.parametrize(
    ("words", "share", "undisputed"),
    [
        ("各地无分歧欠款清偿比例不低于60%", "0.6", True),
        ("无分歧欠款偿还率达到85%以上", "0.85", True),
        ("不低于90%", "0.9", False),
        ("完成60%的清偿任务", "0.6", False),
        ("清偿率达到９９.５％", "0.995", False),
        ("无分歧欠款全部清零", "1", True),
        ("全部付清", "1", False),
        ("应还尽还率100%，清偿100%", "1", False),
        ("报送上月台账", None, False),
        ("抽查比例不少于20%的单位", None, False),
        ("清偿率达到160%", None, False),
        ("", None, False),
    ],
)
def test_targets(words: str, share: str | None, undisputed: bool) -> None:
    found = target_of(words)
    if share is None:
        assert found is None
    else:
        assert found == Target(share=Decimal(share), is_undisputed_only=undisputed)


def test_a_target_is_held_against_sums() -> None:
    target = Target(share=Decimal("0.6"), is_undisputed_only=False)
    assert evaluate(target, Decimal(1000), Decimal(600)).is_met is True
    assert evaluate(target, Decimal(1000), Decimal("599.99")).is_met is False
    assert evaluate(target, Decimal(0), Decimal(0)).is_met is None
    assert evaluate(target, None, Decimal(1)).is_met is None


def report(region: str, as_of: dt.date, received: dt.date) -> Report:
    return Report(document_id="d", region_code=region, reporting_unit=None, as_of=as_of, received=received)


JAN, FEB = dt.date(2031, 1, 31), dt.date(2031, 2, 28)


@pytest.mark.parametrize(
    ("day", "reports", "expected"),
    [
        (dt.date(2031, 2, 1), [], "upcoming"),
        (dt.date(2031, 2, 26), [], "due_soon"),
        (DUE, [], "due_soon"),
        (dt.date(2031, 3, 6), [], "overdue"),
        (dt.date(2031, 3, 6), [report("990101", FEB, dt.date(2031, 3, 5))], "met"),
        (dt.date(2031, 3, 6), [report("990101", FEB, dt.date(2031, 3, 6))], "late"),
        (dt.date(2031, 3, 6), [report("990101", FEB, dt.date(2031, 3, 7))], "overdue"),
        (dt.date(2031, 3, 6), [report("990102", FEB, dt.date(2031, 3, 1))], "overdue"),
        (dt.date(2031, 3, 6), [report("990101", JAN, dt.date(2031, 3, 1))], "overdue"),
        (dt.date(2031, 3, 1), [report("990101", FEB, dt.date(2031, 3, 1))], "met"),
    ],
)
def test_a_report_meets_the_duty_of_its_region_and_period(day: dt.date, reports: list[Report], expected: str) -> None:
    found = status_on(day, DUE, words="报送上月台账", region_code="990101", reports=reports)
    assert found.status == expected
    assert found.why.endswith("。")
    assert (found.document_id is not None) == (expected in ("met", "late"))


def test_what_no_report_can_show_is_unknown_once_it_is_past() -> None:
    assert status_on(dt.date(2031, 3, 6), DUE, words="召开调度会", region_code="990101").status == "unknown"
    assert status_on(dt.date(2031, 3, 6), DUE, words="报送上月台账", region_code=None).status == "unknown"


@pytest.mark.parametrize(
    ("day", "cleared", "expected"),
    [(dt.date(2031, 3, 6), 600, "met"), (dt.date(2031, 3, 6), 500, "overdue"), (DUE, 500, "due_soon"),
     (dt.date(2031, 2, 1), 700, "met"), (dt.date(2031, 3, 6), None, "unknown")],
)  # fmt: skip
def test_targets_are_told_from_the_ledger(day: dt.date, cleared: int | None, expected: str) -> None:
    target = Target(share=Decimal("0.6"), is_undisputed_only=False)
    reached = evaluate(target, Decimal(1000), None if cleared is None else Decimal(cleared))
    assert status_on(day, DUE, words=None, region_code=None, reached=reached).status == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("报送上月台账", True), ("各县清欠办向市清欠办报送本周进展", False), ("向市政府报告进展", False),
     ("各地报送数据", True), ("台账于每月5日前报市清欠办", True),
     ("实行零报告", True), ("召开调度会", False), ("将名单报市清欠办", False), ("台账逐笔销号", False), (None, False)],
)  # fmt: skip
def test_which_duties_are_reports(words: str | None, expected: bool) -> None:
    assert is_reporting(words) is expected
