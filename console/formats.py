"""Figures, days and moments as people read them here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
UNKNOWN = "—"
_DISPUTED = {
    "yes": ("有分歧", "disputed"),
    "no": ("无分歧", "undisputed"),
    "partial": ("部分有分歧", "disputed in part"),
}
_WAN, _YI = Decimal(10_000), Decimal(100_000_000)


def money(value: Decimal | int | None) -> str:
    """An exact amount in yuan: 1,234,567.89. Unknown is a dash, never a nought."""
    return UNKNOWN if value is None else f"{Decimal(value):,.2f}"


def short_money(value: Decimal | int | None, language: str = "zh") -> str:
    """An amount for headlines, rounded to two decimals: 1.23 亿元, 45.60 万元; English: m or k yuan."""
    if value is None:
        return UNKNOWN
    amount = Decimal(value)
    if language == "en":
        steps = ((Decimal(1_000_000), " m yuan"), (Decimal(1000), " k yuan"))
    else:
        steps = ((_YI, " 亿元"), (_WAN, " 万元"))
    for size, unit in steps:
        if abs(amount) >= size:
            return f"{(amount / size).quantize(Decimal('0.01'), ROUND_HALF_UP):,}{unit}"
    return f"{amount:,.2f}{' yuan' if language == 'en' else ' 元'}"


def count(value: int | None) -> str:
    """A whole number with separators."""
    return UNKNOWN if value is None else f"{value:,}"


def percent(value: Decimal | float | None, places: int = 1) -> str:
    """A share, 1 being the whole, in per cent."""
    return UNKNOWN if value is None else f"{Decimal(value) * 100:.{places}f}%"


def day(value: dt.date | str | None) -> str:
    """A calendar day: 2026-07-31."""
    return UNKNOWN if value is None else str(value)[:10]


def moment(value: dt.datetime | str | None) -> str:
    """A moment in Beijing time, to the minute. Raises ValueError for a text that is no ISO moment."""
    if value is None:
        return UNKNOWN
    at = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def duration(seconds: float | None, language: str = "zh") -> str:
    """How long something took."""
    if seconds is None:
        return UNKNOWN
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} {'s' if language == 'en' else '秒'}"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if language == "en" else f"{minutes} 分 {rest} 秒"


def value(field: str | None, text: object, language: str = "zh") -> str:
    """A value of a column that was kept as text, as people write it: money with thousands, the answers of `disputed`
    in words, all else as it is."""
    if text is None:
        return UNKNOWN
    if field == "disputed" and text in _DISPUTED:
        return _DISPUTED[str(text)][language == "en"]
    if field is not None and field.endswith("_yuan"):
        try:
            return money(Decimal(str(text)))
        except InvalidOperation:
            return str(text)
    return str(text)


def sentence(finding: Mapping[str, Any], language: str = "zh") -> str:
    """A finding's sentence without the file it opens with: every page names that beside it. Without a path it is
    whole."""
    said = str((finding.get("message_en") if language == "en" else None) or finding["message_zh"])
    name = str(finding.get("path") or "").rsplit("/", 1)[-1]
    if not name:
        return said
    for opening in (f"文件《{name}》", f"file “{name}”"):
        rest = said.removeprefix(opening).lstrip(" ,:：，")
        if rest and rest != said:
            return rest[:1].upper() + rest[1:]
    return said


def size(value: int | None) -> str:
    """A number of bytes."""
    if value is None:
        return UNKNOWN
    if value < 1024:
        return f"{value} B"
    return f"{value / 1024:.1f} KB" if value < 1 << 20 else f"{value / (1 << 20):.1f} MB"
