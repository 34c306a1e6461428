"""Building the warehouse: every staged part into one new DuckDB file, aside, from nothing.

The same parts and registers give the same content whatever the order they come in. Nothing here replaces the
published warehouse; that is `publish`.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound or quoted

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from warehouse.arrow import arrow_schema, schema_digest
from warehouse.companies import fill_companies, tell_units
from warehouse.ddl import quoted, schema_statements
from warehouse.lookups import Lookup, name_units, note_names, with_full_names
from warehouse.matching import match_debts, series_of
from warehouse.parts import Manifest
from warehouse.reuse import StagedRows, part_digest
from warehouse.table import Table
from warehouse.tables import LEDGER_ROWS, LEDGER_TABLES, STAGED_TABLES, TABLES
from warehouse.versions import settle_versions
from warehouse.views import VIEW_NAMES, load_macros, load_views

if TYPE_CHECKING:
    import duckdb

CANDIDATE = "candidate.duckdb"
BUILD_FOLDER = ".tmp-build"
# Rows the audit keeps out, those of a table it keeps out too, unless a steward has dismissed the finding.
QUARANTINE = """
CREATE VIEW core.quarantine AS
SELECT DISTINCT row_id FROM core.findings
WHERE severity IN ('block', 'quarantine') AND status IN ('open', 'deferred') AND row_id IS NOT NULL
UNION
SELECT r.row_id FROM core.ledger_rows r
JOIN core.findings f ON f.document_id = r.document_id AND f.row_id = concat(r.document_id, ':', r.table_index)
WHERE f.table_name = 'ledger_tables' AND f.severity IN ('block', 'quarantine') AND f.status IN ('open', 'deferred')
"""


# No ORDER BY: parts come in order, and sorting a hundred columns costs more than all the rest.
_LEDGER_ROWS = """
INSERT INTO core.ledger_rows BY NAME
SELECT p.* REPLACE (
  m.debt_id AS debt_id, m.match_reason AS match_reason, m.match_confidence AS match_confidence,
  coalesce(p.region_code, o.region_code) AS placed_region_code,
  coalesce(p.reporting_unit, o.reporting_unit) AS placed_reporting_unit,
  o.known_date AS known_date, o.replaced_date AS replaced_date, o.is_superseded AS is_superseded,
  false AS is_quarantined)
FROM {source} p
LEFT JOIN matches m USING (row_id)
LEFT JOIN (
  SELECT t.document_id, t.table_index, coalesce(t.region_code, d.region_code) AS region_code, t.reporting_unit,
         t.known_date, t.replaced_date, d.status = 'superseded' AS is_superseded
  FROM core.ledger_tables t JOIN core.documents d USING (document_id)
) o ON o.document_id = p.document_id AND o.table_index = p.table_index
"""

# Views that are worked out over all history whenever they are asked: not to be counted every night.
_COSTLY = frozenset({"repayments", "companies", "debt_clocks"})


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a warehouse is made of. Tables are Arrow tables of the schema of that name, or None for no rows.

    `superseded` are documents whose rows must not count any more; `extra` names further things the content depends
    on (version of the rules, head of the decisions), so that a change of theirs leads to a new build.
    `runs` and `findings` take no part in `inputs_digest`: they follow from the rest.
    """

    parts: Sequence[Manifest]
    superseded: Collection[str] = ()
    files: pa.Table | None = None
    units: pa.Table | None = None
    regions: pa.Table | None = None
    findings: pa.Table | None = None
    runs: pa.Table | None = None
    extra: Mapping[str, str] = {}
    lookups: Sequence[Lookup] = ()

    def registers(self) -> dict[str, pa.Table]:
        """The tables given, by name."""
        given = {n: getattr(self, n) for n in ("files", "units", "regions", "findings", "runs")}
        return {name: table for name, table in given.items() if table is not None}


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A warehouse built aside. `rows` counts views, `core_rows` every base table."""

    path: Path
    inputs_digest: str
    rows: dict[str, int]
    core_rows: dict[str, int]


def inputs_digest(inputs: Inputs) -> str:
    """SHA-256 over everything the content follows from; a night with the same digest needs no new warehouse."""
    digest = hashlib.sha256(schema_digest().encode())
    for view in load_views():
        digest.update("".join(view.create()).encode())
    for macro in load_macros():
        digest.update(macro.create().encode())
    for part in sorted(inputs.parts, key=lambda p: (p.file_id, p.version)):
        digest.update(f"{part.file_id}:{part_digest(part)};".encode())
    digest.update(msgspec.json.encode(sorted(inputs.superseded)))
    digest.update(msgspec.json.encode(sorted(inputs.extra.items())))
    for name, table in sorted(inputs.registers().items()):
        if name not in ("findings", "runs"):
            digest.update(name.encode() + _table_digest(table))
    return digest.hexdigest()


def _table_digest(table: pa.Table) -> bytes:
    """A digest of the rows that does not depend on their order."""
    rows = sorted(hashlib.sha256(repr(row).encode()).digest() for row in table.to_pylist())
    return hashlib.sha256(b"".join(rows)).digest()


def build_candidate(
    home: Path, inputs: Inputs, *, base: Path | None = None, threads: int = 2, memory: str = "1GB"
) -> Candidate:
    """Build `<home>/warehouse/candidate.duckdb` and return it.

    With `base`, a sound warehouse published before, rows of parts it was built from are taken over from it instead of
    being read from their files again; the result is the same.

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
    }
    try:
        with duckdb.connect(str(path), config=settings) as connection:
            digest = inputs_digest(inputs)
            connection.execute("BEGIN")  # a commit for each of a thousand statements takes twice as long
            for statement in schema_statements():
                connection.execute(statement)
            create_views(connection)
            _publication(connection, digest)
            connection.execute("COMMIT")
            _fill(connection, home, inputs, base)
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


