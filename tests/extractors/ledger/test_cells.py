"""Cells: every text of `tests/specs/ledger_cells.yml`, typed cells, and arithmetic that holds for any number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import Cell
from extractors.ledger.amounts import parse_amount
from extractors.ledger.cells import Column, read_bool, read_cell, read_disputed
from extractors.ledger.dates import from_serial, parse_date, parse_number
from extractors.ledger.units import in_caption, in_header, in_number_format, in_sentence

SPECS: dict[str, list[list[Any]]] = yaml.safe_load(
    (Path(__file__).parents[2] / "specs" / "ledger_cells.yml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", SPECS["amounts"], ids=[c[0] for c in SPECS["amounts"]])
def test_amounts(case: list[Any]) -> None:
    text, number, unit, problem = case
    expected = tuple(Decimal(str(n)) for n in number) if isinstance(number, list) else number
    found = parse_amount(text)
    assert found.number == (Decimal(str(expected)) if isinstance(expected, (int, float)) else expected)
    assert (found.unit, found.problem) == (unit, problem)


@pytest.mark.parametrize("case", SPECS["dates"], ids=[c[0] for c in SPECS["dates"]])
def test_dates(case: list[Any]) -> None:
    text, value, precision, problem = case
    found = parse_date(text)
    assert (found.value, found.precision, found.problem) == (None if value is None else str(value), precision, problem)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_any_exact_number_survives_every_writing(number: Decimal) -> None:
    for text in (
        f"{number}",
        f"{number:,}",
        f" {number:f} ",
        f"{number:,}".translate({48 + i: 0xFF10 + i for i in range(10)}),
    ):
        assert parse_amount(text).number == number


@given(st.text(max_size=80))
def test_no_text_breaks_a_cell(text: str) -> None:
    parse_amount(text)
    parse_date(text)
    read_disputed(text)
    in_caption(text)
    in_header(text)
    in_sentence(text)
    for kind in ("money", "date", "uscc", "enum", "int", "ratio", "bool", "rank", "text"):
        column = Column(index=0, field="payment_kind" if kind == "enum" else "remarks", kind=kind, header="", unit="元")
        read_cell(Cell(row=0, col=0, text=text, value=text or None, value_type="text", ref="A1"), column)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)))
def test_any_day_is_read_back(day: dt.date) -> None:
    assert parse_date(f"{day.year}年{day.month}月{day.day}日").value == day.isoformat()


def money(text: str, **more: Any) -> Any:
    column = Column(index=0, field="arrears_amount_yuan", kind="money", header="", unit="万元", unit_rule="caption")
    return read_cell(Cell(row=0, col=0, text=text, ref="A1", **more), column)


def test_unit_of_the_cell_beats_the_caption() -> None:
    assert money("5000元").value == 5000
    assert money("5000元").rule == "money_cell"
    assert money("5").value == 50_000
    assert money("5").rule == "money_caption"


def test_a_number_format_that_prints_a_unit_is_its_unit() -> None:
    number = Decimal("223.33")
    assert money("223.33", value=number, value_type="number", number_format='0.00"万元"').value == Decimal("2233300")
    # the format that only shows yuan in ten thousands
    assert money("1.2万", value=Decimal(12000), value_type="number", number_format='0!.0,"万"').value == 12000
    assert in_number_format("#,##0.00") is None


def test_errors_and_missing_results_are_flagged_and_unknown() -> None:
    assert money("#REF!", value_type="error").problem == "formula_error"
    found = money("", formula="VLOOKUP(A1,B:C,2)")
    assert (found.value, found.problem) == (None, "formula_error")


def test_numbers_in_date_columns() -> None:
    assert parse_number(Decimal(44713)).value == "2022-06-01"
    assert parse_number(Decimal("2022.6")).value == "2022-06"
    assert parse_number(Decimal("2022.11")).value == "2022-11"
    assert parse_number(Decimal("2022.1")).problem == "ambiguous_date"
    assert parse_number(Decimal(20220601)).value == "2022-06-01"
    assert from_serial(44713) == "2022-06-01"
    assert parse_date("6月底", 2023).value == "2023-06-30"
    assert parse_date("6月底", 2023).problem == "year_from_context"


def test_a_date_shown_as_a_month_is_a_month() -> None:
    column = Column(index=0, field="contract_date", kind="date", header="")
    shown = Cell(
        row=0, col=0, text="2022年6月", value="2022-06-01", value_type="date", number_format='yyyy"年"m"月"', ref="A1"
    )
    read = read_cell(shown, column)
    assert (read.value, read.more) == ("2022-06", {"contract_date_precision": "month"})


@pytest.mark.parametrize(
    ("text", "inverted", "answer"),
    [
        ("有分歧", False, "yes"),
        ("无分歧", False, "no"),
        ("部分有分歧", False, "partial"),
        ("部分无分歧", False, "partial"),
        ("是", False, "yes"),
        ("否", False, "no"),
        ("是", True, "no"),
        ("否", True, "yes"),
        ("无", False, "no"),
        ("有", False, "yes"),
        ("无争议", True, "no"),
        ("存在争议（质量）", False, "yes"),
        ("√", False, "yes"),
        ("/", False, None),
        ("待核实", False, None),
    ],
)
def test_disputed(text: str, inverted: bool, answer: str | None) -> None:
    assert read_disputed(text, inverted).value == answer


def test_unknown_enumeration_is_unknown_not_a_guess() -> None:
    column = Column(index=0, field="payment_kind", kind="enum", header="")
    read = read_cell(Cell(row=0, col=0, text="土豆", value="土豆", value_type="text", ref="A1"), column)
    assert (read.value, read.problem) == (None, "unknown_value")
    assert read_bool(Cell(row=0, col=0, text="也许", ref="A1")).problem == "unknown_value"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("单位：万元", "万元"),
        ("金额单位：人民币万元", "万元"),
        ("单位：户、万元", "万元"),
        ("（万元）", "万元"),
        ("单位:元", "元"),
        ("填报单位：某局  单位：元", "元"),
        ("单位:万元填报日期：2022年", "万元"),
        ("填报单位：元坝镇", None),
        ("计量单位：亿元", "亿元"),
        ("币种：人民币  单位：元", "元"),
        ("责任单位：万元镇", None),
        ("", None),
    ],
)
def test_units_of_captions(text: str, unit: str | None) -> None:
    assert in_caption(text) == unit


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("拖欠金额（万元）", "万元"),
        ("金额/万元", "万元"),
        ("欠款金额万元", "万元"),
        ("金额（元/万元）", None),
        ("户，万元", "万元"),
        ("几多元", None),
    ],
)
def test_units_of_headers(text: str, unit: str | None) -> None:
    assert in_header(text) == unit
