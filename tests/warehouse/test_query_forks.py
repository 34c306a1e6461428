"""Queries in forked processes: the same answers and limits as in started ones, nothing handed on, nothing left over."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.test_access import GREEDY
from warehouse import query_forks
from warehouse.access import Cancel, Limits, QueryError, run_query
from warehouse.publish import publish, warehouse_path
from warehouse.query_forks import Forks
from warehouse.query_process import environment
from warehouse.state import open_state

pytestmark = pytest.mark.skipif(not Forks.is_possible(), reason="no pidfd here: queries start a Python each")
SUM = "SELECT sum(remaining_amount_yuan) AS s, count(*) AS n FROM debts"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    made = Forks(environment())
    yield made
    made.close()


def waiting(forks: Forks) -> int:
    assert forks._process is not None
    return forks._process.pid


def children(pid: int) -> list[str]:
    """Processes of a parent that run: not those that ended and wait to be collected."""
    out = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state != "Z":
            out.append(stat.parent.name)
    return out


def asking(forks: Forks) -> list[str]:
    """Processes that answer a query now, forked from those that have a file open."""
    return [child for keeper in children(waiting(forks)) for child in children(int(keeper))]


def test_answers_are_those_of_a_started_process(home: Path, forks: Forks) -> None:
    expected = run_query(home, SUM).table
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: run_query(home, SUM, forks=forks).table, range(8)))
    assert expected.num_rows == 1 and all(t.equals(expected) for t in found)


@pytest.mark.parametrize("name", GREEDY)
def test_a_query_without_measure_is_ended(home: Path, forks: Forks, name: str) -> None:
    with pytest.raises(QueryError) as caught:
        run_query(home, GREEDY[name], Limits(seconds=20, memory=256 << 20), forks=forks)
    assert caught.value.code in ("memory", "timeout")
    assert run_query(home, SUM, forks=forks).table.num_rows == 1


def test_a_query_without_end_is_killed_and_nothing_of_it_runs_on(home: Path, forks: Forks) -> None:
    endless = "SELECT count(*) FROM range(10000000000) a, range(100000) b"
    with pytest.raises(QueryError) as caught:
        run_query(home, endless, Limits(seconds=0.5), forks=forks)
    assert caught.value.code == "timeout"
    cancel = Cancel()
    threading.Timer(0.5, cancel.cancel).start()
    with pytest.raises(QueryError, match="已取消"):
        run_query(home, endless, Limits(seconds=60), cancel=cancel, forks=forks)
    until = time.monotonic() + 10
    while asking(forks) and time.monotonic() < until:
        time.sleep(0.05)
    assert not asking(forks) and len(children(waiting(forks))) == 1


def test_it_is_started_again_when_it_was_killed(home: Path, forks: Forks) -> None:
    run_query(home, SUM, forks=forks)
    before = waiting(forks)
    os.kill(before, signal.SIGKILL)
    until = time.monotonic() + 10
    while waiting(forks) == before and time.monotonic() < until:
        assert run_query(home, SUM, forks=forks).table.num_rows == 1
    assert waiting(forks) != before


def test_a_child_has_neither_our_files_nor_our_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QINGQIAN_SECRET", "do not hand on")
    with (tmp_path / "held").open("w"):
        own = Forks(environment())
        child = own.fork()
        try:
            (pid,) = children(waiting(own))
            until, held = time.monotonic() + 10, {"socket:"}
            while any("socket:" in name for name in held) and time.monotonic() < until:  # it lets go of it at once
                time.sleep(0.05)
                held = {str(f.readlink()) for f in Path(f"/proc/{pid}/fd").iterdir()}
            told = Path(f"/proc/{pid}/environ").read_bytes()
        finally:
            child.end()
            own.close()
    assert b"do not hand on" not in told
    assert not any("held" in name or "socket" in name or name.startswith("/tmp") for name in held), held
    assert len([name for name in held if name.startswith("pipe:")]) == 2


def test_the_waiting_process_ends_with_its_owner(home: Path) -> None:
    own = Forks(environment())
    run_query(home, SUM, forks=own)
    process = own._process
    assert process is not None
    own.close()
    assert process.returncode == 0


def test_a_file_that_is_open_is_not_opened_again_and_another_night_is(home: Path, tmp_path: Path) -> None:
    night = tmp_path / "night.duckdb"
    shutil.copy(warehouse_path(home), night)
    own = Forks(environment())
    try:
        drawn = {run_query(home, "SELECT random() AS r", path=night, forks=own).table["r"][0].as_py() for _ in range(3)}
        (keeper,) = children(waiting(own))
        assert len(drawn) == 3  # nobody's chance is another's
        assert len(list(Path(f"/proc/{keeper}/fd").iterdir())) == 5  # what a process has, its line, the file
        night.unlink()
        with pytest.raises(QueryError) as caught:
            run_query(home, SUM, path=tmp_path / "gone.duckdb", forks=own)
        assert caught.value.code == "no_warehouse"
        until = time.monotonic() + 10
        while children(waiting(own)) and time.monotonic() < until:
            time.sleep(0.05)
        assert not children(waiting(own))  # it held the room of a file that is gone
        assert run_query(home, SUM, path=warehouse_path(home), forks=own).table.num_rows == 1
    finally:
        own.close()


def test_a_file_nobody_asks_of_is_let_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        query_forks,
        "_WAITING",
        query_forks._WAITING.replace("wait(int", "import warehouse.query_forks as f; f.LEASE = 0.3; wait(int"),
    )
    own = Forks(environment())
    try:
        for _ in range(2):  # and opened again when somebody does
            assert run_query(home, SUM, forks=own).table.num_rows == 1
            until = time.monotonic() + 10
            while children(waiting(own)) and time.monotonic() < until:
                time.sleep(0.05)
            assert not children(waiting(own))
    finally:
        own.close()
