"""What the commands have in common: the home option, days as options, today in Beijing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

Home = Annotated[
    Path | None, typer.Option("--home", help="状态目录；不给则用 QINGQIAN_HOME，再不然用 ./data", show_default=False)
]


def day(value: str | None, option: str) -> dt.date | None:
    """The day an option gives, if it is given. Raises BadParameter that says how a day is written."""
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"{option} 要写成 YYYY-MM-DD，例如 2026-07-31，不能是“{value}”") from None


def today() -> dt.date:
    """Today where the offices are."""
    return dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
