"""The journal: one JSON object a line under `<home>/logs/`, for log collectors. No personal data, no content, no names
of files: ids, codes, counts and times only.

网络安全法 art. 21 asks for network logs to be kept six months at least; a file is deleted after thirteen months.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import msgspec

KEEP_DAYS = 400
Value = str | int | float | bool | None | dict[str, int]
_CODE = re.compile(r"^[A-Za-z0-9_.:+\-]{0,80}$")


def note(home: Path, now: dt.datetime, event: str, **fields: Value) -> None:
    """Add a line. Text that is not a code (an id, a date, a snake_case word) is refused: it could be anything.

    Raises ValueError for such text, OSError when the disk refuses.
    """
    for key, value in fields.items():
        if isinstance(value, str) and not _CODE.match(value):
            raise ValueError(f"{key} is not a code")
    moment = now.astimezone(dt.UTC)
    line = msgspec.json.encode({"at": moment.isoformat(timespec="milliseconds"), "event": event, **fields}) + b"\n"
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / f"{moment:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def clear_old(home: Path, now: dt.datetime) -> None:
    """Delete the journals of more than thirteen months ago."""
    limit = (now - dt.timedelta(days=KEEP_DAYS)).strftime("%Y-%m-%d")
    for path in (home / "logs").glob("????-??-??.jsonl"):
        if path.stem < limit:
            path.unlink(missing_ok=True)
