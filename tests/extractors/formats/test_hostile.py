"""Hostile and broken files: each ends in a typed refusal with a sentence that helps, none in anything else."""

from __future__ import annotations

import random
import struct
import zipfile

import pytest

from extractors.document import Document, ReadError
from extractors.read import read
from tests.extractors.formats import makers

LOGIN = (
    "<html><head><title>统一身份认证平台</title></head><body><form>用户名<input name=u>密码"
    "<input type=password name=p><button>登录</button></form></body></html>"
).encode()
ERROR = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1>nginx</body></html>"


def code(data: bytes, name: str) -> str:
    with pytest.raises(ReadError) as caught:
        read(data, name)
    assert caught.value.message.startswith(f"文件“{name}”")
    assert caught.value.message.endswith("。")
    return caught.value.code


def outcome_of(data: bytes, name: str) -> Document | ReadError:
    try:
        return read(data, name)
    except ReadError as error:
        return error


def central(data: bytes, offset: int, value: bytes) -> bytes:
    """The zip with bytes of its first central entry replaced."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "空.pdf", "empty_file"),
        (b"\x00" * 4096, "零.docx", "empty_file"),
        (b" \r\n\t ", "空白.txt", "empty_file"),
        (random.Random(1).randbytes(20_000), "随机.pdf", "unknown_format"),
        (random.Random(2).randbytes(300), "随机.xlsx", "unknown_format"),
        (LOGIN, "通知.pdf", "login_page"),
        (ERROR, "通知.doc", "error_page"),
        (b"<html><body><script>document.write(1)</script></body></html>", "空页.html", "empty_text"),
        (b"<div>" * 60_000, "深.html", "bad_html"),
        (makers.cfb("EncryptedPackage", "EncryptionInfo"), "密.docx", "needs_password"),
        (makers.cfb("EncryptionInfo", "EncryptedPackage"), "密.xlsx", "needs_password"),
        (makers.zip_bomb(), "炸.xlsx", "zip_bomb"),
        (makers.overlapping_zip(), "叠.docx", "bad_container"),
        (central(makers.docx(), 8, b"\x01"), "密.docx", "needs_password"),
        (makers.zipped({f"{i}.xml": b"" for i in range(2_500)}), "多.docx", "zip_bomb"),
        (makers.zipped({"../evil": b"x"}), "路.zip", "bad_container"),
        (makers.docx()[:3_000], "断.docx", "bad_container"),
        (makers.pdf()[:600], "断.pdf", "bad_pdf"),
        (b"%PDF-1.7\n" + random.Random(3).randbytes(3_000), "坏.pdf", "bad_pdf"),
        (makers.scanned_pdf(), "扫描.pdf", "empty_text"),
        (makers.zipped({"[Content_Types].xml": b"wordprocessingml.document.main"}), "缺.docx", "bad_docx"),
        (
            makers.zipped({"[Content_Types].xml": b"wordprocessingml.document.main", "word/document.xml": b"<w:d"}),
            "坏.docx",
            "bad_docx",
        ),
        (makers.zipped({"[Content_Types].xml": b"spreadsheetml.sheet.main"}), "缺.xlsx", "bad_xlsx"),
        (makers.raw_xlsx(""), "空.xlsx", "empty_text"),
        (makers.raw_xlsx("<sheetData><row><c><v>1</row>"), "坏.xlsx", "bad_xml"),
    ],
)  # fmt: skip
def test_each_ends_in_its_typed_refusal(data: bytes, name: str, expected: str) -> None:
    assert code(data, name) == expected


def test_overlapping_ranges_are_refused() -> None:
    """Local and central names agree, so that only the overlap gives the bomb away."""
    one = makers.zipped({"[Content_Types].xml": b"x" * 50_000}, method=zipfile.ZIP_STORED)
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    # a second directory entry for a local header that lies within the first one's data
    body = bytearray(one[:start])
    inner = 1_000
    name = b"b.xml"
    body[inner : inner + 30] = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 100, 100, len(name), 0)
    body[inner + 30 : inner + 35] = name
    second = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 100, 100, len(name), 0, 0, 0, 0, 0, inner
    )
    directory = entry + second + name
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(body), 0)
    assert code(bytes(body) + directory + end, "叠.xlsx") == "zip_bomb"


def test_duplicate_part_names_are_refused() -> None:
    data = makers.zipped({"word/a.xml": b"1", "word/A.xml": b"2"})
    assert code(data, "重.docx") == "bad_container"


def test_a_local_name_that_differs_from_the_directory_is_refused() -> None:
    data = makers.docx()
    at = data.index(b"PK\x03\x04") + 30
    assert code(data[:at] + b"X" + data[at + 1 :], "假.docx") == "bad_container"


def test_declared_sizes_are_only_claims() -> None:
    """A part that inflates beyond what the directory says is stopped while inflating."""
    data = makers.zipped({"[Content_Types].xml": b"wordprocessingml.document.main" + b" " * 5_000})
    assert code(central(data, 24, struct.pack("<I", 100)), "假.docx") in ("zip_bomb", "bad_container")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_document_types_and_entities_are_refused(part: str) -> None:
    import io

    with zipfile.ZipFile(io.BytesIO(makers.raw_xlsx("<sheetData/>", strings=["a"]))) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[part] = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + parts[part]
    assert code(makers.zipped(parts), "实体.xlsx") == "bad_xml"


def test_a_pdf_with_an_empty_user_password_is_read_and_one_with_a_password_is_not() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    free = makers.pdf(encrypt=StandardEncryption("", ownerPassword="o", canPrint=0))
    assert makers.TITLE in read(free, "权限.pdf").text
    locked = makers.pdf(encrypt=StandardEncryption("user", ownerPassword="o"))
    assert code(locked, "密.pdf") == "needs_password"


@pytest.mark.parametrize("kind", sorted(makers.SAMPLES))
def test_mutated_files_end_as_a_document_with_text_or_a_typed_refusal(kind: str) -> None:
    rng = random.Random(kind)
    good = makers.SAMPLES[kind]()
    for _ in range(60):
        data = bytearray(good)
        match rng.randrange(4):
            case 0:
                del data[rng.randrange(len(data)) :]
            case 1:
                for _ in range(rng.randrange(1, 20)):
                    data[rng.randrange(len(data))] = rng.randrange(256)
            case 2:
                a, b = sorted(rng.randrange(len(data)) for _ in range(2))
                data = data[b:] + data[a:b] + data[:a]
            case _:
                at = rng.randrange(len(data))
                data[at : at + 4] = rng.randbytes(4)
        outcome = outcome_of(bytes(data), f"变.{kind}")
        if isinstance(outcome, ReadError):
            assert outcome.code
            assert outcome.message.endswith("。")
        else:
            assert outcome.text.strip() or any(c.text for t in outcome.tables for c in t.cells)
