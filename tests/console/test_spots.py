"""The spot shows the value: the marked region of fifty values over all formats, read again, holds the value's text."""

from __future__ import annotations

import difflib
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from PIL import Image

from console.evidence.pages import page_picture
from console.evidence.spot import About, Spot, spot_of
from console.masking import Masker
from extractors.formats import ocr_engine
from tests.console.every_format import CIRCULARS, LEDGERS, every_format
from warehouse.access import connect
from warehouse.archive import archive_path
from warehouse.beside import evidence_of, row_of
from warehouse.previews import read_preview
from warehouse.publish import warehouse_path

if TYPE_CHECKING:
    import duckdb

OPEN = Masker(is_on=False)
PER_FILE = 4
ENLARGED_BELOW = 736  # pixels
LEDGER_FIELDS = ("creditor_name", "arrears_amount_yuan", "contract_no", "debtor_name")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spots")
    every_format(folder / "home", folder / "inbox", scans=ocr_engine.is_available())
    return folder / "home"


@pytest.fixture(scope="module")
def con(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(warehouse_path(home))
    yield connection
    connection.close()


def values(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str, str, str | None]]:
    """(file, table, row, raw text, field) of some values of each file."""
    out = []
    for path, document_id in con.execute("SELECT path, document_id FROM core.documents ORDER BY path").fetchall():
        told: list[tuple[str, str, str, str, str | None]] = []
        for table, key in (("debt_statements", "statement_id"), ("time_expressions", "obligation_id")):
            found = con.execute(
                f"SELECT {key}, raw_text FROM core.{table} WHERE document_id = ? ORDER BY start_offset LIMIT ?",
                [document_id, PER_FILE // 2],
            ).fetchall()
            told += [(path, table, i, raw, None) for i, raw in found]
        rows = con.execute(
            "SELECT row_id, raw FROM core.ledger_rows WHERE document_id = ? ORDER BY row_number LIMIT 20", [document_id]
        ).fetchall()
        for n, (row_id, raw) in enumerate(rows[2::3]):
            field = LEDGER_FIELDS[n % len(LEDGER_FIELDS)]
            text = msgspec.json.decode(raw).get(field)
            if text:
                told.append((path, "ledger_rows", row_id, text, field))
        out += told[:PER_FILE]
    return out


def spot(home: Path, con: duckdb.DuckDBPyConnection, table: str, row_id: str, field: str | None) -> Spot:
    row = row_of(con, table, row_id)
    assert row is not None
    evidence, raw = evidence_of(row, table, field)
    about = About(
        row["document_id"], evidence, raw, row.get("start_offset"), row.get("end_offset"), row.get("table_index"),
        row.get("row_number"),
    )  # fmt: skip
    found = spot_of(home, con, about, OPEN, may_see_all=True)
    assert found is not None
    return found


def plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def crop(home: Path, found: Spot) -> Any:
    """The marked region of the page's picture, with a little around it."""
    assert found.page is not None and found.page.box is not None
    preview = read_preview(home, found.document.document_id, found.document.extractor_version)
    assert preview is not None
    drawn = page_picture(home, preview, found.page.page, OPEN)
    picture = np.asarray(Image.open(io.BytesIO(drawn.png)).convert("RGB"))
    scale = picture.shape[1] / drawn.width
    x0, y0, x1, y1 = (round(v * scale) for v in found.page.box)
    return picture[max(y0 - 3, 0) : y1 + 3, max(x0 - 3, 0) : x1 + 3]


def on_paper(cutting: Any) -> Any:
    """A cutting on a white sheet: the finder of lines enlarges what is low to its least height, and a strip of one line
    a hundredfold."""
    height, width = (max(0, ENLARGED_BELOW - n) for n in cutting.shape[:2])
    return np.pad(cutting, ((height // 2, height - height // 2), (0, width), (0, 0)), constant_values=255)


def read_again(home: Path, found: Spot) -> str:
    """The text of the marked region, read by means of its own."""
    if found.sheet is not None and found.page is None:
        return found.sheet.marked
    if found.passage is not None:
        return found.passage.marked
    assert found.page is not None and found.page.box is not None
    if found.document.format == "pdf":
        import pypdfium2

        assert np.asarray(crop(home, found)).std() > 5
        pdf = pypdfium2.PdfDocument(archive_path(home, found.document.document_id))
        page = pdf[found.page.page - 1]
        height, (x0, y0, x1, y1) = page.get_height(), found.page.box
        text: str = page.get_textpage().get_text_bounded(x0 - 1, height - y1 - 1, x1 + 1, height - y0 + 1)
        pdf.close()
        return text
    if found.document.format == "ofd":
        x0, y0, x1, y1 = found.page.box
        within = [p for p in found.page.lines if p.y < y1 and y0 < p.y + p.height and p.x < x1 and x0 < p.x + p.width]
        return "".join(p.text for p in within)
    picture = np.ascontiguousarray(crop(home, found)[:, :, ::-1])
    sheet = on_paper(picture)
    quads = sorted(ocr_engine.detect(sheet), key=lambda q: float(q[:, 1].min()))
    lines = [ocr_engine.cut_out(sheet, q) for q in quads] if len(quads) > 1 else [picture]  # over two lines of print
    return "".join(r.text for r in ocr_engine.recognise(lines))


def holds(again: str, raw: str, by_eye: bool) -> bool:
    if by_eye:  # recognition of a small cutting errs in a character here and there
        return difflib.SequenceMatcher(None, plain(again), plain(raw)).ratio() >= 0.7 or plain(raw) in plain(again)
    return plain(raw) in plain(again)


def test_the_marked_region_holds_the_value_in_every_format(home: Path, con: duckdb.DuckDBPyConnection) -> None:
    told = values(con)
    assert {p for p, *_ in told} >= {*CIRCULARS, *LEDGERS} - {"台账.et", "通知.wps"}
    assert len(told) >= 50
    missed = []
    for path, table, row_id, raw, field in told:
        found = spot(home, con, table, row_id, field)
        assert found.is_shown, (path, found.problem)
        again = read_again(home, found)
        if not holds(again, raw, by_eye=found.document.format in ("scan", "image")):
            missed.append((path, field, raw, again))
    assert not missed, f"{len(missed)} of {len(told)}: {missed}"
