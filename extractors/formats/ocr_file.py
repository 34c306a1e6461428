"""The recognised pages of one file: their lines and tables into its flow, grades, seals, and what to tell people."""

from __future__ import annotations

import pypdfium2 as pdfium

from extractors.document import Anchor, PageGrade, Seal
from extractors.formats import heartbeat, limits
from extractors.formats.draft import Draft
from extractors.formats.ocr_engine import Image
from extractors.formats.ocr_page import Recognised, read_picture, read_seals
from extractors.formats.paged import Pages
from extractors.formats.pdf_lines import Line, page_lines
from extractors.formats.pdf_page import PageText
from extractors.formats.pdf_picture import only_within, picture_of
from extractors.formats.pdf_tables import Part, find_parts, looks_ruled
from extractors.formats.ruling import Edge

_GOOD, _FAIR = 0.975, 0.93  # mean confidence of a page: clean scans have 0.99, at 0.95 one character in 15 is wrong
_SEAL_SIDE = (40.0, 240.0)  # points: 14 to 85 mm, with some blank around the seal
_WEAK = 0.80  # of a line
_MANY_WEAK = 0.10  # share of a page's characters on weak lines that makes it fair at best
_UNREAD = 0.05  # share of text boxes that could not be read, above which the page is poor


class Recognition:
    """Recognises pages of one file and keeps count; `remarks` says at the end what a person should know."""

    def __init__(self, draft: Draft, pages: Pages) -> None:
        self.draft, self.pages = draft, pages
        self.grades: dict[int, PageGrade] = {}
        self.seals: list[Seal] = []
        self.characters = 0
        self.read: list[int] = []
        self.beyond: list[int] = []  # pages after the cap
        self.unread: dict[int, int] = {}
        self.beside_text: list[int] = []  # pages with text of their own and a picture with more

    @property
    def is_spent(self) -> bool:
        """True when no further page of this file may be recognised."""
        return len(self.read) + len(self.beside_text) >= limits.MAX_OCR_PAGES

    def page(self, picture: Image, dpi: float, number: int) -> Recognised:
        """Recognises a page and adds it to the flow."""
        found = read_picture(picture, dpi, number)
        heartbeat.beat()
        text = found.page
        self.read.append(number)
        self.seals += found.seals
        self.characters += len("".join(text.text.split()))
        if found.unread:
            self.unread[number] = found.unread
        self.grades[number] = grade(text, found.unread, number)
        if not text.text:
            what = "是空白页" if found.is_blank else "是图片，其中没有认出文字，请核对原件"
            self.draft.notice(
                "page_without_text",
                f"文件“{self.draft.name}”第{number}页{what}。",
                anchor=Anchor(page=number),
                partial=not found.is_blank,
            )
        self.pages.add(*_laid_out(found, number), (text.width, text.height))
        return found

    def beside(
        self,
        page: pdfium.PdfPage,
        images: list[Edge],
        known: tuple[list[Line], list[Part]],
        number: int,
    ) -> tuple[list[Line], list[Part]]:
        """Lines and tables of a page that has text of its own and pictures with more: both, from top to bottom.

        `images` are the pictures' boxes, `known` what the page's own text gave.
        """
        lines, parts = known
        taken = [(ln.x0, ln.y0, ln.x1, ln.y1) for ln in lines] + [
            (c.x0, c.y0, c.x1, c.y1) for p in parts for c in p.cells
        ]
        picture, dpi = picture_of(page)
        found = read_picture(only_within(picture, dpi, images, taken), dpi, number)
        heartbeat.beat()
        self.seals += found.seals
        if not found.page.text:
            return known
        self.characters += len("".join(found.page.text.split()))
        self.beside_text.append(number)
        more, more_parts = _laid_out(found, number)
        return sorted([*lines, *more], key=lambda ln: ln.y0 + ln.y1), [*parts, *more_parts]

    def stamped(self, page: pdfium.PdfPage, images: list[Edge], number: int) -> None:
        """Looks for a seal on a page with text of its own, where a picture has the size and shape of one."""
        if any(_SEAL_SIDE[0] <= min(box[2] - box[0], box[3] - box[1]) for box in images if _is_squarish(box)):
            picture, dpi = picture_of(page)
            self.seals += read_seals(picture, dpi, number)

    def leave_out(self, number: int, size: tuple[float, float]) -> None:
        """A page beyond the cap: named, not read."""
        self.beyond.append(number)
        self.grades[number] = PageGrade(page=number, source="none", grade="poor")
        self.pages.add([], [], size)

    def remarks(self) -> None:
        """The notices about recognised pages."""
        name, draft = self.draft.name, self.draft
        with_text = [n for n in self.read if self.grades[n].source == "ocr"]
        if with_text:
            draft.notice(
                "read_by_ocr",
                f"文件“{name}”第{numbers(with_text)}页是扫描图片，文字由识别得出，"
                "关键的金额、日期和单位名称请对照原件核对。",
            )
        if self.beside_text:
            draft.notice(
                "pictures_read_by_ocr",
                f"文件“{name}”第{numbers(self.beside_text)}页的图片中有文字，由识别得出，请对照原件核对。",
            )
        for n in self.read:
            found = self.grades[n]
            if found.grade == "poor" and found.source == "ocr":
                sure = f"{(found.confidence or 0) * 100:.0f}%"
                some = f"，另有{self.unread[n]}处未能识别" if n in self.unread else ""
                draft.notice(
                    "low_confidence",
                    f"文件“{name}”第{n}页字迹不清，识别把握平均为{sure}{some}，请人工对照原件核对该页全部内容。",
                    anchor=Anchor(page=n),
                    partial=True,
                )
            elif found.grade == "fair":
                draft.notice(
                    "doubtful_recognition",
                    f"文件“{name}”第{n}页部分字迹不够清楚，识别把握平均为{(found.confidence or 0) * 100:.0f}%，"
                    "请抽查该页的金额、日期和单位名称。",
                    anchor=Anchor(page=n),
                )
            elif n in self.unread:
                draft.notice(
                    "unread_marks",
                    f"文件“{name}”第{n}页有{self.unread[n]}处图形或字迹未能识别，请对照原件核对。",
                    anchor=Anchor(page=n),
                    partial=found.source == "none",
                )
        if self.beyond:
            draft.notice(
                "pages_not_recognised",
                f"文件“{name}”的扫描页超过{limits.MAX_OCR_PAGES}页，第{numbers(self.beyond)}页未识别，"
                "请拆分后重新报送。",
                anchor=Anchor(page=self.beyond[0]),
                partial=True,
            )


