"""The state store, on either engine: files, their paths, work, runs, decisions."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.warehouse.makers import NIGHT, NOW, drop_trigger, file_id
from warehouse import decisions
from warehouse.decisions import append_decision
from warehouse.state import State, StateDamagedError, open_state, state_path

REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)
NEXT = NIGHT + dt.timedelta(days=1)


@pytest.fixture
def state(state_engine: str, tmp_path: Path) -> Any:
    with open_state(tmp_path) as opened:
        yield opened


def see(state: State, name: str, path: str, night: dt.date = NIGHT, source: str = "inbox") -> str:
    return state.saw_file(file_id(name), source=source, path=path, size=3, mtime_ns=1, night=night, now=NOW)


def test_new_unchanged_and_changed_files(state: State) -> None:
    assert see(state, "one", "a.txt") == "new"
    assert see(state, "one", "a.txt", NEXT) == "unchanged"
    assert see(state, "two", "a.txt", NEXT) == "changed"
    assert state.superseded() == {file_id("one")}
    old = state.file(file_id("one"))
    assert old is not None
    assert (old.reason_code, old.first_seen_date) == ("replaced", NIGHT)
    assert [(p.path, p.last_seen_date, p.is_current) for p in state.provenance(file_id("one"))] == [
        ("a.txt", NEXT, False)
    ]


def test_the_same_bytes_by_two_paths_are_one_file_with_both(state: State) -> None:
    assert see(state, "one", "a.txt") == "new"
    assert see(state, "one", "b.txt") == "known"
    assert see(state, "one", "a.txt", source="post") == "known"
    assert len(state.provenance()) == 3
    assert see(state, "two", "a.txt") == "changed"
    assert state.superseded() == frozenset(), "it still lies at b.txt"
    see(state, "three", "b.txt")
    see(state, "three", "a.txt", source="post")
    assert state.superseded() == {file_id("one")}


def test_bytes_that_come_back_count_again(state: State) -> None:
    see(state, "one", "a.txt")
    state.begin_work(file_id("one"), "v", now=NOW)
    state.finish_work(file_id("one"), "v", "partial", now=NOW, error_code="pages_left_out", error_message="缺页。")
    see(state, "two", "a.txt")
    state.finish_work(file_id("one"), "v", "read", now=NOW)
    assert state.superseded() == {file_id("one")}, "reading a superseded file does not bring it back"
    assert see(state, "one", "a.txt") == "known"
    back = state.file(file_id("one"))
    assert back is not None
    assert back.state == "read"
    assert state.superseded() == {file_id("two")}


def test_work_is_counted_by_version_and_an_unfinished_one_is_not_done(state: State) -> None:
    see(state, "one", "a.txt")
    assert [state.begin_work(file_id("one"), "v", now=NOW) for _ in range(2)] == [1, 2]
    assert not state.work("v")[file_id("one")].is_done
    state.finish_work(file_id("one"), "v", "quarantined", now=NOW, error_code="crash", error_message="解析程序崩溃。")
    done = state.work("v")[file_id("one")]
    assert (done.is_done, done.attempts, done.error_code) == (True, 2, "crash")
    assert [f.file_id for f in state.files("quarantined")] == [file_id("one")]
    assert state.work("w") == {}


def test_a_transaction_is_all_or_nothing(state: State) -> None:
    def half() -> None:
        with state.transaction():
            see(state, "one", "a.txt")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert state.files() == []


def test_unknown_files_and_states_are_refused(state: State) -> None:
    with pytest.raises(KeyError):
        state.set_file_state(file_id("none"), "ignored", now=NOW)
    see(state, "one", "a.txt")
    with pytest.raises(REFUSED):
        state.set_file_state(file_id("one"), "lost", now=NOW)  # type: ignore[arg-type]
    with pytest.raises(REFUSED):
        state.begin_work(file_id("none"), "v", now=NOW)
    with pytest.raises(ValueError, match="time zone"):
        state.set_file_state(file_id("one"), "ignored", now=NOW.replace(tzinfo=None))


def test_runs_left_running_by_a_crash_are_interrupted_by_the_next(state: State) -> None:
    assert state.start_run("r1", as_of=NIGHT, now=NOW) == []
    assert state.start_run("r2", as_of=NEXT, now=NOW + dt.timedelta(hours=1)) == ["r1"]
    state.end_run("r2", "done", counts={"documents": {"new": 2}}, now=NOW + dt.timedelta(hours=2))
    latest, first = state.runs()
    assert (latest.status, latest.counts, first.status) == ("done", {"documents": {"new": 2}}, "interrupted")
    assert latest.started_at.tzinfo is not None
    with pytest.raises(KeyError):
        state.end_run("r3", "done", counts={}, now=NOW)


def test_the_store_survives_being_opened_again_and_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        see(state, "one", "a.txt")
    with open_state(tmp_path) as state:
        assert len(state.files()) == 1
        assert state.db.execute("PRAGMA synchronous").fetchone() == (2,)
        state.db.execute("PRAGMA user_version = 999")
    with pytest.raises(StateDamagedError, match="升级程序"):
        open_state(tmp_path)
    state_path(tmp_path).write_bytes(b"this is not a database, whatever its name may say" * 100)
    with pytest.raises(StateDamagedError, match="备份"):
        open_state(tmp_path)


def decide(state: State, n: int) -> decisions.Decision:
    return append_decision(
        state, steward="s", table_name="debts", row_id=f"r{n}", action="correct", value=str(n), now=NOW
    )


def test_decisions_are_chained_and_tampering_names_the_first_bad_one(state: State) -> None:
    made = [decide(state, n) for n in range(4)]
    assert decisions.decisions(state) == made
    assert decisions.verify(state) is None
    assert decisions.head(state) == made[-1].hash
    with pytest.raises(REFUSED, match="append-only"):
        state.db.execute("DELETE FROM decisions")
    with pytest.raises(REFUSED, match="append-only"):
        state.db.execute("UPDATE decisions SET value = '9'")
    drop_trigger(state, "decisions_are_not_changed", "decisions")
    state.db.execute("UPDATE decisions SET value = '9' WHERE decision_number = 3")
    assert decisions.verify(state) == 3


def test_a_cut_off_tail_is_found_by_the_head_noted_elsewhere(state: State) -> None:
    made = [decide(state, n) for n in range(3)]
    drop_trigger(state, "decisions_are_not_deleted", "decisions")
    state.db.execute("DELETE FROM decisions WHERE decision_number = 3")
    assert decisions.verify(state) is None
    assert decisions.verify(state, known_head=made[2].hash) == 3
    assert decisions.verify(state, known_head=made[1].hash) is None
