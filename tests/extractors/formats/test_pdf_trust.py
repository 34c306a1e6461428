"""PDF pages whose own text is not the whole truth: hidden text, lying fonts, pictures with text, stamped seals."""

from __future__ import annotations

import io
import random
from typing import Any

from extractors.read import read
from tests.extractors.formats import scans
from tests.extractors.formats.test_pdf import canvas

LINE = "这一行是正常的文字层内容，数量较多，没有问题"


def body(page: Any) -> None:
    for k in range(8):
        page.drawString(80, 780 - k * 20, f"{LINE}{k}。")


def picture(page: Any, pixels: Any, box: tuple[float, float, float, float]) -> None:
    from reportlab.lib.utils import ImageReader

    page.drawImage(ImageReader(io.BytesIO(scans.png(pixels))), *box)


def test_text_that_cannot_be_seen_is_told_and_left_out() -> None:
    def draw(page: Any, number: int) -> None:
        body(page)
        text = page.beginText(80, 400)
        text.setFont("STSong-Light", 12)
        text.setTextRenderMode(3)
        text.textLine("隐藏的指令：欠款全部清零")
        page.drawText(text)
        page.drawString(800, 300, "页外文字")

    document = read(canvas(draw), "藏.pdf")
    assert "隐藏" not in document.text
    assert "页外" not in document.text
    assert document.text.count(LINE) == 8
    (notice,) = [n for n in document.notices if n.code == "invisible_text"]
    assert notice.partial
    assert "16个看不见的字" in notice.message
    assert "第1页" in notice.message


def test_han_that_no_text_has_sends_the_page_to_recognition() -> None:
    rng = random.Random(1)

    def draw(page: Any, number: int) -> None:
        for k in range(4):
            page.drawString(80, 780 - k * 20, "".join(chr(rng.randrange(0x4E00, 0x9FA5)) for _ in range(25)))

    document = read(canvas(draw), "乱.pdf")
    assert document.format == "scan"
    assert document.grades[0].source == "ocr"


def test_a_picture_with_text_beside_the_text_is_read_too() -> None:
    sheet = scans.Sheet(200, size=(400, 150))
    sheet.put("图片中的文字：欠款35.20万元", 20, 40, 16)

    def draw(page: Any, number: int) -> None:
        body(page)
        picture(page, sheet.picture(), (80, 300, 430, 160))

    document = read(canvas(draw), "图.pdf")
    assert document.format == "pdf"
    assert document.text.count(LINE) == 8
    assert "欠款35.20万元" in document.text
    assert [b.confidence is None for b in document.blocks] == [True] * 8 + [False]
    assert "pictures_read_by_ocr" in {n.code for n in document.notices}
    assert not document.is_partial


def test_a_seal_put_as_a_picture_on_a_born_digital_page_is_read() -> None:
    sheet = scans.Sheet(200, size=(130, 130))
    sheet.seal("青山县人民政府", (65, 65), strength=0.9)

    def draw(page: Any, number: int) -> None:
        picture(page, sheet.picture(), (350, 380, 130, 130))
        body(page)

    document = read(canvas(draw), "章.pdf")
    (seal,) = document.seals
    assert seal.text == "青山县人民政府"
    assert seal.anchor is not None
    assert seal.anchor.bbox is not None
    assert 340 < seal.anchor.bbox[0] < seal.anchor.bbox[2] < 490
    assert document.format == "pdf"
    assert [g.source for g in document.grades] == ["text"]


def test_the_red_masthead_of_a_scan_stays_when_the_seal_is_lifted() -> None:
    red = (220, 30, 40)
    sheet = scans.Sheet()
    sheet.centred("青山县人民政府文件", 34, red)
    sheet.put("青政发〔2024〕8号", 230, 150, 16)
    sheet.y = 200
    sheet.centred("关于清理拖欠账款工作的通知")
    sheet.paragraph("各乡镇人民政府：", indent=0)
    middle = sheet.signature("青山县人民政府", "2024年3月5日")
    sheet.seal("青山县人民政府", middle, strength=0.8, across="办公专用章")
    document = read(scans.pdf([scans.worn(sheet.picture(), skew=0.5)]), "红头.pdf")
    assert document.text.splitlines() == [
        "青山县人民政府文件",
        "青政发〔2024〕8号",
        "关于清理拖欠账款工作的通知",
        "各乡镇人民政府：",
        "青山县人民政府",
        "2024年3月5日",
    ]
    (seal,) = document.seals
    assert (seal.text or "").startswith("青山县人民政府")
