"""One invented circular and one invented ledger, rendered into every format the offices use.

What is found in each rendering must equal what is found in the plain text (`test_equal_facts.py`). Formats that no
library here can write (doc, xls) are made by an office suite from the docx and xlsx of this module, and kept.
"""

from __future__ import annotations

import csv as csv_module
import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.extractors.formats.ofd_writer import Ofd, Span

FILES = Path(__file__).parent / "files"

NUMBER = "临江政办发〔2026〕17号"
TITLE = "临江县人民政府办公室关于开展拖欠企业账款清理攻坚行动的通知"
BODY = (
    "各乡镇人民政府，县政府有关部门：",
    "根据《保障中小企业款项支付条例》和《关于规范工程款支付的指导意见》（江清欠发〔2026〕3号）要求，现就开展清理攻坚行动通知如下。",
    "截至2026年4月底，全县拖欠企业账款总额为8645.3万元，涉及企业126户；已清偿5210.8万元，剩余3434.5万元，其中有分歧欠款约260万元。",
    "一、全面摸底。由县财政局牵头，县住房和城乡建设局、县交通运输局配合，于2026年6月15日前完成摸底并报送县清欠办。",
    "二、限期清偿。县教育局、县卫生健康局负责本系统欠款清偿，无分歧欠款须在2026年9月30日前全部清偿，年底前清偿率不低于95%。",
    "三、定期报送。各单位每月5日前将工作台账报送县清欠办，每季度末由县审计局对清偿情况进行抽查。",
    "四、严格问责。自收到投诉之日起30日内未办结的，由县清欠办予以通报。",
)
SIGNER, DATE = "临江县人民政府办公室", "2026年5月18日"
LINES = (NUMBER, TITLE, *BODY, SIGNER, DATE)

LEDGER_TITLE, UNIT = "临江县拖欠企业账款台账", "单位：万元"
HEAD = (
    ("序号", "欠款单位", "债权企业", "欠款情况", "", "", "备注"),
    ("", "", "", "合同编号", "欠款金额", "应付日期", ""),
)
HEAD_SPANS: tuple[Span, ...] = ((0, 0, 2, 1), (0, 1, 2, 1), (0, 2, 2, 1), (0, 3, 1, 3), (0, 6, 2, 1))
_NAMES = ("第一中学", "人民医院", "水务中心", "公路养护站", "融媒体中心", "城关镇人民政府", "体育场", "职业学校")
_FIRMS = ("宏图建筑", "康泰器械", "远航市政", "恒基设备", "晨光印务", "安达物业")


def ledger_rows(count: int = 14) -> list[list[str]]:
    """Rows as strings, the amounts in 万元; the last is the total."""
    cents = [1_250 + 733 * i + 37 * i * i for i in range(count)]
    rows = [
        [
            str(i + 1),
            f"临江县{_NAMES[i % len(_NAMES)]}",
            f"临江{_FIRMS[i % len(_FIRMS)]}有限公司",
            f"LJ-2024-{i + 1:03d}",
            f"{c / 100:.2f}",
            f"2025-{i % 12 + 1:02d}-{i % 27 + 1:02d}",
            "已签还款协议" if i % 5 == 2 else "",
        ]
        for i, c in enumerate(cents)
    ]
    return [*rows, ["合计", "", "", "", f"{sum(cents) / 100:.2f}", "", ""]]


# --- the circular
def circular_txt() -> bytes:
    return "\n".join(LINES).encode()


def circular_html() -> bytes:
    body = "".join(f"<p>&emsp;&emsp;{line}</p>" for line in (*BODY, SIGNER, DATE))
    return (
        f'<!DOCTYPE html><html><head><meta charset="gbk"><title>{TITLE}_临江县人民政府</title></head><body>'
        '<div class="nav"><a href="/">首页</a> <a href="/zw">政务公开</a></div>'
        f'<div class="article"><p>{NUMBER}</p><h1>{TITLE}</h1>{body}</div>'
        '<div class="foot">版权所有：临江县人民政府办公室网站</div></body></html>'
    ).encode("gb18030")


