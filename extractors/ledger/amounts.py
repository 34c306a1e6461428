"""Amount cells: from what is written to an exact number in the written unit, or None with the reason.

Numbers as text, thousand separators, full-width digits, accounting negatives, units in the cell, 约 and 余 as ranges,
compound (3亿2000万元) and capital amounts (贰佰万元整). Nothing is rounded and nothing is corrected.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import msgspec

from extractors.ledger.units import normal_unit
from extractors.ledger.words import plain, unit_factors, word_set

MAX_TEXT = 200
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d*)?|\.\d+"
_UNIT = "亿元|千万元|百万元|十万元|万元|千元|元|亿|万"
_AMOUNT = re.compile(
    rf"^(?P<near>大约|约为|约|暂估|预估|估算|暂定|初步核算|不少于|不低于|至少|不超过|不高于|至多|近|将近|超过|超|不足|不到|逾|≈|~)?"
    rf"(?P<sign>[-−–▲△+])?(?P<number>{_NUMBER})"
    rf"(?P<more1>余|多)?(?P<unit>{_UNIT})?(?P<more2>余元?|多元?|左右|以上|以下|上下)?(?:整|正)?[。.;;]?$"
)
_PART = re.compile(rf"({_NUMBER})(亿元?|万元?|元)")
_COMPOUND = re.compile(rf"^(?:(?:{_NUMBER})(?:亿元?|万元?|元)){{2,3}}$")
_SCIENTIFIC = re.compile(r"^-?\d(?:\.\d+)?e[+-]?\d{1,2}$")
_RANGE = re.compile(rf"^(?P<low>{_NUMBER})(?P<u1>{_UNIT})?[-~—–至到](?P<high>{_NUMBER})(?P<u2>{_UNIT})?$")
_CAPITAL = re.compile(r"^(?:人民币|大写|:)*([零〇壹贰叁肆伍陆柒捌玖拾佰仟萬万亿億元圆圓角分整正弍弎貳參陸]+)$")
_BOTH = re.compile(r"^(?P<a>[^()]+)\((?P<b>[^()]+)\)$")
_DIGIT = {
    c: i for i, cs in enumerate(("零〇", "壹", "贰弍貳", "叁弎參", "肆", "伍", "陆陸", "柒", "捌", "玖")) for c in cs
}
_TEN = {"拾": 10, "佰": 100, "仟": 1000}


class Amount(msgspec.Struct, frozen=True):
    """A number as written. `unit` only when the cell itself carries one; `problem` is a flag kind or None."""

    number: Decimal | tuple[Decimal, Decimal] | None
    unit: str | None = None
    rule: str = "number"
    problem: str | None = None


@lru_cache(maxsize=65536)
def parse_amount(text: str) -> Amount:
    """The amount written in a cell's text; `number` is None for blanks (no problem) and for what cannot be read.

    Problems: approx_amount (number is (low, high)), amount_words_mismatch, several_amounts, unparsed_amount.
    """
    flat = plain(text).strip("'`‘’")
    if flat in word_set("blank"):
        return Amount(None, rule="blank")
    if flat == "零":
        return Amount(Decimal(0), rule="zero_word")
    if len(flat) > MAX_TEXT:
        return Amount(None, rule="text", problem="unparsed_amount")
    flat = re.sub(r"人民币|￥|¥|rmb|cny|计(?=\d)|共(?=\d)|合计(?=\d)", "", flat)
    if re.fullmatch(r"\((?:[\d.,]+)\)", flat):
        flat = "-" + flat[1:-1]
    return _plain_amount(flat) or _words(flat) or _both(flat) or _several(flat) or Amount(
        None, rule="text", problem="unparsed_amount"
    )  # fmt: skip


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _plain_amount(flat: str) -> Amount | None:
    m = _AMOUNT.match(flat)
    if m is None:
        if _SCIENTIFIC.match(flat):
            return Amount(Decimal(flat), rule="scientific")
        return _compound(flat) or _span(flat)
    number = _decimal(m["number"])
    if m["sign"] in ("-", "−", "–", "▲", "△"):
        number = -number
    unit = normal_unit(m["unit"]) if m["unit"] else None
    more = m["more1"] or (m["more2"] or "").rstrip("元")
    if m["near"] or more:
        return Amount(_spread(number, m["near"], more), unit, "approx", "approx_amount")
    return Amount(number, unit, "number_unit" if unit else "number_text")


def _spread(n: Decimal, near: str | None, more: str | None) -> tuple[Decimal, Decimal]:
    """The range a softened number stands for, as in circulars: 约 ±5 %, 近 from 0.9, 超过 to 1.1, 余 one digit on."""
    tenth = Decimal("0.1")
    if more in ("余", "多"):
        step = Decimal(1).scaleb(_last_digit(n))
        return (n, n + step)
    if near in ("近", "将近", "不足", "不到", "不超过", "不高于", "至多") or more == "以下":
        return (n * (1 - tenth), n)
    if near in ("超过", "超", "逾", "不少于", "不低于", "至少") or more == "以上":
        return (n, n * (1 + tenth))
    return (n * Decimal("0.95"), n * Decimal("1.05"))


def _last_digit(n: Decimal) -> int:
    """The power of ten of the last digit that is not zero: 200 -> 2, 1.5 -> -1."""
    exponent = n.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _compound(flat: str) -> Amount | None:
    if not _COMPOUND.match(flat):
        return None
    total, last, end = Decimal(0), Decimal("1e12"), 0
    for m in _PART.finditer(flat):
        factor = unit_factors()[normal_unit(m[2])]
        if factor >= last:
            return None
        total, last, end = total + _decimal(m[1]) * factor, factor, m.end()
    return Amount(total, "元", "compound") if end == len(flat) else None


def _span(flat: str) -> Amount | None:
    m = _RANGE.match(flat)
    if m is None:
        return None
    low, high = _decimal(m["low"]), _decimal(m["high"])
    unit = m["u2"] or m["u1"]
    if m["u1"] and m["u2"] and m["u1"] != m["u2"]:
        return None
    return Amount((low, high), normal_unit(unit) if unit else None, "range", "approx_amount") if low <= high else None


def _words(flat: str) -> Amount | None:
    m = _CAPITAL.match(flat)
    value = capital(m[1]) if m else None
    return None if value is None else Amount(value, "元", "capital")


def capital(text: str) -> Decimal | None:
    """Yuan of a capital amount (壹佰贰拾万零叁拾元伍角整); None when it is not one."""
    text = text.replace("圆", "元").replace("圓", "元").replace("萬", "万").replace("億", "亿").rstrip("整正")
    if not re.search(r"[壹贰叁肆伍陆柒捌玖弍貳參陸弎零]", text) or not re.search(r"[元万亿拾佰仟角分]", text):
        return None
    total, section, digit = Decimal(0), 0, 0
    for c in text:
        if c in _DIGIT:
            digit = _DIGIT[c]
        elif c in _TEN:
            section += (digit or (1 if c == "拾" else 0)) * _TEN[c]
            digit = 0
        elif c in "万亿":
            factor = 10_000 if c == "万" else 100_000_000
            if c == "亿":
                total = (total + section + digit) * factor
            else:
                total += (section + digit) * factor
            section = digit = 0
        elif c in "元角分":
            total += (section + digit) * Decimal({"元": "1", "角": "0.1", "分": "0.01"}[c])
            section = digit = 0
        else:
            return None
    return total + section + digit


def _both(flat: str) -> Amount | None:
    """A figure with the capital amount in brackets (or the other way round): equal, or both are doubted."""
    m = _BOTH.match(flat)
    if m is None:
        return None
    first, second = (_plain_amount(p) or _words(re.sub("^大写:?", "", p)) for p in (m["a"], m["b"]))
    if second is None and first is not None:
        # a remark in brackets (223.33（含质保金）) does not change the figure
        if re.search(r"\d", m["b"]):
            return None
        if re.search(r"暂估|预估|估算|暂定|约数|大约|左右", m["b"]) and isinstance(first.number, Decimal):
            return Amount(_spread(first.number, "约", None), first.unit, "approx", "approx_amount")
        return first
    if first is None or second is None:
        return None
    if isinstance(first.number, Decimal) and isinstance(second.number, Decimal):
        a = _in_yuan(first)
        b = _in_yuan(second)
        if a == b or (first.unit is None and any(first.number * f == b for f in unit_factors().values())):
            return first if first.unit else second
    return Amount(None, rule="words", problem="amount_words_mismatch")


def _in_yuan(amount: Amount) -> Decimal:
    assert isinstance(amount.number, Decimal)
    return amount.number * unit_factors()[amount.unit or "元"]


def _several(flat: str) -> Amount | None:
    numbers = re.findall(rf"(?:{_NUMBER})(?:{_UNIT})?", flat)
    if len(numbers) >= 2 and re.search(r"[;;、+:]|合同|元,", flat):
        return Amount(None, rule="text", problem="several_amounts")
    return None
