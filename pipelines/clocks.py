"""Statutory clocks and cadences of a candidate warehouse: its rows through the statutes, back as rows of its tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from validators.duties.cadence import UnknownRuleError, occurrences
from validators.statutes.of_rows import complaint_clocks, debt_clock, disclosure_row_clock
from validators.statutes.rulebook import lpr_table, rulebook
from warehouse.arrow import arrow_table
from warehouse.clock_inputs import ClockInputs

# Cadences are laid out to the end of the year after the newest document's: it depends on what came in, not on today.
_YEARS_AHEAD = 1


def clock_tables(inputs: ClockInputs) -> dict[str, pa.Table]:
    """Rows of `debt_clocks`, `row_clocks` and `cadence_days`, and the law's own numbers beside them."""
    debts = (debt_clock(debt, inputs.repaid.get(debt["debt_id"], ())) for debt in inputs.debts)
    listed: list[dict[str, Any]] = []
    for row in inputs.listed:
        if row["about"] == "complaint":
            listed += complaint_clocks(row)
        else:
            listed.append(disclosure_row_clock(row))
    return {
        "debt_clocks": arrow_table("debt_clocks", debts),
        "row_clocks": arrow_table("row_clocks", listed),
        "cadence_days": arrow_table("cadence_days", cadence_rows(inputs)),
        "statutes": arrow_table("statutes", statute_rows()),
        "lpr_rates": arrow_table("lpr_rates", lpr_rows()),
    }


def statute_rows() -> list[dict[str, Any]]:
    """The numbers of every version of the law, so that `rule_version` of a row can be looked up."""
    versions = rulebook().versions
    rows: list[dict[str, Any]] = []
    for version, after in zip(versions, (*versions[1:], None), strict=True):
        common = {
            "rule_version": version.version,
            "title": version.title,
            "valid_from_date": version.since,
            "valid_to_date": None if after is None else after.since - dt.timedelta(days=1),
            "debtor_class": "any",
        }
        for kind, payment in version.payment.items():
            rows.append(
                common
                | {
                    "statute_rule": "payment",
                    "debtor_class": kind,
                    "days": payment.term_days,
                    "article": payment.article,
                }
                | {"longest_days": payment.longest_days, "review_days": payment.review_days}
            )
        if version.interest is not None:
            interest = version.interest
            rows.append(
                common | {"statute_rule": "interest", "daily_rate": interest.daily_rate, "article": interest.article}
            )
        for name, clock in version.clocks.items():
            rows.append(
                common
                | {"statute_rule": name, "article": clock.article, "days": clock.days, "due_month": clock.month}
                | {"working_days": clock.working_days, "due_day": clock.day}
            )
    return rows


def lpr_rows() -> list[dict[str, Any]]:
    """The one-year loan prime rate over time, up to the day the table was checked."""
    table = lpr_table()
    ends = [step.since - dt.timedelta(days=1) for step in table.steps[1:]] + [table.checked_until]
    return [
        {"valid_from_date": step.since, "valid_to_date": end, "yearly_rate": step.percent / 100}
        for step, end in zip(table.steps, ends, strict=True)
    ]


def cadence_rows(inputs: ClockInputs) -> list[dict[str, Any]]:
    """The days of every cadence from the first document on; a rule that is not understood has none."""
    if inputs.first is None or inputs.newest is None:
        return []
    until = dt.date(inputs.newest.year + _YEARS_AHEAD, 12, 31)
    rows: list[dict[str, Any]] = []
    for rule in inputs.rules:
        try:
            days = occurrences(rule, inputs.first, until)
        except UnknownRuleError:
            continue  # its obligation stays without instances, which the calendar command says
        rows += [
            {
                "rule": rule,
                "nominal_date": o.nominal,
                "due_date": o.due,
                "is_certain": o.is_certain,
                "is_exact": o.is_exact,
            }
            for o in days
        ]
    return rows
