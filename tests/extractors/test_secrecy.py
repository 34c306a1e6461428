"""Marks of state secrecy stop a file; words about secrecy do not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from extractors.document import Anchor, Block, Cell, Document, Table
from extractors.facts import Context
from extractors.process import SECRECY_MARK, extract
from extractors.secrecy import mark_in, mark_in_name

BODY = (
    "青石县人民政府办公室\n青政办发〔2026〕9号\n关于清理拖欠账款有关事项的通知\n"
    "各乡镇人民政府：\n请于6月30日前报送台账。\n"
)


def text(content: str) -> Document:
    return Document(sha256="0" * 64, name="a.txt", format="txt", text=content)


@pytest.mark.parametrize(
    "head",
    [
        "机密★1年",
        "秘密★",
        "绝密★长期",
        "000012\n机密★5年\n特急",
        "机　密★１年",
        "机 密 ★ 1 年",
        "【秘密★6个月】",
        "000001 机密★1年 特急",
        "秘密",
        "绝 密",
        "机密\n加急",
        "密级：机密",
        "密级：秘密★2年",
        "文件密级: 绝密",
        "密　级：秘　密",
        "机密*1年",
        "机密大10年",
        "秘密女5年",
        "秘\u200b密★1年",
        "国家秘密机密级★1年",
        "机密★1年                 青政办发〔2026〕9号",
        "密级和保密期限：机密★3年",
        "机密☆长期",
        "密级：| 机密",
        "青石县清欠专班              秘密★1年",
        "内部文件\n秘密★",
        "机密★解密时间2030年1月1日",
    ],
)
def test_a_mark_in_the_head_stops(head: str) -> None:
    assert mark_in(text(f"{head}\n{BODY}")) is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "各单位要做好保密工作。",
        "投诉材料涉及商业秘密的，依法予以保护。",
        "本通知不涉及国家秘密，可以公开。",
        "秘密级文件不得通过互联网传输。",
        "台账中的商业秘密和个人隐私应当保密。",
        "密级：公开",
        "密级：无",
        "密级：内部",
        "密级：非密",
        "保密期限：长期",
        "涉密文件应当标注“秘密★1年”等字样。",
        "国家秘密的密级分为三级：\n绝密\n机密\n秘密",
        "国家秘密的密级分为绝密、机密、秘密三级。",
        "绝密级会议室使用规定另行通知。",
        "内部资料",
        "内部明电",
        "机密文件的管理按有关规定执行。",
        "（商业秘密）",
        "严守工作秘密",
        "机密：本邮件仅供收件人阅读",
        "泄露国家秘密、商业秘密的，依法追究责任。",
        "定密责任人：无",
        "涉密：否",
        "本通知属于工作秘密之外的事项。",
        "本文件不属于秘密文件。",
        "是否涉密：不涉密",
        "秘密\n机密\n绝密",
    ],
)
def test_words_about_secrecy_do_not(sentence: str) -> None:
    assert mark_in(text(f"{BODY}{sentence}\n")) is None
    assert mark_in(text(f"{sentence}\n{BODY}")) is None


def test_a_starred_mark_counts_on_any_page_and_a_bare_word_in_a_header_or_page_head_only() -> None:
    assert mark_in(text(BODY * 20 + "附件2\n机密★1年\n" + BODY)) == "正文独立一行"
    assert mark_in(text(BODY * 20 + "名词解释：\n秘密\n" + BODY)) is None
    header = "机密"
    whole = BODY + header
    blocks = (Block(start=len(BODY), end=len(whole), kind="header", anchor=Anchor(paragraph=9)),)
    assert mark_in(Document(sha256="0" * 64, name="a.docx", format="docx", text=whole * 1, blocks=blocks)) is not None


def test_a_declaration_in_the_text() -> None:
    assert mark_in(text(BODY + "本文件密级为机密，请妥善保管。\n")) is not None
    assert mark_in(text(BODY + "此件属于秘密级国家秘密。\n")) is not None


def test_cells() -> None:
    def sheet(*cells: tuple[int, int, str]) -> Document:
        made = tuple(Cell(row=r, col=c, text=t) for r, c, t in cells)
        return Document(
            sha256="0" * 64,
            name="a.xlsx",
            format="xlsx",
            text="台账",
            tables=(Table(index=1, rows=9, cols=9, cells=made),),
        )

    assert mark_in(sheet((0, 0, "密级"), (0, 1, "秘密"))) == "表格中的密级栏"
    assert mark_in(sheet((0, 0, "机密★1年"))) == "表格中的密级栏"
    assert mark_in(sheet((0, 0, "密级"), (0, 1, "公开"))) is None
    assert mark_in(sheet((0, 0, "备注"), (1, 0, "涉及商业秘密"))) is None


@pytest.mark.parametrize(
    "name",
    [
        "【机密】清欠台账.xlsx",
        "机密★1年_督办函.docx",
        "秘密-2026年台账.xls",
        "（秘密）方案.pdf",
        "台账_机密.xlsx",
        "密级：秘密 方案.doc",
        "下发/[绝密]名单.zip",
        "绝密.docx",
        "机密5年 通知.docx",
    ],
)
def test_marked_names(name: str) -> None:
    assert mark_in_name(name) == "文件名"


@pytest.mark.parametrize(
    "name",
    [
        "商业秘密保护通知.docx",
        "保密工作要点.pdf",
        "关于加强机密文件管理的通知.doc",
        "不涉及国家秘密的说明.txt",
        "秘密级文件管理办法.pdf",
        "机密文件柜采购台账.xlsx",
        "保守国家秘密法.pdf",
        "机密/普通台账.xlsx",
        "商业秘密.docx",
        "关于商业秘密（秘密点）的说明.docx",
    ],
)
def test_names_about_secrecy(name: str) -> None:
    assert mark_in_name(name) is None


def test_a_stopped_file_says_nothing_of_its_text() -> None:
    found = extract(f"秘密★1年\n{BODY}".encode(), "通知.txt", Context())
    assert found.failure is not None and found.failure.code == SECRECY_MARK
    assert found.document is None and found.facts is None
    assert "青石" not in found.failure.message


def test_the_page_header_of_a_word_file() -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("关于清理拖欠账款有关事项的通知")
    document.add_paragraph("请于6月30日前报送台账。")
    plain = io.BytesIO()
    document.save(plain)
    document.sections[0].header.paragraphs[0].text = "秘密★3年"
    marked = io.BytesIO()
    document.save(marked)
    document.sections[0].header.paragraphs[0].text = "机密"
    bare = io.BytesIO()
    document.save(bare)
    assert extract(plain.getvalue(), "a.docx", Context()).failure is None
    for data in (marked, bare):
        found = extract(data.getvalue(), "a.docx", Context())
        assert found.failure is not None and found.failure.code == SECRECY_MARK


def test_a_scan_after_recognition() -> None:
    from PIL import Image, ImageDraw, ImageFont

    font = next(Path("/usr/share/fonts").rglob("Noto*CJK*.ttc"), None)
    if font is None:
        pytest.skip("没有中文字体，画不出扫描件")
    picture = Image.new("RGB", (1000, 700), "white")
    pen = ImageDraw.Draw(picture)
    for n, (line, size) in enumerate([("机密★1年", 32), ("青石县清欠专班文件", 56), ("关于报送台账的通知", 40)]):
        pen.text((100, 80 + 120 * n), line, font=ImageFont.truetype(str(font), size), fill="black")
    data = io.BytesIO()
    picture.save(data, "PNG", dpi=(150, 150))
    found = extract(data.getvalue(), "扫描件.png", Context())
    assert found.failure is not None
    assert found.failure.code == SECRECY_MARK
