"""Findings that a source's configuration silences, each with the written reason, which is shown beside it.

Only what stops nothing can be silenced; a decision of a steward on the same finding counts for more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import msgspec


class Silenced(msgspec.Struct, frozen=True, kw_only=True):
    """In one source, findings of a rule (on one column, where named) wait for nobody until a day; and why."""

    source: str
    rule: str
    reason: str
    field: str | None = None
    until: dt.date | None = None

    def counts_on(self, night: dt.date) -> bool:
        """Whether it still holds; the day `until` included."""
        return self.until is None or night <= self.until


def silence(path: Path, silenced: Sequence[Silenced], night: dt.date) -> int:
    """Set the status of open findings that are silenced tonight, and their reason; how many."""
    import duckdb

    wanted = [s for s in silenced if s.counts_on(night)]
    if not wanted:
        return 0
    with duckdb.connect(str(path)) as connection:
        for s in wanted:
            connection.execute(
                "UPDATE core.findings f SET status = 'silenced', silence_reason = ? "
                "WHERE f.rule = ? AND f.status = 'open' AND f.severity IN ('warn', 'note') "
                "AND (? IS NULL OR f.field = ?) "
                "AND f.document_id IN (SELECT document_id FROM core.documents WHERE source = ?)",
                [s.reason, s.rule, s.field, s.field, s.source],
            )
        row = connection.execute("SELECT count(*) FROM core.findings WHERE status = 'silenced'").fetchone()
        connection.execute("CHECKPOINT")
    return 0 if row is None else int(row[0])
