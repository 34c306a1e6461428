"""Binary and XML workbooks: the same ledger as from xlsx, and what each format has of its own."""

from __future__ import annotations

import struct
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import Cell, Document, ReadError
from extractors.facts import Context
from extractors.formats.biff import Strings, records, rk, short_text
from extractors.formats.biff_formula import formula_text
from extractors.formats.numfmt import BUILTIN
from extractors.ledger import extract
from extractors.read import read
from tests.extractors.formats import makers


def shown(document: Document) -> list[tuple[str, str, object, str | None, int, int, bool]]:
    return [
        (c.ref, c.text, c.value, c.value_type, c.row_span, c.col_span, c.hidden)
        for t in document.tables
        for c in t.cells
        if c.ref != "D6"  # openpyxl stores no result of a formula
    ]


@pytest.mark.parametrize("kind", ["xls", "xmlss"])
def test_the_ledger_reads_as_from_xlsx(kind: str) -> None:
    found, expected = read(makers.SAMPLES[kind](), f"台账.{kind}"), read(makers.xlsx(), "台账.xlsx")
    assert found.format == "xls"
    assert shown(found) == shown(expected)
    assert [(t.hidden_rows, t.hidden_cols, t.sheet, t.first_row) for t in found.tables] == [
        (t.hidden_rows, t.hidden_cols, t.sheet, t.first_row) for t in expected.tables
    ]
    total = next(c for c in found.tables[0].cells if c.ref == "D6")
    assert (total.value, total.formula) == (Decimal("15.56"), "=SUM(D4:D5)")


@pytest.mark.parametrize("kind", ["xls", "xmlss"])
def test_the_rows_of_the_ledger_are_equal(kind: str) -> None:
    mine = extract(read(makers.SAMPLES[kind](), f"台账.{kind}"), Context())
    theirs = extract(read(makers.xlsx(), "台账.xlsx"), Context())
    assert len(mine) == 1
    assert mine[0].rows == theirs[0].rows


def test_et_is_a_workbook_under_its_own_name() -> None:
    assert read(makers.xls(), "台账.et").format == "et"


# --- records
def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def text8(text: str, *, short: bool = False) -> bytes:
    return struct.pack("<BB" if short else "<HB", len(text), 1) + text.encode("utf-16-le")


def book(sheet: bytes, *, extra: bytes = b"", version: int = 0x0600, title: bytes | None = None) -> bytes:
    """A workbook stream of one sheet, as some programs write it without a container."""
    tail = b"" if version < 0x0600 else bytes(8)
    head = record(0x0809, struct.pack("<HHHH", version, 5, 0, 0) + tail) + extra
    name = text8("表", short=True) if title is None else title
    size = len(head) + 4 + 6 + len(name) + 4
    head += record(0x0085, struct.pack("<IBB", size, 0, 0) + name) + record(0x000A, b"")
    return head + record(0x0809, struct.pack("<HHHH", version, 0x10, 0, 0) + tail) + sheet + record(0x000A, b"")


def label(row: int, col: int, text: str) -> bytes:
    return record(0x0204, struct.pack("<HHH", row, col, 0) + text8(text))


def number(row: int, col: int, value: float, style: int = 0) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, col, style, value))


def only(document: Document) -> dict[str, Cell]:
    return {c.ref: c for t in document.tables for c in t.cells}


