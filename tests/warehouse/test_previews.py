"""What is kept of a document for people: whole for ordinary files, bounded for any, nothing of what may not be kept."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from extractors.document import Document
from extractors.facts import Context, Facts, Metadata
from extractors.facts import Field as Fact
from extractors.kept_tables import HEAD_ROWS, MOST_CELLS
from extractors.process import Extraction, decode, process
from pipelines.reading import About, ToRead
from pipelines.staging import stage_file, staged_part
from tests.extractors.formats import makers, render
from tests.warehouse.makers import NIGHT
from warehouse.previews import Preview, preview_of, preview_path, read_preview, remove_unused, write_preview

VERSION = "v1"


def kept(data: bytes, name: str) -> Preview:
    document = decode(process(data, name, Context())).document
    assert document is not None
    return preview_of(document, document.sha256)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (makers.docx, "a.docx"), (makers.xlsx, "a.xlsx"), (makers.html, "a.html"), (makers.doc, "a.doc"),
        (makers.rtf, "a.rtf"), (makers.xls, "a.xls"), (makers.csv, "a.csv"), (makers.pdf, "a.pdf"),
        (makers.ofd, "a.ofd"), (makers.eml, "a.eml"), (makers.txt, "a.txt"),
    ],
)  # fmt: skip
def test_all_text_and_every_cell_come_back(make, name: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    preview = kept(make(), name)
    write_preview(tmp_path, VERSION, preview)
    back = read_preview(tmp_path, preview.file_id, VERSION)
    assert back == preview
    covered = {i for b in preview.blocks for i in range(b.start, b.end)}
    assert all(i in covered for i, c in enumerate(preview.text) if not c.isspace())
    for table in preview.tables:
        assert table.kept_rows is None
        assert all(c.ref for c in table.cells)
        assert len({c.ref for c in table.cells}) == len(table.cells)


def test_a_huge_table_keeps_its_head_and_says_so() -> None:
    lines = ["序号,债务人,债权人,金额（万元）", *(f"{i},某局{i},某公司{i},{i}.5" for i in range(MOST_CELLS // 2))]
    preview = kept("\n".join(lines).encode(), "a.csv")
    (table,) = preview.tables
    assert table.kept_rows == HEAD_ROWS
    assert table.rows == len(lines)
    assert max(c.row for c in table.cells) == HEAD_ROWS - 1
    assert len(table.cells) == HEAD_ROWS * 4


def test_a_damaged_preview_is_no_preview(tmp_path: Path) -> None:
    preview = kept(makers.txt(), "a.txt")
    path = write_preview(tmp_path, VERSION, preview)
    whole = path.read_bytes()
    for damaged in (whole[:-5], whole[: len(whole) // 2], b"", b"\x1f\x8b" + bytes(30), whole[:20] + b"x" + whole[21:]):
        path.write_bytes(damaged)
        assert read_preview(tmp_path, preview.file_id, VERSION) is None
    assert read_preview(tmp_path, "0" * 64, VERSION) is None


def staged(home: Path, extraction: Extraction) -> ToRead:
    about = About(path=extraction.name, source="inbox", parent_id=None, first_seen_date=NIGHT)
    file = ToRead(file_id=extraction.sha256, archived="", name=extraction.name, context=Context(), about=about)
    stage_file(home, file, extraction)
    return file


def test_nothing_is_shown_of_a_document_with_a_mark_of_secrecy(tmp_path: Path) -> None:
    text = "秘密★1年\n绝不外传的内容"
    document = Document(sha256=hashlib.sha256(b"s").hexdigest(), name="密件.txt", format="txt", text=text)
    mark = Fact(text="秘密★1年", start=0, end=5, rule="secrecy", value="秘密★1年")
    facts = Facts(kind="circular", metadata=Metadata(secrecy=mark))
    file = staged(tmp_path, Extraction(name="密件.txt", sha256=document.sha256, document=document, facts=facts))
    preview = read_preview(tmp_path, file.file_id, file.version)
    assert preview == Preview(file_id=file.file_id, name="密件.txt")
    assert "绝不外传" not in preview_path(tmp_path, file.file_id, file.version).read_bytes().decode("latin-1")


def test_a_lost_preview_is_made_anew_by_the_next_night(tmp_path: Path) -> None:
    extraction = decode(process(render.circular_txt(), "通知.txt", Context()))
    file = staged(tmp_path, extraction)
    assert staged_part(tmp_path, file) is not None
    preview_path(tmp_path, file.file_id, file.version).unlink()
    assert staged_part(tmp_path, file) is None
    staged(tmp_path, extraction)
    assert staged_part(tmp_path, file) is not None


def test_previews_that_no_publication_speaks_of_go(tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        write_preview(tmp_path, version, Preview(file_id="a" * 64, name="a.txt"))
    assert remove_unused(tmp_path, None) == remove_unused(tmp_path, set()) == []
    assert remove_unused(tmp_path, {"v2", "v3"}) == ["v1"]
    assert read_preview(tmp_path, "a" * 64, "v1") is None
    assert read_preview(tmp_path, "a" * 64, "v3") is not None
    assert remove_unused(tmp_path / "nowhere", {"v3"}) == []
