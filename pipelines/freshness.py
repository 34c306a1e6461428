"""How long a source may be silent: by its cadence, with some days of grace for weekends and holidays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from pipelines.source_schema import Source
from warehouse.state import State
from warehouse.state_sources import all_health
from warehouse.state_troubles import begin_trouble, end_trouble

_LONGEST_DAYS = {"nightly": 5, "weekly": 12, "monthly": 40, "quarterly": 110}


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """One source: when it last brought something, how many days that may be ago, whether it is late."""

    source: str
    label: str
    cadence: str
    last_new_at: dt.datetime | None
    longest_days: int
    is_late: bool


def freshness(state: State, sources: Iterable[Source], now: dt.datetime) -> list[Freshness]:
    """Every source, by name. One that never brought anything is waited for: nobody knows since when it should."""
    last = {h.source: h.last_new_at for h in all_health(state)}
    out = []
    for source in sources:
        days = _LONGEST_DAYS[source.cadence]
        moment = last.get(source.name)
        late = moment is not None and now - moment > dt.timedelta(days=days)
        out.append(
            Freshness(
                source=source.name, label=source.label, cadence=source.cadence, last_new_at=moment, longest_days=days,
                is_late=late,
            )
        )  # fmt: skip
    return sorted(out, key=lambda f: f.source)


def tell_silence(state: State, found: Iterable[Freshness], now: dt.datetime) -> None:
    """A source that fell silent is a trouble until it brings something."""
    for one in found:
        if one.is_late and one.last_new_at is not None:
            days = (now - one.last_new_at).days
            message = (
                f"来源“{one.label}”已有 {days} 天没有新文件（{one.cadence}，最多 {one.longest_days} 天）；请向对方核实"
            )
            begin_trouble(state, f"silent:{one.source}", kind="source", subject=one.label, message=message, now=now)
        else:
            end_trouble(state, f"silent:{one.source}", now=now)
