"""Ruling lines of a scanned page by morphology: long thin runs of ink, across and down."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from extractors.formats import limits
from extractors.formats.ocr_engine import Image
from extractors.formats.ruling import Edge

Mask = npt.NDArray[np.uint8]
_ACROSS_MM, _DOWN_MM = 9.0, 4.5  # the strokes of a heading's letters are 8 mm at most; rows are 5 mm high at least
_THICKEST_MM = 1.6


def ink(picture: Image, dpi: float) -> Mask:
    """Where the page is printed (255) and where it is paper (0); uneven light does not matter.

    The red channel decides, so that seals and the red line under a letterhead do not count.
    """
    import cv2

    window = max(round(dpi * 0.25), 5) | 1
    red = np.ascontiguousarray(picture[:, :, 2])
    return np.asarray(
        cv2.adaptiveThreshold(red, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, window, 18), dtype=np.uint8
    )


def ruling_lines(printed: Mask, dpi: float) -> list[Edge]:
    """The page's rules as (x0, y0, x1, y1) in pixels; `printed` must be upright and straight."""
    import cv2

    per_mm = dpi / 25.4
    out: list[Edge] = []
    for across in (True, False):
        long = max(round((_ACROSS_MM if across else _DOWN_MM) * per_mm), 8)
        # a rule that leans or was nibbled at by compression stays whole when it is thickened first
        thick = cv2.dilate(printed, np.ones((3, 1) if across else (1, 3), np.uint8))
        runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, long) if across else (long, 1), np.uint8))
        bridge = max(round(per_mm), 3)
        runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((1, bridge) if across else (bridge, 1), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
        if count > limits.MAX_RULE_LINES:
            return []
        out += _straight(stats[1:], across, _THICKEST_MM * per_mm)
    return out


def _straight(stats: npt.NDArray[Any], across: bool, thickest: float) -> list[Edge]:
    out: list[Edge] = []
    for x, y, w, h, area in stats:
        x, y, w, h = float(x), float(y), float(w), float(h)
        length, girth = (w, h) if across else (h, w)
        # the girth of a leaning rule is its lean; its area over its length is its thickness
        if float(area) / length > thickest or girth > max(3 * thickest, 0.03 * length):
            continue
        if across:
            out.append((x, y + h / 2, x + w, y + h / 2))
        else:
            out.append((x + w / 2, y, x + w / 2, y + h))
    return out
