"""PDF: text with exact boxes by pdfium, ruled tables, paragraphs joined over lines and pages; scans by recognition.

Every line is a block with its page, its box and its character boundaries; lines of one paragraph stand on one line
of the text. Page numbers are dropped, running heads kept once and outside the flow. A page whose own text cannot be
believed is read from its picture. Scripts, links and forms are never run or followed; embedded files are handed on
as children.
"""

from __future__ import annotations

import re

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.document import Anchor, Counts, Document, PageGrade, ReadError
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.ocr_engine import is_available
from extractors.formats.ocr_file import Recognition
from extractors.formats.paged import Pages
from extractors.formats.pdf_embedded import embedded_files
from extractors.formats.pdf_lines import Furniture, Line, left_out, page_lines
from extractors.formats.pdf_page import Drawn, PageText, drawn_on, read_page
from extractors.formats.pdf_picture import picture_of
from extractors.formats.pdf_tables import Part, find_parts, looks_ruled
from extractors.formats.pdf_trust import Verdict, hidden_characters, judge, reaches_out, without
from extractors.formats.sniff import Sniffed

_DOUBTFUL = 0.02  # share of characters without a trustworthy meaning that makes a text layer suspect


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a PDF.

    Raises `ReadError`: `bad_pdf`, `needs_password` (the empty password was tried), `too_large`,
    `scan_without_ocr` (no page has a text layer).
    """
    pdf = _open(data, name)
    try:
        return _Reading(pdf, data, name).document()
    finally:
        pdf.close()


def _title(text: str) -> str | None:
    """The title of the file's properties, without the marks of the program that wrote it."""
    bare = re.sub(r"^Microsoft Word\s*-\s*|\.(?:docx?|wps|pdf|xlsx?)$", "", text.strip(), flags=re.IGNORECASE)
    return None if bare.lower() in ("", "(anonymous)", "untitled", "anonymous", "无标题") else bare


def _open(data: bytes, name: str) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(data)
        count = len(pdf)
    except pdfium.PdfiumError as error:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise ReadError(
                "needs_password", f"文件“{name}”设有打开密码，无法读取，请向报送单位索取未加密的版本。"
            ) from error
        raise ReadError("bad_pdf", f"文件“{name}”已损坏或不完整，无法打开，请重新导出PDF后报送。") from error
    if count == 0:
        pdf.close()
        raise ReadError("bad_pdf", f"文件“{name}”没有页面，请重新导出PDF后报送。")
    if count > limits.MAX_PAGES:
        pdf.close()
        raise ReadError("too_large", f"文件“{name}”共{count}页，超过{limits.MAX_PAGES}页，请拆分后重新报送。")
    return pdf


