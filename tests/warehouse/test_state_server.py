"""The state store on a server: the same rows as in a file from the same calls, one home's own, moved by a backup."""

from __future__ import annotations

import ast
import datetime as dt
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest

from tests.warehouse.makers import NIGHT, NOW, file_id
from tests.warehouse.postgres_server import Server
from warehouse import (
    accounts,
    audit_log,
    decision_requests,
    decisions,
    publications,
    recent_decisions,
    saved_queries,
    server_loads,
    state_children,
    state_releases,
    state_sources,
    state_stopped,
    state_troubles,
)
from warehouse import state as state_module
from warehouse.state import State, counts_for_backup, open_state, state_path
from warehouse.state_copy import TABLES, bring_in, copy_out
from warehouse.state_engine import StateDamagedError, StateServerError, transaction
from warehouse.state_place import note_path
from warehouse.state_schema import MIGRATIONS
from warehouse.state_server import ServerEngine, definition, only_night_on, statement

SPEAKERS = (
    state_module, accounts, audit_log, decision_requests, decisions, publications, recent_decisions, saved_queries,
    server_loads, state_children, state_releases, state_sources, state_stopped, state_troubles,
)  # fmt: skip
LATER = NOW + dt.timedelta(hours=1)


def files_and_nights(state: State) -> list[Any]:
    """Files, what lies in them, work, nights."""

    def see(name: str, path: str, day: dt.date = NIGHT) -> str:
        return state.saw_file(file_id(name), source="甲", path=path, size=3, mtime_ns=2**60, night=day, now=NOW)

    seen = [see("a", "b.txt"), see("b", "A.txt"), see("c", "b.txt", NIGHT + dt.timedelta(days=1)), see("a", "b.txt")]
    state.saw_again("甲", ["b.txt", "A.txt"], NIGHT + dt.timedelta(days=3))
    state.saw_again("甲", ["A.txt"], NIGHT)
    see("pack", "包.zip")
    child = state_children.ChildRecord(child_id=file_id("child"), path="内.txt", how="entry", size=9)
    other = state_children.ChildRecord(child_id=file_id("other"), path="先.txt", how="entry", size=8)
    for held in ([other, child], [child]):
        state_children.keep_children(state, file_id("pack"), held)
        state_children.see_children(state, file_id("pack"), source="甲", path="包.zip", night=NIGHT, now=NOW)
    attempts = [state.begin_work(file_id("a"), "v", now=NOW) for _ in range(2)]
    state.finish_work(file_id("a"), "v", "read", now=NOW)
    state.finish_work(file_id("b"), "v", "quarantined", now=NOW, error_code="x", error_message="坏\0了。")
    state.set_file_state(file_id("c"), "ignored", now=LATER, reason_code="r", reason="'?' 不收")
    dead = [state.start_run("r1", as_of=NIGHT, now=LATER), state.start_run("r2", as_of=NIGHT, now=LATER)]
    state.end_run("r2", "done", counts={"n": 1}, now=NOW)
    state_stopped.keep_stopped(state, [file_id("child")], reason="密", now=NOW)
    family = state_stopped.family_of(state, file_id("child"))
    state_releases.release(state, file_id("child"), who="李", reason="经审查无密级", now=NOW)
    let = state_releases.released_files(state), state_releases.let_in(state, [file_id("child")], now=NOW)
    standing, listed = state_releases.standing_releases(state), state_releases.stopped_list(state)
    state_releases.withdraw(state, file_id("child"), who="李", reason="再审查有密级", now=LATER)
    state_stopped.close_packages(state, [file_id("pack")])
    state_children.close_below(state, "甲", "包.zip", by=file_id("c"), now=LATER)
    return [
        seen, attempts, dead, family, let, standing, listed, state.provenance(), state.provenance(file_id("a")),
        state.files(), state.files("read", "ignored"), state.superseded(), state.first_seen_since(NOW),
        state.work("v"), state.runs(), state.runs(1), state_children.files_with_children(state),
        state_stopped.stopped_files(state), counts_for_backup(state),
    ]  # fmt: skip


