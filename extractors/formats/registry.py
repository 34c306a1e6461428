"""Which reader reads which format: one line each. Readers are imported when first used, never before.

A new format is one module with `read(data, name, sniffed) -> Document`, one line here and one golden file: the line
says what the format is called, which extensions may honestly hold it, and by what bytes at the start or by what part
of a zip it is recognised. Formats that share a container or are plain text are told apart in `sniff.py`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

import msgspec

if TYPE_CHECKING:
    from extractors.document import Document
    from extractors.formats.sniff import Sniffed


class Format(msgspec.Struct, frozen=True):
    """One format: its word, its reader's module (None: recognised, not read), its name for people."""

    kind: str
    module: str | None
    label: str
    extensions: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    part: str | None = None


_HERE = "extractors.formats."
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_BARE_XLS = (b"\x09\x08\x10\x00\x00\x06", b"\x09\x08\x08\x00\x00\x05")  # a workbook stream without its container

FORMATS: tuple[Format, ...] = (
    Format("txt", _HERE + "txt", "纯文本", ("txt", "text", "md", "csv", "tsv")),
    Format("html", _HERE + "html", "网页（HTML）", ("html", "htm", "shtml", "xml")),
    Format("docx", _HERE + "docx", "Word文档（docx）", ("docx", "docm", "dotx")),
    Format("doc", _HERE + "doc", "旧版Word文档（doc）", ("doc", "wps")),
    Format("rtf", _HERE + "rtf", "RTF文档", ("rtf",), (b"{\\rtf",)),
    Format("pdf", _HERE + "pdf", "PDF文档", ("pdf",)),
    Format("xlsx", _HERE + "xlsx", "Excel工作簿（xlsx）", ("xlsx", "xlsm", "xltx")),
    Format("xls", _HERE + "xls", "旧版Excel工作簿（xls）", ("xls", "et"), _BARE_XLS),
    Format("xmlss", _HERE + "xmlss", "Excel 2003 XML表格", ("xml",)),
    Format("flatopc", _HERE + "word_xml", "Word XML文档", ("xml",)),
    Format("wordml", _HERE + "word_xml", "Word 2003 XML文档", ("xml",)),
    Format("csv", _HERE + "csv", "分隔文本表格（CSV）", ("csv", "tsv")),
    Format("ofd", _HERE + "ofd", "OFD版式文档", ("ofd",), part="OFD.xml"),
    Format("eml", _HERE + "eml", "电子邮件（eml）", ("eml",)),
    Format("zip", _HERE + "archive", "ZIP压缩包", ("zip",)),
    Format("7z", _HERE + "archive_7z", "7z压缩包", ("7z",), (b"7z\xbc\xaf\x27\x1c",)),
    Format("image", _HERE + "image", "图片", ("png", "jpg", "jpeg", "tif", "tiff", "bmp", "gif", "webp"), _IMAGES),
    # recognised, so that the refusal can name them
    Format("rar", None, "RAR压缩包", ("rar",), (b"Rar!\x1a\x07",)),
    Format("gz", None, "GZIP压缩包", ("gz",), (b"\x1f\x8b",)),
    Format("xml", None, "XML文件", ("xml",)),
    Format("xlsb", None, "Excel二进制工作簿（xlsb）", ("xlsb",)),
    Format("odt", None, "ODT文档", ("odt",)),
    Format("ods", None, "ODS表格", ("ods",)),
    Format("ppt", None, "PowerPoint演示文稿", ("ppt",)),
    Format("pptx", None, "PowerPoint演示文稿", ("pptx",)),
    Format("works", None, "Microsoft Works文档", (), (b"\x01\xfe\x32\x00",)),
    Format("program", None, "可执行程序", (), (b"MZ", b"\x7fELF")),
    Format("database", None, "数据库文件", (), (b"SQLite format 3\x00",)),
    Format("ole", None, "OLE复合文档"),
)


class Reader(Protocol):
    """Bytes of one file in, `Document` out; raises `ReadError` and nothing else that is meant."""

    def __call__(self, data: bytes, name: str, sniffed: Sniffed) -> Document: ...


def readable() -> tuple[str, ...]:
    """The words of all formats that have a reader."""
    return tuple(f.kind for f in FORMATS if f.module is not None)


def reader_for(kind: str) -> Reader | None:
    """The reader of a format, or None when there is none yet."""
    module = next((f.module for f in FORMATS if f.kind == kind), None)
    return None if module is None else cast("Reader", importlib.import_module(module).read)


def by_magic(head: bytes) -> str | None:
    """The format whose first bytes these are."""
    return next((f.kind for f in FORMATS for magic in f.magic if head.startswith(magic)), None)


def by_extension(extension: str) -> tuple[str, ...]:
    """The formats that an extension may honestly hold; empty for one that promises nothing."""
    return tuple(f.kind for f in FORMATS if extension in f.extensions)
