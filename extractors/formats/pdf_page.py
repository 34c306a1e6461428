"""One PDF page by pdfium: characters with their boxes, ruling lines, and what else is on it.

All coordinates that leave this module are PDF points from the top-left of the page as it is shown (crop box and
rotation applied). Nothing on a page is ever run or followed: forms, scripts and links are not loaded.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Callable

import msgspec
import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.formats import limits
from extractors.formats.ruling import Edge, add_edges

Shown = tuple[tuple[float, float, float], tuple[float, float, float]]
"""An affine map of points, two rows of three: x' = a x + b y + e, y' = c x + d y + f."""


def _one_to_one() -> dict[int, str]:
    """Odd characters of text layers that stand for exactly one ordinary character each."""
    table = dict.fromkeys(range(0x20), "\ufffd")
    table.update({0x02: "-", 0xFFFE: "-", 0x00AD: "-", 0x00A0: " ", 0x09: " ", 0x0A: "\n", 0x0D: "\r"})
    table.update(dict.fromkeys(range(0x7F, 0xA0), "\ufffd"))
    for code in [*range(0x2E80, 0x2EF4), *range(0x2F00, 0x2FD6)]:  # radicals that fonts map in place of characters
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1:
            table[code] = plain
    table.update({0x2028: " ", 0x2029: " ", 0x0B: " ", 0x0C: " "})
    return table


_PLAIN = _one_to_one()


# private use, unmapped and unassigned: characters that stand for nothing a reader could know
_MEANINGLESS = re.compile("[\ue000-\uf8ff\x00\ufffd\U000f0000-\U0010ffff]")
# extension blocks of Han; fonts that lie map ordinary letters and digits there
_RARE = re.compile("[\u3400-\u4dbf\U00020000-\U0002ffff]")


class PageText:
    """The characters of a page in reading order as pdfium gives it, with boxes.

    `text` holds CR LF where pdfium ends a line; `x0, y0, x1, y1` are parallel to it, and so is `confidence` where
    the characters were recognised in a picture. `shown` is then the 2 x 3 matrix from the straightened page's points
    to those of the page as shown, None where they are the same.
    """

    __slots__ = ("confidence", "height", "images", "odd", "shown", "text", "width", "x0", "x1", "y0", "y1")

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.text = ""
        self.x0: list[float] = []
        self.y0: list[float] = []
        self.x1: list[float] = []
        self.y1: list[float] = []
        self.images = 0
        self.odd = 0  # characters without a trustworthy meaning
        self.confidence: list[float] | None = None
        self.shown: Shown | None = None


class _Frame:
    """From user space to points from the shown page's top-left."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        box = raw.FS_RECTF()
        if not raw.FPDF_GetPageBoundingBox(page.raw, ctypes.byref(box)):
            width, height = page.get_size()
            box.left, box.bottom, box.right, box.top = 0, 0, width, height
        self.left, self.bottom, self.right, self.top = box.left, box.bottom, box.right, box.top
        self.turns = raw.FPDFPage_GetRotation(page.raw) % 4
        width, height = self.right - self.left, self.top - self.bottom
        self.width, self.height = (height, width) if self.turns % 2 else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        match self.turns:
            case 0:
                return x - self.left, self.top - y
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case _:
                return self.top - y, self.right - x

    def boxes(self, rects: list[tuple[float, float, float, float]], page: PageText) -> None:
        """Fills the page's four lists from (left, top, right, bottom) boxes in user space."""
        left, top = self.left, self.top
        if self.turns == 0:
            page.x0 = [r[0] - left for r in rects]
            page.y0 = [top - r[1] for r in rects]
            page.x1 = [r[2] - left for r in rects]
            page.y1 = [top - r[3] for r in rects]
            return
        for a, b, c, d in rects:
            (p, q), (r, s) = self.point(a, b), self.point(c, d)
            page.x0.append(min(p, r))
            page.x1.append(max(p, r))
            page.y0.append(min(q, s))
            page.y1.append(max(q, s))


def read_page(page: pdfium.PdfPage) -> PageText:
    """The page's characters and boxes."""
    frame = _Frame(page)
    out = PageText(frame.width, frame.height)
    textpage = raw.FPDFText_LoadPage(page.raw)
    if not textpage:
        return out
    try:
        count = min(raw.FPDFText_CountChars(textpage), limits.MAX_PAGE_CHARS)
        if count <= 0:
            return out
        text = _characters(textpage, count)
        odd, rare = len(_MEANINGLESS.findall(text)), len(_RARE.findall(text))
        out.odd = odd + (rare if rare > len(text) * 0.03 else 0)
        out.text = text.translate(_PLAIN)
        rect = raw.FS_RECTF()
        pointer = ctypes.byref(rect)
        box: Callable[..., int] = raw.FPDFText_GetLooseCharBox
        rects: list[tuple[float, float, float, float]] = []
        add = rects.append
        for i in range(count):
            box(textpage, i, pointer)
            add((rect.left, rect.top, rect.right, rect.bottom))
        frame.boxes(rects, out)
    finally:
        raw.FPDFText_ClosePage(textpage)
    return out


