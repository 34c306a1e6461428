"""Workbooks: exact values, names and places; nothing allocated by what a file merely declares."""

from __future__ import annotations

import datetime as dt
import io
import tracemalloc
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Cell, Document
from extractors.formats.xlsx_sheet import exact, parse_ref
from extractors.read import read
from tests.extractors.formats.makers import raw_xlsx, save_xlsx, zipped


def by_ref(document: Document, table: int = 0) -> dict[str, Cell]:
    return {c.ref: c for c in document.tables[table].cells}


def codes(document: Document) -> set[str]:
    return {n.code for n in document.notices}


def rows(*cells: str) -> str:
    return f"<sheetData><row r='1'>{''.join(cells)}</row></sheetData>"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back_in_their_shortest_exact_form(number: float) -> None:
    found = exact(repr(number))
    assert found is not None
    assert float(found) == number
    assert len(found.as_tuple().digits) <= 25


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("0.30000000000000004", "0.30000000000000004"),
        ("12.5", "12.5"),
        ("1E5", "100000"),
        ("1234567.8900000001", "1234567.8900000001"),
        ("0.1", "0.1"),
        ("-0.05", "-0.05"),
        ("7.0", "7"),
        ("123456789012345678", "123456789012345680"),
    ],
)
def test_stored_numbers(stored: str, expected: str) -> None:
    found = exact(stored)
    assert found == Decimal(expected)
    assert f"{found:f}" == expected


@pytest.mark.parametrize("stored", ["", "nan", "inf", "1e999", "0x10", "1,000", "abc", "1" * 400])
def test_what_is_no_number_is_none_or_finite(stored: str) -> None:
    found = exact(stored)
    assert found is None or found.is_finite()


@pytest.mark.parametrize(
    ("ref", "place"),
    [("A1", (0, 0)), ("XFD1048576", (1_048_575, 16_383)), ("$F$7", (6, 5)), ("XFE1", None), ("A0", None), ("7F", None)],
)
def test_cell_names(ref: str, place: tuple[int, int] | None) -> None:
    assert parse_ref(ref) == place


value = st.one_of(
    st.text(st.characters(categories=["L", "N"], include_characters=" 。，"), max_size=12),
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**9), 10**9, places=2),
    st.dates(dt.date(1900, 3, 1), dt.date(2100, 1, 1)),
    st.booleans(),
    st.none(),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(value, min_size=1, max_size=5), min_size=1, max_size=6))
