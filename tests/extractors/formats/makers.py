"""Builds files of every format for the tests: one invented circular, one invented ledger, and hostile files."""

from __future__ import annotations

import gzip
import importlib
import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

TITLE = "关于进一步做好清理拖欠中小企业账款工作的通知"
PARAGRAPHS = (
    "各乡镇人民政府，县政府有关部门：",
    "截至2023年6月底，全县拖欠中小企业账款总额为1234.56万元，已清偿800万元，剩余434.56万元。",
    "一、明确责任。由县财政局牵头，县住房和城乡建设局、县交通运输局配合，于2023年9月30日前完成清偿。",
    "二、按月报送。各单位每月5日前将台账报送县清欠办公室，逾期不报的予以通报。",
    "青山县人民政府办公室",
    "2023年7月3日",
)
HEADER = ("序号", "欠款单位", "债权人", "欠款金额", "到期日")
ROWS = (
    ("1", "青山县第一中学", "宏图建筑有限公司", "12.50", "2023-05-31"),
    ("2", "青山县人民医院", "康泰器械有限公司", "3.06", "2022-12-01"),
)


def txt() -> bytes:
    return "\r\n".join((TITLE, "", *PARAGRAPHS)).encode("gb18030")


def csv() -> bytes:
    lines = ["拖欠账款台账（单位：万元）,,,,", ",".join(HEADER), *(",".join(r) for r in ROWS), '合计,,,"15.56",']
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def html() -> bytes:
    body = "".join(f"<p>&nbsp;&nbsp;{p}</p>" for p in PARAGRAPHS)
    rows = "".join("<tr>" + "".join(f"<td>{v}</td>" for v in r) + "</tr>" for r in ROWS)
    head = "".join(f"<th>{h}</th>" for h in HEADER[2:])
    return (
        f'<html><head><meta charset="gb2312"><title>{TITLE}_青山县人民政府</title>'
        '<meta name="PubDate" content="2023-07-04 09:00"></head><body>'
        '<div class="nav"><a href="/">首页</a><a href="/zw">政务公开</a></div>'
        f'<div class="wrap"><div>当前位置：<a href="/">首页</a> &gt; 通知公告</div><h1>{TITLE}</h1>'
        "<div>发布时间：2023-07-04 来源：县工信局 字号：[大 中 小]</div>"
        f'<div class="article">{body}<p>单位：万元</p>'
        f"<table><tr><th rowspan=2>{HEADER[0]}</th><th rowspan=2>{HEADER[1]}</th><th colspan=3>欠款情况</th></tr>"
        f"<tr>{head}</tr>{rows}</table></div>"
        "<script>var x='不是正文';</script><div>【打印】【关闭】</div></div>"
        '<div class="foot">版权所有：青山县人民政府，地址：人民路1号。</div></body></html>'
    ).encode("gb18030")


