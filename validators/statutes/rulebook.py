"""The statutes as values: read from the YAML beside this module, checked once, looked up by day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

import msgspec
import yaml

DebtorClass = Literal["organ", "large"]
BEFORE_ANY = "none"


class PaymentRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days to pay. Null `term_days`: the statute names no number. Null limits: there is none."""

    term_days: int | None = None
    longest_days: int | None = None
    review_days: int | None = None
    article: str


class InterestRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Late interest: `daily_rate` where nothing was agreed; an agreed rate may not lie below `floor`."""

    daily_rate: Decimal
    floor: Literal["lpr_1y"]
    article: str


class ClockRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limit: calendar days, working days, or a fixed day of the year."""

    article: str
    days: int | None = None
    working_days: int | None = None
    month: int | None = None
    day: int | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of the law; in force from `since` until the next one's."""

    version: str
    since: dt.date = msgspec.field(name="from")
    title: str
    payment: dict[DebtorClass, PaymentRule]
    clocks: dict[str, ClockRule]
    interest: InterestRule | None = None


class Rulebook(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All versions, oldest first, and whom they bind."""

    versions: tuple[Version, ...]
    debtors: dict[str, DebtorClass]
    days_of_a_year: int

    def on(self, day: dt.date) -> Version:
        """The version in force on a day."""
        return [v for v in self.versions if v.since <= day][-1]

    def named(self, version: str) -> Version:
        """A version by name. Raises KeyError."""
        for v in self.versions:
            if v.version == version:
                return v
        raise KeyError(version)


class LprStep(msgspec.Struct, frozen=True, kw_only=True):
    """The one-year loan prime rate from a day on."""

    since: dt.date = msgspec.field(name="from")
    percent: Decimal


class LprTable(msgspec.Struct, frozen=True, kw_only=True):
    """Known values; nothing is known after `checked_until`."""

    checked_until: dt.date
    steps: tuple[LprStep, ...]

    def on(self, day: dt.date) -> Decimal | None:
        """The yearly rate (0.0385 for 3.85%) on a day; None outside the table."""
        held = [s.percent for s in self.steps if s.since <= day]
        return held[-1] / 100 if held and day <= self.checked_until else None


def _load(name: str) -> Any:
    return yaml.safe_load((resources.files("validators.statutes") / name).read_text("utf-8"))


@cache
def rulebook() -> Rulebook:
    """The statutes. Raises msgspec.ValidationError or ValueError for a YAML that is not as described above."""
    book = msgspec.convert(_load("rules.yml"), Rulebook, strict=False)
    if [v.since for v in book.versions] != sorted({v.since for v in book.versions}):
        raise ValueError("statutes/rules.yml: versions must be in the order of their days")
    return book


@cache
def lpr_table() -> LprTable:
    """The loan prime rates. Raises as `rulebook`."""
    table = msgspec.convert(_load("lpr.yml"), LprTable, strict=False)
    if [s.since for s in table.steps] != sorted({s.since for s in table.steps}):
        raise ValueError("statutes/lpr.yml: steps must be in the order of their days")
    return table
