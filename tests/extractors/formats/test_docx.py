"""Word: nothing a person sees is lost, nothing that was deleted comes back."""

from __future__ import annotations

import io
import struct
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

from extractors.document import Document, ReadError
from extractors.read import read
from tests.extractors.formats.makers import WORD, append_xml, cfb, docx_document, save_docx, xlsx, zipped

MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
BOX = "<w:txbxContent><w:p><w:r><w:t>框中金额30万元</w:t></w:r></w:p></w:txbxContent>"


def codes(document: Document) -> set[str]:
    return {n.code for n in document.notices}


def test_insertions_and_content_controls_are_kept_and_deletions_left_out() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("金额为")
    append_xml(paragraph, '<w:ins {W} w:id="1" w:author="a"><w:r><w:t>贰万</w:t></w:r></w:ins>')
    append_xml(paragraph, '<w:del {W} w:id="2" w:author="a"><w:r><w:delText>叁万</w:delText></w:r></w:del>')
    append_xml(paragraph, "<w:sdt {W}><w:sdtContent><w:r><w:t>元整</w:t></w:r></w:sdtContent></w:sdt>")
    found = read(save_docx(document), "a.docx")
    assert found.text == "金额为贰万元整\n"
    assert codes(found) == {"deletions_left_out"}
    assert "2个字" in found.notices[0].message


def test_moved_text_stands_once_where_it_went() -> None:
    document = docx.Document()
    one, two = document.add_paragraph("甲"), document.add_paragraph("乙")
    append_xml(one, '<w:moveFrom {W} w:id="1"><w:r><w:t>移动</w:t></w:r></w:moveFrom>')
    append_xml(two, '<w:moveTo {W} w:id="2"><w:r><w:t>移动</w:t></w:r></w:moveTo>')
    assert read(save_docx(document), "a.docx").text == "甲\n乙移动\n"


