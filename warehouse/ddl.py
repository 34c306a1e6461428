"""Statements derived from the fields, for either engine: tables of schema `core`, and the comments people see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from warehouse.fields import Field
from warehouse.table import Table
from warehouse.tables import TABLES

Dialect = Literal["duckdb", "postgresql"]

_DUCKDB = {
    "text": "VARCHAR",
    "json": "JSON",
    "money": "DECIMAL(18,2)",
    "number": "DECIMAL(18,6)",
    "ratio": "DECIMAL(18,6)",
    "date": "DATE",
    "int": "BIGINT",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}
_TYPES: dict[Dialect, dict[str, str]] = {
    "duckdb": _DUCKDB,
    # Texts sort by their code points, as in DuckDB; `json` keeps the text as it is, which `jsonb` would not.
    "postgresql": {
        **_DUCKDB, "text": 'TEXT COLLATE "C"', "money": "NUMERIC(18,2)", "number": "NUMERIC(18,6)",
        "ratio": "NUMERIC(18,6)",
    },
}  # fmt: skip


def sql_type(field: Field, dialect: Dialect = "duckdb") -> str:
    """The type of a column in an engine."""
    return _TYPES[dialect][field.type]


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as an SQL string."""
    return "'" + value.replace("'", "''") + "'"


def column_comment(field: Field) -> str:
    """What is said of a column: Chinese label, meaning, unit, the values it may have."""
    unit = "" if field.unit is None else f" [{field.unit}]"
    domain = f" ({' / '.join(field.domain)})" if field.domain else ""
    return f"{field.label_zh}: {field.description}{unit}{domain}"


def create_table(table: Table, dialect: Dialect = "duckdb") -> str:
    """CREATE TABLE in schema core. No primary key: loading is several times faster, and the audit counts keys."""
    columns = ",\n  ".join(
        f"{quoted(f.name)} {sql_type(f, dialect)}{'' if f.nullable else ' NOT NULL'}" for f in table.fields
    )
    return f"CREATE TABLE core.{quoted(table.name)} (\n  {columns}\n)"


def table_comments(table: Table) -> Iterator[str]:
    """COMMENT ON statements of one table."""
    yield f"COMMENT ON TABLE core.{quoted(table.name)} IS {literal(f'{table.label_zh}: {table.description}')}"
    for f in table.fields:
        yield f"COMMENT ON COLUMN core.{quoted(table.name)}.{quoted(f.name)} IS {literal(column_comment(f))}"


def schema_statements(dialect: Dialect = "duckdb") -> Iterator[str]:
    """Every statement that makes the empty warehouse, views not counted."""
    yield "CREATE SCHEMA core"
    for table in TABLES.values():
        yield create_table(table, dialect)
        yield from table_comments(table)
