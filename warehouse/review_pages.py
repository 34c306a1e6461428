"""The review queue a page at a time: counted, grouped by cause and cut by the database, never loaded whole.

A cause is one rule on one column of one debt over all its ledgers, else of one file; one look settles all of it.
Everything takes the regions a reader may see (prefixes of codes, none: all) and what was decided since the night.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow as pa

from warehouse.queue_table import queue_rows

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which findings: None means any. `region` is the beginning of a code, `text` stands in the sentence or path."""

    status: str | None = "open"
    severity: str | None = None
    rule: str | None = None
    document_id: str | None = None
    region: str | None = None
    text: str | None = None
    cause: str | None = None

    def where(self) -> tuple[str, list[object]]:
        """The SQL condition on the rows of `found`, and its values."""
        parts, values = ["TRUE"], list[object]()
        for column in ("status", "severity", "rule", "document_id", "cause"):
            value = getattr(self, column)
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        if self.region:
            parts.append("starts_with(region_code, ?)")
            values.append(self.region)
        if self.text:
            parts.append("(contains(message_zh, ?) OR contains(path, ?) OR contains(value, ?))")
            values += [self.text] * 3
        return " AND ".join(parts), values


class Queue:
    """The findings of an open warehouse as one reader may see them now."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, settled: pa.Table | None = None, regions: tuple[str, ...] = ()
    ) -> None:
        """`settled` is what `settling.Settled` tells of the day; `regions` are beginnings of region codes, and findings
        without a region are outside any of them."""
        self._connection = connection
        self._given = list(regions)
        scope = "TRUE"
        if regions:
            scope = "(" + " OR ".join("starts_with(q.region_code, ?)" for _ in regions) + ")"
        rows, columns = queue_rows(connection), "q.*"
        if settled is not None and settled.num_rows:
            connection.register("settled_today", settled)
            rows += " q LEFT JOIN settled_today t ON t.settled_place = q.place"
            told = "t.settled_place IS NOT NULL"
            columns += (
                f" REPLACE (CASE WHEN {told} THEN t.settled_status ELSE q.status END AS status, "
                f"CASE WHEN {told} THEN t.settled_number ELSE q.decision_number END AS decision_number)"
            )
        else:
            rows += " q"
        self._found = f"found AS (SELECT {columns} FROM {rows} WHERE {scope})"

    def counts(self, wanted: Wanted) -> list[Row]:
        """How many findings of each severity and status, by the other filters."""
        where, values = msgspec.structs.replace(wanted, severity=None, status=None).where()
        return self._rows(f"SELECT severity, status, count(*) AS count FROM found WHERE {where} GROUP BY ALL", values)

    def rules(self, wanted: Wanted) -> list[Row]:
        """How many findings of each rule, by the other filters, most first."""
        where, values = msgspec.structs.replace(wanted, rule=None).where()
        return self._rows(
            f"SELECT rule, count(*) AS count FROM found WHERE {where} GROUP BY rule ORDER BY count DESC, rule", values
        )

    def causes(self, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Row]:
        """Causes, worst and largest first: severity, rule, field, how many findings, the `first` of them, how many
        causes in all (`total`), how long they have been known."""
        where, values = wanted.where()
        page = self._rows(
            "SELECT min(place) AS place, count(*) AS count, min(first_seen_date) AS first_seen_date, "
            f"count(*) OVER () AS total FROM found WHERE {where} "
            "GROUP BY cause_place ORDER BY cause_place LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        firsts = self._at([r["place"] for r in page])
        out = []
        for r, first in zip(page, firsts, strict=True):
            of_cause = {c: first[c] for c in ("cause", "severity", "rule", "field")}
            told = {c: r[c] for c in ("count", "total", "first_seen_date")}
            out.append({**of_cause, **told, "first": first})
        return out

    def listed(self, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Row]:
        """Findings one by one in the queue's order, with how many there are in all (`total`)."""
        where, values = wanted.where()
        page = self._rows(
            f"SELECT place, count(*) OVER () AS total FROM found WHERE {where} ORDER BY place LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        found = self._at([r["place"] for r in page])
        return [{**f, "total": r["total"]} for r, f in zip(page, found, strict=True)]

    def finding(self, finding_id: str) -> Row | None:
        """One finding; None when there is none, or it is not the reader's to see."""
        rows = self._rows("SELECT * FROM found WHERE finding_id = ?", [finding_id])
        return rows[0] if rows else None

    def beside(self, finding_id: str, wanted: Wanted) -> Row:
        """Its neighbours in the queue of causes: `previous_id`, `next_id`, its `place` from 1 and the `total`.

        The finding itself counts as in the queue even when it has just been settled.
        """
        me = self.finding(finding_id)
        if me is None:
            return {"previous_id": None, "next_id": None, "place": None, "total": 0}
        where, values = wanted.where()
        mine = int(me["place"])
        around = self._rows(
            f"SELECT max(place) FILTER (place < {mine}) AS before, min(place) FILTER (place > {mine}) AS after, "
            f"count(*) FILTER (place <= {mine}) AS place, count(*) AS total "
            f"FROM found WHERE ({where}) OR place = {mine}",
            values,
        )[0]
        ids = {r["place"]: r["finding_id"] for r in self._at([around["before"], around["after"]])}
        return {
            "previous_id": ids.get(around["before"]),
            "next_id": ids.get(around["after"]),
            "place": around["place"],
            "total": around["total"],
        }

    def _at(self, places: list[int | None]) -> list[Row]:
        """The findings at some places, in their order."""
        wanted = ", ".join(str(int(p)) for p in places if p is not None)
        return self._rows(f"SELECT * FROM found WHERE place IN ({wanted}) ORDER BY place", []) if wanted else []

    def _rows(self, sql: str, values: list[object]) -> list[Row]:
        found = self._connection.execute(f"WITH {self._found} {sql}", [*self._given, *values])
        names = [d[0] for d in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


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
