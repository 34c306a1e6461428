"""What stands in a warehouse, put there step by step: rows as staged, registers, and what follows from both.

The steps are the same for a file filled from nothing (`build`) and for one grown out of the night before (`growing`):
what follows is worked out over everything either way, only the wide rows of unchanged documents are not written again.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound or quoted

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.arrow import arrow_schema
from warehouse.companies import fill_companies, tell_units
from warehouse.ddl import quoted
from warehouse.inputs import Inputs
from warehouse.lookups import name_units, note_names
from warehouse.matching import series_of
from warehouse.parts import Manifest
from warehouse.table import Table
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

# What stands beside a ledger row of the staged ones: needs the temporary table `matches`, and documents and ledger
# tables settled.
PLACES = """
SELECT t.document_id, t.table_index, coalesce(t.region_code, d.region_code) AS region_code, t.reporting_unit,
       t.known_date, t.replaced_date, d.status = 'superseded' AS is_superseded
FROM core.ledger_tables t JOIN core.documents d USING (document_id)
"""


def order_of(table: Table) -> str:
    """A table's key as an ORDER BY list."""
    return ", ".join(quoted(k) for k in table.key)


def in_order(inputs: Inputs) -> list[Manifest]:
    """The parts by document. Raises ValueError for two parts of one document."""
    parts = sorted(inputs.parts, key=lambda p: (p.file_id, p.version))
    if len({p.file_id for p in parts}) != len(parts):
        raise ValueError("a document must be built from one version of its part only")
    return parts


def note_gone(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Make the temporary table `gone`: documents whose rows do not count any more."""
    connection.register("gone_arrow", pa.table({"document_id": pa.array(sorted(inputs.superseded), pa.string())}))
    connection.execute("CREATE TEMP TABLE gone AS SELECT * FROM gone_arrow")
    connection.unregister("gone_arrow")


def fill_registers(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """Put in the tables that are handed over whole."""
    for name, rows in inputs.registers().items():
        connection.register("given", rows.cast(arrow_schema(name)))
        connection.execute(
            f"INSERT INTO core.{quoted(name)} BY NAME SELECT * FROM given ORDER BY {order_of(TABLES[name])}"
        )
        connection.unregister("given")


def note_staged_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table `staged_documents`; call it before documents are settled."""
    connection.execute(
        "CREATE TEMP TABLE staged_documents AS SELECT document_id, source, first_seen_date, region_code, format "
        "FROM core.documents"
    )


def settle_documents(connection: duckdb.DuckDBPyConnection) -> None:
    """Where each document lies now, and which ones are superseded."""
    connection.execute(
        "UPDATE core.documents d SET source = f.source, path = f.path, name = regexp_extract(f.path, '[^/]*$') "
        "FROM ("
        "  SELECT * FROM core.files QUALIFY row_number() OVER ("
        "    PARTITION BY document_id ORDER BY is_current DESC, first_seen_date, source, path) = 1"
        ") f WHERE f.document_id = d.document_id AND (f.source, f.path) IS DISTINCT FROM (d.source, d.path)"
    )
    connection.execute(
        "UPDATE core.documents SET status = 'superseded' WHERE document_id IN (SELECT document_id FROM gone)"
    )


def note_series(connection: duckdb.DuckDBPyConnection, tables: str) -> None:
    """Make the temporary table `series(document_id, table_index, scope_key, series_key)` of ledger tables.

    `tables` is what to select them from (SQL); needs `staged_documents`.
    """
    keys = connection.execute(
        "SELECT t.document_id, t.table_index, d.source, coalesce(t.region_code, d.region_code) AS region_code, "
        f"t.series_name FROM {tables} t JOIN staged_documents d USING (document_id)"
    ).to_arrow_table()
    found = series_of(keys.to_pylist())
    keys = keys.select(["document_id", "table_index"])
    keys = keys.append_column("scope_key", pa.array([s[0] for s in found], pa.string()))
    keys = keys.append_column("series_key", pa.array([s[1] for s in found], pa.string()))
    connection.register("keys", keys)
    connection.execute("CREATE TEMP TABLE series AS SELECT * FROM keys")
    connection.unregister("keys")


def finish(connection: duckdb.DuckDBPyConnection, inputs: Inputs) -> None:
    """What follows once every staged row is there: taught names told, units and companies."""
    note_names(connection, inputs.lookups)
    name_units(connection, inputs.lookups)
    _complete_units(connection)
    tell_units(connection)
    fill_companies(connection)


def _complete_units(connection: duckdb.DuckDBPyConnection) -> None:
    """Units that documents name by an id of the register, where the register's own rows were not handed over."""
    connection.execute(
        "INSERT INTO core.units (unit_id, name) SELECT unit_id, min(unit_name) FROM ("
        "  SELECT unit_id, unit_name FROM core.assignments "
        "  UNION ALL SELECT unit_id, unit_name FROM core.obligation_units"
        ") WHERE unit_id IS NOT NULL AND unit_name IS NOT NULL AND unit_id NOT IN (SELECT unit_id FROM core.units) "
        "GROUP BY unit_id ORDER BY unit_id"
    )