def test_block_content_controls_and_text_boxes_are_read_once() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("正文")
    append_xml(
        paragraph,
        f"<w:r {WORD} {MC} {WPS}><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>{BOX}</w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback></mc:AlternateContent></w:r>",
    )
    control = parse_xml(f"<w:sdt {WORD}><w:sdtContent><w:p><w:r><w:t>控件段落</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    document.element.body.insert(1, control)
    found = read(save_docx(document), "a.docx")
    assert found.text == "正文\n框中金额30万元\n控件段落\n"
    assert not found.is_partial


def test_headers_come_first_footers_last_and_page_numbers_not_at_all() -> None:
    found = read(save_docx(docx_document()), "a.docx")
    assert found.text.startswith("青政办〔2023〕21号\n")
    assert found.blocks[0].kind == "header"
    assert "— 1 —" not in found.text


@pytest.mark.parametrize(
    ("form", "level", "expected"),
    [
        ("chineseCounting", "%1、", ["一、甲", "二、乙", "三、丙"]),
        ("chineseCountingThousand", "（%1）", ["（一）甲", "（二）乙", "（三）丙"]),
        ("decimal", "第%1条 ", ["第1条 甲", "第2条 乙", "第3条 丙"]),
        ("upperRoman", "%1.", ["I.甲", "II.乙", "III.丙"]),
        ("decimalEnclosedCircle", "%1", ["①甲", "②乙", "③丙"]),
        ("bullet", "\uf0b7", ["甲", "乙", "丙"]),
    ],
)
def test_automatic_numbers_become_text(form: str, level: str, expected: list[str]) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {WORD} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{level}"/></w:lvl></w:abstractNum>'
        ),
    )
    numbering.append(parse_xml(f'<w:num {WORD} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for text in "甲乙丙":
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {WORD}><w:ilvl w:val="0"/><w:numId w:val="77"/></w:numPr>')
        )
    assert read(save_docx(document), "a.docx").text.splitlines() == expected


def test_nested_tables_keep_their_text_and_become_tables_of_their_own() -> None:
    document = docx.Document()
    outer = document.add_table(2, 2)
    for i, cell in enumerate(outer._cells):
        cell.text = f"外{i}"
    inner = outer.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "内甲", "内乙"
    found = read(save_docx(document), "a.docx")
    assert found.text == "外0\t外1\n外2\t外3 内甲 内乙\n"
    assert [(t.index, t.rows, t.cols) for t in found.tables] == [(1, 2, 2), (2, 1, 2)]
    assert not found.is_partial


def test_tables_nested_beyond_reason_are_refused() -> None:
    document = docx.Document()
    cell = document.add_table(1, 2).cell(0, 0)
    for _ in range(12):
        cell = cell.add_table(1, 2).cell(0, 0)
    with pytest.raises(ReadError, match="嵌套") as caught:
        read(save_docx(document), "套.docx")
    assert caught.value.code == "bad_docx"


def test_merged_cells_have_spans_over_rows_and_columns() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for r in range(3):
        for c in range(3):
            table.cell(r, c).text = f"{r}{c}"
    table.cell(0, 0).merge(table.cell(1, 1))
    (found,) = read(save_docx(document), "a.docx").tables
    spans = {c.ref: (c.row_span, c.col_span) for c in found.cells}
    assert spans["r1c1"] == (2, 2)
    assert set(spans) == {"r1c1", "r1c3", "r2c3", "r3c1", "r3c2", "r3c3"}
    grid = found.grid()
    assert grid[1][1] is grid[0][0]


def test_a_frame_of_one_cell_is_prose() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "框内正文"
    found = read(save_docx(document), "a.docx")
    assert found.tables == ()
    assert found.text == "框内正文\n"


def test_a_deleted_row_is_left_out() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for i, cell in enumerate(table._cells):
        cell.text = f"格{i}"
    row = table.rows[0]._tr
    row.get_or_add_trPr().append(parse_xml(f'<w:del {WORD} w:id="1" w:author="a"/>'))
    for run in list(row.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}r")):
        wrapper = parse_xml(f'<w:del {WORD} w:id="2" w:author="a"/>')
        run.addprevious(wrapper)
        wrapper.append(run)
    found = read(save_docx(document), "a.docx")
    assert found.text == "格2\t格3\n"
    assert "conservation_gap" not in codes(found)


def repacked(data: bytes, change: dict[bytes, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    for old, new in change.items():
        parts = {n: b.replace(old, new) for n, b in parts.items()}
    return zipped(parts)


def test_strict_ooxml_macro_documents_and_dead_links_open_all_the_same() -> None:
    plain = save_docx(docx_document())
    text = read(plain, "a.docx").text
    strict = repacked(
        plain,
        {
            b"schemas.openxmlformats.org/wordprocessingml/2006/main": b"purl.oclc.org/ooxml/wordprocessingml/main",
            b"schemas.openxmlformats.org/officeDocument/2006/relationships": (
                b"purl.oclc.org/ooxml/officeDocument/relationships"
            ),
        },
    )
    assert read(strict, "a.docx").text == text
    plain_type = b"vnd.openxmlformats-officedocument.wordprocessingml.document.main"
    macro = repacked(plain, {plain_type: b"vnd.ms-word.document.macroEnabled.main"})
    found = read(macro, "a.docm")
    assert found.text == text
    assert codes(found) == {"macros_ignored"}
    dead = repacked(plain, {b'Target="theme/theme1.xml"': b'Target="NULL"'})
    assert read(dead, "a.docx").text == text


def test_what_was_seen_but_not_read_is_told() -> None:
    document = docx_document()
    paragraph = document.add_paragraph("附图：")
    append_xml(paragraph, "<w:r {W}><w:object/></w:r>")
    found = read(save_docx(document), "a.docx")
    assert found.is_partial
    assert codes(found) == {"embedded_object"}


def test_cell_evidence_names_the_table_row_and_column() -> None:
    found = read(save_docx(docx_document()), "a.docx")
    at = found.text.index("12.50")
    anchor = found.evidence(at, at + 5)
    assert (anchor.table, anchor.cell) == (1, "r3c4")


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    document = docx.Document()
    one = document.add_paragraph("清欠办公室设在")
    one._p.get_or_add_pPr().append(parse_xml(f'<w:rPr {WORD}><w:del w:id="1" w:author="a"/></w:rPr>'))
    document.add_paragraph("市工信局。")
    assert read(save_docx(document), "a.docx").text == "清欠办公室设在市工信局。\n"


@pytest.mark.parametrize(("state", "sign"), [('<w:default w:val="0"/>', "□"), ("<w:checked/>", "☑")])
def test_check_boxes_of_forms_show_their_state(state: str, sign: str) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph()
    box = f"<w:ffData><w:checkBox>{state}</w:checkBox></w:ffData>"
    append_xml(paragraph, f'<w:r {{W}}><w:fldChar w:fldCharType="begin">{box}</w:fldChar></w:r>')
    append_xml(paragraph, "<w:r {W}><w:t>属实</w:t></w:r>")
    assert read(save_docx(document), "a.docx").text == f"{sign}属实\n"


def with_parts(data: bytes, parts: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({n: archive.read(n) for n in archive.namelist()} | parts)


def test_embedded_files_come_out_as_children_with_their_own_names() -> None:
    document = docx_document()
    append_xml(document.add_paragraph("附表："), "<w:r {W}><w:object/></w:r>")
    data = with_parts(save_docx(document), {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": xlsx()})
    found = read(data, "a.docx")
    assert [(c.name, c.how) for c in found.children] == [("Microsoft_Excel_Sheet1.xlsx", "embedded")]
    assert read(found.children[0].data, found.children[0].name).tables
    assert codes(found) == {"embedded_files"}
    assert not found.is_partial


def test_an_object_that_is_no_file_makes_the_document_partial() -> None:
    data = with_parts(save_docx(docx_document()), {"word/embeddings/oleObject1.bin": cfb("Equation Native")})
    found = read(data, "a.docx")
    assert codes(found) == {"embedded_object"}
    assert found.is_partial


def test_a_chunk_from_another_document_comes_out_as_a_child() -> None:
    document = docx_document()
    document.element.body.insert(0, parse_xml(f"<w:altChunk {WORD}/>"))
    plain = save_docx(document)
    relation = (
        b'<Relationship Id="rId99" Target="afchunk.htm" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/aFChunk"/></Relationships>'
    )
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        links = archive.read("word/_rels/document.xml.rels").replace(b"</Relationships>", relation)
    page = "<html><body><p>拼入的一段。</p></body></html>".encode()
    found = read(with_parts(plain, {"word/_rels/document.xml.rels": links, "word/afchunk.htm": page}), "a.docx")
    assert [c.name for c in found.children] == ["afchunk.htm"]
    assert codes(found) == {"embedded_document"}


def test_the_words_of_a_diagram_are_read() -> None:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    data = (
        f'<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" xmlns:a="{a}"><dgm:ptLst>'
        "<dgm:pt><dgm:t><a:p><a:r><a:t>受理投诉</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt/>"
        "<dgm:pt><dgm:t><a:p><a:r><a:t>限期办结</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    ).encode()
    found = read(with_parts(save_docx(docx_document()), {"word/diagrams/data1.xml": data}), "a.docx")
    assert found.text.endswith("受理投诉\n限期办结\n")


def native(label: bytes, content: bytes) -> bytes:
    body = b"\2\0" + label + b"\0" + b"c:\\a\0" + bytes(4) + struct.pack("<I", 3) + b"tmp"
    body += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(body)) + body


def test_a_package_tells_its_name_and_its_bytes() -> None:
    from extractors.formats.embedded import native as unpacked

    raw = native("C:\\台账\\明细.xls".encode("gbk"), b"abc")
    assert unpacked(raw, "oleObject1") == ("明细.xls", b"abc")
    assert unpacked(raw[:-1], "oleObject1") is None
    assert unpacked(b"\0" * 5, "oleObject1") is None
