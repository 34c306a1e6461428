"""OFD pages that are pictures (scans kept as OFD), put together as they are shown, for recognition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lxml import etree

from extractors.document import ReadError
from extractors.formats import limits
from extractors.formats.ofd_content import Picture
from extractors.formats.ofd_package import Package, attribute, child, children, text_of

if TYPE_CHECKING:
    from extractors.formats.ocr_engine import Image

_COVERS = 0.3  # share of the page that its pictures must cover to be the page itself
_LEAST_DPI, _MOST_DPI = 72.0, 300.0


def media_of(package: Package, root: etree._Element, part: str) -> dict[str, str]:
    """Picture resources by id: the parts that hold them (clause 7.9; `BaseLoc` of the resource part counts)."""
    base = (attribute(root, "BaseLoc") or "").strip().rstrip("/")
    out = {}
    for media in children(child(root, "MultiMedias"), "MultiMedia"):
        place = text_of(media, "MediaFile") or ""
        found = package.find(f"{base}/{place}" if base else place, part) or package.find(place, part)
        if found is not None:
            out[attribute(media, "ID") or ""] = found
    return out


def page_picture(
    package: Package, pictures: Iterable[Picture], media: dict[str, str], size: tuple[float, float]
) -> tuple[Image, float] | None:
    """The page as its pictures show it, and its resolution; None when they are no page or cannot be unpacked.

    `size` is the page's in points. Raises `ReadError("zip_bomb")` and `ReadError("too_large")`.
    """
    import numpy as np
    from PIL import Image as Pictures

    from extractors.formats.image import frames

    placed = []
    covered = 0.0
    for shown in pictures:
        part = media.get(shown.resource)
        x0, y0, x1, y1 = shown.box
        if part is None or x1 - x0 < 1 or y1 - y0 < 1:
            continue
        try:
            pixels, _ = next(frames(package.read(part), package.name))
        except (ReadError, StopIteration) as error:
            if isinstance(error, ReadError) and error.code in ("zip_bomb", "too_large"):
                raise
            continue
        placed.append((pixels, shown.box))
        covered += (x1 - x0) * (y1 - y0)
    if not placed or covered < _COVERS * size[0] * size[1]:
        return None
    dpi = max(p.shape[1] * 72 / (box[2] - box[0]) for p, box in placed)
    most = (limits.MAX_PAGE_PIXELS / max(size[0] * size[1], 1.0)) ** 0.5 * 72
    dpi = max(min(dpi, _MOST_DPI, most), min(_LEAST_DPI, most))
    scale = dpi / 72
    canvas = Pictures.new("RGB", (max(round(size[0] * scale), 1), max(round(size[1] * scale), 1)), "white")
    for pixels, (x0, y0, x1, y1) in placed:
        wanted = (min(round((x1 - x0) * scale), 20_000) or 1, min(round((y1 - y0) * scale), 20_000) or 1)
        if wanted[0] * wanted[1] > 4 * limits.MAX_PAGE_PIXELS:
            continue
        layer = Pictures.fromarray(np.ascontiguousarray(pixels[:, :, ::-1])).resize(wanted)
        canvas.paste(layer, (round(x0 * scale), round(y0 * scale)))
    return np.ascontiguousarray(np.asarray(canvas)[:, :, ::-1]), dpi
