"""Dagster's daemon killed outright: the run it leaves open is ended by the next start, which goes on scheduling."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import pytest

from pipelines.cli_dagster import environment
from pipelines.definitions import build_defs

READY = "Instance is configured with the following daemons"


def start(home: Path) -> subprocess.Popen[str]:
    """The daemon by the command an operator uses, as a process group of its own."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines", "dagster", "daemon", "run"], env=env | {"QINGQIAN_HOME": str(home)},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def until_it_is_ready(daemon: subprocess.Popen[str]) -> str:
    """What it says until its parts are started; all it said where it ends or is silent for too long."""
    assert daemon.stdout is not None
    watchdog = threading.Timer(180, os.killpg, (daemon.pid, signal.SIGKILL))
    watchdog.start()
    said = ""
    for line in daemon.stdout:
        said += line
        if READY in line:
            break
    watchdog.cancel()
    return said


def beats_after(settings: str, moment: float) -> bool:
    """Whether the part that runs the sensors gives a sign of life later than a moment; waits for it a minute."""
    for _ in range(120):
        with dg.DagsterInstance.from_config(settings) as instance:
            beat = instance.get_daemon_heartbeats().get("SENSOR")
        if beat is not None and beat.timestamp > moment:
            return True
        time.sleep(0.5)
    return False


def test_a_killed_daemon_leaves_no_run_open_and_the_next_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    settings = environment(home)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    first = start(home)
    assert READY in until_it_is_ready(first)
    with dg.DagsterInstance.from_config(settings["DAGSTER_HOME"]) as instance:
        nightly = build_defs().resolve_job_def("nightly")
        run_id = instance.create_run_for_job(nightly, status=dg.DagsterRunStatus.STARTED).run_id
    os.killpg(first.pid, signal.SIGKILL)
    assert first.wait(20) == -signal.SIGKILL
    killed = time.time()
    second = start(home)
    said = until_it_is_ready(second)
    assert beats_after(settings["DAGSTER_HOME"], killed), "the next daemon looks after no sensors"
    os.killpg(second.pid, signal.SIGKILL)
    second.wait(20)
    assert "上次中断的 1 个运行已结束" in said
    assert READY in said
    with dg.DagsterInstance.from_config(settings["DAGSTER_HOME"]) as instance:
        found = instance.get_run_by_id(run_id)
        assert found is not None and found.status == dg.DagsterRunStatus.FAILURE
