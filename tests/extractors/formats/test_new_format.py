"""Adding a format costs one reader, one registry line and one golden file; nothing else knows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.document import ReadError
from extractors.formats import registry
from extractors.read import read
from tests.extractors.formats import makers, test_golden

READER = """
from extractors.document import Anchor, Document
from extractors.formats.draft import Draft
from extractors.formats.sniff import Sniffed


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    draft = Draft(data, name, sniffed.format)
    draft.paragraph(data.partition(b"\\n")[2].decode(), Anchor(paragraph=1))
    return draft.finish()
"""
LINE = registry.Format("telex", "telex_reader", "电传电报", ("tlx",), (b"ZCZC\x02",))
FILE = b"ZCZC\x02\n" + "请于月底前清偿。".encode()


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "telex_reader.py").write_text(READER, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "FORMATS", (*registry.FORMATS, LINE))


def test_without_the_line_the_file_is_no_telex() -> None:
    assert registry.reader_for("telex") is None
    with pytest.raises(ReadError) as caught:
        read(FILE, "来电.tlx")
    assert caught.value.code == "unknown_format"


@pytest.mark.usefixtures("line")
def test_with_the_line_it_is_recognised_named_and_read() -> None:
    found = read(FILE, "来电.tlx")
    assert (found.format, found.text) == ("telex", "请于月底前清偿。\n")
    assert not found.notices
    told = read(FILE, "来电.pdf").notices
    assert [n.code for n in told] == ["extension_mismatch"]
    assert "电传电报" in told[0].message


@pytest.mark.usefixtures("line")
def test_a_format_without_a_golden_file_fails_the_suite() -> None:
    with pytest.raises(AssertionError):
        test_golden.test_every_format_of_the_registry_has_a_sample_and_a_golden_file()


def test_a_zip_format_needs_only_the_part_that_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    zipped = registry.Format("seal", None, "电子印章包", ("seal",), part="Seal.xml")
    monkeypatch.setattr(registry, "FORMATS", (*registry.FORMATS, zipped))
    with pytest.raises(ReadError, match="电子印章包") as caught:
        read(makers.zipped({"Seal.xml": b"<a/>"}), "a.seal")
    assert caught.value.code == "unsupported_format"
