"""Draws pages as a scanner would deliver them: print in a CJK font, seals, tables, skew, noise, JPEG.

Everything is invented. A machine without a CJK font skips what needs one, and says so.
"""

from __future__ import annotations

import functools
import io
import math
import random
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 595, 842  # A4 in points
LEFT, RIGHT, TOP = 80, 595 - 73, 90
NOT_FIRST = "，。、；：！？）》〉】〕”’"
STRENGTHS = {"faint": 0.35, "usual": 0.65, "strong": 0.95}


@functools.cache
def font_path() -> tuple[str, int]:
    """File and face number of a simplified Chinese font, found by fontconfig; skips the test where there is none."""
    if shutil.which("fc-match") is None:
        pytest.skip("fontconfig (fc-match) is not installed, so no CJK font can be found to draw scans with")
    for family in ("Noto Serif CJK SC", "Noto Sans CJK SC", "AR PL SungtiL GB", ":lang=zh-cn"):
        found = subprocess.run(
            ["fc-match", "--format", "%{file}\t%{index}\t%{lang}", family], capture_output=True, text=True, check=True
        ).stdout.split("\t")
        if len(found) == 3 and "zh-cn" in found[2]:
            return found[0], int(found[1]) & 0xFFFF
    pytest.skip("no CJK font is installed (fc-list :lang=zh-cn is empty), so no scan can be drawn")


@functools.cache
def font(points: float, dpi: int) -> Any:
    """The font at a size."""
    path, index = font_path()
    return ImageFont.truetype(path, round(points * dpi / 72), index=index)


