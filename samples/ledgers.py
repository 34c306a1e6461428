"""The ledgers as offices keep them: a workbook with merged headers in 万元, a flat table as CSV in 元, a summary."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from samples.debts import JINGDE, JIXI, JULY, JUNE, County, Debt, jingde, jixi, total
from samples.layout import repack

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_WAN = Decimal(10000)
# (group or None, header); a group spans its columns, a column without one spans both header rows
_COLUMNS: tuple[tuple[str | None, str], ...] = (
    (None, "序号"),
    ("拖欠主体", "单位名称"),
    ("拖欠主体", "统一社会信用代码"),
    ("拖欠主体", "主体类型"),
    ("债权企业", "企业名称"),
    ("债权企业", "统一社会信用代码"),
    ("债权企业", "企业规模"),
    (None, "项目名称"),
    (None, "款项类型"),
    (None, "合同编号"),
    (None, "合同签订时间"),
    (None, "合同金额"),
    ("拖欠金额", "合计"),
    ("拖欠金额", "其中：无分歧"),
    ("拖欠金额", "其中：有分歧"),
    (None, "分歧情况"),
    (None, "分歧原因"),
    (None, "形成时间"),
    (None, "计划清偿时间"),
    (None, "资金来源"),
    (None, "累计清偿金额"),
    (None, "剩余金额"),
    (None, "责任单位"),
    (None, "备注"),
)
_MONEY = {12: "contract_amount", 13: "arrears", 14: "undisputed", 15: "disputed", 21: "repaid", 22: "remaining"}


def chinese(day: dt.date) -> str:
    """2026年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def workbook(county: County, debts: list[Debt], as_of: dt.date, reported: dt.date) -> bytes:
    """One month's ledger as .xlsx: title, caption, two merged header rows, lines, total, signatures."""
    import openpyxl
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = f"{as_of.month}月台账"
    last = len(_COLUMNS)
    _across(sheet, 1, 1, last, f"{county.name}拖欠中小企业账款台账（{as_of.year}年{as_of.month}月）")
    sheet.cell(1, 1).font = Font(size=18, bold=True)
    _across(sheet, 2, 1, 8, f"填报单位（盖章）：{county.name}清理拖欠中小企业账款工作领导小组办公室")
    _across(sheet, 2, 9, 16, f"统计截止日期：{chinese(as_of)}")
    _across(sheet, 2, 17, last, "单位：万元")
    _headers(sheet)
    row = 5
    for number, debt in enumerate(debts, start=1):
        for column, value in enumerate(_line(number, debt), start=1):
            sheet.cell(row, column, value)
            if column in _MONEY:
                sheet.cell(row, column).number_format = "#,##0.00"
        row += 1
    sheet.cell(row, 1, "合计")
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=11)
    for column, field in _MONEY.items():
        sheet.cell(row, column, _number(total(debts, field)))
        sheet.cell(row, column).number_format = "#,##0.00"
    _across(sheet, row + 1, 1, last, "注：累计清偿金额自纳入台账之日起计算；剩余金额=拖欠金额合计-累计清偿金额。")
    people = "单位负责人（签字）：方启远　　审核人：洪述白　　填表人：章予安　　联系电话：0563-5550118"
    _across(sheet, row + 2, 1, last, f"{people}　　填报日期：{chinese(reported)}")
    for line in sheet.iter_rows(min_row=1, max_row=4):
        for cell in line:
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    sheet.freeze_panes = "A5"
    return _saved(book)


def _headers(sheet: Worksheet) -> None:
    """Rows 3 and 4: groups merged across, single columns merged down."""
    column = 1
    while column <= len(_COLUMNS):
        group, name = _COLUMNS[column - 1]
        if group is None:
            sheet.cell(3, column, name)
            sheet.merge_cells(start_row=3, start_column=column, end_row=4, end_column=column)
            column += 1
            continue
        end = column
        while end <= len(_COLUMNS) and _COLUMNS[end - 1][0] == group:
            sheet.cell(4, end, _COLUMNS[end - 1][1])
            end += 1
        _across(sheet, 3, column, end - 1, group)
        column = end


def _line(number: int, d: Debt) -> list[str | int | float]:
    """The cells of one debt, in the order of the columns."""
    return [
        *(number, d.debtor, d.debtor_code, d.debtor_type, d.creditor, d.creditor_code, d.size, d.project, d.kind),
        *(d.contract_no, f"{d.contract_date.year}.{d.contract_date.month:02d}.{d.contract_date.day:02d}"),
        *(_number(d.contract_amount), _number(d.arrears), _number(d.undisputed), _number(d.disputed)),
        *(d.dispute_word, d.reason, f"{d.formed.year}年{d.formed.month}月", d.plan_due, d.fund),
        *(_number(d.repaid), _number(d.remaining), d.responsible, d.remark),
    ]


def _number(yuan: Decimal) -> float:
    """万元 as a spreadsheet keeps it."""
    return float(yuan / _WAN)


def _across(sheet: Worksheet, row: int, first: int, last: int, text: str) -> None:
    """Text in cells merged across."""
    sheet.cell(row, first, text)
    if last > first:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)


def _saved(book: Workbook) -> bytes:
    """Bytes of a workbook with fixed times."""
    out = io.BytesIO()
    book.save(out)
    return repack(out.getvalue())


