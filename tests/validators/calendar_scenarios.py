"""Planted faults against the calendar, with their clean twins: statutory clocks and rosters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.validators.build import MARCH, document, ledger, night, row, table
from validators.clock_findings import clock_findings
from validators.findings import Finding
from validators.places import Places
from validators.roster import Reporter, reports_due, silence_findings
from validators.statutes.of_rows import complaint_clocks, debt_clock, disclosure_row_clock
from warehouse.arrow import arrow_table


class CalendarScenario(NamedTuple):
    """A rule, what finds it, and whether the fault or its twin is looked at."""

    rule: str
    look: Callable[[bool], list[Finding]]


def listed(about: str, **changes: Any) -> list[Finding]:
    """Findings on a ledger of one complaint or disclosure, its clocks worked out as a night does."""
    values = {"repaid_date": None, "debtor_type": "机关", **changes}
    given = row(7, **values)
    tables = night(documents=[document(1)], ledger_tables=[ledger(1, about=about)], ledger_rows=[given])
    full = tables["ledger_rows"].to_pylist()[0]
    clocks = complaint_clocks(full) if about == "complaint" else [disclosure_row_clock(full)]
    return list(
        clock_findings(tables, arrow_table("row_clocks", clocks), table("debt_clocks", []), Places(tables))
    )  # fmt: skip


def transferred(*, faulty: bool) -> list[Finding]:
    day = dt.date(2025, 9, 30) if faulty else dt.date(2025, 9, 8)
    return listed("complaint", accepted_date=dt.date(2025, 9, 1), transferred_date=day, as_of_date=day)


def answered(*, faulty: bool) -> list[Finding]:
    day = dt.date(2025, 11, 20) if faulty else dt.date(2025, 9, 20)
    return listed(
        "complaint", accepted_date=dt.date(2025, 9, 1), transferred_date=dt.date(2025, 9, 2), closed_date=day,
        as_of_date=dt.date(2025, 12, 31),
    )  # fmt: skip


def disclosed(*, faulty: bool) -> list[Finding]:
    day = dt.date(2026, 4, 20) if faulty else dt.date(2026, 3, 20)
    return listed("disclosure", year=2025, publish_date=day)


def agreed(*, faulty: bool) -> list[Finding]:
    """A debt whose contract gives 180 days, and one of 30."""
    due = dt.date(2025, 12, 1) if faulty else dt.date(2025, 7, 5)
    given = row(
        7, debt_id="a" * 32, delivery_date=dt.date(2025, 6, 5), due_date=due, debtor_type="机关", repaid_date=None,
        as_of_date=dt.date(2026, 1, 31),
    )  # fmt: skip
    tables = night(documents=[document(1)], ledger_tables=[ledger(1)], ledger_rows=[given])
    clock = debt_clock(tables["ledger_rows"].to_pylist()[0], ())
    return list(
        clock_findings(tables, table("row_clocks", []), arrow_table("debt_clocks", [clock]), Places(tables))
    )  # fmt: skip


def reported(*, faulty: bool) -> list[Finding]:
    reporter = Reporter(source="inbox", unit="甲县清欠办", since=MARCH, until=MARCH)
    came = {
        "source": "inbox", "about": "arrears", "region_code": None, "reporting_unit": "甲县清欠办",
        "report_type": "zero", "as_of_date": MARCH, "received_date": dt.date(2024, 4, 3), "document_id": "a" * 64,
        "table_index": 1,
    }  # fmt: skip
    return silence_findings(reports_due([reporter], [] if faulty else [came], dt.date(2024, 4, 30)))


SCENARIOS = (
    CalendarScenario("complaint_passed_on_late", lambda f: transferred(faulty=f)),
    CalendarScenario("complaint_answered_late", lambda f: answered(faulty=f)),
    CalendarScenario("disclosure_late", lambda f: disclosed(faulty=f)),
    CalendarScenario("agreed_term_too_long", lambda f: agreed(faulty=f)),
    CalendarScenario("report_not_received", lambda f: reported(faulty=f)),
)
