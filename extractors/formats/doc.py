"""Word 97-2003 documents (.doc, and .wps of WPS Office, which holds the same): text, tables with spans, notes, boxes.

`paragraph` anchors count the paragraphs and table rows as read, from 1; cells are `r7c6` of their table. What this
reader gives is checked against the characters of the piece table; where it fails or falls short, other readers are
asked, and the document says so (`doc_fallback.py`).
"""

from __future__ import annotations

from extractors.document import Anchor, Counts, Document, ReadError
from extractors.formats.doc_body import Body
from extractors.formats.doc_word import BROKEN, HEADERS, WordFile, bad, open_word, visible
from extractors.formats.draft import Draft
from extractors.formats.embedded import Embedded, from_pool
from extractors.formats.flow import write
from extractors.formats.pagenumbers import is_page_number
from extractors.formats.sniff import Sniffed

_SHORT = 0.98
"""A reader that gives less than this share of the characters is not believed alone."""
_HEADER_STORIES = 6  # per section: even and odd header, even and odd footer, first header, first footer
_FOOTERS = (2, 3, 5)


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a Word document. Raises `ReadError` (`bad_doc`, `needs_password`, `too_large`)."""
    from extractors.formats import doc_fallback

    file = open_word(data, name)
    kind = "wps" if sniffed.detail == "wps" else "doc"
    if not file.is_word_97:
        return doc_fallback.plain(data, name, kind, file, "Word 6.0或95的旧格式")
    if file.guessed:
        return doc_fallback.plain(data, name, kind, file, "损坏的文件（文字索引丢失）")
    try:
        document = _read(data, name, kind, file)
    except ReadError as error:
        if error.code == "too_large":
            raise
        return doc_fallback.other(data, name, kind, file, error.message)
    except BROKEN as error:
        return doc_fallback.other(data, name, kind, file, bad(name).message + f"（{type(error).__name__}）")
    want = document.counts.characters or 0
    if want and _size(document.text) < _SHORT * want:
        return doc_fallback.better(document, data, name, kind, file)
    return document


def _size(text: str) -> int:
    return len("".join(text.split()))


def _read(data: bytes, name: str, kind: str, file: WordFile) -> Document:
    body = Body(file, name)
    draft = Draft(data, name, kind)
    heads, feet = _margins(file, body)
    for text in heads:
        draft.paragraph(text, Anchor(), kind="header")
    write(draft, body.flow, body.main())
    for story in ("footnote", "endnote", "header_textbox"):
        for text in body.story(story):
            draft.paragraph(text, Anchor(), kind="note")
    for text in feet:
        draft.paragraph(text, Anchor(), kind="footer")
    _remarks(draft, file, body)
    embedded = Embedded(draft)
    for title, content in from_pool(file.objects):
        if content is None:
            embedded.lose(title)
        else:
            embedded.put(title, content)
    embedded.tell()
    counted = sum(_size(visible(file.story(s))) for s in ("main", "footnote", "endnote", "textbox")) - body.deleted
    return draft.finish(
        children=embedded.children, counts=Counts(tables=body.flow.tables, characters=max(0, counted) + file.missing)
    )


def _margins(file: WordFile, body: Body) -> tuple[list[str], list[str]]:
    """Lines of headers and of footers, each once ([MS-DOC] 2.8.22 PlcfHdd); page numbers alone are furniture."""
    plc = file.part(HEADERS)
    positions = [int.from_bytes(plc[i : i + 4], "little") for i in range(0, len(plc) - 3, 4)]
    base, end = file.stories.get("header", (0, 0))
    heads: dict[str, None] = {}
    feet: dict[str, None] = {}
    for i in range(_HEADER_STORIES, len(positions) - 1):  # the first six separate footnotes from the text
        into = feet if i % _HEADER_STORIES in _FOOTERS else heads
        for text in body.lines(base + positions[i], min(base + positions[i + 1], end)):
            if text and not is_page_number(text):
                into[text] = None
    return list(heads), list(feet)


def _remarks(draft: Draft, file: WordFile, body: Body) -> None:
    def note(code: str, message: str, partial: bool = False) -> None:
        draft.notice(code, f"文件“{draft.name}”：{message}", partial=partial)

    if file.missing:
        note("truncated", f"文件不完整，缺少{file.missing}个字符，请向报送单位索取完好的文件。", True)
    if body.deleted:
        note("deletions_left_out", f"修订中已删除的{body.deleted}个字未计入正文。")
    if body.hidden:
        note("hidden_text", "文档含有隐藏文字，已一并读出，请核对是否应当采用。")
    if body.symbols:
        codes = "、".join(f"{c:04X}" for c in sorted(body.symbols)[:5])
        note("symbol_left_out", f"符号字体中的字符（编码{codes}）没有对应文字，未读出。")
    if body.unknown_numbering:
        note("numbering_left_out", f"自动编号格式{'、'.join(sorted(body.unknown_numbering))}未能转成文字。")
    if visible(file.story("annotation")).strip():
        note("comments_left_out", "批注未计入正文，请打开原件查看。")
    if body.large_pictures:
        note("image_not_read", "文档中有大幅图片，其中的文字未读取，请核对原件。", True)
    elif body.pictures or body.drawn > 0:
        note("image_not_read", "文档中的图片或图形（印章、徽标、线条等）未读取。")