def add_rows(candidate: Candidate, tables: Mapping[str, pa.Table]) -> Candidate:
    """Add rows worked out from a candidate to its base tables, and count again; known keys stay as they are.

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
                f"WHERE NOT EXISTS (SELECT 1 FROM core.{quoted(name)} k WHERE {same}) ORDER BY {_order(TABLES[name])}"
            )
            connection.unregister("added")
        if "findings" in tables:  # what is quarantined may have changed
            refresh_views(connection)
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
    return views, {name: count(f"core.{quoted(name)}") for name in TABLES}


def _remove(path: Path) -> None:
    for p in (path, path.with_name(path.name + ".wal")):
        p.unlink(missing_ok=True)


def _publication(connection: duckdb.DuckDBPyConnection, digest: str) -> None:
    connection.execute("CREATE TABLE core.publication (key VARCHAR NOT NULL, value VARCHAR NOT NULL)")
    connection.execute("COMMENT ON TABLE core.publication IS '发布信息: What this warehouse was made from.'")
    connection.execute(
        "INSERT INTO core.publication VALUES ('inputs_digest', ?), ('schema_digest', ?)", [digest, schema_digest()]
    )


def _order(table: Table) -> str:
    return ", ".join(quoted(k) for k in table.key)


def _fill(connection: duckdb.DuckDBPyConnection, home: Path, inputs: Inputs, base: Path | None) -> None:
    parts = sorted(inputs.parts, key=lambda p: (p.file_id, p.version))
    if len({p.file_id for p in parts}) != len(parts):
        raise ValueError("a document must be built from one version of its part only")
    connection.register("gone_arrow", pa.table({"document_id": pa.array(sorted(inputs.superseded), pa.string())}))
    connection.execute("CREATE TEMP TABLE gone AS SELECT * FROM gone_arrow")
    connection.unregister("gone_arrow")
    for name, rows in inputs.registers().items():
        connection.register("given", rows.cast(arrow_schema(name)))
        connection.execute(
            f"INSERT INTO core.{quoted(name)} BY NAME SELECT * FROM given ORDER BY {_order(TABLES[name])}"
        )
        connection.unregister("given")
    staged = StagedRows(connection, home, parts, base)
    for table in STAGED_TABLES:
        source = staged.source(table)
        if table is LEDGER_TABLES:
            _fill_ledger_tables(connection, source)
        elif table is LEDGER_ROWS:
            source = with_full_names(connection, source, inputs.lookups)
            match_debts(connection, source)
            settle_versions(connection)
            connection.execute(_LEDGER_ROWS.format(source=source))
        else:
            connection.execute(
                f"INSERT INTO core.{quoted(table.name)} BY NAME SELECT * FROM {source} ORDER BY {_order(table)}"
            )
        if table.name == "documents":
            connection.execute(
                "CREATE TEMP TABLE staged_documents AS SELECT document_id, source, first_seen_date, region_code "
                "FROM core.documents"
            )
            staged.keep()
            _settle_documents(connection)
    staged.close()
    note_names(connection, inputs.lookups)
    name_units(connection, inputs.lookups)
    _complete_units(connection)
    tell_units(connection)
    fill_companies(connection)


def _fill_ledger_tables(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    keys = connection.execute(
        "SELECT t.document_id, t.table_index, d.source, coalesce(t.region_code, d.region_code) AS region_code, "
        f"t.series_name FROM {source} t JOIN staged_documents d USING (document_id)"
    ).to_arrow_table()
    found = series_of(keys.to_pylist())
    keys = keys.select(["document_id", "table_index"])
    keys = keys.append_column("scope_key", pa.array([s[0] for s in found], pa.string()))
    keys = keys.append_column("series_key", pa.array([s[1] for s in found], pa.string()))
    connection.register("keys", keys)
    connection.execute(
        "INSERT INTO core.ledger_tables BY NAME "
        "SELECT t.* REPLACE (k.series_key AS series_key, k.scope_key AS scope_key) "
        f"FROM {source} t JOIN keys k USING (document_id, table_index) ORDER BY document_id, table_index"
    )
    connection.unregister("keys")


def _complete_units(connection: duckdb.DuckDBPyConnection) -> None:
    """Units that documents name by an id of the register, where the register's own rows were not handed over."""
    connection.execute(
        "INSERT INTO core.units (unit_id, name) SELECT unit_id, min(unit_name) FROM ("
        "  SELECT unit_id, unit_name FROM core.assignments "
        "  UNION ALL SELECT unit_id, unit_name FROM core.obligation_units"
        ") WHERE unit_id IS NOT NULL AND unit_name IS NOT NULL AND unit_id NOT IN (SELECT unit_id FROM core.units) "
        "GROUP BY unit_id ORDER BY unit_id"
    )


def _settle_documents(connection: duckdb.DuckDBPyConnection) -> None:
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
    connection.execute(
        "UPDATE core.ledger_rows SET is_quarantined = true "
        "WHERE is_quarantined IS NOT TRUE AND row_id IN (SELECT row_id FROM core.quarantine)"
    )
    connection.execute(
        "UPDATE core.ledger_rows SET is_quarantined = false "
        "WHERE is_quarantined = true AND row_id NOT IN (SELECT row_id FROM core.quarantine)"
    )
    for view in load_views():
        for statement in view.refresh():
            connection.execute(statement)