class _Reading:
    """One pass over one file."""

    def __init__(self, pdf: pdfium.PdfDocument, data: bytes, name: str) -> None:
        self.pdf, self.name = pdf, name
        self.draft = Draft(data, name, "pdf")
        self.pages = Pages(self.draft)
        self.scans = Recognition(self.draft, self.pages)
        self.can_recognise = is_available()
        self.characters = 0
        self.odd = 0
        self.grades: list[PageGrade] = []
        self.unread: list[int] = []  # pictures that could not be recognised for want of the engine
        self.table_pages = 0

    def document(self) -> Document:
        count = len(self.pdf)
        for number in range(1, count + 1):
            self._page(number)
        if len(self.unread) == count:
            raise ReadError(
                "scan_without_ocr",
                f"文件“{self.name}”共{count}页都是扫描图片，没有文字层，需经文字识别（OCR）才能读取，"
                "本机未安装识别组件，请运行 qingqian doctor 查看，或向报送单位索取电子版原件。",
            )
        furniture = self.pages.write()
        self.scans.remarks()
        self._remarks(furniture)
        grades = sorted([*self.grades, *self.scans.grades.values()], key=lambda g: g.page)
        if any(g.source == "ocr" for g in grades) and not any(g.source == "text" for g in grades):
            self.draft.format = "scan"
        return self.draft.finish(
            pages=count,
            counts=Counts(pages=count, characters=self.characters + self.scans.characters - furniture.characters),
            title_hint=_title(self.pdf.get_metadata_value("Title")),
            grades=grades,
            seals=self.scans.seals,
            children=embedded_files(self.pdf, self.draft),
        )

    # --- pages
    def _page(self, number: int) -> None:
        try:
            page = self.pdf[number - 1]
        except pdfium.PdfiumError:
            self.pages.add([], [], (595.0, 842.0))
            self.grades.append(PageGrade(page=number, source="none", grade="poor"))
            self.draft.notice(
                "page_unreadable",
                f"文件“{self.name}”第{number}页已损坏，未能读取，请核对原件。",
                anchor=Anchor(page=number),
                partial=True,
            )
            return
        try:
            self._read(page, number)
        finally:
            page.close()

    def _read(self, page: pdfium.PdfPage, number: int) -> None:
        text, drawn = read_page(page), drawn_on(page)
        hidden = hidden_characters(page, text) if drawn.hidden or reaches_out(text) else set()
        visible = without(text, hidden) if hidden else text
        verdict = judge(visible, drawn)
        size = (text.width, text.height)
        if verdict == "blank":
            self.pages.add([], [], size)
            self.grades.append(PageGrade(page=number, source="none", grade="good"))
            self.draft.notice(
                "page_without_text",
                f"文件“{self.name}”第{number}页没有文字（空白页）。",
                anchor=Anchor(page=number),
            )
            return
        if verdict == "picture" and self.can_recognise:
            if self.scans.is_spent:
                self.scans.leave_out(number, size)
            else:
                self.scans.page(*picture_of(page), number)
            return
        if verdict == "picture" and not text.text.strip():
            self._not_recognised(number, size)
            return
        beside = verdict == "both" and self.can_recognise and not self.scans.is_spent
        lines, parts = self._text(visible if verdict != "picture" else text, drawn, number, verdict)
        if hidden and verdict != "picture":
            self._hidden(text, hidden, number)
        if self.can_recognise and drawn.images and not beside and len(self.scans.seals) < limits.MAX_SEALS:
            self.scans.stamped(page, drawn.images, number)
        if beside:
            lines, parts = self.scans.beside(page, drawn.images, (lines, parts), number)
        self.pages.add(lines, parts, size)

    def _text(self, text: PageText, drawn: Drawn, number: int, verdict: Verdict) -> tuple[list[Line], list[Part]]:
        """Lines and tables of a page that is read by its own text."""
        printed = len("".join(text.text.split()))
        if len(text.text) >= limits.MAX_PAGE_CHARS:
            self.draft.notice(
                "page_cut",
                f"文件“{self.name}”第{number}页文字过多，只读取了前{limits.MAX_PAGE_CHARS}字。",
                anchor=Anchor(page=number),
                partial=True,
            )
        if verdict != "text" and not self.can_recognise:
            self.draft.notice(
                "picture_not_read",
                f"文件“{self.name}”第{number}页有图片或不可靠的文字层，本机未安装识别组件，未能核对图片中的文字，"
                "请对照原件核对。",
                anchor=Anchor(page=number),
                partial=True,
            )
        self.characters += printed
        self.odd += text.odd
        doubtful = verdict == "picture" or text.odd > _DOUBTFUL * printed
        self.grades.append(PageGrade(page=number, source="text", grade="fair" if doubtful else "good"))
        parts = self._tables(text, drawn.edges, number) if looks_ruled(drawn.edges) else []
        taken: set[int] = set().union(*(p.chars for p in parts)) if parts else set()
        return page_lines(text, number, taken), parts

    def _not_recognised(self, number: int, size: tuple[float, float]) -> None:
        self.unread.append(number)
        self.pages.add([], [], size)
        self.grades.append(PageGrade(page=number, source="none", grade="poor"))
        self.draft.notice(
            "page_without_text",
            f"文件“{self.name}”第{number}页没有文字层（扫描图片），其内容未读取，请核对原件。",
            anchor=Anchor(page=number),
            partial=True,
        )

    def _hidden(self, text: PageText, hidden: set[int], number: int) -> None:
        """Says what is on the page and cannot be seen; it does not count as the document's text."""
        said = "".join(text.text[i] for i in sorted(hidden))
        self.draft.notice(
            "invisible_text",
            f"文件“{self.name}”第{number}页有{len(said)}个看不见的字（“{said[:20]}{'…' if len(said) > 20 else ''}”），"
            "未计入正文，请核对该文件来源。",
            anchor=Anchor(page=number),
            partial=True,
        )

    def _tables(self, text: PageText, edges: list[tuple[float, float, float, float]], number: int) -> list[Part]:
        self.table_pages += 1
        if self.table_pages > limits.MAX_TABLE_PAGES:
            self.draft.notice(
                "tables_not_searched",
                f"文件“{self.name}”自第{number}页起表格过多，只读出文字，未还原表格，请索取Excel版本。",
                partial=True,
            )
            return []
        return find_parts(text, edges, number)

    # --- notices
    def _remarks(self, furniture: Furniture) -> None:
        draft, name = self.draft, self.name
        if furniture.numbers or furniture.repeats:
            draft.notice(
                "page_furniture_left_out",
                left_out(name, furniture.numbers, furniture.repeats),
            )
        if self.odd > _DOUBTFUL * self.characters:
            draft.notice(
                "unreliable_text_layer",
                f"文件“{name}”的文字层有{self.odd}个字无法对应到正常文字，可能与页面所见不符，请对照原件核对。",
                partial=True,
            )
