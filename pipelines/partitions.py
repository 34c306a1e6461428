"""One partition a night, on Beijing time.

Nights start with the national drive (国办发明电〔2018〕14号, November 2018) and reach a year ahead, so that a night can
be run "as of" any day that this work knows.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import dagster as dg

TIMEZONE = "Asia/Shanghai"
FIRST_NIGHT = dt.date(2018, 1, 1)

NIGHTS = dg.DailyPartitionsDefinition(
    start_date=FIRST_NIGHT.isoformat(), timezone=TIMEZONE, end_offset=366, fmt="%Y-%m-%d"
)


def today(now: dt.datetime) -> dt.date:
    """The night that a moment (with time zone) belongs to."""
    return now.astimezone(ZoneInfo(TIMEZONE)).date()
