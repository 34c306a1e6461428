"""Clocks of disclosures, complaints and confirmations of receivables."""

from __future__ import annotations

import datetime as dt

import msgspec

from validators.statutes.calendar import after_days, after_working_days
from validators.statutes.rulebook import DebtorClass, Version, rulebook


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """One limit: `due` or the reason why there is none; `is_certain` as in `calendar.Counted`."""

    rule_version: str | None = None
    article: str | None = None
    due: dt.date | None = None
    is_certain: bool = True
    reason: str | None = None


def disclosure_clock(kind: DebtorClass, year: int) -> Clock:
    """By when overdue payments of a year must be disclosed, in the next year (728 art. 16, 802 art. 18).

    The day is fixed by the calendar and not moved off a day of rest: the disclosure is made by publishing online.
    """
    name = f"{kind}_disclosure"
    guess = dt.date(year + 1, 6, 30) if kind == "large" else dt.date(year + 1, 3, 31)
    law = rulebook().on(guess)
    rule = law.clocks.get(name)
    if rule is None or rule.month is None or rule.day is None:
        return Clock(rule_version=law.version, reason="before_728")
    return Clock(rule_version=law.version, article=rule.article, due=dt.date(year + 1, rule.month, rule.day))


def transfer_clock(accepted: dt.date | None) -> Clock:
    """By when a complaint accepted on a day must be passed to the handling body (802 art. 25)."""
    return _clock("complaint_transfer", accepted)


def result_clock(received: dt.date | None) -> Clock:
    """By when the handling body must answer in writing, from the day it has the complaint (802 art. 25)."""
    return _clock("complaint_result", received)


def longest_clock(received: dt.date | None) -> Clock:
    """The last day for the answer where more time was approved (802 art. 25)."""
    return _clock("complaint_longest", received)


def confirmation_clock(requested: dt.date | None) -> Clock:
    """By when a receivable must be confirmed on request (802 art. 16)."""
    return _clock("receivable_confirmation", requested)


def _clock(name: str, start: dt.date | None) -> Clock:
    if start is None:
        return Clock(reason="no_accepted_date")
    law: Version = rulebook().on(start)
    rule = law.clocks.get(name)
    if rule is None:
        return Clock(rule_version=law.version, reason="no_statutory_clock")
    known = Clock(rule_version=law.version, article=rule.article)
    if rule.working_days is not None:
        counted = after_working_days(start, rule.working_days)
    elif rule.days is not None:
        counted = after_days(start, rule.days)
    else:
        return msgspec.structs.replace(known, reason="no_statutory_clock")
    return msgspec.structs.replace(known, due=counted.day, is_certain=counted.is_certain)
