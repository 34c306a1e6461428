"""A night killed at any moment loses nothing: the next plain run ends where an undisturbed one ends."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.pipelines.nights import COMMAND, contents, nightly

INBOX = Path(__file__).resolve().parents[2] / "samples" / "inbox"
AS_OF = "2026-08-01"
KILLS = int(os.environ.get("QINGQIAN_TEST_KILLS", "2"))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[tuple[object, ...]]], float]:
    home = tmp_path_factory.mktemp("undisturbed")
    started = time.monotonic()
    nightly(home, INBOX, AS_OF)
    return contents(home), time.monotonic() - started


@pytest.mark.parametrize("kill", range(KILLS))
def test_killed_then_run_again(
    kill: int, undisturbed: tuple[dict[str, list[tuple[object, ...]]], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    moment = random.Random(kill).uniform(0.05, 1.0) * seconds
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    process = subprocess.Popen(
        [*COMMAND, "nightly", "--home", str(tmp_path), "--inbox", str(INBOX), "--as-of", AS_OF],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    nightly(tmp_path, INBOX, AS_OF)
    found = contents(tmp_path)
    for view, rows in expected.items():
        assert found[view] == rows, f"{view} differs after a kill at {moment:.2f} s"
