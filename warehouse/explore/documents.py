"""Documents as people look for them and read them: lists with facets, one document, what it names and who names it."""

# ruff: noqa: S608 - conditions come from code, values are bound; a scope holds checked digits only

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.explore.scope import Facet, Rows, Scope, facet_of, facet_tests, facet_values, row_of, rows_of

if TYPE_CHECKING:
    import duckdb

KIND_ZH = {
    "circular": "通知通报",
    "report": "报告",
    "reply": "答复",
    "ledger": "台账",
    "disclosure": "公示披露",
    "bulletin": "简报",
    "other": "其他",
}
STATUS_ZH = {
    "parsed": "已读取",
    "partial": "部分读取",
    "quarantined": "未能读取",
    "superseded": "已被取代",
    "ignored": "未处理",
}
FACETS = ("kind", "region", "issuer", "status", "format", "year")
_LABELS: dict[str, dict[str, str]] = {"kind": KIND_ZH, "status": STATUS_ZH}
_MOST_VALUES = 20
OPEN = "({0}secrecy IS NULL AND {0}error_code IS DISTINCT FROM 'classified')"
"""Documents without a mark of secrecy; `{0}` is the table's name with its dot. Only of these anything may be shown,
searched or handed out (保守国家秘密法 2024, art. 31)."""
_LIST_COLUMNS = (
    "document_id, title, issuer, doc_number, doc_type, kind, issued_date, region_code, source, path, name, "
    "format, pages, status, secrecy, first_seen_date, parent_id"
)


class DocumentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. Facets as in `debts`; `number` is part of the document number, `start` and `until` limit the
    day of issue (of those without one, the night they came in); `found` are the ids that a search gave, best first."""

    kind: str | None = None
    region: str | None = None
    issuer: str | None = None
    status: str | None = None
    format: str | None = None
    year: str | None = None
    number: str | None = None
    start: dt.date | None = None
    until: dt.date | None = None
    found: tuple[str, ...] | None = None
    sort: str = "date"

    def parameters(self) -> dict[str, Any]:
        """The values that the statements bind."""
        given = facet_values(self, FACETS)
        number = None if self.number is None else self.number.strip()
        found = None if self.found is None else list(self.found)
        return {**given, "number": number, "start": self.start, "until": self.until, "found": found}


def _selection(scope: Scope, asked: DocumentFilter, *, without: str | None = None) -> str:
    tests = [scope.where("region_code"), *facet_tests(asked, FACETS, without)]
    if asked.status is None and without != "status":
        tests.append("status <> 'superseded'")
    if asked.number and asked.number.strip():
        tests.append("contains(doc_number, $number)")
    if asked.start is not None:
        tests.append("day >= $start")
    if asked.until is not None:
        tests.append("day <= $until")
    if asked.found is not None:
        tests.append("document_id IN (SELECT unnest($found))")
    base = (
        f"SELECT {_LIST_COLUMNS}, region_code AS region, coalesce(issued_date, first_seen_date) AS day, "
        "year(day)::VARCHAR AS year FROM main.documents"
    )
    return f"SELECT * FROM ({base}) WHERE {' AND '.join(tests)}"


def page(
    connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DocumentFilter, *, offset: int = 0, limit: int = 20
) -> Rows:
    """Documents that fit, newest first or, where a search gave them, best first; with the region's name, how many open
    findings each has, and the beginning of its text (`opening`)."""
    by_rank = asked.found is not None and asked.sort == "rank"
    order = "list_position($found, s.document_id)" if by_rank else "s.day DESC, s.path"
    return rows_of(
        connection,
        f"WITH s AS ({_selection(scope, asked)}), "
        f"chosen AS (SELECT * FROM s ORDER BY {order} LIMIT $limit OFFSET $offset) "
        "SELECT s.*, r.full_name AS region_name, left(d.text, 400) AS opening, "
        "(SELECT count(*) FROM main.findings f WHERE f.document_id = s.document_id "
        "AND f.status IN ('open', 'deferred')) AS findings FROM chosen s JOIN main.documents d USING (document_id) "
        f"LEFT JOIN main.regions r ON r.region_code = s.region_code ORDER BY {order}",
        {**asked.parameters(), "limit": limit, "offset": offset},
    )


def texts(connection: duckdb.DuckDBPyConnection, ids: Sequence[str], *, longest: int) -> dict[str, str]:
    """The beginnings of the texts of some documents (already known to be within the reader's scope)."""
    found = connection.execute(
        "SELECT document_id, left(text, ?) FROM main.documents WHERE document_id IN (SELECT unnest(?)) "
        f"AND text IS NOT NULL AND {OPEN.format('')}",
        [longest, list(ids)],
    ).fetchall()
    return dict(found)


def count(connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DocumentFilter) -> int:
    """How many documents fit."""
    row = row_of(connection, f"SELECT count(*) AS n FROM ({_selection(scope, asked)})", asked.parameters())
    return 0 if row is None else int(row["n"])


def facets(connection: duckdb.DuckDBPyConnection, scope: Scope, asked: DocumentFilter) -> dict[str, list[Facet]]:
    """For every facet its values with how many documents would fit, the other conditions standing."""
    out = {
        name: facet_of(
            connection,
            name,
            _selection(scope, asked, without=name),
            asked.parameters(),
            chosen=getattr(asked, name),
            labels=_LABELS.get(name, {}),
            most=_MOST_VALUES,
        )
        for name in FACETS
    }
    out["year"].sort(key=lambda f: f.value, reverse=True)
    return out


def one(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> dict[str, Any] | None:
    """A document whole; None where there is none that the reader may see. Of one with a mark of secrecy (`is_closed`)
    only that it is there, and where it lies so that it can be taken away."""
    found = row_of(
        connection,
        "SELECT d.*, NOT coalesce("
        + OPEN.format("d.")
        + ", false) AS is_closed, r.full_name AS region_full_name, length(d.text) AS characters FROM main.documents d "
        f"LEFT JOIN main.regions r USING (region_code) WHERE d.document_id = ? AND {scope.where('d.region_code')}",
        [document_id],
    )
    if found is not None and found["is_closed"]:
        kept = (
            "document_id", "status", "secrecy", "first_seen_date", "format", "region_code", "error_code",
            "error_message", "name", "path", "source", "is_closed",
        )  # fmt: skip
        return {k: found[k] if k in kept else None for k in found}
    return found


def inputs_digest(connection: duckdb.DuckDBPyConnection) -> str:
    """What this publication was made from: an index of another digest is behind or ahead of it."""
    row = connection.execute("SELECT value FROM core.publication WHERE key = 'inputs_digest'").fetchone()
    return "" if row is None else str(row[0])


def children(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> Rows:
    """Documents found inside one, by path."""
    return rows_of(
        connection,
        f"SELECT {_LIST_COLUMNS} FROM main.documents "
        f"WHERE parent_id = ? AND {scope.where('region_code')} ORDER BY path",
        [document_id],
    )


def places(connection: duckdb.DuckDBPyConnection, document_id: str) -> Rows:
    """Every path under which the document was found."""
    return rows_of(
        connection,
        "SELECT source, path, first_seen_date, is_current FROM main.files WHERE document_id = ? ORDER BY source, path",
        [document_id],
    )


def versions(connection: duckdb.DuckDBPyConnection, scope: Scope, document_id: str) -> Rows:
    """All contents that lay at the paths of a document, this one among them, oldest first."""
    return rows_of(
        connection,
        "SELECT DISTINCT v.document_id, v.path, v.source, v.first_seen_date, v.is_current, d.title, d.name, d.status "
        "FROM main.files f JOIN main.files v ON v.source = f.source AND v.path = f.path "
        "JOIN main.documents d ON d.document_id = v.document_id "
        f"WHERE f.document_id = ? AND {scope.where('d.region_code')} ORDER BY v.path, v.first_seen_date, v.document_id",
        [document_id],
    )


def findings(connection: duckdb.DuckDBPyConnection, document_id: str, *, limit: int = 200) -> Rows:
    """Findings on a document and its rows, worst first."""
    return rows_of(
        connection,
        "SELECT finding_id, severity, rule, message_zh, message_en, table_name, row_id, field, value, status, "
        "first_seen_date FROM main.findings WHERE document_id = ? ORDER BY status NOT IN ('open', 'deferred'), "
        "array_position(['block', 'quarantine', 'warn', 'note'], severity), rule, finding_id LIMIT ?",
        [document_id, limit],
    )


def ledger_tables(connection: duckdb.DuckDBPyConnection, document_id: str) -> Rows:
    """The ledger tables of a document with their sums."""
    return rows_of(
        connection,
        "SELECT t.*, s.arrears_yuan, s.left_yuan FROM core.ledger_tables t LEFT JOIN ("
        "  SELECT document_id, table_index, sum(arrears_amount_yuan) AS arrears_yuan, "
        "         sum(remaining_amount_yuan) AS left_yuan "
        "  FROM core.ledger_rows WHERE document_id = $id GROUP BY ALL"
        ") s USING (document_id, table_index) WHERE t.document_id = $id ORDER BY t.table_index",
        {"id": document_id},
    )


def ledger_rows(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    document_id: str,
    table_index: int,
    *,
    offset: int = 0,
    limit: int = 100,
) -> Rows:
    """Rows of a ledger table as it lists them, with whether the audit holds them and how many findings each has; rows
    that name a region which is not the reader's are left out."""
    return rows_of(
        connection,
        "SELECT r.*, (SELECT count(*) FROM main.findings f WHERE f.row_id = r.row_id "
        "AND f.status IN ('open', 'deferred')) AS findings "
        "FROM core.ledger_rows r WHERE r.document_id = ? AND r.table_index = ? "
        f"AND (r.region_code IS NULL OR {scope.where('r.region_code')}) "
        "ORDER BY r.row_number, r.row_id LIMIT ? OFFSET ?",
        [document_id, table_index, limit, offset],
    )
