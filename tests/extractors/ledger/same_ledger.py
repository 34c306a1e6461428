"""One ledger in every format a county may hand it in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import docx
import openpyxl
from openpyxl.styles import Font
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from tests.extractors.formats.ofd_writer import Ofd
from tests.extractors.formats.test_workbooks_old import book, label

TITLE = "云河县拖欠中小企业账款明细台账"
CAPTION = "填报单位：云河县清欠办    单位：万元"
HEADER = ["序号", "拖欠单位", "债权企业", "拖欠金额", "其中：无分歧", "其中：有分歧", "计划清偿时间", "备注"]
ROWS = [
    ["1", "云河县教育局", "云河第一建筑有限公司", "1,212.50", "1,212.50", "0", "2023年12月底", "已约谈"],
    ["2", "云河县水利局", "云河第二商贸有限公司", "30", "20", "10", "2023.11", ""],
    ["3", "同上", "云河第三商贸有限公司", "7.05", "7.05", "0", "2024-06-30", ""],
]
TOTAL = ["合计", "", "", "1,249.55", "1,239.55", "10", "", ""]


Rows = Sequence[Sequence[str]]


def lines(rows: Rows) -> list[list[str]]:
    """Header, rows and total as they are drawn."""
    return [HEADER, *(list(r) for r in rows), TOTAL]


def as_csv(rows: Rows = ROWS) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([[TITLE], [CAPTION], *lines(rows)])
    return out.getvalue().encode("gb18030")


def as_xlsx(rows: Rows = ROWS) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ([TITLE], [CAPTION], *lines(rows)):
        sheet.append(line)
    sheet.merge_cells("A1:H1")
    sheet.merge_cells("A2:H2")
    sheet["A1"].font = Font(bold=True, size=18)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_docx(rows: Rows = ROWS) -> bytes:
    document = docx.Document()
    document.add_paragraph(TITLE)
    document.add_paragraph(CAPTION)
    table = document.add_table(rows=0, cols=len(HEADER))
    for line in lines(rows):
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_pdf(rows: Rows = ROWS) -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("song", fontName="STSong-Light", fontSize=10)
    table = Table(lines(rows))
    table.setStyle(
        TableStyle([("FONT", (0, 0), (-1, -1), "STSong-Light", 9), ("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
    )
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=landscape(A4)).build([Paragraph(TITLE, style), Paragraph(CAPTION, style), table])
    return out.getvalue()


def as_xls(rows: Rows = ROWS) -> bytes:
    drawn = enumerate([[TITLE], [CAPTION], *lines(rows)])
    cells = [label(r, c, text) for r, line in drawn for c, text in enumerate(line) if text]
    return book(b"".join(cells))


def as_ofd(rows: Rows = ROWS) -> bytes:
    file = Ofd()
    file.paragraph(TITLE, indent=0, align="center")
    file.paragraph(CAPTION, indent=0)
    file.table(lines(rows), [8, 26, 32, 22, 22, 18, 24, 14])
    return file.bytes()


def as_html(rows: Rows = ROWS) -> bytes:
    body = "".join("<tr>" + "".join(f"<td>{text}</td>" for text in line) + "</tr>" for line in lines(rows))
    return f"<html><body><p>{TITLE}</p><p>{CAPTION}</p><table>{body}</table></body></html>".encode()


MAKERS = {
    "csv": as_csv,
    "xlsx": as_xlsx,
    "docx": as_docx,
    "pdf": as_pdf,
    "xls": as_xls,
    "ofd": as_ofd,
    "html": as_html,
}
