"""Old Word documents and RTF: the same document as docx, whatever the container; fallbacks and refusals are said."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from extractors.document import Document, ReadError
from extractors.formats import doc_fallback, doc_vortex
from extractors.formats.doc_format import sprms
from extractors.formats.doc_word import open_word, visible
from extractors.formats.embedded import from_pool
from extractors.formats.flow import CellFormat, Flow, Line
from extractors.read import read
from tests.extractors.formats import makers


def codes(document: Document) -> set[str]:
    return {n.code for n in document.notices}


def cells(document: Document) -> list[list[tuple[str, str, int, int]]]:
    return [
        [(c.ref, c.text, c.row_span, c.col_span) for c in t.cells if c.text or c.row_span * c.col_span > 1]
        for t in document.tables
    ]


@pytest.mark.parametrize("kind", ["doc", "rtf"])
def test_the_circular_reads_as_from_docx(kind: str) -> None:
    found, expected = read(makers.SAMPLES[kind](), f"样例.{kind}"), read(makers.docx(), "样例.docx")
    assert found.format == kind
    assert found.text == expected.text
    assert cells(found) == cells(expected)
    assert not found.is_partial


@pytest.mark.parametrize("name", ["rich.doc", "rich.rtf"])
def test_revisions_numbering_and_nested_tables(name: str) -> None:
    found = read(makers.kept(name), name)
    assert "金额为贰万元整" in found.text
    assert "壹万" not in found.text
    assert "隐藏的话" in found.text
    assert {"deletions_left_out", "hidden_text"} <= codes(found)
    assert "1.第一项\n2.第二项\n" in found.text
    outer, inner = found.tables[1:]
    assert ("r1c2", "外合并", 1, 2) in cells(found)[1]
    assert ("r2c1", "纵合并", 2, 1) in cells(found)[1]
    assert [c.text for c in inner.cells if c.text] == ["内1", "内4"]
    assert (outer.index, inner.index) == (2, 3)


def test_a_text_box_stands_after_the_paragraph_it_hangs_on() -> None:
    assert read(makers.kept("box.doc"), "box.doc").text == "前文\n文本框在此\n框内文字：联系人王某\n后文\n"


def test_wps_is_a_word_file_under_its_own_name() -> None:
    found = read(makers.doc(), "通知.wps")
    assert found.format == "wps"
    assert not found.notices


# --- broken .doc files
def with_fib(data: bytes, offset: int, value: bytes) -> bytes:
    """The file with bytes of its Word header replaced; the WordDocument stream begins at a sector of its own."""
    at = data.index(struct.pack("<H", 0xA5EC), 512)
    return data[: at + offset] + value + data[at + offset + len(value) :]


def test_a_password_is_asked_for() -> None:
    flags = struct.unpack("<H", open_word(makers.doc(), "a.doc").word[10:12])[0]
    locked = with_fib(makers.doc(), 10, struct.pack("<H", flags | 0x0100))
    with pytest.raises(ReadError) as caught:
        read(locked, "密.doc")
    assert caught.value.code == "needs_password"


def test_where_formatting_is_lost_the_bare_text_is_read_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise struct.error("broken")

    monkeypatch.setattr("extractors.formats.doc.Body", broken)
    monkeypatch.setattr("extractors.formats.doc_vortex.read", lambda *_: None)
    found = read(makers.doc(), "坏.doc")  # the converter refuses this table as well
    assert makers.TITLE in found.text
    assert "1\t青山县第一中学\t宏图建筑有限公司" in found.text
    assert codes(found) == {"text_only"}
    assert found.is_partial


def test_a_converted_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.formats.doc.Body", lambda *_: 1 / 0)
    monkeypatch.setattr("extractors.formats.doc_vortex.read", lambda *_: None)
    found = read(makers.kept("box.doc"), "a.doc")
    assert "后文" in found.text
    assert found.format == "doc"
    assert "fallback_reader" in codes(found)


def test_the_second_reader_gives_the_same_table_and_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = read(makers.doc(), "a.doc")
    monkeypatch.setattr("extractors.formats.doc.Body", lambda *_: 1 / 0)
    found = read(makers.doc(), "a.doc")
    assert cells(found) == cells(expected)
    assert found.text == expected.text
    assert codes(found) == {"fallback_reader"}


def test_two_readers_agree_on_eighty_rows() -> None:
    data = makers.kept("rows80.doc.gz")
    second = doc_vortex.read(data, "a.doc", "doc", open_word(data, "a.doc"))
    assert second is not None
    assert cells(second) == cells(read(data, "a.doc"))


def test_a_reader_that_finds_too_little_is_not_believed() -> None:
    data = makers.kept("box.doc")
    good = read(data, "a.doc")
    short = doc_fallback.better(good, data, "a.doc", "doc", open_word(data, "a.doc"))
    assert short is good  # the converter finds no more


def test_a_file_that_announces_more_characters_than_it_has_is_partial() -> None:
    word = open_word(makers.doc(), "a.doc").word
    count = struct.unpack_from("<I", word, 0x4C)[0]
    found = read(with_fib(makers.doc(), 0x50, struct.pack("<I", 40)), "断.doc")  # 40 footnote characters
    assert count == 315
    assert found.is_partial


def test_modifiers_end_at_a_cut_one() -> None:
    good = bytes.fromhex("162401496602000000")
    assert [code for code, _ in sprms(good)] == [0x2416, 0x6649]
    assert [code for code, _ in sprms(good[:-1])] == [0x2416]
    assert list(sprms(b"\x15\xc6\xff\x01" + bytes(4) + b"\x01" + bytes(3) + b"\x16\x24\x01"))[-1] == (0x2416, b"\x01")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("见\x13 HYPERLINK \"http://a\" \x14附件\x15一。\r", "见附件一。\n"),
        ("甲\x07乙\x07\x07", "甲\t乙\t\t"),
        ("\x13 IF \x13 PAGE \x142\x15 = 1 \x14内\x15外", "内外"),
        ("断\x1e字\x1f\x01", "断-字"),
    ],
)  # fmt: skip
def test_field_instructions_and_marks_are_not_text(raw: str, shown: str) -> None:
    assert visible(raw) == shown


def test_edges_dragged_by_hand_make_no_column_of_their_own() -> None:
    def row(*edges: int) -> list[Line]:
        formats = [CellFormat(left=a, right=b) for a, b in pairwise(edges)]
        lines = [Line(text=f"{e}", depth=1, ends_cell=True) for e in edges[1:]]
        return [*lines, Line(text="", depth=1, ends_row=True, cells=formats)]

    (_, table), = Flow("a").items([*row(0, 1000, 2000), *row(0, 1012, 1995), *row(0, 2004)])  # fmt: skip
    assert [(c.ref, c.col_span) for c in table.cells] == [
        ("r1c1", 1), ("r1c2", 1), ("r2c1", 1), ("r2c2", 1), ("r3c1", 2),
    ]  # fmt: skip


# --- RTF
def rtf(body: str) -> bytes:
    head = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset0 Times;}{\f1\fnil\fcharset134 SimSun;}}"
    out = "".join(c if ord(c) < 128 else "".join(f"\\'{b:02x}" for b in c.encode("gb18030")) for c in body)
    return f"{head}{out}}}".encode("latin-1")


def rtf_text(body: str) -> str:
    return read(rtf(body), "a.rtf").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\f1 欠款万元\par 第二段", "欠款万元\n第二段\n"),
        (r"\f0 拉丁字体里的中文\par", "拉丁字体里的中文\n"),
        (r"\uc1\u27424?\u27454?12\par", "欠款12\n"),
        (r"\uc2\u27424\'3f\'3f后", "欠后\n"),
        (r"\u-10179?\u-8576?", "\U0001f680\n"),
        (r"{\listtext\f1 一、\tab}\ls1 领导\par{\listtext\f1 二、\tab}\ls1 责任", "一、领导\n二、责任\n"),
        (r"{\pntext\f3 \'b7\tab}项目", "项目\n"),
        (r"金额{\deleted 壹}{\revised 贰}万", "金额贰万\n"),
        (r"正文{\field{\*\fldinst HYPERLINK x}{\fldrslt 链接}}尾", "正文链接尾\n"),
        (r"正文\chftn{\footnote\pard 注一}续", "正文续\n注一\n"),
        (r"{\header 市政办〔2023〕1号}正文", "市政办〔2023〕1号\n正文\n"),
        (r"{\footer\'a1\'aa 3 \'a1\'aa}正文", "正文\n"),
        (r"{\*\unknown 不是正文}正文", "正文\n"),
        (r"{\upr{abc}{\*\ud{正文}}}", "正文\n"),
        (r"{\pict\bin6 }}}}}}}正文", "正文\n"),
        (r"甲{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt 框内\par}}{\shprslt 框内}}乙\par 丙", "甲乙\n框内\n丙\n"),
        ("一\\\r\n二", "一\n二\n"),
    ],
)  # fmt: skip
def test_what_rtf_shows(body: str, text: str) -> None:
    assert rtf_text(body) == text


def test_a_table_of_rtf_with_merged_cells() -> None:
    found = read(
        rtf(
            r"\trowd\clvmgf\cellx1000\cellx2000\cellx3000\pard\intbl 纵\cell 甲\cell 乙\cell\row"
            r"\trowd\clvmrg\cellx1000\clmgf\cellx2000\clmrg\cellx3000\pard\intbl\cell 横\cell\cell\row\pard 后"
        ),
        "a.rtf",
    )
    assert cells(found) == [[("r1c1", "纵", 2, 1), ("r1c2", "甲", 1, 1), ("r1c3", "乙", 1, 1), ("r2c2", "横", 1, 2)]]
    assert found.text == "纵\t甲\t乙\n\t横\n后\n"


def test_rtf_named_doc_is_read_and_told() -> None:
    found = read(rtf("正文"), "通知.doc")
    assert found.format == "rtf"
    assert codes(found) == {"extension_mismatch"}


def test_rtf_cut_off_is_partial() -> None:
    found = read(rtf(r"正文\par 第二段")[:-8], "a.rtf")
    assert codes(found) == {"truncated"}
    assert found.is_partial


def test_deep_nesting_is_only_text() -> None:
    assert read(b"{\\rtf1 a" + b"{" * 200_000 + b"b" + b"}" * 200_001, "a.rtf").text == "ab\n"


# --- a long table and Chinese numbering, written by an office suite from the same docx
def rows80() -> bytes:
    """Four levels of automatic numbering and a table of 82 rows with merged cells."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    numbering = document.part.numbering_part.element
    forms = (("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3."),
             ("decimalEnclosedCircle", "%4"))  # fmt: skip
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(forms)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {makers.WORD} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {makers.WORD} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    for level, text in ((0, "总体要求"), (1, "目标"), (1, "原则"), (2, "细则"), (3, "再细"), (0, "任务"), (1, "清偿")):
        paragraph = document.add_paragraph(text)
        place = f'<w:numPr {makers.WORD}><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(place))
    table = document.add_table(82, 6)
    for c in range(6):
        if c < 4:
            table.cell(0, c).merge(table.cell(1, c)).text = f"列{c}"
        else:
            table.cell(1, c).text = f"列{c}"
    table.cell(0, 4).merge(table.cell(0, 5)).text = "合并头"
    for r in range(2, 82):
        for c in range(6):
            table.cell(r, c).text = f"{r}行{c}"
    for r in range(2, 80, 10):
        for first, second, text in (((r, 1), (r + 1, 1), f"纵{r}"), ((r + 4, 2), (r + 4, 3), f"横{r}")):
            table.cell(*second).text = ""
            table.cell(*first).merge(table.cell(*second)).text = text
    return makers.save_docx(document)


