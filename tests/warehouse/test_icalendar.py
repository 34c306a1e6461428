"""iCalendar text as RFC 5545 wants it, read back by a reader written from the standard."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.icalendar import Event, calendar, escape, fold

STAMP = dt.datetime(2031, 3, 1, 8, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def unescape(text: str) -> str:
    out, i = "", 0
    while i < len(text):
        if text[i] == "\\":
            out += "\n" if text[i + 1] in "nN" else text[i + 1]
            i += 2
        else:
            out += text[i]
            i += 1
    return out


def test_a_calendar() -> None:
    events = [
        Event(uid="b@q", day=dt.date(2031, 12, 31), summary="报送台账", categories=("清欠", "月报"), alarm_days=3),
        Event(uid="a@q", day=dt.date(2031, 3, 5), summary="调度, 通报; 督办", description="第一行\n第二行"),
    ]
    assert calendar("某县", events, stamp=STAMP).split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//qingqian//duties//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "X-WR-CALNAME:某县", "X-WR-TIMEZONE:Asia/Shanghai",
        "BEGIN:VEVENT", "UID:a@q", "DTSTAMP:20310301T000000Z", "DTSTART;VALUE=DATE:20310305",
        "DTEND;VALUE=DATE:20310306", "SUMMARY:调度\\, 通报\\; 督办", "DESCRIPTION:第一行\\n第二行",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "BEGIN:VEVENT", "UID:b@q", "DTSTAMP:20310301T000000Z", "DTSTART;VALUE=DATE:20311231",
        "DTEND;VALUE=DATE:20320101", "SUMMARY:报送台账", "CATEGORIES:清欠,月报", "TRANSP:TRANSPARENT",
        "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:报送台账", "TRIGGER:-P3D", "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR", "",
    ]  # fmt: skip
    with pytest.raises(ValueError):
        calendar("某县", [], stamp=dt.datetime(2031, 3, 1))


@given(st.text(max_size=200))
def test_any_text_comes_back_and_no_line_is_too_long(text: str) -> None:
    made = calendar("名", [Event(uid="u", day=dt.date(2031, 3, 5), summary=text)], stamp=STAMP)
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    lines = [line for line in unfolded(made) if line.startswith("SUMMARY:")]
    expected = "".join(
        c
        for c in text.replace("\r\n", "\n").replace("\r", "\n")
        if c == "\n" or (c >= " " and not "\x7f" <= c <= "\x9f")
    )
    assert [unescape(line.removeprefix("SUMMARY:")) for line in lines] == [expected]


def test_folding_counts_octets_and_keeps_characters_whole() -> None:
    assert fold("x" * 75) == "x" * 75
    assert fold("x" * 76) == "x" * 75 + "\r\n x"
    assert [len(piece.encode()) for piece in fold("账" * 60).split("\r\n")] == [75, 73, 34]
    assert escape("a\\b\r\nc") == "a\\\\b\\nc"