def _is_squarish(box: Edge) -> bool:
    sides = sorted((box[2] - box[0], box[3] - box[1]))
    return sides[1] <= _SEAL_SIDE[1] and sides[0] >= 0.55 * sides[1]


def _laid_out(found: Recognised, number: int) -> tuple[list[Line], list[Part]]:
    text = found.page
    parts = find_parts(text, found.edges, number) if looks_ruled(found.edges) else []
    taken: set[int] = set().union(*(p.chars for p in parts)) if parts else set()
    return page_lines(text, number, taken), parts


def grade(text: PageText, unread: int, number: int) -> PageGrade:
    """How far a recognised page can be trusted."""
    sure = text.confidence or []
    printed = [(c, s) for c, s in zip(text.text, sure, strict=True) if not c.isspace()]
    if not printed:
        return PageGrade(page=number, source="none", grade="poor" if unread else "good")
    mean = sum(s for _, s in printed) / len(printed)
    weak = at = 0
    lines = text.text.split("\n")[:-1]
    for line in lines:
        known = sure[at : at + len(line)]
        at += len(line) + 1
        if known and sum(known) / len(known) < _WEAK:
            weak += len(line)
    unreadable = unread >= 2 and unread > _UNREAD * (len(lines) + unread)
    if mean < _FAIR or unreadable:
        word = "poor"
    elif mean < _GOOD or weak > _MANY_WEAK * len(printed):
        word = "fair"
    else:
        word = "good"
    return PageGrade(page=number, source="ocr", grade=word, confidence=round(mean, 4))


def numbers(pages: list[int]) -> str:
    """Page numbers as people write them: 1、3至5."""
    out: list[str] = []
    start = last = pages[0]
    for page in [*pages[1:], 0]:
        if page == last + 1:
            last = page
            continue
        out.append(str(start) if start == last else f"{start}{'、' if last == start + 1 else '至'}{last}")
        start = last = page
    return "、".join(out)
