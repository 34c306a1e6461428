"""Word documents as one XML file, often named .doc: flat OPC (a docx without the zip) and WordprocessingML 2003.

Both are packed as docx in memory and read by the docx reader, so that nothing is read in two ways.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile

import msgspec
from lxml import etree

from extractors.document import Document, ReadError
from extractors.formats import docx, safexml
from extractors.formats.sniff import Sniffed

_PKG = "{http://schemas.microsoft.com/office/2006/xmlPackage}"
_OLD = "http://schemas.microsoft.com/office/word/2003/wordml"
_NEW = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_HINT = "{http://schemas.microsoft.com/office/word/2003/auxHint}"
_ANNOTATION = "{http://schemas.microsoft.com/aml/2001/core}"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{}</Types>'
)
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a Word document in XML. Raises what the docx reader raises, and `ReadError("bad_xml")`."""
    root = safexml.tree(data, name)
    parts = _flat(root, name) if sniffed.format == "flatopc" else _wordml(root, name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        for part, blob in parts.items():
            out.writestr(part, blob)
    document = docx.read(buffer.getvalue(), name, Sniffed(format="docx"))
    return msgspec.structs.replace(document, sha256=_sha256(data))


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _flat(root: etree._Element, name: str) -> dict[str, bytes]:
    """The parts of a flat OPC file (ECMA-376 has no name for it; [MS-OE376] 2.1.1801 describes it)."""
    parts: dict[str, bytes] = {}
    types: list[str] = []
    for part in root.iter(_PKG + "part"):
        path = str(part.get(_PKG + "name", "")).lstrip("/")
        body = part.find(_PKG + "xmlData")
        binary = part.find(_PKG + "binaryData")
        if not path or path in parts:
            raise ReadError("bad_docx", f"文件“{name}”的Word结构已损坏（部件重复或无名），请另存为docx后报送。")
        if body is not None and len(body):
            parts[path] = etree.tostring(body[0], encoding="UTF-8", xml_declaration=True)
        elif binary is not None:
            try:
                parts[path] = base64.b64decode("".join(str(binary.text or "").split()), validate=True)
            except binascii.Error as error:
                raise ReadError("bad_docx", f"文件“{name}”中的“{path}”已损坏，请另存为docx后报送。") from error
        kind = str(part.get(_PKG + "contentType", "")).replace("&", "&amp;").replace('"', "&quot;")
        types.append(f'<Override PartName="/{path}" ContentType="{kind}"/>')
    parts["[Content_Types].xml"] = _TYPES.format("".join(types)).encode()
    return parts


def _wordml(root: etree._Element, name: str) -> dict[str, bytes]:
    """The body of a Word 2003 XML file as a docx part: its own numbers and headers written out as text."""
    body = root.find(f"{{{_OLD}}}body")
    if body is None:
        raise ReadError("bad_docx", f"文件“{name}”缺少正文，请用WPS或Word另存为docx后报送。")
    w = f"{{{_OLD}}}"
    for label in list(body.iter(_HINT + "t")):  # the number as Word drew it stands in the list properties
        paragraph = next(label.iterancestors(w + "p"), None)
        value = str(label.get(_HINT + "val", ""))
        if paragraph is not None and any(c.isalnum() for c in value):
            run = etree.Element(w + "r")
            etree.SubElement(run, w + "t").text = value
            paragraph.insert(1, run)
    for note in list(body.iter(_ANNOTATION + "annotation")):
        if note.get(w + "type") == "Word.Deletion":
            note.tag = w + "del"
    heads = [p for hdr in body.iter(w + "hdr") for p in hdr]
    feet = [p for ftr in body.iter(w + "ftr") for p in ftr]
    parts = {
        "word/document.xml": _new(_wrapped("document", [body])),
        "word/header1.xml": _new(_wrapped("hdr", heads)),
        "word/footer1.xml": _new(_wrapped("ftr", feet)),
        "[Content_Types].xml": _TYPES.format(
            f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/>'
        ).encode(),
    }
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    parts["_rels/.rels"] = _relations([("rId1", relation + "officeDocument", "word/document.xml")])
    parts["word/_rels/document.xml.rels"] = _relations(
        [("rIdH", relation + "header", "header1.xml"), ("rIdF", relation + "footer", "footer1.xml")]
    )
    return parts


def _wrapped(tag: str, children: list[etree._Element]) -> etree._Element:
    root = etree.Element(f"{{{_OLD}}}{tag}")
    for child in children:
        root.append(child)
    if tag == "document":
        body = children[0]
        section = etree.SubElement(body, f"{{{_OLD}}}sectPr")
        for kind, identifier in (("header", "rIdH"), ("footer", "rIdF")):
            reference = etree.SubElement(section, f"{{{_OLD}}}{kind}Reference")
            reference.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id", identifier)
            reference.set(f"{{{_OLD}}}type", "default")
    return root


def _new(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8").replace(_OLD.encode(), _NEW.encode())


def _relations(lines: list[tuple[str, str, str]]) -> bytes:
    body = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{p}"/>' for i, t, p in lines)
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>'.encode()
