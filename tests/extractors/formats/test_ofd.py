"""OFD files as GB/T 33190-2016 lays them down and as producers bend it; signatures; hostile ones."""

from __future__ import annotations

from collections.abc import Callable

import ofdkit
import pytest

from extractors.document import Document, ReadError
from extractors.formats.ofd_content import deltas, outlines
from extractors.read import read
from tests.extractors.formats import makers
from tests.extractors.formats.ofd_writer import NAMESPACE, Ofd, Span, packed


def circular(**settings: object) -> Ofd:
    file = Ofd(**settings)  # type: ignore[arg-type]
    file.paragraph(makers.TITLE, 6.5, indent=0, align="center")
    for text in makers.PARAGRAPHS:
        file.paragraph(text)
    return file


def opened(file: Ofd | bytes, name: str = "通知.ofd") -> Document:
    return read(file if isinstance(file, bytes) else file.bytes(), name)


WHOLE = "\n".join((makers.TITLE, *makers.PARAGRAPHS))


def test_paragraphs_come_back_whole_over_lines_and_pages() -> None:
    file = Ofd()
    texts = [f"第{i}段，" + "".join(makers.PARAGRAPHS[1:4]) for i in range(30)]
    for text in texts:
        file.paragraph(text)
    found = opened(file)
    assert found.pages == len(file.pages) > 3
    assert found.text.rstrip("\n").split("\n") == texts
    assert not found.notices
    assert [g.grade for g in found.grades] == ["good"] * len(file.pages)


@pytest.mark.parametrize("namespace", [NAMESPACE, "http://www.ofdspec.org", "http://invoice.example/ofd", ""])
@pytest.mark.parametrize("prefix", ["ofd", "", "x"])
@pytest.mark.parametrize("absolute", [False, True])
def test_namespaces_prefixes_and_paths_make_no_difference(namespace: str, prefix: str, absolute: bool) -> None:
    found = opened(circular(namespace=namespace, prefix=prefix, absolute=absolute))
    assert found.text.rstrip() == WHOLE
    assert not found.is_partial


@pytest.mark.parametrize(
    "encode",
    [
        lambda t: t.encode("utf-16"),
        lambda t: t.encode("utf-16-le"),
        lambda t: b"\xef\xbb\xbf" + t.encode(),
        lambda t: t.replace("UTF-8", "GBK").encode("gb18030"),
        lambda t: t.replace("UTF-8", "gb2312").encode("gb18030"),
        lambda t: t.encode("gb18030"),
    ],
    ids=["utf-16", "utf-16-le", "bom", "gbk", "gb2312", "gbk said to be utf-8"],
)
def test_parts_in_any_encoding(encode: Callable[[str], bytes]) -> None:
    file = circular()
    file.encode = encode
    assert opened(file).text.rstrip() == WHOLE


def test_paths_with_wrong_case_and_backslashes_are_found() -> None:
    parts = {k.replace("Pages/Page_0", "PAGES\\page_0"): v for k, v in circular().parts().items()}
    assert opened(packed(parts)).text.rstrip() == WHOLE


def test_the_text_layer_agrees_with_another_reader() -> None:
    data = circular().bytes(sealed=True)
    theirs = ofdkit.extract_text(data)
    assert "".join(theirs.split()) == "".join(opened(data).text.split())


def test_every_stretch_of_text_has_its_box() -> None:
    file = Ofd()
    file.new_page()
    file.text(50, 100, "拖欠1234.56万元", 5)
    found = opened(file)
    box = found.evidence(2, 9).bbox
    assert found.text[2:9] == "1234.56"
    assert box is not None
    assert box[0] == pytest.approx((50 + 2 * 5) * 72 / 25.4, abs=0.1)
    assert box[2] == pytest.approx((50 + 2 * 5 + 7 * 2.5) * 72 / 25.4, abs=0.1)
    assert box[1] < 100 * 72 / 25.4 < box[3]


def test_the_order_of_objects_in_the_file_does_not_matter() -> None:
    file = circular()
    file.pages[0].reverse()
    assert opened(file).text.rstrip() == WHOLE


