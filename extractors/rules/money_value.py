"""What a sum of money in prose is worth: exact yuan, or the two ends that words of approximation leave.

约n is n ± 5 %, 近n and 不足n [0.9n, n], 超过n [n, 1.1n]; n余, n多 and n出头 reach up to the next unit of the last digit
that is not zero (6600多亿: 6600 to 6700). So the project's contract reads them.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from extractors.rules.lexicon import words
from extractors.rules.numbers import arabic, chinese

SCALE = {"千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}


class Money(msgspec.Struct, frozen=True, gc=False):
    """`low` yuan, and `high` when it is a range; `quantum` is half a unit of the last printed digit, in yuan."""

    low: Decimal
    high: Decimal | None = None
    approx: bool = False
    quantum: Decimal | None = None
    bound: str | None = None  # 以上, 以下 …: a limit of a rule rather than a measurement
    scale: int = 0  # power of ten of the printed unit, for figures of a list that share it
    conflict: bool = False  # figures and capitals printed side by side disagree


def around(value: Money, before: str, over: str, place: Decimal, after: str) -> Money:
    """Apply the words of approximation. `place` is the yuan value of one unit of the last non-zero digit."""
    n = value.low
    if over or after in _PAST:
        return replace(value, high=n + place, approx=True)
    if before in _UNDER:
        return replace(value, low=n * Decimal("0.9"), high=n, approx=True)
    if before in OVER:
        return replace(value, high=n * Decimal("1.1"), approx=True)
    if before in _ABOUT or after in _NEARLY:
        return replace(value, low=n * Decimal("0.95"), high=n * Decimal("1.05"), approx=True)
    if before or after:
        return replace(value, approx=True, bound=after or before)
    return value


_ABOUT, _UNDER, OVER, _NEARLY, _PAST = (
    frozenset(words("money", name))
    for name in ("before_about", "before_under", "before_over", "after_about", "after_past")
)


def last_place(number: Decimal) -> Decimal:
    """One unit of the last non-zero digit: 6600 gives 100, 1.5 gives 0.1, 15 gives 1."""
    digits = number.normalize()
    exponent = digits.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def read_number(text: str) -> Decimal | None:
    """A number in either script; None when malformed."""
    if text[0].isdigit():
        return arabic(text)
    value = chinese(text)
    return None if value is None else Decimal(value)


# Pieces of the patterns of the rules.
BEFORE = (
    r"(?:(?P<before>(?<![签违契履毁])<money.before_about>"
    r"|(?<!财力)(?<!资金)(?<!财政)(?<!能力)(?<!经费)(?<!预算)(?<!现金流)<money.before_under>"
    r"|<money.before_over>|<money.before_bound>)\s?)?"
    r"(?:人民币\s?|[¥￥]\s?)?"
)
# The blank belongs to the word: a figure that ends its line must not take the line end with it.
AFTER = r"(?:\s?(?P<after><money.after_bound>|<money.after_about>|<money.after_past>))?"
MULTIPLIER = r"<money.multiplier>"
# 0.6亿元月底前, 2亿元化解欠款: after 万 or 亿 it is the unit whatever follows; else 元月, 元素, 元化 are words.
YUAN = r"(?:(?<=[千万亿余])元(?!旦)|元(?![旦月首素件宝老化宵气]))"
PAST = r"<money.after_over>"
# 3.5万余户: what follows the word of more counts something else, too.
NO_UNIT = rf"(?![零一二三四五六七八九十百千万亿元\d]|{PAST}?\s?(?!<money.no_measure>)<money.counted>)"
