"""Query results as people and programs take them: a table on the terminal, csv, json, parquet, xlsx.

Money keeps every digit. In csv and xlsx a text that a spreadsheet would take for a formula gets a leading apostrophe;
numbers stay numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
import unicodedata
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from warehouse.access import QueryError, QueryResult
from warehouse.formula_guard import guard_formula

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["table", "csv", "json", "parquet", "xlsx"]
FORMATS: tuple[Format, ...] = ("table", "csv", "json", "parquet", "xlsx")

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_CELL_WIDTH = 48
_SHOWN_ROWS = 200


def write(result: QueryResult, output: str, target: Path | None = None) -> None:
    """Write a result to a file, or to stdout; says on stderr when it was cut off.

    Raises QueryError for a format that does not exist, for parquet or xlsx to a terminal, and when the file cannot be
    written.
    """
    if output not in FORMATS:
        raise QueryError("unknown_format", f"没有格式“{output}”；可用的有 {'、'.join(FORMATS)}。")
    if output in ("parquet", "xlsx"):
        data = to_parquet(result.table) if output == "parquet" else to_xlsx(result.table)
        if target is None and sys.stdout.isatty():
            raise QueryError("no_terminal", f"{output} 不能输出到终端，请用 --output 指定文件。")
    else:
        data = render(result, output).encode()
    if target is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        try:
            target.write_bytes(data)
        except OSError as e:
            raise QueryError("cannot_write", f"写不了文件 {target}：{e.strerror}。") from e
    if result.truncated:
        sys.stderr.write(f"只取了前 {result.limit} 行，后面还有；请加条件或分批查询。\n")


def to_csv(table: pa.Table) -> str:
    """RFC 4180 with LF line ends; null is an empty field, dates ISO, booleans true and false."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([guard_formula(name) for name in table.column_names])
    for row in _rows(table):
        writer.writerow([guard_formula(v) if isinstance(v, str) else _plain(v) for v in row])
    return out.getvalue()


def to_json(table: pa.Table, json_columns: Collection[int] = ()) -> str:
    """An array of objects, one a line; decimals are exact numbers, JSON columns nested, dates ISO text."""
    nested = [i in json_columns for i in range(table.num_columns)]
    names = table.column_names
    lines = []
    for row in _rows(table):
        values = [msgspec.Raw(v.encode()) if n and isinstance(v, str) else v for v, n in zip(row, nested, strict=True)]
        lines.append(_json(dict(zip(names, values, strict=True))))
    return "[" + ",\n ".join(lines) + "]\n"


def to_table(table: pa.Table) -> str:
    """Columns aligned for a terminal, Chinese characters counted as two; long texts and results are shortened."""
    numeric = [_is_number(field) for field in table.schema]
    header = [_shorten(name) for name in table.column_names]
    shown = table.slice(0, _SHOWN_ROWS)
    cells = [[_shorten(_shown(v)) for v in row] for row in _rows(shown)]
    widths = [max(_width(line[i]) for line in [header, *cells]) for i in range(len(header))]
    lines = ["  ".join(_pad(h, w, right=False) for h, w in zip(header, widths, strict=True)).rstrip()]
    lines.append("  ".join("─" * w for w in widths))
    for row in cells:
        lines.append("  ".join(_pad(c, w, right=n) for c, w, n in zip(row, widths, numeric, strict=True)).rstrip())
    more = f"，显示前 {_SHOWN_ROWS} 行" if table.num_rows > _SHOWN_ROWS else ""
    lines.append(f"（{table.num_rows} 行{more}）")
    return "\n".join(lines) + "\n"


def to_parquet(table: pa.Table) -> bytes:
    """One Parquet file; decimals and dates keep their types."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def to_xlsx(table: pa.Table) -> bytes:
    """One sheet: names of columns, then the rows; money with its fen, dates as dates, lists and objects as JSON."""
    from warehouse.workbook import Column, Kind, Sheet, workbook

    def kind(field: pa.Field) -> Kind:
        if str(field.type).endswith(", 2)"):
            return "yuan"
        return "number" if _is_number(field) else "text"

    names = [f"c{i}" for i in range(table.num_columns)]
    columns = tuple(
        Column(key=key, header=field.name, kind=kind(field), width=max(10, min(40, _width(field.name) + 2)))
        for key, field in zip(names, table.schema, strict=True)
    )
    rows = [
        {k: _json(v) if isinstance(v, list | dict | bytes) else v for k, v in zip(names, row, strict=True)}
        for row in _rows(table)
    ]
    return workbook([Sheet(name="查询结果", title="", columns=columns, rows=rows)])


def render(result: QueryResult, output: str) -> str:
    """A result in one of the text formats. Raises KeyError for another."""
    if output == "json":
        return to_json(result.table, result.json_columns)
    return {"table": to_table, "csv": to_csv}[output](result.table)


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    columns = [table.column(i).to_pylist() for i in range(table.num_columns)]
    return zip(*columns, strict=True) if columns else iter(())


def _is_number(field: pa.Field) -> bool:
    import pyarrow.types as pt

    return bool(pt.is_integer(field.type) or pt.is_floating(field.type) or pt.is_decimal(field.type))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | dict | bytes):
        return guard_formula(_json(value))
    return str(value)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return _plain(value)


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def _shorten(text: str) -> str:
    """One line without control characters, at most `_CELL_WIDTH` wide."""
    line = "".join(" " if c.isspace() else c for c in text if c.isspace() or c.isprintable())
    width = 0
    for i, c in enumerate(line):
        width += _width(c)
        if width > _CELL_WIDTH:
            return line[: max(0, i - 1)] + "…"
    return line


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
