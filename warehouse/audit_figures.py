"""Reading for the page of a night's audit: findings by rule, what is silenced and why, reports that are due."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_BY_RULE = """
SELECT f.rule, f.severity, count(*) FILTER (WHERE f.status IN ('open', 'deferred')) AS waiting,
       count(*) FILTER (WHERE f.status IN ('accepted', 'resolved', 'dismissed')) AS decided,
       count(*) FILTER (WHERE f.status = 'silenced') AS silenced, max(f.nights) AS nights,
       arg_min(f.message_zh, f.finding_id) AS example
FROM main.findings f GROUP BY f.rule, f.severity
ORDER BY array_position(['block', 'quarantine', 'warn', 'note'], f.severity), waiting DESC, f.rule
"""
_FAILING = "SELECT table_name, rule, field, count(*) FROM main.findings GROUP BY ALL"
_SILENCED = """
SELECT d.source, f.rule, f.silence_reason, count(*) FROM main.findings f JOIN main.documents d USING (document_id)
WHERE f.status = 'silenced' GROUP BY ALL ORDER BY ALL
"""
_DUE = """
SELECT source, unit, about, period_date, due_date, status, received_date, consequence FROM main.reports_due
WHERE status <> 'received' ORDER BY array_position(['silent', 'late', 'awaited'], status), due_date DESC, unit LIMIT 300
"""


def audit_figures(path: Path) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """Of a published warehouse file: figures by rule, counts by table, rule and column, silenced findings, reports due.

    Raises duckdb.Error where there is no such file.
    """
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        by_rule, failing, silenced, due = (
            connection.execute(q).fetchall() for q in (_BY_RULE, _FAILING, _SILENCED, _DUE)
        )
    return by_rule, failing, silenced, due
