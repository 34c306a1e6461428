"""What a file is, by content; refusals name the format and say what to do."""

from __future__ import annotations

import pytest

from extractors.document import ReadError
from extractors.formats.guard import Container
from extractors.formats.sniff import best_delimiter, sniff
from extractors.read import read
from tests.extractors.formats import makers

TSV = "序号\t单位\t金额\n1\t甲公司\t12.5\n2\t乙公司\t3\n"
RELATED = (
    b"MIME-Version: 1.0\r\nSubject: x\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n"
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body><p>"
    + "截至六月底，欠款为12万元。".encode()
    + b"</p></body></html>\r\n--B--\r\n"
)


@pytest.mark.parametrize("kind", sorted(set(makers.SAMPLES) - {"csv"}))  # csv and txt differ by name alone
@pytest.mark.parametrize("name", ["无扩展名", "错误.ppt", "错误.ofd"])
def test_content_decides_whatever_the_name(kind: str, name: str) -> None:
    found = sniff(makers.SAMPLES[kind](), name)
    assert found.format == kind
    assert found.mismatch == ("." in name and not name.endswith("png" if kind == "image" else kind))


@pytest.mark.parametrize(
    ("data", "name", "kind", "detail"),
    [
        (TSV.encode("gb18030"), "台账.xls", "csv", "tsv"),
        (TSV.encode("utf-16"), "台账.xls", "csv", "tsv"),
        (TSV.encode(), "台账.txt", "txt", ""),
        (TSV.replace("\t", ",").encode(), "台账.csv", "csv", ""),
        ("第一行文字。\n第二行文字。\n第三行。".encode(), "说明.csv", "txt", ""),
        (makers.html(), "通知.doc", "html", ""),
        (b"<table><tr><td>1</td></tr></table>", "a.xls", "html", ""),
        (RELATED, "通知.mht", "html", "mht"),
        (RELATED, "通知.doc", "html", "mht"),
        (b"\r\n\r\n" + makers.pdf(), "a.pdf", "pdf", ""),
        ("MZ开头的文字也是文字。".encode(), "a.txt", "txt", ""),
    ],
)
def test_formats_that_wear_another_extension(data: bytes, name: str, kind: str, detail: str) -> None:
    found = sniff(data, name)
    assert (found.format, found.detail) == (kind, detail)


def test_a_workbook_is_known_before_the_narrower_limit_of_other_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Container.__init__.__kwdefaults__, "expanded", 1_000)  # workbooks have a limit of their own
    assert read(makers.SAMPLES["xlsx"](), "台账.xlsx").tables
    with pytest.raises(ReadError) as caught:
        read(makers.SAMPLES["docx"](), "通知.docx")
    assert caught.value.code == "zip_bomb"


def test_a_mismatch_is_told_with_both_formats() -> None:
    document = read(TSV.encode("gb18030"), "台账.xls")
    assert document.format == "csv"
    assert [n.code for n in document.notices] == ["extension_mismatch"]
    assert ".xls" in document.notices[0].message
    assert "TSV" in document.notices[0].message
    assert document.tables[0].cells[4].ref == "B2"


def test_a_web_archive_is_read_as_its_page() -> None:
    assert read(RELATED, "通知.mht").text == "截至六月底，欠款为12万元。\n"


@pytest.mark.parametrize(
    ("data", "name", "label"),
    [
        (makers.cfb("Something"), "a.doc", "OLE"),
        (b"Rar!\x1a\x07\x00" + bytes(90), "a.rar", "RAR"),
        (b'<?xml version="1.0"?><root><a>1</a></root>', "a.xml", "XML"),
        (makers.cfb("MatOST", "CONTENTS"), "a.wps", "Microsoft Works"),
        (b"\x01\xfe\x32\x00" + bytes(200), "a.wps", "Microsoft Works"),
    ],
)
def test_known_formats_without_a_reader_are_named(data: bytes, name: str, label: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(data, name)
    assert caught.value.code == "unsupported_format"
    assert label in caught.value.message
    assert "请" in caught.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b,c\n1,2,3\n4,5,6", ","),
        ("a;b\n1;2\n", ";"),
        ('"a,x"\t"b"\n"1,1"\t2\n', "\t"),
        ("标题行\n序号,单位,金额\n1,甲,2\n2,乙,3\n", ","),
        ("没有分隔符的文字\n第二行\n", None),
        ("", None),
    ],
)
def test_the_delimiter_is_found_by_evidence(text: str, expected: str | None) -> None:
    assert best_delimiter(text) == expected
