"""`Bulk`: the cells of a very large sheet as columns of numbers, with a `Cell` made only where one is looked at.

A cell object costs some 650 bytes and several microseconds; a sheet of eight million cells cannot afford them. Here a
cell is a kind, a 64-bit payload, an exponent and a style: 12 bytes, and whole columns can be worked on at once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from extractors.document import Cell
from extractors.formats import numfmt
from extractors.formats.grid import column_name
from extractors.formats.xlsx_sheet import typed_number

BLANK, NUMBER, DOUBLE, TEXT, ODD = 0, 1, 2, 3, 4
"""Kinds of cells: nothing; `payload` x 10^-`exponent` exactly; the bits of a double whose shortest form has more than
15 digits; an index into the strings; a cell that is kept as an object (errors, truth values, formulas without a
result, merged areas)."""

Ints = npt.NDArray[Any]
EXACT_DIGITS = 10**15
"""Below it every decimal is the shortest form of the double it names, so that a double can be given its decimal."""
MAX_PLACES = 9
_REMEMBERED = 100_000


class Strings:
    """Texts by number, kept in Arrow memory: some bytes a character, no object until one is asked for."""

    def __init__(self, chunks: list[Any]) -> None:
        self.array: Any = pa.concat_arrays([c.cast(pa.large_string()) for c in chunks]) if chunks else pa.array(
            [], pa.large_string()
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.array)

    def at(self, index: int) -> str:
        """One text."""
        text: str = self.array[index].as_py()
        return text

    def take(self, indices: Ints) -> list[str]:
        """The texts of several numbers, in their order."""
        found: list[str] = self.array.take(pa.array(indices)).to_pylist()
        return found

    def distinct(self, indices: Ints) -> tuple[Ints, list[str]]:
        """The different texts among several numbers, and for each number which of them it is."""
        same, texts = self.encoded(indices)
        return same, texts.to_pylist()

    def encoded(self, indices: Ints) -> tuple[Ints, Any]:
        """For each number which of the different texts it stands for, and these as Arrow texts."""
        found = self.array.take(pa.array(indices)).dictionary_encode()
        return found.indices.to_numpy(), found.dictionary


class Column:
    """One column of a bulk: arrays as long as the bulk has rows."""

    __slots__ = ("exponent", "kind", "payload", "style")

    def __init__(self, kind: Ints, payload: Ints, exponent: Ints, style: Ints) -> None:
        self.kind, self.payload, self.exponent, self.style = kind, payload, exponent, style

    def number(self, row: int) -> Decimal:
        """The exact number of a NUMBER or DOUBLE cell."""
        return decimal_of(int(self.payload[row]), int(self.exponent[row]), self.kind[row] == DOUBLE)


def decimal_of(payload: int, exponent: int, is_double: bool) -> Decimal:
    """A stored number as the reader of single cells gives it."""
    if is_double:
        short = Decimal(repr(float(np.int64(payload).view(np.float64))))
        return short.quantize(Decimal(1)) if short == short.to_integral_value() and abs(short) < 10**25 else short
    return Decimal(payload).scaleb(-exponent) if exponent else Decimal(payload)


def split_doubles(values: npt.NDArray[np.float64]) -> tuple[Ints, Ints, Ints]:
    """(kind, payload, exponent) of doubles: the decimal of at most 15 digits that names each, else its bits.

    m / 10^k is rounded once, so when it equals the double, m x 10^-k is a decimal that names it; below 15 digits no
    other one does.
    """
    n = len(values)
    kind = np.full(n, DOUBLE, np.uint8)
    payload = values.view(np.int64).copy()
    exponent = np.zeros(n, np.int8)
    left = np.arange(n)
    rest = values
    for places in range(MAX_PLACES + 1):
        scaled = np.rint(rest * 10.0**places)
        fits = np.abs(scaled) < EXACT_DIGITS
        exact = fits & (scaled / 10.0**places == rest)
        at = left[exact]
        kind[at], payload[at], exponent[at] = NUMBER, scaled[exact].astype(np.int64), places
        left, rest = left[~exact], rest[~exact]
        if not len(left):
            break
    return kind, payload, exponent


class Bulk:
    """A large sheet: `columns` from grid column 0, `odd` cells by grid row and column."""

    def __init__(
        self,
        *,
        columns: list[Column],
        rows: int,
        strings: Strings,
        formats: list[str],
        epoch_1904: bool,
        first_row: int,
        first_col: int,
        odd: dict[int, dict[int, Cell]],
        hidden_rows: frozenset[int],
        hidden_cols: frozenset[int],
    ) -> None:
        self.columns, self.rows, self.strings, self.formats = columns, rows, strings, formats
        self.epoch_1904, self.first_row, self.first_col, self.odd = epoch_1904, first_row, first_col, odd
        self.hidden_rows, self.hidden_cols = hidden_rows, hidden_cols
        self._texts: dict[tuple[int, int, int, int], str] = {}

    @property
    def cols(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def filled(self) -> int:
        """Cells that hold something."""
        return sum(int(np.count_nonzero(c.kind)) for c in self.columns)

    def ref(self, row: int, col: int) -> str:
        """The cell's name in the file."""
        return f"{column_name(self.first_col + col)}{self.first_row + row}"

    def format_of(self, style: int) -> str:
        """The number format of a style."""
        return self.formats[style] if style < len(self.formats) else "General"

    def shown(self, number: Decimal, style: int) -> tuple[str, Any, str]:
        """(text a person sees, value, value type) of a number in a style."""
        return typed_number(number, self.format_of(style), epoch_1904=self.epoch_1904)

    def cell(self, row: int, col: int) -> Cell | None:
        """The cell at a place, as the reader of single cells makes it; None for a blank."""
        column = self.columns[col]
        kind = int(column.kind[row])
        if kind == BLANK:
            return None
        if kind == ODD:
            return self.odd[row][col]
        style = int(column.style[row])
        text: str
        value: Any
        value_type: str
        if kind == TEXT:
            value = self.strings.at(int(column.payload[row]))
            text, value_type = value.strip(), "text"
        else:
            text, value, value_type = self.shown(column.number(row), style)
        return self.make(row, col, text, value, value_type, style)

    def make(self, row: int, col: int, text: str, value: Any, value_type: str, style: int) -> Cell:
        """A cell of this sheet from its parts."""
        fmt = self.format_of(style)
        return Cell(
            row=row,
            col=col,
            text=text,
            value=value,
            value_type=value_type,
            number_format=None if fmt == "General" else fmt,
            ref=self.ref(row, col),
            hidden=row in self.hidden_rows or col in self.hidden_cols,
        )

    def row(self, row: int, left: int = 0, right: int | None = None) -> dict[int, Cell]:
        """The cells of one row by column."""
        found = ((c, self.cell(row, c)) for c in range(left, self.cols if right is None else right))
        return {c: cell for c, cell in found if cell is not None}

    def texts(self, col: int, start: int, end: int) -> list[str]:
        """What a person sees in a stretch of one column; empty for blanks."""
        column = self.columns[col]
        kind = column.kind[start:end]
        out = [""] * (end - start)
        where = np.flatnonzero(kind == TEXT)
        if len(where):
            found = self.strings.take(column.payload[start:end][where])
            for k, text in zip(where.tolist(), found, strict=True):
                out[k] = text.strip()
        where = np.flatnonzero((kind == NUMBER) | (kind == DOUBLE))
        if len(where):
            arrays = (column.kind, column.payload, column.exponent, column.style)
            listed = (a[start:end][where].tolist() for a in arrays)
            for k, key in zip(where.tolist(), zip(*listed, strict=True), strict=True):
                out[k] = self.text_of(*key)
        for k in np.flatnonzero(kind == ODD).tolist():
            out[k] = self.odd[start + k][col].text
        return out

    def text_of(self, kind: int, payload: int, exponent: int, style: int) -> str:
        """What a person sees of a number; remembered, since columns repeat theirs."""
        if kind == NUMBER and not exponent and self.format_of(style) == "General":
            return str(payload)
        key = (kind, payload, exponent, style)
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= _REMEMBERED:
                self._texts.clear()
            text = self.shown(decimal_of(payload, exponent, kind == DOUBLE), style)[0]
            self._texts[key] = text
        return text

    def filled_rows(self, left: int, right: int) -> list[int]:
        """Rows with content between two columns (right exclusive), in order."""
        there = np.zeros(self.rows, bool)
        for column in self.columns[left:right]:
            there |= column.kind != BLANK
        rows: list[int] = np.flatnonzero(there).tolist()
        return rows

    def rows_without_figures(self, rows: list[int], left: int, right: int) -> list[int]:
        """Positions in `rows` of those that hold no cell that is certainly a number or date."""
        figures = np.zeros(self.rows, bool)
        is_date = np.array([*(numfmt.is_date(f) for f in self.formats), False])
        numeric = pc.match_substring_regex(self.strings.array, "^-?[0-9]+(\\.[0-9]+)?$") if len(self.strings) else None
        mask = np.zeros(1, bool) if numeric is None else numeric.to_numpy(zero_copy_only=False)
        for column in self.columns[left:right]:
            number = (column.kind == NUMBER) | (column.kind == DOUBLE)
            dates = is_date[np.minimum(column.style, len(self.formats))]
            figures |= number & (~dates | ((column.kind == NUMBER) & (column.exponent == 0) & (column.payload > 0)))
            text = column.kind == TEXT
            figures |= text & mask[np.where(text, column.payload, 0)]
        positions: list[int] = np.flatnonzero(~figures[np.array(rows, np.int64)]).tolist() if rows else []
        return positions
