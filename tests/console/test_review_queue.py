"""The queue a page at a time says what the whole queue says, and one walks through it without missing or repeating."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from console import overview
from console.pages import debts as debts_page
from console.reading import Reader, Warehouse
from console.review.asked import settled_of
from console.warming import ANYONE, warm
from warehouse.access import connect
from warehouse.deciding import causes, decide, findings, undo
from warehouse.decisions import decisions_on
from warehouse.explore.debts import DebtFilter
from warehouse.explore.scope import Scope
from warehouse.publish import warehouse_path
from warehouse.queue_index import QueueIndex
from warehouse.recent_decisions import recent_decisions
from warehouse.review_pages import Queue, Wanted, published_since
from warehouse.settling import Settled, laid_over, places_of
from warehouse.state import State, open_state

NOW = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def test_pages_hold_what_the_whole_queue_holds(home: Path) -> None:
    whole = causes(findings(home, statuses=["open"]))
    with connect(warehouse_path(home)) as con:
        queue = Queue(con, QueueIndex(con))
        paged = [c for n in range(0, 60, 7) for c in queue.causes(Wanted(), limit=7, offset=n)]
        assert Counter((c["severity"], c["rule"], c["field"], c["count"]) for c in paged) == Counter(
            (c["severity"], c["rule"], c["field"], c["count"]) for c in whole
        )
        assert {c["total"] for c in paged} == {len(whole)}
        for c in paged:
            members = queue.listed(Wanted(cause=c["cause"]))
            assert len(members) == c["count"] and c["first"] in [
                {k: v for k, v in m.items() if k != "total"} for m in members
            ]


def test_the_walk_visits_every_finding_once_both_ways(home: Path) -> None:
    with connect(warehouse_path(home)) as con:
        for regions in ((), ("3418",)):
            queue = Queue(con, QueueIndex(con), None, regions)
            every = {f["finding_id"] for f in queue.listed(Wanted(), limit=1000)}
            at = queue.causes(Wanted(), limit=1)[0]["first"]["finding_id"]
            seen: list[str] = []
            while at is not None:
                near = queue.beside(at, Wanted())
                seen.append(at)
                assert near["place"] == len(seen) and near["total"] == len(every)
                assert near["previous_id"] == (seen[-2] if len(seen) > 1 else None)
                at = near["next_id"]
            assert len(seen) == len(every) and set(seen) == every


def test_decisions_of_the_day_lie_over_the_night(own_home: Path) -> None:
    with connect(warehouse_path(own_home)) as con, open_state(own_home) as state:
        day = Settled(QueueIndex(con), published_since(con))
        assert not day.now(state).places
        both = [f for f in Queue(con, QueueIndex(con)).listed(Wanted(), limit=1000) if f["rule"] == "bad_uscc"]
        assert len(both) == 2  # the same debt in two months
        kept = decide(state, both[0], "accept", steward="a", reason="x", now=NOW)
        now = Queue(con, day.index, day.now(state))
        assert {now.finding(f["finding_id"])["status"] for f in both} == {"accepted"}  # type: ignore[index]
        assert not now.listed(Wanted(rule="bad_uscc"))
        near = now.beside(both[0]["finding_id"], Wanted())
        assert near["next_id"] is not None and near["next_id"] not in {f["finding_id"] for f in both}
        undo(state, kept.decision_number, steward="a", reason=None, now=NOW)
        assert len(Queue(con, day.index, day.now(state)).listed(Wanted(rule="bad_uscc"))) == 2


def test_what_is_kept_up_to_date_is_what_would_be_worked_out_anew(own_home: Path) -> None:
    with connect(warehouse_path(own_home)) as con, open_state(own_home) as state:
        since = published_since(con)
        day = Settled(QueueIndex(con), since)
        day.now(state)
        for n, found in enumerate(Queue(con, QueueIndex(con)).listed(Wanted(), limit=12)):
            action = ("accept", "reject", "defer")[n % 3]
            value = "2101-01-01" if action == "defer" else None
            kept = decide(state, found, action, steward="a", reason="x", now=NOW, value=value, over=_over(state, found))
            if n % 4 == 3:
                undo(state, kept.decision_number, steward="a", reason=None, now=NOW)
            told = day.now(state)
            assert told.places == places_of(day.index, recent_decisions(state, since))
            assert (told.status == laid_over(day.index, told.places).status).all()
            assert not n or told.places


def _over(state: State, found: dict[str, object]) -> int | None:
    return max(
        (d.decision_number for d in decisions_on(state, str(found["table_name"]), str(found["subject"]))), default=None
    )


def test_a_file_without_the_laid_out_queue_has_the_same_one(own_home: Path) -> None:
    path = warehouse_path(own_home)
    with connect(path) as con:
        laid_out = Queue(con, QueueIndex(con)).listed(Wanted(status=None), limit=1000)
    with duckdb.connect(str(path)) as con:
        con.execute("DROP TABLE core.review_queue")
        assert Queue(con, QueueIndex(con)).listed(Wanted(status=None), limit=1000) == laid_out


def test_what_everybody_opens_first_is_there_once_a_night_is_warm(home: Path) -> None:
    warehouse = Warehouse(home)
    with warehouse.open() as q:
        warm(q, NOW.date())
        kept = Reader(duckdb.connect(), q._memory)  # an empty database: whatever is not kept cannot be read
    assert overview.regions(kept, ANYONE) and debts_page.selection(kept, Scope(None), DebtFilter())[0]["debts"]
    assert debts_page.listed(kept, Scope(None), DebtFilter(), 0, 25) and settled_of(kept).index.size
    overview.periods(kept, ANYONE)
    overview.overdue(kept, ANYONE, NOW.date())
    assert overview.arrivals(kept, ANYONE)[0] is not None
    with pytest.raises(duckdb.Error):
        overview.arrivals(kept, ANYONE, limit=3)
