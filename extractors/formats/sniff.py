"""What a file is, by its content; the extension is only a hint, and a mismatch is recorded.

`sniff` never parses: it looks at magic numbers, OLE stream names, zip part names and content types, the XML root,
and how text looks. Formats that are recognised but cannot be read yet get their own word, so that the refusal can
name them (`names.py`).
"""

from __future__ import annotations

import csv
import io
import re

import msgspec

from extractors.document import Notice, ReadError
from extractors.formats import limits, ole, registry
from extractors.formats.encodings import decode, is_text
from extractors.formats.guard import Container
from extractors.formats.names import VARIANTS, label_of

_HEAD_CHARS = 8_192
_DELIMITERS = "\t,;|"
_SAMPLE = 64 * 1024
_ENOUGH = 1024 * 1024
_SAMPLE_RECORDS = 60


class Sniffed(msgspec.Struct, frozen=True, kw_only=True):
    """A file's real format: `format` as in the registry, `detail` a variant of it (docm, strict, mht, tsv, et)."""

    format: str
    detail: str = ""
    mismatch: bool = False
    notices: tuple[Notice, ...] = ()


_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|meta|title|table|tbody|tr|div|p|script|style|span|center|font|h[1-6]|ul|a)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?:\s|<!--.*?-->|<\?xml[^>]*\?>)*", re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)((?:\s[^>]*)?)>", re.DOTALL)
_MAIL = re.compile(r"^(?:Received|Return-Path|Message-ID|MIME-Version|From|Date|Subject|X-[\w-]+|To):\s", re.I | re.M)


def sniff(data: bytes, name: str) -> Sniffed:
    """The format of a file. Raises `ReadError`: `empty_file`, `too_large`, `needs_password`, `unknown_format`."""
    if not data or not data.strip(b"\x00 \t\r\n"):
        raise ReadError("empty_file", f"文件“{name}”是空文件（没有内容），请重新报送。")
    if len(data) > limits.MAX_FILE_BYTES:
        raise ReadError(
            "too_large", f"文件“{name}”超过{limits.MAX_FILE_BYTES // limits.MEGABYTE}MB，请拆分或压缩后重新报送。"
        )
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    kind, detail = _by_content(data, name, extension)
    expected = (VARIANTS[extension],) if extension in VARIANTS else registry.by_extension(extension)
    if not expected or kind in expected or (detail and detail in expected):
        return Sniffed(format=kind, detail=detail)
    notice = Notice(
        code="extension_mismatch",
        message=f"文件“{name}”的扩展名是.{extension}，内容实为{label_of(kind, detail)}，已按内容读取。",
    )
    return Sniffed(format=kind, detail=detail, mismatch=True, notices=(notice,))


def _by_content(data: bytes, name: str, extension: str) -> tuple[str, str]:
    head = data[:1_024]
    if head.startswith(b"%PDF-") or (b"%PDF-" in head and not head.lstrip().startswith(b"<")):
        return "pdf", ""
    if head.startswith(ole.MAGIC):
        return _ole(data, name, extension)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(data, name)
    if head.startswith(b"BM") and data[6:10] == b"\0\0\0\0" and int.from_bytes(data[2:6], "little") <= len(data) + 3:
        return "image", ""
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image", ""
    kind = registry.by_magic(head)
    if kind is not None and not (kind == "program" and is_text(data)):
        return kind, ""
    if is_text(data):
        return _text(data, name, extension)
    mail = _mail(data[:_HEAD_CHARS].decode("latin-1").replace("\r\n", "\n"), extension)
    if mail is not None:  # parts in several encodings, or binary ones
        return mail
    if b"%PDF-" in data[:8_192]:
        return "pdf", ""
    raise ReadError("unknown_format", f"文件“{name}”的格式无法识别（不是文档、表格或文本），请核对后重新报送。")


def _ole(data: bytes, name: str, extension: str) -> tuple[str, str]:
    streams = ole.stream_names(data)
    if "EncryptedPackage" in streams or "EncryptionInfo" in streams:
        raise ReadError("needs_password", f"文件“{name}”设有打开密码，无法读取，请向报送单位索取未加密的版本。")
    if "WordDocument" in streams:
        return "doc", "wps" if extension == "wps" else ""
    if "Workbook" in streams or "Book" in streams:
        return "xls", "et" if extension == "et" else ""
    if "PowerPoint Document" in streams:
        return "ppt", ""
    if "MatOST" in streams:
        return "works", ""
    return "ole", ""


