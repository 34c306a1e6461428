"""What the decisions of the day settle in the queue of the night, kept up to date as they come in.

A decision settles the finding it was taken on, and every other on the same subject, column and rule for which the
source or the reading is what it was; the latest counts. What was undone today and is settled in the published
warehouse is open again.
"""

# ruff: noqa: S608 - names in statements are our own, values are bound

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING

import pyarrow as pa

from warehouse.queue_table import queue_rows
from warehouse.recent_decisions import Recent, newer_than, newest_number, recent_decisions

if TYPE_CHECKING:
    import duckdb

    from warehouse.state import State

_SCHEMA = pa.schema([("settled_place", pa.int32()), ("settled_status", pa.string()), ("settled_number", pa.int64())])
_SETTLED = """
WITH q AS (SELECT place, finding_id, subject, field, rule, raw_value, value, source FROM {queue}),
touched AS (
  SELECT q.place, r.number FROM q JOIN decided_today r ON r.finding_id = q.finding_id
  UNION ALL
  SELECT q.place, r.number FROM q JOIN decided_today r ON r.subject = q.subject
  WHERE r.field IS NOT DISTINCT FROM q.field AND (r.rule IS NULL OR r.rule = q.rule)
    AND (r.raw = q.raw_value OR r.value IS NOT DISTINCT FROM q.value)
  UNION ALL
  SELECT q.place, r.number FROM q JOIN decided_today r ON r.header_of = q.source AND r.rule = q.rule AND r.raw = q.value
)
SELECT t.place, r.status, t.number
FROM (SELECT place, max(number) AS number FROM touched GROUP BY place) t JOIN decided_today r USING (number)
"""

Places = dict[int, tuple[str, int | None]]


class Settled:
    """The places of one publication's queue that the day's decisions settled. Share it between threads."""

    def __init__(self, since: dt.datetime | None) -> None:
        """Decisions count from `since`, when the run that published the warehouse began (None: all)."""
        self._since = since
        self._lock = threading.Lock()
        self._until = -1
        self._places: Places = {}
        self._table = _SCHEMA.empty_table()

    def now(self, connection: duckdb.DuckDBPyConnection, state: State) -> pa.Table:
        """The places settled by now, as `Queue` wants them. Never behind what `state` holds."""
        with self._lock:
            newest = newest_number(state)
            if newest == self._until:
                return self._table
            newer = newer_than(state, self._until) if self._until >= 0 else ()
            if self._until < 0 or any(d.action == "undo" for d in newer):  # what was settled by it is open again
                self._places = places_of(connection, recent_decisions(state, self._since))
            else:
                self._places.update(places_of(connection, Recent(decided=tuple(newer))))
            self._until = newest
            self._table = table_of(self._places)
            return self._table


def places_of(connection: duckdb.DuckDBPyConnection, recent: Recent) -> Places:
    """The places that decisions settle, each with its status and the decision's number."""
    queue = queue_rows(connection)
    out: Places = {}
    if recent.undone:
        undone = ", ".join(str(int(n)) for n in recent.undone)
        reopened = connection.execute(f"SELECT place FROM {queue} q WHERE decision_number IN ({undone})")
        out = {place: ("open", None) for (place,) in reopened.fetchall()}
    if recent.decided:
        connection.register("decided_today", recent.table())
        for place, status, number in connection.execute(_SETTLED.format(queue=queue)).fetchall():
            out[place] = (status, number)
        connection.unregister("decided_today")
    return out


def table_of(places: Places) -> pa.Table:
    """The same as a table."""
    columns = [list(places), [s for s, _ in places.values()], [n for _, n in places.values()]]
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA)
