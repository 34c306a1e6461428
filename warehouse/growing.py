"""A warehouse grown out of the one of the night before: its file is copied, and what changed is changed in the copy.

Rows of documents that changed or are gone are deleted, those of new and changed ones are read from their parts.
Everything that is not staged is taken out and worked out anew by the very steps that fill a warehouse from nothing
(`filling`); the few columns that follow from other documents (matching, series, versions, place and status of a
document) are worked out over all rows from the columns they depend on, and written where they differ. So a night costs
copying a file, reading what is new, and passes over narrow columns; wide rows stay where they lie. A test holds grown
and filled warehouses against each other, table by table and view by view.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound or quoted

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa

from warehouse.arrow import schema_digest
from warehouse.ddl import literal, quoted
from warehouse.filling import (
    PLACES,
    fill_registers,
    finish,
    note_gone,
    note_series,
    note_staged_documents,
    order_of,
    settle_documents,
)
from warehouse.inputs import Inputs, structure_digest
from warehouse.lookups import Lookup, with_full_names
from warehouse.matching import match_debts
from warehouse.parts import Manifest
from warehouse.reuse import CHANGED_LATER, altered_documents, held_documents, keep_parts, part_digest
from warehouse.tables import LEDGER_ROWS, LEDGER_TABLES, STAGED_TABLES, TABLES
from warehouse.versions import settle_versions

if TYPE_CHECKING:
    import duckdb

# With more than this share of the documents new, changed or gone, filling from nothing costs less and packs better;
# a few are never too many.
_LARGEST_SHARE = 0.25
_FEW = 20
# So many nights may grow out of one another; the next is filled from nothing, which gives back what deleting left.
_MOST_IN_A_ROW = 60
_FICLONE = 0x40049409  # ioctl of Linux: share the blocks of another file until one of the two is written

# Columns of ledger rows that follow from other rows and documents, beside `is_quarantined`, which findings decide.
_FOLLOWING = (
    "debt_id", "match_reason", "match_confidence", "placed_region_code", "placed_reporting_unit", "known_date",
    "replaced_date", "is_superseded",
)  # fmt: skip
_SETTLE_ROWS = f"""
UPDATE core.ledger_rows r SET {", ".join(f"{c} = v.{c}" for c in _FOLLOWING)}
FROM (
  SELECT p.row_id, m.debt_id, m.match_reason, m.match_confidence,
         coalesce(p.region_code, o.region_code) AS placed_region_code,
         coalesce(p.reporting_unit, o.reporting_unit) AS placed_reporting_unit,
         o.known_date, o.replaced_date, o.is_superseded
  FROM core.ledger_rows p
  LEFT JOIN matches m USING (row_id)
  LEFT JOIN ({PLACES}) o ON o.document_id = p.document_id AND o.table_index = p.table_index
  WHERE ({", ".join(f"p.{c}" for c in _FOLLOWING)}) IS DISTINCT FROM (
    m.debt_id, m.match_reason, m.match_confidence, coalesce(p.region_code, o.region_code),
    coalesce(p.reporting_unit, o.reporting_unit), o.known_date, o.replaced_date, o.is_superseded)
) v WHERE v.row_id = r.row_id
"""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """What is to change in a copy of the base: documents to take out, parts to read, how many nights grew already."""

    out: frozenset[str]
    fresh: tuple[Manifest, ...]
    nights: int


def growth_of(base: Path | None, inputs: Inputs, parts: Sequence[Manifest]) -> Growth | None:
    """How tonight's warehouse grows out of a sound base; None where it has to be filled from nothing.

    That is so with another schema or other views, with other names taught, with too much changed, and once in some
    dozens of nights. Raises duckdb.Error where the base cannot be read.
    """
    import duckdb

    if base is None or not base.is_file():
        return None
    with duckdb.connect(str(base), read_only=True) as connection:
        told: dict[str, str] = dict(connection.execute("SELECT key, value FROM core.publication").fetchall())
        if told.get("structure_digest") != structure_digest() or told.get("names_taught") != names_taught(inputs):
            return None
        before: dict[str, str] = dict(
            connection.execute("SELECT document_id, part_digest FROM core.built_parts").fetchall()
        )
        altered = altered_documents(connection, "core")
    now = {p.file_id: part_digest(p) for p in parts}
    out = {d for d, digest in before.items() if now.get(d) != digest or d in altered}
    fresh = tuple(p for p in parts if p.file_id not in before or p.file_id in out)
    nights = int(told.get("nights_grown", "0"))
    if nights >= _MOST_IN_A_ROW or len(out) + len(fresh) > max(_FEW, _LARGEST_SHARE * len(before)):
        return None
    return Growth(out=frozenset(out), fresh=fresh, nights=nights + 1)


def held_in(base: Path | None, inputs: Inputs) -> set[str]:
    """Documents whose parts will not be opened, since a sound base holds their rows. Raises duckdb.Error."""
    import duckdb

    if base is None:
        return set()
    with duckdb.connect(str(base), read_only=True) as connection:
        return held_documents(connection, inputs.parts, names_taught(inputs))


def names_taught(inputs: Inputs) -> str:
    """A digest of the names that stewards taught: rows hold full names in their place, so other names, other rows."""
    names = sorted((x.source, x.said, x.meant, x.decision.decision_number) for x in _names(inputs.lookups))
    return hashlib.sha256(msgspec.json.encode(names)).hexdigest()[:16] if names else ""


def _names(lookups: Sequence[Lookup]) -> list[Lookup]:
    return [x for x in lookups if x.kind == "alias"]


def publication_facts(inputs: Inputs, digest: str, nights: int) -> dict[str, str]:
    """What a warehouse file says of itself in `core.publication`."""
    return {
        "inputs_digest": digest,
        "schema_digest": schema_digest(),
        "structure_digest": structure_digest(),
        "names_taught": names_taught(inputs),
        "nights_grown": str(nights),
    }


def copy_file(base: Path, target: Path) -> None:
    """Copy a file, by sharing its blocks where the file system can. Raises OSError."""
    with base.open("rb") as source, target.open("wb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), _FICLONE, source.fileno())
        except OSError:  # another file system, or one without shared blocks
            shutil.copyfileobj(source, copy, 1 << 22)


def grow(
    connection: duckdb.DuckDBPyConnection, home: Path, inputs: Inputs, growth: Growth, facts: Mapping[str, str]
) -> None:
    """Change a copy of the base, to which `connection` is open, into tonight's warehouse; stored views are left."""
    connection.execute("BEGIN")
    note_gone(connection, inputs)
    _take_out(connection, growth.out)
    connection.execute("DELETE FROM core.publication")
    connection.executemany("INSERT INTO core.publication VALUES (?, ?)", [list(f) for f in facts.items()])
    fill_registers(connection, inputs)
    for table in STAGED_TABLES:
        source = _fresh(home, growth.fresh, table.name)
        if table is LEDGER_ROWS:
            if source is not None:
                source = with_full_names(connection, source, inputs.lookups)
                connection.execute(f"INSERT INTO core.ledger_rows BY NAME SELECT * FROM {source}")
            else:
                connection.execute(
                    "CREATE TEMP TABLE said_names (row_id VARCHAR, debtor_name VARCHAR, creditor_name VARCHAR)"
                )
            match_debts(connection, "core.ledger_rows")
            settle_versions(connection)
            connection.execute(_SETTLE_ROWS)
            connection.execute("UPDATE core.ledger_rows SET is_quarantined = false WHERE is_quarantined IS NULL")
            continue
        if source is not None:
            connection.execute(
                f"INSERT INTO core.{quoted(table.name)} BY NAME SELECT * FROM {source} ORDER BY {order_of(table)}"
            )
        if table.name == "documents":
            note_staged_documents(connection)
            keep_parts(connection, growth.fresh)
            settle_documents(connection)
        elif table is LEDGER_TABLES:
            note_series(connection, "core.ledger_tables")
            connection.execute(
                "UPDATE core.ledger_tables t SET scope_key = s.scope_key, series_key = s.series_key FROM series s "
                "WHERE s.document_id = t.document_id AND s.table_index = t.table_index "
                "AND (s.scope_key, s.series_key) IS DISTINCT FROM (t.scope_key, t.series_key)"
            )
    finish(connection, inputs)
    connection.execute("COMMIT")


