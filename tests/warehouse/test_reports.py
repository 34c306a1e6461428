"""Reports: figures right for the scripted year, every one traceable to rows, and workbooks that hold no formula."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.makers import built, circular, debt, ledger, put
from tests.warehouse.scripted_year import year_warehouse
from warehouse.reports.catalog import REPORTS, find, make_sheets, period_of
from warehouse.reports.common import ReportError
from warehouse.reports.english import in_english
from warehouse.workbook import Column, Sheet, text_of, workbook


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return year_warehouse(tmp_path_factory.mktemp("reports")).path


def lines(sheets: list[Sheet], *keys: str) -> list[tuple[Any, ...]]:
    main = sheets[0]
    return [tuple(row.get(k) for k in keys) for row in [*main.rows, *([] if main.total is None else [main.total])]]


def yuan(value: str) -> Decimal:
    return Decimal(value)


def test_monthly(year: Path) -> None:
    sheets = make_sheets(year, "monthly", period=period_of("2031-10"))
    keys = ("region_name", "debts", "cleared_debts", "left_yuan", "period_cleared_yuan", "new_debts", "vanished_count")
    assert lines(sheets, *keys) == [
        ("990101", 5, 1, yuan("820000.00"), yuan("250000.50"), 0, 1),
        ("990102", 4, 0, yuan("615000.00"), 0, 0, None),
        ("990103", 2, 0, yuan("915000.00"), 0, 0, None),
        ("合计", 11, 1, yuan("2350000.00"), yuan("250000.50"), 0, 1),
    ]
    april = make_sheets(year, "monthly", period=period_of("2031-04"))
    assert lines(april, "region_name", "new_debts", "new_yuan")[0] == ("990101", 1, yuan("80000.00"))
    first = make_sheets(year, "monthly", period=period_of("2031-01"))
    assert lines(first, "new_debts", "period_cleared_yuan")[0] == (None, None)


def test_monthly_as_it_was_known(year: Path) -> None:
    told = {
        day: lines(make_sheets(year, "monthly", period=period_of("2031-03"), known_at=day), "region_name", "left_yuan")
        for day in (dt.date(2031, 4, 30), dt.date(2031, 6, 30))
    }
    assert [rows[2] for rows in told.values()] == [("990103", yuan("160000.00")), ("990103", yuan("920000.00"))]


def test_quarterly_ranks_and_tells_the_change(year: Path) -> None:
    sheets = make_sheets(year, "quarterly", period=period_of("2031Q3"))
    keys = ("region_name", "rank", "before_rank", "moved", "share", "before_share", "new_yuan")
    assert lines(sheets, *keys)[:3] == [
        ("990101", 1, 1, "持平", yuan("0.412088"), yuan("0.353773"), 0),
        ("990103", 2, 2, "持平", yuan("0.005435"), yuan("0.000000"), 0),
        ("990102", 3, 2, "降1位", yuan("0.000000"), yuan("0.000000"), 0),
    ]


@pytest.mark.parametrize("name", ["monthly", "quarterly"])
def test_every_figure_is_the_sum_of_its_sources(year: Path, name: str) -> None:
    for month in range(1, 13):
        sheets = make_sheets(year, name, period=period_of(f"2031-{month:02}"))
        for row in sheets[0].rows:
            behind = [r for r in sheets[1].rows if r["line"] == row["line"]]
            assert sum(r["arrears_amount_yuan"] for r in behind) == row["arrears_yuan"]
            assert sum(r["left_yuan"] for r in behind) == row["left_yuan"]
            assert row["arrears_yuan"] - row["cleared_yuan"] == row["left_yuan"]
            assert all(r["path"] and r["row_number"] for r in behind)


def test_overdue_counts_from_the_agreed_day_and_the_plan(tmp_path: Path) -> None:
    rows = [
        debt("甲局", "一", 100, 60, due_date="2031-01-10"),
        debt("甲局", "二", 100, 100, plan_due_date="2031-01-31", due_date="2031-03-01"),
        debt("甲局", "三", 100, 100, plan_due_date="2031-01-20"),
        debt("甲局", "四", 100, 0, due_date="2031-01-10"),
        debt("甲局", "五", 100, 100),
    ]
    path = built(tmp_path, [put(tmp_path, "a.xlsx", ledger(rows, dt.date(2031, 1, 31)))]).path
    sheets = make_sheets(path, "overdue", period=period_of("2031-01-31"), known_at=dt.date(2031, 12, 31))
    assert lines(sheets, "creditor_name", "left_yuan", "days_late", "counted_from")[:-1] == [
        ("一", 60, 21, "约定付款日"),
        ("三", 100, 11, "计划清偿日"),
    ]
    assert lines(sheets, "left_yuan")[-1] == (160,)
    assert len(sheets[1].rows) == 2


def test_duties_name_units_terms_and_their_source(tmp_path: Path) -> None:
    path = built(tmp_path, [put(tmp_path, "c.txt", circular(), format="txt", text="文" * 120)]).path
    sheets = make_sheets(path, "duties", period=dt.date(2031, 12, 31))
    rows = lines(sheets, "task", "responsible", "term", "due_date", "recipient", "source")
    assert ("报送台账", "县工程办、县财务办", "2月底前", dt.date(2031, 2, 28), "县专班", "清理账款通知") in rows


def test_dossiers(year: Path) -> None:
    debtor = make_sheets(year, "debtor", period=period_of("2031"), party="丁局")
    assert lines(debtor, "contract_no", "left_yuan", "status_zh") == [
        ("HT-A5", 240000, "已拆分"),
        ("HT-A5-1", 100000, "未清偿"),
        ("HT-A5-2", 40000, "未清偿"),
        (None, 140000, None),
    ]
    assert len(debtor[1].rows) == 7 + 2 * 5
    creditor = make_sheets(year, "creditor", period=period_of("2031"), party="七公司")
    assert {r["debtor_name"] for r in creditor[1].rows} == {"己局", "己庚局"}
    for party, words in ((None, "--party"), ("查无", "没有名称含"), ("局", "请写全称")):
        with pytest.raises(ReportError, match=words):
            make_sheets(year, "debtor", period=period_of("2031"), party=party)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.name)
def test_workbooks_have_formats_print_layout_and_no_formula(report: Any, tmp_path: Path) -> None:
    evil = '=HYPERLINK("http://x")'
    rows = [debt(evil, "+一", "1234567.89", "1234567.89", due_date="2031-01-10", contract_no="@x\x07")]
    path = built(tmp_path, [put(tmp_path, "=a.xlsx", ledger(rows, dt.date(2031, 1, 31)))]).path
    party = {"debtor": evil, "creditor": "+一"}.get(report.name)
    known = dt.date(2031, 12, 31)
    sheets = make_sheets(path, report.label_zh, period=period_of("2031-01"), known_at=known, party=party)
    book = openpyxl.load_workbook(io.BytesIO(workbook(sheets)))
    for page in book.worksheets:
        cells = [c for row in page.iter_rows() for c in row]
        assert not [c.coordinate for c in cells if c.data_type == "f" or str(c.value or "").startswith(("=", "+", "@"))]
        assert page.page_setup.orientation == "landscape"
        assert page.page_setup.fitToHeight == 0
        assert page.print_title_rows
    if report.name == "overdue":
        money = [c for row in book.worksheets[0].iter_rows() for c in row if c.value == 1234567.89]
        assert money
        assert {c.number_format for c in money} == {"#,##0.00"}
    if report.name == "monthly":
        assert "万元" in str(book.worksheets[0]["A2"].value)
        assert [c.value for row in book.worksheets[0].iter_rows() for c in row].count(123.456789) == 4


@pytest.mark.parametrize(
    ("text", "day"),
    [("2031-07", "2031-07-31"), ("2031-2", "2031-02-28"), ("2032-02", "2032-02-29"), ("2031Q3", "2031-09-30"),
     ("2031年第二季度", "2031-06-30"), ("2031-q4", "2031-12-31"), ("2031", "2031-12-31"), ("2031-07-15", "2031-07-15")],
)  # fmt: skip
def test_periods(text: str, day: str) -> None:
    assert period_of(text) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "七月", "2031-13", "2031-02-30", "2031Q5", "31-07", "2031-07-31x"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ReportError):
        period_of(text)


def test_an_unknown_report_is_refused_with_the_list() -> None:
    with pytest.raises(ReportError, match="月调度表"):
        find("weekly")


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=60))
def test_any_text_is_a_cell_and_no_formula(text: str) -> None:
    column = Column(key="a", header="列")
    page = openpyxl.load_workbook(
        io.BytesIO(workbook([Sheet(name="表", title="", columns=(column,), rows=[{"a": text}])]))
    ).worksheets[0]
    value = page["A2"].value
    assert page["A2"].data_type != "f"
    assert (value or "").replace("\r\n", "\n") == text_of(text).replace("\r\n", "\n") or "\r" in text or not value


def test_numbers_keep_every_digit() -> None:
    column = Column(key="a", header="列", kind="yuan")
    values = [Decimal("9999999999999.99"), Decimal("1234567890123456.78"), Decimal("0.01"), None]
    page = openpyxl.load_workbook(
        io.BytesIO(workbook([Sheet(name="表", title="", columns=(column,), rows=[{"a": v} for v in values])]))
    ).worksheets[0]
    found = [page[f"A{n}"].value for n in range(2, 6)]
    assert found == [9999999999999.99, "1234567890123456.78", 0.01, None]


@pytest.mark.parametrize("name", [r.name for r in REPORTS])
def test_every_report_can_be_said_in_english(year: Path, name: str) -> None:
    party = {"debtor": "丁局", "creditor": "七公司"}.get(name)
    sheets = make_sheets(year, name, period=period_of("2031-09"), party=party)
    english = in_english(sheets)
    ours = [
        phrase
        for sheet in english
        for phrase in (sheet.name, sheet.title, sheet.unit, *sheet.notes, *(c.header for c in sheet.columns))
    ]
    states = ("status", "disputed", "moved")
    ours += [str(v) for s in english for r in [*s.rows, s.total or {}] for k, v in r.items() if k in states]
    assert not [p for p in ours if re.search(r"[\u4e00-\u9fff]", re.sub(r"(debtor|creditor|ledgers as:) .*", "", p))]
    assert [len(s.rows) for s in english] == [len(s.rows) for s in sheets]
    assert [[c.key for c in s.columns] for s in english] == [[c.key for c in s.columns] for s in sheets]