class Sheet:
    """A page that is being drawn; all places in points from the top-left."""

    def __init__(self, dpi: int = 200, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        self.dpi, self.scale = dpi, dpi / 72
        self.image = Image.new("RGB", (round(size[0] * self.scale), round(size[1] * self.scale)), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.y = float(TOP)

    def width(self, text: str, points: float) -> float:
        return float(self.draw.textlength(text, font=font(points, self.dpi))) / self.scale

    def put(self, text: str, x: float, y: float, points: float = 16, colour: Any = (20, 20, 20)) -> None:
        self.draw.text((x * self.scale, y * self.scale), text, font=font(points, self.dpi), fill=colour)

    def centred(self, text: str, points: float = 22, colour: Any = (20, 20, 20)) -> None:
        self.put(text, (WIDTH - self.width(text, points)) / 2, self.y, points, colour)
        self.y += points * 1.5

    def paragraph(self, text: str, *, indent: int = 2, points: float = 16, leading: float = 28.5) -> None:
        """A paragraph set as official letters are: two characters indented, no mark at a line's beginning."""
        line, x = "", LEFT + indent * points
        for c in text:
            if self.width(line + c, points) > RIGHT - x and c not in NOT_FIRST:
                self.put(line, x, self.y, points)
                self.y += leading
                line, x = "", LEFT
            line += c
        self.put(line, x, self.y, points)
        self.y += leading

    def signature(self, signer: str, date: str, points: float = 16) -> tuple[float, float]:
        """Signer and date as at the end of a letter; returns the middle, where the seal goes."""
        self.y += 30
        wide = self.width(signer, points)
        x = RIGHT - 2 * points - wide
        self.put(signer, x, self.y, points)
        self.put(date, x + (wide - self.width(date, points)) / 2, self.y + 28.5, points)
        middle = (x + wide / 2, self.y + 24)
        self.y += 57
        return middle

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, points: float = 10.5, height: float = 24,
              merged: Sequence[tuple[int, int, int, int]] = ()) -> None:  # fmt: skip
        """A ruled table; `merged` are (row, column, rows, columns) whose inner rules are left out."""
        xs = [LEFT + sum(widths[:k]) for k in range(len(widths) + 1)]
        ys = [self.y + height * k for k in range(len(rows) + 1)]
        covered = {(r + i, c + j): (r, c, h, w) for r, c, h, w in merged for i in range(h) for j in range(w)}
        thick = max(round(0.6 * self.scale), 1)
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                r0, c0, h, w = covered.get((r, c), (r, c, 1, 1))
                if (r0, c0) != (r, c):
                    continue
                box = [v * self.scale for v in (xs[c], ys[r], xs[c + w], ys[r + h])]
                self.draw.rectangle(box, outline=(30, 30, 30), width=thick)
                self.put(text, xs[c] + 4, (ys[r] + ys[r + h]) / 2 - points * 0.75, points)
        self.y = ys[-1] + 12

    def seal(self, organ: str, middle: tuple[float, float], *, strength: float, across: str = "", mm: float = 42,
             turn: float = 0.0) -> None:  # fmt: skip
        """A round seal stamped over the print: the ink lets what lies below shine through."""
        size = round(mm / 25.4 * self.dpi)
        stamp = Image.fromarray(_stamp(organ, across, size, self.dpi)).rotate(turn, fillcolor=0)
        ink = np.asarray(stamp, dtype=np.float32)[:, :, None] / 255 * strength
        page = np.asarray(self.image, dtype=np.float32).copy()
        x, y = (round(v * self.scale - size / 2) for v in middle)
        x = min(max(x, 0), page.shape[1] - size)
        part = page[y : y + size, x : x + size]
        red = np.array([225, 30, 40], dtype=np.float32) / 255
        part[:] = part * (1 - ink) + part * red * ink
        self.image = Image.fromarray(page.astype(np.uint8))
        self.draw = ImageDraw.Draw(self.image)

    def picture(self) -> Any:
        """The page as height x width x 3 bytes, blue green red."""
        return np.ascontiguousarray(np.asarray(self.image)[:, :, ::-1])


def _stamp(organ: str, across: str, size: int, dpi: int) -> Any:
    """The mask of a round seal: ring, star, name along the ring."""
    face = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(face)
    line = max(size // 36, 2)
    draw.ellipse([line, line, size - line, size - line], outline=255, width=line)
    middle, radius = size / 2, size * 0.38
    star = []
    for k in range(10):
        reach = size * (0.16 if k % 2 == 0 else 0.065)
        star.append((middle + reach * math.sin(k * math.pi / 5), middle - reach * math.cos(k * math.pi / 5)))
    draw.polygon(star, fill=255)
    letters = round(min(size * 0.15, 2 * math.pi * radius * 0.72 / len(organ) * 0.92))
    path, index = font_path()
    print_font = ImageFont.truetype(path, letters, index=index)
    spread = min(math.radians(270), len(organ) * math.radians(26))
    for k, c in enumerate(organ):
        angle = -spread / 2 + spread * (k + 0.5) / len(organ)
        tile = Image.new("L", (letters * 2, letters * 2), 0)
        ImageDraw.Draw(tile).text((letters, letters), c, font=print_font, fill=255, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        at = (round(middle + radius * math.sin(angle)) - letters, round(middle - radius * math.cos(angle)) - letters)
        face.paste(Image.new("L", tile.size, 255), at, tile)
    if across:
        small = ImageFont.truetype(path, round(size * 0.09), index=index)
        draw.text((middle, size * 0.69), across, font=small, fill=255, anchor="mm")
    return np.asarray(face)


def worn(picture: Any, *, skew: float = 0.0, noise: float = 6.0, seed: int = 1, quality: int = 80) -> Any:
    """The page as it comes off a scanner: turned by `skew` degrees, grainy, pressed by JPEG."""
    height, width = picture.shape[:2]
    if skew:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)
        picture = cv2.warpAffine(picture, turn, (width, height), borderValue=(255, 255, 255), flags=cv2.INTER_CUBIC)
    if noise:
        grain = np.random.default_rng(seed).normal(0, noise, picture.shape).astype(np.float32)
        picture = np.clip(picture.astype(np.float32) * 0.98 + grain, 0, 255).astype(np.uint8)
    return cv2.imdecode(np.frombuffer(jpeg(picture, quality=quality), np.uint8), cv2.IMREAD_COLOR)


def jpeg(picture: Any, *, quality: int = 80, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()


def png(picture: Any, *, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def tiff(pictures: Sequence[Any], *, dpi: int = 200) -> bytes:
    """All pages in one file."""
    first, *rest = [Image.fromarray(np.ascontiguousarray(p[:, :, ::-1])) for p in pictures]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw", dpi=(dpi, dpi))
    return out.getvalue()


def pdf(pictures: Sequence[Any], *, dpi: int = 200, layer: Sequence[str] = ()) -> bytes:
    """A PDF of pictures; `layer` puts invisible text (render mode 3) over each page, as scanner programs do."""
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number, picture in enumerate(pictures):
        size = (picture.shape[1] * 72 / dpi, picture.shape[0] * 72 / dpi)
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(io.BytesIO(jpeg(picture, quality=85))), 0, 0, *size)
        if number < len(layer):
            text = canvas.beginText(80, size[1] - 100)
            text.setFont("STSong-Light", 16)
            text.setTextRenderMode(3)
            for line in layer[number].split("\n"):
                text.textLine(line)
            canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


# --- whole letters
PLACES = ("青山", "白水", "松林", "红岩", "石桥", "云台", "清溪", "长岭", "东河", "金沙")
ORGANS = ("县人民政府", "县人民政府办公室", "县财政局", "县工业和信息化局", "市住房和城乡建设局", "县清欠工作专班")


def letter(seed: int, *, strength: float = 0.0, dpi: int = 200, turn: float = 0.0) -> tuple[Sheet, list[str]]:
    """An invented letter and its paragraphs, the last two being signer and date; sealed where a strength is given."""
    rng = random.Random(seed)
    signer = rng.choice(PLACES) + rng.choice(ORGANS)
    date = f"{rng.randint(2019, 2026)}年{rng.randint(1, 12)}月{rng.randint(1, 28)}日"
    place = rng.choice(PLACES)
    debt = rng.randint(100_000, 9_999_999) / 100
    paid = round(debt * rng.uniform(0.2, 0.8), 2)
    paragraphs = [
        f"关于清理拖欠{place}镇中小企业账款的通知",
        "各乡镇人民政府，县直有关部门：",
        f"截至{rng.randint(2019, 2025)}年{rng.randint(1, 12)}月底，{place}镇拖欠中小企业账款总额为{debt:.2f}万元，"
        f"已清偿{paid:.2f}万元，剩余{debt - paid:.2f}万元，涉及企业{rng.randint(3, 90)}家。",
        f"一、明确责任。由财政局牵头，住房和城乡建设局配合，于{rng.randint(3, 12)}月{rng.randint(1, 28)}日前完成清偿。",
        f"二、按月报送。各单位每月{rng.randint(2, 9)}日前将台账报送专班办公室，逾期不报的予以通报。",
    ]
    sheet = Sheet(dpi)
    sheet.centred(paragraphs[0], 20)
    sheet.y += 16
    for k, text in enumerate(paragraphs[1:]):
        sheet.paragraph(text, indent=0 if k == 0 else 2)
    middle = sheet.signature(signer, date)
    if strength:
        sheet.seal(signer, middle, strength=strength, turn=turn or rng.uniform(-12, 12))
    return sheet, [*paragraphs, signer, date]
