"""Findings as rows of the warehouse: those of parts stream from their audits, so that no night holds all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import pyarrow as pa

from pipelines.auditing import load_audit
from validators.findings import Finding, to_rows
from warehouse.arrow import arrow_schema, arrow_table
from warehouse.parts import Manifest

_AT_ONCE = 2_000


def finding_table(findings: Iterable[Finding], first_seen: Mapping[str, dt.date], night: dt.date) -> pa.Table:
    """Findings as rows of `findings`; `first_seen` says since when each that is not new has been there."""
    rows = to_rows(tuple(findings))
    for row in rows:
        row["first_seen_date"] = first_seen.get(str(row["finding_id"]), night)
    return arrow_table("findings", rows)


class PartFindings:
    """What was found in the rows of parts, to be read once as rows of `findings`; `count` says how many were read."""

    def __init__(
        self, home: Path, parts: Iterable[Manifest], first_seen: Mapping[str, dt.date], night: dt.date
    ) -> None:
        self.count = 0
        self._home, self._parts, self._first_seen, self._night = home, parts, first_seen, night

    def reader(self) -> pa.RecordBatchReader:
        """The rows, some thousands at a time, read from the audits as they are asked for."""
        return pa.RecordBatchReader.from_batches(arrow_schema("findings"), self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        findings = self._findings()
        while some := tuple(islice(findings, _AT_ONCE)):
            self.count += len(some)
            yield from finding_table(some, self._first_seen, self._night).to_batches()

    def _findings(self) -> Iterator[Finding]:
        for part in self._parts:
            audit = load_audit(self._home, part)
            if audit is not None:
                yield from audit.findings
