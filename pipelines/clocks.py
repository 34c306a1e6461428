"""Statutory clocks and cadences of a candidate warehouse: its rows through the statutes, back as rows of its tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from validators.duties.cadence import UnknownRuleError, occurrences
from validators.statutes.of_rows import complaint_clocks, debt_clock, disclosure_row_clock
from warehouse.arrow import arrow_table
from warehouse.clock_inputs import ClockInputs

# Cadences are laid out to the end of the year after the newest document's: it depends on what came in, not on today.
_YEARS_AHEAD = 1


def clock_tables(inputs: ClockInputs) -> dict[str, pa.Table]:
    """Rows of `debt_clocks`, `row_clocks` and `cadence_days`."""
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
    }


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
