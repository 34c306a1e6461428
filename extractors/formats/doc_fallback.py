"""Other ways to read a Word 97-2003 file when our own reader fails or finds too little. Each one is said, never silent.

In this order: the parser of docvortex; msdoc2docx, whose docx our docx reader reads; the bare characters of the piece
table, which have no tables. All of them run in this process and start no other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from extractors.document import Anchor, Document, Notice, ReadError
from extractors.formats import doc_vortex
from extractors.formats.doc_word import BROKEN, WordFile, bad, visible
from extractors.formats.draft import Draft
from extractors.formats.sniff import Sniffed


def _size(text: str) -> int:
    return len("".join(text.split()))


def other(data: bytes, name: str, kind: str, file: WordFile, why: str) -> Document:
    """Another reader's document after ours failed for the reason `why`. Raises `ReadError("bad_doc")`."""
    for way, found in _others(data, name, kind, file):
        message = f"文件“{name}”未能直接读取（{why}），改用{way}读出，请对照原件核对表格和编号。"
        return _with(found, message, partial=False)
    return plain(data, name, kind, file, "结构损坏")


def better(document: Document, data: bytes, name: str, kind: str, file: WordFile) -> Document:
    """Our document, or another reader's where that finds clearly more of the characters; the gap is said."""
    want = document.counts.characters or 0
    mine = _size(document.text)
    for way, found in _others(data, name, kind, file):
        theirs = _size(found.text)
        if theirs <= mine:
            continue  # the missing characters become a partial notice at the door
        counted = msgspec.structs.replace(found, counts=document.counts)
        message = f"文件“{name}”应有{want}个字，直接读取只得{mine}个，{way}读得{theirs}个，已采用后者，请对照原件核对。"
        return _with(counted, message, partial=theirs < want)
    return document


def _others(data: bytes, name: str, kind: str, file: WordFile) -> Iterator[tuple[str, Document]]:
    """(what it is called, what it read) of each other reader that gives a document with text, asked one by one."""
    document = doc_vortex.read(data, name, kind, file)
    if document is not None and document.text.strip():
        yield "第二种读法", document
    document = _converted(data, name, kind)
    if document is not None and document.text.strip():
        yield "转换方式", document


def plain(data: bytes, name: str, kind: str, file: WordFile, why: str) -> Document:
    """The bare characters, cells parted by tabs. Raises `ReadError("bad_doc")` when there are none."""
    text = "".join(visible(file.story(s)) + "\n" for s in ("main", "footnote", "endnote", "textbox"))
    if not text.strip("\t\n ") or text.count("\ufffd") * 10 > len(text):
        raise bad(name)
    draft = Draft(data, name, kind)
    for number, line in enumerate(text.split("\n"), start=1):
        draft.paragraph(line.strip("\t"), Anchor(paragraph=number))
    draft.notice(
        "text_only",
        f"文件“{name}”是{why}，只读出文字，表格未能还原，请用WPS或Word另存为docx后重新报送。",
        partial=True,
    )
    return draft.finish()


def _with(document: Document, message: str, *, partial: bool) -> Document:
    notice = Notice(code="fallback_reader", message=message, partial=partial)
    return msgspec.structs.replace(document, notices=(*document.notices, notice))


def _converted(data: bytes, name: str, kind: str) -> Document | None:
    """The file turned into docx and read as such; None when the converter gives up.

    The converter only knows paths: it works in a temporary folder of its own, gone when it is done.
    """
    try:
        import doc2docx
        from doc2docx.errors import Doc2DocxError
    except ImportError:  # an optional part
        return None

    from extractors.formats import docx

    with tempfile.TemporaryDirectory(prefix="doc-") as folder:
        source, target = Path(folder, "in.doc"), Path(folder, "out.docx")
        source.write_bytes(data)
        try:
            doc2docx.convert(source, target)
            document = docx.read(target.read_bytes(), name, Sniffed(format="docx"))
        except (ReadError, Doc2DocxError, OSError, *BROKEN):  # the caller says that this way failed too
            return None
    return msgspec.structs.replace(document, format=kind, sha256=Draft(data, name, kind).sha256)
