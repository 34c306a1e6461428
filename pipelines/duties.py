"""Duties of a published warehouse file, for commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from validators.duties.duty import Duty
from validators.duties.duty import duties as duties_of
from warehouse import duty_rows
from warehouse.access import connect

__all__ = ["Duty", "duties", "undated"]


def duties(path: Path, *, day: dt.date, start: dt.date, until: dt.date) -> list[Duty]:
    """What falls due from `start` to `until` with its state on `day`, by day and unit.

    Raises QueryError where there is no warehouse.
    """
    with connect(path) as connection:
        return duties_of(duty_rows.DutyRows(connection), day=day, start=start, until=until)


def undated(path: Path) -> list[dict[str, Any]]:
    """Duties that have no day. Raises QueryError where there is no warehouse."""
    with connect(path) as connection:
        return duty_rows.undated(connection)
