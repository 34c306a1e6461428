"""The lakehouse's schemas `core` and `main`: the same tables, views and questions as the file's, in DuckDB's words.

What the file's building works out once (stored views) is a plain table here, copied over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache

from warehouse.build import QUARANTINE
from warehouse.ddl import literal, quoted, schema_statements
from warehouse.relations import described, loaded_tables
from warehouse.views import load_macros, load_views

# How Parquet is written: half the bytes of DuckLake's own choice, and quicker to read (docs/lakehouse.md).
LAYOUT = {"parquet_compression": "zstd", "parquet_version": "2"}

# Parquet has no such integers: DuckDB writes them as floating-point numbers.
UNKEPT_TYPES = frozenset({"HUGEINT", "UHUGEINT"})


@cache
def lake_schema_digest() -> str:
    """SHA-256 over every statement below: a lakehouse with another digest is made anew."""
    return hashlib.sha256("\0".join(lake_statements()).encode()).hexdigest()


def lake_statements() -> Iterator[str]:
    """Everything that makes the empty lakehouse, to be run with the lakehouse as default database.

    DuckLake keeps no comments on columns of views nor on macros; those of tables and of views it keeps.
    """
    yield from schema_statements()
    for name, columns in described().stored.items():
        listed = ", ".join(f"{quoted(n)} {t}" for n, t in zip(columns.names, columns.types, strict=True))
        yield f"CREATE TABLE core.{quoted(f'{name}_stored')} ({listed})"
    yield "CREATE TABLE core.publication (key VARCHAR NOT NULL, value VARCHAR NOT NULL)"
    yield "COMMENT ON TABLE core.publication IS '发布信息: What was loaded, from which file.'"
    yield (
        "CREATE TABLE core.loaded (table_name VARCHAR NOT NULL, bucket VARCHAR NOT NULL, rows BIGINT NOT NULL, "
        "digest VARCHAR NOT NULL)"
    )
    yield "COMMENT ON TABLE core.loaded IS '已装入内容: Digests by which a load finds what changed.'"
    yield QUARANTINE
    for macro in load_macros():
        yield macro.create()
    for view in load_views():
        kept = f"core.{quoted(f'{view.name}_stored')}"
        select = view.select if view.stored is None else f"SELECT * FROM {kept}"  # noqa: S608 - our own names
        yield f"CREATE VIEW main.{quoted(view.name)} AS\n{select}"
        yield f"COMMENT ON VIEW main.{quoted(view.name)} IS {literal(f'{view.label_zh}: {view.description}')}"


def drop_statements() -> Iterator[str]:
    """Everything that takes it away again; older nights keep theirs."""
    for view in reversed(load_views()):
        yield f"DROP VIEW IF EXISTS main.{quoted(view.name)}"
    for macro in load_macros():
        yield f"DROP MACRO TABLE IF EXISTS main.{quoted(macro.name)}"
    yield "DROP SCHEMA core CASCADE"


def kept_tables() -> tuple[str, ...]:
    """Names of the tables that are copied from the file."""
    return tuple(loaded_tables())
