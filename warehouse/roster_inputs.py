"""What the reports that came in say of themselves, and what circulars say of units that do not report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_RECEIVED = """
SELECT d.source, t.about, coalesce(t.region_code, d.region_code) AS region_code, t.reporting_unit, t.report_type,
       t.as_of_date, t.known_date AS received_date, t.document_id, t.table_index
FROM core.ledger_tables t JOIN core.documents d USING (document_id)
WHERE t.known_date IS NOT NULL ORDER BY t.document_id, t.table_index
"""
# 逾期未报视为无拖欠, 逾期不报的按零报告处理: the latest paper of a source that says so.
_WORDS = r"(?:逾期|到期|过期)(?:未|不)(?:报|交|反馈)[^。；;\n]{0,16}?(?:视为|视同|按)[^。；;，,\n]{1,24}"
_CONSEQUENCES = """
SELECT source, said FROM (
  SELECT source, regexp_extract(text, ?) AS said, issued_date, first_seen_date, document_id
  FROM core.documents WHERE status <> 'superseded' AND text IS NOT NULL
) WHERE said <> '' ORDER BY issued_date NULLS FIRST, first_seen_date, document_id
"""


def roster_inputs(path: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Reports received, and by source the words on not reporting; of a warehouse file."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(_RECEIVED)
        names = [d[0] for d in found.description or ()]
        received = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        said = dict(connection.execute(_CONSEQUENCES, [_WORDS]).fetchall())
    return received, said


def bound_inputs(path: Path) -> tuple[list[dict[str, Any]], list[tuple[str | None, str]]]:
    """Ledger tables with their number of rows and source, and document and rule of every finding on a ledger row."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "SELECT d.source, t.document_id, t.table_index, d.name, t.report_type, t.row_count "
            "FROM core.ledger_tables t JOIN core.documents d USING (document_id) WHERE d.status <> 'superseded' "
            "ORDER BY t.document_id, t.table_index"
        )
        names = [d[0] for d in found.description or ()]
        tables = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        failing = connection.execute(
            "SELECT document_id, rule FROM core.findings WHERE table_name = 'ledger_rows' AND row_id IS NOT NULL"
        ).fetchall()
    return tables, [(r[0], r[1]) for r in failing]