def circular_docx() -> bytes:
    import docx

    document = docx.Document()
    for line in (NUMBER, TITLE):
        document.add_paragraph(line).alignment = 1
    for line in (*BODY, SIGNER, DATE):
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def circular_rtf() -> bytes:
    def escaped(text: str) -> str:
        return "".join(c if ord(c) < 128 else f"\\u{ord(c) if ord(c) < 32768 else ord(c) - 65536}?" for c in text)

    body = "".join(f"\\pard\\fi640 {escaped(line)}\\par\n" for line in LINES)
    return f"{{\\rtf1\\ansi\\ansicpg936\\uc1\n{body}}}".encode("ascii")


def circular_pdf() -> bytes:
    return _pdf([("head", NUMBER), ("title", TITLE), *(("body", p) for p in BODY), ("end", SIGNER), ("end", DATE)])


def circular_ofd() -> bytes:
    file = Ofd()
    file.paragraph(NUMBER, 5.0, indent=0, align="center")
    file.paragraph(TITLE, 6.5, indent=0, align="center")
    file.paragraph(BODY[0], indent=0)
    for line in BODY[1:]:
        file.paragraph(line)
    for line in (SIGNER, DATE):
        file.paragraph(line, align="right")
    return file.bytes(sealed=True)


def circular_eml() -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"转发：{TITLE}"
    mail["From"], mail["To"] = "县府办 <fb@linjiang.example>", "联络员 <lly@linjiang.example>"
    mail["Date"] = "Mon, 18 May 2026 16:00:00 +0800"
    mail.set_content("\n".join(LINES) + "\n", charset="gb18030", cte="base64")
    return bytes(mail)


def circular_scan(strength: float = 0.65) -> bytes:
    """Drawn pages with a seal over signer and date, as one TIFF; needs a CJK font."""
    from tests.extractors.formats.scans import HEIGHT, Sheet

    sheet = Sheet()
    pages = [sheet]
    sheet.centred(NUMBER, 14)
    for part in (TITLE[: len(TITLE) // 2], TITLE[len(TITLE) // 2 :]):
        sheet.centred(part, 20)
    sheet.paragraph(BODY[0], indent=0)
    for line in BODY[1:]:
        if sheet.y > HEIGHT - 200:
            sheet = Sheet()
            pages.append(sheet)
        sheet.paragraph(line)
    sheet.seal(SIGNER, sheet.signature(SIGNER, DATE), strength=strength)
    images = [p.image for p in pages]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:], dpi=(200, 200), compression="tiff_deflate")
    return out.getvalue()


# --- the ledger
def ledger_csv() -> bytes:
    out = io.StringIO()
    writer = csv_module.writer(out)
    writer.writerows([[LEDGER_TITLE], [UNIT], *HEAD, *ledger_rows()])
    return out.getvalue().encode("gb18030")


def ledger_xlsx() -> bytes:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([LEDGER_TITLE])
    sheet.merge_cells("A1:G1")
    sheet.append([UNIT])
    for line in HEAD:
        sheet.append([v or None for v in line])
    for r, c, h, w in HEAD_SPANS:
        sheet.merge_cells(start_row=r + 3, start_column=c + 1, end_row=r + 2 + h, end_column=c + w)
    for row in ledger_rows():
        values: list[Any] = [v or None for v in row]
        values[0] = int(row[0]) if row[0].isdigit() else row[0]
        values[4] = float(row[4])
        values[5] = dt.date.fromisoformat(row[5]) if row[5] else None
        sheet.append(values)
        sheet.cell(sheet.max_row, 5).number_format = "0.00"
        sheet.cell(sheet.max_row, 6).number_format = "yyyy-mm-dd"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ledger_docx() -> bytes:
    import docx

    document = docx.Document()
    document.add_paragraph(LEDGER_TITLE).alignment = 1
    document.add_paragraph(UNIT)
    rows = [*HEAD, *ledger_rows()]
    table = document.add_table(len(rows), len(HEAD[0]))
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text:
                table.cell(r, c).text = text
    for r, c, h, w in HEAD_SPANS:
        table.cell(r, c).merge(table.cell(r + h - 1, c + w - 1))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def ledger_html() -> bytes:
    inner = {(r, c): (h, w) for r, c, h, w in HEAD_SPANS}
    hidden = {(r + i, c + k) for r, c, h, w in HEAD_SPANS for i in range(h) for k in range(w)} - set(inner)
    lines = ""
    for r, row in enumerate([*HEAD, *ledger_rows()]):
        cells = ""
        for c, text in enumerate(row):
            if (r, c) not in hidden:
                h, w = inner.get((r, c), (1, 1))
                cells += f'<td rowspan="{h}" colspan="{w}">{text}</td>'
        lines += f"<tr>{cells}</tr>"
    return f"<html><body><h1>{LEDGER_TITLE}</h1><p>{UNIT}</p><table>{lines}</table></body></html>".encode()


