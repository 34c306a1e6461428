"""Word documents (.docx, .docm, templates, strict OOXML), complete: revisions, text boxes, notes, headers, tables.

`paragraph` anchors count the document's paragraphs and table rows as read, from 1; cells are `r7c6` of their table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docx.opc.constants import RELATIONSHIP_TYPE as RELATION
from docx.oxml.ns import qn
from lxml import etree

from extractors.document import Anchor, Cell, Child, Counts, Document, Table
from extractors.formats import limits, safexml
from extractors.formats.docx_package import open_package
from extractors.formats.docx_text import MC, TBL, TC, P, Walk
from extractors.formats.draft import Draft, lf
from extractors.formats.drawings import diagram_texts
from extractors.formats.embedded import take_all
from extractors.formats.guard import Container
from extractors.formats.numbering import Numbering
from extractors.formats.pagenumbers import is_page_number
from extractors.formats.sniff import Sniffed
from extractors.formats.xlsx_parts import relations

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_DELETED = (qn("w:del"), qn("w:moveFrom"), MC + "Fallback")


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a Word document. Raises `ReadError` (`bad_docx`, `bad_container`, `zip_bomb`, `bad_xml`)."""
    container = Container(data, name)
    word = open_package(container, name)
    draft = Draft(data, name, "docx")

    def note(code: str, message: str, partial: bool) -> None:
        draft.notice(code, f"文件“{name}”：{message}", partial=partial)

    numbering = Numbering(_root(word, RELATION.NUMBERING, name), _root(word, RELATION.STYLES, name))
    walk = Walk(numbering, note, name)
    heads, feet, missing = _margins(word, walk)
    if missing:
        note("header_missing", f"{missing}处页眉或页脚在文件中缺失，未读取，请核对原件。", True)
    for text in heads:
        draft.paragraph(text, Anchor(), kind="header")
    _write(draft, walk, word.element.body)
    for text in diagram_texts(container, name):
        draft.paragraph(text, Anchor(), kind="note")
    for text in _notes(word, walk, name):
        draft.paragraph(text, Anchor(), kind="note")
    for text in feet:
        draft.paragraph(text, Anchor(), kind="footer")

    if walk.deleted:
        note("deletions_left_out", f"修订中已删除的{walk.deleted}个字未计入正文。", False)
    if numbering.unknown:
        note("numbering_left_out", f"自动编号格式{'、'.join(sorted(numbering.unknown))}未能转成文字。", False)
    if any(n.lower().endswith("comments.xml") for n in container.names):
        note("comments_left_out", "批注未计入正文，请打开原件查看。", False)
    if sniffed.detail == "docm" or any(n.lower().endswith("vbaproject.bin") for n in container.names):
        note("macros_ignored", "文件带有宏，宏未运行也未读取。", False)
    draft.tables.sort(key=lambda t: t.index)
    children = _children(container, draft, walk, str(word.part.partname).lstrip("/"))
    return draft.finish(children=children, counts=_counts(word.element.body), title_hint=_title(word))


def _children(container: Container, draft: Draft, walk: Walk, main: str) -> list[Child]:
    """Embedded files, and documents that are to be shown in place of a chunk (ECMA-376 part 1, 17.17.2.1)."""
    inside = [n for n in container.names if "/embeddings/" in f"/{n.lower()}"]
    chunks = [p for k, p in relations(container, main, draft.name).values() if k == "aFChunk"] if walk.chunks else []
    out = take_all(draft, ((n, container.read(n, limit=limits.MAX_CHILDREN_BYTES)) for n in inside))
    for part in chunks:
        data = container.read(part, limit=limits.MAX_CHILDREN_BYTES)
        out.append(Child(name=part.rpartition("/")[2], how="embedded", data=data))
    if walk.chunks:
        draft.notice(
            "embedded_document",
            f"文件“{draft.name}”：正文中有{walk.chunks}处由另一文档拼入，已取出另行读取，未计入正文，请打开原件核对。",
            partial=True,
        )
    if walk.objects > len(inside):
        draft.notice(
            "embedded_object",
            f"文件“{draft.name}”：嵌入的对象（如Excel表格）未读取，请打开原件核对。",
            partial=True,
        )
    if any(n.lower().startswith("word/charts/chart") for n in container.names):
        draft.notice("chart_not_read", f"文件“{draft.name}”：图表中的数字未读取，请打开原件核对。")
    return out


def _title(word: WordDocument) -> str | None:
    """The title in the core properties; python-docx makes up properties of its own where the file has none."""
    has_some = any(rel.reltype == RELATION.CORE_PROPERTIES for rel in word.part.package.rels.values())
    try:
        return word.core_properties.title if has_some else None
    except AttributeError:  # some other part lies where the properties should be
        return None


