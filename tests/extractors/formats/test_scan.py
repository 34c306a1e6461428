"""Scans and pictures: what is printed comes back, under seals, askew, upside down, in tables, over pages.

`QINGQIAN_SEALED_PAGES=60` runs the whole acceptance on sealed pages; by default one page of each strength is read.
"""

from __future__ import annotations

import os
import zlib
from typing import Any
from unicodedata import normalize

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest

from extractors.document import Document, ReadError
from extractors.facts import Context
from extractors.formats import limits
from extractors.formats.ocr_file import numbers
from extractors.process import extract
from extractors.read import read
from tests.extractors.formats import long_tables, scans

SEALED_PAGES = int(os.environ.get("QINGQIAN_SEALED_PAGES", "3"))


def distance(a: str, b: str) -> int:
    """Edits that make one text the other."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def sealed(seed: int) -> tuple[Any, list[str]]:
    """A letter under a seal, one strength after another, askew and grainy."""
    strength = list(scans.STRENGTHS.values())[seed % 3]
    sheet, paragraphs = scans.letter(seed, strength=strength)
    skew = (seed % 7 - 3) * 0.4
    return scans.worn(sheet.picture(), skew=skew, noise=4 + seed % 5, seed=seed, quality=70 + seed % 20), paragraphs


def test_signer_and_date_under_a_seal_are_read_exactly() -> None:
    right = rings = 0
    missed = []
    for seed in range(SEALED_PAGES):
        picture, paragraphs = sealed(seed)
        found = extract(scans.jpeg(picture), "盖章.jpg", Context())
        assert found.document is not None and found.facts is not None
        lines = found.document.text.splitlines()
        issuer = found.facts.metadata.issuer
        if lines[-2:] == paragraphs[-2:] and issuer is not None and issuer.value == paragraphs[-2]:
            right += 1
        else:
            missed.append((seed, lines[-3:], paragraphs[-2:], issuer and issuer.value))
        (seal,) = found.document.seals
        assert seal.anchor is not None and seal.anchor.bbox is not None and seal.anchor.page == 1
        rings += seal.text == paragraphs[-2]
    assert right >= 0.95 * SEALED_PAGES, missed
    assert rings >= 0.8 * SEALED_PAGES


def test_nearly_every_character_of_a_plain_scan_is_right() -> None:
    wrong = total = 0
    for seed in (101, 102):
        sheet, paragraphs = scans.letter(seed)
        text = read(scans.pdf([scans.worn(sheet.picture(), skew=0.6, seed=seed)]), "扫描.pdf").text
        wrong += distance(text.strip(), "\n".join(paragraphs))
        total += len("\n".join(paragraphs))
    assert wrong <= 0.005 * total


@pytest.fixture(scope="module")
def two_pages() -> tuple[list[Any], list[str]]:
    """A letter over two pages, its last paragraph cut by the page break."""
    long = (
        "各单位要加强组织领导，压实工作责任，建立健全台账管理制度，做到底数清、情况明、措施实，确保按期完成清偿任务。"
    )
    first, second = scans.Sheet(), scans.Sheet()
    first.centred("关于报送清欠台账的通知")
    first.y = 700
    first.paragraph(f"一、加强领导。{long}"[:52])
    first.put("— 1 —", 280, 790, 14)
    second.put(f"一、加强领导。{long}"[52:], scans.LEFT, scans.TOP)
    second.y = scans.TOP + 28.5
    second.paragraph("二、按月报送。每月5日前报送。")
    second.put("— 2 —", 280, 790, 14)
    text = ["关于报送清欠台账的通知", f"一、加强领导。{long}", "二、按月报送。每月5日前报送。"]
    return [scans.worn(s.picture(), skew=k - 0.5, seed=k) for k, s in enumerate((first, second))], text


@pytest.mark.parametrize("make", [scans.tiff, scans.pdf])
def test_a_paragraph_goes_on_over_the_page_break(make: Any, two_pages: tuple[list[Any], list[str]]) -> None:
    pictures, text = two_pages
    document = read(make(pictures), "通知")
    assert document.text.splitlines() == text
    assert document.format == ("image" if make is scans.tiff else "scan")
    assert document.pages == 2
    assert [(g.page, g.source, g.grade == "poor") for g in document.grades] == [(1, "ocr", False), (2, "ocr", False)]
    assert {b.anchor.page for b in document.blocks} == {1, 2}
    assert all(b.confidence is not None and b.confidence > 0.8 for b in document.blocks)
    assert "read_by_ocr" in {n.code for n in document.notices}
    assert not document.is_partial


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_scanned_sideways_or_upside_down_is_read_and_evidence_lies_on_the_page_as_shown(turns: int) -> None:
    sheet, paragraphs = scans.letter(7)
    upright = read(scans.png(sheet.picture()), "正.png")
    turned = read(scans.png(np.rot90(sheet.picture(), turns)), "转.png")
    assert upright.text.splitlines() == turned.text.splitlines() == paragraphs
    for a, b in zip(upright.blocks, turned.blocks, strict=True):
        assert a.anchor.bbox is not None and b.anchor.bbox is not None
        x0, y0, x1, y1 = a.anchor.bbox
        expected = {
            1: (y0, scans.WIDTH - x1, y1, scans.WIDTH - x0),
            2: (scans.WIDTH - x1, scans.HEIGHT - y1, scans.WIDTH - x0, scans.HEIGHT - y0),
            3: (scans.HEIGHT - y1, x0, scans.HEIGHT - y0, x1),
        }[turns]
        assert b.anchor.bbox == pytest.approx(expected, abs=3)


def test_a_skewed_line_has_its_box_where_it_is_printed() -> None:
    sheet, _ = scans.letter(8)
    straight = read(scans.png(sheet.picture()), "正.png")
    skewed = read(scans.png(scans.worn(sheet.picture(), skew=3)), "斜.png")
    assert skewed.text == straight.text
    start = straight.text.index("住房和城乡建设局")
    a, b = straight.evidence(start, start + 8).bbox, skewed.evidence(start, start + 8).bbox
    assert a is not None and b is not None
    turn = np.radians(-3)
    x, y = (a[0] + a[2]) / 2 - scans.WIDTH / 2, (a[1] + a[3]) / 2 - scans.HEIGHT / 2
    spot = (
        x * np.cos(turn) - y * np.sin(turn) + scans.WIDTH / 2,
        x * np.sin(turn) + y * np.cos(turn) + scans.HEIGHT / 2,
    )
    assert b[0] < spot[0] < b[2]
    assert b[1] < spot[1] < b[3]


HEADER = [["序号", "欠款单位", "", "金额"], ["", "名称", "性质", "（万元）"]]


def test_a_ruled_table_of_a_scan_comes_back_with_its_cells_and_spans() -> None:
    sheet = scans.Sheet()
    sheet.centred("拖欠账款台账")
    rows = [[str(k), f"青山县第{k}中学", "事业单位" if k % 2 else "", f"{k * 13.25:.2f}"] for k in range(1, 16)]
    merged = [(0, 0, 2, 1), (0, 1, 1, 2)] + [(1 + k, 2, 2, 1) for k in range(1, 15, 2)]
    sheet.table([*HEADER, *rows], [50, 170, 100, 110], merged=merged)
    sheet.paragraph("填表单位：青山县财政局", indent=0)
    document = read(scans.pdf([scans.worn(sheet.picture(), skew=0.9, seed=4)]), "台账.pdf")
    (table,) = document.tables
    assert (table.rows, table.cols) == (17, 4)
    grid = [[c.text if c else "" for c in row] for row in table.grid()]
    for k, row in enumerate(rows):
        kind = "事业单位"  # the blank ones lie under the merged cell above; the last row has its own
        assert grid[2 + k] == [row[0], row[1], kind, row[3]]
    spans = {(c.row, c.col): (c.row_span, c.col_span) for c in table.cells if (c.row_span, c.col_span) != (1, 1)}
    assert spans == {(r, c): (h, w) for r, c, h, w in merged}
    assert table.caption.endswith("拖欠账款台账")
    cells = [b for b in document.blocks if b.kind == "table"]
    assert all(b.anchor.bbox is not None and b.anchor.page == 1 and b.confidence is not None for b in cells)


def test_a_ledger_scanned_over_two_pages_is_one_table_with_its_spans() -> None:
    ledger = long_tables.ledger(30, 7, 3)
    pages = pdfium.PdfDocument(long_tables.pdf(ledger))
    pictures = []
    for number, page in enumerate(pages):
        drawn = np.ascontiguousarray(page.render(scale=200 / 72).to_numpy()[:, :, :3])
        pictures.append(scans.worn(drawn, skew=0.6 - number, seed=number))
    pages.close()
    document = read(scans.pdf(pictures), "台账.pdf")
    (table,) = document.tables
    assert (table.rows, table.cols) == (32, 5)
    assert [a.page for a in table.continues] == [2]
    found = [[normalize("NFKC", c.text) if c else "" for c in row] for row in table.grid()[2:]]
    assert found == [[normalize("NFKC", text) for text in row] for row in ledger.rows]
    assert {c.row - 2: c.row_span for c in table.cells if c.col == 2 and c.row >= 2} == ledger.spans


def test_an_unreadable_page_is_partial_and_named_never_silent() -> None:
    sheet, _ = scans.letter(9)
    small = cv2.resize(sheet.picture(), None, fx=0.14, fy=0.14, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(small, (sheet.picture().shape[1], sheet.picture().shape[0]))
    document = read(scans.png(scans.worn(blurred, noise=35)), "糊.png")
    (grade,) = document.grades
    assert grade.grade == "poor"
    assert document.is_partial
    assert any(n.code in ("low_confidence", "page_without_text") and "第1页" in n.message for n in document.notices)


def test_pages_beyond_the_cap_are_named(
    monkeypatch: pytest.MonkeyPatch, two_pages: tuple[list[Any], list[str]]
) -> None:
    monkeypatch.setattr(limits, "MAX_OCR_PAGES", 1)
    document = read(scans.tiff(two_pages[0]), "多.tif")
    assert document.is_partial
    (notice,) = [n for n in document.notices if n.code == "pages_not_recognised"]
    assert "第2页" in notice.message
    assert [g.source for g in document.grades] == ["ocr", "none"]


def test_an_invisible_layer_over_a_scan_is_not_believed() -> None:
    sheet, paragraphs = scans.letter(3)
    layer = "\n".join(["这是扫描软件留下的隐藏文字层", "欠款总额为999999.99万元"] * 8)
    document = read(scans.pdf([sheet.picture()], layer=[layer]), "双层.pdf")
    assert document.format == "scan"
    assert document.text.splitlines() == paragraphs


def test_without_the_engine_a_scan_is_a_typed_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.formats.image.is_available", lambda: False)
    monkeypatch.setattr("extractors.formats.pdf.is_available", lambda: False)
    sheet, _ = scans.letter(3)
    for data, name in ((scans.png(sheet.picture()), "通知.png"), (scans.pdf([sheet.picture()]), "扫描.pdf")):
        with pytest.raises(ReadError) as caught:
            read(data, name)
        assert caught.value.code == "scan_without_ocr"
        assert name in caught.value.message
    layered = read(scans.pdf([sheet.picture()], layer=["隐藏的文字层里有完整的通知正文"]), "双层.pdf")
    assert layered.is_partial
    assert layered.grades[0].grade == "fair"


def test_a_picture_too_large_is_refused_before_it_is_unpacked() -> None:
    data = bytearray(scans.png(np.full((8, 8, 3), 255, np.uint8)))
    at = data.index(b"IHDR") + 4
    data[at : at + 8] = (60_000).to_bytes(4, "big") * 2
    data[at + 13 : at + 17] = zlib.crc32(bytes(data[at - 4 : at + 13])).to_bytes(4, "big")
    with pytest.raises(ReadError) as caught:
        read(bytes(data), "大.png")
    assert caught.value.code == "too_large"


@pytest.mark.parametrize("shape", [(3, 3000), (3000, 3), (1, 1), (40, 40)])
def test_odd_shapes_end_well(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)
    found: Document | str
    try:
        found = read(scans.png(picture), "条.png")
    except ReadError as error:
        found = error.code
    assert found == "empty_text" or (isinstance(found, Document) and found.text.strip())


def test_page_numbers_are_written_as_people_do() -> None:
    assert numbers([1]) == "1"
    assert numbers([1, 2, 4, 5, 6, 9]) == "1、2、4至6、9"
