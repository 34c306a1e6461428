"""Born-digital PDF: our whole reading of a circular beside bare pypdfium2 (text and a box for every character).

Both work on the same bytes in the same process, by turns, in processor seconds; the documents hold no tables.
"""

from __future__ import annotations

import ctypes
import gc
import time

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from benchmarks.row import Row
from extractors.read import read
from samples.layout import Part, Piece
from samples.printed import to_pdf

_PAGES, _ROUNDS = 30, 5
_TARGET = 0.5
_BODY = (
    "各乡镇人民政府要认真梳理本地区拖欠中小企业账款情况，截至2023年6月底，全县拖欠账款总额为1234.56万元，"
    "已清偿800万元，剩余434.56万元应于2023年12月31日前全部清偿完毕，并逐月上报清偿进度情况。"
)


def circular(pages: int) -> bytes:
    """An invented circular of about so many pages, without tables."""
    parts: list[Part] = [
        Piece("issuer", "青山县人民政府办公室文件"),
        Piece("number", "青政办发〔2023〕12号"),
        Piece("title", "关于进一步做好清理拖欠中小企业账款工作的通知"),
        Piece("to", "各乡镇人民政府，县政府有关部门："),
    ]
    for k in range(pages * 5):
        parts.append(Piece("p", f"{'一二三四五六七八九十'[k % 10]}、{_BODY}"))
    return to_pdf([*parts, Piece("sign", "青山县人民政府办公室"), Piece("date", "2023年7月3日")], "通知")


def bare(data: bytes) -> int:
    """Text and loose character boxes of every page, by pdfium alone; returns the number of characters."""
    pdf = pdfium.PdfDocument(data)
    seen = 0
    rect = raw.FS_RECTF()
    pointer = ctypes.byref(rect)
    for page in pdf:
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        boxes = []
        for i in range(textpage.count_chars()):
            raw.FPDFText_GetLooseCharBox(textpage.raw, i, pointer)
            boxes.append((rect.left, rect.top, rect.right, rect.bottom))
        seen += min(len(text), len(boxes))
        textpage.close()
        page.close()
    pdf.close()
    return seen


def run() -> list[Row]:
    """One row: pages a second of both and their ratio."""
    data = circular(_PAGES)
    pages = read(data, "通知.pdf").pages or 0
    bare(data)
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        gc.collect()
        begun = time.process_time()
        bare(data)
        middle = time.process_time()
        read(data, "通知.pdf")
        ours.append(time.process_time() - middle)
        theirs.append(middle - begun)
    fast, reference = pages / min(ours), pages / min(theirs)
    return [
        Row(
            what="PDF born digital, pages a cpu-second",
            ours=f"{fast:.0f}",
            peer=f"{reference:.0f} bare pypdfium2 text and boxes",
            ratio=fast / reference,
            target=f">= {_TARGET}",
            ok=fast / reference >= _TARGET,
        )
    ]
