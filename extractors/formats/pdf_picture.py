"""A PDF page as a picture, for recognition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2 as pdfium

from extractors.formats import limits
from extractors.formats.ruling import Edge

if TYPE_CHECKING:
    from extractors.formats.ocr_engine import Image


def picture_of(page: pdfium.PdfPage) -> tuple[Image, float]:
    """The page as drawn, and its resolution: 200 dpi, less where the page is larger than its pixels allow."""
    import numpy as np

    width, height = page.get_size()
    most = (limits.MAX_PAGE_PIXELS / max(width * height, 1.0)) ** 0.5 * 72
    dpi = min(float(limits.OCR_DPI), most)
    bitmap = page.render(scale=dpi / 72, may_draw_forms=False, rev_byteorder=False)
    try:
        pixels = bitmap.to_numpy()
        if pixels.ndim == 2 or pixels.shape[2] == 1:
            return np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2), dpi
        return np.ascontiguousarray(pixels[:, :, :3]).copy(), dpi
    finally:
        bitmap.close()


def only_within(picture: Image, dpi: float, areas: list[Edge], covered: list[Edge]) -> Image:
    """The picture with white paper outside `areas` and over `covered` (boxes in points)."""
    import numpy as np

    out = np.full_like(picture, 255)
    for area in areas:
        rows, cols = _slices(area, dpi)
        out[rows, cols] = picture[rows, cols]
    for area in covered:
        rows, cols = _slices(area, dpi)
        out[rows, cols] = 255
    return out


def _slices(box: Edge, dpi: float) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (max(round(v * dpi / 72), 0) for v in box)
    return slice(y0, y1), slice(x0, x1)