def sources_and_publications(state: State) -> list[Any]:
    """Fetching, troubles, what was published and loaded."""
    got = state_sources.Fetched(
        source="s", path="p", url="u", file_id=file_id("a"), size=1, token=None, headers={"a": "b"}, links=("l",),
        first_fetched_at=NOW, fetched_at=NOW,
    )  # fmt: skip
    state_sources.keep_fetched(state, got)
    state_sources.keep_fetched(state, got)
    for content in ("{}", "{}", "[]"):
        kept = state_sources.SourceFile(file="f", name="n", content=content)
        state_sources.keep_source_file(state, kept, now=NOW)
    pause = dt.timedelta(days=1)
    failed = [
        state_sources.source_failed(state, "s", code="c", message="m", set_aside_after=2, pause=pause, now=NOW)
        for _ in range(2)
    ]
    again = state_sources.ask_again(state, "s"), state_sources.ask_again(state, "s")
    state_sources.source_was_well(state, "s", brought_new=True, cursor="1", now=NOW)
    state_sources.source_was_well(state, "s", brought_new=False, cursor=None, now=LATER)
    begun = [
        state_troubles.begin_trouble(state, "t", kind="k", subject="s", message=m, now=NOW) for m in ("one", "two")
    ]
    told = state_troubles.untold(state)
    state_troubles.mark_told(state, told[0], now=NOW)
    ended = state_troubles.end_trouble(state, "t", now=LATER)
    again_told = state_troubles.untold(state)
    state_troubles.mark_told(state, again_told[1], now=LATER)
    numbers = [
        publications.prepare(
            state, run_id="r2", inputs_digest=d, file_sha256=d, size=5, rows={"a": 1}, core_rows={}, now=NOW
        )
        for d in ("x", "y")
    ]
    waiting = publications.prepared(state)
    publications.confirm(state, numbers[1], now=NOW)
    publications.drop_prepared(state)
    for load in ("l1", "l2"):
        server_loads.prepare(
            state, load_id=load, server="s", publication_id=numbers[1], tables={"t": (1, "d")}, written=1, now=NOW
        )
        server_loads.settled(state, "s", "l1")
    loaded = server_loads.current(state, "s")
    server_loads.drop_prepared(state, "s")
    server_loads.forget(state, "s")
    return [
        failed, again, state_sources.health(state, "s"), state_sources.fetched(state, "s"), begun, told, ended,
        state_sources.fetches_of(state, file_id("a")), state_sources.source_files(state), again_told, numbers, waiting,
        state_troubles.standing_troubles(state), publications.current(state), loaded,
    ]  # fmt: skip


def people_and_decisions(state: State) -> list[Any]:
    """Accounts, sessions, decisions, the log."""
    none_yet = accounts.has_accounts(state)
    for name in ("zhang", "Li", "王某"):
        accounts.add_account(
            state, name=name, display_name=name, password_hash="h", roles=("admin",), regions=(), now=NOW
        )
    me = accounts.account(state, "ZHANG")
    assert me is not None
    with pytest.raises(accounts.AccountError):
        accounts.add_account(state, name="LI", display_name="", password_hash="h", roles=("admin",), now=NOW)
    times = {"idle": dt.timedelta(hours=2), "absolute": dt.timedelta(days=1)}
    accounts.begin_session(state, "token", me.user_id, csrf="c", address="a", now=NOW)
    accounts.unmask(state, accounts.hash_of("token"), "d", until=LATER)
    session = accounts.session(state, "token", **times, now=LATER)
    accounts.end_session(state, "token", now=LATER)
    accounts.change_account(
        state, me.user_id, display_name="张", roles=("admin",), regions=(), is_active=True, now=LATER
    )
    accounts.set_password(state, me.user_id, "h2", must_change=True, now=LATER)
    locked = [accounts.note_failure(state, "zhang", now=NOW) for _ in range(5)], accounts.is_locked(
        state, "Zhang", now=NOW
    )  # fmt: skip
    accounts.forget_failures(state, "zhang")
    for sql in ("SELECT 1", "SELECT 2"):
        saved_queries.save(state, me.user_id, "名", sql, now=NOW)
    (saved,) = saved_queries.listed(state, me.user_id)
    gone = saved_queries.remove(state, me.user_id, saved.query_id)
    made = [
        decisions.append_decision(
            state, steward="王", table_name="debts", row_id=f"r{n % 2}", action="correct", field="f", value=str(n),
            reason=f"依据\0{n}", now=NOW + dt.timedelta(minutes=n), context=decisions.Context(rule=f"rule{n}"),
        )
        for n in range(4)
    ]  # fmt: skip
    decision_requests._remember(state, "k" * 16, "王", made[:2])
    for n in range(3):
        audit_log.append(
            state, user=f"user{n}", action="view", object_id=f"文件_%{n}", now=NOW, detail={"值": n, "空": "\0"}
        )
    head = audit_log.read_head(audit_log.head_path(state.home))
    return [
        none_yet, me, session, locked, saved.sql, gone, saved_queries.listed(state, me.user_id),
        accounts.accounts(state),
        accounts.account_by_id(state, me.user_id), decisions.decisions(state), decisions.head(state),
        decisions.decisions_on(state, "debts", "r1"), decisions.decision(state, 2), decisions.verify(state),
        decision_requests._kept(state, "k" * 16, "王"), recent_decisions.newer_than(state, 2),
        recent_decisions.recent_decisions(state, NOW + dt.timedelta(minutes=2)), recent_decisions.newest_number(state),
        recent_decisions.recent_reasons(state, "王"), audit_log.records(state, object_id="_%1"),
        audit_log.count(state, user="user2"), audit_log.actions(state), audit_log.verify(state, head),
    ]  # fmt: skip


