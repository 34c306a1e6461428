"""Numbers as written: Arabic with thousands marks and decimals, Chinese (十二, 三百零五), financial capitals (壹佰).

Everything is Decimal; nothing passes through float.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}
DIGITS |= {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
DIGITS |= {
    "〇": 0,
    "○": 0,
    "O": 0,
    "◯": 0,
    "两": 2,
    "弍": 2,
    "貳": 2,
    "贰": 2,
    "弐": 2,
    "參": 3,
    "叄": 3,
    "陸": 6,
    "壱": 1,
}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}

CHINESE = "〇○零一二三四五六七八九十百千两"
CAPITALS = "零壹贰叁肆伍陆柒捌玖弍貳參叄陸拾佰仟"

ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?:\.\d{1,8})?"
_ARABIC = re.compile(ARABIC)


def arabic(text: str) -> Decimal | None:
    """`15,167.39` as Decimal; None when the text is not such a number."""
    if not _ARABIC.fullmatch(text):
        return None
    return Decimal(text.replace(",", ""))


def chinese(text: str) -> int | None:
    """A Chinese whole number, positional (三百零五) or digit by digit (二〇二二); None when malformed."""
    if not text:
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total, section, digit, seen = 0, 0, None, False
    for c in text:
        if c in DIGITS:
            if digit not in (None, 0):
                return None
            digit = DIGITS[c]
        elif c in UNITS:
            section += (1 if digit is None or digit == 0 else digit) * UNITS[c]
            digit, seen = None, True
        elif c in LARGE:
            section += digit or 0
            if not section:
                return None
            total = (total + section) * LARGE[c] if LARGE[c] > 10_000 else total + section * LARGE[c]
            section, digit, seen = 0, None, True
        else:
            return None
    return total + section + (digit or 0) if seen else digit


def any_integer(text: str) -> int | None:
    """A small whole number in either script."""
    return int(text) if text.isdigit() and text.isascii() else chinese(text)


def quantum(text: str) -> Decimal:
    """Half a unit of the last printed digit of an Arabic number: `13.13` gives 0.005, `50` gives 0.5."""
    _, _, fraction = text.partition(".")
    return Decimal(5).scaleb(-len(fraction) - 1)
