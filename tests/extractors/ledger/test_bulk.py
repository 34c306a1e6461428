"""A large workbook read by columns gives, cell for cell and row for row, what reading it cell by cell gives."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.contract import dumps, to_contract
from extractors.document import Cell, Document, ReadError
from extractors.facts import Context, LedgerTable
from extractors.formats import limits
from extractors.ledger import extract
from extractors.process import decode, encode, process
from extractors.read import read
from extractors.rowstore import RowStore
from tests.extractors.formats.makers import raw_xlsx

HEADER = [
    "序号", "拖欠单位", "统一社会信用代码", "债权企业", "项目名称", "合同编号", "合同签订日期", "合同金额", "拖欠金额",
    "是否有分歧", "无分歧金额", "有分歧金额", "已清偿金额", "剩余金额", "清偿率", "计划清偿日期", "联系人", "联系电话",
    "备注", "所属片区", "笔数",
]  # fmt: skip
NAMES = ["甲县教育局", "甲县水利局", " 乙镇人民政府", "丙城投集团（有限）公司", "同上", "〃", "无", "一、机关"]
FIRMS = ["第一建筑工程有限公司", "宏远（集团）商行", "甲公司、乙公司", "全县合计商贸公司", "ＡＢＣ贸易有限公司", "小计"]
FORMATS = ["General", "0.00", "#,##0.00", '0.00"万元"', "yyyy-mm-dd", 'yyyy"年"m"月"', "0.0%", "@"]


@contextmanager
def columns_from(size: int) -> Iterator[None]:
    """Sheets from so many bytes on are read by columns."""
    before = limits.BULK_SHEET_BYTES, limits.BULK_CSV_BYTES, limits.BULK_STRING_BYTES
    limits.BULK_SHEET_BYTES = limits.BULK_CSV_BYTES = limits.BULK_STRING_BYTES = size
    try:
        yield
    finally:
        limits.BULK_SHEET_BYTES, limits.BULK_CSV_BYTES, limits.BULK_STRING_BYTES = before


def both(data: bytes, name: str) -> tuple[Document, Document]:
    """The file read cell by cell and by columns."""
    with columns_from(1 << 60):
        single = read(data, name)
    with columns_from(0):
        bulk = read(data, name)
    assert all(t.bulk is None for t in single.tables)
    return single, bulk


def cells(document: Document) -> list[dict[tuple[int, int], Cell]]:
    """Each table's cells by place; formulas aside, since a bulk keeps the result only."""
    out = []
    for table in document.tables:
        grid = table.bulk and {(r, c): x for r in range(table.rows) for c, x in table.bulk.row(r).items()}
        found = grid or {(c.row, c.col): c for c in table.cells}
        out.append({k: _without_formula(c) for k, c in found.items()})
    return out


def _without_formula(cell: Cell) -> Cell:
    return msgspec.structs.replace(cell, formula=None) if cell.value is not None else cell


def noisy_rows(rng: random.Random, count: int) -> list[list[object]]:
    """Ledger rows with everything that a row may hold to keep it from being plain."""
    rows: list[list[object]] = []
    for i in range(count):
        owed = rng.choice([rng.randint(1, 10**7) / 100, rng.randint(1, 900), 0.1 + 0.2, 123456789.123456, 1e-7])
        paid = rng.choice([0, None, owed / 2, round(owed / 3, 2), "-"])
        row: list[object] = [
            rng.choice([i + 1, str(i + 1), None, f"{i}.0"]), rng.choice(NAMES),
            rng.choice(["91110108551385082Q", "91110108551385082X", 110105199001011234, None, "-"]), rng.choice(FIRMS),
            rng.choice(["中学操场", "1、道路；2、桥梁", "合同1：甲 合同2：乙", None, "桌椅\n采购"]),
            rng.choice([f"HT-{i}", "HT-1、HT-2", "无", None, 20240001]),
            rng.choice([44713, "2022.1", "2022年6月", None, 2022.1]),
            rng.choice([owed * 2, "12,345.60", "约500", None]),
            rng.choice([owed, owed, f"{owed:.2f}", "5万元", None, "无"]),
            rng.choice(["是", "否", "部分", "有争议", None]),
            rng.choice([owed, 0, None]), rng.choice([0, None, owed]), paid,
            rng.choice([owed - paid if isinstance(paid, float) else owed, None, 0]), rng.choice([0.5, "50%", None]),
            rng.choice(["2023年底", "2024-05", 45000, "尽快", None]), rng.choice(["张三", "李四13800138000", None]),
            rng.choice(["13800138000", 13900139000, None]), rng.choice([None, "已约谈", " 待 审计 ", True]),
            rng.choice(["东片", 3, 4.5, None]), rng.choice([1, 2, "3笔", None]),
        ]  # fmt: skip
        kind = rng.random()
        if kind < 0.03:
            row = [None, rng.choice(["合计", "小计", "其中：工程"]), *[None] * 5, 5000, 10000.5, *[None] * 12]
        elif kind < 0.05:
            row = [rng.choice(["一、机关单位", "注：以上金额含税", "填表人：张三"]), *[None] * 20]
        elif kind < 0.06:
            row = [None] * 21
        elif kind < 0.08 and rows:
            row = list(rows[-1])
        rows.append(row)
    return rows


