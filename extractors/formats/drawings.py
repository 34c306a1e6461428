"""Words in drawings: text boxes and shapes over the cells of a sheet (ECMA-376 part 1, 20.5), diagrams (21.4)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extractors.formats import limits, safexml
from extractors.formats.guard import Container
from extractors.formats.xlsx_parts import relations

_TEXT = ("http://schemas.openxmlformats.org/drawingml/2006/main", "http://purl.oclc.org/ooxml/drawingml/main")


def shape_texts(container: Container, sheet: str, name: str) -> Iterator[str]:
    """The text of each shape on a sheet (its part's name), one string a shape, lines ended by LF.

    Raises `ReadError("bad_xml")` for a drawing part that is broken.
    """
    for kind, part in relations(container, sheet, name).values():
        if kind != "drawing":
            continue
        root = safexml.tree(container.read(part, limit=limits.MAX_TREE_PART_BYTES), name, part)
        for body in root.iter("{*}txBody"):
            if any(safexml.local(a) == "Fallback" for a in body.iterancestors()):
                continue
            text = _words(body)
            if text:
                yield text


def diagram_texts(container: Container, name: str) -> Iterator[str]:
    """The words of each diagram (SmartArt) of a document, in the order of its points; no places, no arrows."""
    for part in container.names:
        if "/diagrams/data" in part.lower() and part.lower().endswith(".xml"):
            root = safexml.tree(container.read(part, limit=limits.MAX_TREE_PART_BYTES), name, part)
            for body in root.iter("{*}pt"):
                text = _words(body)
                if text:
                    yield text


def _words(body: etree._Element) -> str:
    lines = []
    for paragraph in (p for ns in _TEXT for p in body.iter(f"{{{ns}}}p")):
        pieces = []
        for element in paragraph.iter():
            tag = safexml.local(element)
            if tag == "t":
                pieces.append(element.text or "")
            elif tag == "br":
                pieces.append("\n")
        lines.append("".join(pieces))
    return "\n".join(lines).strip()
