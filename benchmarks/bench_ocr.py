"""Scans: our whole reading of a sealed page beside bare RapidOCR with the same engine, models and resolution.

Bare means: the page drawn by pypdfium2, one call of RapidOCR with its own settings and one thread, nothing made of
the lines it gives. Ours lifts the seal, reads its ring, straightens, finds tables and writes the document.
"""

from __future__ import annotations

import importlib.util
import io
import math
import shutil
import subprocess
import time
from typing import Any

from benchmarks.row import Row

_PAGES, _DPI = 4, 200
_TARGET = 1.15
_WHAT = "OCR of sealed pages, cpu-seconds a page"
_LINES = (
    "各乡镇人民政府，县直有关部门：",
    "截至2023年6月底，全县拖欠账款总额为1234.56万元，",
    "已清偿800万元，剩余434.56万元，涉及企业86家。",
    "一、明确责任。由财政局牵头，住房和城乡建设局",
    "配合，于2023年9月30日前完成清偿。",
    "二、按月报送。各单位每月5日前将台账报送专班",
    "办公室，逾期不报的予以通报。",
)


def _font() -> tuple[str, int] | None:
    """A Chinese font of this machine, by fontconfig."""
    if shutil.which("fc-match") is None:
        return None
    said = subprocess.run(
        ["fc-match", "--format", "%{file}\t%{index}\t%{lang}", "Noto Serif CJK SC:lang=zh-cn"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\t")
    return (said[0], int(said[1]) & 0xFFFF) if len(said) == 3 and "zh-cn" in said[2] else None


def _page(font: tuple[str, int], number: int) -> Any:
    """An A4 page with a paragraph repeated, a signature and a seal over it, as a picture."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    scale = _DPI / 72
    picture = Image.new("RGB", (round(595 * scale), round(842 * scale)), "white")
    draw = ImageDraw.Draw(picture)
    body = ImageFont.truetype(font[0], round(16 * scale), index=font[1])
    for k in range(22):
        line = _LINES[(k + number) % len(_LINES)]
        draw.text((80 * scale, (80 + k * 28.5) * scale), line, font=body, fill=(20, 20, 20))
    for y, words in ((725, "青山县人民政府办公室"), (753, f"2023年7月{number + 1}日")):
        draw.text((340 * scale, y * scale), words, font=body, fill=(20, 20, 20))
    stamp = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(stamp)
    x, y, r = 420 * scale, 745 * scale, 58 * scale
    pen.ellipse([x - r, y - r, x + r, y + r], outline=255, width=round(3 * scale))
    small = ImageFont.truetype(font[0], round(15 * scale), index=font[1])
    for k, c in enumerate("青山县人民政府"):
        angle = math.radians(-110 + 220 * (k + 0.5) / 7)
        spot = (x + r * 0.76 * math.sin(angle), y - r * 0.76 * math.cos(angle))
        pen.text(spot, c, font=small, fill=255, anchor="mm")
    ink = np.asarray(stamp, dtype=np.float32)[:, :, None] / 255 * 0.7
    pixels = np.asarray(picture, dtype=np.float32)
    red = np.array([225, 30, 40], dtype=np.float32) / 255
    grain = np.random.default_rng(number).normal(0, 5, pixels.shape)
    return np.clip(pixels * (1 - ink) + pixels * red * ink + grain, 0, 255).astype(np.uint8)


def _scan(font: tuple[str, int]) -> bytes:
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for number in range(_PAGES):
        pressed = io.BytesIO()
        Image.fromarray(_page(font, number)).save(pressed, "JPEG", quality=85)
        pressed.seek(0)
        canvas.drawImage(ImageReader(pressed), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def run() -> list[Row]:
    """One row: processor seconds a page of both and their ratio."""
    font = _font()
    missing = "no CJK font (fc-match zh-cn)" if font is None else ""
    if importlib.util.find_spec("rapidocr") is None:
        missing = "rapidocr is not installed"
    if font is None or missing:
        return [Row(what=_WHAT, ours="", peer="", ratio=None, target=f"<= {_TARGET}", ok=None, note=missing)]
    import numpy as np
    import pypdfium2 as pdfium
    from rapidocr import RapidOCR

    from extractors.read import read

    data = _scan(font)
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})

    def bare() -> None:
        pdf = pdfium.PdfDocument(data)
        for page in pdf:
            engine(np.ascontiguousarray(page.render(scale=_DPI / 72).to_numpy()[:, :, :3]))
        pdf.close()

    bare()
    read(data, "扫描.pdf")
    ours, theirs = [], []
    for _ in range(2):
        begun = time.process_time()
        bare()
        middle = time.process_time()
        read(data, "扫描.pdf")
        ours.append((time.process_time() - middle) / _PAGES)
        theirs.append((middle - begun) / _PAGES)
    ratio = min(ours) / min(theirs)
    return [
        Row(
            what=_WHAT,
            ours=f"{min(ours):.2f}",
            peer=f"{min(theirs):.2f} bare RapidOCR",
            ratio=ratio,
            target=f"<= {_TARGET}",
            ok=ratio <= _TARGET,
        )
    ]
