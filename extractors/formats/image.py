"""Pictures of pages: PNG, JPEG, TIFF of several pages, BMP, GIF and WebP, read by recognition.

The size that a picture declares is looked at before a single pixel is unpacked. Points are made of pixels by the
picture's own resolution where it states a believable one, else as if the page were A4.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

import numpy as np

from extractors.document import Counts, Document, ReadError
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.ocr_engine import Image, is_available
from extractors.formats.ocr_file import Recognition
from extractors.formats.paged import Pages
from extractors.formats.pdf_lines import left_out
from extractors.formats.sniff import Sniffed

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_BELIEVABLE = (90.0, 1_300.0)  # dots per inch; cameras and screens write 72 or 96 without meaning it
_A4_HEIGHT = 842.0
_LONGEST_PAGE = 1_700.0  # points: A2; a picture that claims more has a wrong resolution


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a picture. Raises `ReadError`: `bad_image`, `too_large`, `scan_without_ocr`."""
    if not is_available():
        raise ReadError(
            "scan_without_ocr",
            f"文件“{name}”是图片，需经文字识别（OCR）才能读取，本机未安装识别组件，请运行 qingqian doctor 查看，"
            "或向报送单位索取电子版原件。",
        )
    draft = Draft(data, name, "image")
    pages = Pages(draft)
    scans = Recognition(draft, pages)
    count = 0
    for picture, dpi in frames(data, name):
        count += 1
        if scans.is_spent:
            scans.leave_out(count, (picture.shape[1] * 72 / dpi, picture.shape[0] * 72 / dpi))
        else:
            scans.page(picture, dpi, count)
    furniture = pages.write()
    scans.remarks()
    if furniture.numbers or furniture.repeats:
        draft.notice(
            "page_furniture_left_out",
            left_out(name, furniture.numbers, furniture.repeats),
        )
    return draft.finish(
        pages=count,
        counts=Counts(pages=count, characters=scans.characters - furniture.characters),
        grades=[scans.grades[n] for n in sorted(scans.grades)],
        seals=scans.seals,
    )


def frames(data: bytes, name: str) -> Iterator[tuple[Image, float]]:
    """Every page of the file with its resolution, turned as its own mark of orientation says."""
    from PIL import Image as Pictures
    from PIL import ImageOps, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings of size and of broken tags; both are checked here
        try:
            with Pictures.open(io.BytesIO(data), formats=_FORMATS) as file:
                count = min(getattr(file, "n_frames", 1), limits.MAX_PAGES)
                if file.format == "GIF":
                    count = 1  # a moving picture is no document of pages
                for k in range(count):
                    if k:
                        file.seek(k)
                    width, height = file.size
                    if width * height > limits.MAX_PICTURE_PIXELS:
                        raise ReadError(
                            "too_large",
                            f"文件“{name}”第{k + 1}页有{width}×{height}个像素，过大，请以300dpi重新扫描后报送。",
                        )
                    dpi = _resolution(file.info.get("dpi"), file.size)
                    factor = min(1.0, (limits.MAX_PAGE_PIXELS / max(width * height, 1)) ** 0.5)
                    if factor < 1.0:
                        file.draft("RGB", (round(width * factor), round(height * factor)))
                    picture = ImageOps.exif_transpose(file)
                    yield _as_array(picture, factor, (width, height)), dpi * factor
        except Pictures.DecompressionBombError as error:
            raise ReadError("too_large", f"文件“{name}”的像素过多，请以300dpi重新扫描后报送。") from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            raise ReadError("bad_image", f"文件“{name}”不是完整的图片，无法打开，请重新扫描后报送。") from error


def _as_array(picture: object, factor: float, size: tuple[int, int]) -> Image:
    """The picture as blue, green and red bytes on white paper, no larger than the limit."""
    from PIL import Image as Pictures

    assert isinstance(picture, Pictures.Image)
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        picture = Pictures.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer.getchannel("A"))
    elif picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        deep = np.asarray(picture, dtype=np.float32)
        top = 65_535.0 if float(deep.max(initial=0)) > 255 else 255.0
        picture = Pictures.fromarray(np.clip(deep * (255.0 / top), 0, 255).astype(np.uint8))
    picture = picture.convert("RGB")
    if factor < 1.0:
        long, short = max(size) * factor, min(size) * factor
        wide = picture.width >= picture.height
        wanted = (round(long), round(short)) if wide else (round(short), round(long))
        if picture.width > wanted[0]:
            picture = picture.resize((max(wanted[0], 1), max(wanted[1], 1)), Pictures.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(picture, dtype=np.uint8)[:, :, ::-1])


def _resolution(stated: object, size: tuple[int, int]) -> float:
    """Dots per inch: as stated where that can be, else such that the longer side is that of A4."""
    longer = max(size)
    if isinstance(stated, tuple) and len(stated) == 2:
        dpi = float(min(stated))
        if _BELIEVABLE[0] <= dpi <= _BELIEVABLE[1] and longer * 72 / dpi <= _LONGEST_PAGE:
            return dpi
    return max(longer * 72 / _A4_HEIGHT, 1.0)