_CSV_HEADER = (
    *("序号", "县区", "欠款单位", "欠款单位信用代码", "被拖欠企业", "被拖欠企业信用代码", "欠款事由", "欠款类别"),
    *("合同编号", "签订日期", "合同总额（元）", "欠款金额（元）", "其中无分歧金额（元）", "有分歧金额（元）"),
    *("是否有分歧", "拖欠时间", "还款时限", "资金来源", "已偿还金额（元）", "未偿还金额（元）", "责任单位", "说明"),
)


def table(county: County, debts: list[Debt], as_of: dt.date, reported: dt.date, *, slip: Decimal = Decimal(0)) -> str:
    """One month's ledger as CSV text; `slip` is added to the printed total of what remains."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    blank = [""] * (len(_CSV_HEADER) - 1)
    writer.writerow([f"{county.name}拖欠企业账款明细表", *blank])
    writer.writerow([f"填报单位：{county.name}清欠办　数据截至{chinese(as_of)}", *blank])
    writer.writerow(_CSV_HEADER)
    for number, d in enumerate(debts, start=1):
        writer.writerow(
            [
                *(number, county.name, d.debtor, d.debtor_code, d.creditor, d.creditor_code, d.project, d.kind),
                *(d.contract_no, f"{d.contract_date:%Y/%m/%d}", _yuan(d.contract_amount), _yuan(d.arrears)),
                *(_yuan(d.undisputed), _yuan(d.disputed), d.dispute_word, f"{d.formed:%Y-%m}", d.plan_due, d.fund),
                *(_yuan(d.repaid), _yuan(d.remaining), d.responsible, d.remark),
            ]
        )
    sums = [total(debts, f) for f in ("contract_amount", "arrears", "undisputed", "disputed", "repaid", "remaining")]
    sums[-1] += slip
    money = [_yuan(s) for s in sums]
    writer.writerow(["合计", *[""] * 9, *money[:4], *[""] * 4, *money[4:], "", ""])
    writer.writerow([f"负责人：陶见山　制表人：喻小满　填报日期：{chinese(reported)}", *blank])
    return out.getvalue()


def _yuan(value: Decimal) -> str:
    """12,300.00"""
    return f"{value:,.2f}"


class CityRow(NamedTuple):
    """One county in the city's tables, money in yuan."""

    name: str
    whole: Decimal
    undisputed: Decimal
    cleared: Decimal

    @property
    def rate(self) -> Decimal:
        """Share cleared."""
        return self.cleared / self.whole


def summary(rows: list[CityRow]) -> bytes:
    """The city's table per county as of 31 July: total, undisputed, cleared, remaining, rate; first row the sum."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "进度汇总"
    _across(sheet, 1, 1, 7, "宣城市清理拖欠中小企业账款进度汇总表")
    _across(sheet, 2, 1, 4, f"截至{chinese(JULY)}")
    _across(sheet, 2, 5, 7, "金额单位：人民币万元")
    names = ("县（市、区）", "台账总额", "其中：无分歧", "累计清偿", "剩余金额", "清偿率", "排名")
    marks = ("甲", "1", "2", "3", "4=1-3", "5=3/1", "6")
    rates = sorted((r.rate for r in rows), reverse=True)
    zero = Decimal(0)
    whole, cleared = sum((r.whole for r in rows), zero), sum((r.cleared for r in rows), zero)
    everything = CityRow("合计", whole, sum((r.undisputed for r in rows), zero), cleared)
    lines: list[tuple[str | float, ...]] = [names, marks, _summary_line(everything, "—")]
    lines += [_summary_line(r, f"第{rates.index(r.rate) + 1}") for r in rows]
    for number, line in enumerate(lines, start=3):
        for column, value in enumerate(line, start=1):
            sheet.cell(number, column, value)
    end = 3 + len(lines)
    _across(sheet, end, 1, 7, f"制表：宣城市清欠办　　审核：梅一舟　　制表日期：{chinese(dt.date(2026, 8, 5))}")
    return _saved(book)


def _summary_line(r: CityRow, rank: str) -> tuple[str | float, ...]:
    """The cells of one county."""
    money = (r.whole, r.undisputed, r.cleared, r.whole - r.cleared)
    return (r.name, *map(_number, money), f"{r.rate:.2%}", rank)


def city_rows(day: dt.date) -> list[CityRow]:
    """The counties of the city on one day: two as their ledgers say, the others invented."""
    month = 0 if day == JUNE else 1
    fixed = (
        ("宣州区", 118_204_500, 97_310_000, (71_530_200, 80_114_600)),
        ("宁国市", 86_450_000, 70_018_000, (60_215_000, 63_900_500)),
        ("广德市", 77_312_600, 69_940_600, (49_876_400, 54_020_000)),
        ("郎溪县", 40_128_000, 31_500_000, (22_065_300, 25_710_900)),
        ("泾县", 35_066_700, 30_066_700, (19_320_800, 21_448_000)),
    )
    rows = [CityRow(name, Decimal(a), Decimal(b), Decimal(c[month])) for name, a, b, c in fixed]
    for county, books in ((JIXI, jixi()), (JINGDE, jingde())):
        debts = books[month]
        rows.append(CityRow(county.name, total(debts, "arrears"), total(debts, "undisputed"), total(debts, "repaid")))
    return rows
