"""Walks WordprocessingML in reading order and gives everything a person sees, revisions accepted.

python-docx's own `paragraphs` leave out tracked insertions, content controls and text boxes (金额为[贰万]元整 loses
its amount); this walk goes through all of them. Deletions are left out and recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from docx.oxml.ns import qn
from lxml import etree

from extractors.document import ReadError, Table
from extractors.formats import limits
from extractors.formats.grid import Raw, lay_out
from extractors.formats.numbering import Numbering

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"

P, TBL, TR, TC = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_DELETED = {qn("w:del"), qn("w:moveFrom")}
_SILENT = {
    qn(t)
    for t in (
        "w:pPr", "w:rPr", "w:tblPr", "w:tblGrid", "w:trPr", "w:tcPr", "w:sdtPr", "w:sdtEndPr", "w:sectPr",
        "w:instrText", "w:delText", "w:delInstrText", "w:fldData", "w:softHyphen", "w:annotationRef", "w:rt",
        "w:proofErr", "w:bookmarkStart", "w:bookmarkEnd", "w:lastRenderedPageBreak", "w:ptab",
    )
}  # fmt: skip
_NO_WRAPPER = _SILENT | _DELETED | {TR, TC, P, TBL}
_BREAKS = {qn("w:br"), qn("w:cr")}
# Wingdings boxes that forms tick; other symbols of symbol fonts have no text
SYMBOLS = {0xA8: "□", 0x6F: "□", 0x71: "□", 0xFE: "☑", 0x52: "☑", 0x54: "☒", 0xFD: "☒", 0xFC: "√", 0xFB: "×"}

Item = tuple[str, str | Table]
"""("text", a paragraph's text) or ("table", a laid-out table)."""


class Walk:
    """One pass over a part. `next_table` numbers tables; nested ones are collected in `nested`."""

    def __init__(self, numbering: Numbering, note: Callable[[str, str, bool], None], name: str) -> None:
        self._name = name
        self.numbering = numbering
        self._note = note
        self.tables = 0
        self.nested: list[Table] = []
        self.deleted = 0
        self.objects = 0
        self.chunks = 0
        self._carried = ""  # text before a deleted paragraph mark: it runs on into the next paragraph
        self.note_refs: list[tuple[str, str]] = []

    # --- blocks
    def items(self, parent: etree._Element, depth: int = 0) -> Iterator[Item]:
        """Paragraphs and tables under `parent`, in order, text boxes after the paragraph that holds them."""
        for child in parent:
            tag = child.tag
            if tag == P:
                yield from self._paragraph(child, depth)
            elif tag == TBL:
                yield from self._table(child, depth)
            elif tag in _DELETED:
                self._count_deleted(child)
            elif tag == MC + "AlternateContent":
                chosen = self._choice(child)
                if chosen is not None:
                    yield from self.items(chosen, depth)
            elif tag in _SILENT or not isinstance(tag, str):
                continue
            elif tag == qn("w:altChunk"):
                self.chunks += 1
            else:  # content controls, insertions, custom XML, smart tags: containers
                yield from self.items(child, depth)

    def _paragraph(self, paragraph: etree._Element, depth: int) -> Iterator[Item]:
        label = self.numbering.label(paragraph)
        out: list[str] = []
        boxes: list[etree._Element] = []
        self._inline(paragraph, out, boxes)
        text = "".join(out)
        text = self._carried + (label + text.lstrip() if label and text.strip() else text)
        self._carried = ""
        if _mark_is_deleted(paragraph):
            self._carried = text
        else:
            yield "text", text
        for box in boxes:
            yield from self.items(box, depth)

    # --- inline
    def _inline(self, parent: etree._Element, out: list[str], boxes: list[etree._Element]) -> None:
        for child in parent:
            tag = child.tag
            if tag == qn("w:t") or tag == MATH + "t":
                out.append(child.text or "")
            elif tag == qn("w:r"):
                properties = child.find(qn("w:rPr"))
                if properties is not None:
                    hidden = properties.find(qn("w:vanish"))
                    if hidden is not None and hidden.get(qn("w:val")) not in ("0", "false", "off"):
                        self._note("hidden_text", "文档含有隐藏文字，已一并读出，请核对是否应当采用。", False)
                self._inline(child, out, boxes)
            elif tag == qn("w:tab"):
                out.append("\t")
            elif tag in _BREAKS:
                out.append("\n")
            elif tag == qn("w:noBreakHyphen"):
                out.append("-")
            elif tag == qn("w:sym"):
                out.append(self._symbol(child))
            elif tag in _DELETED:
                self._count_deleted(child)
            elif tag == qn("w:txbxContent"):
                boxes.append(child)
            elif tag == MC + "AlternateContent":
                chosen = self._choice(child)
                if chosen is not None:
                    self._inline(chosen, out, boxes)
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                self.note_refs.append((tag, str(child.get(qn("w:id"), ""))))
            elif tag == qn("w:drawing"):
                self._picture(child)
                self._inline(child, out, boxes)
            elif tag == qn("w:checkBox"):
                out.append(_box(child))
            elif tag == qn("w:object"):
                self.objects += 1
                self._inline(child, out, boxes)
            elif tag == _DRAWING + "t":
                out.append(child.text or "")
            elif tag in _SILENT or not isinstance(tag, str):
                continue
            else:
                self._inline(child, out, boxes)

    def _symbol(self, element: etree._Element) -> str:
        code = str(element.get(qn("w:char"), ""))
        try:
            point = int(code, 16)
        except ValueError:
            return ""
        known = SYMBOLS.get(point & 0xFF) if "wingdings" in str(element.get(qn("w:font"), "")).lower() else None
        if known is None:
            self._note("symbol_left_out", f"符号字体中的字符（编码{code}）没有对应文字，未读出。", False)
        return known or ""

    def _picture(self, drawing: etree._Element) -> None:
        if next(drawing.iter("{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"), None) is None:
            return
        extent = next(drawing.iter(_WP + "extent"), None)
        sides = [str(extent.get(k, "0")) for k in ("cx", "cy")] if extent is not None else []
        large = bool(sides) and all(s.isdigit() and int(s) >= limits.LARGE_PICTURE_EMU for s in sides)
        self._note(
            "image_not_read",
            "文档中有大幅图片，其中的文字未读取，请核对原件。" if large else "文档中的图片（印章、徽标等）未读取。",
            large,
        )

    def _count_deleted(self, element: etree._Element) -> None:
        self.deleted += sum(len(t.text or "") for t in element.iter(qn("w:delText"), qn("w:t")))

    @staticmethod
    def _choice(element: etree._Element) -> etree._Element | None:
        chosen = element.find(MC + "Choice")
        return chosen if chosen is not None else element.find(MC + "Fallback")

    # --- tables
    def _table(self, tbl: etree._Element, depth: int) -> Iterator[Item]:
        if depth >= limits.MAX_NESTED_TABLES:
            raise ReadError("bad_docx", f"文件“{self._name}”的表格嵌套层数异常，无法读取，请整理后重新报送。")
        trs = [tr for tr in self._parts(tbl, TR) if not self._is_deleted_row(tr)]
        rows = [(tr, list(self._parts(tr, TC))) for tr in trs]
        if sum(len(tcs) for _, tcs in rows) == 1:  # a frame around prose, not a table
            yield from self.items(rows[0][1][0], depth + 1)
            return
        self.tables += 1
        index = self.tables
        grid: list[list[Raw]] = []
        above: dict[int, Raw] = {}
        for tr, tcs in rows:
            at = self._skipped(tr)
            line: list[Raw] = []
            open_now: dict[int, Raw] = {}
            for tc in tcs:
                span, merge, across = _spans(tc)
                text = self._cell_text(tc, depth + 1)
                if across == "continue" and line:
                    line[-1].col_span += span
                    line[-1].text = "\n".join(t for t in (line[-1].text, text) if t)
                elif merge == "continue" and at in above:
                    origin = above[at]
                    origin.row_span += 1
                    if text:  # text under a merged cell: Word hides it, we keep it
                        origin.text = f"{origin.text}\n{text}".strip("\n")
                    open_now[at] = origin
                else:
                    raw = Raw(text=text, col=at, col_span=span)
                    line.append(raw)
                    if merge:
                        open_now[at] = raw
                at += span
            above = open_now
            grid.append(line)
        yield "table", lay_out(index, grid)

    def _cell_text(self, tc: etree._Element, depth: int) -> str:
        lines: list[str] = []
        for kind, value in self.items(tc, depth):
            if isinstance(value, Table):
                self.nested.append(value)
                by_row: dict[int, list[str]] = {}
                for cell in value.cells:
                    by_row.setdefault(cell.row, []).append(cell.text)
                lines.extend("\t".join(texts) for texts in by_row.values())
            elif kind == "text" and value.strip():
                lines.append(value.strip())
        return "\n".join(lines)

    def _parts(self, parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
        """Rows of a table or cells of a row, also inside content controls and custom XML."""
        for child in parent:
            if child.tag == wanted:
                yield child
            elif isinstance(child.tag, str) and child.tag not in _NO_WRAPPER:
                yield from self._parts(child, wanted)

    def _is_deleted_row(self, tr: etree._Element) -> bool:
        properties = tr.find(qn("w:trPr"))
        if properties is None or properties.find(qn("w:del")) is None:
            return False
        self._count_deleted(tr)
        return True

    @staticmethod
    def _skipped(tr: etree._Element) -> int:
        properties = tr.find(qn("w:trPr"))
        before = None if properties is None else properties.find(qn("w:gridBefore"))
        return _small(None if before is None else before.get(qn("w:val")), 0)


def _mark_is_deleted(paragraph: etree._Element) -> bool:
    """True when a tracked change joins this paragraph with the next one."""
    properties = paragraph.find(qn("w:pPr"))
    mark = None if properties is None else properties.find(qn("w:rPr"))
    following = paragraph.getnext()
    return mark is not None and mark.find(qn("w:del")) is not None and following is not None and following.tag == P


def _box(element: etree._Element) -> str:
    """A check box of a form field, ticked or not (ECMA-376 part 1, 17.16.7)."""
    for tag in ("w:checked", "w:default"):
        state = element.find(qn(tag))
        if state is not None:
            return "□" if state.get(qn("w:val")) in ("0", "false", "off") else "☑"
    return "□"


def _small(text: str | None, default: int) -> int:
    """A small count from an attribute; nonsense gives the default."""
    return int(text) if text is not None and text.isdigit() and len(text) <= 4 else default


def _spans(tc: etree._Element) -> tuple[int, str, str]:
    """(columns spanned, vertical merge, horizontal merge); merges are '', 'restart' or 'continue'."""
    properties = tc.find(qn("w:tcPr"))
    if properties is None:
        return 1, "", ""
    span = properties.find(qn("w:gridSpan"))
    merges = []
    for tag in ("w:vMerge", "w:hMerge"):
        merge = properties.find(qn(tag))
        merges.append("" if merge is None else str(merge.get(qn("w:val"), "continue")))
    return max(_small(None if span is None else span.get(qn("w:val")), 1), 1), merges[0], merges[1]
