"""OFD (GB/T 33190-2016): text in reading order with boxes, ruled tables, attachments, annotations and signatures.

The file is a zip of XML parts and is read as that, without a rendering library: what a TextCode says stands on the
page. Actions, media and scripts are never run or followed.
"""

from __future__ import annotations

import posixpath

import msgspec
from lxml import etree

from extractors.document import Anchor, Child, Counts, Document, PageGrade, ReadError, Seal
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.ocr_engine import is_available
from extractors.formats.ocr_file import Recognition
from extractors.formats.ofd_content import POINTS, Content, Run, numbers
from extractors.formats.ofd_layout import page_text, standing_lines
from extractors.formats.ofd_package import Package, attribute, child, children, text_of
from extractors.formats.ofd_pictures import media_of, page_picture
from extractors.formats.ofd_signs import seals_of
from extractors.formats.paged import Pages
from extractors.formats.pdf_lines import left_out, page_lines
from extractors.formats.pdf_page import PageText
from extractors.formats.pdf_tables import Part, find_parts, looks_ruled
from extractors.formats.sniff import Sniffed

_A4 = (0.0, 0.0, 210.0, 297.0)
_OUTSIDE = 14.0  # points beyond the page's edge where text is no longer part of the page
_DOUBTFUL = 0.02  # share of characters without a meaning that makes a page's text suspect
_FEW = 20  # characters of a page that is a picture with a stamp or a page number set over it
_GONE = ("zip_bomb", "too_large")


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads an OFD file.

    Raises `ReadError`: `bad_ofd`, `needs_password`, `scan_without_ocr` (no page holds text), `bad_container`,
    `zip_bomb`, `bad_xml`, `too_large`.
    """
    return _Reading(data, name).document()


class _Body:
    """One DocBody: its Document.xml, the resources and templates it names, its pages."""

    def __init__(self, package: Package, part: str) -> None:
        self.part = part
        self.root = package.xml(part)
        self.common = child(self.root, "CommonData")
        self.templates = {
            attribute(t, "ID") or "": package.find(attribute(t, "BaseLoc"), part)
            for t in children(self.common, "TemplatePage")
        }
        self.pages = [
            (attribute(p, "ID") or "", attribute(p, "BaseLoc"), package.find(attribute(p, "BaseLoc"), part))
            for p in children(child(self.root, "Pages"), "Page")
        ]
        self.resources = [
            found
            for kind in ("PublicRes", "DocumentRes")
            for res in children(self.common, kind)
            if (found := package.find(text_of(res), part)) is not None
        ]


class _Reading:
    """One pass over one file."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.package = Package(data, name)
        self.draft = Draft(data, name, "ofd")
        self.pages = Pages(self.draft)
        self.grades: list[PageGrade] = []
        self.seals: list[Seal] = []
        self.attached: list[Child] = []
        self.remarks: list[tuple[int, str]] = []  # page and text of annotations
        self.characters = 0
        self.hidden = self.outside = self.marks = 0
        self.pictured = 0
        self.table_pages = 0
        self.units: dict[str, etree._Element] = {}
        self.media: dict[str, str] = {}
        self.scans = Recognition(self.draft, self.pages)

    def document(self) -> Document:
        """The document. Raises `ReadError`."""
        start = self.package.find("OFD.xml")
        if start is None:
            raise self._bad("缺少OFD.xml")
        root = self.package.xml(start)
        if self.package.find("Encryptions.xml") is not None or child(root, "Encryptions") is not None:
            raise ReadError("needs_password", f"文件“{self.name}”已加密，无法读取，请向报送单位索取未加密的版本。")
        bodies = list(children(root, "DocBody"))
        for body in bodies:
            self._body(body, start)
        total = len(self.grades)
        if total == 0:
            raise self._bad("没有可读取的页面")
        if self.pictured and self.characters + self.scans.characters == 0:
            raise ReadError(
                "scan_without_ocr",
                f"文件“{self.name}”共{total}页都是扫描图片，没有文字，需经文字识别（OCR）才能读取，"
                "目前请向报送单位索取电子版原件。",
            )
        furniture = self.pages.write()
        self.scans.remarks()
        for number, text in self.remarks:
            self.draft.paragraph(text, Anchor(page=number), kind="note")
        self._notices(furniture.numbers, furniture.repeats)
        left = (
            self.characters
            + self.scans.characters
            - furniture.characters
            + sum(len("".join(t.split())) for _, t in self.remarks)
        )
        found = self.draft.finish(
            pages=total,
            counts=Counts(pages=total, characters=left),
            title_hint=text_of(bodies[0], "DocInfo", "Title"),
        )
        return msgspec.structs.replace(
            found, grades=tuple(self.grades), seals=tuple(self.seals), children=tuple(self.attached)
        )

    def _bad(self, why: str) -> ReadError:
        return ReadError("bad_ofd", f"文件“{self.name}”{why}，无法打开，请重新导出OFD或PDF后报送。")

    # --- one document of the file
    def _body(self, body: etree._Element, start: str) -> None:
        part = self.package.find(text_of(body, "DocRoot"), start)
        if part is None:
            raise self._bad("指向的正文（DocRoot）缺失")
        doc = _Body(self.package, part)
        if len(self.grades) + len(doc.pages) > limits.MAX_PAGES:
            raise ReadError("too_large", f"文件“{self.name}”超过{limits.MAX_PAGES}页，请拆分后重新报送。")
        self.media = {}
        self.units = self._resources(doc.resources)
        notes = self._annotations(doc)
        places: dict[str, tuple[int, str]] = {}
        for ident, stated, content in doc.pages:
            number = len(self.grades) + 1
            places[ident] = (number, content or "")
            try:
                if content is None:
                    raise self._bad(f"缺少第{number}页（{stated}）")
                self._page(doc, self.package.xml(content), content, number, notes.get(ident, []))
            except ReadError as error:
                if error.code in _GONE:
                    raise
                self._unread(number)
        self.seals += seals_of(self.package, body, start, places)
        self._attachments(doc)

    def _unread(self, number: int) -> None:
        self.pages.add([], [], (595.0, 842.0))
        self.grades.append(PageGrade(page=number, source="none", grade="poor"))
        self.draft.notice(
            "page_unreadable",
            f"文件“{self.name}”第{number}页已损坏或缺失，未能读取，请核对原件。",
            anchor=Anchor(page=number),
            partial=True,
        )

    def _resources(self, resources: list[str]) -> dict[str, etree._Element]:
        """Composite objects by id, pictures noted; a resource part that is broken costs what it draws, and is said."""
        units: dict[str, etree._Element] = {}
        for part in resources:
            root = self._optional(part, "资源文件")
            if root is not None:
                self.media |= media_of(self.package, root, part)
            for unit in children(child(root, "CompositeGraphicUnits"), "CompositeGraphicUnit"):
                units.setdefault(attribute(unit, "ID") or "", unit)
        return units

    def _optional(self, part: str | None, what: str) -> etree._Element | None:
        """A part that pages can do without; when it is broken the document is partial."""
        if part is None:
            return None
        try:
            return self.package.xml(part)
        except ReadError as error:
            if error.code in _GONE:
                raise
            self.draft.notice(
                "part_unreadable", f"文件“{self.name}”的{what}“{part}”已损坏，其内容未读取，请核对原件。", partial=True
            )
            return None

    # --- pages
    def _page(self, doc: _Body, root: etree._Element, part: str, number: int, notes: list[etree._Element]) -> None:
        area = numbers(text_of(root, "Area", "PhysicalBox") or text_of(doc.common, "PageArea", "PhysicalBox"))
        left, top, wide, high = area if len(area) == 4 and area[2] > 0 and area[3] > 0 else _A4
        local_units = self._resources(
            [found for res in children(root, "PageRes") if (found := self.package.find(text_of(res), part))]
        )
        content = Content(left, top, {**self.units, **local_units} if local_units else self.units)
        for use in children(root, "Template"):
            template = self._optional(doc.templates.get(attribute(use, "TemplateID") or ""), "模板页")
            content.add(child(template, "Content"))
        content.add(child(root, "Content"))
        for note in notes:
            self._annotation(note, content, number, (left, top))
        self._content(content, (wide * POINTS, high * POINTS), number)

    def _content(self, content: Content, size: tuple[float, float], number: int) -> None:
        inside = [r for r in content.runs if _is_inside(r, size)]
        self.outside += sum(len("".join(r.text.split())) for r in content.runs) - sum(
            len("".join(r.text.split())) for r in inside
        )
        self.hidden += content.hidden
        if content.cut or sum(len(r.chars) for r in inside) > limits.MAX_PAGE_CHARS:
            self.draft.notice(
                "page_cut",
                f"文件“{self.name}”第{number}页内容过多，未全部读取，请核对原件。",
                anchor=Anchor(page=number),
                partial=True,
            )
            inside = _cut(inside)
        text, standing = page_text(inside, *size)
        printed = len("".join(text.text.split()))
        self.characters += printed
        if content.pictures and printed == 0 and self._recognised(content, size, number):
            return
        if content.pictures and printed < _FEW:
            self._picture_page(number, printed)
        elif printed == 0:
            self.grades.append(PageGrade(page=number, source="none", grade="good"))
        else:
            doubtful = text.odd > _DOUBTFUL * printed
            self.grades.append(PageGrade(page=number, source="text", grade="poor" if doubtful else "good"))
            if doubtful:
                self.draft.notice(
                    "unreliable_text_layer",
                    f"文件“{self.name}”第{number}页有{text.odd}个字无法对应到正常文字，请对照原件核对。",
                    anchor=Anchor(page=number),
                    partial=True,
                )
        parts = self._tables(content, number, text) if printed else []
        taken: set[int] = set().union(*(p.chars for p in parts)) if parts else set()
        upright = taken.union(*standing) if standing else taken
        lines = page_lines(text, number, upright) + standing_lines(text, standing, taken, number)
        self.pages.add(lines, parts, size)

    def _tables(self, content: Content, number: int, text: PageText) -> list[Part]:
        if not looks_ruled(content.edges):
            return []
        self.table_pages += 1
        if self.table_pages > limits.MAX_TABLE_PAGES:
            self.draft.notice(
                "tables_not_searched",
                f"文件“{self.name}”自第{number}页起表格过多，只读出文字，未还原表格，请索取Excel版本。",
                partial=True,
            )
            return []
        return find_parts(text, content.edges, number)

    def _recognised(self, content: Content, size: tuple[float, float], number: int) -> bool:
        """Reads a page that is a picture by recognition, where that is installed and the file's share is not spent."""
        if self.scans.is_spent or not is_available():
            return False
        shown = page_picture(self.package, content.pictures, self.media, size)
        if shown is None:
            return False
        self.pictured += 1
        self.seals += self.scans.page(*shown, number).seals
        self.grades.append(self.scans.grades[number])
        return True

    def _picture_page(self, number: int, printed: int) -> None:
        self.pictured += 1
        self.grades.append(PageGrade(page=number, source="text" if printed else "none", grade="poor"))
        self.draft.notice(
            "page_mostly_image" if printed else "page_without_text",
            f"文件“{self.name}”第{number}页"
            + ("几乎" if printed else "")
            + "全是图片，图片中的文字未读取，请核对原件。",
            anchor=Anchor(page=number),
            partial=True,
        )

    # --- annotations and attachments
    def _annotations(self, doc: _Body) -> dict[str, list[etree._Element]]:
        """The annotations of each page id (clause 15)."""
        listed = self.package.find(text_of(doc.root, "Annotations"), doc.part)
        out: dict[str, list[etree._Element]] = {}
        for page in children(self._optional(listed, "注释文件"), "Page"):
            root = self._optional(self.package.find(text_of(page, "FileLoc"), listed or ""), "注释文件")
            out.setdefault(attribute(page, "PageID") or "", []).extend(children(root, "Annot"))
        return out

    def _annotation(self, note: etree._Element, page: Content, number: int, corner: tuple[float, float]) -> None:
        look = child(note, "Appearance")
        box = [*numbers(attribute(look, "Boundary") if look is not None else None), 0.0, 0.0][:2]
        shown = Content(corner[0] - box[0], corner[1] - box[1], self.units)
        shown.add(look)
        texts = "\n".join(
            line
            for r in (page_text(shown.runs, 0, 0)[0].text.split("\r\n") if shown.runs else [])
            if (line := r.strip())
        )
        kind = (attribute(note, "Type") or "").lower()
        if kind == "watermark":
            self.marks += len("".join(texts.split()))
        elif (attribute(note, "Visible") or "true").lower() == "false":
            self.hidden += len("".join(texts.split()))
        elif texts:
            self.remarks.append((number, texts))
        elif shown.pictures and kind != "stamp":
            page.pictures += shown.pictures

    def _attachments(self, doc: _Body) -> None:
        """Attached files as children (clause 20)."""
        listed = self.package.find(text_of(doc.root, "Attachments"), doc.part)
        for entry in children(self._optional(listed, "附件目录"), "Attachment"):
            place = text_of(entry, "FileLoc")
            part = self.package.find(place, listed or "")
            title = attribute(entry, "Name") or posixpath.basename(part or place or "附件")
            if part is None:
                self.draft.notice(
                    "attachment_missing", f"文件“{self.name}”的附件“{title}”缺失，请向报送单位索取。", partial=True
                )
                continue
            kind = (attribute(entry, "Format") or posixpath.basename(part).rpartition(".")[2]).strip(". ").lower()
            if kind and "." not in title[-6:]:
                title = f"{title}.{kind}"
            self.attached.append(Child(name=title, how="embedded", data=self.package.read(part)))

    # --- notices
    def _notices(self, numbers_: int, repeats: int) -> None:
        draft, name = self.draft, self.name
        if numbers_ or repeats:
            draft.notice("page_furniture_left_out", left_out(name, numbers_, repeats))
        for count, code, what in (
            (self.hidden, "hidden_text", "个字标为不可见"),
            (self.outside, "text_outside_page", "个字位于页面之外"),
            (self.marks, "watermark", "个字是水印"),
        ):
            if count:
                draft.notice(code, f"文件“{name}”有{count}{what}，未计入正文。")
        if self.package.repaired:
            draft.notice("xml_repaired", f"文件“{name}”的“{self.package.repaired[0]}”等XML不合规范，已按标准名称读取。")
        if self.package.garbled:
            draft.notice(
                "undecodable_characters",
                f"文件“{name}”的“{self.package.garbled[0]}”等有文字无法解码，请对照原件核对。",
                partial=True,
            )
        for seal in self.seals:
            if seal.digests_match is False:
                draft.notice("signature_mismatch", f"文件“{name}”的签章与内容不符：{seal.note}。请核对原件。")


def _is_inside(run: Run, size: tuple[float, float]) -> bool:
    first, last = run.chars[0], run.chars[-1]
    return (
        max(first.x1, last.x1) > -_OUTSIDE
        and min(first.x0, last.x0) < size[0] + _OUTSIDE
        and max(first.y1, last.y1) > -_OUTSIDE
        and min(first.y0, last.y0) < size[1] + _OUTSIDE
    )


def _cut(runs: list[Run]) -> list[Run]:
    """The runs as far as a page may hold characters."""
    total = 0
    for i, run in enumerate(runs):
        total += len(run.chars)
        if total > limits.MAX_PAGE_CHARS:
            return runs[:i]
    return runs
