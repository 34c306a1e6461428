"""What the published file holds, relation by relation: columns as DuckDB makes them from the schema in code.

The engines that repeat the file ask here for what there is to copy and of which types, so that nothing is said twice.
"""

from __future__ import annotations

from functools import cache

import msgspec

from warehouse.build import create_views
from warehouse.ddl import quoted, schema_statements, sql_type
from warehouse.tables import TABLES
from warehouse.views import load_macros, load_views


class Columns(msgspec.Struct, frozen=True):
    """A relation's columns: names with their DuckDB types, in order."""

    names: tuple[str, ...]
    types: tuple[str, ...]


class Described(msgspec.Struct, frozen=True):
    """What DuckDB makes of the code's schema: stored views and macros by name."""

    stored: dict[str, Columns]
    views: dict[str, Columns]
    macros: dict[str, Columns]


@cache
def described() -> Described:
    """Columns as DuckDB makes them from the empty schema."""
    import duckdb

    def of(relation: str) -> Columns:
        rows = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608 - our own names
        return Columns(tuple(r[0] for r in rows), tuple(r[1] for r in rows))

    with duckdb.connect() as connection:
        for statement in schema_statements():
            connection.execute(statement)
        create_views(connection)
        macros = {
            m.name: of(f"main.{quoted(m.name)}({', '.join(f'NULL::{t}' for t in m.types)})") for m in load_macros()
        }
        views = {v.name: of(f"main.{quoted(v.name)}") for v in load_views()}
    return Described({v.name: views[v.name] for v in load_views() if v.stored is not None}, views, macros)


@cache
def loaded_tables() -> dict[str, Columns]:
    """Every table that is copied from the file, with its columns: base tables and stored views."""
    base = {
        t.name: Columns(t.column_names, tuple(sql_type(f) for f in t.fields))
        for t in TABLES.values()
    }  # fmt: skip
    return base | {f"{name}_stored": columns for name, columns in described().stored.items()}
