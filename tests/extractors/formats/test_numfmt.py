"""What a number format shows, as a table of cases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.formats.numbering import chinese, render
from extractors.formats.numfmt import from_serial, is_date, show, show_date


@pytest.mark.parametrize(
    ("number", "fmt", "shown"),
    [
        ("1234.5", "General", "1234.5"),
        ("1234.5", "0.00", "1234.50"),
        ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("0.985", "0%", "99%"),
        ("0.9852", "0.00%", "98.52%"),
        ("12.5", '0.00"万元"', "12.50万元"),
        ("12.5", "#,##0.00_ ", "12.50"),
        ("-12.5", "#,##0.00;(#,##0.00)", "(12.50)"),
        ("-12.5", "0.00;[Red]-0.00", "-12.50"),
        ("0", '0.00;-0.00;"-"', "-"),
        ("123456", "0.00,", "123.46"),
        ("12", "00000", "00012"),
        ("12.5", "0.0#", "12.5"),
        ("12", "0.##", "12"),
        ("12.5", "# ?/?", "12.5"),
        ("12.5", "0.00E+00", "12.5"),
        ("12.5", "[$¥-804]#,##0.00", "¥12.50"),
        ("12.5", "￥#,##0.00", "￥12.50"),
        ("150", "[>100]0.0;0.00", "150"),
        ("12", "@", "12"),
        ("12", '"第"0"号"', "第12号"),
    ],
)
def test_numbers_as_shown(number: str, fmt: str, shown: str) -> None:
    assert show(Decimal(number), fmt) == shown


@pytest.mark.parametrize(
    ("fmt", "shown"),
    [
        ("yyyy/m/d", "2023/6/5"),
        ("yyyy-mm-dd", "2023-06-05"),
        ('yyyy"年"m"月"d"日"', "2023年6月5日"),
        ('yyyy"年"m"月"', "2023年6月"),
        ("yyyy\\.mm", "2023.06"),
        ("m/d/yy", "6/5/23"),
        ("yyyy/m/d h:mm", "2023/6/5 9:07"),
        ("d-mmm-yy", "2023-06-05T09:07:00"),
        ('[$-804]yyyy"年"m"月"d"日";@', "2023年6月5日"),
        ("[DBNum1]yyyy", "2023-06-05T09:07:00"),
    ],
)
def test_dates_as_shown(fmt: str, shown: str) -> None:
    assert is_date(fmt)
    assert show_date(dt.datetime(2023, 6, 5, 9, 7), fmt) == shown


@pytest.mark.parametrize(
    "fmt", ["General", "0.00", '0"日"', "[Red]0.00", "@", "#,##0.00_);[Red](#,##0.00)", "0.00E+00"]
)
def test_formats_that_are_no_dates(fmt: str) -> None:
    assert not is_date(fmt)


def test_the_day_that_never_was_is_no_date() -> None:
    assert from_serial(60, epoch_1904=False) is None
    assert from_serial(59, epoch_1904=False) == dt.datetime(1900, 2, 28)
    assert from_serial(61, epoch_1904=False) == dt.datetime(1900, 3, 1)
    assert from_serial(-1, epoch_1904=False) is None
    assert from_serial(1e12, epoch_1904=False) is None


@given(st.text(max_size=30), st.decimals(-(10**12), 10**12, places=4))
def test_no_format_breaks_the_reader(fmt: str, number: Decimal) -> None:
    assert isinstance(show(number, fmt), str)
    if is_date(fmt):
        assert isinstance(show_date(dt.datetime(2023, 6, 5), fmt), str)


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百〇五"), (110, "一百一十")]
)
def test_chinese_counting(number: int, text: str) -> None:
    assert chinese(number) == text


def test_formats_without_text_give_none() -> None:
    assert render(1, "bullet") is None
    assert render(3, "lowerRoman") == "iii"
    assert render(27, "lowerLetter") == "aa"
    assert render(2, "chineseLegalSimplified") == "贰"