# --- docx
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def save_docx(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def append_xml(paragraph: Any, xml: str) -> None:
    """Appends raw WordprocessingML to a paragraph; `{W}` stands for the namespace declaration."""
    from docx.oxml import parse_xml

    paragraph._p.append(parse_xml(xml.replace("{W}", WORD)))


def docx_document() -> Any:
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "青政办〔2023〕21号"
    document.sections[0].footer.paragraphs[0].text = "— 1 —"
    document.add_heading(TITLE, 0)
    for text in PARAGRAPHS:
        document.add_paragraph(text)
    document.add_paragraph("单位：万元")
    table = document.add_table(2 + len(ROWS), len(HEADER))
    for col, text in enumerate(HEADER):
        table.cell(0 if col < 2 else 1, col).text = text
    table.cell(0, 2).text = "欠款情况"
    for col in (0, 1):
        table.cell(0, col).merge(table.cell(1, col))
    table.cell(0, 2).merge(table.cell(0, 4))
    for r, values in enumerate(ROWS, start=2):
        for c, value in enumerate(values):
            table.cell(r, c).text = value
    return document


def docx() -> bytes:
    return save_docx(docx_document())


# --- pdf
def pdf(
    paragraphs: Sequence[str] = PARAGRAPHS,
    *,
    title: str | None = TITLE,
    rows: int = 2,
    merge_every: int = 0,
    head: str = "",
    **canvas: Any,
) -> bytes:
    """A circular with a ledger of `rows` rows below it; page numbers `— 1 —`, a running head where given."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    body = ParagraphStyle("b", fontName=font, fontSize=16, leading=28, firstLineIndent=32, wordWrap="CJK")
    centred = ParagraphStyle("t", fontName=font, fontSize=18, leading=30, alignment=1, wordWrap="CJK")
    small = ParagraphStyle("c", fontName=font, fontSize=9, leading=12, wordWrap="CJK")

    def furniture(page: Any, doc: Any) -> None:
        page.setFont(font, 14)
        page.drawCentredString(297, 40, f"— {doc.page} —")
        if head:
            page.drawString(80, 800, head)

    story: list[Any] = [Paragraph(title, centred)] if title else []
    story += [Paragraph(p, body) for p in paragraphs]
    if rows:
        story += [Paragraph("拖欠账款台账", centred), Paragraph("单位：万元", small)]
        data: list[list[Any]] = [["序号", "欠款", "", "金额", "备注"], ["", "单位", "性质", "", ""]]
        style: list[Any] = [
            ("GRID", (0, 0), (-1, -1), 0.5, "black"),
            ("FONT", (0, 0), (-1, -1), font, 9),
            ("SPAN", (1, 0), (2, 0)),
            *(("SPAN", (c, 0), (c, 1)) for c in (0, 3, 4)),
        ]
        for i in range(rows):
            name = Paragraph(f"青山县第{i + 1}建设工程有限责任公司项目部", small)
            data.append([str(i + 1), name, f"类{i}", f"{i * 1.5 + 10:.2f}", f"备{i}"])
            if merge_every and i % merge_every == 0 and i + 2 < rows:
                style.append(("SPAN", (2, 2 + i), (2, 3 + i)))
        story.append(Table(data, colWidths=[40, 120, 60, 80, 100], repeatRows=2, style=style))
        story.append(Paragraph("特此通知。", body))
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=80, rightMargin=73, topMargin=72, bottomMargin=72, invariant=1, **canvas
    ).build(story, onFirstPage=furniture, onLaterPages=furniture)
    return out.getvalue()


def scanned_pdf(pages: int = 2) -> bytes:
    """Pages that hold a picture and no text."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    pixel = io.BytesIO(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
        b"\x00\x00\x00\nIDATx\x9cc\xf8\x0f\x00\x01\x01\x01\x00\x1b\xb6\xeeV\x00\x00\x00\x00IEND\xaeB`\x82"
    )
    out = io.BytesIO()
    canvas = Canvas(out)
    for _ in range(pages):
        pixel.seek(0)
        canvas.drawImage(ImageReader(pixel), 0, 0, 500, 700)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


# --- ofd
def ofd() -> bytes:
    """The circular and the ledger with a merged head, under a seal."""
    from tests.extractors.formats.ofd_writer import Ofd

    file = Ofd()
    file.paragraph(TITLE, 6.5, indent=0, align="center")
    for text in PARAGRAPHS:
        file.paragraph(text)
    file.paragraph("单位：万元", 4.2, indent=0)
    head = [[*HEADER[:2], "欠款情况", "", ""], ["", "", *HEADER[2:]]]
    spans = [(0, 0, 2, 1), (0, 1, 2, 1), (0, 2, 1, 3)]
    file.table([*head, *ROWS], [12, 45, 50, 24, 24], spans=spans, repeat=2)
    return file.bytes(sealed=True)


# --- mail and archives
def eml() -> bytes:
    """The circular as a mail's text in GBK, with the ledger as csv and docx under Chinese names."""
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["Subject"] = TITLE
    mail["From"] = "县清欠办 <qqb@qingshan.example>"
    mail["To"] = "乡镇联络员 <lly@qingshan.example>"
    mail["Date"] = "Mon, 03 Jul 2023 17:20:00 +0800"
    mail.set_content("\n".join(PARAGRAPHS) + "\n", charset="gb18030", cte="base64")
    mail.add_attachment(csv(), maintype="text", subtype="csv", filename="台账.csv")
    mail.add_attachment(txt(), maintype="application", subtype="octet-stream", filename="通知 原文.txt")
    mail.set_boundary("----=_Part_1")
    return bytes(mail)


def archive_entries() -> dict[str, bytes]:
    return {"通知/正文.txt": txt(), "台账.csv": csv(), "内层.zip": zipped({"网页.html": html()})}


