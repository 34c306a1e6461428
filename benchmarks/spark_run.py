"""Reading and staging the same files on a cluster and on this machine, with the CPU seconds of every process counted.

`python -m benchmarks.spark_run [--documents 1000 20000] [--kind small|notice|ledger] [--cluster-only]` prints the cost
of a document at each size: it must not grow with their number. Small documents are the mix of `big_night`, notices its
shortest kind, text of six lines; ledgers have 700 rows each and take 0.2 s or more. A cluster of two workers of one
core is started for this and gone afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.big_night import COUNTIES, make, notice
from pipelines.progress import Bar
from pipelines.reading import Executors, ToRead, in_children, read_files
from tests.spark.cluster import Cluster, below, cluster
from tests.spark.documents import archived, digests, stage_all

LEDGER_ROWS = 700
_TICK = os.sysconf("SC_CLK_TCK")


class Clock:
    """CPU seconds of some processes and all below them, by looking often; what a process does between the last look
    and its end is missed, which is a fifth of a second at most."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self._seen: dict[tuple[int, str], float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._look()
        self._before = dict(self._seen)
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> tuple[float, float]:
        """CPU seconds and wall seconds since the start."""
        self._over.set()
        self._thread.join()
        self._look()
        spent = sum(v - self._before.get(k, 0.0) for k, v in self._seen.items())
        return spent, time.monotonic() - self._began

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self._look()

    def _look(self) -> None:
        for root in self._roots:
            for pid in (root, *below(root)):
                try:
                    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                self._seen[pid, fields[19]] = (int(fields[11]) + int(fields[12])) / _TICK


def ledgers(folder: Path, count: int) -> None:
    """Ledgers of so many rows as CSV."""
    folder.mkdir(parents=True)
    for n in range(count):
        dice = random.Random(n)
        lines = ["序号,欠款单位,债权单位,项目名称,欠款金额（元）,已付金额（元）,未付金额（元）"]
        for k in range(1, LEDGER_ROWS + 1):
            owed = dice.randint(10_000, 9_000_000)
            paid = dice.randint(0, owed)
            county, company = dice.choice(COUNTIES), dice.randint(1, 5000)
            sums = ",".join(f"{x / 100:.2f}" for x in (owed, paid, owed - paid))
            lines.append(f"{k},{county}第{n % 97}局,第{company}建设公司,第{k}项目,{sums}")
        (folder / f"台账{n}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def notices(folder: Path, count: int) -> None:
    """Short papers as text, the same for every run."""
    for n in range(count):
        place = folder / f"{n // 500:03d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"通知{n}.txt").write_text(notice(n, random.Random(n)), encoding="utf-8")


KINDS: dict[str, Callable[[Path, int], None]] = {"small": make, "notice": notices, "ledger": ledgers}


def measured(home: Path, files: list[ToRead], executors: Executors, roots: list[int]) -> dict[str, Any]:
    """One run: everything from opening the executor to the last staged row."""
    clock = Clock([os.getpid(), *roots])
    read = sum(1 for _ in read_files(home, files, 2, Bar(), executors))
    given = stage_all(home, files)
    cpu, wall = clock.stop()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"files": read, "cpu_seconds": round(cpu, 1), "wall_seconds": round(wall, 1), "staged_there": given,
            "cpu_ms_a_file": round(1000 * cpu / max(read, 1), 1), "driver_peak_mb": memory}  # fmt: skip


def on_the_cluster(home: Path, inbox: Path, running: Cluster) -> dict[str, Any]:
    """The files of an inbox on the cluster."""
    from pipelines.spark.cluster import on_cluster

    roots = [p.pid for p in running.workers]
    return measured(home, archived(home, inbox), on_cluster(running.address, home), roots)


def both(folder: Path, inbox: Path, running: Cluster) -> dict[str, Any]:
    """The same files on the cluster and here, with whether the bytes are the same."""
    homes = folder / "there", folder / "here"
    there = on_the_cluster(homes[0], inbox, running)
    here = measured(homes[1], archived(homes[1], inbox), in_children, [])
    same = digests(homes[0]) == digests(homes[1])
    for home in homes:
        shutil.rmtree(home)
    return {
        "spark": there,
        "local": here,
        "same_bytes": same,
        "ratio": round(there["cpu_seconds"] / here["cpu_seconds"], 2),
    }


@contextmanager
def a_cluster() -> Iterator[tuple[Path, Cluster]]:
    """A folder and a cluster, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qingqian-spark-") as name:
        folder = Path(name)
        with cluster(folder / "cluster", is_quick=False) as running:
            yield folder, running


def main() -> None:
    """Measure at each size and print one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--kind", choices=sorted(KINDS), default="small")
    parser.add_argument("--cluster-only", action="store_true", help="leave out this machine's own executor")
    given = parser.parse_args()
    with a_cluster() as (folder, running):
        for count in given.documents:
            inbox = folder / f"inbox-{count}"
            KINDS[given.kind](inbox, count)
            if given.cluster_only:
                found = {"spark": on_the_cluster(folder / f"home-{count}", inbox, running)}
                shutil.rmtree(folder / f"home-{count}")
            else:
                found = both(folder, inbox, running)
            print(json.dumps({"documents": count, "kind": given.kind, **found}), flush=True)


if __name__ == "__main__":
    main()
