"""Red seals on a scanned page: where they are, the page with the seal lifted off, and what the ring says.

A stamp is ink that lets the print below through: in the red channel it nearly vanishes and the black letters stay.
Only the seals' own areas are treated so, since the heading of an official letter is printed in red too
(GB/T 9704-2012, 7.2.4). The ring of text is unrolled around the centre and read as one line.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

from extractors.formats.ocr_engine import Image, Reading, recognise

_LOOK_DPI = 75  # at which seals are looked for
_RED = 28  # how much redder than green and blue a pixel of a seal is, of 255
_SMALLEST_MM, _LARGEST_MM = 17.0, 70.0  # a personal seal has 18 mm, the largest official one 60
_SECTORS = 48
_CLOSED = 0.62  # share of the outline's sectors that must be red
_READABLE = 0.55
_MIN_HAN = 4


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """A seal: its box in pixels, what its ring says, or None, and how sure that is."""

    x0: int
    y0: int
    x1: int
    y1: int
    text: str | None = None
    confidence: float | None = None


def redness(picture: Image) -> npt.NDArray[np.int16]:
    """How much redder than green and blue each pixel is (0 to 255)."""
    wide = picture.astype(np.int16)
    return np.maximum(wide[:, :, 2] - np.maximum(wide[:, :, 1], wide[:, :, 0]), 0)


def find_seals(picture: Image, dpi: float) -> list[Stamp]:
    """The red seals of a page, without their texts."""
    import cv2

    scale = min(1.0, _LOOK_DPI / dpi)
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    per_mm = dpi * scale / 25.4
    red = (redness(small) > _RED).astype(np.uint8)
    if int(red.sum()) < (per_mm * 4) ** 2:
        return []
    reach = max(round(per_mm * 2.2), 3) | 1
    closed = cv2.morphologyEx(red, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    found = []
    for k in range(1, count):
        x, y, w, h = (int(v) for v in stats[k][:4])
        if not (
            _SMALLEST_MM <= max(w, h) / per_mm <= _LARGEST_MM
            and min(w, h) >= 0.55 * max(w, h)
            and min(w, h) / per_mm >= 0.7 * _SMALLEST_MM
        ):
            continue
        part = (labels[y : y + h, x : x + w] == k) & (red[y : y + h, x : x + w] > 0)
        if _is_outlined(part):
            pad = per_mm
            found.append(
                Stamp(
                    x0=max(int((x - pad) / scale), 0),
                    y0=max(int((y - pad) / scale), 0),
                    x1=min(int((x + w + pad) / scale) + 1, picture.shape[1]),
                    y1=min(int((y + h + pad) / scale) + 1, picture.shape[0]),
                )
            )
    return found


def _is_outlined(part: npt.NDArray[np.bool_]) -> bool:
    """True when red runs along the outline, as a ring or as a frame."""
    height, width = part.shape
    ys, xs = np.nonzero(part)
    u, v = (xs + 0.5) / width * 2 - 1, (ys + 0.5) / height * 2 - 1
    sector = ((np.arctan2(v, u) / (2 * math.pi) + 0.5) * _SECTORS).astype(int) % _SECTORS
    for distance, nearest in ((np.hypot(u, v), 0.84), (np.maximum(abs(u), abs(v)), 0.88)):
        hit = np.unique(sector[distance > nearest])
        if len(hit) >= _CLOSED * _SECTORS:
            return True
    return False


def lifted(picture: Image, seals: list[Stamp]) -> Image:
    """The page with the seals taken off: a new picture where there are any, else the same."""
    if not seals:
        return picture
    out = picture.copy()
    for seal in seals:
        area = (slice(seal.y0, seal.y1), slice(seal.x0, seal.x1))
        part = picture[area]
        mask = redness(np.ascontiguousarray(part)) > _RED // 2
        channel = part[:, :, 2].astype(np.float32)
        if mask.any():
            ink = float(np.percentile(channel[mask], 60))  # the stamp's own tone in this channel, to become paper
            channel = np.where(mask, np.minimum(channel * (255.0 / max(ink * 0.94, 60.0)), 255.0), channel)
        out[area] = channel.astype(np.uint8)[:, :, None]
    return out


def read_ring(picture: Image, seal: Stamp) -> Stamp:
    """The seal with the text of its ring and of the line across it, as far as they can be read."""
    part = np.ascontiguousarray(picture[seal.y0 : seal.y1, seal.x0 : seal.x1])
    ink = _ink(part)
    if ink is None:
        return seal
    strip = _unrolled(ink)
    if strip is None:
        return seal
    reading = recognise([strip])[0]
    if not _is_name(reading):
        return seal
    text, sure = reading.text, reading.confidence
    across = recognise([_across(ink)])[0]
    if _is_name(across) and across.confidence > 0.85 and across.text.endswith("章"):
        text = f"{text}{across.text}"
    return msgspec.structs.replace(seal, text=text, confidence=round(sure, 4))


def _is_name(reading: Reading) -> bool:
    han = sum("\u4e00" <= c <= "\u9fff" for c in reading.text)
    return han >= _MIN_HAN and reading.confidence >= _READABLE


def _ink(part: Image) -> npt.NDArray[np.uint8] | None:
    """The red of a seal as black on white, cut to the seal and stretched to a square of 400 pixels."""
    import cv2

    red = redness(part)
    ys, xs = np.nonzero(red > _RED)
    if len(ys) < 200:
        return None
    x0, x1 = (int(v) for v in np.percentile(xs, (0.3, 99.7)))
    y0, y1 = (int(v) for v in np.percentile(ys, (0.3, 99.7)))
    if x1 - x0 < 60 or y1 - y0 < 60:
        return None
    red = red[y0 : y1 + 1, x0 : x1 + 1]
    strong = max(float(np.percentile(red[red > _RED], 85)), 1.0)
    black = 255 - np.clip(red.astype(np.float32) * (255.0 / strong), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(black, (400, 400), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _unrolled(ink: npt.NDArray[np.uint8]) -> Image | None:
    """The band of the ring's letters as one upright line, begun at its widest gap."""
    import cv2

    radius = ink.shape[0] / 2
    turns = round(2 * math.pi * radius * 0.78)
    polar = cv2.warpPolar(
        ink, (round(radius), turns), (radius, radius), radius, cv2.INTER_CUBIC | cv2.WARP_POLAR_LINEAR
    )
    # rows are angles clockwise from three o'clock, columns the distance; letters stand with their heads outwards
    flat = np.ascontiguousarray(np.roll(polar, -turns // 4, axis=0).T[::-1])
    dark = (flat < 150).mean(axis=1)  # share of each circle that is red, the outermost first
    outline = [i for i in range(round(radius * 0.25)) if dark[i] > 0.55]
    top = (outline[-1] + 3) if outline else round(radius * 0.06)
    bottom = min(top + round(radius * 0.40), len(dark) - 1)
    for i in range(top + round(radius * 0.14), bottom):  # letters end where a circle is nearly clear
        if dark[i] < 0.02:
            bottom = i + 2
            break
    band = flat[top:bottom]
    filled = np.flatnonzero((band < 150).sum(axis=0) > 1)
    if len(filled) < turns * 0.15:
        return None
    gaps = np.diff(np.append(filled, filled[0] + turns))
    widest = int(gaps.argmax())
    start = int(filled[(widest + 1) % len(filled)])
    length = turns - int(gaps[widest])
    band = np.roll(band, -(start - 6), axis=1)[:, : length + 14]
    return np.ascontiguousarray(np.repeat(band[:, :, None], 3, axis=2))


def _across(ink: npt.NDArray[np.uint8]) -> Image:
    """The straight line below the star (财务专用章)."""
    side = ink.shape[0]
    part = ink[round(side * 0.60) : round(side * 0.78), round(side * 0.2) : round(side * 0.8)]
    return np.ascontiguousarray(np.repeat(part[:, :, None], 3, axis=2))