def workbook(seed: int, count: int) -> bytes:
    """Such rows in a workbook: with number formats, merges, formulas, hidden rows and columns."""
    rng = random.Random(seed)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("台账")
    styles = [book.add_format({"num_format": f}) for f in FORMATS]
    sheet.merge_range(0, 0, 0, 5, "甲县拖欠中小企业账款台账（单位：万元）" if seed % 3 else "甲县拖欠中小企业账款台账")
    sheet.write_row(1, 0, HEADER)
    by_column = [rng.choice(styles) if rng.random() < 0.3 else None for _ in HEADER]
    rows = noisy_rows(rng, count)
    for r, row in enumerate(rows, start=2):
        for c, value in enumerate(row):
            style = rng.choice(styles) if rng.random() < 0.02 else by_column[c]
            if value is not None and rng.random() < 0.01 and isinstance(value, float):
                sheet.write_formula(r, c, f"=H{r}+1", style, rng.choice([value, ""]))
            elif value is not None:
                sheet.write(r, c, value, style)
        if rng.random() < 0.02:
            sheet.set_row(r, None, None, {"hidden": True})
    if seed % 2:
        sheet.merge_range(5, 1, 8, 1, "甲县教育局")
        sheet.set_column(19, 19, None, None, {"hidden": True})
        sheet.write_rich_string(9, 18, "一半", styles[0], "粗体", styles[1], "文字")
    book.close()
    return out.getvalue()


def same_ledgers(single: Document, bulk: Document) -> list[LedgerTable]:
    """Both documents' ledgers, held against each other; returns the bulk's."""
    expected, found = extract(single, Context()) or (), extract(bulk, Context()) or ()
    assert len(expected) == len(found)
    for one, other in zip(expected, found, strict=True):
        for row, want in zip(other.rows, one.rows, strict=True):
            assert row == want
        for name in LedgerTable.__struct_fields__:
            assert getattr(other, name) == getattr(one, name), name
    return list(found)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(10, 120))
def test_a_noisy_ledger_is_the_same_by_columns(seed: int, count: int) -> None:
    single, bulk = both(workbook(seed, count), "台账.xlsx")
    assert cells(bulk) == cells(single)
    assert bulk.text == single.text
    assert bulk.notices == single.notices
    same_ledgers(single, bulk)


def test_most_rows_of_an_ordinary_ledger_are_kept_in_columns() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["甲县拖欠中小企业账款台账", None, None, "单位：元"])
    sheet.append(["序号", "拖欠单位", "债权企业", "拖欠金额"])
    for i in range(1, 301):
        sheet.append([i, f"第{i % 7}局", f"第{i}建筑有限公司", i * 10.5])
    sheet.append([None, "合计", None, sum(i * 10.5 for i in range(1, 301))])
    out = io.BytesIO()
    book.save(out)
    (table,) = same_ledgers(*both(out.getvalue(), "台账.xlsx"))
    assert isinstance(table.rows, RowStore)
    assert len(table.rows) == 300 and len(table.rows.others) <= 3
    assert [t.flags for t in table.totals] == [()]


@pytest.mark.parametrize("count", [1, 3])
def test_a_small_sheet_survives_the_columns(count: int) -> None:
    single, bulk = both(workbook(7, count), "小.xlsx")
    assert cells(bulk) == cells(single)