def zip_gbk(entries: dict[str, bytes] | None = None) -> bytes:
    """A zip as Chinese packers write it: names in GBK, the UTF-8 flag off."""
    # zipfile sets the flag for names beyond ASCII: write stand-ins of the same length, then put the bytes in
    entries = entries or archive_entries()
    names = {f"{i:x}".rjust(len(name.encode("gb18030")), "_"): name for i, name in enumerate(entries)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for stand_in, name in names.items():
            archive.writestr(zipfile.ZipInfo(stand_in, (2023, 7, 3, 9, 0, 0)), entries[name], zipfile.ZIP_DEFLATED)
    data = out.getvalue()
    for stand_in, name in names.items():
        data = data.replace(stand_in.encode(), name.encode("gb18030"))
    return data


def seven_zip(entries: dict[str, bytes] | None = None, **settings: Any) -> bytes:
    import py7zr

    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", **settings) as archive:
        for name, data in (entries or archive_entries()).items():
            archive.writestr(data, name)
    return out.getvalue()


# --- xlsx
def save_xlsx(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "台账"
    sheet["A2"] = "青山县拖欠账款台账"
    sheet.merge_cells("A2:E2")
    sheet.append(HEADER)
    for number, debtor, creditor, amount, due in ROWS:
        sheet.append([int(number), debtor, creditor, float(amount), dt.date.fromisoformat(due)])
    sheet["D4"].number_format = '#,##0.00"万元"'
    sheet["E5"].number_format = 'yyyy"年"m"月"'
    sheet["A6"], sheet["D6"] = "合计", "=SUM(D4:D5)"
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["C"].hidden = True
    return save_xlsx(book)


def raw_xlsx(sheet_xml: str, *, strings: Sequence[str] = (), formats: Sequence[str] = (), extra: str = "") -> bytes:
    """A workbook around the given inner XML of a worksheet, for what openpyxl would not write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    number_formats = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{f}"/>' for i, f in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{164 + i}"/>' for i in range(len(formats)))
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}">{extra}<sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet_xml}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{"".join(f"<si><t>{s}</t></si>" for s in strings)}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts>{number_formats}</numFmts>'
        f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>',
    }
    return zipped({k: v.encode() for k, v in parts.items()})


# --- containers
def zipped(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            # made twice, the bytes are the same, whatever second it is
            archive.writestr(zipfile.ZipInfo(name, (2023, 7, 3, 9, 0, 0)), data, method)
    return out.getvalue()


def zip_bomb() -> bytes:
    """An .xlsx whose sheet inflates a thousandfold."""
    return zipped({"[Content_Types].xml": b"spreadsheetml.sheet.main", "xl/worksheets/sheet1.xml": b" " * 30_000_000})


def overlapping_zip() -> bytes:
    """Two directory entries that share one range of data."""
    good = zipped({"a.xml": b"x" * 100, "b.xml": b"y" * 100}, method=zipfile.ZIP_STORED)
    at = good.rindex(b"PK\x01\x02")
    return good[: at + 42] + struct.pack("<I", 0) + good[at + 46 :]


def cfb(*streams: str) -> bytes:
    """The smallest compound file ([MS-CFB]) with the given stream names: header, one FAT and one directory sector."""
    header = bytearray(b"\xff" * 512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    header[8:24] = bytes(16)
    struct.pack_into(
        "<HHHHH6xIIIIIIIIIII", header, 24, 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0, 0
    )
    fat = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    directory = b""
    for name, kind in (("Root Entry", 5), *((s, 2) for s in streams)):
        encoded = name.encode("utf-16-le") + b"\x00\x00"
        directory += encoded.ljust(64, b"\x00") + struct.pack("<HBB", len(encoded), kind, 1) + b"\xff" * 12 + bytes(48)
    return bytes(header) + fat + directory.ljust(512, b"\x00")


# --- old formats: written once by an office suite, from what the makers above give, and kept
FILES = Path(__file__).parent / "files"


def kept(name: str) -> bytes:
    """A file that no library here can write."""
    data = (FILES / name).read_bytes()
    return gzip.decompress(data) if name.endswith(".gz") else data


def doc() -> bytes:
    return kept("circular.doc")


def rtf() -> bytes:
    return kept("circular.rtf")


def xls() -> bytes:
    return kept("ledger.xls")


def image() -> bytes:
    """A drawn page cut small (`scans.py` drew it): kept, so that every machine reads the same picture."""
    return kept("notice.png")


def in_xml(kind: str) -> Callable[[], bytes]:
    """A maker of `makers_xml`, which builds upon this module."""
    return lambda: cast(bytes, getattr(importlib.import_module("tests.extractors.formats.makers_xml"), kind)())


SAMPLES: dict[str, Callable[[], bytes]] = {
    "txt": txt,
    "csv": csv,
    "html": html,
    "docx": docx,
    "doc": doc,
    "rtf": rtf,
    "pdf": pdf,
    "ofd": ofd,
    "xlsx": xlsx,
    "xls": xls,
    "eml": eml,
    "image": image,
    "zip": zip_gbk,
    "7z": seven_zip,
    "xmlss": in_xml("xmlss"),
    "flatopc": in_xml("flatopc"),
    "wordml": in_xml("wordml"),
}
"""One good file for each format of the registry."""
