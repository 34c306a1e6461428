"""Duties as an iCalendar file (RFC 5545) that calendar programs take in: one all-day event for each day due.

Lines end with CRLF and are folded at 75 octets, never within a character (3.1); commas, semicolons, backslashes and
line ends in texts are escaped (3.3.11). The stamp comes in as an argument, so that the same duties give the same bytes.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable

import msgspec

_LONGEST = 75
_PRODUCT = "-//qingqian//duties//ZH"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One all-day event. `uid` stays the same from export to export, so that programs replace what they have.

    `alarm_days`: a reminder so many days ahead; None for none. `categories` as the program may colour them.
    """

    uid: str
    day: dt.date
    summary: str
    description: str = ""
    categories: tuple[str, ...] = ()
    alarm_days: int | None = None


def calendar(name: str, events: Iterable[Event], *, stamp: dt.datetime) -> str:
    """The calendar as text. `stamp` is a moment with its time zone. Raises ValueError for one without."""
    if stamp.tzinfo is None:
        raise ValueError("the stamp needs its time zone")
    made = stamp.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escape(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
    ]
    for event in sorted(events, key=lambda e: (e.day, e.uid)):
        lines += _event(event, made)
    lines.append("END:VCALENDAR")
    return "".join(fold(line) + "\r\n" for line in lines)


def _event(event: Event, made: str) -> list[str]:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{escape(event.uid)}",
        f"DTSTAMP:{made}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + dt.timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escape(event.summary)}",
    ]
    if event.description:
        lines.append(f"DESCRIPTION:{escape(event.description)}")
    if event.categories:
        lines.append("CATEGORIES:" + ",".join(map(escape, event.categories)))
    lines.append("TRANSP:TRANSPARENT")
    if event.alarm_days is not None:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escape(event.summary)}",
            f"TRIGGER:-P{event.alarm_days}D",
            "END:VALARM",
        ]
    lines.append("END:VEVENT")
    return lines


def escape(text: str) -> str:
    """A text value: line ends as \\n, the marks that separate values escaped, other control characters dropped."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in unified if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """A content line in pieces of at most 75 octets, each further one led by a space."""
    pieces: list[str] = []
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LONGEST:
            pieces.append(piece)
            piece, size = " ", 1
        piece += character
        size += octets
    return "\r\n".join([*pieces, piece])
