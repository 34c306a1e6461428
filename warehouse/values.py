"""One ledger value or statement as a column can hold it: exact, or null with a flag that says why."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from extractors.document import Anchor
from extractors.facts import CellValue
from warehouse.fields import Field

FEN = Decimal("0.01")
MICRO = Decimal("0.000001")
_MONEY_LIMIT = Decimal(10) ** 16  # DECIMAL(18,2)
_NUMBER_LIMIT = Decimal(10) ** 12  # DECIMAL(18,6)
_INT_LIMIT = Decimal(2) ** 62
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_BOOLS = {"yes": True, "no": False, "是": True, "否": False, "true": True, "false": False}

Doubt = tuple[str, str]  # kind, message
encode_json = msgspec.json.Encoder(decimal_format="string").encode


def to_json(value: Any) -> str | None:
    """A JSON text, Chinese left readable, Decimals as strings; None for None and for what is empty."""
    if value is None or value in ({}, (), [], ""):
        return None
    return encode_json(value).decode()


def anchor_json(anchor: Anchor) -> str | None:
    """Where a piece stands, as JSON; None when the anchor says nothing."""
    text = encode_json(anchor).decode()
    return None if text == "{}" else text


def exact_money(value: Decimal | None) -> tuple[Decimal | None, Doubt | None]:
    """Yuan to the fen. Parts of a fen are rounded half up, and said; what no column can hold becomes null, and said."""
    if value is None:
        return None, None
    if not value.is_finite() or abs(value) >= _MONEY_LIMIT:
        return None, ("out_of_range", f"金额 {value} 超出可存范围（须小于一亿亿元），请核对原件和单位。")
    rounded = value.quantize(FEN, ROUND_HALF_UP)
    if rounded != value:
        return rounded, ("rounded_to_fen", f"金额 {value.normalize():f} 元不足一分的部分已四舍五入为 {rounded} 元。")
    return rounded, None


def exact_number(value: Decimal | None) -> tuple[Decimal | None, Doubt | None]:
    """A number with at most six decimals; otherwise as `exact_money`."""
    if value is None:
        return None, None
    if not value.is_finite() or abs(value) >= _NUMBER_LIMIT:
        return None, ("out_of_range", f"数值 {value} 超出可存范围，请核对原件。")
    return value.quantize(MICRO, ROUND_HALF_UP), None


def iso_date(text: str) -> dt.date | None:
    """A day in ISO form; None for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def period_end(text: str) -> tuple[dt.date, str] | None:
    """The last day of an ISO month or year, and its precision; None for anything else."""
    if (m := _MONTH.fullmatch(text)) and 1 <= int(m[2]) <= 12 and int(m[1]):
        year, month = int(m[1]), int(m[2])
        return dt.date(year, month, calendar.monthrange(year, month)[1]), "month"
    if _YEAR.fullmatch(text) and int(text):
        return dt.date(int(text), 12, 31), "year"
    return None


class Column(msgspec.Struct, frozen=True):
    """A value ready for its column, with what was lost on the way."""

    value: Any = None
    high: Decimal | None = None  # upper bound of an approximate amount
    precision: str | None = None
    doubt: Doubt | None = None


def column_value(field: Field, cell: CellValue) -> Column:
    """The value of one ledger cell for `field`. Never raises: what does not fit is null with a doubt."""
    value = cell.value
    if value is None:
        return Column()
    if isinstance(value, tuple):
        if field.type == "money":
            low, doubt = exact_money(value[0])
            high, doubt_high = exact_money(value[1])
            if low is None or high is None:  # half a range would read as an exact amount
                return Column(doubt=doubt or doubt_high)
            return Column(value=low, high=high, doubt=doubt or doubt_high)
        return Column(doubt=_untyped(field, cell))
    if field.type == "text":
        return Column(value=_as_text(value))
    if field.type == "json":
        return Column(value=encode_json(value).decode())
    if isinstance(value, Decimal):
        return _from_decimal(field, cell, value)
    if field.type == "bool":
        flag = value if isinstance(value, bool) else _BOOLS.get(value.strip().lower())
        return Column(value=flag) if flag is not None else Column(doubt=_untyped(field, cell))
    if field.type == "date" and isinstance(value, str):
        day = iso_date(value)
        if day is not None:
            return Column(value=day)
        end = period_end(value)
        if end is not None:
            return Column(value=end[0], precision=end[1])
    return Column(doubt=_untyped(field, cell))


def _from_decimal(field: Field, cell: CellValue, value: Decimal) -> Column:
    if field.type == "money":
        exact, doubt = exact_money(value)
        return Column(value=exact, doubt=doubt)
    if field.type in ("ratio", "number"):
        exact, doubt = exact_number(value)
        return Column(value=exact, doubt=doubt)
    if field.type == "int" and value.is_finite() and value == value.to_integral_value() and abs(value) < _INT_LIMIT:
        return Column(value=int(value))
    return Column(doubt=_untyped(field, cell))


def _as_text(value: str | bool | Decimal) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value or None


def _untyped(field: Field, cell: CellValue) -> Doubt:
    return (
        "untyped_value",
        f"单元格 {cell.cell} 的“{field.label_zh}”读作“{cell.raw}”，不是可用的值，已留空，请核对原件。",
    )
