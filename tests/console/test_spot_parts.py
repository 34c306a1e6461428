"""Windows of tables, also of sheets too large to keep, and what is painted over on a page."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from console.evidence.pages import page_picture, personal_boxes
from console.evidence.place import Place, place_of
from console.evidence.sheets import Column, rebuilt, window
from console.masking import Masker
from extractors.facts import Context
from extractors.process import decode, process
from tests.extractors.formats import makers
from warehouse.archive import archive
from warehouse.previews import KeptCell, KeptTable, preview_of

OPEN = Masker(is_on=False)


def table(rows: int, cols: int, kept: int | None = None) -> KeptTable:
    shown = rows if kept is None else kept
    cells = tuple(
        KeptCell(r, c, f"{chr(65 + c)}{r + 1}", f"{chr(65 + c)}{r + 1}") for r in range(shown) for c in range(cols)
    )
    return KeptTable(index=1, rows=rows, cols=cols, kept_rows=kept, cells=cells)


def test_a_window_has_the_header_the_neighbours_and_the_marked_cell_only_once() -> None:
    seen = window(table(500, 20), Place(table=1, row=300, cell="M300"), columns={}, first_data_row=3, masker=OPEN)
    assert seen is not None and seen.marked == "M300"
    assert [line.number for line in seen.lines if not line.is_gap] == [1, 2, 298, 299, 300, 301, 302]
    assert sum(c.is_marked for line in seen.lines for c in line.cells) == 1
    assert seen.names[:3] == ("A", "B", "C") and "M" in seen.names and None in seen.names
    only = window(
        table(500, 20), Place(table=1, row=300, cell="M300"), columns={}, first_data_row=3, masker=OPEN, only_row=True
    )
    assert only is not None and [line.number for line in only.lines if not line.is_gap] == [1, 2, 300]


def test_merged_areas_are_one_cell_and_a_cell_inside_one_is_marked() -> None:
    cells = (KeptCell(0, 0, "合并", "A1", 2, 3), KeptCell(2, 0, "a", "A3"), KeptCell(2, 2, "c", "C3"))
    seen = window(
        KeptTable(index=1, rows=3, cols=3, cells=cells), Place(table=1, cell="B2"), columns={}, first_data_row=3,
        masker=OPEN,
    )  # fmt: skip
    assert seen is not None
    (merged,) = (c for line in seen.lines for c in line.cells if c.text == "合并")
    assert (merged.row_span, merged.col_span, merged.is_marked) == (2, 3, True)
    assert [len(line.cells) for line in seen.lines] == [1, 0, 3]


def test_a_row_far_down_a_huge_sheet_is_put_together_from_ledger_rows() -> None:
    huge = table(1_000_000, 6, kept=40)
    rows = [
        {
            "row_number": n,
            "cells": f'{{"creditor_name":"B{n}","amount":"F{n}"}}',
            "raw": f'{{"creditor_name":"公司{n}","amount":"{n}.5"}}',
        }
        for n in range(700_000, 700_003)
    ]
    columns = {5: Column("欠款/金额", "amount", "万元")}
    whole = rebuilt(huge, rows, columns)
    seen = window(
        whole, Place(table=1, row=700_001, cell="F700001"), columns=columns, first_data_row=3, masker=OPEN,
        is_rebuilt=True,
    )  # fmt: skip
    assert seen is not None and seen.marked == "700001.5" and seen.header == "欠款/金额" and seen.is_rebuilt
    assert "公司700000" in {c.text for line in seen.lines for c in line.cells}


def test_evidence_that_is_no_evidence_is_an_empty_place() -> None:
    for told in (None, "", "[]", "{", '{"page":"x"}', '{"bbox":[1]}'):
        assert not place_of(told).is_known
    assert not window(table(5, 3), Place(table=1, row=900), columns={}, first_data_row=None, masker=OPEN)


def test_what_is_personal_is_painted_over_in_the_picture(tmp_path: Path) -> None:
    data = makers.pdf()
    document = decode(process(data, "a.pdf", Context())).document
    assert document is not None
    preview = preview_of(document, archive(tmp_path, data))
    block = next(b for b in preview.blocks if b.page == 1 and b.bbox is not None and b.end - b.start > 6)
    name = preview.text[block.start + 1 : block.start + 4].strip()
    masker = Masker(True, [name])
    (box, *_) = personal_boxes(preview, 1, masker)
    shown = []
    for m in (masker, OPEN):
        drawn = page_picture(tmp_path, preview, 1, m)
        picture = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("L"))
        scale = picture.shape[1] / drawn.width
        x0, y0, x1, y1 = (round(v * scale) for v in box)
        shown.append(picture[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2])
    assert shown[0].std() == 0 and shown[1].std() > 5
