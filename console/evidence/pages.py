"""A page with the box drawn: its picture, or its text laid out at its boxes where the page cannot be drawn.

What is personal on the page is painted over in the picture itself, by the child that draws it, while it is masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from console.evidence.place import Box, Place
from console.masking import Masker
from warehouse.page_images import DRAWN_FORMATS, Drawn, PageImageError, page_image
from warehouse.previews import KeptBlock, Preview

A4 = (595.0, 842.0)
_MARGIN = (120.0, 46.0)  # points around the box in the close-up
_CLOSE = (440.0, 130.0)  # points that a close-up shows at least


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of text at its box, in points."""

    x: float
    y: float
    width: float
    height: float
    text: str
    is_marked: bool = False

    @property
    def size(self) -> float:
        """The font size, in points, at which the text fits into its box, both ways, with a little room at the side:
        boxes of table cells touch each other and are taller than their text."""
        return min(self.height * 0.82, 22.0, self.width * 0.96 / max(sum(_widths(self.text)), 0.5))

    @property
    def fills_its_box(self) -> bool:
        """Whether the box is that of the very words, so that they are spaced to end where it ends and a mark within
        the line meets its words; a table cell mostly has more room than its text needs."""
        return self.size * sum(_widths(self.text)) > self.width * 0.75

    @property
    def base(self) -> float:
        """Where the text's base line lies."""
        return self.y + self.height / 2 + self.size * 0.36


@dataclass(frozen=True, slots=True)
class PageView:
    """One page with its box. `close` is the part around the box. `lines` are shown where there is no picture;
    `is_drawn` False and `problem` says why."""

    page: int
    pages: int | None
    width: float
    height: float
    box: Box | None
    close: Box
    is_drawn: bool
    lines: tuple[Placed, ...]
    problem: str | None
    kind: str = "page"


def page_view(
    home: Path, preview: Preview, place: Place, *, raw: str | None, span: tuple[int, int] | None, masker: Masker
) -> PageView | None:
    """The page of a place. None when the place names no page."""
    if place.page is None:
        return None
    box = _box(preview, place, span)
    lines = tuple(_lines(preview, place.page, span, masker))
    problem = None
    try:
        drawn = page_picture(home, preview, place.page, masker)
        width, height = drawn.width, drawn.height
    except PageImageError as e:
        drawn = None
        problem = None if preview.format == "ofd" else e.message
        width = max([A4[0], *(p.x + p.width + 30 for p in lines)])
        height = max([A4[1], *(p.y + p.height + 30 for p in lines)])
    return PageView(
        page=place.page,
        pages=preview.pages,
        width=width,
        height=height,
        box=box,
        close=_close(box, width, height),
        is_drawn=drawn is not None,
        lines=() if drawn is not None else lines,
        problem=problem,
    )


def page_picture(home: Path, preview: Preview, page: int, masker: Masker) -> Drawn:
    """The picture of a page, with what is personal painted over while `masker` is on. Raises PageImageError."""
    if preview.format not in DRAWN_FORMATS:
        raise PageImageError("no_page_image", f"文件“{preview.name}”的页面没有图像，按其文字位置画出。")
    bars = tuple(personal_boxes(preview, page, masker)) if masker.is_on else ()
    return page_image(home, preview.file_id, preview.name, preview.format, page, bars=bars)


def personal_boxes(preview: Preview, page: int, masker: Masker) -> list[Box]:
    """Where on a page something stands that the masker hides: boxes in points, a little wider than the words."""
    out: list[Box] = []
    for b in preview.blocks:
        if b.page != page or b.bbox is None or b.start >= len(preview.text):
            continue
        whole = preview.text[b.start : b.end]
        masked = masker.text(whole)
        if masked == whole:
            continue
        if len(masked) != len(whole):
            out.append(b.bbox)
            continue
        hidden = [i for i, (a, m) in enumerate(zip(whole, masked, strict=True)) if a != m]
        out.append(_part(b.bbox, whole, hidden[0], hidden[-1] + 1, spare=1.0))
    return out


def _box(preview: Preview, place: Place, span: tuple[int, int] | None) -> Box | None:
    """The box of the value: of its cell in a table, else of the evidence, else of the line that holds the span."""
    if place.cell is not None:
        for t in preview.tables:
            if place.table in (None, t.index):
                found = next((c for c in t.cells if c.ref == place.cell and c.page == place.page), None)
                if found is not None and found.bbox is not None:
                    return found.bbox
    if place.bbox is not None:
        return place.bbox
    if span is not None:
        for b in preview.blocks:
            if b.page == place.page and b.bbox is not None and b.start < span[1] and span[0] < b.end:
                return b.bbox
    return None


def _lines(preview: Preview, page: int, span: tuple[int, int] | None, masker: Masker) -> list[Placed]:
    out = []
    for b in preview.blocks:
        if b.page == page and b.bbox is not None and b.start < len(preview.text):
            text = masker.text(preview.text[b.start : b.end]).replace("\n", " ")
            marked = span is not None and b.start < span[1] and span[0] < b.end
            out.append(_placed(b, text, marked))
    return out


def _placed(block: KeptBlock, text: str, is_marked: bool) -> Placed:
    assert block.bbox is not None
    x0, y0, x1, y1 = block.bbox
    return Placed(x0, y0, max(x1 - x0, 1.0), max(y1 - y0, 1.0), text, is_marked)


def _part(box: Box, text: str, start: int, end: int, *, spare: float) -> Box:
    """The part of a line's box that some of its characters take, by their widths (CJK twice a Latin letter)."""
    widths = _widths(text)
    total = sum(widths) or 1.0
    x0, y0, x1, y1 = box
    left = x0 + (x1 - x0) * sum(widths[:start]) / total
    right = x0 + (x1 - x0) * sum(widths[:end]) / total
    more = spare * (y1 - y0)
    return (max(x0 - 2, left - more), y0 - 1, min(x1 + 2, right + more), y1 + 1)


def _widths(text: str) -> list[float]:
    """About how wide each character is, in parts of the font's size."""
    return [1.0 if ord(c) > 0x2E7F else 0.55 for c in text]


def _close(box: Box | None, width: float, height: float) -> Box:
    """The part of the page around a box: all its width for a page without one."""
    if box is None:
        return (0.0, 0.0, width, min(height, width * 0.5))
    x0, x1 = _stretch(box[0] - _MARGIN[0], box[2] + _MARGIN[0], _CLOSE[0], width)
    y0, y1 = _stretch(box[1] - _MARGIN[1], box[3] + _MARGIN[1], _CLOSE[1], height)
    return (x0, y0, x1, y1)


def _stretch(low: float, high: float, least: float, most: float) -> tuple[float, float]:
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    if low < 0:
        low, high = 0.0, min(high - low, most)
    if high > most:
        low, high = max(0.0, low - (high - most)), most
    return low, high
