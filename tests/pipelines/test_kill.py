"""A night killed at any moment loses nothing: the next plain run ends where an undisturbed one ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.pipelines.nights import COMMAND, SAMPLE_NIGHT, SAMPLES, contents, nightly, sample_night

KILLS = int(os.environ.get("QINGQIAN_TEST_KILLS", "2"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[tuple[object, ...]]], float]:
    home = tmp_path_factory.mktemp("undisturbed")
    _, seconds = sample_night(home, tmp_path_factory)
    return contents(home), seconds


@pytest.mark.parametrize("kill", range(KILLS))
def test_killed_then_run_again(
    kill: int, undisturbed: tuple[dict[str, list[tuple[object, ...]]], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    moment = random.Random(kill).uniform(0.05, 1.0) * seconds
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    process = subprocess.Popen(
        [*COMMAND, "nightly", "--home", str(tmp_path), "--inbox", str(SAMPLES), "--as-of", SAMPLE_NIGHT],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    nightly(tmp_path, SAMPLES, SAMPLE_NIGHT)
    found = contents(tmp_path)
    for view, rows in expected.items():
        assert found[view] == rows, f"{view} differs after a kill at {moment:.2f} s"
