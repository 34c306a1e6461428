"""What of the warehouse the spot of a value is shown with: its file, its table, the persons named in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.personal import names_in

if TYPE_CHECKING:
    import duckdb

_NAMES = 300


@dataclass(frozen=True, slots=True)
class Document:
    """What a spot needs to know of a file."""

    document_id: str
    name: str
    path: str
    format: str | None
    title: str | None
    region_code: str | None
    extractor_version: str
    error_message: str | None


def document_of(connection: duckdb.DuckDBPyConnection, document_id: str) -> Document | None:
    """A file of the warehouse; None when there is none."""
    row = connection.execute(
        "SELECT document_id, name, path, format, title, region_code, extractor_version, error_message "
        "FROM core.documents WHERE document_id = ?",
        [document_id],
    ).fetchone()
    return None if row is None else Document(*row)


def table_of(
    connection: duckdb.DuckDBPyConnection, document_id: str, table_index: int
) -> tuple[str | None, int | None]:
    """The columns of a ledger table as JSON, and the number of its first row; None for what is not known."""
    row = connection.execute(
        'SELECT t."columns", (SELECT min(r.row_number) FROM core.ledger_rows r WHERE r.document_id = t.document_id '
        "AND r.table_index = t.table_index) FROM core.ledger_tables t WHERE t.document_id = ? AND t.table_index = ?",
        [document_id, table_index],
    ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def persons_of(connection: duckdb.DuckDBPyConnection, document_id: str) -> tuple[str, ...]:
    """Persons that a file is known to name: contacts, signatures, who signed off, the persons of its ledgers' rows."""
    row = connection.execute(
        "SELECT contacts, signed_off_by FROM core.documents WHERE document_id = ?", [document_id]
    ).fetchone()
    contacts, signed = row or (None, None)
    signatures = connection.execute(
        "SELECT signatures FROM core.ledger_tables WHERE document_id = ?", [document_id]
    ).fetchall()
    listed = connection.execute(
        "SELECT DISTINCT unnest([contact_name, responsible_person]) AS name FROM core.ledger_rows "
        "WHERE document_id = ? LIMIT ?",
        [document_id, _NAMES],
    ).fetchall()
    return tuple(
        sorted({n for n in (signed, *names_in(contacts, [s[0] for s in signatures]), *(r[0] for r in listed)) if n})
    )