def test_columns_are_read_one_after_the_other() -> None:
    file = Ofd()
    file.new_page()
    left, right = [f"左栏第{i}行的文字内容共计" for i in range(6)], [f"右栏第{i}行的文字内容共计" for i in range(6)]
    for x, lines in ((25, left), (115, right)):
        for i, line in enumerate(lines):
            file.text(x, 50 + 8 * i, line, 5)
    text = opened(file).text
    assert text.index("右栏第0行") > text.index("左栏第5行")


def test_objects_drawn_twice_count_once_and_matrices_are_applied() -> None:
    file = Ofd()
    file.new_page()
    for _ in range(2):
        file.text(40, 60, "加粗的标题", 6)
    file.pages[0].append(
        '<:TextObject ID="7" Font="1" Size="1" Boundary="40 70 100 10" CTM="5 0 0 5 0 0">'
        '<:TextCode X="0" Y="1" DeltaX="1 1 1">放大文字</:TextCode></:TextObject>'
    )
    found = opened(file)
    assert found.text.split() == ["加粗的标题", "放大文字"]
    box = found.evidence(6, 10).bbox
    assert box is not None
    assert box[2] - box[0] == pytest.approx(4 * 5 * 72 / 25.4, abs=0.1)


def test_characters_without_offsets_follow_one_another() -> None:
    file = Ofd()
    file.new_page()
    file.pages[0].append(
        '<:TextObject ID="7" Font="1" Size="5" Boundary="40 70 100 10">'
        '<:TextCode X="0" Y="5">没有偏移量</:TextCode></:TextObject>'
    )
    found = opened(file)
    assert found.text.strip() == "没有偏移量"
    assert found.blocks[0].edges is not None
    assert list(found.blocks[0].edges) == sorted(set(found.blocks[0].edges))


def test_text_set_from_top_to_bottom_stays_together() -> None:
    file = circular()
    file.pages[0].append(
        '<:TextObject ID="7" Font="1" Size="5" Boundary="10 100 6 40">'
        '<:TextCode X="0" Y="5" DeltaX="g 3 0" DeltaY="g 3 5">竖排文字</:TextCode></:TextObject>'
    )
    assert "竖排文字" in opened(file).text.split("\n")


# --- templates, annotations, attachments, bodies
def test_templates_are_part_of_every_page_and_running_heads_are_kept_once() -> None:
    file = Ofd()
    for i in range(4):
        file.new_page()
        file.paragraph(f"第{i}页的正文内容，" + makers.PARAGRAPHS[1])
    file.text(40, 20, "青政办〔2026〕8号", 4, into=file.template)
    found = opened(file)
    assert found.text.count("青政办〔2026〕8号") == 1
    assert not found.is_partial


def test_annotations_are_read_watermarks_are_said_and_left_out() -> None:
    file = circular()
    note = (
        '<:Annot ID="1" Type="{}"><:Appearance Boundary="20 20 80 10"><:TextObject ID="2" Font="1" Size="4" '
        'Boundary="0 0 80 5"><:TextCode X="0" Y="4" DeltaX="g 5 4">{}</:TextCode></:TextObject></:Appearance></:Annot>'
    )
    file.annotations[0] = [note.format("Stamp", "请速办理此件"), note.format("Watermark", "内部资料水印")]
    found = opened(file)
    assert "请速办理此件" in found.text
    assert "水印" not in found.text
    assert [n.code for n in found.notices] == ["watermark"]
    assert "6个字是水印" in found.notices[0].message


def test_attachments_are_children_with_their_names() -> None:
    file = circular()
    file.attachments = [("附件1 台账.csv", makers.csv()), ("附件2", makers.docx())]
    found = opened(file)
    assert [(c.name, c.how) for c in found.children] == [("附件1 台账.csv", "embedded"), ("附件2.bin", "embedded")]
    assert found.children[0].data == makers.csv()


