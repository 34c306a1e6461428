"""The objects of one OFD page: characters with boxes, ruling lines and pictures, in points from the page's top-left.

GB/T 33190-2016, clauses 7.7 (pages, layers), 8 (geometry, matrices), 9 (paths), 11 (text) and 13 (composite objects).
Lengths in the file are millimetres; an object's own matrix works inside its boundary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import msgspec
from lxml import etree

from extractors.formats import limits
from extractors.formats.draft import is_wide
from extractors.formats.ofd_package import all_text, attribute, child, children
from extractors.formats.ruling import Edge, add_edges
from extractors.formats.safexml import local

POINTS = 72 / 25.4
"""Points in a millimetre."""
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_ASCENT = 0.88  # of the em: what most Chinese typefaces keep above the baseline
_NARROW = 0.5  # of the em: Latin letters and digits of Chinese typefaces
_OPERANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


class Char(msgspec.Struct, kw_only=True):
    """One character: its box, and the em of its run."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    em: float


class Run(msgspec.Struct, kw_only=True):
    """Characters that one TextCode places, in its order; `upright` is false for text set from top to bottom."""

    chars: list[Char]
    upright: bool = True

    @property
    def text(self) -> str:
        """The run's characters."""
        return "".join(c.text for c in self.chars)


class Picture(msgspec.Struct, kw_only=True):
    """A picture placed on a page: the resource it shows and its box."""

    resource: str
    box: tuple[float, float, float, float]


class Content:
    """What one page draws. `hidden` counts the characters of objects that are marked invisible."""

    def __init__(self, left: float, top: float, units: Mapping[str, etree._Element]) -> None:
        self._base: Matrix = (POINTS, 0.0, 0.0, POINTS, -left * POINTS, -top * POINTS)
        self._units = units
        self.runs: list[Run] = []
        self.lines: list[Edge] = []
        self.fills: list[Edge] = []
        self.pictures: list[Picture] = []
        self.hidden = 0
        self.objects = 0
        self.cut = False

    def add(self, holder: etree._Element | None) -> None:
        """Adds everything below a page's or template's Content, an annotation's Appearance, or a layer."""
        if holder is not None:
            self._walk(holder, self._base, 0)

    @property
    def edges(self) -> list[Edge]:
        """Ruling lines; edges of filled boxes (shaded cells) count only where no lines are drawn."""
        return self.lines or self.fills

    def _walk(self, holder: etree._Element, outer: Matrix, depth: int) -> None:
        for item in holder:
            kind = local(item)
            if kind in ("Layer", "PageBlock"):
                if depth < limits.MAX_OFD_DEPTH:
                    self._walk(item, outer, depth + 1)
                continue
            if kind not in ("TextObject", "PathObject", "ImageObject", "CompositeObject"):
                continue
            self.objects += 1
            if self.objects > limits.MAX_PAGE_OBJECTS:
                self.cut = True
                return
            if (attribute(item, "Visible") or "true").lower() in ("false", "0"):
                self.hidden += sum(len("".join((c.text or "").split())) for c in item.iter("{*}TextCode"))
                continue
            inner = _inside(item, outer)
            if kind == "TextObject":
                self._text(item, inner)
            elif kind == "PathObject":
                self._path(item, inner)
            elif kind == "ImageObject":
                box = _corners(inner, 0, 0, 1, 1) if attribute(item, "CTM") else _boundary_box(item, outer)
                self.pictures.append(Picture(resource=attribute(item, "ResourceID") or "", box=box))
            elif depth < limits.MAX_OFD_DEPTH:
                unit = self._units.get(attribute(item, "ResourceID") or "")
                content = child(unit, "Content")
                if content is not None:
                    self._walk(content, inner, depth + 1)

    # --- text
    def _text(self, item: etree._Element, inner: Matrix) -> None:
        size = _number(attribute(item, "Size"), 0.0) or 3.5
        wide = size * (_number(attribute(item, "HScale"), 1.0) or 1.0)
        turned = (attribute(item, "ReadDirection") or "0").strip() in ("90", "270")
        x = y = 0.0
        for code in children(item, "TextCode"):
            text = all_text(code).replace("\r", "").replace("\n", "")
            x, y = _number(attribute(code, "X"), x), _number(attribute(code, "Y"), y)
            if not text:
                continue
            across, down = deltas(attribute(code, "DeltaX")), deltas(attribute(code, "DeltaY"))
            chars: list[Char] = []
            at_x, at_y = x, y
            upright = not turned or bool(across)
            for i, char in enumerate(text):
                step_x, step_y = _delta(across, i), _delta(down, i)
                natural = wide if is_wide(char) else wide * _NARROW
                if not across and not down:  # the producer leaves the advance to the typeface
                    step_x, step_y = (0.0, natural) if turned else (natural, 0.0)
                last = i == len(text) - 1
                advance = step_x if 0 < step_x <= wide and not last else natural
                if char == " " and step_x > 0 and not last:
                    advance = step_x
                box = _corners(inner, at_x, at_y - _ASCENT * size, at_x + advance, at_y + (1 - _ASCENT) * size)
                em = size * math.hypot(inner[2], inner[3])
                chars.append(Char(text=_plain(char), x0=box[0], y0=box[1], x1=box[2], y1=box[3], em=em))
                at_x, at_y = at_x + step_x, at_y + step_y
            if len(chars) > 1:
                dx, dy = abs(chars[-1].x0 - chars[0].x0), abs(chars[-1].y0 - chars[0].y0)
                upright = dx >= dy
            self.runs.append(Run(chars=chars, upright=upright))

    # --- lines
    def _path(self, item: etree._Element, inner: Matrix) -> None:
        stroked = (attribute(item, "Stroke") or "true").lower() not in ("false", "0")
        filled = (attribute(item, "Fill") or "false").lower() in ("true", "1")
        data = child(item, "AbbreviatedData")
        if data is None or not data.text or not (stroked or filled):
            return
        if len(self.lines) + len(self.fills) > limits.MAX_PAGE_PATHS:
            return
        for outline in outlines(data.text):
            add_edges([_point(inner, x, y) for x, y in outline], stroked, self.lines, self.fills)


