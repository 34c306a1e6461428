"""The same ledger as workbook, csv, Word table and ruled PDF gives equal rows; what only a workbook has is kept."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from extractors.facts import Context, LedgerTable
from extractors.ledger import extract, is_ledger
from extractors.read import read
from tests.extractors.ledger.same_ledger import MAKERS, TITLE


def load(data: bytes, name: str) -> LedgerTable:
    document = read(data, name)
    assert is_ledger(document), name
    tables = extract(document, Context())
    assert tables is not None
    assert len(tables) == 1
    return tables[0]


@pytest.mark.parametrize("kind", MAKERS)
def test_every_format_gives_the_same_rows(kind: str) -> None:
    name = f"台账.{kind}"
    found = load(MAKERS[kind](), name)
    assert found.unit == "万元"
    assert found.reporting_unit == "云河县清欠办"
    assert found.title == TITLE
    values = [{f: v.value for f, v in row.values.items() if v.value is not None} for row in found.rows]
    assert values == [
        {
            "seq_no": "1",
            "debtor_name": "云河县教育局",
            "creditor_name": "云河第一建筑有限公司",
            "arrears_amount_yuan": Decimal(12125000),
            "undisputed_amount_yuan": Decimal(12125000),
            "disputed_amount_yuan": Decimal(0),
            "plan_due_date": "2023-12-31",
            "remarks": "已约谈",
        },
        {
            "seq_no": "2",
            "debtor_name": "云河县水利局",
            "creditor_name": "云河第二商贸有限公司",
            "arrears_amount_yuan": Decimal(300000),
            "undisputed_amount_yuan": Decimal(200000),
            "disputed_amount_yuan": Decimal(100000),
            "plan_due_date": "2023-11",
            "plan_due_date_precision": "month",
        },
        {
            "seq_no": "3",
            "debtor_name": "云河县水利局",
            "creditor_name": "云河第三商贸有限公司",
            "arrears_amount_yuan": Decimal(70500),
            "undisputed_amount_yuan": Decimal(70500),
            "disputed_amount_yuan": Decimal(0),
            "plan_due_date": "2024-06-30",
        },
    ]
    assert [t.label for t in found.totals] == ["合计"]
    assert not [f for t in found.totals for f in t.flags]
    for row in found.rows:
        for value in row.values.values():
            assert value.evidence.cell == value.cell, name


def test_a_workbook_with_everything_a_workbook_can_hide() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "明细"
    lines: list[list[Any]] = [
        [TITLE],
        [
            "序号",
            "拖欠单位",
            "债权企业",
            "合同签订时间",
            "合同金额（元）",
            "拖欠金额（元）",
            "已清偿",
            "信用代码",
            "剩余",
        ],
        [1, "教育局", "一公司", dt.date(2022, 5, 1), 1000, 300, 100, 914403001922038200, "=F3-G3"],
        [2, "水利局", "二公司", dt.datetime(2022, 6, 1), 2000, 500, 0, "91110000802100433B", "=F4-G4"],
        ["合计", None, None, None, "=SUM(E3:E4)", "=SUM(F3:F4)", "=SUM(G3:G4)", None, "=SUM(I3:I4)"],
    ]
    for line in lines:
        sheet.append(line)
    sheet["D4"].number_format = 'yyyy"年"m"月"'
    sheet["G2"] = "已清偿（元）"
    sheet["I2"] = "剩余（元）"
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["H"].hidden = True
    old = book.create_sheet("上期")
    for earlier in [["单位：元"], ["拖欠单位", "债权企业", "拖欠金额"], ["教育局", "一公司", 5]]:
        old.append(earlier)
    old.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)

    document = read(out.getvalue(), "台账.xlsx")
    tables = extract(document, Context())
    assert tables is not None
    assert [t.sheet for t in tables] == ["明细", "上期"]
    detail, previous = tables
    first, second = detail.rows
    assert first.values["contract_date"].value == "2022-05-01"
    assert second.values["contract_date"].value == "2022-06"
    assert second.values["contract_date_precision"].value == "month"
    assert first.values["remaining_amount_yuan"].value == 200  # computed: the file holds no result
    assert first.values["remaining_amount_yuan"].rule == "computed_formula"
    assert detail.totals[0].values["arrears_amount_yuan"].value == 800
    kinds = {f.kind for f in first.flags}
    assert {"lost_digits", "formula_error"} <= kinds
    assert "hidden_row" in {f.kind for f in second.flags}
    assert {"hidden_column"} <= {f.kind for f in detail.flags}
    assert {"hidden_sheet"} <= {f.kind for f in previous.flags}
    assert first.values["arrears_amount_yuan"].evidence.sheet == "明细"
    assert first.values["arrears_amount_yuan"].cell == "F3"
