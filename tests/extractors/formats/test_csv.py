"""CSV: whatever a correct writer wrote comes back, record for record."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.document import ReadError
from extractors.read import read

field = st.text(st.sampled_from('甲乙公司abc019 .,;"\n\t（）'), max_size=8)
records = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(field, min_size=width, max_size=width), min_size=3, max_size=8)
)


@given(records, st.sampled_from(["utf-8-sig", "gb18030"]))
def test_records_come_back_with_their_numbers(rows: list[list[str]], encoding: str) -> None:
    rows = [["序号", *["列"] * (len(rows[0]) - 1)], *rows]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    document = read(out.getvalue().encode(encoding), "台账.csv")
    grid = {(c.row, c.col): c for c in document.tables[0].cells}
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            cell = grid.get((r, c))
            assert (cell.value if cell else "") == (value if value.strip() else "")
            if cell:
                assert cell.ref == f"{'ABCDE'[c]}{r + 1}"
    assert all(document.text[b.start : b.end] for b in document.blocks)
    for block in document.blocks:
        assert block.anchor.cell in {c.ref for c in grid.values()}


def test_a_quoted_newline_is_one_record() -> None:
    table = read('序号,备注\r\n1,"第一行\r\n第二行"\r\n2,无\r\n'.encode(), "a.csv").tables[0]
    assert (table.rows, table.cols) == (3, 2)
    assert [(c.ref, c.value) for c in table.cells if c.row == 1] == [("A2", "1"), ("B2", "第一行\n第二行")]
    assert table.cells[-2].ref == "A3"


def test_blank_records_keep_their_number() -> None:
    table = read(b"a,b\n\n1,2\n", "a.csv").tables[0]
    assert [c.ref for c in table.cells] == ["A1", "B1", "A3", "B3"]


def test_stray_quotes_are_ordinary_characters() -> None:
    table = read('名称,尺寸\n钢管,3"\n木板,5" 宽\n'.encode(), "a.csv").tables[0]
    assert [c.text for c in table.cells] == ["名称", "尺寸", "钢管", '3"', "木板", '5" 宽']


def test_an_open_quote_does_not_swallow_the_file() -> None:
    body = "\n".join(f"{i},甲公司,{i}.5" for i in range(50))
    table = read(f'序号,"单位,金额\n{body}\n'.encode(), "a.csv").tables[0]
    assert table.rows == 51
    assert any(c.ref == "C51" and c.text == "49.5" for c in table.cells)


def test_excels_own_separator_line_is_obeyed() -> None:
    table = read(b"sep=;\na;b,c\n1;2,5\n", "a.csv").tables[0]
    assert [c.text for c in table.cells] == ["a", "b,c", "1", "2,5"]


def test_a_row_of_absurd_width_is_refused() -> None:
    with pytest.raises(ReadError, match="列数"):
        read(b"a,b\n1,2\n" + b"," * 20_000 + b"x\n", "a.csv")
