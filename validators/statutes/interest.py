"""Late interest: by segments of what was still owed, at the agreed rate with its floor, else at the statutory one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from validators.statutes.rulebook import lpr_table, rulebook

_FEN = Decimal("0.01")


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """`share` of the principal for every `days` days, so that a yearly rate is not rounded to one of a day.

    `flags`: `below_lpr` when the agreed rate was lifted to its floor. `reason` when there is no rate.
    """

    share: Decimal | None = None
    days: int = 1
    floor: Decimal | None = None
    flags: tuple[str, ...] = ()
    reason: str | None = None


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Interest of the days after `start` up to and including `end`, on one principal; not rounded."""

    start: dt.date
    end: dt.date
    principal: Decimal
    days: int
    interest: Decimal


class Interest(msgspec.Struct, frozen=True, kw_only=True):
    """`total` in yuan, rounded half up to the fen once; null with a reason."""

    total: Decimal | None
    segments: tuple[Segment, ...] = ()
    reason: str | None = None


def rate_of(version: str, *, agreed_yearly: Decimal | None = None, contract_date: dt.date | None = None) -> Rate:
    """The rate under a version of the law (728 art. 15, 802 art. 17).

    `agreed_yearly` is a share of a year (0.04). Raises KeyError for a version that does not exist.
    """
    book = rulebook()
    rule = book.named(version).interest
    if rule is None:
        return Rate(reason="before_728")
    if agreed_yearly is None:
        return Rate(share=rule.daily_rate)
    if contract_date is None:
        return Rate(reason="no_contract_date")
    floor = lpr_table().on(contract_date)
    if floor is None:
        return Rate(reason="lpr_unknown")
    return Rate(
        share=max(agreed_yearly, floor),
        days=book.days_of_a_year,
        floor=floor,
        flags=("below_lpr",) if agreed_yearly < floor else (),
    )


def interest(
    principal: Decimal | None,
    due: dt.date,
    as_of: dt.date,
    rate: Rate,
    repayments: Iterable[tuple[dt.date, Decimal]] = (),
) -> Interest:
    """Interest from the day after `due` up to and including `as_of`.

    `principal` is what was owed on the due date. A repayment (day, yuan) bears interest up to and including its day;
    those up to the due date lower the principal, those after `as_of` do not count. More than was owed leaves nothing.
    """
    if rate.share is None:
        return Interest(total=None, reason=rate.reason)
    if principal is None:
        return Interest(total=None, reason="no_principal")
    if as_of <= due:
        return Interest(total=Decimal("0.00"), reason="not_overdue")
    segments: list[Segment] = []
    left, since = principal, due
    for day, amount in [*sorted(r for r in repayments if r[0] <= as_of), (as_of, Decimal(0))]:
        end = max(day, since)
        days = (end - since).days
        if days and left > 0:
            earned = left * rate.share * days / rate.days
            segments.append(Segment(start=since, end=end, principal=left, days=days, interest=earned))
        left, since = max(Decimal(0), left - amount), end
    total = sum((s.interest for s in segments), Decimal(0)).quantize(_FEN, ROUND_HALF_UP)
    return Interest(total=total, segments=tuple(segments))
