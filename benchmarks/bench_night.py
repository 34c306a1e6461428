"""A night on the sample inbox: the first, and one in which nothing changed, both net of start-up."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.row import Row

_SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "inbox"


def run() -> list[Row]:
    """CPU seconds of whole processes; start-up is a night over an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        empty, first_home, start_home = (Path(folder) / name for name in ("empty", "first", "start"))
        empty.mkdir()
        _night(empty, start_home)
        start = _night(empty, start_home)
        first = _night(_SAMPLES, first_home) - start
        second = _night(_SAMPLES, first_home) - start
    return [
        {
            "what": "unchanged night, net of start-up",
            "ours": f"{second:.2f} cpu-s",
            "peer": f"{first:.2f} cpu-s for the first (start-up {start:.2f})",
            "ratio": second / first,
            "target": "≤ 0.2",
            "ok": second <= 0.2 * first,
        }
    ]


def _night(inbox: Path, home: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "pipelines", "nightly", "--inbox", str(inbox), "--home", str(home), "--as-of",
         "2026-08-01", "--json"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
