"""The review queue a page at a time: counted, grouped by cause and cut over its index, never loaded whole.

A cause is one rule on one column of one debt over all its ledgers, else of one file; one look settles all of it.
Everything takes the regions a reader may see (prefixes of codes, none: all) and what was decided since the night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from warehouse.tables import FINDING_STATUSES, SEVERITIES

if TYPE_CHECKING:
    import duckdb

    from warehouse.queue_index import Mask, QueueIndex
    from warehouse.settling import Overlay

Row = dict[str, Any]
_LONGEST_CAUSE = 20
"""Digits of the largest number that names a cause."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings: None means any. `region` is the beginning of a code, `text` stands in the sentence or path."""

    status: str | None = "open"
    severity: str | None = None
    rule: str | None = None
    document_id: str | None = None
    region: str | None = None
    text: str | None = None
    cause: str | None = None


class Queue:
    """The findings of an open warehouse as one reader may see them now."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        index: QueueIndex,
        settled: Overlay | None = None,
        regions: tuple[str, ...] = (),
    ) -> None:
        """`index` is that of the same warehouse, `settled` what `settling.Settled` tells of the day; `regions` are
        beginnings of region codes, and findings without a region are outside any of them."""
        self._connection = connection
        self._index = index
        self._status = index.status if settled is None else settled.status
        self._settled = {} if settled is None else settled.places
        self._scope = index.scope(regions)

    def counts(self, wanted: Wanted) -> list[Row]:
        """How many findings of each severity and status, by the other filters."""
        mask = self._mask(msgspec.structs.replace(wanted, severity=None, status=None))
        both = self._index.severity[mask].astype(np.int64) * len(FINDING_STATUSES) + self._status[mask]
        counted = np.bincount(both)
        return [
            {
                "severity": SEVERITIES[n // len(FINDING_STATUSES)],
                "status": FINDING_STATUSES[n % len(FINDING_STATUSES)],
                "count": int(counted[n]),
            }
            for n in np.flatnonzero(counted).tolist()
        ]

    def rules(self, wanted: Wanted) -> list[Row]:
        """How many findings of each rule, by the other filters, most first."""
        rule = self._index.rule
        counted = np.bincount(rule.codes[self._mask(msgspec.structs.replace(wanted, rule=None))])
        out: list[Row] = [{"rule": rule.values[n], "count": int(counted[n])} for n in np.flatnonzero(counted).tolist()]
        return sorted(out, key=lambda r: (-r["count"], r["rule"]))

    def causes(self, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Row]:
        """Causes, worst and largest first: severity, rule, field, how many findings, the `first` of them, how many
        causes in all (`total`), how long they have been known."""
        found = np.flatnonzero(self._mask(wanted))
        starts = np.flatnonzero(np.diff(self._index.cause_place[found], prepend=-1))
        ends = [*starts[1:], len(found)]
        page = range(offset, min(offset + limit, len(starts)))
        firsts = self._at([int(found[starts[n]]) for n in page])
        return [
            {
                **{c: first[c] for c in ("cause", "severity", "rule", "field")},
                "count": int(ends[n] - starts[n]),
                "total": len(starts),
                "first_seen_date": self._index.earliest(found[starts[n] : ends[n]]),
                "first": first,
            }
            for n, first in zip(page, firsts, strict=True)
        ]

    def listed(self, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Row]:
        """Findings one by one in the queue's order, with how many there are in all (`total`)."""
        found = np.flatnonzero(self._mask(wanted))
        page = self._at(found[offset : offset + limit].tolist())
        return [{**f, "total": len(found)} for f in page]

    def finding(self, finding_id: str) -> Row | None:
        """One finding; None when there is none, or it is not the reader's to see."""
        position = self._position(finding_id)
        return None if position is None else self._at([position])[0]

    def beside(self, finding_id: str, wanted: Wanted) -> Row:
        """Its neighbours in the queue of causes: `previous_id`, `next_id`, its `place` from 1 and the `total`.

        The finding itself counts as in the queue even when it has just been settled.
        """
        mine = self._position(finding_id)
        if mine is None:
            return {"previous_id": None, "next_id": None, "place": None, "total": 0}
        found = np.flatnonzero(self._mask(wanted))
        before = int(np.searchsorted(found, mine))
        after = int(np.searchsorted(found, mine, side="right"))
        ids = [self._index.text("finding_id", int(found[n])) if 0 <= n < len(found) else None
               for n in (before - 1, after)]  # fmt: skip
        is_gone = before == after
        return {
            "previous_id": ids[0], "next_id": ids[1], "place": before + 1, "total": len(found) + is_gone,
        }  # fmt: skip

    def _position(self, finding_id: str) -> int | None:
        """Where a finding stands that is the reader's to see."""
        return next((p for p in self._index.with_text("finding_id", finding_id) if self._scope[p]), None)

    def _at(self, positions: list[int]) -> list[Row]:
        """Whole findings as they stand now."""
        out = [dict(row) for row in self._index.rows(self._connection, positions)]
        for row, position in zip(out, positions, strict=True):
            if position in self._settled:
                row["status"], row["decision_number"] = self._settled[position]
        return out

    def _mask(self, wanted: Wanted) -> Mask:
        """What of the reader's findings is wanted."""
        index, mask = self._index, self._scope
        if wanted.status is not None:
            mask = mask & (self._status == FINDING_STATUSES.index(wanted.status))
        if wanted.severity is not None:
            mask = mask & (index.severity == SEVERITIES.index(wanted.severity))
        for column, value in ((index.rule, wanted.rule), (index.document_id, wanted.document_id)):
            if value is not None:
                mask = mask & column.is_value(value)
        if wanted.cause is not None:
            cause = wanted.cause
            number = int(cause) if cause.isascii() and cause.isdigit() and len(cause) <= _LONGEST_CAUSE else -1
            mask = mask & (index.cause == np.uint64(number) if 0 <= number < 1 << 64 else np.False_)
        if wanted.region:
            mask = mask & index.region_code.starts_with((wanted.region,))
        if wanted.text:
            mask = mask & index.containing(self._connection, wanted.text)
        return mask


def published_since(connection: duckdb.DuckDBPyConnection) -> Any:
    """When the run that published this warehouse began; None when it names no run."""
    row = connection.execute("SELECT max(started_at) FROM core.runs").fetchone()
    return None if row is None else row[0]


def regions_with_findings(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Regions that findings speak of, by code, each with its name and how many."""
    found = connection.execute(
        "SELECT f.region_code, any_value(r.name) AS name, count(*) AS count FROM core.findings f "
        "JOIN core.regions r USING (region_code) GROUP BY f.region_code ORDER BY f.region_code"
    ).fetchall()
    return [dict(zip(("region_code", "name", "count"), row, strict=True)) for row in found]
