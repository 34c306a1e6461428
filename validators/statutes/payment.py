"""By when the law wants a debt paid, and for how many days it has been late."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from validators.statutes.calendar import after_days
from validators.statutes.rulebook import BEFORE_ANY, DebtorClass, rulebook

_UNSIZED = ("国企", "平台公司")


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """When the creditor's part was done and what was agreed; None: not known.

    `settled`: the day both sides confirmed the amount (progress or periodic settlement). `accepted`: the day of
    acceptance, `acceptance_until`: the end of the agreed time for it. `term_days`: days to pay by the contract.
    """

    delivered: dt.date | None = None
    accepted: dt.date | None = None
    acceptance_until: dt.date | None = None
    settled: dt.date | None = None
    term_days: int | None = None


class PaymentClock(msgspec.Struct, frozen=True, kw_only=True):
    """The statutory day and how it came about; null `due` with a `reason` of `reasons`.

    `flags`: `term_too_long` (cut to the statutory limit), `term_review` (lawful only by the customs of the trade),
    `calendar_uncertain` (beyond the holiday table), `shifted` (moved off a day of rest).
    """

    rule_version: str | None = None
    article: str | None = None
    base: dt.date | None = None
    base_kind: Literal["delivery", "acceptance", "acceptance_window", "settlement"] | None = None
    term_days: int | None = None
    due: dt.date | None = None
    flags: tuple[str, ...] = ()
    reason: str | None = None


def debtor_class(debtor_type: str | None) -> tuple[DebtorClass | None, str | None]:
    """How the statutes bind a kind of debtor (as ledgers name it), or the reason why that is not known."""
    if debtor_type is None:
        return None, "debtor_type_unknown"
    found = rulebook().debtors.get(debtor_type)
    if found is not None:
        return found, None
    return None, "debtor_size_unknown" if debtor_type in _UNSIZED else "debtor_not_bound"


def base_of(
    p: Performance,
) -> tuple[dt.date | None, Literal["delivery", "acceptance", "acceptance_window", "settlement"] | None]:
    """The day from which the term is counted and what happened on it (728 art. 8-9, 802 art. 9-10).

    Acceptance counts when it was made, at the latest when the time agreed for it was over.
    """
    if p.settled is not None:
        return p.settled, "settlement"
    if p.acceptance_until is not None and (p.accepted is None or p.accepted > p.acceptance_until):
        return p.acceptance_until, "acceptance_window"
    if p.accepted is not None:
        return p.accepted, "acceptance"
    return p.delivered, None if p.delivered is None else "delivery"


def payment_clock(
    kind: DebtorClass | None, performance: Performance, *, why_no_kind: str | None = None, version: str | None = None
) -> PaymentClock:
    """The statutory due date of one payment.

    `kind` and `why_no_kind` as `debtor_class` gives them. `version` overrides the version told by the base day.
    Raises KeyError for a version that does not exist.
    """
    base, base_kind = base_of(performance)
    if base is None:
        return PaymentClock(reason="no_base_date")
    law = rulebook().on(base) if version is None else rulebook().named(version)
    known = PaymentClock(rule_version=law.version, base=base, base_kind=base_kind)
    if law.version == BEFORE_ANY:
        return msgspec.structs.replace(known, reason="before_728")
    if kind is None:
        return msgspec.structs.replace(known, reason=why_no_kind or "debtor_type_unknown")
    rule = law.payment[kind]
    term = rule.term_days if performance.term_days is None else performance.term_days
    known = msgspec.structs.replace(known, article=rule.article)
    if term is None:
        return msgspec.structs.replace(known, reason="no_statutory_number")
    flags = []
    if rule.longest_days is not None and term > rule.longest_days:
        term = rule.longest_days
        flags.append("term_too_long")
    if rule.review_days is not None and term > rule.review_days:
        flags.append("term_review")
    counted = after_days(base, term)
    if counted.is_shifted:
        flags.append("shifted")
    if not counted.is_certain:
        flags.append("calendar_uncertain")
    return msgspec.structs.replace(known, term_days=term, due=counted.day, flags=tuple(flags))


def overdue_days(due: dt.date, as_of: dt.date) -> int:
    """Days after the due date, up to and including `as_of`; 0 on the due date itself."""
    return max(0, (as_of - due).days)
