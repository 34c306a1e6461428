"""Born-digital PDF: text with exact boxes by pdfium, ruled tables, paragraphs joined over lines and pages.

Every line is a block with its page, its box and its character boundaries; lines of one paragraph stand on one line
of the text. Page numbers are dropped, running heads kept once and outside the flow. Scripts, links, forms and
embedded files are never run, followed or opened.
"""

from __future__ import annotations

import re

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.document import Anchor, Counts, Document, ReadError
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.paged import Pages
from extractors.formats.pdf_lines import Furniture, page_lines
from extractors.formats.pdf_page import PageText, read_page, ruling_lines
from extractors.formats.pdf_tables import Part, find_parts, looks_ruled
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
        self.characters = 0
        self.odd = 0
        self.blank: list[int] = []
        self.table_pages = 0

    def document(self) -> Document:
        for number in range(1, len(self.pdf) + 1):
            self._page(number)
        if len(self.blank) == len(self.pdf):
            raise ReadError(
                "scan_without_ocr",
                f"文件“{self.name}”共{len(self.pdf)}页都是扫描图片，没有文字层，需经文字识别（OCR）才能读取，"
                "目前请向报送单位索取电子版原件。",
            )
        furniture = self.pages.write()
        self._remarks(furniture)
        left = self.characters - furniture.characters
        return self.draft.finish(
            pages=len(self.pdf),
            counts=Counts(pages=len(self.pdf), characters=left),
            title_hint=_title(self.pdf.get_metadata_value("Title")),
        )

    # --- pages
    def _page(self, number: int) -> None:
        try:
            page = self.pdf[number - 1]
        except pdfium.PdfiumError:
            self._empty(number, (595.0, 842.0))
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

    def _empty(self, number: int, size: tuple[float, float]) -> None:
        self.pages.add([], [], size)
        self.blank.append(number)

    def _read(self, page: pdfium.PdfPage, number: int) -> None:
        text = read_page(page)
        printed = len("".join(text.text.split()))
        edges, images = ruling_lines(page)
        if printed == 0:
            self._empty(number, (text.width, text.height))
            scanned = images > 0 or bool(edges)
            self.draft.notice(
                "page_without_text",
                f"文件“{self.name}”第{number}页没有文字层"
                + ("（扫描图片），其内容未读取，请核对原件。" if scanned else "（空白页）。"),
                anchor=Anchor(page=number),
                partial=scanned,
            )
            return
        if len(text.text) >= limits.MAX_PAGE_CHARS:
            self.draft.notice(
                "page_cut",
                f"文件“{self.name}”第{number}页文字过多，只读取了前{limits.MAX_PAGE_CHARS}字。",
                anchor=Anchor(page=number),
                partial=True,
            )
        if printed < 20 and images:
            self.draft.notice(
                "page_mostly_image",
                f"文件“{self.name}”第{number}页几乎全是图片，图片中的文字未读取，请核对原件。",
                anchor=Anchor(page=number),
                partial=True,
            )
        self.characters += printed
        self.odd += text.odd
        parts = self._tables(text, edges, number) if looks_ruled(edges) else []
        taken: set[int] = set().union(*(p.chars for p in parts)) if parts else set()
        self.pages.add(page_lines(text, number, taken), parts, (text.width, text.height))

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
                f"文件“{name}”的{furniture.numbers}处页码、{furniture.repeats}处重复的页眉页脚未计入正文。",
            )
        if self.odd > _DOUBTFUL * self.characters:
            draft.notice(
                "unreliable_text_layer",
                f"文件“{name}”的文字层有{self.odd}个字无法对应到正常文字，可能与页面所见不符，请对照原件核对。",
                partial=True,
            )
        attachments = raw.FPDFDoc_GetAttachmentCount(self.pdf.raw)
        if attachments > 0:
            draft.notice(
                "embedded_files", f"文件“{name}”内嵌{attachments}个附件，未读取，请另存后单独报送。", partial=True
            )
