"""Room on the disk: people are told while there is still time, not when the night fails of it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from warehouse.publish import warehouse_path
from warehouse.state import State
from warehouse.state_troubles import begin_trouble, end_trouble

# A night writes a whole new warehouse beside the old one, and what it reads; below this the next ones may not fit.
_RESERVE_BYTES = 1 << 30
_WAREHOUSES = 3


def tell_room(home: Path, state: State, now: dt.datetime) -> None:
    """Little room is a trouble until there is more."""
    published = warehouse_path(home)
    size = published.stat().st_size if published.is_file() else 0
    free = shutil.disk_usage(home).free
    if free >= _RESERVE_BYTES + _WAREHOUSES * size:
        end_trouble(state, "disk", now=now)
        return
    message = (
        f"状态目录 {home} 所在的磁盘只剩 {free / 1e9:.1f} GB，将不够以后几夜使用；"
        "请尽快腾出空间，办法见 docs/operating.md“磁盘满了”"
    )
    begin_trouble(state, "disk", kind="disk", subject="磁盘空间", message=message, now=now)
