"""RTF documents, whatever they are named: text, tables with spans, text boxes, notes, headers, revisions accepted.

`paragraph` anchors count the paragraphs and table rows as read, from 1; cells are `r7c6` of their table.
"""

from __future__ import annotations

from extractors.document import Anchor, Counts, Document
from extractors.formats.draft import Draft
from extractors.formats.embedded import Embedded, from_ole1
from extractors.formats.flow import Flow, Line, plain_lines, write
from extractors.formats.pagenumbers import is_page_number
from extractors.formats.rtf_parse import Parser
from extractors.formats.rtf_state import Parsed
from extractors.formats.sniff import Sniffed


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads an RTF file. Raises `ReadError` (`bad_doc` for nesting no document has, `too_large`)."""
    parsed = Parser(data).parse()
    draft = Draft(data, name, "rtf")
    flow = Flow(name)
    for text in _once(parsed.heads):
        draft.paragraph(text, Anchor(), kind="header")
    write(draft, flow, flow.items(parsed.body))
    for lines in parsed.notes:
        for text in plain_lines(lines):
            draft.paragraph(text, Anchor(), kind="note")
    for text in _once(parsed.feet):
        draft.paragraph(text, Anchor(), kind="footer")
    _remarks(draft, parsed)
    embedded = Embedded(draft)
    for number, raw in enumerate(parsed.objects, start=1):
        found = from_ole1(raw, f"object{number}")
        if found is None:
            embedded.lose(f"object{number}")
        else:
            embedded.put(*found)
    embedded.tell()
    repeated = sum(len("".join(t.split())) for lines in (*parsed.heads, *parsed.feet) for t in plain_lines(lines))
    return draft.finish(
        children=embedded.children,
        counts=Counts(tables=flow.tables, characters=max(0, parsed.characters - repeated)),
        title_hint=parsed.title[0] if parsed.title else None,
    )


def _once(parts: list[list[Line]]) -> list[str]:
    """The lines of headers or footers, each once; page numbers alone are furniture."""
    found = dict.fromkeys(text for lines in parts for text in plain_lines(lines))
    return [text for text in found if not is_page_number(text)]


def _remarks(draft: Draft, parsed: Parsed) -> None:
    def note(code: str, message: str, partial: bool = False) -> None:
        draft.notice(code, f"文件“{draft.name}”：{message}", partial=partial)

    if parsed.unclosed:
        note("truncated", "文件不完整，后面的内容缺失，请向报送单位索取完好的文件。", True)
    if parsed.trailing:
        note("trailing_data", f"文件结束标记之后还有{parsed.trailing}个字节，未读取，请打开原件核对。", True)
    if parsed.deleted:
        note("deletions_left_out", f"修订中已删除的{parsed.deleted}个字未计入正文。")
    if parsed.hidden:
        note("hidden_text", "文档含有隐藏文字，已一并读出，请核对是否应当采用。")
    if parsed.unnumbered:
        note("numbering_left_out", f"有{parsed.unnumbered}段的自动编号没有存为文字，未读出。")
    if parsed.comments:
        note("comments_left_out", "批注未计入正文，请打开原件查看。")
    if parsed.large_pictures:
        note("image_not_read", "文档中有大幅图片，其中的文字未读取，请核对原件。", True)
    elif parsed.pictures:
        note("image_not_read", "文档中的图片（印章、徽标等）未读取。")