def test_several_bodies_follow_one_another() -> None:
    first, second = circular().parts(), circular().parts()
    moved = {
        k.replace("Doc_0/", "Doc_1/"): v.replace(b"Doc_0/", b"Doc_1/") for k, v in second.items() if k != "OFD.xml"
    }
    start = first["OFD.xml"].decode()
    body = start[start.index("<ofd:DocBody>") : start.index("</ofd:OFD>")]
    first["OFD.xml"] = start.replace(body, body + body.replace("Doc_0/", "Doc_1/")).encode()
    found = opened(packed(first | moved))
    assert found.pages == 2
    assert found.text.count(makers.TITLE) == 2


def test_what_is_invisible_or_off_the_page_is_left_out_and_said() -> None:
    file = circular()
    file.text(-100, 50, "页外文字", 5)
    file.text(40, 250, "隐藏文字", 5)
    file.pages[0][-1] = file.pages[0][-1].replace("<:TextObject", '<:TextObject Visible="false"')
    found = opened(file)
    assert found.text.rstrip() == WHOLE
    assert {n.code for n in found.notices} == {"hidden_text", "text_outside_page"}


# --- tables
def ledger(rows: int) -> Ofd:
    file = Ofd()
    file.paragraph("拖欠账款台账", indent=0, align="center")
    head = [["序号", "欠款", "", "金额", "备注"], ["", "单位", "性质", "", ""]]
    body = [
        [str(i + 1), f"青山县第{i + 1}建设工程有限责任公司项目部", f"类{i}", f"{i * 1.5 + 10:.2f}", ""]
        for i in range(rows)
    ]
    spans: list[Span] = [(0, 0, 2, 1), (0, 1, 1, 2), (0, 3, 2, 1), (0, 4, 2, 1)]
    for i in range(0, rows - 1, 4):
        spans.append((2 + i, 2, 2, 1))
        body[i + 1][2] = ""
    file.table([*head, *body], [15, 60, 20, 30, 25], spans=spans, repeat=2)
    file.paragraph("特此通知。")
    return file


def test_a_table_over_pages_is_one_table_with_its_spans() -> None:
    file = ledger(110)
    found = opened(file)
    assert found.pages == 5
    (table,) = found.tables
    assert (table.rows, table.cols) == (112, 5)
    cells = {(c.row, c.col): c for c in table.cells}
    for i in range(110):
        assert cells[i + 2, 0].text == str(i + 1)
        assert cells[i + 2, 1].text == f"青山县第{i + 1}建设工程有限责任公司项目部"
        assert cells[i + 2, 3].text == f"{i * 1.5 + 10:.2f}"
        if i % 4 == 0 and i + 1 < 110:
            assert (cells[i + 2, 2].text, cells[i + 2, 2].row_span) == (f"类{i}", 2)
    assert cells[0, 1].col_span == 2
    assert cells[0, 0].row_span == 2
    assert found.text.rstrip().endswith("特此通知。")
    assert not found.is_partial


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (None, []),
        ("4.2 4.2", [4.2, 4.2]),
        ("g 3 5", [5, 5, 5]),
        ("1 g 2 5 7", [1, 5, 5, 7]),
        ("1,2", [1, 2]),
        ("g", []),
        ("g 2", [0, 0]),
        ("x 1e999 nan", [0, 0, 0]),
        ("g -5 3 1", [1]),
    ],
)
def test_offsets(text: str | None, values: list[float]) -> None:
    assert deltas(text) == values


def test_a_run_of_endless_offsets_is_cut() -> None:
    assert len(deltas("g 900000 1")) == 100_000


def test_outlines_of_paths() -> None:
    assert list(outlines("M 0 0 L 10 0 L 10 5 C")) == [[(0, 0), (10, 0), (10, 5), (0, 0)]]
    assert list(outlines("M 0 0 B 1 1 2 2 3 3 M 5 5 L 6 5")) == [[(5, 5), (6, 5)]]
    assert list(outlines("M 0 0 L 10")) == []


