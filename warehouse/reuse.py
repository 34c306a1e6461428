"""Unchanged parts are taken over from the published warehouse instead of being read again file by file.

Opening ten thousand small Parquet files costs more than copying their rows out of one DuckDB file. Only rows are taken
over, as they were staged: matching, versions, views and clocks are worked out anew over all of them, so that a
warehouse built with a base is the same as one built without (a test holds us to that).
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound or quoted

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.arrow import schema_digest
from warehouse.ddl import literal, quoted
from warehouse.parts import Manifest
from warehouse.table import Table
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import duckdb

# What `build` changes of a document after staging it; kept as staged beside the digest of its part.
_CHANGED_LATER = ("source", "path", "name", "status")


def part_digest(part: Manifest) -> str:
    """SHA-256 over the version, schema and files of a part."""
    digest = hashlib.sha256(f"{part.version}:{part.schema};".encode())
    for name, file in sorted(part.tables.items()):
        digest.update(f"{name}:{file.sha256};".encode())
    return digest.hexdigest()


class StagedRows:
    """Where the staged rows of a build come from: the parts' Parquet, or a base warehouse for those it holds unchanged.

    `base` must be a whole file that nobody writes (`publish.reconcile` says so); one of another schema, or made before
    bases were kept, is left aside. Documents in which a steward corrected a row are read from their files.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, home: Path, parts: Sequence[Manifest], base: Path | None
    ) -> None:
        self._connection, self._home = connection, home
        self._digests = {p.file_id: part_digest(p) for p in parts}
        held = set() if base is None or not base.is_file() else self._attach(base)
        self._has_base = bool(held)
        self._fresh = [p for p in parts if p.file_id not in held]
        self._make_table("reused", {"document_id": sorted(held)})

    @property
    def fresh(self) -> int:
        """How many parts are read from their files."""
        return len(self._fresh)

    def _attach(self, base: Path) -> set[str]:
        self._connection.execute(f"ATTACH {literal(str(base))} AS base (READ_ONLY)")
        there = self._connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'base' AND table_name = 'built_parts'"
        ).fetchone()
        schema = self._connection.execute(
            "SELECT value FROM base.core.publication WHERE key = 'schema_digest'"
        ).fetchone()
        held: set[str] = set()
        if there == (1,) and schema == (schema_digest(),):
            rows = self._connection.execute("SELECT document_id, part_digest FROM base.core.built_parts").fetchall()
            held = {document for document, digest in rows if self._digests.get(document) == digest}
            held -= self._corrected()
        if not held:
            self._connection.execute("DETACH base")
        return held

    def _corrected(self) -> set[str]:
        """Documents of the base with a row that a steward corrected: it stands there no more as it was staged."""
        tables = self._connection.execute("SELECT DISTINCT table_name FROM base.core.corrections").fetchall()
        return {
            document
            for (name,) in tables
            for (document,) in self._connection.execute(
                f"SELECT DISTINCT r.document_id FROM base.core.{quoted(name)} r JOIN base.core.corrections c "
                f"ON c.table_name = ? AND c.row_id = r.{quoted(TABLES[name].key[0])}",
                [name],
            ).fetchall()
        }

    def source(self, table: Table) -> str:
        """What to select the staged rows of a table from."""
        sources = []
        if self._has_base:
            columns = [f"b.{quoted(c)}" for c in table.column_names]
            if table.name == "documents":
                kept = {c: f"k.{quoted(c)}" for c in _CHANGED_LATER}
                columns = [kept.get(c, f"b.{quoted(c)}") for c in table.column_names]
            sources.append(
                f"SELECT {', '.join(columns)} FROM base.core.{quoted(table.name)} b "
                "JOIN base.core.built_parts k USING (document_id) "
                "WHERE document_id IN (SELECT document_id FROM reused)"
            )
        paths = [str(p) for p in (part.parquet(self._home, table.name) for part in self._fresh) if p is not None]
        if paths:
            sources.append(f"SELECT * FROM read_parquet([{', '.join(map(literal, paths))}])")
        if not sources:
            sources.append(f"SELECT * FROM core.{quoted(table.name)} WHERE false")
        return f"({' UNION ALL BY NAME '.join(sources)})"

    def keep(self) -> None:
        """Note what the documents were staged as, for the next build; call it before they are settled."""
        self._make_table("digests", {"document_id": list(self._digests), "part_digest": list(self._digests.values())})
        self._connection.execute(
            f"CREATE TABLE core.built_parts AS SELECT d.document_id, g.part_digest, {', '.join(_CHANGED_LATER)} "
            "FROM core.documents d JOIN digests g USING (document_id) ORDER BY document_id"
        )
        self._connection.execute(
            "COMMENT ON TABLE core.built_parts IS '构建来源: The parts this warehouse was built from, as staged.'"
        )

    def close(self) -> None:
        """Let go of the base."""
        if self._has_base:
            self._connection.execute("DETACH base")

    def _make_table(self, name: str, columns: dict[str, list[str]]) -> None:
        self._connection.register("given", pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()}))
        self._connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")
        self._connection.unregister("given")
