"""Excel workbooks (.xlsx, .xlsm, templates): every sheet one table, row numbers and cell names those of the file.

Hidden sheets, rows and columns are read and flagged; a formula without a stored result keeps its text and has no
value. The text shows each sheet as tab-separated lines.
"""

from __future__ import annotations

from extractors.document import Anchor, Counts, Document, ReadError
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.drawings import shape_texts
from extractors.formats.embedded import take_all
from extractors.formats.guard import Container
from extractors.formats.sheet_tables import add_sheet
from extractors.formats.sniff import Sniffed
from extractors.formats.xlsx_parts import open_workbook
from extractors.formats.xlsx_sheet import read_sheet

_LEFT_OUT = (
    ("xl/comments", "comments_left_out", "批注未计入表格，请打开原件查看。", False),
    ("xl/threadedcomments", "comments_left_out", "批注未计入表格，请打开原件查看。", False),
    ("xl/media/", "image_not_read", "表中图片（可能为盖章扫描件）的文字未读取，请核对原件。", False),
    ("xl/vbaproject.bin", "macros_ignored", "文件带有宏，宏未运行也未读取。", False),
)


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a workbook. Raises `ReadError` (`bad_xlsx`, `bad_xml`, `bad_container`, `zip_bomb`, `too_large`)."""
    container = Container(data, name, expanded=limits.MAX_WORKBOOK_BYTES)
    book = open_workbook(container, name)
    draft = Draft(data, name, "xlsx")
    filled = bulky = 0
    for info in book.sheets:
        if container.size(info.part) > limits.BULK_SHEET_BYTES:
            from extractors.formats.sheet_bulk import add_bulk
            from extractors.formats.xlsx_bulk import read_bulk

            found = read_bulk(container, info, book, name)
            if found is not None:
                bulky += add_bulk(draft, *found, name)
                continue
        sheet = read_sheet(container, info, book, name, limits.MAX_CELLS - filled)
        filled += sheet.filled
        add_sheet(draft, sheet, name)
        for text in shape_texts(container, info.part, name):
            draft.paragraph(text, Anchor(sheet=info.name), kind="note")
    if not book.sheets and not book.other_sheets:
        raise ReadError("bad_xlsx", f"文件“{name}”没有工作表，请用WPS或Excel重新另存为xlsx后报送。")
    for title in book.other_sheets:
        draft.notice("sheet_not_read", f"文件“{name}”的工作表“{title}”不是普通表格，未读取。", partial=True)
    names = [n.lower().replace("\\", "/") for n in container.names]
    for prefix, code, message, partial in _LEFT_OUT:
        if any(n.startswith(prefix) for n in names):
            draft.notice(code, f"文件“{name}”：{message}", partial=partial)
    inside = [n for n in container.names if "/embeddings/" in f"/{n.lower()}" and not n.endswith("/")]
    children = take_all(draft, ((n, container.read(n, limit=limits.MAX_CHILDREN_BYTES)) for n in inside))
    strays = sum(1 for b in draft.blocks if b.kind == "note" and b.anchor.cell)
    return draft.finish(children=children, counts=Counts(cells=filled + bulky - strays), title_hint=book.title)
