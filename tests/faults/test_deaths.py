"""Processes that die and orders to stop: the next plain night ends well, whatever was being done."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.home import only_night
from tests.faults.invariant import check_invariant
from tests.faults.running import ALL_FAULTS, ROOT, fill_inbox, start, well
from tests.pipelines.nights import qingqian
from warehouse.state import open_state, state_path


@pytest.mark.parametrize("step", ["read", "stage", "build", "publish"] if ALL_FAULTS else ["build"])
def test_an_order_to_stop_ends_the_night_in_time(tmp_path: Path, step: str) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox")
    process = start(home, inbox, step=step)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == step
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)  # systemd would kill it then
    process.communicate()
    well(home, inbox)
    check_invariant(home)


def test_everything_killed_at_once_and_readers_back_before_the_next_night(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox")
    well(home, inbox)
    (inbox / "新.txt").write_text("关于又一件事的通知\n请于7月5日前办结。\n2026年6月2日\n", encoding="utf-8")
    process = start(home, inbox, "2026-07-02", step="stage")
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    done = qingqian("query", "select count(*) as n from documents", "--format", "json", home=home)
    assert '"n":7' in done.stdout.replace(" ", "")  # readers come back first, and see the night before
    well(home, inbox, "2026-07-02")
    check_invariant(home)
    with open_state(home) as state:
        assert sorted(r.status for r in state.runs()) == ["done", "done", "interrupted"]


def test_children_killed_in_the_middle_of_a_night_cost_no_file(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 40)
    process = start(home, inbox, step="read")
    assert process.stdout is not None
    process.stdout.readline()
    dice, killed = random.Random(3), 0
    until = time.monotonic() + 60
    while process.poll() is None and killed < 20 and time.monotonic() < until:
        time.sleep(dice.uniform(0.05, 0.3))
        children = [int(c) for c in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        for child in children[:1]:
            if "isolation" in Path(f"/proc/{child}/cmdline").read_text(errors="replace"):
                os.kill(child, signal.SIGKILL)
                killed += 1
    _, said = process.communicate()
    assert killed
    if process.returncode:  # children that are killed while they start, three times on end, are an installation's fault
        assert "解析" in said, said
    well(home, inbox)
    check_invariant(home)


COPIES = int(os.environ.get("QINGQIAN_TEST_POWER_CUTS", "1"))


def test_power_cuts_a_copy_of_the_home_at_any_moment_goes_on(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", fill_inbox(tmp_path / "inbox", 12)
    process = start(home, inbox, step="pull")
    assert process.stdout is not None
    process.stdout.readline()
    dice, copies = random.Random(11), []
    while process.poll() is None and len(copies) < COPIES:
        time.sleep(dice.uniform(0.3, 2.5))
        copy = tmp_path / f"copy{len(copies)}"
        subprocess.run(["cp", "-r", str(home), str(copy)], check=False, capture_output=True)  # files vanish meanwhile
        copies.append(copy)
    process.communicate()
    assert copies
    for copy in copies:
        well(copy, inbox)
        check_invariant(copy)
        shutil.rmtree(copy)


HOLDER = """
import fcntl, sqlite3, sys, time
lock = open(sys.argv[1] + '/night.lock', 'a'); fcntl.flock(lock, fcntl.LOCK_EX)
db = sqlite3.connect(sys.argv[2], isolation_level=None); db.execute('BEGIN IMMEDIATE')
db.execute("UPDATE runs SET status = 'running'")
print('held', flush=True); time.sleep(600)
"""


def test_locks_of_a_dead_process_hold_nobody_up(tmp_path: Path) -> None:
    with open_state(tmp_path):
        pass
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(state_path(tmp_path))], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    probe = sqlite3.connect(state_path(tmp_path), isolation_level=None, timeout=0.1)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        probe.execute("BEGIN IMMEDIATE")
    holder.kill()
    holder.communicate()
    probe.execute("BEGIN IMMEDIATE")
    probe.close()
    with only_night(tmp_path), open_state(tmp_path) as state:
        assert state.runs() == []


def test_the_temporary_folder_taken_away_is_said_and_the_next_night_goes_on(tmp_path: Path) -> None:
    home, inbox, temporary = tmp_path / "home", fill_inbox(tmp_path / "inbox"), tmp_path / "tmp"
    temporary.mkdir()
    process = start(home, inbox, step="read", env={"TMPDIR": str(temporary)})
    assert process.stdout is not None
    process.stdout.readline()
    shutil.rmtree(temporary, ignore_errors=True)
    process.communicate()
    well(home, inbox)
    check_invariant(home)