def test_every_kind_of_cell() -> None:
    xf = b"".join(record(0x00E0, struct.pack("<HH", 0, f) + bytes(16)) for f in (0, 14, 4))
    sheet = (
        label(0, 0, "单位")
        + number(1, 0, 45000, 1)
        + number(1, 1, 1234.5, 2)
        + record(0x027E, struct.pack("<HHHI", 1, 2, 0, (1250 << 2) | 3))
        + record(0x00BD, struct.pack("<HHHIHIH", 2, 0, 0, (7 << 2) | 2, 0, (8 << 2) | 2, 1))
        + record(0x0205, struct.pack("<HHHBB", 3, 0, 0, 1, 0))
        + record(0x0205, struct.pack("<HHHBB", 3, 1, 0, 42, 1))
        + record(0x0006, struct.pack("<HHH", 4, 0, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(6) + b"\0\0")
        + record(0x0207, text8("算出的字"))
        + record(0x0006, struct.pack("<HHH", 4, 1, 0) + b"\2\0\7\0\0\0\xff\xff" + bytes(6) + b"\0\0")
        + record(0x00E5, struct.pack("<HHHHH", 1, 0, 0, 0, 2))
        + record(0x0208, struct.pack("<HHHHHHHH", 3, 0, 9, 0, 0, 0, 0x20, 0))
    )
    found = read(book(sheet, extra=xf), "台账.xls")
    cells = only(found)
    assert cells["A1"].col_span == 3
    assert (cells["A2"].value, cells["A2"].value_type, cells["A2"].number_format) == ("2023-03-15", "date", BUILTIN[14])
    assert (cells["B2"].text, cells["B2"].value) == ("1,234.50", Decimal("1234.5"))
    assert cells["C2"].value == Decimal("12.5")
    assert (cells["A3"].value, cells["B3"].value) == (Decimal(7), Decimal(8))
    assert (cells["A4"].value, cells["B4"].value, cells["B4"].value_type) == (True, "#N/A", "error")
    assert (cells["A5"].value, cells["B5"].value) == ("算出的字", "#DIV/0!")
    assert found.tables[0].hidden_rows == (3,)


def test_a_book_of_excel_95_in_the_chinese_code_page() -> None:
    text = "甲单位".encode("gbk")
    sheet = record(0x0204, struct.pack("<HHHH", 0, 0, 0, len(text)) + text)
    title = "表".encode("gbk")
    data = book(sheet, extra=record(0x0042, struct.pack("<H", 936)), version=0x0500, title=bytes([len(title)]) + title)
    assert only(read(data, "旧.xls"))["A1"].text == "甲单位"


def test_an_encrypted_book_asks_for_its_password() -> None:
    with pytest.raises(ReadError) as caught:
        read(book(label(0, 0, "密"), extra=record(0x002F, bytes(6))), "密.xls")
    assert caught.value.code == "needs_password"


def test_a_sheet_cut_off_is_partial() -> None:
    data = book(label(0, 0, "甲") + label(1, 0, "乙"))
    found = read(data[:-10], "断.xls")
    assert found.is_partial
    assert [n.code for n in found.notices] == ["truncated"]


def test_text_boxes_are_read_and_comments_told() -> None:
    def drawn(kind: int, text: str) -> bytes:
        body = b"\x01" + text.encode("utf-16-le")
        return (
            record(0x005D, struct.pack("<HHH", 0x15, 18, kind) + bytes(16))
            + record(0x01B6, bytes(10) + struct.pack("<HH", len(text), 8) + bytes(4))
            + record(0x003C, body)
            + record(0x003C, bytes(16))
        )

    found = read(book(label(0, 0, "甲") + drawn(6, "单位：万元") + drawn(0x19, "批注")), "a.xls")
    assert found.text == "表\n甲\n单位：万元\n"
    assert [n.code for n in found.notices] == ["comments_left_out"]


@given(st.lists(st.text(max_size=40), max_size=12), st.lists(st.integers(1, 60), max_size=20))
def test_shared_strings_survive_any_cut_into_records(texts: list[str], cuts: list[int]) -> None:
    """Breaks inside a string repeat its width at the start of the next record ([MS-XLS] 2.5.293)."""
    parts: list[bytes] = []
    current = bytearray(struct.pack("<II", len(texts), len(texts)))
    todo = iter(cuts)
    room = next(todo, 10_000)
    for text in texts:
        units = text.encode("utf-16-le")
        current += struct.pack("<HB", len(units) // 2, 1)
        at = 0
        while at < len(units):
            now = min(len(units) - at, 2 * room)
            current += units[at : at + now]
            at += now
            if at < len(units):
                parts.append(bytes(current))
                current = bytearray(b"\x01")
                room = next(todo, 10_000)
    parts.append(bytes(current))
    read_back = [t.encode("utf-16-le", "replace").decode("utf-16-le", "replace") for t in texts]
    assert Strings(parts).read(100) == read_back


@given(st.integers(-(2**29), 2**29 - 1), st.booleans())
def test_packed_numbers_are_exact(value: int, hundredths: bool) -> None:
    word = ((value << 2) | 2 | hundredths) & 0xFFFFFFFF
    assert rk(struct.pack("<I", word), 0) == (Decimal(value) / 100 if hundredths else Decimal(value))


@given(st.binary(max_size=400))
def test_records_never_read_beyond_the_stream(data: bytes) -> None:
    ends = [end for _, _, end in records(data)]
    assert all(a < b for a, b in pairwise(ends))
    assert all(end <= len(data) for end in ends)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (b"\x25\x03\x00\x04\x00\x03\xc0\x03\xc0\x19\x10\x00\x00", "=SUM(D4:D5)"),
        (b"\x44\x00\x00\x00\xc0\x44\x01\x00\x01\xc0\x03\x1e\x02\x00\x05", "=A1+B2*2"),
        (b"\x1e\x0a\x00\x1f" + struct.pack("<d", 2.5) + b"\x06\x15", "=(10/2.5)"),
        (b"\x44\x00\x00\x00\xc0\x44\x00\x00\x01\xc0\x42\x02\x04\x00", "=SUM(A1,B1)"),
        (b"\x44\x00\x00\x00\xc0\x1e\x02\x00\x41\x1b\x00", "=ROUND(A1,2)"),
        (b"\x17\x01\x00\x41", None),
        (b"\x25\x03", None),
        (b"\x03", None),
    ],
)
def test_formulas_are_whole_or_none(tokens: bytes, text: str | None) -> None:
    assert formula_text(struct.pack("<H", len(tokens)) + tokens, 0, biff8=True) == text


def test_short_strings_with_phonetics_and_runs() -> None:
    raw = struct.pack("<HBHI", 2, 0x0D, 1, 4) + "甲乙".encode("utf-16-le")
    assert short_text(raw, 0, wide_count=True, codec=None) == "甲乙"


# --- SpreadsheetML
def xmlss(table: str, after: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="表"><Table>{table}</Table>{after}</Worksheet></Workbook>'
    ).encode()


def test_cells_and_rows_without_an_index_follow_one_another() -> None:
    found = read(
        xmlss(
            '<Row><Cell ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="String">甲</Data></Cell>'
            '<Cell><Data ss:Type="Boolean">1</Data></Cell></Row>'
            '<Row ss:Index="4"><Cell ss:Index="3" ss:Formula="=R1C1*RC[-1]"><Data ss:Type="Error">#REF!</Data></Cell>'
            '<Cell ss:Formula="=R[-9]C"/></Row>',
            '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible>'
            "</WorksheetOptions>",
        ),
        "台账.xls",
    )
    cells = only(found)
    assert (cells["A1"].row_span, cells["A1"].col_span) == (2, 2)
    assert cells["C1"].value is True
    assert (cells["C4"].value_type, cells["C4"].formula) == ("error", "=A1*B4")
    assert cells["D4"].formula == "=R[-9]C"
    assert found.tables[0].hidden
    assert {"extension_mismatch", "hidden_sheet", "error_cells", "formula_without_value"} == {
        n.code for n in found.notices
    }