def ledger_pdf() -> bytes:
    return _pdf([("title", LEDGER_TITLE), ("small", UNIT)], [*HEAD, *ledger_rows()])


def ledger_ofd() -> bytes:
    file = Ofd()
    file.paragraph(LEDGER_TITLE, 6.5, indent=0, align="center")
    file.paragraph(UNIT, 4.0, indent=0)
    file.table([*HEAD, *ledger_rows()], [11, 34, 34, 24, 19, 20, 22], spans=HEAD_SPANS, repeat=2)
    return file.bytes()


def ledger_eml() -> bytes:
    """The ledger as a table in the mail's body."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = LEDGER_TITLE, "a@linjiang.example", "b@linjiang.example"
    mail.set_content(LEDGER_TITLE)
    mail.add_alternative(ledger_html().decode(), subtype="html", charset="utf-8")
    return bytes(mail)


def packed(entries: dict[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def _pdf(lines: list[tuple[str, str]], rows: list[Any] | None = None) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    font = "STSong-Light"
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    styles = {
        "body": ParagraphStyle("b", fontName=font, fontSize=16, leading=28, firstLineIndent=32, wordWrap="CJK"),
        "title": ParagraphStyle("t", fontName=font, fontSize=20, leading=32, alignment=1, wordWrap="CJK"),
        "head": ParagraphStyle("h", fontName=font, fontSize=14, leading=24, alignment=1),
        "end": ParagraphStyle("e", fontName=font, fontSize=16, leading=28, alignment=2, rightIndent=32),
        "small": ParagraphStyle("s", fontName=font, fontSize=9, leading=12, wordWrap="CJK"),
    }
    story: list[Any] = [Paragraph(text, styles[kind]) for kind, text in lines]
    if rows:
        cells = [[Paragraph(v, styles["small"]) for v in row] for row in rows]
        spans = [("SPAN", (c, r), (c + w - 1, r + h - 1)) for r, c, h, w in HEAD_SPANS]
        style = [("GRID", (0, 0), (-1, -1), 0.5, "black"), *spans]
        story.append(Table(cells, colWidths=[34, 88, 92, 70, 56, 60, 50], repeatRows=2, style=style))
    out = io.BytesIO()
    SimpleDocTemplate(
        out, pagesize=A4, leftMargin=72, rightMargin=72, topMargin=72, bottomMargin=72, invariant=1
    ).build(story)
    return out.getvalue()


CIRCULARS: dict[str, Callable[[], bytes]] = {
    "txt": circular_txt,
    "html": circular_html,
    "docx": circular_docx,
    "rtf": circular_rtf,
    "pdf": circular_pdf,
    "ofd": circular_ofd,
    "eml": circular_eml,
}
LEDGERS: dict[str, Callable[[], bytes]] = {
    "xlsx": ledger_xlsx,
    "csv": ledger_csv,
    "docx": ledger_docx,
    "html": ledger_html,
    "pdf": ledger_pdf,
    "ofd": ledger_ofd,
    "eml": ledger_eml,
}
# made from the docx and xlsx above by an office suite, and kept
for _kind in ("doc", "wps"):
    CIRCULARS[_kind] = (FILES / "equal_circular.doc").read_bytes
    LEDGERS[_kind] = (FILES / "equal_ledger.doc").read_bytes
for _kind in ("xls", "et"):
    LEDGERS[_kind] = (FILES / "equal_ledger.xls").read_bytes
