"""CSV and TSV: encodings, the delimiter by evidence, quoted newlines; one table.

Rows count parsed records from 1 and cells are named as in a sheet (`F7`: column F, record 7). Blank records keep
their number. Values are text: the file holds nothing else.
"""

from __future__ import annotations

import csv
import io

from extractors.document import Anchor, Cell, Counts, Document, ReadError, Table
from extractors.formats import limits
from extractors.formats.draft import Draft
from extractors.formats.encodings import decode
from extractors.formats.grid import column_name
from extractors.formats.sniff import Sniffed, best_delimiter


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a delimited text file. Raises `ReadError` (`unknown_encoding`, `bad_csv`)."""
    decoded = decode(data, name)
    text = decoded.text
    delimiter = best_delimiter(text) or ("\t" if name.lower().endswith(".tsv") else ",")
    first, _, rest = text.partition("\n")
    if len(first) == 5 and first.lower().startswith("sep="):  # a line Excel writes for itself
        delimiter, text = first[4], rest
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


def _records(text: str, delimiter: str, name: str) -> list[list[str]]:
    """The records, strictly quoted first; a stray quote in a field makes quotes ordinary characters."""
    csv.field_size_limit(limits.MAX_FIELD_CHARS)
    for strict, quoted in ((True, True), (False, True), (False, False)):
        try:
            reader = csv.reader(
                io.StringIO(text, newline=""),
                delimiter=delimiter,
                strict=strict,
                quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            )
            records = list(reader)
        except csv.Error:
            continue
        if quoted and not strict and len(records) * 4 < text.count("\n"):
            continue  # a quote that was never closed swallowed most of the file
        while records and not any(v.strip() for v in records[-1]):
            records.pop()
        return records
    raise ReadError("bad_csv", f"文件“{name}”的分隔格式已损坏，无法分列，请另存为xlsx后重新报送。")
