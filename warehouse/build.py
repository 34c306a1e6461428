"""Building the warehouse: every staged part into one new DuckDB file, aside, from nothing or out of the one before.

The same parts and registers give the same content whatever the order they come in. Nothing here replaces the
published warehouse; that is `publish`.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound or quoted

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from warehouse.arrow import arrow_schema
from warehouse.ddl import quoted, schema_statements
from warehouse.filling import (
    PLACES,
    fill_registers,
    finish,
    in_order,
    note_gone,
    note_series,
    note_staged_documents,
    order_of,
    settle_documents,
)
from warehouse.growing import copy_file, grow, growth_of, names_taught, publication_facts
from warehouse.inputs import Inputs, inputs_digest
from warehouse.lookups import with_full_names
from warehouse.matching import match_debts
from warehouse.parts import Manifest
from warehouse.reuse import StagedRows
from warehouse.tables import LEDGER_ROWS, LEDGER_TABLES, STAGED_TABLES, TABLES
from warehouse.versions import settle_versions
from warehouse.views import QUARANTINE, VIEW_NAMES, load_macros, load_views

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "QUARANTINE",
    "Candidate",
    "Inputs",
    "add_findings",
    "add_rows",
    "build_candidate",
    "count_core",
    "count_rows",
    "create_views",
    "inputs_digest",
    "refresh_views",
]

CANDIDATE = "candidate.duckdb"
BUILD_FOLDER = ".tmp-build"


# No ORDER BY: parts come in order, and sorting a hundred columns costs more than all the rest.
_LEDGER_ROWS = f"""
INSERT INTO core.ledger_rows BY NAME
SELECT p.* REPLACE (
  m.debt_id AS debt_id, m.match_reason AS match_reason, m.match_confidence AS match_confidence,
  coalesce(p.region_code, o.region_code) AS placed_region_code,
  coalesce(p.reporting_unit, o.reporting_unit) AS placed_reporting_unit,
  o.known_date AS known_date, o.replaced_date AS replaced_date, o.is_superseded AS is_superseded,
  false AS is_quarantined)
FROM {{source}} p
LEFT JOIN matches m USING (row_id)
LEFT JOIN ({PLACES}) o ON o.document_id = p.document_id AND o.table_index = p.table_index
"""
# Views that are worked out over all history whenever they are asked: not to be counted every night.
_COSTLY = frozenset({"repayments", "companies", "debt_clocks"})


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse built aside. `rows` counts views, `core_rows` every base table."""

    path: Path
    inputs_digest: str
    rows: dict[str, int]
    core_rows: dict[str, int]


def build_candidate(
    home: Path, inputs: Inputs, *, base: Path | None = None, threads: int = 2, memory: str = "1GB"
) -> Candidate:
    """Build `<home>/warehouse/candidate.duckdb` and return it.

    With `base`, a sound warehouse published before, the candidate is grown out of a copy of it where that can be, else
    rows of parts it was built from are taken over from it; the result is the same.

    Raises OSError when the disk refuses and duckdb.Error for parts that cannot be read (`parts.verify_part` says
    which); a candidate half built is removed.
    """
    import duckdb

    folder = home / "warehouse"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CANDIDATE
    _remove(path)
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(folder / BUILD_FOLDER),
        "enable_external_file_cache": False,  # parts are read once: kept, their bytes would fill the memory limit
    }
    parts = in_order(inputs)
    digest = inputs_digest(inputs)
    try:
        growth = growth_of(base, inputs, parts)
        if growth is not None and base is not None:
            copy_file(base, path)
        with duckdb.connect(str(path), config=settings) as connection:
            facts = publication_facts(inputs, digest, 0 if growth is None else growth.nights)
            if growth is not None:
                grow(connection, home, inputs, growth, facts)
            else:
                _fill(connection, home, inputs, parts, base, facts)
            refresh_views(connection)
            rows, core_rows = count_rows(connection)
            connection.execute("CHECKPOINT")
    except BaseException:
        _remove(path)
        raise
    return Candidate(path=path, inputs_digest=digest, rows=rows, core_rows=core_rows)


def add_findings(candidate: Candidate, findings: pa.Table) -> Candidate:
    """Add what reconciliation found in a candidate, and count again. Rows known by finding_id stay as they are."""
    return add_rows(candidate, {"findings": findings})