SCENARIOS = (files_and_nights, sources_and_publications, people_and_decisions)


def contents(state: State) -> dict[str, list[tuple[Any, ...]]]:
    return {t: sorted(state.db.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in TABLES}


@contextmanager
def called() -> Iterator[set[tuple[str, str]]]:
    """The functions called meanwhile, by file and name."""
    found: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            found.add((frame.f_code.co_filename, frame.f_code.co_name))

    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)


def speaking() -> set[tuple[str, str]]:
    """The functions that say a statement to the store, by file and name."""
    out: set[tuple[str, str]] = set()
    for module in SPEAKERS:
        assert module.__file__ is not None
        for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and ".db.execute" in ast.unparse(node):
                out.add((module.__file__, node.name))
    return out


def test_every_statement_does_the_same_on_either_engine(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[list[Any], dict[str, list[tuple[Any, ...]]]]] = []
    for engine in ("sqlite", "postgresql"):
        if engine == "postgresql":
            monkeypatch.setenv("QINGQIAN_STATE", postgres.new_database())
        with called() as ran, open_state(tmp_path / engine) as state:
            told.append(([scenario(state) for scenario in SCENARIOS], contents(state)))
        assert {(Path(f).name, n) for f, n in speaking() - ran} == set(), "functions that no scenario calls"
    kept_bad = {"work"}  # the one text with U+0000, which PostgreSQL cannot keep
    assert told[1][1].keys() == told[0][1].keys()
    for table, rows in told[0][1].items():
        expected = [tuple(v.replace("\0", "\ufffd") if isinstance(v, str) else v for v in r) for r in rows]
        assert told[1][1][table] == (expected if table in kept_bad | {"files"} else rows), table
    mine, other = (repr(answers).replace("\\x00", "\ufffd") for answers, _ in told)
    assert mine == other