def test_what_openpyxl_writes_and_calamine_reads_is_what_we_read(grid: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "起"
    for row in grid:
        book.active.append([float(v) if isinstance(v, Decimal) else v for v in row])
    data = save_xlsx(book)
    ours = {(c.row, c.col): c for c in read(data, "a.xlsx").tables[0].cells}
    peer = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
    for r, line in enumerate(peer.to_python(skip_empty_area=False)):
        for c, theirs in enumerate(line):
            cell = ours.get((r, c))
            if theirs == "":
                assert cell is None or cell.value is None or not str(cell.value).strip()
            elif isinstance(theirs, bool) or not isinstance(theirs, (int, float)):
                assert cell is not None
                shown = theirs.isoformat() if isinstance(theirs, dt.date) else theirs
                assert cell.value == shown
            else:
                assert cell is not None
                assert isinstance(cell.value, Decimal)
                assert float(cell.value) == theirs


def test_a_cell_at_the_far_corner_costs_nothing_and_is_kept_in_the_text() -> None:
    tracemalloc.start()
    xml = (
        "<dimension ref='A1:XFD1048576'/><sheetData><row r='1'><c r='A1'><v>1</v></c><c r='B1'><v>2</v></c></row>"
        "<row r='1048576'><c r='XFD1048576'><v>5</v></c></row></sheetData>"
    )
    document = read(raw_xlsx(xml), "角.xlsx")
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()
    (table,) = document.tables
    assert (table.rows, table.cols) == (1, 2)
    assert len(table.grid()) == 1
    assert document.text == "表\n1\t2\n5\n"
    assert document.evidence(6, 7).cell == "XFD1048576"
    assert codes(document) == {"stray_cells"}


def test_row_numbers_and_cell_names_are_those_of_the_sheet() -> None:
    xml = "<sheetData><row r='7'><c r='C7'><v>1</v></c></row><row r='9'><c r='F9'><v>2</v></c></row></sheetData>"
    (table,) = read(raw_xlsx(xml), "a.xlsx").tables
    assert (table.first_row, table.first_col, table.rows, table.cols) == (7, 3, 3, 4)
    assert [(c.ref, c.row, c.col) for c in table.cells] == [("C7", 0, 0), ("F9", 2, 3)]


def test_cells_without_names_stand_in_order() -> None:
    xml = "<sheetData><row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row></sheetData>"
    assert list(by_ref(read(raw_xlsx(xml), "a.xlsx"))) == ["A1", "B1", "A2"]


def test_types_of_cells() -> None:
    document = read(
        raw_xlsx(
            rows(
                "<c r='A1' t='s'><v>0</v></c>",
                "<c r='B1' t='inlineStr'><is><t>行内</t><rPh><t>注音</t></rPh></is></c>",
                "<c r='C1' t='b'><v>1</v></c>",
                "<c r='D1' t='e'><v>#DIV/0!</v></c>",
                "<c r='E1' s='1'><v>45107</v></c>",
                "<c r='F1'><f>SUM(A1)</f></c>",
                "<c r='G1'><f>1+1</f><v>2</v></c>",
                "<c r='H1' t='str'><f>T(1)</f><v>文</v></c>",
                "<c r='I1' t='d'><v>2023-06-30T00:00:00</v></c>",
                "<c r='J1' s='2'><v>12.5</v></c>",
                "<c r='K1' t='s'><v>99</v></c>",
                "<c r='L1' s='1'/>",
            ),
            strings=["共享_x000D_串"],
            formats=["yyyy/m/d", "0.00&quot;万元&quot;"],
        ),
        "a.xlsx",
    )
    found = {r: (c.value, c.value_type, c.text, c.formula) for r, c in by_ref(document).items()}
    assert found == {
        "A1": ("共享\r串", "text", "共享\r串", None),
        "B1": ("行内", "text", "行内", None),
        "C1": (True, "bool", "TRUE", None),
        "D1": ("#DIV/0!", "error", "#DIV/0!", None),
        "E1": ("2023-06-30", "date", "2023/6/30", None),
        "F1": (None, None, "", "=SUM(A1)"),
        "G1": (Decimal("2"), "number", "2", "=1+1"),
        "H1": ("文", "text", "文", "=T(1)"),
        "I1": ("2023-06-30", "date", "2023-06-30", None),
        "J1": (Decimal("12.5"), "number", "12.50万元", None),
    }
    assert codes(document) >= {"formula_without_value", "error_cells"}
    assert "\r" not in document.text


def test_dates_of_the_1904_system() -> None:
    data = raw_xlsx(
        rows("<c r='A1' s='1'><v>43645</v></c>"), formats=["yyyy-mm-dd"], extra="<workbookPr date1904='1'/>"
    )
    assert by_ref(read(data, "a.xlsx"))["A1"].value == "2023-06-30"


def test_merged_areas_have_spans_and_hidden_content_is_told() -> None:
    xml = (
        "<cols><col min='2' max='2' hidden='1'/></cols><sheetData><row r='1'><c r='A1'><v>1</v></c>"
        "<c r='B1'><v>9</v></c></row><row r='2' hidden='1'><c r='A2'><v>3</v></c></row></sheetData>"
        "<mergeCells><mergeCell ref='A1:C1'/><mergeCell ref='Q1:Z9'/><mergeCell ref='x'/></mergeCells>"
    )
    document = read(raw_xlsx(xml), "a.xlsx")
    (table,) = document.tables
    assert [(c.ref, c.row_span, c.col_span, c.hidden) for c in table.cells] == [
        ("A1", 1, 2, False),
        ("B1", 1, 1, True),
        ("A2", 1, 1, True),
    ]
    assert (table.hidden_rows, table.hidden_cols) == ((1,), (1,))
    assert codes(document) == {"covered_cells", "hidden_rows", "hidden_cols"}


def test_hidden_sheets_are_read_and_flagged() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "看得见"
    other = book.create_sheet("底稿")
    other["B2"] = "看不见"
    other.sheet_state = "veryHidden"
    document = read(save_xlsx(book), "a.xlsx")
    assert [(t.sheet, t.hidden) for t in document.tables] == [("Sheet", False), ("底稿", True)]
    assert document.text == "看得见\n底稿\n看不见\n"
    assert codes(document) == {"hidden_sheet"}


def test_evidence_names_sheet_and_cell() -> None:
    xml = rows("<c r='A1'><v>1</v></c>", "<c r='F1'><v>2233300</v></c>")
    document = read(raw_xlsx(xml), "a.xlsx")
    at = document.text.index("2233300")
    anchor = document.evidence(at, at + 7)
    assert (anchor.sheet, anchor.cell) == ("表", "F1")


def test_cells_out_of_bounds_are_told_and_left_out() -> None:
    xml = rows("<c r='A1'><v>1</v></c>", "<c r='ZZZ1'><v>2</v></c>")
    document = read(raw_xlsx(xml), "a.xlsx")
    assert document.is_partial
    assert codes(document) == {"cells_out_of_bounds"}


def test_text_boxes_over_the_cells_are_read_after_their_sheet() -> None:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        f'xmlns:a="{a}"><xdr:sp><xdr:txBody><a:p><a:r><a:t>单位：</a:t></a:r><a:r><a:t>万元</a:t></a:r></a:p>'
        "<a:p><a:r><a:t>填报人：李某</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    with zipfile.ZipFile(io.BytesIO(raw_xlsx('<sheetData><row r="1"><c r="A1"><v>5</v></c></row></sheetData>'))) as z:
        parts = {n: z.read(n) for n in z.namelist()}
    parts["xl/drawings/drawing1.xml"] = drawing.encode()
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = links.encode()
    found = read(zipped(parts), "a.xlsx")
    assert found.text.endswith("5\n单位：万元\n填报人：李某\n")
    assert found.evidence(found.text.index("万元"), len(found.text)).sheet == "表"
    assert not found.notices