def add_rows(candidate: Candidate, tables: Mapping[str, pa.Table], *, rows_changed: bool = False) -> Candidate:
    """Add rows worked out from a candidate to its base tables, and count again; known keys stay as they are.

    Stored views are worked out anew where findings hold other rows back than before, or where `rows_changed` says that
    what they read was changed by decisions.

    Raises KeyError for a table that is not there, pyarrow's errors for rows of another schema.
    """
    import duckdb

    with duckdb.connect(str(candidate.path)) as connection:
        for name, rows in tables.items():
            keys = TABLES[name].key
            same = " AND ".join(f"k.{quoted(key)} = a.{quoted(key)}" for key in keys)
            connection.register("added", rows.cast(arrow_schema(name)))
            connection.execute(
                f"INSERT INTO core.{quoted(name)} BY NAME SELECT * FROM added a "
                f"WHERE NOT EXISTS (SELECT 1 FROM core.{quoted(name)} k WHERE {same}) ORDER BY {order_of(TABLES[name])}"
            )
            connection.unregister("added")
        if "findings" in tables and (mark_held_back(connection) or rows_changed):
            refresh_stored(connection)
        rows_now, core_rows = count_rows(connection)
        connection.execute("CHECKPOINT")
    return msgspec.structs.replace(candidate, rows=rows_now, core_rows=core_rows)


def count_rows(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of every view that is cheap to count, and of every base table."""

    def count(name: str) -> int:
        row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
        assert row is not None
        return int(row[0])

    views = {name: count(f"main.{quoted(name)}") for name in VIEW_NAMES if name not in _COSTLY}
    return views, count_core(connection)


def count_core(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every base table."""
    counted = " UNION ALL ".join(f"SELECT '{name}' AS name, count(*) AS n FROM core.{quoted(name)}" for name in TABLES)
    found: dict[str, int] = dict(connection.execute(counted).fetchall())
    return {name: found[name] for name in TABLES}


def _remove(path: Path) -> None:
    for p in (path, path.with_name(path.name + ".wal")):
        p.unlink(missing_ok=True)


def _fill(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    inputs: Inputs,
    parts: Sequence[Manifest],
    base: Path | None,
    facts: Mapping[str, str],
) -> None:
    """Fill an empty file from the parts; rows of a base that stand there as they were staged are copied."""
    connection.execute("BEGIN")  # a commit for each of a thousand statements takes twice as long
    for statement in schema_statements():
        connection.execute(statement)
    create_views(connection)
    connection.execute("CREATE TABLE core.publication (key VARCHAR NOT NULL, value VARCHAR NOT NULL)")
    connection.execute("COMMENT ON TABLE core.publication IS '发布信息: What this warehouse was made from.'")
    connection.executemany("INSERT INTO core.publication VALUES (?, ?)", [list(f) for f in facts.items()])
    connection.execute("COMMIT")
    note_gone(connection, inputs)
    fill_registers(connection, inputs)
    staged = StagedRows(connection, home, parts, base, names_taught(inputs))
    for table in STAGED_TABLES:
        source = staged.source(table)
        if table is LEDGER_TABLES:
            note_series(connection, source)
            connection.execute(
                "INSERT INTO core.ledger_tables BY NAME "
                "SELECT t.* REPLACE (k.series_key AS series_key, k.scope_key AS scope_key) "
                f"FROM {source} t JOIN series k USING (document_id, table_index) ORDER BY document_id, table_index"
            )
        elif table is LEDGER_ROWS:
            source = with_full_names(connection, source, inputs.lookups)
            match_debts(connection, source)
            settle_versions(connection)
            connection.execute(_LEDGER_ROWS.format(source=source))
        else:
            connection.execute(
                f"INSERT INTO core.{quoted(table.name)} BY NAME SELECT * FROM {source} ORDER BY {order_of(table)}"
            )
        if table.name == "documents":
            note_staged_documents(connection)
            staged.keep()
            settle_documents(connection)
    staged.close()
    finish(connection, inputs)


def create_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Make every view of schema `main`, with what is said of it and of its columns."""
    connection.execute(QUARANTINE)
    for macro in load_macros():
        connection.execute(macro.create())
        connection.execute(macro.comment())
    for view in load_views():
        for statement in view.create():
            connection.execute(statement)
        columns = [r[0] for r in connection.execute(f"DESCRIBE main.{quoted(view.name)}").fetchall()]
        for statement in view.comments(columns):
            connection.execute(statement)


def refresh_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark which ledger rows are held back and work out stored views anew; needed after every change of findings or of
    what the views read."""
    mark_held_back(connection)
    refresh_stored(connection)


def mark_held_back(connection: duckdb.DuckDBPyConnection) -> int:
    """Set `is_quarantined` of ledger rows by the findings that are there; how many rows changed."""
    changed = 0
    for statement in (
        "UPDATE core.ledger_rows SET is_quarantined = true "
        "WHERE is_quarantined IS NOT TRUE AND row_id IN (SELECT row_id FROM core.quarantine)",
        "UPDATE core.ledger_rows SET is_quarantined = false "
        "WHERE is_quarantined = true AND row_id NOT IN (SELECT row_id FROM core.quarantine)",
    ):
        row = connection.execute(statement).fetchone()
        assert row is not None
        changed += int(row[0])
    return changed


def refresh_stored(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out stored views anew."""
    for view in load_views():
        for statement in view.refresh():
            connection.execute(statement)