def _characters(textpage: object, count: int) -> str:
    """Exactly one character for each of pdfium's indexes."""
    buffer = (ctypes.c_ushort * (count + 1))()
    got = raw.FPDFText_GetText(textpage, 0, count, buffer)
    text = bytes(buffer)[: max(got - 1, 0) * 2].decode("utf-16-le", "replace")
    if len(text) == count:
        return text
    # characters without a meaning are skipped by the fast call, those beyond the BMP count twice
    codes = (raw.FPDFText_GetUnicode(textpage, i) for i in range(count))
    return "".join(chr(c) if 0 < c < 0x110000 and not 0xD800 <= c < 0xE000 else "\ufffd" for c in codes)


# --- ruling lines
Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def _times(m: Matrix, n: Matrix) -> Matrix:
    """The matrix that applies m first, then n."""
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


class _Rules:
    def __init__(self, frame: _Frame) -> None:
        self.frame = frame
        self.lines: list[Edge] = []
        self.fills: list[Edge] = []
        self.paths = 0
        self.objects = 0
        self.images: list[Edge] = []
        self.hidden = 0

    def walk(self, count: int, get: Callable[[int], object], outer: Matrix, depth: int) -> None:
        for i in range(count):
            self.objects += 1
            if self.objects > limits.MAX_PAGE_OBJECTS or self.paths > limits.MAX_PAGE_PATHS:
                return
            item = get(i)
            kind = raw.FPDFPageObj_GetType(item)
            if kind == raw.FPDF_PAGEOBJ_PATH:
                self.paths += 1
                self._path(item, outer)
            elif kind == raw.FPDF_PAGEOBJ_TEXT:
                if raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
                    self.hidden += 1
            elif kind == raw.FPDF_PAGEOBJ_IMAGE:
                self._image(item, outer)
            elif kind == raw.FPDF_PAGEOBJ_FORM and depth < limits.MAX_FORM_DEPTH:
                inner = item
                self.walk(
                    raw.FPDFFormObj_CountObjects(inner),
                    lambda k, inner=inner: raw.FPDFFormObj_GetObject(inner, k),  # type: ignore[misc]
                    _times(_matrix(inner), outer),
                    depth + 1,
                )

    def _image(self, image: object, outer: Matrix) -> None:
        """The box of a picture: the unit square under its matrix, as far as it lies on the page."""
        a, b, c, d, e, f = _times(_matrix(image), outer)
        spots = [self.frame.point(a * x + c * y + e, b * x + d * y + f) for x in (0, 1) for y in (0, 1)]
        width, height = self.frame.width, self.frame.height
        xs = [min(max(x, 0.0), width) for x, _ in spots]
        ys = [min(max(y, 0.0), height) for _, y in spots]
        self.images.append((min(xs), min(ys), max(xs), max(ys)))

    def _path(self, path: object, outer: Matrix) -> None:
        segments = raw.FPDFPath_CountSegments(path)
        if not 2 <= segments <= limits.MAX_PATH_SEGMENTS:
            return
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
        if not fill.value and not stroke.value:
            return
        a, b, c, d, e, f = _times(_matrix(path), outer)
        x, y = ctypes.c_float(), ctypes.c_float()
        runs: list[list[tuple[float, float]]] = []
        for i in range(segments):
            segment = raw.FPDFPath_GetPathSegment(path, i)
            kind = raw.FPDFPathSegment_GetType(segment)
            if kind == raw.FPDF_SEGMENT_BEZIERTO:
                return
            raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
            spot = self.frame.point(a * x.value + c * y.value + e, b * x.value + d * y.value + f)
            if kind == raw.FPDF_SEGMENT_MOVETO or not runs:
                runs.append([spot])
            else:
                runs[-1].append(spot)
            if raw.FPDFPathSegment_GetClose(segment):
                runs[-1].append(runs[-1][0])
        for run in runs:
            add_edges(run, bool(stroke.value), self.lines, self.fills)


def _matrix(item: object) -> Matrix:
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, ctypes.byref(m)):
        return _IDENTITY
    return (m.a, m.b, m.c, m.d, m.e, m.f)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """What a page draws besides its visible text: ruling lines, boxes of its pictures, and how many paths and
    invisible pieces of text."""

    edges: list[Edge]
    images: list[Edge]
    paths: int
    hidden: int


def drawn_on(page: pdfium.PdfPage) -> Drawn:
    """The page's horizontal and vertical lines and its pictures.

    Edges of filled boxes (shaded cells) count only on pages that draw no lines.
    """
    rules = _Rules(_Frame(page))
    rules.walk(raw.FPDFPage_CountObjects(page.raw), lambda i: raw.FPDFPage_GetObject(page.raw, i), _IDENTITY, 0)
    return Drawn(edges=rules.lines or rules.fills, images=rules.images, paths=rules.paths, hidden=rules.hidden)