def _zip(data: bytes, name: str) -> tuple[str, str]:
    container = Container(data, name, expanded=limits.MAX_WORKBOOK_BYTES)  # the reader applies its own limit
    types = container.find("[Content_Types].xml")
    if types is not None:
        content = container.read(types, limit=limits.MEGABYTE)
        for pattern, kind, detail in (
            (b"wordprocessingml.document.main", "docx", ""),
            (b"wordprocessingml.template.main", "docx", "dotx"),
            (b"ms-word.document.macroEnabled.main", "docx", "docm"),
            (b"ms-word.template.macroEnabledTemplate.main", "docx", "docm"),
            (b"spreadsheetml.sheet.main", "xlsx", ""),
            (b"spreadsheetml.template.main", "xlsx", "xltx"),
            (b"ms-excel.sheet.macroEnabled.main", "xlsx", "xlsm"),
            (b"ms-excel.template.macroEnabled.main", "xlsx", "xlsm"),
            (b"ms-excel.sheet.binary.macroEnabled.main", "xlsb", ""),
            (b"presentationml", "pptx", ""),
        ):
            if pattern in content:
                return kind, detail
    for known in registry.FORMATS:
        if known.part is not None and container.find(known.part) is not None:
            return known.kind, ""
    if container.find("mimetype") is not None:
        declared = container.read(container.find("mimetype") or "", limit=1_024)
        if b"opendocument.text" in declared:
            return "odt", ""
        if b"opendocument.spreadsheet" in declared:
            return "ods", ""
    if container.find("word/document.xml") is not None:
        return "docx", ""
    if container.find("xl/workbook.xml") is not None:
        return "xlsx", ""
    return "zip", ""


def _text(data: bytes, name: str, extension: str) -> tuple[str, str]:
    """Markup, mail, delimited or plain text."""
    text = decode(_beginning(data), name).text
    start = text[_LEADING.match(text).end() :][:_HEAD_CHARS] if _LEADING.match(text) else text[:_HEAD_CHARS]  # type: ignore[union-attr]
    if start.startswith("<"):
        found = _markup(start)
        if found is not None:
            return found
    mail = _mail(start, extension)
    if mail is not None:
        return mail
    if extension in ("html", "htm", "shtml", "doc", "docx", "xls", "xlsx", "pdf") and len(_HTML.findall(start)) >= 3:
        return "html", ""
    delimiter = best_delimiter(text)
    if extension in ("csv", "tsv") and (delimiter is not None or text.count("\n") < 2):
        return "csv", "tsv" if delimiter == "\t" else ""
    if extension in ("xls", "xlsx", "et") and delimiter is not None:
        return "csv", "tsv" if delimiter == "\t" else ""
    return "txt", ""


def _mail(start: str, extension: str) -> tuple[str, str] | None:
    """Mail, or a web archive, which is a mail that nobody sent."""
    fields = {m.group().lower().rstrip().rstrip(":") for m in _MAIL.finditer(start.partition("\n\n")[0])}
    if len(fields) < 2:
        return None
    page = extension in ("mht", "mhtml") or re.search(r"multipart/related|text/html", start[:2_000], re.I) is not None
    sent = extension == "eml" or fields & {"received", "to"}
    return ("html", "mht") if page and "Content-Type" in start and not sent else ("eml", "")


def _beginning(data: bytes) -> bytes:
    """Enough of a large text file to tell its kind, whole lines; all of it where lines are not to be seen."""
    if len(data) <= _ENOUGH or b"\0" in data[:_ENOUGH]:
        return data
    return data[: data.rfind(b"\n", 0, _ENOUGH) + 1] or data


def _markup(start: str) -> tuple[str, str] | None:
    root = _ROOT.search(start)
    if root is not None:
        rest = root.group(3)
        if root.group(2) == "Workbook" and "schemas-microsoft-com:office:spreadsheet" in rest:
            return "xmlss", ""
        if root.group(2) == "package" and "2006/xmlPackage" in rest:
            return "flatopc", ""
        if root.group(2) == "wordDocument":
            return "wordml", ""
    if _HTML.match(start) or len(_HTML.findall(start)) >= 3:
        return "html", ""
    if root is not None and start.startswith("<") and re.search(r"</|/>", start):
        return "xml", ""
    return None


def best_delimiter(text: str) -> str | None:
    """The delimiter that cuts the first lines most evenly into two or more fields, or None for running text."""
    best: tuple[float, int, str] | None = None
    for delimiter in _DELIMITERS:
        fields = _field_counts(text, delimiter)
        cut = [n for n in fields if n > 1]
        if not cut:
            continue
        common = max(set(cut), key=cut.count)
        score = sum(1 for n in fields if n == common) / len(fields)
        if best is None or (score, common) > best[:2]:
            best = (score, common, delimiter)
    if best is None:
        return None
    # one or two lines prove little; a title line above a table and notes below are no objection
    return best[2] if best[0] >= 0.4 else None


def _field_counts(text: str, delimiter: str) -> list[int]:
    """Fields of each of the first records that hold anything, cut by this delimiter."""
    csv.field_size_limit(limits.MAX_FIELD_CHARS)
    counts = []
    try:
        for record in csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=delimiter):
            if any(record):
                counts.append(len(record))
            if len(counts) >= _SAMPLE_RECORDS:
                break
    except csv.Error:
        return []
    return counts
