"""A large csv file into a `Bulk`: fields as Arrow texts, each distinct one kept once in every few thousand records."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.bulk import BLANK, TEXT, Bulk, Column, Strings
from extractors.document import ReadError
from extractors.formats import limits

_RECORDS_AT_ONCE = 20_000
_TRIED = 500


class CsvColumns:
    """Collects records into columns; `add` takes them in order."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._texts: list[Any] = []
        self._known = 0
        self._parts: list[tuple[int, list[tuple[Any, Any]]]] = []  # records, and (kind, payload) of each column
        self.width = 0
        self.records = 0

    def add(self, records: Iterable[list[str]]) -> None:
        """Takes all records. Raises `ReadError("bad_csv")` for impossible widths, and what the source raises."""
        source = iter(records)
        # every list would be looked at by the collector again and again, and none is ever part of a cycle
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._take(source)
        finally:
            if collecting:
                gc.enable()

    def _take(self, source: Iterator[list[str]]) -> None:
        while chunk := list(islice(source, _RECORDS_AT_ONCE)):
            width = max(map(len, chunk))
            if width > limits.MAX_SHEET_COLS or width * len(chunk) > limits.MAX_GRID_CELLS:
                raise ReadError("bad_csv", f"文件“{self._name}”第一行起列数异常（{width}列），请检查分隔符后重新报送。")
            columns = [self._column(values) for values in zip_longest(*chunk, fillvalue="")]
            self._parts.append((len(chunk), columns))
            self.width = max(self.width, width)
            self.records += len(chunk)

    def _column(self, values: tuple[str, ...]) -> tuple[Any, Any]:
        texts = pa.array(values, pa.string())
        if len(set(values[:_TRIED])) > 0.9 * _TRIED:  # amounts, numbers: a table of the distinct would only cost
            indices = np.arange(len(values))
        else:
            encoded = texts.dictionary_encode()
            texts, indices = encoded.dictionary, encoded.indices.to_numpy()
        blank = np.array([not t.strip() for t in texts.to_pylist()]) if len(texts) < 64 else _blank(texts)
        kind = np.where(blank[indices], BLANK, TEXT).astype(np.uint8)
        payload = indices.astype(np.int64) + self._known
        self._texts.append(texts)
        self._known += len(texts)
        return kind, payload

    def bulk(self) -> Bulk:
        """All records as a bulk; blank ones at the end are dropped."""
        columns: list[Column] = []
        # no text has an exponent or a style: one array of each serves all columns, and is never written to
        plain = np.zeros(self.records, np.int8), np.zeros(self.records, np.uint16)
        for c in range(self.width):
            kinds = [cols[c][0] if c < len(cols) else np.zeros(n, np.uint8) for n, cols in self._parts]
            payloads = [cols[c][1] if c < len(cols) else np.zeros(n, np.int64) for n, cols in self._parts]
            columns.append(Column(np.concatenate(kinds), np.concatenate(payloads), *plain))
            for _, cols in self._parts:
                if c < len(cols):
                    cols[c] = (None, None)
        filled = np.zeros(self.records, bool)
        for column in columns:
            filled |= column.kind != BLANK
        self._parts.clear()
        rows = int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else 0
        strings = Strings(self._texts)
        self._texts.clear()
        return Bulk(
            columns=[Column(c.kind[:rows], c.payload[:rows], c.exponent[:rows], c.style[:rows]) for c in columns],
            rows=rows,
            strings=strings,
            formats=[],
            epoch_1904=False,
            first_row=1,
            first_col=0,
            odd={},
            hidden_rows=frozenset(),
            hidden_cols=frozenset(),
        )


def _blank(texts: Any) -> Any:
    return pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0).to_numpy(zero_copy_only=False)
