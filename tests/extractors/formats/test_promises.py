"""The promises that every reader makes, checked for all of them, and that `read` catches one that breaks them."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys

import msgspec
import pytest

from extractors.document import Anchor, Block, Cell, Counts, Document, ReadError, Table
from extractors.formats import registry
from extractors.formats.sniff import Sniffed
from extractors.read import checked, read
from tests.extractors.formats import makers

TXT = Sniffed(format="txt")


@pytest.fixture(params=sorted(makers.SAMPLES))
def document(request: pytest.FixtureRequest) -> Document:
    return read(makers.SAMPLES[request.param](), f"样例.{request.param}")


def test_text_has_lf_only_and_blocks_are_sorted_and_disjoint(document: Document) -> None:
    assert "\r" not in document.text
    assert not document.text.startswith("\ufeff")
    at = 0
    for block in document.blocks:
        assert at <= block.start < block.end <= len(document.text)
        assert "\n" not in document.text[block.start : block.end]
        at = block.end


def test_every_character_that_is_no_blank_belongs_to_a_block(document: Document) -> None:
    covered = "".join(document.text[b.start : b.end] for b in document.blocks)
    assert "".join(covered.split()) == "".join(document.text.split())


def test_every_cell_stands_in_the_grid_and_in_the_text(document: Document) -> None:
    for table in document.tables:
        for cell in table.cells:
            assert cell.row + cell.row_span <= table.rows
            assert cell.col + cell.col_span <= table.cols
            if cell.text:
                assert "".join(cell.text.split()) in "".join(document.text.split())
        refs = [c.ref for c in table.cells]
        assert len(refs) == len(set(refs))


def test_every_block_says_where_it_stands(document: Document) -> None:
    for block in document.blocks:
        anchor = document.evidence(block.start, block.end)
        if block.kind in ("header", "footer", "note") and document.format in ("docx", "doc", "rtf"):
            continue
        if document.format in ("pdf", "ofd", "image"):
            assert anchor.page
            assert anchor.bbox
        elif document.format in ("xlsx", "xls"):
            assert anchor.sheet
        else:
            assert anchor.paragraph or anchor.cell


@pytest.mark.parametrize("kind", sorted(makers.SAMPLES))
def test_the_name_and_the_hash_are_those_of_the_file(kind: str) -> None:
    data = makers.SAMPLES[kind]()
    again = read(data, "样例")
    assert again.sha256 == hashlib.sha256(data).hexdigest()
    assert again.name == "样例"


def test_reading_twice_gives_the_same_document() -> None:
    for kind, make in makers.SAMPLES.items():
        data = make()
        assert read(data, f"a.{kind}") == read(data, f"a.{kind}")


def test_a_document_survives_the_way_between_processes(document: Document) -> None:
    assert pickle.loads(pickle.dumps(document)) == document


def made(text: str, **fields: object) -> Document:
    return msgspec.structs.replace(Document(sha256="", name="a.txt", format="txt", text=text), **fields)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (made(" \n\t"), "empty_text"),
        (made("a\rb"), "reader_failed"),
        (made("\ufeffab"), "reader_failed"),
        (made("ab", blocks=(Block(start=1, end=3, anchor=Anchor()),)), "reader_failed"),
        (made("ab", blocks=(Block(start=1, end=1, anchor=Anchor()),)), "reader_failed"),
        (made("ab", blocks=(Block(start=0, end=2, anchor=Anchor(), edges=(1.0, 2.0)),)), "reader_failed"),
        (
            made("ab", blocks=(Block(start=1, end=2, anchor=Anchor()), Block(start=0, end=1, anchor=Anchor()))),
            "reader_failed",
        ),
    ],
)
def test_a_broken_promise_is_a_failure_and_no_document(document: Document, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        checked(document, TXT)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(pages=2), "应有2页，只读出1页"),
        (Counts(tables=2), "应有2个表格，只读出1个表格"),
        (Counts(rows=3), "应有3行表格，只读出1行表格"),
        (Counts(cells=3), "应有3个单元格，只读出1个单元格"),
        (Counts(characters=9), "应有9个字，只读出2个字"),
    ],
)
def test_what_the_container_holds_and_the_document_does_not_makes_it_partial(counts: Counts, words: str) -> None:
    table = Table(index=1, rows=1, cols=1, cells=(Cell(row=0, col=0, text="甲", value="甲"),))
    found = checked(made("甲 乙", pages=1, tables=(table,), counts=counts), TXT)
    assert found.is_partial
    assert words in found.notices[-1].message
    assert not checked(made("甲 乙", pages=1, tables=(table,)), TXT).notices


@pytest.mark.parametrize(
    "error", [ValueError("x"), RecursionError(), type("PanicException", (BaseException,), {})("x")]
)
def test_whatever_a_library_throws_becomes_a_typed_failure(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(data: bytes, name: str, sniffed: Sniffed) -> Document:
        raise error

    monkeypatch.setattr("extractors.read.reader_for", lambda kind: broken)
    with pytest.raises(ReadError) as caught:
        read(b"text", "a.txt")
    assert caught.value.code == "reader_failed"
    assert type(error).__name__ in caught.value.message


def test_interrupts_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(data: bytes, name: str, sniffed: Sniffed) -> Document:
        raise KeyboardInterrupt

    monkeypatch.setattr("extractors.read.reader_for", lambda kind: stopped)
    with pytest.raises(KeyboardInterrupt):
        read(b"text", "a.txt")


def test_a_format_costs_one_line_and_one_module_and_nothing_heavy_until_used() -> None:
    for kind in registry.readable():
        assert registry.reader_for(kind) is not None
    assert registry.reader_for("unheard-of") is None
    heavy = "pypdfium2, pdfplumber, docx, lxml, selectolax, python_calamine, openpyxl, pandas"
    script = (
        "import sys; from extractors.read import read; read('甲乙丙，丁。'.encode(), 'a.txt'); "
        f"print([m for m in '{heavy}'.split(', ') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
