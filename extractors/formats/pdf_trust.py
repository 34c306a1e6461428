"""Whether a PDF page's own text can be believed, and where it cannot, which of its characters.

Three things go wrong in real files: scanner programs lay an invisible text of their own under a picture, fonts map
letters to private or rare characters (a published standard maps its Latin letters to rare Han ones), and people hide
text in white or beside the page. Pages of the first two kinds are read from their picture, hidden text never counts.
"""

from __future__ import annotations

import functools
import re
from typing import Literal

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.formats.pdf_page import Drawn, PageText

Verdict = Literal["text", "picture", "both", "blank"]

_ODD = 0.10  # share of characters without a known meaning that spoils a page
_COMMON = 0.80  # share of Han that ordinary prose has among the 3,755 of GB 2312's first level: 0.97 and more
_ENOUGH_HAN = 40
_PICTURE = 0.08  # share of the page that pictures cover before they may hold text; a seal has 0.03
_FULL = 0.70
_LITTLE = 60  # characters printed on a page that a picture fills: a stamp, a page number, a heading
_OUTLINES = 150  # drawn paths of a page that holds no character: letters turned into outlines
_HAN = re.compile("[\u4e00-\u9fff]")


def judge(text: PageText, drawn: Drawn) -> Verdict:
    """How a page is to be read: by its text, by its picture, or by both (a picture beside the text).

    Hidden characters are taken out of `text` before.
    """
    printed = len("".join(text.text.split()))
    covered = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in drawn.images) / max(text.width * text.height, 1.0)
    if printed == 0:
        return "picture" if drawn.images or drawn.paths >= _OUTLINES or drawn.hidden else "blank"
    if text.odd > _ODD * printed or _is_gibberish(text.text):
        return "picture"
    if covered >= _FULL and printed < _LITTLE:
        return "picture"
    return "both" if covered >= _PICTURE and covered < 4.0 else "text"


def _is_gibberish(text: str) -> bool:
    """True for Han that no Chinese text has in such numbers."""
    han = _HAN.findall(text)
    if len(han) < _ENOUGH_HAN:
        return False
    common = _first_level()
    return sum(c in common for c in han) < _COMMON * len(han)


@functools.cache
def _first_level() -> frozenset[str]:
    """The 3,755 everyday characters of GB 2312-1980, level 1 (rows 16 to 55)."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return frozenset("".join(pair.decode("gb2312", "ignore") for pair in rows))


def reaches_out(text: PageText) -> bool:
    """True when some character lies outside the page."""
    if not text.x0:
        return False
    return min(text.x1) < 0 or max(text.x0) > text.width or min(text.y1) < 0 or max(text.y0) > text.height


def hidden_characters(page: pdfium.PdfPage, text: PageText) -> set[int]:
    """Indexes of characters that are not to be seen: render mode 3, or outside the page."""
    out = {
        i
        for i, c in enumerate(text.text)
        if not c.isspace() and (text.x1[i] < 0 or text.x0[i] > text.width or text.y1[i] < 0 or text.y0[i] > text.height)
    }
    textpage = raw.FPDFText_LoadPage(page.raw)
    if not textpage:
        return out
    try:
        for i, c in enumerate(text.text):
            if c.isspace():
                continue
            item = raw.FPDFText_GetTextObject(textpage, i)
            if item and raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                out.add(i)
    finally:
        raw.FPDFText_ClosePage(textpage)
    return out


def without(text: PageText, left_out: set[int]) -> PageText:
    """The page's text without some of its characters."""
    keep = [i for i in range(len(text.text)) if i not in left_out]
    out = PageText(text.width, text.height)
    out.text = "".join(text.text[i] for i in keep)
    for name in ("x0", "y0", "x1", "y1"):
        values = getattr(text, name)
        setattr(out, name, [values[i] for i in keep])
    out.odd = text.odd
    return out
