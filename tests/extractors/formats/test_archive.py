"""ZIP and 7z: what is inside comes out as files with their names; what lies or explodes is refused."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from extractors.document import Document, ReadError
from extractors.facts import Context
from extractors.formats import limits
from extractors.formats.archive import clean_name
from extractors.process import extract
from extractors.read import read
from tests.extractors.formats import makers

ENTRIES = makers.archive_entries()


def inside(document: Document) -> dict[str, bytes]:
    return {c.name: c.data for c in document.children}


@pytest.mark.parametrize(
    ("data", "kind"),
    [(makers.zip_gbk(), "zip"), (makers.zipped(ENTRIES), "zip"), (makers.seven_zip(), "7z")],
    ids=["gbk names", "utf-8 names", "7z"],
)
def test_entries_come_out_with_their_names_in_order(data: bytes, kind: str) -> None:
    found = read(data, f"材料.{kind}")
    assert found.format == kind
    assert inside(found) == ENTRIES
    assert found.text.split("\n")[:3] == list(ENTRIES)
    assert not found.notices


def test_utf8_names_without_the_flag_are_told_from_gbk() -> None:
    name = "关于台账.txt"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x" * len(name.encode()), b"abc")
    data = out.getvalue().replace(b"x" * len(name.encode()), name.encode())
    assert list(inside(read(data, "a.zip"))) == [name]
    short = makers.zip_gbk({"一.txt": b"abc"})  # in GBK two bytes that would also be UTF-8
    assert list(inside(read(short, "a.zip"))) == ["一.txt"]


def test_names_of_files_are_no_facts() -> None:
    data = makers.zipped({"2026年7月10日前报送台账500万元.txt": "内容".encode()})
    facts = extract(data, "a.zip", Context()).facts
    assert facts is not None
    assert facts.kind == "other"
    assert not facts.deadlines
    assert not facts.amounts


def test_what_systems_leave_behind_is_left_out_and_counted() -> None:
    junk = {"__MACOSX/._a": b"x", "a/.DS_Store": b"x", "Thumbs.db": b"x", "~$通知.docx": b"x"}
    found = read(makers.zipped(junk | {"通知.txt": b"abc"}), "a.zip")
    assert list(inside(found)) == ["通知.txt"]
    assert [n.code for n in found.notices] == ["entries_left_out"]
    assert "4个" in found.notices[0].message


def test_one_damaged_entry_costs_that_entry_alone() -> None:
    data = bytearray(makers.zipped({"好.txt": b"good" * 50, "坏.txt": b"bad!" * 50}, method=zipfile.ZIP_STORED))
    at = data.index(b"bad!")
    data[at] ^= 0xFF
    found = read(bytes(data), "a.zip")
    assert list(inside(found)) == ["好.txt"]
    assert found.is_partial
    assert "坏.txt" in found.notices[0].message
    assert "坏.txt" in found.text


def test_more_than_fits_between_processes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CHILDREN_BYTES", 10)
    found = read(makers.zipped({"a.txt": b"12345", "b.txt": b"1234567", "c.txt": b"123"}), "a.zip")
    assert list(inside(found)) == ["a.txt", "c.txt"]
    assert found.is_partial


def encrypted_zip() -> bytes:
    data = bytearray(makers.zipped({"a.txt": b"abc"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", struct.unpack("<H", data[at : at + 2])[0] | 1)
    return bytes(data)


def many(count: int) -> bytes:
    return makers.zipped({f"{i}.txt": b"" for i in range(count)}, method=zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encrypted_zip(), "needs_password"),
        (many(limits.MAX_ENTRIES + 1), "zip_bomb"),
        (makers.zipped({"a.txt": b"0" * 3_000_000}), "zip_bomb"),
        (makers.overlapping_zip(), "bad_container"),
        (makers.zipped({"../a.txt": b"abc"}), "bad_container"),
        (makers.zipped({"C:\\a.txt": b"abc"}), "bad_container"),
        (makers.zipped({"a": b"abc"})[:-4], "bad_container"),
        (makers.zipped({}), "empty_text"),
        (makers.zipped({"Doc_0/Document.xml": b"<a/>", "Doc_0/Pages/Page_0/Content.xml": b"<a/>"}), "bad_container"),
        (makers.zipped({"_rels/.rels": b"<a/>", "docProps/app.xml": b"<a/>"}), "bad_container"),
        (makers.seven_zip(password="x"), "needs_password"),
        (makers.seven_zip({"a.txt": b"0" * 3_000_000}), "zip_bomb"),
        (makers.seven_zip({"a.txt": b"abc" * 99})[:-20], "bad_container"),
        (makers.seven_zip({f"{i}": b"" for i in range(limits.MAX_ENTRIES + 1)}), "zip_bomb"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(90), "unsupported_format"),
    ],
)
def test_what_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(data, "材料包")
    assert caught.value.code == code
    assert "材料包" in caught.value.message


@pytest.mark.parametrize(
    ("entry", "name"),
    [("a\\b.txt", "a/b.txt"), ("/a//b.txt", "a/b.txt"), ("./a.txt", "a.txt"), ("x!/y.txt", "x！/y.txt")],
)
def test_paths_inside_are_plain_and_cannot_pass_for_a_container(entry: str, name: str) -> None:
    assert clean_name(entry) == name
