"""The committer killed, doubled and watched: readers see the old night or the new one, and no row is there twice.

QINGQIAN_LOADS sets how many loads the readers watch.
"""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from tests.warehouse.lake_makers import lake_contents, loaded, new_lake, same
from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.postgres_server import Server
from warehouse import server_loads
from warehouse.engine import Engine
from warehouse.lake.access import connect
from warehouse.lake.attach import LakeConflictError, attach, place_of
from warehouse.lake.load import Loaded, load
from warehouse.lake.nights import nights
from warehouse.publish import publish, warehouse_path
from warehouse.state import open_state
from warehouse.views import VIEW_NAMES

ROOT = Path(__file__).resolve().parents[2]
LOADS = int(os.environ.get("QINGQIAN_LOADS", "3"))

LOCKS = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE locktype = 'advisory' AND granted "
    "AND datname = current_database()"
)

# A committer that stops for good in the middle of its transaction: after some tables, or right before the commit.
STUCK = """
import sys, time
from pathlib import Path
from tests.warehouse.lake_makers import loaded
from warehouse import server_loads
from warehouse.engine import Engine
from warehouse.lake import load

def stop(*_, **__):
    print("in the transaction", flush=True)
    time.sleep(600)

audit, done = load._audit, []
def some_tables(*args):
    audit(*args)
    done.append(args)
    if len(done) == 5:
        stop()

if sys.argv[4] == "between tables":
    load._audit = some_tables
else:
    server_loads.prepare = stop
loaded(Path(sys.argv[1]), Engine(kind="ducklake", url=sys.argv[2], name="lake", data=sys.argv[3]))
"""
# A committer that begins when it is told to.
ORDINARY = """
import sys
from pathlib import Path
from tests.warehouse.lake_makers import loaded
from warehouse.engine import Engine
engine = Engine(kind="ducklake", url=sys.argv[2], name="lake", data=sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
print(loaded(Path(sys.argv[1]), engine).status, flush=True)
"""


def published(home: Path, some: int) -> None:
    """Publish the first documents of two months."""
    with open_state(home) as state:
        publish(built(home, two_months(home)[:some]), home, state, now=NOW + dt.timedelta(minutes=some))


def child(script: str, home: Path, engine: Engine, *more: str) -> subprocess.Popen[str]:
    """A process of its own that loads the lakehouse."""
    return subprocess.Popen(
        [sys.executable, "-c", script, str(home), engine.url, engine.data, *more],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def engine(lake_server: Server, tmp_path: Path) -> Engine:
    return new_lake(lake_server, tmp_path / "shared")


def test_a_committer_killed_in_its_transaction_leaves_nothing_to_be_seen(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path, 1)
    assert loaded(tmp_path, engine).status == "loaded"
    before = lake_contents(engine, VIEW_NAMES)
    published(tmp_path, 3)
    for moment in ("between tables", "before the commit"):
        files = set((tmp_path / "shared").rglob("*.parquet"))
        process = child(STUCK, tmp_path, engine, moment)
        try:
            assert line_of(process) == "in the transaction"
            with psycopg.connect(engine.url) as server:
                held = server.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                ).fetchone()
            assert held == (1,)  # it is the one committer now
            assert set((tmp_path / "shared").rglob("*.parquet")) > files  # and has written files already
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()
        assert lake_contents(engine, VIEW_NAMES) == before
    assert loaded(tmp_path, engine).status == "loaded"
    assert same(engine, tmp_path, VIEW_NAMES)


def test_two_committers_at_once_double_nothing(tmp_path: Path, engine: Engine) -> None:
    published(tmp_path, 3)
    both = [child(ORDINARY, tmp_path, engine) for _ in range(2)]
    try:
        assert [line_of(p) for p in both] == ["ready", "ready"]
        for process in both:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert sorted(line_of(p) for p in both) == ["loaded", "unchanged"]
    finally:
        for process in both:
            process.communicate(timeout=60)
    assert same(engine, tmp_path)


