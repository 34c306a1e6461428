"""Reports due and not received: every period by its roster, silence never zero, consequences noted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from validators.roster import Reporter, periods, reports_due, silence_findings
from warehouse.arrow import arrow_table

JAN, FEB, MAR = dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31)


def reporter(**changes: Any) -> Reporter:
    return Reporter(**{"source": "inbox", "unit": "甲县清欠办", "since": JAN, **changes})


def came(as_of: dt.date, on: dt.date, **changes: Any) -> dict[str, Any]:
    return {
        "source": "inbox", "about": "arrears", "region_code": None, "reporting_unit": "甲县 清欠办",
        "report_type": "detail", "as_of_date": as_of, "received_date": on, "document_id": "a" * 64, "table_index": 1,
        **changes,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "night", "expected"),
    [
        ({}, dt.date(2026, 3, 10), [(JAN, dt.date(2026, 2, 5)), (FEB, dt.date(2026, 3, 5))]),
        ({"due_day": 31}, dt.date(2026, 2, 1), [(JAN, dt.date(2026, 2, 28))]),
        ({"due_month": 0, "due_day": 25}, JAN, [(JAN, dt.date(2026, 1, 25))]),
        ({"cadence": "quarterly", "due_day": 10}, dt.date(2026, 4, 1), [(MAR, dt.date(2026, 4, 10))]),
        ({"cadence": "quarterly", "since": dt.date(2026, 11, 2)}, dt.date(2027, 1, 1),
         [(dt.date(2026, 12, 31), dt.date(2027, 1, 5))]),
        ({"cadence": "yearly", "due_month": 3, "due_day": 31, "about": "disclosure"}, dt.date(2027, 1, 1),
         [(dt.date(2026, 12, 31), dt.date(2027, 3, 31))]),
        ({"until": JAN}, dt.date(2026, 6, 1), [(JAN, dt.date(2026, 2, 5))]),
        ({}, dt.date(2026, 1, 30), []),
    ],
)  # fmt: skip
def test_periods_and_their_days(
    changes: dict[str, Any], night: dt.date, expected: list[tuple[dt.date, dt.date]]
) -> None:
    assert list(periods(reporter(**changes), night)) == expected


def states(rows: list[dict[str, Any]]) -> list[tuple[dt.date, str, str | None]]:
    return [(r["period_date"], r["status"], r["report_type"]) for r in rows]


def test_in_time_late_silent_awaited_and_a_zero_report_are_told_apart() -> None:
    night = dt.date(2026, 4, 2)
    received = [
        came(JAN, dt.date(2026, 2, 5)),
        came(FEB, dt.date(2026, 3, 9), report_type="zero"),
        came(FEB, dt.date(2026, 3, 20)),
    ]
    rows = reports_due([reporter(), reporter(unit="乙县清欠办")], received, night)
    assert states(rows[:3]) == [(JAN, "received", "detail"), (FEB, "late", "zero"), (MAR, "awaited", None)]
    assert states(rows[3:]) == [(JAN, "silent", None), (FEB, "silent", None), (MAR, "awaited", None)]
    assert arrow_table("reports_due", rows).num_rows == 6
    assert [(f.rule, f.value) for f in silence_findings(rows)] == [
        ("report_not_received", "2026-01-31"),
        ("report_not_received", "2026-02-28"),
    ]


def test_silence_is_never_zero_and_a_consequence_is_only_noted() -> None:
    (plain,) = silence_findings(reports_due([reporter(until=JAN)], [], MAR))
    assert plain.message_zh == (
        "来源“inbox”名册中的甲县清欠办，2026-01-31期台账应于2026-02-05前报送，至今没有收到；未报不等于无拖欠，请催报。"
    )
    (row,) = reports_due([reporter(until=JAN)], [], MAR, {"inbox": "逾期未报视为无拖欠"})
    assert row["status"] == "silent"
    assert row["report_type"] is None
    assert "“逾期未报视为无拖欠”，仅作注明" in silence_findings([row])[0].message_zh
    (own,) = reports_due([reporter(until=JAN, if_silent="逾期未报按上期数通报")], [], MAR, {"inbox": "另一句"})
    assert own["consequence"] == "逾期未报按上期数通报"


@pytest.mark.parametrize(
    ("report", "is_his"),
    [
        ({}, True),
        ({"reporting_unit": "乙县清欠办"}, False),
        ({"reporting_unit": None, "region_code": "130123"}, True),
        ({"reporting_unit": None}, False),
        ({"source": "other"}, False),
        ({"about": "complaint"}, False),
        ({"as_of_date": dt.date(2026, 1, 15)}, True),
        ({"as_of_date": dt.date(2025, 12, 31)}, False),
        ({"as_of_date": None}, False),
    ],
)
def test_whose_report_it_is(report: dict[str, Any], *, is_his: bool) -> None:
    rows = reports_due(
        [reporter(until=JAN, region_code="130123")], [came(JAN, dt.date(2026, 2, 1), **report)], MAR
    )  # fmt: skip
    assert [r["status"] for r in rows] == ["received" if is_his else "silent"]


def test_the_yearly_disclosure_is_for_the_year_before_whenever_it_is_dated() -> None:
    yearly = reporter(cadence="yearly", about="disclosure", due_month=3, due_day=31, since=dt.date(2025, 6, 1))
    for as_of in (dt.date(2025, 12, 31), dt.date(2026, 3, 20)):
        (row,) = reports_due([yearly], [came(as_of, dt.date(2026, 3, 28), about="disclosure")], dt.date(2026, 5, 1))
        assert (row["period_date"], row["status"]) == (dt.date(2025, 12, 31), "received")
    (row,) = reports_due([yearly], [], dt.date(2026, 4, 1))
    assert row["status"] == "silent"
