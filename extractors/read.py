"""`read`: the one door for files. Bytes and a name in, a `Document` out, or a `ReadError` that says what to do.

The format is found by content, the reader through the registry. Then the promises every reader makes are checked:
text with LF newlines, blocks sorted and disjoint, nothing counted in the container missing from what was read, and
never an empty text as success. Whatever a parsing library throws is turned into a typed failure here, Rust panics
(which derive from BaseException) included.
"""

from __future__ import annotations

import msgspec

from extractors.document import Document, Notice, ReadError
from extractors.formats.names import advice_for, label_of
from extractors.formats.registry import reader_for
from extractors.formats.sniff import Sniffed, sniff


def read(data: bytes, name: str) -> Document:
    """Reads one file.

    `name` is the file's name for messages and its extension as a hint. Raises `ReadError` with a stable `code`
    (`empty_file, too_large, unknown_format, unsupported_format, needs_password, bad_container, zip_bomb, bad_xml,
    bad_pdf, bad_docx, bad_doc, bad_xlsx, bad_xls, bad_csv, unknown_encoding, login_page, error_page, empty_text,
    scan_without_ocr, reader_failed`) and a sentence for people. Nothing else escapes but MemoryError and interrupts.
    """
    sniffed = sniff(data, name)
    reader = reader_for(sniffed.format)
    if reader is None:
        label = label_of(sniffed.format, sniffed.detail)
        raise ReadError("unsupported_format", f"文件“{name}”是{label}，目前不能读取，{advice_for(sniffed.format)}。")
    try:
        document = reader(data, name, sniffed)
    except (ReadError, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # native libraries panic outside Exception; none may pass
        raise ReadError(
            "reader_failed",
            f"文件“{name}”按{label_of(sniffed.format, sniffed.detail)}读取时出错（{type(error).__name__}），"
            "文件可能已损坏，请重新导出后报送。",
        ) from error
    return checked(msgspec.structs.replace(document, notices=sniffed.notices + document.notices), sniffed)


def checked(document: Document, sniffed: Sniffed) -> Document:
    """The document with every promise checked; a gap in the counts becomes a partial notice.

    Raises `ReadError("empty_text")` for a file that yields neither text nor a table.
    """
    name = document.name
    if not document.text.strip() and not any(c.text for t in document.tables for c in t.cells):
        raise ReadError(
            "empty_text",
            f"文件“{name}”（{label_of(sniffed.format, sniffed.detail)}）没有可读取的文字，请核对原件后重新报送。",
        )
    if "\r" in document.text or document.text.startswith("\ufeff"):
        raise ReadError("reader_failed", f"文件“{name}”的文字未能规范换行，请联系维护人员。")
    at = 0
    for block in document.blocks:
        whole = block.edges is None or len(block.edges) == block.end - block.start + 1
        if not (at <= block.start < block.end <= len(document.text) and whole):
            raise ReadError("reader_failed", f"文件“{name}”的文字与原件位置对不上，请联系维护人员。")
        at = block.end
    gaps = _gaps(document)
    return msgspec.structs.replace(document, notices=document.notices + gaps) if gaps else document


def _gaps(document: Document) -> tuple[Notice, ...]:
    """What the container holds and the document does not."""
    counted, name = document.counts, document.name
    found: list[tuple[str, int, int]] = []
    if counted.pages is not None and (document.pages or 0) < counted.pages:
        found.append(("页", counted.pages, document.pages or 0))
    if counted.tables is not None and len(document.tables) < counted.tables:
        found.append(("个表格", counted.tables, len(document.tables)))
    if counted.rows is not None:
        rows = sum(t.rows for t in document.tables)
        if rows < counted.rows:
            found.append(("行表格", counted.rows, rows))
    if counted.cells is not None:
        cells = sum(1 for t in document.tables for c in t.cells if c.value is not None or c.text or c.formula)
        cells += sum(t.bulk.filled() for t in document.tables if t.bulk is not None)
        if cells < counted.cells:
            found.append(("个单元格", counted.cells, cells))
    if counted.characters is not None:
        characters = len("".join(document.text.split()))
        if characters < counted.characters:
            found.append(("个字", counted.characters, characters))
    return tuple(
        Notice(
            code="conservation_gap",
            message=f"文件“{name}”应有{want}{what}，只读出{got}{what}，请对照原件核对缺失部分。",
            partial=True,
        )
        for what, want, got in found
    )