def _write(draft: Draft, walk: Walk, body: etree._Element) -> None:
    number = 0
    styles = _heading_styles(body)
    for _, value in walk.items(body):
        if isinstance(value, Table):
            base, table = number, value

            def anchor(cell: Cell, base: int = base, table: Table = table) -> Anchor:
                return Anchor(paragraph=base + cell.row + 1, table=table.index, cell=cell.ref)

            draft.table(table, anchor)
            number += table.rows
            draft.tables.extend(walk.nested)
            walk.nested.clear()
            continue
        number += 1
        draft.paragraph(lf(value), Anchor(paragraph=number), kind="heading" if number in styles else "paragraph")


def _heading_styles(body: etree._Element) -> set[int]:
    """Numbers of the leading body paragraphs whose style says Title or Heading, before any table or box."""
    found: set[int] = set()
    for number, child in enumerate(body, start=1):
        if child.tag != P:
            break
        properties = child.find(qn("w:pPr"))
        style = None if properties is None else properties.find(qn("w:pStyle"))
        value = "" if style is None else str(style.get(qn("w:val"), ""))
        if value.lower().startswith(("heading", "title")):
            found.add(number)
    return found


def _root(word: WordDocument, relation: str, name: str) -> etree._Element | None:
    """The root element of a part the document relates to, or None."""
    for rel in word.part.rels.values():
        if rel.reltype == relation and not rel.is_external:
            return safexml.tree(rel.target_part.blob, name, str(rel.target_part.partname))
    return None


def _margins(word: WordDocument, walk: Walk) -> tuple[list[str], list[str], int]:
    """Texts of headers and of footers, each once, and how many are missing; page numbers alone are furniture."""
    heads: dict[str, None] = {}
    feet: dict[str, None] = {}
    missing = 0
    try:
        even = word.settings.odd_and_even_pages_header_footer if _has_settings(word) else False
    except AttributeError:  # some other part lies where the settings should be
        even = False
    for section in word.sections:
        first = section.different_first_page_header_footer
        shown = [(section.header, heads), (section.footer, feet)]
        if first:
            shown += [(section.first_page_header, heads), (section.first_page_footer, feet)]
        if even:
            shown += [(section.even_page_header, heads), (section.even_page_footer, feet)]
        for part, into in shown:
            if part.is_linked_to_previous:
                continue
            try:
                element = part._element
            except KeyError:  # a reference to a part that is not there
                missing += 1
                continue
            for text in _plain(walk, element):
                if not is_page_number(text):
                    into[text] = None
    return list(heads), list(feet), missing


def _has_settings(word: WordDocument) -> bool:
    return any(rel.reltype == RELATION.SETTINGS for rel in word.part.rels.values())


def _plain(walk: Walk, parent: etree._Element) -> list[str]:
    """Every line of a header, footer or note, tables as tab-separated lines; they make no table of their own."""
    before = walk.tables
    lines: list[str] = []
    for _, value in walk.items(parent):
        if isinstance(value, Table):
            rows: dict[int, list[str]] = {}
            for cell in value.cells:
                rows.setdefault(cell.row, []).append(cell.text.replace("\n", " "))
            lines.extend("\t".join(r).strip() for r in rows.values())
        else:
            lines.extend(line.strip() for line in lf(value).split("\n"))
    walk.nested.clear()
    walk.tables = before
    return [line for line in lines if line]


def _notes(word: WordDocument, walk: Walk, name: str) -> list[str]:
    """Footnotes and endnotes that the text refers to, in order of reference."""
    out: list[str] = []
    for relation, tag, reference in (
        (RELATION.FOOTNOTES, "w:footnote", "w:footnoteReference"),
        (RELATION.ENDNOTES, "w:endnote", "w:endnoteReference"),
    ):
        root = _root(word, relation, name)
        if root is None:
            continue
        notes = {str(n.get(qn("w:id"), "")): n for n in root.iter(qn(tag))}
        wanted = [i for t, i in walk.note_refs if t == qn(reference)]
        for identifier in dict.fromkeys(wanted):
            if identifier in notes:
                out.extend(_plain(walk, notes[identifier]))
    return out


def _counts(body: etree._Element) -> Counts:
    """Tables and characters of the body counted straight from its XML, not by the walk that reads it."""
    own: dict[etree._Element, int] = {}
    for tc in body.iter(TC):
        tbl = next(tc.iterancestors(TBL), None)
        if tbl is not None and next(tc.iterancestors(*_DELETED), None) is None:
            own[tbl] = own.get(tbl, 0) + 1
    characters = sum(
        len("".join((t.text or "").split()))
        for t in body.iter(qn("w:t"))
        if next(t.iterancestors(*_DELETED), None) is None
    )
    rows = sum(
        1
        for tr in body.iter(qn("w:tr"))
        if next(tr.iterancestors(*_DELETED), None) is None
        and own.get(next(tr.iterancestors(TBL), tr), 0) > 1
        and tr.find(f"{qn('w:trPr')}/{qn('w:del')}") is None
    )
    return Counts(tables=sum(1 for n in own.values() if n > 1), rows=rows, characters=characters)