@pytest.mark.parametrize("seed", range(4))
def test_rows_kept_in_columns_travel_whole(seed: int) -> None:
    data = workbook(seed, 90)
    small = decode(process(data, "台账.xlsx", Context()))
    with columns_from(0):
        payload = process(data, "台账.xlsx", Context())
    found = decode(payload)
    assert found.facts is not None and small.facts is not None
    assert found.facts.ledger is not None and small.facts.ledger is not None
    assert any(isinstance(t.rows, RowStore) for t in found.facts.ledger)
    assert encode(found) == payload
    for one, other in zip(small.facts.ledger, found.facts.ledger, strict=True):
        assert list(other.rows) == list(one.rows)
        assert msgspec.structs.replace(other, rows=()) == msgspec.structs.replace(one, rows=())


def test_counties_of_rows_read_by_columns_get_the_codes_of_those_read_cell_by_cell() -> None:
    from extractors.resolve.ledger_regions import with_row_regions

    lines: list[list[object]] = [["福建省泉州市拖欠台账"], ["地区", "拖欠单位", "债权企业", "拖欠金额（元）"]]
    lines += [[("晋江市", "安溪", "开发区")[i % 3], "甲局", f"第{i}公司", 1000 + i] for i in range(30)]
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    found = []
    for document in both(out.getvalue(), "台账.xlsx"):
        (table,) = extract(document, Context()) or ()
        rows = with_row_regions(msgspec.structs.replace(table, region_code="350500"), None).rows
        found.append([(r.values["region_code"].value if "region_code" in r.values else None) for r in rows])
    assert found[0] == found[1] == ["350582", "350524", None] * 10


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 80))
def test_a_noisy_csv_is_the_same_by_columns(seed: int, count: int) -> None:
    rng = random.Random(seed)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["甲县拖欠中小企业账款台账", "", "", "单位：万元" if seed % 3 else ""])
    writer.writerow(HEADER)
    for row in noisy_rows(rng, count):
        writer.writerow(["" if v is None else v for v in row])
    single, bulk = both(out.getvalue().encode("gb18030"), "台账.csv")
    assert cells(bulk) == cells(single)
    assert bulk.text == single.text
    assert bulk.counts == single.counts
    same_ledgers(single, bulk)


def test_a_sheet_that_claims_a_million_columns_is_refused() -> None:
    rows = "<row r='1'><c r='BDWGO1'><v>1</v></c></row>"
    claims = [
        f"<dimension ref='A1:BDWGO9'/><sheetData>{rows.replace('BDWGO', 'A')}</sheetData>",
        "<sheetData>" + rows.replace("'", '"') + "</sheetData>",
        "<sheetData><row r='1'>" + "<c/>" * 20_000 + "</row></sheetData>",
        # a row longer than what is looked at in one go
        "<sheetData><row r='1'>"
        + "".join(f"<c><v>{k * 7919 % 10**9}</v></c>" for k in range(250_000))
        + "</row></sheetData>",
    ]
    for xml in claims:
        for size in (0, 1 << 60):
            with columns_from(size), pytest.raises(ReadError) as refusal:
                read(raw_xlsx(xml), "宽.xlsx")
            assert refusal.value.code == "too_large"


@pytest.mark.parametrize("indent", [0, 1])
def test_the_contract_of_rows_kept_in_columns_is_written_as_that_of_others(indent: int) -> None:
    data = workbook(5, 60)
    small = dumps(to_contract(decode(process(data, "台账.xlsx", Context())), "a"), indent=indent)
    with columns_from(0):
        found = to_contract(decode(process(data, "台账.xlsx", Context())), "a")
    assert dumps(found, indent=indent) == small


def test_a_text_in_many_stretches_of_a_csv_is_typed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.formats.csv_bulk._RECORDS_AT_ONCE", 600)
    lines = ["欠款单位,债权企业,债权企业统一社会信用代码,拖欠金额（元）,拖欠时间"]
    lines += [f"甲县水利局,乙公司{k},91341824MAX{k % 550:07d},{k + 1}.50,2023-0{k % 9 + 1}-11" for k in range(3000)]
    with columns_from(0):
        document = read("\n".join(lines).encode("gb18030"), "台账.csv")
    (table,) = extract(document, Context()) or ()
    rows = table.rows
    assert isinstance(rows, RowStore) and len(rows) == 3000
    codes, dates = rows.column("creditor_uscc"), rows.column("arrears_formed_date")
    assert codes is not None and dates is not None
    listed = [e.raw for e in (*codes.entries, *dates.entries) if e.raw[0].isdigit()]
    assert len(listed) == len(set(listed)) == 550 + 9
    assert rows[2999].values["creditor_uscc"].raw == f"91341824MAX{2999 % 550:07d}"
