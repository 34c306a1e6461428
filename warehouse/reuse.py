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
CHANGED_LATER = ("source", "path", "name", "status")


def part_digest(part: Manifest) -> str:
    """SHA-256 over the version, schema and files of a part."""
    digest = hashlib.sha256(f"{part.version}:{part.schema};".encode())
    for name, file in sorted(part.tables.items()):
        digest.update(f"{name}:{file.sha256};".encode())
    return digest.hexdigest()


def altered_documents(connection: duckdb.DuckDBPyConnection, core: str) -> set[str]:
    """Documents with a row that does not stand as it was staged: a steward corrected it, or taught a name in it.

    `core` is the schema of a warehouse file as the connection names it.
    """
    tables = connection.execute(f"SELECT DISTINCT table_name FROM {core}.corrections").fetchall()
    return {
        document
        for (name,) in tables
        for (document,) in connection.execute(
            f"SELECT DISTINCT r.document_id FROM {core}.{quoted(name)} r JOIN {core}.corrections c "
            f"ON c.table_name = ? AND c.row_id = r.{quoted(TABLES[name].key[0])}",
            [name],
        ).fetchall()
    }


def held_documents(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[Manifest], taught: str, core: str = "core"
) -> set[str]:
    """Documents whose staged rows a sound warehouse file holds as these parts say, so that no file need be opened.

    `taught` is the digest of the names that stewards taught (`growing.names_taught`).
    """
    told: dict[str, str] = dict(connection.execute(f"SELECT key, value FROM {core}.publication").fetchall())
    if told.get("schema_digest") != schema_digest() or told.get("names_taught", "") != taught:
        return set()
    digests = {p.file_id: part_digest(p) for p in parts}
    rows = connection.execute(f"SELECT document_id, part_digest FROM {core}.built_parts").fetchall()
    return {d for d, digest in rows if digests.get(d) == digest} - altered_documents(connection, core)


def keep_parts(connection: duckdb.DuckDBPyConnection, parts: Sequence[Manifest]) -> None:
    """Note what documents were staged as, for the next night; call it before they are settled."""
    digests = {
        "document_id": pa.array([p.file_id for p in parts], pa.string()),
        "part_digest": pa.array([part_digest(p) for p in parts], pa.string()),
    }
    connection.register("digests", pa.table(digests))
    connection.execute(
        f"INSERT INTO core.built_parts SELECT d.document_id, g.part_digest, {', '.join(CHANGED_LATER)} "
        "FROM core.documents d JOIN digests g USING (document_id) ORDER BY document_id"
    )
    connection.unregister("digests")


class StagedRows:
    """Where the staged rows of a build come from: the parts' Parquet, or a base warehouse for those it holds unchanged.

    `base` must be a whole file that nobody writes (`publish.reconcile` says so); one of another schema, or in which
    other names were put in (`taught`), is left aside. Documents in which a steward corrected a row are read from their
    files.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        home: Path,
        parts: Sequence[Manifest],
        base: Path | None,
        taught: str = "",
    ) -> None:
        self._connection, self._home, self._parts = connection, home, parts
        held = set() if base is None or not base.is_file() else self._attach(base, taught)
        self._has_base = bool(held)
        self._fresh = [p for p in parts if p.file_id not in held]
        connection.register("given", pa.table({"document_id": pa.array(sorted(held), pa.string())}))
        connection.execute("CREATE TEMP TABLE reused AS SELECT * FROM given")
        connection.unregister("given")

    @property
    def fresh(self) -> int:
        """How many parts are read from their files."""
        return len(self._fresh)

    def _attach(self, base: Path, taught: str) -> set[str]:
        self._connection.execute(f"ATTACH {literal(str(base))} AS base (READ_ONLY)")
        held = held_documents(self._connection, self._parts, taught, "base.core")
        if not held:
            self._connection.execute("DETACH base")
        return held

    def source(self, table: Table) -> str:
        """What to select the staged rows of a table from."""
        sources = []
        if self._has_base:
            columns = [f"b.{quoted(c)}" for c in table.column_names]
            if table.name == "documents":
                kept = {c: f"k.{quoted(c)}" for c in CHANGED_LATER}
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
        columns = ", ".join(f"{quoted(c)} VARCHAR" for c in ("document_id", "part_digest", *CHANGED_LATER))
        self._connection.execute(f"CREATE TABLE core.built_parts ({columns})")
        self._connection.execute(
            "COMMENT ON TABLE core.built_parts IS '构建来源: The parts this warehouse was built from, as staged.'"
        )
        keep_parts(self._connection, self._parts)

    def close(self) -> None:
        """Let go of the base."""
        if self._has_base:
            self._connection.execute("DETACH base")