# --- what must be refused, or cost no more than its page
def code_of(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        opened(data)
    return caught.value.code


def test_a_missing_or_broken_page_is_said_and_the_others_are_read() -> None:
    file = circular()
    file.new_page()
    file.paragraph("第二页的文字。")
    parts = file.parts()
    parts["Doc_0/Pages/Page_1/Content.xml"] = b"<x"
    found = opened(packed(parts))
    assert found.text.rstrip() == WHOLE
    assert found.is_partial
    assert "第2页" in found.notices[0].message
    del parts["Doc_0/Pages/Page_1/Content.xml"]
    assert opened(packed(parts)).is_partial


def picture(number: int) -> str:
    return f'<:ImageObject ID="{number}" ResourceID="5" Boundary="0 0 210 297" CTM="210 0 0 297 0 0"/>'


def test_pages_that_are_pictures_are_no_silent_blanks() -> None:
    file = circular()
    file.new_page()
    file.pages[-1].append(picture(1))
    found = opened(file)
    assert found.is_partial
    assert (found.grades[1].source, found.grades[1].grade) == ("none", "poor")
    only = Ofd()
    only.new_page()
    only.pages[-1].append(picture(1))
    assert code_of(only.bytes()) == "scan_without_ocr"


def test_hostile_files() -> None:
    parts = circular().parts()
    assert code_of(packed({"OFD.xml": b"<OFD/>"})) == "bad_ofd"
    assert code_of(packed(parts | {"OFD.xml": b"<!DOCTYPE a><OFD/>"})) == "bad_xml"
    assert code_of(packed(parts | {"Doc_0/Document.xml": b"<Document/>"})) == "bad_ofd"
    assert code_of(packed({k: v for k, v in parts.items() if "Document" not in k})) == "bad_ofd"
    assert code_of(packed(parts | {"Encryptions.xml": b"<Encryptions/>"})) == "needs_password"
    assert code_of(packed(parts | {"x.bin": b"0" * 30_000_000})) == "zip_bomb"
    empty = Ofd()
    empty.new_page()
    assert code_of(empty.bytes()) == "empty_text"


def test_a_composite_object_that_draws_itself_ends() -> None:
    file = circular()
    file.pages[0].append('<:CompositeObject ID="8" ResourceID="9" Boundary="0 0 10 10"/>')
    unit = (
        '<:Res{ns}><:CompositeGraphicUnits><:CompositeGraphicUnit ID="9"><:Content>'
        + '<:CompositeObject ID="8" ResourceID="9" Boundary="0 0 10 10"/>' * 2
        + "</:Content></:CompositeGraphicUnit></:CompositeGraphicUnits></:Res>"
    )
    parts = file.parts()
    parts["Doc_0/DocumentRes.xml"] = file.xml(unit)
    document = parts["Doc_0/Document.xml"].decode()
    parts["Doc_0/Document.xml"] = document.replace(
        "</ofd:CommonData>", "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    ).encode()
    assert opened(packed(parts)).text.rstrip() == WHOLE


def test_a_scan_kept_as_ofd_is_recognised() -> None:
    pytest.importorskip("rapidocr")
    file = Ofd()
    file.new_page()
    file.pages[-1].append('<:ImageObject ID="1" ResourceID="5" Boundary="20 20 170 120" CTM="170 0 0 120 0 0"/>')
    file.extra["Doc_0/Res/scan.png"] = makers.image()
    parts = file.parts()
    media = '<:MultiMedia ID="5" Type="Image"><:MediaFile>scan.png</:MediaFile></:MultiMedia>'
    parts["Doc_0/DocumentRes.xml"] = file.xml(f'<:Res{{ns}} BaseLoc="Res"><:MultiMedias>{media}</:MultiMedias></:Res>')
    document = parts["Doc_0/Document.xml"].decode()
    parts["Doc_0/Document.xml"] = document.replace(
        "</ofd:CommonData>", "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData>"
    ).encode()
    found = opened(packed(parts))
    alone = read(makers.image(), "a.png")
    assert "".join(found.text.split())[:20] == "".join(alone.text.split())[:20]
    assert found.format == "ofd"
    assert found.grades[0].source == "ocr"
    assert "read_by_ocr" in {n.code for n in found.notices}
