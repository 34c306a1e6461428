"""What the server is told when it starts, and the clock that every rule about time asks."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

CLOCK_VARIABLE = "QINGQIAN_CONSOLE_CLOCK"
"""A file holding a number of seconds to add to the clock: how tests and drills make a session grow old."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One server's settings.

    `behind_proxy`: a reverse proxy on this machine stands before us; its X-Forwarded-* headers are believed when the
    connection comes from loopback, and cookies carry Secure. `user_header`: the header in which that proxy names who
    has signed in elsewhere (OIDC); the account must exist here. `allowed_hosts`: names the server answers to; empty
    means any, except on loopback, where only loopback's own names are.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8600
    behind_proxy: bool = False
    user_header: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    idle: dt.timedelta = field(default=dt.timedelta(minutes=30))
    absolute: dt.timedelta = field(default=dt.timedelta(hours=12))
    clock_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse settings that would let anyone name themselves. Raises ValueError."""
        if self.user_header and not self.behind_proxy:
            raise ValueError("--user-header 只能与 --behind-proxy 一起使用；否则任何人都能冒名登录")

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server directly."""
        return is_loopback(self.host)

    def now(self) -> dt.datetime:
        """The moment it is, in UTC."""
        now = dt.datetime.now(dt.UTC)
        if self.clock_file is not None and self.clock_file.is_file():
            now += dt.timedelta(seconds=float(self.clock_file.read_text(encoding="utf-8") or 0))
        return now

    def today(self) -> dt.date:
        """The day it is where the offices are."""
        return self.now().astimezone(dt.timezone(dt.timedelta(hours=8))).date()


def clock_file() -> Path | None:
    """The clock file that the environment names; None in ordinary service."""
    named = os.environ.get(CLOCK_VARIABLE)
    return Path(named) if named else None


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
