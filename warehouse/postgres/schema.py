"""The server's schemas `core` and `main`: the same tables, views, questions and comments as the file's.

What DuckDB works out when a warehouse is built (stored views) is a plain table here, copied over; the types of those
and of what the questions answer are asked of DuckDB, so that nothing is said twice.
"""

# ruff: noqa: S608 - names in statements come from the schema in code

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache

from warehouse.build import QUARANTINE
from warehouse.ddl import literal, quoted, schema_statements
from warehouse.postgres.dialect import postgres_type, translated
from warehouse.relations import described, loaded_tables
from warehouse.tables import TABLES
from warehouse.views import Macro, load_macros, load_views

READER = "qingqian_reader"
ANALYST = "qingqian_analyst"
SEARCH_PATH = "main, core"
# Columns that people and joins look up by, besides keys and references.
_LOOKED_UP = ("debt_id", "row_id", "contract_no")
_SECURE = "LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp"


@cache
def server_schema_digest() -> str:
    """SHA-256 over every statement below: a server with another digest is made anew."""
    statements = [*table_statements(), *view_statements(), *index_statements()]
    return hashlib.sha256("\0".join(statements).encode()).hexdigest()


def table_statements() -> Iterator[str]:
    """The tables of schema core, with comments."""
    yield from schema_statements("postgresql")
    for name, columns in described().stored.items():
        listed = ", ".join(f"{quoted(n)} {postgres_type(t)}" for n, t in zip(columns.names, columns.types, strict=True))
        yield f"CREATE TABLE core.{quoted(f'{name}_stored')} ({listed})"
    yield 'CREATE TABLE core.publication (key TEXT COLLATE "C" NOT NULL, value TEXT NOT NULL)'
    yield "COMMENT ON TABLE core.publication IS '发布信息: What was loaded, from which file.'"
    yield (
        'CREATE TABLE core.loaded (table_name TEXT COLLATE "C" NOT NULL, bucket TEXT COLLATE "C" NOT NULL, '
        "rows BIGINT NOT NULL, digest TEXT NOT NULL)"
    )
    yield "COMMENT ON TABLE core.loaded IS '已装入内容: Digests by which a load finds what changed.'"


def view_statements() -> Iterator[str]:
    """Schema main: views and functions, with comments."""
    yield "CREATE SCHEMA main"
    yield QUARANTINE
    for view in load_views():
        kept = f"core.{quoted(f'{view.name}_stored')}"
        select = translated(view.select) if view.stored is None else f"SELECT * FROM {kept}"
        yield f"CREATE VIEW main.{quoted(view.name)} AS\n{select}"
        if view.stored is not None:
            yield f"COMMENT ON TABLE {kept} IS {literal(f'{view.label_zh}: rows of the view main.{view.name}.')}"
        yield from view.comments(list(described().views[view.name].names))
    for macro in load_macros():
        answer = described().macros[macro.name]
        # A function's columns and parameters carry no collation of their own.
        listed = ", ".join(
            f"{quoted(n)} {_bare(t)}" for n, t in zip(answer.names, answer.types, strict=True)
        )  # fmt: skip
        parameters = ", ".join(f"{quoted(n)} {_bare(t)}" for n, t in zip(macro.parameters, macro.types, strict=True))
        yield (
            f"CREATE FUNCTION main.{quoted(macro.name)}({parameters}) RETURNS TABLE ({listed}) {_SECURE} AS "
            f"$body$\n{_collated(macro)}\n$body$"
        )
        signature = ", ".join(_bare(t) for t in macro.types)
        said = literal(f"{macro.label_zh}: {macro.description}")
        yield f"COMMENT ON FUNCTION main.{quoted(macro.name)}({signature}) IS {said}"
        yield f"REVOKE ALL ON FUNCTION main.{quoted(macro.name)}({signature}) FROM PUBLIC"


def _collated(macro: Macro) -> str:
    """A macro's SELECT in which parameters that are texts compare as the columns do."""
    select = translated(macro.select)
    for name, kind in zip(macro.parameters, macro.types, strict=True):
        if kind == "VARCHAR":
            select = re.sub(rf"\b{name}\b", f'({name} COLLATE "C")', select)
    return select


def _bare(duckdb_type: str) -> str:
    return postgres_type(duckdb_type).split(" COLLATE")[0]


def index_statements() -> Iterator[str]:
    """Indexes by key, reference and the ids people look up by; made after the rows are in."""
    for name, columns in loaded_tables().items():
        table = TABLES.get(name)
        wanted: list[tuple[str, ...]] = []
        if table is not None:
            wanted = [table.key, *((column,) for column, _ in table.references)]
        wanted += [(column,) for column in ("document_id", *_LOOKED_UP) if column in columns.names]
        done: set[str] = set()
        for key in wanted:
            if key[0] not in done:  # an index on (a, b) answers for a
                done.add(key[0])
                yield f"CREATE INDEX ON core.{quoted(name)} ({', '.join(quoted(k) for k in key)})"
    yield "CREATE INDEX ON core.loaded (table_name)"


def grant_statements(role: str) -> Iterator[str]:
    """What a role may read: the reader schema main, the analyst the base tables too."""
    yield f"GRANT USAGE ON SCHEMA main TO {role}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA main TO {role}"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA main TO {role}"
    if role == ANALYST:
        yield f"GRANT USAGE ON SCHEMA core TO {role}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA core TO {role}"