def test_two_that_pass_the_lock_by_conflict_instead_of_doubling_rows(tmp_path: Path, engine: Engine) -> None:
    """As if the lock were lost; on an empty catalog, where nothing is deleted, and on a loaded one."""
    published(tmp_path, 2)
    place = place_of(engine)
    attach(engine, place, read_only=False).close()
    for turn in range(2):
        meet = threading.Barrier(2, timeout=120)
        ends: list[str] = []

        def commit(turn: int = turn, meet: threading.Barrier = meet, ends: list[str] = ends) -> None:
            def wait(_: Loaded) -> None:
                meet.wait()

            with attach(engine, place, read_only=False) as lake:
                try:
                    load(
                        lake, warehouse_path(tmp_path), f"{turn}" * 32, night="2031-03-02", facts={},
                        is_trusted=False, before_commit=wait,
                    )  # fmt: skip
                    ends.append("loaded")
                except LakeConflictError:
                    ends.append("conflict")

        threads = [threading.Thread(target=commit) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ends) == ["conflict", "loaded"]
        assert same(engine, tmp_path)


def test_a_reader_never_sees_two_tables_of_different_nights(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One asks both tables in one statement, one in two statements of a transaction with a pause between. Every load
    waits, all tables written and none committed, until both have asked."""
    nights_of: dict[int, tuple[int, int]] = {}
    for some in (1, 3):
        published(tmp_path, some)
        with duckdb.connect(str(warehouse_path(tmp_path)), read_only=True) as file:
            nights_of[some] = (_count(file, "documents"), _count(file, "ledger_rows"))
    allowed = set(nights_of.values())
    assert len(allowed) == 2
    assert loaded(tmp_path, engine).status == "loaded"
    stop = threading.Event()
    seen: list[list[tuple[int, int]]] = [[], []]
    errors: list[str] = []

    def read(number: int) -> None:
        try:
            with connect(engine) as lake:
                while not stop.wait(0.05):
                    if number:
                        sql = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM ledger_rows)"
                        seen[number].append(lake.execute(sql).fetchall()[0])
                        continue
                    lake.execute("BEGIN")
                    documents = _count(lake, "documents")
                    time.sleep(0.02)
                    seen[number].append((documents, _count(lake, "ledger_rows")))
                    lake.execute("COMMIT")
        except duckdb.Error as e:
            errors.append(str(e))

    during: list[list[set[tuple[int, int]]]] = []  # by load and reader, what was seen inside the transaction
    prepare = server_loads.prepare

    def prepare_and_wait(*args: Any, **kwargs: Any) -> None:
        prepare(*args, **kwargs)
        asked = [len(found) for found in seen]
        until = time.monotonic() + 120
        # the first answer may have been asked for before; the second was not
        while any(len(f) < a + 2 for f, a in zip(seen, asked, strict=True)) and not errors:
            assert time.monotonic() < until
            time.sleep(0.01)
        during.append([set(f[a + 1 :]) for f, a in zip(seen, asked, strict=True)])

    threads = [threading.Thread(target=read, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    monkeypatch.setattr(server_loads, "prepare", prepare_and_wait)
    try:
        for number in range(LOADS):
            published(tmp_path, (1, 3)[number % 2])
            assert loaded(tmp_path, engine).status == "loaded"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    before = [nights_of[(3, 1)[number % 2]] for number in range(LOADS)]
    assert during == [[{night}, {night}] for night in before]  # each asked during each load and saw the night before
    for found in seen:
        assert len(found) >= 2 * LOADS
        assert set(found) == allowed  # both nights were seen, and nothing between them
    with attach(engine, place_of(engine), read_only=True) as lake:
        assert len(nights(lake)) == LOADS + 1


def _count(connection: duckdb.DuckDBPyConnection, view: str) -> int:
    row: Any = connection.execute(f"SELECT count(*) FROM main.{view}").fetchone()
    return int(row[0])
