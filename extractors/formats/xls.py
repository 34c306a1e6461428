"""Binary workbooks (.xls, and .et of WPS Office, which holds the same): every sheet one table, as for xlsx.

Hidden sheets, rows and columns are read and flagged; text boxes over the cells come as notes after their sheet.
"""

from __future__ import annotations

import io

from extractors.document import Anchor, Counts, Document, ReadError
from extractors.formats import limits, ole
from extractors.formats.draft import Draft, lf
from extractors.formats.sheet_tables import add_sheet
from extractors.formats.sniff import Sniffed
from extractors.formats.xls_book import SheetReader, bad, open_book


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a workbook. Raises `ReadError` (`bad_xls`, `needs_password`, `too_large`)."""
    stream, others = _streams(data, name)
    book = open_book(stream, name)
    if not book.sheets and not book.other_sheets:
        raise bad(name)
    draft = Draft(data, name, "et" if sniffed.detail == "et" else "xls")
    filled = comments = pictures = 0
    for number, info in enumerate(book.sheets):
        reader = SheetReader(book, number, limits.MAX_CELLS - filled, name)
        sheet = reader.read()
        filled += sheet.filled
        comments += reader.comments
        pictures += reader.pictures
        add_sheet(draft, sheet, name)
        for text in reader.boxes:
            draft.paragraph(lf(text), Anchor(sheet=info.name), kind="note")
        if reader.cut:
            draft.notice(
                "truncated",
                f"文件“{name}”的工作表“{info.name}”不完整，后面的内容缺失，请向报送单位索取完好的文件。",
                anchor=Anchor(sheet=info.name),
                partial=True,
            )
    for title in book.other_sheets:
        draft.notice("sheet_not_read", f"文件“{name}”的工作表“{title}”不是普通表格，未读取。", partial=True)
    if comments:
        draft.notice("comments_left_out", f"文件“{name}”：批注未计入表格，请打开原件查看。")
    if pictures:
        draft.notice("image_not_read", f"文件“{name}”：表中图片（可能为盖章扫描件）的文字未读取，请核对原件。")
    if any(other.startswith("_vba_project") for other in others):
        draft.notice("macros_ignored", f"文件“{name}”：文件带有宏，宏未运行也未读取。")
    strays = sum(1 for b in draft.blocks if b.kind == "note" and b.anchor.cell)
    return draft.finish(counts=Counts(cells=filled - strays))


def _streams(data: bytes, name: str) -> tuple[bytes, list[str]]:
    """The workbook stream and the names of the storages beside it; some programs write the stream alone."""
    if not data.startswith(ole.MAGIC):
        return data, []
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data), raise_defects=olefile.DEFECT_FATAL) as container:
            names = {"/".join(parts).lower(): parts for parts in container.listdir(streams=True, storages=True)}
            found = names.get("workbook") or names.get("book")
            if found is None:
                raise bad(name)
            return bytes(container.openstream(found).read()), list(names)
    except ReadError:
        raise
    except Exception as error:  # olefile lets struct's, index and its own errors out
        raise bad(name) from error
