"""Many short nights in a row with random faults: memory, open files and disk must stay flat, and nothing be left open.

`python -m benchmarks.soak [--nights 200]` prints one line every ten nights and the whole at the end. The nights run in
this process without Dagster; faults are child kills, orders to stop, sources that are gone, touched and changed files.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from pipelines.night import Night
from tests.faults.invariant import check_invariant
from tests.faults.running import NOTICE, fill_inbox


def one(home: Path, inbox: Path, n: int, dice: random.Random) -> str:
    """A night with a fault or none; which."""
    start = dt.datetime(2026, 1, 1, 18, tzinfo=dt.UTC) + dt.timedelta(days=n)
    night = Night(home=home, inbox=inbox, workers=2, clock=lambda: start)
    fault = dice.choice(["none", "none", "changed", "touched", "gone", "killed", "failed"])
    if fault == "changed":
        (inbox / f"通知{n % 6}.txt").write_text(NOTICE.format(n=n), encoding="utf-8")
    elif fault == "touched":
        for path in inbox.iterdir():
            os.utime(path)
    elif fault == "gone":
        inbox.rename(inbox.with_name("away"))
    run_id = f"r{n}"
    try:
        pulled = night.pull(start.date(), run_id)
        if fault == "failed":
            night.failed(run_id, step="facts")
            return fault
        if fault == "killed":
            (inbox / "新.txt").write_text(NOTICE.format(n=1000 + n), encoding="utf-8")
            killer = threading.Timer(0.2, _kill_a_child)
            killer.start()
        night.read(start.date())
        night.stage(start.date())
        night.audit(start.date())
        built = night.build(start.date(), run_id)
        night.publish(built, pulled.rows, start.date(), run_id)
        night.ended(run_id)
    finally:
        if fault == "gone":
            inbox.with_name("away").rename(inbox)
    return fault


def _kill_a_child() -> None:
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
            return


def measures(home: Path) -> dict[str, Any]:
    """Resident MB, open files, threads, bytes of the home apart from what grows by right (raw files, the journal)."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    kept = [p for p in home.rglob("*") if p.is_file() and p.parts[len(home.parts)] not in ("raw", "logs", "morning")]
    return {
        "rss_mb": resident // 1_000_000,
        "open_files": len(list(Path("/proc/self/fd").iterdir())),
        "threads": threading.active_count(),
        "home_mb": round(sum(p.stat().st_size for p in kept) / 1e6, 1),
        "raw": sum(1 for p in (home / "raw").rglob("*") if p.is_file()),
    }


def check_flat(home: Path, seen: list[dict[str, Any]]) -> None:
    """Raise AssertionError where something grew from the nights after the first fifth (everything is loaded by then) to
    the last ones, or where anything half written is left."""
    left = [str(p.relative_to(home)) for p in home.rglob("*") if p.name.startswith((".tmp-", ".old-"))]
    assert not left, f"left behind: {left[:5]}"
    if len(seen) < 10:
        return
    early, late = seen[len(seen) // 5 :][:3], seen[-3:]
    for name, allowed in (("rss_mb", 1.05), ("open_files", 1), ("threads", 1)):
        before, after = max(s[name] for s in early), min(s[name] for s in late)
        assert after <= before * allowed, f"{name} grew from {before} to {after}"


def main() -> None:
    """Run the nights and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=200)
    nights = parser.parse_args().nights
    top = Path(tempfile.mkdtemp(prefix="qingqian-soak-"))
    home, inbox = top / "home", fill_inbox(top / "inbox")
    dice, seen, started = random.Random(5), [], time.monotonic()
    cpu = time.process_time()
    try:
        for n in range(nights):
            one(home, inbox, n, dice)
            if (n + 1) % 10 == 0:
                seen.append({"nights": n + 1, **measures(home)})
                print(json.dumps(seen[-1]), flush=True)
        plain = Night(home=home, inbox=inbox, clock=lambda: dt.datetime(2027, 1, 1, 18, tzinfo=dt.UTC))
        pulled = plain.pull(dt.date(2027, 1, 1), "last")
        plain.read(dt.date(2027, 1, 1))
        plain.stage(dt.date(2027, 1, 1))
        plain.audit(dt.date(2027, 1, 1))
        plain.publish(plain.build(dt.date(2027, 1, 1), "last"), pulled.rows, dt.date(2027, 1, 1), "last")
        check_invariant(home)
        check_flat(home, seen)
        print(json.dumps({"nights": nights, "wall_seconds": round(time.monotonic() - started),
                          "cpu_seconds": round(time.process_time() - cpu), "invariant": "holds"}))  # fmt: skip
    finally:
        shutil.rmtree(top)


if __name__ == "__main__":
    main()
