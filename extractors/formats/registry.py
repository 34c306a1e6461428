"""Which reader reads which format: one line each. Readers are imported when first used, never before.

A new format is one module with `read(data, name, sniffed) -> Document`, one line here and one golden file.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from extractors.document import Document
from extractors.formats.sniff import Sniffed

READERS: dict[str, str] = {
    "txt": "extractors.formats.txt",
    "html": "extractors.formats.html",
    "docx": "extractors.formats.docx",
    "doc": "extractors.formats.doc",
    "rtf": "extractors.formats.rtf",
    "pdf": "extractors.formats.pdf",
    "xlsx": "extractors.formats.xlsx",
    "xls": "extractors.formats.xls",
    "xmlss": "extractors.formats.xmlss",
    "flatopc": "extractors.formats.word_xml",
    "wordml": "extractors.formats.word_xml",
    "csv": "extractors.formats.csv",
    "ofd": "extractors.formats.ofd",
    "eml": "extractors.formats.eml",
    "zip": "extractors.formats.archive",
    "7z": "extractors.formats.archive_7z",
    "image": "extractors.formats.image",
}


class Reader(Protocol):
    """Bytes of one file in, `Document` out; raises `ReadError` and nothing else that is meant."""

    def __call__(self, data: bytes, name: str, sniffed: Sniffed) -> Document: ...


def reader_for(kind: str) -> Reader | None:
    """The reader of a format, or None when there is none yet."""
    module = READERS.get(kind)
    return None if module is None else cast(Reader, importlib.import_module(module).read)
