"""Publishing while many read, and on a disk that fills up. QINGQIAN_READERS sets how many readers there are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.makers import NOW, built, two_months, view_contents
from warehouse import publications
from warehouse.publish import publish, reconcile, remove_leftovers, warehouse_path
from warehouse.state import open_state

ROOT = Path(__file__).resolve().parents[2]
READERS = int(os.environ.get("QINGQIAN_READERS", "3"))
NIGHTS = 6

# Opens the warehouse again and again until told to stop, and prints what each opening saw; any error ends it.
READER = """
import sys, time
from pathlib import Path
from warehouse.access import connect
path, stop = Path(sys.argv[1]), Path(sys.argv[2])
seen = set()
print("ready", flush=True)
while True:
    last = stop.exists()
    with connect(path, threads=1) as c:
        digest = c.execute("SELECT value FROM core.publication WHERE key = 'inputs_digest'").fetchone()[0]
        counts = [c.execute(f"SELECT count(*) FROM {v}").fetchone()[0] for v in ("documents", "ledger_rows", "debts")]
        seen.add((digest, *counts))
    if last:
        break
    time.sleep(0.2)  # people read what they asked for
for line in sorted(seen):
    print(*line)
"""


def test_readers_see_whole_nights_and_hold_nobody_up(tmp_path: Path) -> None:
    parts = two_months(tmp_path)
    path, stop = warehouse_path(tmp_path), tmp_path / "stop"
    nights: set[str] = set()

    def night(number: int) -> None:
        candidate = built(tmp_path, parts[: 1 + number % 2])
        rows = candidate.rows
        nights.add(f"{candidate.inputs_digest} {rows['documents']} {rows['ledger_rows']} {rows['debts']}")
        publish(candidate, tmp_path, state, now=NOW)

    with open_state(tmp_path) as state:
        night(0)
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", READER, str(path), str(stop)],
                cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for _ in range(READERS)
        ]  # fmt: skip
        try:
            for reader in readers:
                assert reader.stdout is not None
                assert reader.stdout.readline() == "ready\n"
            for number in range(1, NIGHTS):
                night(number)
        finally:
            stop.touch()
            answers = [reader.communicate() for reader in readers]
        assert reconcile(tmp_path, state, now=NOW).is_sound
    assert [errors for _, errors in answers] == [""] * READERS
    for output, _ in answers:
        assert set(output.splitlines()) <= nights
        assert output


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("只有 root 能挂载小磁盘（tmpfs），跳过磁盘写满的测试")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"这台机器不能挂载 tmpfs（{made.stderr.strip()}），跳过磁盘写满的测试")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Fill the disk but for `leave` bytes."""
    room = os.statvfs(folder)
    ballast = folder / "ballast"
    with ballast.open("wb") as out:
        os.posix_fallocate(out.fileno(), 0, room.f_bavail * room.f_frsize - leave)
    return ballast


def test_a_full_disk_leaves_the_old_warehouse_and_the_next_night_publishes(small_disk: Path) -> None:
    home = small_disk / "home"
    parts = two_months(home)
    with open_state(home) as state:
        publish(built(home, parts[:1]), home, state, now=NOW)
        old = view_contents(warehouse_path(home))
        refused = 0
        for leave in (0, 4096, 300_000, 1_000_000, 3_000_000):
            ballast = fill(small_disk, leave)
            try:
                publish(built(home, parts), home, state, now=NOW)
            except (OSError, duckdb.Error):
                refused += 1
            ballast.unlink()
            remove_leftovers(home)
            found = reconcile(home, state, now=NOW)
            assert found.is_sound, found.reason
            assert publications.prepared(state) is None
            if view_contents(warehouse_path(home)) != old:
                break  # there was room enough after all
        assert refused >= 3
        publish(built(home, parts), home, state, now=NOW)
        assert reconcile(home, state, now=NOW).is_sound
    assert len(view_contents(warehouse_path(home))["documents"]) == 3
