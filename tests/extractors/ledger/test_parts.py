"""Parts of an amount by kind, age and means; tables of which no ledger was made are named."""

from __future__ import annotations

import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.facts import Context
from extractors.ledger.parts import part_label, part_of
from extractors.ledger.words import label_of
from extractors.process import extract


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("工程款", "works"),
        ("以物抵债", "assets"),
        ("1年以内", "under_1y"),
        ("半年以内", "under_6m"),
        ("六个月以内", "under_6m"),
        ("6个月至1年", "6_12m"),
        ("1-2年", "1_2y"),
        ("1年至3年", "1_3y"),
        ("一至二年", "1_2y"),
        ("账龄2~3年", "2_3y"),
        ("3年以上", "over_3y"),
        ("超过五年", "over_5y"),
        ("逾期1年以上的部分", "over_1y"),
        ("逾期90天以内", "under_90d"),
        ("逾期90-180天", "90_180d"),
        ("180日以上", "over_180d"),
        # what only looks like an age
        ("2年", None),
        ("3-1年", None),
        ("2023年", None),
        ("2023年底以前", None),
        ("1月", None),
        ("1-5月清偿数", None),
        ("三年行动", None),
        ("10天", None),
        ("90天-1年", None),
        ("账龄", None),
    ],
)
def test_parts_by_header(header: str, part: str | None) -> None:
    assert part_of(header) == part


@given(st.integers(1, 9), st.integers(1, 9))
def test_a_span_of_years_is_named_whatever_its_sign(low: int, more: int) -> None:
    found = {part_of(f"{low}{sign}{low + more}年") for sign in ("-", "~", "至", "年至", "到")}
    assert found == {f"{low}_{low + more}y"}
    assert part_label(found.pop() or "") == f"{low}至{low + more}年"


def test_parts_have_names_for_people() -> None:
    assert label_of("arrears_amount_over_3y_yuan") == "拖欠金额（3年以上）"
    assert label_of("repaid_amount_bills_yuan") == "已清偿金额（票据）"
    assert part_label("unknown") is None


def book(*sheets: tuple[str, list[list[object]]]) -> bytes:
    out = openpyxl.Workbook()
    out.remove(out.active)  # type: ignore[arg-type]
    for title, rows in sheets:
        sheet = out.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    out.save(stream)
    return stream.getvalue()


LEDGER: list[list[object]] = [
    ["拖欠单位", "债权企业", "拖欠金额（元）"],
    ["甲局", "一公司", 120],
    ["乙局", "二公司", 30],
]
BUDGET: list[list[object]] = [["科目", "年初数", "年末数"], ["办公费", 1200, 1300], ["差旅费", 300, 200]]
WORDS: list[list[object]] = [["填写说明", "要求"], ["金额", "以元为单位"], ["日期", "写到日"]]


def test_a_table_of_figures_that_is_no_ledger_is_named_with_its_header() -> None:
    found = extract(book(("收支", BUDGET)), "表.xlsx", Context())
    assert found.status == "partial"
    (notice,) = [n for n in found.document.notices if n.code == "table_not_understood"]  # type: ignore[union-attr]
    assert "收支" in notice.message
    assert "科目、年初数、年末数" in notice.message


def test_beside_a_ledger_it_is_named_only_and_instructions_are_not() -> None:
    found = extract(book(("台账", LEDGER), ("收支", BUDGET), ("说明", WORDS)), "表.xlsx", Context())
    assert found.status == "ok"
    assert [n.anchor.sheet for n in found.document.notices if n.code == "table_not_understood"] == ["收支"]  # type: ignore[union-attr]
