"""Pages as pictures: drawn by a child that can be killed, kept below a size, PNG and nothing else."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from tests.extractors.formats import makers
from warehouse import page_images
from warehouse.archive import archive
from warehouse.page_images import DrawLimits, PageImageError, hold_below, page_image


def test_a_pdf_page_is_drawn_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = archive(tmp_path, makers.pdf())
    drawn = page_image(tmp_path, file_id, "a.pdf", "pdf", 1)
    picture = Image.open(io.BytesIO(drawn.png))
    assert picture.format == "PNG"
    assert picture.width == pytest.approx(drawn.width * 2, abs=1)  # 144 dpi: two pixels a point
    assert picture.convert("L").getextrema()[0] < 100  # something is printed
    monkeypatch.setattr(page_images, "_draw", None)  # a second look needs no child
    assert page_image(tmp_path, file_id, "a.pdf", "pdf", 1) == drawn


def test_a_damaged_cache_is_drawn_anew(tmp_path: Path) -> None:
    file_id = archive(tmp_path, makers.image())
    drawn = page_image(tmp_path, file_id, "a.png", "image", 1)
    (kept,) = (tmp_path / "cache" / "pages").glob("??/*.page")
    kept.write_bytes(kept.read_bytes()[:-100])
    assert page_image(tmp_path, file_id, "a.png", "image", 1) == drawn


@pytest.mark.parametrize(
    ("data", "kind", "page"),
    [
        (makers.pdf()[:700], "pdf", 1),
        (b"%PDF-1.7\n" + os.urandom(5000), "pdf", 1),
        (b"\x89PNG\r\n\x1a\n" + os.urandom(500), "image", 1),
        (makers.pdf(), "pdf", 900),
        (makers.pdf(), "pdf", 0),
        (b"hello", "txt", 1),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_sentence(tmp_path: Path, data: bytes, kind: str, page: int) -> None:
    file_id = archive(tmp_path, data)
    with pytest.raises(PageImageError) as caught:
        page_image(tmp_path, file_id, "坏文件", kind, page)
    assert caught.value.message.endswith("。")
    assert not list((tmp_path / "cache").glob("pages/??/*.page"))


def test_a_page_that_takes_too_long_or_too_much_is_given_up(tmp_path: Path) -> None:
    file_id = archive(tmp_path, makers.pdf())
    with pytest.raises(PageImageError) as caught:
        page_image(tmp_path, file_id, "a.pdf", "pdf", 1, limits=DrawLimits(seconds=0.001))
    assert caught.value.code == "timeout"
    with pytest.raises(PageImageError) as caught:
        page_image(tmp_path, file_id, "a.pdf", "pdf", 1, limits=DrawLimits(memory_bytes=64 << 20))
    assert caught.value.code in ("memory", "crash")


@pytest.mark.parametrize("file_id", ["../../etc/passwd", "..", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_only_file_ids_name_files(tmp_path: Path, file_id: str) -> None:
    with pytest.raises(PageImageError):
        page_image(tmp_path, file_id, "x", "pdf", 1)


def test_the_cache_lets_go_of_what_was_not_looked_at(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "pages" / "ab"
    folder.mkdir(parents=True)
    for i in range(10):
        path = folder / f"{i}.page"
        path.write_bytes(bytes(100))
        os.utime(path, (i, i))
    assert hold_below(tmp_path, 1000) == 0
    assert hold_below(tmp_path, 999) == 3
    assert sorted(p.name for p in folder.iterdir()) == [f"{i}.page" for i in range(3, 10)]
