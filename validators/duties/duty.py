"""Duties of every unit with their state on a day: rows of the warehouse through the rules of this folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from validators.duties.cadence import UnknownRuleError, occurrences
from validators.duties.status import STATUS_ZH, DutyStatus, Report, status_on
from validators.duties.targets import Reached, Target, evaluate, target_of
from warehouse.duty_rows import region_prefix

# 各县（市、区）: every region right below the issuer's.
_EACH_COUNTY = ("各县", "各区", "各市", "各旗", "各州", "各地", "县（市、区）", "县(市、区)", "县市区")
# Who gathers a region's ledgers and sends them on.
_GATHERS = ("清欠", "清理拖欠", "专班", "领导小组", "工作组", "人民政府")
_OWN = {"县": "county", "区": "county", "旗": "county", "市": "city", "州": "city", "省": "province"}


class DutyRows(Protocol):
    """Where the rows come from; `warehouse.duty_rows.DutyRows` reads them from an open warehouse."""

    def instances(self, start: dt.date, until: dt.date) -> list[dict[str, Any]]:
        """Days due, one row for each unit that must act."""

    def reports(self) -> list[dict[str, Any]]:
        """Every report that came in, oldest first."""

    def child_regions(self, region_code: str) -> list[tuple[str, str]]:
        """Codes and names of the regions right below one."""

    def sums(
        self, period: dt.date, known_at: dt.date, region_code: str, *, undisputed: bool
    ) -> tuple[Decimal | None, Decimal | None]:
        """What was owed in a region and what of it was cleared."""


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's duty on one day. `region_code` is the unit's where it is known, `document_region` the document's."""

    uid: str
    obligation_id: str
    document_id: str
    unit: str | None
    region_code: str | None
    due: dt.date
    nominal: dt.date
    is_recurring: bool
    is_certain: bool
    is_exact: bool
    action: str | None
    text: str
    recipient: str | None
    source: str
    state: DutyStatus
    document_region: str | None = None

    @property
    def status_zh(self) -> str:
        """The state in Chinese."""
        return STATUS_ZH[self.state.status]


def duties(rows: DutyRows, *, day: dt.date, start: dt.date, until: dt.date) -> list[Duty]:
    """What falls due from `start` to `until` with its state on `day`, by day and unit."""
    reader = _Reader(rows, day)
    found = [d for row in rows.instances(start, until) for d in reader.duties_of(row)]
    return sorted({d.uid: d for d in found}.values(), key=lambda d: (d.due, d.unit or "", d.uid))


class _Reader:
    """One reading of a warehouse; keeps what several duties ask for."""

    def __init__(self, rows: DutyRows, day: dt.date) -> None:
        self._rows = rows
        self._day = day
        self._reports = [
            Report(
                document_id=r["document_id"],
                region_code=r["region_code"],
                reporting_unit=r["reporting_unit"],
                as_of=r["as_of_date"],
                received=r["received_date"],
            )
            for r in rows.reports()
        ]
        self._children: dict[str, list[tuple[str, str]]] = {}
        self._sums: dict[tuple[str, dt.date, bool], tuple[Decimal | None, Decimal | None]] = {}

    def duties_of(self, row: dict[str, Any]) -> Iterator[Duty]:
        words = row["action"] or row["text"]
        target = target_of(row["action"])
        for unit, region in self._units(row):
            reached = None if target is None else self._reached(target, row["due_date"], region or row["region_code"])
            state = status_on(
                self._day,
                row["due_date"],
                words=words,
                region_code=region,
                reports=self._reports,
                previous_due=_previous(row),
                reached=reached,
            )
            who = region or row["unit"] or ""
            yield Duty(
                uid=f"{row['obligation_id']}-{row['nominal_date']:%Y%m%d}-{who}@qingqian",
                obligation_id=row["obligation_id"],
                document_id=row["document_id"],
                unit=unit,
                region_code=region,
                due=row["due_date"],
                nominal=row["nominal_date"],
                is_recurring=row["is_recurring"],
                is_certain=row["is_certain"],
                is_exact=row["is_exact"],
                action=row["action"],
                text=row["text"],
                recipient=row["recipient"],
                source=_source(row),
                state=state,
                document_region=row["region_code"],
            )

    def _units(self, row: dict[str, Any]) -> list[tuple[str | None, str | None]]:
        """Who must act, with the region whose reports count for them."""
        unit, own = row["unit"], row["region_code"]
        if unit is None:
            return [(None, None)]
        if own is not None and unit.startswith(_EACH_COUNTY) and self._below(own):
            return [(name, code) for code, name in self._below(own)]
        return [(row["unit_name"] or unit, self._region_of(row))]

    def _below(self, region_code: str) -> list[tuple[str, str]]:
        if region_code not in self._children:
            self._children[region_code] = self._rows.child_regions(region_code)
        return self._children[region_code]

    def _region_of(self, row: dict[str, Any]) -> str | None:
        """The region whose reports are this unit's: of an office that gathers them, or of a government. A report of
        the region says nothing of one bureau or of 各单位."""
        name, own = row["unit_name"] or row["unit"], row["region_code"]
        if not any(word in name for word in _GATHERS):
            return None
        below = [] if own is None else [code for code, region in self._below(own) if name.startswith(region)]
        if len(below) == 1:
            return below[0]
        return row["unit_region"] or (own if own is not None and _is_of(row["unit"], own) else None)

    def _reached(self, target: Target, due: dt.date, region: str | None) -> Reached:
        if region is None:
            return evaluate(target, None, None)
        period = min(due, self._day)
        key = (region, period, target.is_undisputed_only)
        if key not in self._sums:
            self._sums[key] = self._rows.sums(period, self._day, region, undisputed=target.is_undisputed_only)
        return evaluate(target, *self._sums[key])


def _source(row: dict[str, Any]) -> str:
    name = str(row["title"] or row["path"])
    return f"{name}（{row['doc_number']}）" if row["doc_number"] else name


def _is_of(unit: str, region_code: str) -> bool:
    """Whether 县清欠办, 市财政局 and the like in a document of a region are that region's own."""
    level = _OWN.get(unit[:1])
    prefix = len(region_prefix(region_code))
    return level is not None and {"province": 2, "city": 4, "county": 6}[level] == prefix


def _previous(row: dict[str, Any]) -> dt.date | None:
    """The day before which the last period of a cadence closed; None for duties that come once."""
    if not row["is_recurring"] or not row["rule"] or "FREQ=WEEKLY" not in row["rule"]:
        return None
    nominal: dt.date = row["nominal_date"]
    try:
        before = occurrences(row["rule"], nominal - dt.timedelta(days=21), nominal - dt.timedelta(days=1))
    except UnknownRuleError:
        return None
    return before[-1].nominal if before else None