def test_a_store_moves_between_the_engines_by_its_copy(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_state(tmp_path / "one") as state:
        for scenario in SCENARIOS:
            scenario(state)
        expected = contents(state)
    expected["work"] = expected["files"] = []  # a text with U+0000 among them, compared above
    copy_out(tmp_path / "one", tmp_path / "first.sqlite")
    monkeypatch.setenv("QINGQIAN_STATE", postgres.new_database())
    bring_in(tmp_path / "two", tmp_path / "first.sqlite")
    with open_state(tmp_path / "two") as state:
        assert {**contents(state), "work": [], "files": []} == expected
        assert decisions.verify(state) is None
        me = accounts.account(state, "zhang")
        assert me is not None
        new = accounts.add_account(
            state, name="new", display_name="", password_hash=None, roles=("steward",), now=NOW
        )  # numbers go on where they were
        assert new.user_id > max(a.user_id for a in accounts.accounts(state) if a.name != "new")
        before = contents(state)
    with pytest.raises(StateDamagedError, match="已有数据"):
        bring_in(tmp_path / "two", tmp_path / "first.sqlite")
    copy_out(tmp_path / "two", tmp_path / "second.sqlite")
    monkeypatch.delenv("QINGQIAN_STATE")
    bring_in(tmp_path / "three", tmp_path / "second.sqlite")
    with open_state(tmp_path / "three") as state:
        assert contents(state) == before


def test_a_home_and_its_store_belong_together(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    open_state(tmp_path / "file").close()
    monkeypatch.setenv("QINGQIAN_STATE", first)
    open_state(tmp_path / "mine").close()
    open_state(tmp_path / "mine").close()
    for home, url, said in (
        ("other", first, "属于另一个状态目录"), ("mine", second, "不是"), ("file", second, "已有 SQLite 状态库"),
        ("mine", "mysql://x", "只能是"), ("mine", "postgresql://nobody@/x?host=/nowhere", "不能用"),
    ):  # fmt: skip
        monkeypatch.setenv("QINGQIAN_STATE", url)
        with pytest.raises(StateDamagedError, match=said):
            open_state(tmp_path / home)
    assert not note_path(tmp_path / "other").exists()
    monkeypatch.delenv("QINGQIAN_STATE")
    with pytest.raises(StateDamagedError, match="QINGQIAN_STATE"):
        open_state(tmp_path / "mine")
    assert not state_path(tmp_path / "mine").exists()


def test_what_the_server_refused_or_lost_is_never_taken_for_kept(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("QINGQIAN_STATE", url)
    with open_state(tmp_path) as state:

        def go_on_after_a_refusal() -> None:
            with state.transaction():
                state.start_run("r1", as_of=NIGHT, now=NOW)
                with pytest.raises(psycopg.IntegrityError):
                    state.begin_work(file_id("none"), "v", now=NOW)

        with pytest.raises(StateServerError, match="没有保存"):
            go_on_after_a_refusal()
        assert state.runs() == []

        def cut() -> None:
            with psycopg.connect(url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND pid <> pg_backend_pid()"
                )

        def cut_in_the_middle() -> None:
            with state.transaction():
                state.start_run("r1", as_of=NIGHT, now=NOW)
                cut()
                state.end_run("r1", "done", counts={}, now=NOW)

        with pytest.raises(StateServerError, match="不能用"):
            cut_in_the_middle()
        assert state.runs() == []  # on a new connection
        cut()
        state.start_run("r2", as_of=NIGHT, now=NOW)
        cut()
        assert [r.run_id for r in state.runs()] == ["r2"]
        state.db.execute("UPDATE qingqian_state.store SET version = 999")
    with pytest.raises(StateDamagedError, match="升级程序"):
        open_state(tmp_path)


def test_writers_take_turns_and_one_night_holds_the_store(postgres: Server) -> None:
    url = postgres.new_database()
    with closing(ServerEngine(url)) as one, closing(ServerEngine(url)) as other:
        order: list[str] = []

        def write() -> None:
            other.execute("UPDATE qingqian_state.store SET is_claimed = false")
            order.append("other")

        waiting = threading.Thread(target=write)
        with transaction(one):
            waiting.start()
            waiting.join(0.3)
            assert other.in_transaction is False and waiting.is_alive()
            order.append("one")
        waiting.join(20)
        assert order == ["one", "other"]
    with only_night_on(url) as mine, only_night_on(url) as second:
        assert (mine, second) == (True, False)
    with only_night_on(url) as mine:
        assert mine


def test_marks_and_definitions_are_put_into_the_servers_words() -> None:
    assert statement("SELECT '?' || ? || \"a?\" || ?") == b"SELECT '?' || $1 || \"a?\" || $2"
    assert statement("SELECT ?2, ?1, ?2") == b"SELECT $2, $1, $2"
    written = " ".join(s for script in MIGRATIONS for s in definition(script))
    assert not {"STRICT", "AUTOINCREMENT", "NOCASE"} & set(written.split())


def test_older_copies_are_brought_up_on_their_way(
    postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as db:
        db.executescript("".join(MIGRATIONS[:4]) + "PRAGMA user_version = 4;")
        db.execute("INSERT INTO runs VALUES ('r', '2031-03-01', 't', NULL, 'failed', '{}')")
        db.commit()
    monkeypatch.setenv("QINGQIAN_STATE", postgres.new_database())
    bring_in(tmp_path / "home", old)
    with open_state(tmp_path / "home") as state:
        assert state.db.execute("SELECT run_id, status FROM runs").fetchall() == [("r", "failed")]
    assert list((tmp_path / "home" / "state").iterdir()) == [note_path(tmp_path / "home")]