def test_eighty_rows_with_merged_cells_and_four_levels_of_numbers() -> None:
    found, expected = read(makers.kept("rows80.doc.gz"), "a.doc"), read(rows80(), "a.docx")
    assert found.text.startswith("一、总体要求\n（一）目标\n（二）原则\n1.细则\n①再细\n二、任务\n（一）清偿\n")
    assert found.text == expected.text
    assert cells(found) == cells(expected)
    assert (found.tables[0].rows, found.tables[0].cols) == (82, 6)


# --- embedded files
def native_stream(label: bytes, content: bytes) -> bytes:
    body = b"\2\0" + label + b"\0c:\\a\0" + bytes(4) + struct.pack("<I", 1) + b"t"
    body += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(body)) + body


def test_files_in_the_object_pool_come_out() -> None:
    streams = (
        ("ObjectPool/_1/\x01Ole10Native", native_stream("明细.txt".encode("gbk"), b"abc")),
        ("ObjectPool/_2/Package", makers.xlsx()),
        ("ObjectPool/_3/Workbook", b"..."),
        ("ObjectPool/_3/\x01CompObj", b"..."),
        ("ObjectPool/_4/Equation Native", b"..."),
    )
    found = list(from_pool(streams))
    assert [(name, None if data is None else data[:2]) for name, data in found] == [
        ("明细.txt", b"ab"), ("object2", b"PK"), ("object3", None),
    ]  # fmt: skip


