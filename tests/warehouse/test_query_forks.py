"""Queries in forked processes: the same answers and limits as in started ones, nothing handed on, nothing left over."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.test_access import GREEDY
from warehouse.access import Cancel, Limits, QueryError, run_query
from warehouse.publish import publish
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
    while children(waiting(forks)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not children(waiting(forks))


def test_it_is_started_again_when_it_was_killed(home: Path, forks: Forks) -> None:
    run_query(home, SUM, forks=forks)
    before = waiting(forks)
    os.kill(before, signal.SIGKILL)
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