def outlines(data: str) -> Iterator[list[tuple[float, float]]]:
    """The straight outlines of an AbbreviatedData (9.1); an outline with a curve is no ruling line and left out."""
    tokens = data.replace(",", " ").split()
    run: list[tuple[float, float]] = []
    straight = True
    i = 0
    while i < len(tokens):
        word = tokens[i]
        count = _OPERANDS.get(word.upper())
        if count is None:
            return
        values = [_number(v, 0.0) for v in tokens[i + 1 : i + 1 + count]]
        i += 1 + count
        if len(values) < count:
            break
        if word in "SsMm":
            if straight and len(run) > 1:
                yield run
            run, straight = [(values[0], values[1])], True
        elif word in "Ll":
            run.append((values[0], values[1]))
        elif word in "Cc":
            if run:
                run.append(run[0])
        else:
            straight = False
        if len(run) > limits.MAX_PAGE_PATHS:
            return
    if straight and len(run) > 1:
        yield run


def deltas(text: str | None) -> list[float]:
    """The offsets of a DeltaX or DeltaY: numbers, `g N v` for N times v (11.3)."""
    tokens = (text or "").replace(",", " ").split()
    out: list[float] = []
    i = 0
    while i < len(tokens) and len(out) < limits.MAX_OFD_DELTAS:
        if tokens[i] in "gG":
            count = int(_number(tokens[i + 1] if i + 1 < len(tokens) else None, 0.0))
            value = _number(tokens[i + 2] if i + 2 < len(tokens) else None, 0.0)
            out += [value] * min(max(count, 0), limits.MAX_OFD_DELTAS - len(out))
            i += 3
        else:
            out.append(_number(tokens[i], 0.0))
            i += 1
    return out


def _delta(values: list[float], i: int) -> float:
    """The offset after character `i`; producers who write too few mean the last one to go on."""
    return values[min(i, len(values) - 1)] if values else 0.0


def _plain(char: str) -> str:
    return " " if char.isspace() or char in "\x00\x0b\x0c" else char


# --- geometry
def _number(text: str | None, default: float) -> float:
    try:
        value = float(text) if text is not None else default
    except ValueError:
        return default
    return value if abs(value) < 1e6 else default  # also inf and nan


def numbers(text: str | None) -> list[float]:
    """The numbers of a list in an attribute or element; what is no number counts as 0."""
    return [_number(t, 0.0) for t in (text or "").replace(",", " ").split()]


def times(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that applies `first` and `then` one after the other (row vectors, as in the standard)."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _inside(item: etree._Element, outer: Matrix) -> Matrix:
    """From an object's own coordinates to the page's: its CTM, then its boundary's corner, then what is outside."""
    box = numbers(attribute(item, "Boundary"))
    ctm = numbers(attribute(item, "CTM"))
    shift: Matrix = (1.0, 0.0, 0.0, 1.0, box[0] if box else 0.0, box[1] if len(box) > 1 else 0.0)
    own: Matrix = IDENTITY if len(ctm) != 6 else (ctm[0], ctm[1], ctm[2], ctm[3], ctm[4], ctm[5])
    return times(times(own, shift), outer)


def _boundary_box(item: etree._Element, outer: Matrix) -> tuple[float, float, float, float]:
    box = [*numbers(attribute(item, "Boundary")), 0.0, 0.0, 0.0, 0.0]
    return _corners(outer, box[0], box[1], box[0] + box[2], box[1] + box[3])


def _point(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


def _corners(m: Matrix, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    spots = [_point(m, x, y) for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))]
    xs, ys = [p[0] for p in spots], [p[1] for p in spots]
    return min(xs), min(ys), max(xs), max(ys)
