"""Statutory clocks of the warehouse's rows: plain rows in, rows of `debt_clocks` and `row_clocks` out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from validators.statutes.clocks import Clock, disclosure_clock, longest_clock, result_clock, transfer_clock
from validators.statutes.interest import interest, rate_of
from validators.statutes.payment import PaymentClock, Performance, debtor_class, overdue_days, payment_clock
from validators.statutes.reasons import REASONS

Row = Mapping[str, Any]
_EXACT = (None, "day")


@lru_cache(maxsize=100_000)
def _clock_of(debtor_type: str | None, delivered: dt.date | None, exact: bool, agreed: dt.date | None) -> PaymentClock:
    if delivered is not None and not exact:
        return PaymentClock(reason="base_date_not_exact")
    kind, why = debtor_class(debtor_type)
    term = None if delivered is None or agreed is None else (agreed - delivered).days
    flags: tuple[str, ...] = ()
    if term is not None and term < 0:
        term, flags = None, ("due_before_delivery",)
    clock = payment_clock(kind, Performance(delivered=delivered, term_days=term), why_no_kind=why)
    return msgspec.structs.replace(clock, flags=(*clock.flags, *flags))


def debt_clock(debt: Row, repaid: Iterable[tuple[dt.date, Decimal]] = ()) -> dict[str, Any]:
    """The row of `debt_clocks` of one debt (a row of the view `debts`).

    `repaid` are amounts paid with the day on which they are known to have been paid. Days late and interest are
    counted to the day the latest ledger speaks of. The rate is the statutory one: ledgers do not tell agreed rates.
    """
    agreed = debt["due_date"] if debt["due_date_precision"] in _EXACT else None
    clock = _clock_of(debt["debtor_type"], debt["delivery_date"], debt["delivery_date_precision"] in _EXACT, agreed)
    as_of, reason = debt["as_of_date"], clock.reason
    row: dict[str, Any] = {
        "debt_id": debt["debt_id"],
        "as_of_date": as_of,
        "rule_version": clock.rule_version,
        "article": clock.article,
        "base_date": clock.base,
        "term_days": clock.term_days,
        "statutory_due_date": clock.due,
        "clock_flags": msgspec.json.encode(clock.flags).decode(),
    }
    if clock.due is not None and clock.rule_version is not None:
        if as_of is None:
            reason = "no_as_of_date"
        else:
            row["overdue_days"] = overdue_days(clock.due, as_of)
            owed = interest(debt["arrears_amount_yuan"], clock.due, as_of, rate_of(clock.rule_version), repaid)
            row["interest_yuan"], reason = owed.total, owed.reason
    return row | {"reason": reason, "reason_zh": None if reason is None else REASONS[reason]}


def complaint_clocks(row: Row) -> list[dict[str, Any]]:
    """Rows of `row_clocks` of one complaint: passing it on, answering it, the last day with more time approved."""
    accepted = row["accepted_date"] if row["accepted_date_precision"] in _EXACT else None
    ends = {"transfer": row["transferred_date"], "result": row["closed_date"], "longest": row["closed_date"]}
    clocks = {
        "transfer": transfer_clock(accepted),
        "result": result_clock(accepted),
        "longest": longest_clock(accepted),
    }
    return [_row_clock(row["row_id"], name, clock, ends[name], row["as_of_date"]) for name, clock in clocks.items()]


def disclosure_row_clock(row: Row) -> dict[str, Any]:
    """The row of `row_clocks` of one disclosure: by when the year's overdue payments had to be made public."""
    kind, why = debtor_class(row["debtor_type"])
    year = row["year"] or (row["as_of_date"].year if row["as_of_date"] is not None else None)
    clock = Clock(reason=why or "no_year") if year is None or kind is None else disclosure_clock(kind, year)
    return _row_clock(row["row_id"], "disclosure", clock, row["publish_date"], None)


def _row_clock(row_id: str, name: str, clock: Clock, done: dt.date | None, as_of: dt.date | None) -> dict[str, Any]:
    """`is_late` is null where neither the day it was done nor a later day on which it was not done is known."""
    late: bool | None = None
    if clock.due is not None:
        if done is not None:
            late = done > clock.due
        elif as_of is not None and as_of > clock.due:
            late = True
    return {
        "row_id": row_id,
        "clock": name,
        "due_date": clock.due,
        "done_date": done,
        "is_late": late,
        "rule_version": clock.rule_version,
        "article": clock.article,
        "reason": clock.reason,
        "reason_zh": None if clock.reason is None else REASONS[clock.reason],
    }
