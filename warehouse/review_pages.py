"""The review queue a page at a time: counted, grouped by cause and cut by the database, never loaded whole.

A cause is one rule on one column of one debt over all its ledgers, else of one file; one look settles all of it.
Everything takes the regions a reader may see (prefixes of codes, none: all) and what was decided since the night.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.recent_decisions import Recent
from warehouse.tables import FINDINGS, SEVERITIES

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
_COLUMNS = ", ".join(f"f.{c}" for c in FINDINGS.column_names if c not in ("status", "decision_number"))
_CAUSE = "CAST(hash(f.severity, f.rule, f.field, {anchor}) AS VARCHAR)"
_ANCHOR = "CASE WHEN starts_with(f.subject, 'debt:') THEN f.subject ELSE coalesce(f.document_id, '') END"
_WORST_FIRST = f"array_position({list(SEVERITIES)!r}, severity)"


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
        self, connection: duckdb.DuckDBPyConnection, recent: Recent | None = None, regions: tuple[str, ...] = ()
    ) -> None:
        """`regions` are beginnings of region codes; findings without a region are outside any of them."""
        recent = recent or Recent()
        self._connection = connection
        self._given: list[object] = []
        scope = "TRUE"
        if regions:
            scope = "(" + " OR ".join("starts_with(f.region_code, ?)" for _ in regions) + ")"
        if recent.decided:
            connection.register("recent_decisions", recent.table())
            self._with, status = _OVERLAID, "coalesce(o.status, CASE WHEN {reopened} THEN 'open' ELSE f.status END)"
            number = "coalesce(o.number, CASE WHEN {reopened} THEN NULL ELSE f.decision_number END)"
            overlay = "LEFT JOIN overlaid o ON o.finding_id = f.finding_id"
        else:
            self._with, overlay = "", ""
            status = "CASE WHEN {reopened} THEN 'open' ELSE f.status END"
            number = "CASE WHEN {reopened} THEN NULL ELSE f.decision_number END"
        undone = ", ".join(str(int(n)) for n in recent.undone)
        reopened = f"coalesce(f.decision_number IN ({undone}), false)" if undone else "false"
        self._given += regions
        self._found = (
            f"found AS (SELECT {_COLUMNS}, {status.format(reopened=reopened)} AS status, "
            f"{number.format(reopened=reopened)} AS decision_number, d.path, d.name AS file_name, d.format, "
            f"d.source, d.extractor_version, {_CAUSE.format(anchor=_ANCHOR)} AS cause "
            f"FROM core.findings f LEFT JOIN core.documents d USING (document_id) {overlay} WHERE {scope})"
        )

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
            f"SELECT *, count(*) OVER () AS total FROM {_grouped(where)} WHERE count > 0 "
            f"ORDER BY {_WORST_FIRST}, size DESC, rule, cause LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        firsts = {r["finding_id"]: r for r in self._of([_id_of(r["first_place"]) for r in page])}
        return [{**r, "first": firsts[_id_of(r["first_place"])]} for r in page]

    def listed(self, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> list[Row]:
        """Findings one by one in the queue's order, with how many there are in all (`total`)."""
        where, values = wanted.where()
        return self._rows(
            f"SELECT *, count(*) OVER () AS total FROM found WHERE {where} "
            f"ORDER BY {_WORST_FIRST}, rule, cause, {_PLACE} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )

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
        where = f"({where}) OR finding_id = ?"
        values = [*values, finding_id]
        around = self._rows(
            f"SELECT * FROM (SELECT cause, sum(count) OVER () AS total, sum(count) OVER w - count AS before, "
            f"lag(cause) OVER w AS previous_cause, lead(cause) OVER w AS next_cause FROM {_grouped(where)} "
            f"WHERE count > 0 WINDOW w AS (ORDER BY {_WORST_FIRST}, size DESC, rule, cause)) WHERE cause = ?",
            [*values, me["cause"]],
        )[0]
        mine = self._places(me["cause"], where, values)
        at = mine.index(finding_id)
        previous = mine[at - 1] if at else None
        if previous is None and around["previous_cause"] is not None:
            previous = self._places(around["previous_cause"], where, values)[-1]
        following = mine[at + 1] if at + 1 < len(mine) else None
        if following is None and around["next_cause"] is not None:
            following = self._places(around["next_cause"], where, values)[0]
        place, total = int(around["before"]) + at + 1, int(around["total"])
        return {"previous_id": previous, "next_id": following, "place": place, "total": total}

    def _places(self, cause: str, where: str, values: list[object]) -> list[str]:
        """The findings of a cause in their order."""
        rows = self._rows(
            f"SELECT finding_id FROM found WHERE cause = ? AND ({where}) ORDER BY {_PLACE}", [cause, *values]
        )
        return [r["finding_id"] for r in rows]

    def _of(self, finding_ids: list[str]) -> list[Row]:
        """Findings by their ids."""
        marks = ", ".join("?" * len(finding_ids))
        return self._rows(f"SELECT * FROM found WHERE finding_id IN ({marks})", list(finding_ids)) if marks else []

    def _rows(self, sql: str, values: list[object]) -> list[Row]:
        found = self._connection.execute(f"WITH {self._with}{self._found} {sql}", [*self._given, *values])
        names = [d[0] for d in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


_PLACE = "concat(path, chr(31), finding_id)"


def _grouped(where: str) -> str:
    """The causes: how many of their findings are wanted (`count`) and there (`size`), the place of the first wanted.

    Causes keep their order while their findings are settled one by one: it goes by the size.
    """
    return (
        "(SELECT cause, severity, rule, field, count(*) FILTER (WHERE wanted) AS count, count(*) AS size, "
        "min(first_seen_date) FILTER (WHERE wanted) AS first_seen_date, "
        f"min({_PLACE}) FILTER (WHERE wanted) AS first_place FROM (SELECT *, ({where}) AS wanted FROM found) "
        "GROUP BY cause, severity, rule, field)"
    )


def _id_of(place: str) -> str:
    return place.rpartition(chr(31))[2]


# A decision settles the finding it was taken on, and every other on the same subject, column and rule for which the
# source or the reading is what it was; the latest counts.
_OVERLAID = (
    "settled AS ("
    "SELECT r.finding_id, r.number FROM recent_decisions r WHERE r.finding_id IS NOT NULL "
    "UNION ALL SELECT g.finding_id, r.number FROM core.findings g "
    "JOIN recent_decisions r ON r.subject = g.subject AND r.field IS NOT DISTINCT FROM g.field "
    "WHERE (r.rule IS NULL OR r.rule = g.rule) AND (r.raw = g.raw_value OR r.value IS NOT DISTINCT FROM g.value) "
    "UNION ALL SELECT g.finding_id, r.number FROM core.findings g JOIN core.documents d USING (document_id) "
    "JOIN recent_decisions r ON r.header_of = d.source AND r.rule = g.rule AND r.raw = g.value), "
    "overlaid AS (SELECT s.finding_id, r.number, r.status FROM "
    "(SELECT finding_id, max(number) AS number FROM settled GROUP BY finding_id) s "
    "JOIN recent_decisions r USING (number)), "
)


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
