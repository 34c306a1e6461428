"""PDF: exact boxes, paragraphs over lines and pages, tables over pages, furniture out of the flow."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Document
from extractors.facts import Context
from extractors.formats.pagenumbers import is_marked_page_number, is_page_number
from extractors.process import extract
from extractors.read import read
from tests.extractors.formats import makers

LONG = (
    "各乡镇人民政府要认真梳理本地区拖欠中小企业账款情况，截至2023年6月底，全县拖欠账款总额为1234.56万元，"
    "已清偿800万元，剩余434.56万元应于2023年12月31日前全部清偿完毕，并逐月上报清偿进度情况。"
)
MANY = [f"{'一二三四五六七八九十'[i % 10]}、{LONG}" for i in range(24)]
HEAD = "青山县清欠办文件汇编"


@pytest.fixture(scope="module")
def paged() -> bytes:
    return makers.pdf(MANY, rows=0, head=HEAD)


@pytest.fixture(scope="module")
def paged_document(paged: bytes) -> Document:
    return read(paged, "长.pdf")


def canvas(draw: Any, size: tuple[float, float] = (595, 842), pages: int = 1) -> bytes:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    page = Canvas(out, pagesize=size, invariant=1)
    for number in range(pages):
        page.setFont("STSong-Light", 12)
        draw(page, number)
        page.showPage()
    page.save()
    return out.getvalue()


def test_paragraphs_run_over_lines_and_pages(paged_document: Document) -> None:
    assert paged_document.pages is not None
    assert paged_document.pages >= 5
    assert paged_document.text.splitlines() == [HEAD, makers.TITLE, *MANY]


def test_page_numbers_and_running_heads_are_out_of_the_flow(paged_document: Document) -> None:
    assert "—" not in paged_document.text
    assert paged_document.text.count(HEAD) == 1
    assert paged_document.blocks[0].kind == "header"
    (notice,) = paged_document.notices
    assert notice.code == "page_furniture_left_out"
    assert not notice.partial


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_evidence_is_a_page_and_a_box_that_holds_exactly_those_characters(
    paged: bytes, paged_document: Document, data: st.DataObject
) -> None:
    text = paged_document.text
    block = data.draw(st.sampled_from(paged_document.blocks))
    start = data.draw(st.integers(block.start, block.end - 1))
    end = data.draw(st.integers(start + 1, block.end))
    anchor = paged_document.evidence(start, end)
    assert anchor.page == block.anchor.page
    assert anchor.bbox is not None
    x0, y0, x1, y1 = anchor.bbox
    assert 0 <= x0 <= x1 <= 596
    assert 0 <= y0 <= y1 <= 842
    pdf = pdfium.PdfDocument(paged)
    height = 842 - 0.11  # reportlab's A4
    inside = pdf[(anchor.page or 1) - 1].get_textpage().get_text_bounded(x0 - 0.5, height - y1, x1 + 0.5, height - y0)
    pdf.close()
    assert "".join(text[start:end].split()) in "".join(inside.split())
    assert len("".join(inside.split())) <= len("".join(text[start:end].split())) + 2


def test_evidence_over_a_page_break_stays_on_the_first_page(paged_document: Document) -> None:
    blocks = paged_document.blocks
    first, second = next((a, b) for a, b in pairwise(blocks[2:]) if a.anchor.page != b.anchor.page)
    anchor = paged_document.evidence(first.end - 2, second.start + 2)
    assert anchor.page == first.anchor.page
    assert anchor.bbox is not None
    assert anchor.bbox[3] <= (first.anchor.bbox or (0, 0, 0, 0))[3] + 1


def test_a_table_over_five_pages_is_one_table_with_every_row_and_span() -> None:
    document = read(makers.pdf(rows=150, merge_every=10, head=HEAD), "台账.pdf")
    assert (document.pages or 0) >= 5
    (table,) = document.tables
    assert (table.rows, table.cols) == (152, 5)
    grid = table.grid()
    for i in range(150):
        row = grid[i + 2]
        assert row[0] is not None
        assert row[0].text == str(i + 1)
        assert row[1] is not None
        assert row[1].text == f"青山县第{i + 1}建设工程有限责任公司项目部"
        assert row[3] is not None
        assert row[3].text == f"{i * 1.5 + 10:.2f}"
        kind = row[2]
        assert kind is not None
        assert kind.text == f"类{i - 1 if i % 10 == 1 else i}"
    assert [c.text for c in table.cells if c.row == 0] == ["序号", "欠款", "金额", "备注"]
    assert table.caption.endswith("拖欠账款台账\n单位：万元")
    assert table.after == "特此通知。"
    assert {c.page for c in table.cells} == set(range(1, (document.pages or 0) + 1))
    at = document.text.index("100.00")
    anchor = document.evidence(at, at + 6)
    assert anchor.table == 1
    assert anchor.bbox is not None
    assert anchor.page == next(c.page for c in table.cells if c.text == "100.00")


def test_a_row_cut_by_the_page_break_is_one_row() -> None:
    def draw(page: Any, number: int) -> None:
        top = 100 if number == 0 else 780
        rows = [["1", "甲公司逾期未付的工程", "12.50"]] if number == 0 else [["", "款项", ""], ["2", "乙公司", "3.00"]]
        for i, row in enumerate(rows):
            y = top - 24 * i
            for k, (x, w) in enumerate(((80, 40), (120, 124), (244, 80))):
                page.rect(x, y, w, 24)
                page.drawString(x + 2, y + 8, row[k])

    (table,) = read(canvas(draw, pages=2), "断行.pdf").tables
    assert [[c.text for c in table.cells if c.row == r] for r in range(table.rows)] == [
        ["1", "甲公司逾期未付的工程款项", "12.50"],
        ["2", "乙公司", "3.00"],
    ]


def test_two_amounts_on_two_lines_of_a_cell_stay_two() -> None:
    def draw(page: Any, number: int) -> None:
        for x, w in ((80, 60), (140, 120)):
            for y in (700, 660):
                page.rect(x, y, w, 40)
        page.drawString(84, 715, "金额")
        page.drawString(144, 725, "100.00")
        page.drawString(144, 708, "200.00")
        page.drawString(84, 675, "合计")
        page.drawString(144, 675, "300.00")

    (table,) = read(canvas(draw), "两行.pdf").tables
    assert [c.text for c in table.cells] == ["金额", "100.00\n200.00", "合计", "300.00"]


def test_a_red_line_under_a_heading_is_no_table() -> None:
    def draw(page: Any, number: int) -> None:
        page.drawCentredString(297, 780, "青山县人民政府文件")
        page.line(80, 770, 520, 770)
        page.line(80, 767, 520, 767)
        page.drawString(80, 700, "青政〔2023〕1号")

    document = read(canvas(draw), "红头.pdf")
    assert document.tables == ()
    assert document.text == "青山县人民政府文件\n青政〔2023〕1号\n"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_boxes_of_turned_pages_are_as_the_page_is_shown(turn: int) -> None:
    def draw(page: Any, number: int) -> None:
        page.setPageRotation(turn)  # reportlab lays the media box on its side for a quarter turn
        page.translate(*{90: (842, 0), 180: (595, 842), 270: (0, 595)}[turn])
        page.rotate(turn)
        page.drawString(100, 842 - 112, "横排金额12万元")

    document = read(canvas(draw), "横.pdf")
    assert document.text == "横排金额12万元\n"
    box = document.evidence(0, 2).bbox
    assert box is not None
    assert box[0] == pytest.approx(100, abs=1)
    assert box[2] == pytest.approx(124, abs=1)
    assert 95 < box[1] < box[3] < 118


def test_a_crop_box_moves_the_origin() -> None:
    def draw(page: Any, number: int) -> None:
        page.setCropBox((50, 50, 500, 800))
        page.drawString(100, 700, "裁剪")

    box = read(canvas(draw), "裁.pdf").evidence(0, 2).bbox
    assert box is not None
    assert box[0] == pytest.approx(50, abs=1)
    assert box[3] == pytest.approx(102, abs=4)


def test_blank_pages_are_told_and_leave_the_document_whole() -> None:
    good, scan = pdfium.PdfDocument(makers.pdf()), pdfium.PdfDocument(makers.scanned_pdf(1))
    good.import_pages(scan)
    good.new_page(595, 842)
    out = io.BytesIO()
    good.save(out)
    document = read(out.getvalue(), "混.pdf")
    assert document.pages == 3
    missing = [n for n in document.notices if n.code == "page_without_text"]
    assert [(n.anchor.page if n.anchor else None, n.partial) for n in missing] == [(2, False), (3, False)]
    assert [(g.page, g.source) for g in document.grades] == [(1, "text"), (2, "none"), (3, "none")]


def test_embedded_files_become_children() -> None:
    pdf = pdfium.PdfDocument(makers.pdf())
    pdf.new_attachment("附件/台账.xlsx").set_data(b"x" * 10)
    pdf.new_attachment("空.txt")
    out = io.BytesIO()
    pdf.save(out)
    document = read(out.getvalue(), "附.pdf")
    assert [(c.name, c.how, c.data) for c in document.children] == [("台账.xlsx", "embedded", b"x" * 10)]
    codes = {n.code: n.partial for n in document.notices}
    assert codes["embedded_files"] is False
    assert codes["embedded_file_left_out"] is True


def test_a_line_that_ends_early_before_a_long_number_goes_on() -> None:
    lines = (
        (112, "截至2023年8月底，全县共清理拖欠中小企业账款总额为，"),
        (80, "15167.392612345678万元，应还尽还，其余的有争议欠款共计223.33"),
        (80, "万元。"),
        (112, "特此报告，请予审阅并请转送有关单位，联系人另行通知各位。"),
        (80, "请审阅。"),
    )

    def draw(page: Any, number: int) -> None:
        for i, (x, text) in enumerate(lines):
            page.drawString(x, 700 - 20 * i, text)

    first = "".join(text for _, text in lines[:3])
    assert read(canvas(draw), "a.pdf").text.splitlines()[0] == first


def test_lines_drawn_out_of_order_are_read_from_top_to_bottom() -> None:
    def draw(page: Any, number: int) -> None:
        page.drawString(80, 600, "第三行落款")
        page.drawString(80, 700, "第一行标题")
        page.drawString(80, 650, "第二行正文")

    assert read(canvas(draw), "乱序.pdf").text == "第一行标题\n第二行正文\n第三行落款\n"


@pytest.mark.parametrize("text", ["— 1 —", "－12－", "- 3 -", "第3页", "第 3 页 共 8 页", "3/8", "·5·", "7", "第三页"])
def test_page_numbers(text: str) -> None:
    assert is_page_number(text)


@pytest.mark.parametrize("text", ["2023年", "12.50", "一、", "第3条", "3项", "10万元", "1-2-3", "附件1", ""])
def test_other_numbers_are_no_page_numbers(text: str) -> None:
    assert not is_marked_page_number(text)
    assert not is_page_number(text)


TITLES = (
    (["关于印发《青山县清理拖欠企业账款", "专项行动实施方案》的通知"], 22),
    (["关于清理拖欠账款", "工作的", "通知"], 22),
    (["关于清理拖欠账款", "工作的", "通知"], 16),
)


@pytest.mark.parametrize(("lines", "size"), TITLES)
def test_a_heading_set_centred_over_lines_is_one_line_and_the_title(lines: list[str], size: int) -> None:
    def draw(page: Any, number: int) -> None:
        page.setFont("STSong-Light", 26)
        page.drawCentredString(297, 790, "青山县财政局")
        page.drawCentredString(297, 755, "青山县审计局文件")
        page.setFont("STSong-Light", 16)
        page.drawCentredString(297, 715, "青财〔2026〕12号")
        page.setFont("STSong-Light", size)
        for k, line in enumerate(lines):
            page.drawCentredString(297, 660 - k * size * 1.4, line)
        page.setFont("STSong-Light", 16)
        body = ("各乡镇人民政府，县直有关部门：", "现将清理拖欠账款工作的有关事项通知如下，请认真贯彻执行。")
        for k, line in enumerate(body):
            page.drawString(80 + 32 * k, 540 - k * 28, line)

    found = extract(canvas(draw), "通知.pdf", Context())
    assert found.document is not None
    assert found.facts is not None
    assert found.document.text.splitlines()[:4] == [
        "青山县财政局",
        "青山县审计局文件",
        "青财〔2026〕12号",
        "".join(lines),
    ]
    title = found.facts.metadata.title
    assert title is not None
    assert title.value == "".join(lines)