def _take_out(connection: duckdb.DuckDBPyConnection, out: Collection[str]) -> None:
    """Delete what changed or follows from the rest; the documents left stand as they were staged."""
    connection.register("out_arrow", pa.table({"document_id": pa.array(sorted(out), pa.string())}))
    connection.execute("CREATE TEMP TABLE taken_out AS SELECT * FROM out_arrow")
    connection.unregister("out_arrow")
    staged = {t.name for t in STAGED_TABLES}
    for name in [*staged, "built_parts"] if out else []:
        connection.execute(f"DELETE FROM core.{quoted(name)} WHERE document_id IN (SELECT document_id FROM taken_out)")
    for name in TABLES:
        if name not in staged:
            connection.execute(f"DELETE FROM core.{quoted(name)}")
    columns = ", ".join(f"{quoted(c)} = k.{quoted(c)}" for c in CHANGED_LATER)
    differs = ", ".join(f"d.{quoted(c)}" for c in CHANGED_LATER), ", ".join(f"k.{quoted(c)}" for c in CHANGED_LATER)
    connection.execute(
        f"UPDATE core.documents d SET {columns} FROM core.built_parts k "
        f"WHERE k.document_id = d.document_id AND ({differs[0]}) IS DISTINCT FROM ({differs[1]})"
    )


def _fresh(home: Path, parts: Sequence[Manifest], table: str) -> str | None:
    """What to select the rows of new parts from; None where they have none."""
    paths = [str(p) for p in (part.parquet(home, table) for part in parts) if p is not None]
    return f"read_parquet([{', '.join(map(literal, paths))}])" if paths else None
