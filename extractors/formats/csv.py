"""CSV and TSV: encodings, the delimiter by evidence, quoted newlines; one table.

Rows count parsed records from 1 and cells are named as in a sheet (`F7`: column F, record 7). Blank records keep
their number. Values are text: the file holds nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extractors.document import Anchor, Cell, Counts, Document, Notice, ReadError, Table
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.encodings import decode
from extractors.formats.grid import column_name
from extractors.formats.sniff import Sniffed, best_delimiter

if TYPE_CHECKING:
    from extractors.formats.csv_bulk import CsvColumns

_CUT = 1 << 16


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a delimited text file. Raises `ReadError` (`unknown_encoding`, `bad_csv`)."""
    decoded = decode(data, name)
    text = decoded.text
    delimiter = best_delimiter(text) or ("\t" if name.lower().endswith(".tsv") else ",")
    if text[:4].lower() == "sep=" and text[5:6] == "\n":  # a line Excel writes for itself
        delimiter, text = text[4], text[6:]
    if len(text) > limits.BULK_CSV_BYTES:
        held, notices, encoding = [text], decoded.notices, decoded.encoding
        del decoded, text  # several bytes a character, and no longer needed once it is cut into fields
        return _large(data, name, held, delimiter, notices, encoding)
    records = _records(text, delimiter, name)

    cells = []
    width = 0
    for number, record in enumerate(records):
        width = max(width, len(record))
        for col, value in enumerate(record):
            if value.strip():
                cells.append(
                    Cell(
                        row=number,
                        col=col,
                        text=value.strip(),
                        value=value,
                        value_type="text",
                        ref=f"{column_name(col)}{number + 1}",
                    )
                )
        if len(cells) > limits.MAX_CELLS:
            raise ReadError("too_large", f"文件“{name}”的单元格超过{limits.MAX_CELLS}个，请拆分后重新报送。")
    if width > limits.MAX_SHEET_COLS:
        raise ReadError("bad_csv", f"文件“{name}”第一行起列数异常（{width}列），请检查分隔符后重新报送。")
    draft = Draft(data, name, "csv")
    draft.notices.extend(decoded.notices)
    table = Table(index=1, rows=len(records), cols=width, cells=tuple(cells))
    draft.table(table, lambda c: Anchor(table=1, cell=c.ref), row_blocks=len(cells) > limits.MAX_CELL_BLOCKS)
    return draft.finish(encoding=decoded.encoding, counts=Counts(tables=1, rows=len(records), cells=len(cells)))


def _large(
    data: bytes, name: str, held: list[str], delimiter: str, notices: tuple[Notice, ...], encoding: str
) -> Document:
    """A file too large for a cell object each; `held` gives its text away."""
    columns = _columns(held.pop(), delimiter, name)
    from extractors.formats.sheet_bulk import write_text

    bulk = columns.bulk()
    draft = Draft(data, name, "csv")
    draft.notices.extend(notices)
    table = Table(index=1, rows=bulk.rows, cols=bulk.cols, cells=(), bulk=bulk)
    draft.tables.append(table)
    write_text(draft, table, bulk, f"文件“{name}”")
    return draft.finish(encoding=encoding, counts=Counts(tables=1, rows=bulk.rows, cells=bulk.filled()))


def _columns(text: str, delimiter: str, name: str) -> CsvColumns:
    from extractors.formats.csv_bulk import CsvColumns

    for reader, quoted, strict in _readers(text, delimiter):
        columns = CsvColumns(name)
        try:
            columns.add(reader)
        except csv.Error:
            continue
        if not _swallowed(columns.records, text, quoted, strict):
            return columns
    raise _bad(name)


def _readers(text: str, delimiter: str) -> Iterator[tuple[Iterator[list[str]], bool, bool]]:
    """(records, quoted, strict): strictly quoted first; a stray quote in a field makes quotes ordinary characters."""
    csv.field_size_limit(limits.MAX_FIELD_CHARS)
    for strict, quoted in ((True, True), (False, True), (False, False)):
        reader = csv.reader(
            _lines(text),
            delimiter=delimiter,
            strict=strict,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        )
        yield reader, quoted, strict


def _lines(text: str) -> Iterator[str]:
    """The lines with their LF, some thousands cut off at a time (a StringIO would hold four bytes a character)."""
    at = 0
    while at < len(text):
        end = text.find("\n", at + _CUT) + 1 or len(text)
        lines = text[at:end].split("\n")
        last = lines.pop()
        yield from (line + "\n" for line in lines)
        if last:
            yield last
        at = end


def _swallowed(records: int, text: str, quoted: bool, strict: bool) -> bool:
    """Whether a quote that was never closed took most of the file for one field."""
    return quoted and not strict and records * 4 < text.count("\n")


def _records(text: str, delimiter: str, name: str) -> list[list[str]]:
    """The records, blank ones at the end dropped. Raises `ReadError("bad_csv")`."""
    for reader, quoted, strict in _readers(text, delimiter):
        try:
            records = list(reader)
        except csv.Error:
            continue
        if _swallowed(len(records), text, quoted, strict):
            continue
        while records and not any(v.strip() for v in records[-1]):
            records.pop()
        return records
    raise _bad(name)


def _bad(name: str) -> ReadError:
    return ReadError("bad_csv", f"文件“{name}”的分隔格式已损坏，无法分列，请另存为xlsx后重新报送。")
