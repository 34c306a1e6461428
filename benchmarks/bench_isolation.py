"""What a limited child costs per file, beside calling the same function in this process."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.row import Row
from extractors.facts import Context
from extractors.process import process, warm_up
from pipelines.isolation.pool import Task, WorkerPool

_FILES = 200
_TEXT = (
    "关于报送清欠台账的通知\n\n各县区人民政府：\n\n请于6月{}日前将清欠台账报送市清欠办，欠款共{}万元。\n\n"
    "某某市清欠办\n2026年5月8日\n"
)


def run() -> list[Row]:
    """Mean milliseconds per small file over 200 files, one worker, its start not counted."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for i in range(_FILES):
            path = Path(folder) / f"{i}.txt"
            path.write_text(_TEXT.format(i % 28 + 1, i), encoding="utf-8")
            paths.append(path)
        warm_up()
        started = time.perf_counter()
        for path in paths:
            process(path.read_bytes(), path.name, Context())
        bare = time.perf_counter() - started
        tasks = [Task(key=p.name, path=str(p), name=p.name) for p in paths]
        with WorkerPool(workers=1) as pool:
            list(pool.run(tasks[:2]))
            started = time.perf_counter()
            outcomes = list(pool.run(tasks))
            isolated = time.perf_counter() - started
    assert all(o.ok for o in outcomes)
    extra = (isolated - bare) / _FILES * 1000
    return [
        {
            "what": "isolation, per file",
            "ours": f"{isolated / _FILES * 1000:.2f} ms",
            "peer": f"{bare / _FILES * 1000:.2f} ms in this process",
            "ratio": isolated / bare,
            "target": "extra ≤ 25 ms",
            "ok": extra <= 25,
        }
    ]
