"""A page of a file as a picture, for people: PDF pages as pdfium draws them, pictures of pages as they are.

The picture covers the page whole, in the same upright position that the readers' boxes are in, so that a box in
points stands at box x pixels per point. It is parsing like any reading: call it in a limited child only.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from extractors.document import ReadError

MOST_PIXELS = 6_000_000
"""Of one picture: A4 at 200 dpi has 3.9 million."""
_BAR = 96  # grey: a bar is not taken for print
Box = tuple[float, float, float, float]
PAGED = frozenset({"pdf", "scan", "image"})
"""Formats whose pages can be drawn; an OFD page has no renderer here."""


class PageImage(msgspec.Struct, frozen=True, kw_only=True):
    """One page: PNG bytes, and the size of the page in points (what boxes are measured in)."""

    png: bytes
    width: float
    height: float


def page_image(data: bytes, name: str, kind: str, page: int, dpi: float, bars: Sequence[Box] = ()) -> PageImage:
    """Draw page `page` (from 1) of a file of format `kind` at `dpi`, fewer where the page is very large.

    `bars` are boxes in points that are painted over.

    Raises ReadError: `no_page_image` (the format has no pages or the file not so many), or why it cannot be opened.
    """
    if kind == "image":
        return _of_picture(data, name, page, dpi, bars)
    if kind in PAGED:
        return _of_pdf(data, name, page, dpi, bars)
    raise ReadError("no_page_image", f"文件“{name}”的格式（{kind}）没有可画出的页面。")


def _of_pdf(data: bytes, name: str, page: int, dpi: float, bars: Sequence[Box]) -> PageImage:
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise ReadError("bad_pdf", f"文件“{name}”无法作为PDF打开，不能画出页面。") from error
    try:
        if not 1 <= page <= len(document):
            raise _no_such_page(name, page)
        sheet = document[page - 1]
        width, height = sheet.get_size()
        dpi = min(dpi, (MOST_PIXELS / max(width * height, 1.0)) ** 0.5 * 72)
        bitmap = sheet.render(scale=dpi / 72, may_draw_forms=False, rev_byteorder=True)
        pixels = bitmap.to_numpy()
        pixels = pixels[:, :, :3] if pixels.ndim == 3 and pixels.shape[2] >= 3 else pixels.reshape(pixels.shape[:2])
        return PageImage(png=_png(pixels, bars, width), width=width, height=height)
    except pdfium.PdfiumError as error:
        raise ReadError("bad_page", f"文件“{name}”第{page}页损坏，不能画出。") from error
    finally:
        document.close()


def _of_picture(data: bytes, name: str, page: int, dpi: float, bars: Sequence[Box]) -> PageImage:
    from PIL import Image

    from extractors.formats.image import frames

    for number, (pixels, stated) in enumerate(frames(data, name), 1):
        if number == page:
            height, width = pixels.shape[0] * 72 / stated, pixels.shape[1] * 72 / stated
            factor = min(1.0, dpi / stated, (MOST_PIXELS / max(pixels.shape[0] * pixels.shape[1], 1)) ** 0.5)
            upright = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
            if factor < 1.0:
                size = (max(round(upright.width * factor), 1), max(round(upright.height * factor), 1))
                upright = upright.resize(size, Image.Resampling.LANCZOS)
            return PageImage(png=_png(np.asarray(upright), bars, width), width=width, height=height)
    raise _no_such_page(name, page)


def _png(pixels: npt.NDArray[np.uint8], bars: Sequence[Box], width: float) -> bytes:
    """The pixels as PNG, bars painted over; `width` is the page's in points."""
    from PIL import Image

    pixels = np.array(pixels, copy=True, order="C")
    scale = pixels.shape[1] / max(width, 1.0)
    for bar in bars:
        x0, y0, x1, y1 = (max(round(v * scale), 0) for v in bar)
        pixels[y0:y1, x0:x1] = _BAR
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _no_such_page(name: str, page: int) -> ReadError:
    return ReadError("no_page_image", f"文件“{name}”没有第{page}页。")
