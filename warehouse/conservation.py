"""What became of everything that came in: files and rows accepted are those loaded, held back or left out, each with a
reason; nothing gets lost on the way unnoticed."""

# ruff: noqa: S608 - names in statements come from the schema in code

from __future__ import annotations

from pathlib import Path
from typing import Any

from warehouse.ddl import quoted
from warehouse.state import State
from warehouse.tables import STAGED_TABLES

_LOADED = ("seen", "stable", "archived", "read", "partial")


def file_accounts(state: State) -> dict[str, int]:
    """All files ever accepted by what became of them; `gap` is what is not accounted for, or lacks its reason."""
    files = state.files()
    count = {
        "accepted": len(files),
        "loaded": sum(f.state in _LOADED for f in files),
        "quarantined": sum(f.state == "quarantined" and f.reason is not None for f in files),
        "superseded": sum(f.state == "superseded" for f in files),
        "ignored": sum(f.state == "ignored" and f.reason is not None for f in files),
    }
    return {**count, "gap": 2 * count["accepted"] - sum(count.values())}


def row_accounts(path: Path) -> dict[str, int]:
    """The same for ledger rows of a warehouse file."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(
            "SELECT sum(read_rows), sum(loaded_rows), sum(quarantined_rows), sum(superseded_rows), sum(abs(gap_rows)) "
            "FROM main.row_accounts"
        ).fetchone()
    names = ("accepted", "loaded", "quarantined", "superseded", "gap")
    return {name: int(n or 0) for name, n in zip(names, row or (0,) * 5, strict=True)}


def tables_with_gaps(path: Path) -> list[dict[str, Any]]:
    """Ledger tables whose rows are not all accounted for."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "SELECT document_id, table_index, path, read_rows, read_rows - gap_rows FROM main.row_accounts "
            "WHERE gap_rows <> 0 ORDER BY document_id, table_index"
        ).fetchall()
    return [dict(zip(("document_id", "table_index", "path", "read", "kept"), r, strict=True)) for r in found]


def keys_in_two_documents(path: Path) -> list[dict[str, str]]:
    """Rows of different documents that have one key, for the tables whose key does not name the document."""
    import duckdb

    asked = " UNION ALL ".join(
        f"SELECT '{t.name}' AS table_name, '{t.key[0]}' AS field, r.{quoted(t.key[0])} AS key, r.document_id, d.name "
        f"FROM core.{quoted(t.name)} r JOIN core.documents d USING (document_id) WHERE r.{quoted(t.key[0])} IN ("
        f"SELECT {quoted(t.key[0])} FROM core.{quoted(t.name)} GROUP BY 1 HAVING min(document_id) <> max(document_id))"
        for t in STAGED_TABLES
        if len(t.key) == 1 and t.key != ("document_id",)
    )
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(f"SELECT DISTINCT * FROM ({asked}) ORDER BY ALL").fetchall()
    return [dict(zip(("table_name", "field", "key", "document_id", "name"), r, strict=True)) for r in found]
