"""A picture of a page as a `PageText`: turned upright, made straight, its lines read in the order of reading.

What comes out has the shape of a born-digital page, so that paragraphs, running heads and tables are put together
by the same code. Its coordinates are points on the upright, straightened page; `PageText.shown` leads back to the
page as it is shown.
"""

from __future__ import annotations

import math
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt

from extractors.document import Anchor, Seal
from extractors.formats import limits, ocr_rules
from extractors.formats.ocr_engine import Image, Quad, Reading, cut_out, detect, recognise, stand_upright
from extractors.formats.pdf_page import PageText
from extractors.formats.pdf_tables import find_cells, looks_ruled
from extractors.formats.ruling import Edge
from extractors.formats.seal import Stamp, find_seals, lifted, read_ring

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the upright, straightened page."""
Affine = npt.NDArray[np.float64]

_STRAIGHT = 0.0015  # radians: below this lean a page counts as straight (a point over a line)
_LEANING = 0.35  # radians: text that leans more is no skew but ornament
_LEAST_SURE = 0.5  # below this a reading is noise, not letters; RapidOCR's own threshold
_JUDGES = 9  # lines asked whether the page stands on its head
_PAPER = 0.0004  # share of ink below which a page is blank


class Recognised(msgspec.Struct, kw_only=True):
    """One page as recognised: text, ruling lines (points) and seals, how many boxes could not be read, and whether
    the page is bare paper."""

    page: PageText
    edges: list[Edge]
    seals: list[Seal]
    unread: int = 0
    is_blank: bool = False


def read_picture(picture: Image, dpi: float, number: int) -> Recognised:
    """Reads the picture of page `number`. Raises `ReadError("scan_without_ocr")` where no engine is installed."""
    height, width = picture.shape[:2]
    per_point = dpi / 72
    if float((ocr_rules.ink(picture, dpi) > 0).mean()) < _PAPER:
        return Recognised(page=PageText(width / per_point, height / per_point), edges=[], seals=[], is_blank=True)
    stamps = find_seals(picture, dpi)
    clean, quads, quarter = _upright(lifted(picture, stamps))
    straight = _straightening(quads, clean)
    printed, rules = _ruled(clean, straight, dpi)
    boxes = [_level(quad, straight) for quad in quads]
    cells = _cells(rules, per_point)
    if cells:
        boxes = [part for box in boxes for part in _cut_at_rules(box, cells)]
        boxes += _lone_letters(boxes, cells, printed, per_point)
    boxes = _in_order(boxes)[: limits.MAX_OCR_LINES]
    back = _inverse(straight)
    readings = recognise([cut_out(clean, _tilted(box, back)) for box in boxes])
    page, unread = _page(boxes, readings, (clean.shape[1], clean.shape[0]), per_point)
    if quarter or abs(straight[0, 1]) > 0:
        (a, b, e), (c, d, f) = _times(_quarter_back(quarter, width, height), back).tolist()
        page.shown = ((a, b, e / per_point), (c, d, f / per_point))
    edges: list[Edge] = [(x0 / per_point, y0 / per_point, x1 / per_point, y1 / per_point) for x0, y0, x1, y1 in rules]
    seals = [_as_seal(read_ring(picture, stamp), per_point, number) for stamp in stamps]
    return Recognised(page=page, edges=edges, seals=seals, unread=unread)


def read_seals(picture: Image, dpi: float, number: int) -> list[Seal]:
    """The red seals of page `number` alone, its text being known otherwise."""
    stamps = find_seals(picture, dpi)
    return [_as_seal(read_ring(picture, stamp), dpi / 72, number) for stamp in stamps]


# --- how the page lies
def _upright(picture: Image) -> tuple[Image, list[Quad], int]:
    """The picture turned so that its lines can be read, their boxes, and the quarter turns (against the clock)."""
    quads = detect(picture)
    quarter = 0
    if _stand_on_edge(quads):
        quarter = 1
        picture = np.ascontiguousarray(np.rot90(picture))
        quads = detect(picture)
    judges = sorted(quads, key=lambda q: -_length(q))[:_JUDGES]
    if not stand_upright([cut_out(picture, q) for q in judges]):
        quarter = (quarter + 2) % 4
        size = np.array([picture.shape[1], picture.shape[0]], dtype=np.float32)
        picture = np.ascontiguousarray(np.rot90(picture, 2))
        quads = [np.ascontiguousarray(np.roll(size - q, 2, axis=0)) for q in quads]
    return picture, quads, quarter


def _length(quad: Quad) -> float:
    return float(np.linalg.norm(quad[0] - quad[1]))


def _stand_on_edge(quads: list[Quad]) -> bool:
    tall = wide = 0.0
    for quad in quads:
        across, down = _length(quad), float(np.linalg.norm(quad[0] - quad[3]))
        if down > 1.5 * across:
            tall += down
        elif across > 1.5 * down:
            wide += across
    return tall > 1.5 * wide


def _straightening(quads: list[Quad], picture: Image) -> Affine:
    """The rotation about the middle that makes the lines level: their median lean, weighted by their lengths."""
    leans = []
    for quad in quads:
        along = (quad[1] - quad[0]) + (quad[2] - quad[3])
        length = float(np.linalg.norm(along)) / 2
        if length > 3 * float(np.linalg.norm(quad[0] - quad[3])):
            leans.append((math.atan2(float(along[1]), float(along[0])), length))
    leans = sorted(lean for lean in leans if abs(lean[0]) < _LEANING)
    half, angle = sum(weight for _, weight in leans) / 2, 0.0
    for lean, weight in leans:
        half -= weight
        if half <= 0:
            angle = lean
            break
    if abs(angle) < _STRAIGHT:
        return np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    c, s = math.cos(angle), math.sin(angle)
    x, y = picture.shape[1] / 2, picture.shape[0] / 2
    return np.array([[c, s, x - c * x - s * y], [-s, c, y + s * x - c * y]])


def _inverse(m: Affine) -> Affine:
    turn = np.linalg.inv(m[:, :2])
    return np.column_stack([turn, -turn @ m[:, 2]])


def _times(outer: Affine, inner: Affine) -> Affine:
    """The map that applies `inner` first."""
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def _quarter_back(quarter: int, width: int, height: int) -> Affine:
    """From the turned picture back to the shown one of that width and height."""
    maps = {
        0: [[1, 0, 0], [0, 1, 0]],
        1: [[0, -1, width], [1, 0, 0]],
        2: [[-1, 0, width], [0, -1, height]],
        3: [[0, 1, 0], [-1, 0, height]],
    }
    return np.array(maps[quarter], dtype=np.float64)


def _level(quad: Quad, straight: Affine) -> Box:
    """A quad as a box of the straightened page."""
    p = quad.astype(np.float64) @ straight[:, :2].T + straight[:, 2]
    return (
        float(p[[0, 3], 0].mean()),
        float(p[[0, 1], 1].mean()),
        float(p[[1, 2], 0].mean()),
        float(p[[2, 3], 1].mean()),
    )


def _tilted(box: Box, back: Affine) -> Quad:
    """A box of the straightened page as it lies in the picture."""
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return (corners @ back[:, :2].T + back[:, 2]).astype(np.float32)


# --- tables
def _ruled(picture: Image, straight: Affine, dpi: float) -> tuple[ocr_rules.Mask, list[Edge]]:
    """The ink of the straightened page and, where it has tables, their rules in pixels."""
    import cv2

    level = picture
    if straight[0, 1]:
        white = (255.0, 255.0, 255.0, 0.0)
        size = (picture.shape[1], picture.shape[0])
        warped = cv2.warpAffine(picture, straight, size, borderMode=cv2.BORDER_CONSTANT, borderValue=white)
        level = np.asarray(warped, dtype=np.uint8)
    printed = ocr_rules.ink(level, dpi)
    rules = ocr_rules.ruling_lines(printed, dpi)
    return printed, rules if looks_ruled(rules) else []


def _cells(rules: list[Edge], per_point: float) -> list[Box]:
    """The cells that the rules enclose, in pixels."""
    edges: list[Edge] = [(a / per_point, b / per_point, c / per_point, d / per_point) for a, b, c, d in rules]
    boxes = [cell for table in find_cells(edges) if len(table) > 1 for cell in table] if edges else []
    return [(a * per_point, b * per_point, c * per_point, d * per_point) for a, b, c, d in boxes]


def _cut_at_rules(box: Box, cells: list[Box]) -> list[Box]:
    """A box that runs over the rule between two cells, as one box for each cell."""
    x0, y0, x1, y1 = box
    middle, em = (y0 + y1) / 2, y1 - y0
    sides = {round(x) for left, top, right, bottom in cells if top < middle < bottom for x in (left, right)}
    stops = [x0, *sorted(x for x in sides if x0 + 0.35 * em < x < x1 - 0.35 * em), x1]
    return [(a, y0, b, y1) for a, b in pairwise(stops) if b - a > 0.3 * em]


def _lone_letters(boxes: list[Box], cells: list[Box], printed: ocr_rules.Mask, per_point: float) -> list[Box]:
    """Boxes for cells that hold ink and no text box: detectors overlook single digits."""
    found: list[Box] = []
    centres = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes]
    for x0, y0, x1, y1 in cells:
        if any(x0 <= x <= x1 and y0 <= y <= y1 for x, y in centres):
            continue
        inset = 1.8 * per_point
        top, left = max(round(y0 + inset), 0), max(round(x0 + inset), 0)
        inner = printed[top : round(y1 - inset), left : round(x1 - inset)]
        rows, cols = np.flatnonzero(inner.any(axis=1)), np.flatnonzero(inner.any(axis=0))
        if not len(rows) or rows[-1] - rows[0] < 3.5 * per_point or int((inner > 0).sum()) < 3 * per_point**2:
            continue
        pad = 2 * per_point
        x, y, right, bottom = (int(v) for v in (cols[0], rows[0], cols[-1], rows[-1]))
        found.append((left + x - pad, top + y - pad, left + right + pad, top + bottom + pad))
    return found


# --- text
def _in_order(boxes: list[Box]) -> list[Box]:
    """Row by row from the top, each row from the left."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b[1] + b[3]):
        middle = (box[1] + box[3]) / 2
        last = rows[-1][0] if rows else None
        if last is not None and middle < last[3] and abs(middle - (last[1] + last[3]) / 2) < 0.5 * (last[3] - last[1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row)]


