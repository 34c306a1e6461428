"""Arrow schemas derived from the fields: what staged Parquet and rows handed to a build look like."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from warehouse.fields import Field
from warehouse.table import Table
from warehouse.tables import TABLES

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "money": pa.decimal128(18, 2),
    "number": pa.decimal128(18, 6),
    "ratio": pa.decimal128(18, 6),
    "date": pa.date32(),
    "int": pa.int64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def arrow_type(field: Field) -> pa.DataType:
    """The Arrow type of a column."""
    return _TYPES[field.type]


@cache
def arrow_schema(table: str) -> pa.Schema:
    """The Arrow schema of a base table by name. Raises KeyError for a table that is not there."""
    fields = TABLES[table].fields
    return pa.schema([pa.field(f.name, arrow_type(f), nullable=f.nullable) for f in fields])


def arrow_table(table: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows (dicts by column name, missing ones null) as an Arrow table.

    Raises ValueError for a column the table does not have and for a null in a column that must not be null, and
    pyarrow's errors for a value of another type: nothing is dropped or rounded in silence.
    """
    schema = arrow_schema(table)
    listed = list(rows)
    known = set(schema.names)
    for row in listed:
        if not known.issuperset(row):
            raise ValueError(f"{table} has no column {sorted(set(row) - known)[0]!r}")
    return from_columns(TABLES[table], {n: [row.get(n) for row in listed] for n in schema.names}, len(listed))


def from_columns(table: Table, columns: Mapping[str, list[Any]], length: int) -> pa.Table:
    """Columns of equal length as an Arrow table; columns left out are null. Raises as `arrow_table`."""
    schema = arrow_schema(table.name)
    arrays = []
    for field in schema:
        values = columns.get(field.name)
        array = pa.nulls(length, field.type) if values is None else pa.array(values, type=field.type)
        if not field.nullable and array.null_count:
            raise ValueError(f"{table.name}.{field.name} must not be null")
        arrays.append(array)
    return pa.Table.from_arrays(arrays, schema=schema)


class Batches:
    """A table too large to hold: its schema and its rows, some thousands at a time, to be read once."""

    def __init__(self, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
        self.schema, self.tables = schema, tables


@cache
def schema_digest() -> str:
    """Eight hex digits over every table's columns and types: parts staged under another schema are staged anew."""
    digest = hashlib.sha256()
    for table in TABLES.values():
        digest.update(table.name.encode() + b"\0")
        for f in table.fields:
            digest.update(f"{f.name}:{f.type}:{f.nullable};".encode())
    return digest.hexdigest()[:8]
