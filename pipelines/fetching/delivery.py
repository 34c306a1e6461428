"""What connectors speak: deliveries, and the two kinds of failure."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from warehouse.state_sources import Fetched


class TransientError(Exception):
    """The other side may be well in a moment: worth another try, after `retry_after` seconds if it said so."""

    def __init__(self, code: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


class PermanentError(Exception):
    """Trying again tonight would not help; the message says what a person has to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a source tonight.

    `path` names it within the source for ever. Either it is `ignored` or has `failed` (the reason), or it is `known`
    (the bytes of that file id, nothing fetched), or its bytes lie at `file`.
    """

    path: str
    url: str
    size: int = 0
    mtime_ns: int | None = None
    file: Path | None = None
    is_ours: bool = True  # the file is a copy of ours under <home>/fetch, to be deleted once it is archived
    known: str | None = None
    ignored: str | None = None
    failed: str | None = None
    token: str | None = None
    headers: dict[str, str] = {}
    links: tuple[str, ...] = ()


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector may know and use: the folder for what is being fetched, what was fetched before, clocks."""

    home: Path
    folder: Path
    known: Mapping[str, Fetched]
    cursor: str | None
    now: dt.datetime
    sleep: Callable[[float], None] = time.sleep
    random: random.Random = msgspec.field(default_factory=random.Random)
    log: Callable[[str], None] = lambda _: None
    told: dict[str, str] = msgspec.field(default_factory=dict)  # what the connector leaves for the next night: `cursor`
