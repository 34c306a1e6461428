"""Opens any Word package with python-docx, which by itself refuses strict OOXML, .docm and packages with dead links.

The package is packed anew in memory from the parts that carry text, after the container guard: strict namespaces
become transitional ones, macro and template types the plain one, relations that lead outside or nowhere are left
out. Macros, media and embedded objects never reach a parser.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import TYPE_CHECKING

from extractors.document import ReadError
from extractors.formats import safexml
from extractors.formats.guard import Container

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_KEPT = {
    "styles": _WORD + "styles+xml",
    "numbering": _WORD + "numbering+xml",
    "settings": _WORD + "settings+xml",
    "header": _WORD + "header+xml",
    "footer": _WORD + "footer+xml",
    "footnotes": _WORD + "footnotes+xml",
    "endnotes": _WORD + "endnotes+xml",
}
# ISO/IEC 29500 strict -> transitional (ECMA-376); the names within are the same
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", _OFFICE.rstrip("/").encode()),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
)


def open_package(container: Container, name: str) -> WordDocument:
    """The package as python-docx sees it. Raises `ReadError("bad_docx")`."""
    import docx

    parts, content_types, relations = _collect(container, name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        overrides = "".join(f'<Override PartName="/{p}" ContentType="{t}"/>' for p, t in content_types.items())
        out.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        )
        for part, lines in relations.items():
            body = "".join(
                f'<Relationship Id="{_escape(i)}" Type="{_escape(t)}" Target="/{_escape(p)}"/>' for i, t, p in lines
            )
            out.writestr(part, f'<Relationships xmlns="{_RELATIONS}">{body}</Relationships>')
        for part, blob in parts.items():
            out.writestr(part, blob)
    buffer.seek(0)
    try:
        word = docx.Document(buffer)
        if not word.element.tag.endswith("}document") or word.element.body is None:
            raise ValueError("the main part is no document")
        return word
    except Exception as error:  # python-docx lets two dozen exception types out
        raise ReadError(
            "bad_docx", f"文件“{name}”的Word结构已损坏，无法打开，请用WPS或Word重新另存为docx后报送。"
        ) from error


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _part(container: Container, part: str, name: str) -> bytes:
    blob = container.read(part)
    safexml.refuse_doctype(blob, name, part)
    if b"purl.oclc.org/ooxml" in blob:
        for strict, transitional in _STRICT:
            blob = blob.replace(strict, transitional)
    return blob


def _relations(container: Container, owner: str, name: str) -> list[tuple[str, str, str]]:
    """(id, type, part) of the inner relations of a part ('' for the package), types in transitional form."""
    folder, _, base = owner.rpartition("/")
    path = container.find(f"{folder}/_rels/{base}.rels" if owner else "_rels/.rels")
    if path is None:
        return []
    out = []
    for element in safexml.tree(_part(container, path, name), name, path):
        if safexml.local(element) != "Relationship" or element.get("TargetMode") == "External":
            continue
        target = str(element.get("Target", ""))
        full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found = container.find(full)
        if found is not None:
            out.append((str(element.get("Id", "")), str(element.get("Type", "")), found))
    return out


def _collect(
    container: Container, name: str
) -> tuple[dict[str, bytes], dict[str, str], dict[str, list[tuple[str, str, str]]]]:
    """Parts, their content types and the relations between them, as far as they carry text."""
    roots = _relations(container, "", name)
    main = next((p for _, t, p in roots if t == _OFFICE + "officeDocument"), None) or container.find(
        "word/document.xml"
    )
    if main is None:
        raise ReadError("bad_docx", f"文件“{name}”缺少正文部件，请用WPS或Word重新另存为docx后报送。")
    parts = {main: _part(container, main, name)}
    types = {main: _WORD + "document.main+xml"}
    top = [("rId1", _OFFICE + "officeDocument", main)]
    core = next((p for _, t, p in roots if t == _CORE), None)
    if core is not None:
        parts[core] = _part(container, core, name)
        types[core] = "application/vnd.openxmlformats-package.core-properties+xml"
        top.append(("rId2", _CORE, core))
    kept = []
    for identifier, kind, part in _relations(container, main, name):
        word = kind.removeprefix(_OFFICE)
        if kind.startswith(_OFFICE) and word in _KEPT and part != main:
            parts[part] = _part(container, part, name)
            types[part] = _KEPT[word]
            kept.append((identifier, kind, part))
    folder, _, base = main.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    return parts, types, {"_rels/.rels": top, f"{prefix}_rels/{base}.rels": kept}
