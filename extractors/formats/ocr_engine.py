"""The recognition engine: pictures in, text boxes and read lines out. The only module that knows RapidOCR.

The models lie inside the package's wheel and are named by path, so nothing is ever fetched. One thread: a file has
one processor, and threads cost a fifth more processor time. The engine is built when the first page needs it and
stays for the life of the process.
"""

from __future__ import annotations

import functools
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from extractors.document import ReadError

Image = npt.NDArray[np.uint8]
"""Height x width x 3 bytes, blue green red."""
Quad = npt.NDArray[np.float32]
"""Four corners of a text box in pixels: top left, top right, bottom right, bottom left of its reading direction."""

DETECT_SIDE = 1728
"""Longest side in pixels of the picture in which text is looked for: 8 point letters of an A4 page are 16 high."""
_READ_HEIGHT = 48  # the recogniser's own
_BATCH_WIDTH = 6 * 640  # pixels of one batch's lines side by side: bounds the memory of a run
_LONGEST = 80  # heights: a longer strip is no line of print
_NARROWEST = 96
_FLATTEST = 4.0  # the detector blows a flatter picture up until its short side has 736 pixels


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One line as read: `edges` are the boundaries of its characters as shares of its width (len(text) + 1)."""

    text: str
    edges: tuple[float, ...]
    confidences: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """Mean over the characters; 0 for a line in which nothing was read."""
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0


def is_available() -> bool:
    """Whether scans can be read in this installation."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


def detect(picture: Image) -> list[Quad]:
    """The boxes of printed lines, in no order."""
    import cv2

    height, width = picture.shape[:2]
    scale = min(1.0, DETECT_SIDE / max(height, width))
    small = picture
    if scale < 1.0:
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    low, wide = small.shape[:2]
    down, right = max(math.ceil(wide / _FLATTEST) - low, 0), max(math.ceil(low / _FLATTEST) - wide, 0)
    if down or right:
        white = (255.0, 255.0, 255.0, 0.0)
        small = cv2.copyMakeBorder(small, 0, down, 0, right, cv2.BORDER_CONSTANT, value=white)  # type: ignore[assignment]
    boxes = _engine()[0](small).boxes
    if boxes is None:
        return []
    return [np.asarray(box, dtype=np.float32) / np.float32(scale) for box in boxes]


def recognise(lines: list[Image]) -> list[Reading]:
    """Reads pictures of single lines, in the order given."""
    reader = _engine()[1]
    shares = [min(line.shape[1] / line.shape[0], _LONGEST) for line in lines]
    found: list[Reading | None] = [None] * len(lines)
    todo = sorted(range(len(lines)), key=lambda i: -shares[i])
    while todo:
        width = max(math.ceil(shares[todo[0]] * _READ_HEIGHT), _NARROWEST)
        count = max(1, min(8, _BATCH_WIDTH // width))
        # a line much shorter than the longest would pay for its padding
        batch = [i for i in todo[:count] if shares[i] * _READ_HEIGHT >= 0.8 * width or width == _NARROWEST]
        todo = todo[len(batch) :]
        ratio = width / _READ_HEIGHT
        stack = np.stack([reader.resize_norm_img(lines[i], ratio) for i in batch]).astype(np.float32)
        scores = reader.session(stack)
        for i, row in zip(batch, scores, strict=True):
            used = min(math.ceil(shares[i] * _READ_HEIGHT), width) / width
            found[i] = _decode(row, reader.postprocess_op.character, used)
    return [r for r in found if r is not None]


def _decode(row: npt.NDArray[Any], characters: list[str], used: float) -> Reading:
    """CTC: of equal neighbours the first counts, index 0 is the gap; `used` is the share of steps with line in them."""
    best = row.argmax(axis=1)
    keep = best != 0
    keep[1:] &= best[1:] != best[:-1]
    steps: list[int] = np.flatnonzero(keep).tolist()
    total = len(best) * used
    centres: list[float] = []
    for n, step in enumerate(steps):
        end = step + 1
        limit = steps[n + 1] if n + 1 < len(steps) else len(best)
        while end < limit and best[end] == best[step]:
            end += 1
        centres.append(min((step + end) / 2 / total, 1.0))
    text = "".join(characters[best[s]] for s in steps)
    confidences = tuple(round(float(row[s, best[s]]), 4) for s in steps)
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    if last <= first or len(text) != len(steps):
        return Reading(text="", edges=(0.0, 1.0), confidences=())
    text, confidences, centres = text[first:last], confidences[first:last], centres[first:last]
    inner = [(a + b) / 2 for a, b in pairwise(centres)]
    return Reading(text=text, edges=(0.0, *inner, 1.0), confidences=confidences)


def stand_upright(lines: list[Image]) -> bool:
    """False when most of the line pictures stand on their heads."""
    if not lines:
        return True
    votes = _engine()[2](list(lines)).cls_res or []
    weight = sum((1 if label == "0" else -1) * score for label, score in votes if score > 0.6)
    return bool(weight >= 0)


def cut_out(picture: Image, quad: Quad) -> Image:
    """The picture of one text box, turned so that it can be read."""
    import cv2

    width = max(float(np.linalg.norm(quad[0] - quad[1])), float(np.linalg.norm(quad[3] - quad[2])), 1.0)
    height = max(float(np.linalg.norm(quad[0] - quad[3])), float(np.linalg.norm(quad[1] - quad[2])), 1.0)
    w, h = max(round(width), 1), max(round(height), 1)
    target = np.array([[0, 0], [w, 0], [w, h], [0, h]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    out = cv2.warpPerspective(picture, turn, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(out)


@functools.cache
def _engine() -> tuple[Any, Any, Any]:
    """(detector, recogniser, judge of orientation). Raises `ReadError("scan_without_ocr")` where they are missing."""
    try:
        import rapidocr
        from rapidocr import RapidOCR

        models = Path(rapidocr.__file__).parent / "models"
        settings = {
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            "Cls.model_path": str(models / "ch_ppocr_mobile_v2.0_cls_mobile.onnx"),
        }
        engine: Any = RapidOCR(params=settings)
        return engine._load_det_model(), engine._load_rec_model(), engine._load_cls_model()
    except (ImportError, FileNotFoundError) as error:
        raise ReadError(
            "scan_without_ocr",
            "扫描件需经文字识别（OCR）才能读取，本机未安装识别组件，请运行 qingqian doctor 查看，或索取电子版原件。",
        ) from error