def ole1(kind: bytes, data: bytes) -> bytes:
    def counted(text: bytes) -> bytes:
        return struct.pack("<I", len(text) + 1) + text + b"\0"

    return (
        struct.pack("<II", 0x0501, 2) + counted(kind) + struct.pack("<II", 0, 0) + struct.pack("<I", len(data)) + data
    )


def test_objects_of_rtf_come_out_as_children_or_are_said() -> None:
    package = ole1(b"Package", native_stream("台账.csv".encode("gbk"), b"a,b")[4:]).hex()
    table = ole1(b"Excel.Sheet.8", makers.xls()).hex()
    odd = ole1(b"Equation.3", b"???").hex()
    found = read(
        rtf("正文" + "".join(rf"{{\object\objemb{{\*\objdata {h}}}{{\result 图}}}}" for h in (package, table, odd))),
        "a.rtf",
    )
    assert found.text == "正文图图图\n"
    assert [(c.name, c.data[:3]) for c in found.children] == [("台账.csv", b"a,b"), ("object2.xls", makers.xls()[:3])]
    assert codes(found) == {"embedded_files", "embedded_object"}
    assert found.is_partial


def test_a_lost_piece_table_leaves_the_bare_text() -> None:
    file = open_word(makers.doc(), "a.doc")
    at = 0x9A + 8 * 33  # fcClx and lcbClx ([MS-DOC] 2.5.6)
    assert struct.unpack_from("<II", file.word, at) == file.pairs[66:68]
    found = read(with_fib(makers.doc(), at, bytes(8)), "坏.doc")
    assert makers.TITLE in found.text
    assert codes(found) == {"text_only"}
    assert found.is_partial


def test_a_file_with_neither_pieces_nor_text_is_refused() -> None:
    broken = with_fib(with_fib(makers.doc(), 0x9A + 8 * 33, bytes(8)), 24, struct.pack("<I", 30))
    with pytest.raises(ReadError) as caught:
        read(broken, "坏.doc")
    assert caught.value.code == "bad_doc"