def _page(boxes: list[Box], readings: list[Reading], size: tuple[int, int], per_point: float) -> tuple[PageText, int]:
    page = PageText(size[0] / per_point, size[1] / per_point)
    page.confidence = []
    text: list[str] = []
    unread = 0
    for (x0, y0, x1, y1), reading in zip(boxes, readings, strict=True):
        if not reading.text or reading.confidence < _LEAST_SURE:
            unread += 1
            continue
        xs = [(x0 + (x1 - x0) * share) / per_point for share in reading.edges]
        count = len(reading.text)
        text.append(reading.text + "\n")
        page.x0 += [*xs[:-1], xs[-1]]
        page.x1 += [*xs[1:], xs[-1]]
        page.y0 += [y0 / per_point] * (count + 1)
        page.y1 += [y1 / per_point] * (count + 1)
        page.confidence += [*reading.confidences, 1.0]
    page.text = "".join(text)
    return page, unread


def _as_seal(stamp: Stamp, per_point: float, number: int) -> Seal:
    box = tuple(round(v / per_point, 2) for v in (stamp.x0, stamp.y0, stamp.x1, stamp.y1))
    return Seal(
        kind="stamp",
        text=stamp.text,
        anchor=Anchor(page=number, bbox=(box[0], box[1], box[2], box[3])),
        confidence=stamp.confidence,
        note="印文由图像识别得出，仅供核对，不能证明印章真伪。" if stamp.text else "印章上的文字未能识别，请对照原件。",
    )
