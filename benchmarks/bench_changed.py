"""A night in which one file in five hundred changed, beside the first night that read them all; net of start-up.

QINGQIAN_BENCH_FILES (default 200; the target is meant for 10,000 with 20 changed) small papers and ledgers.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.row import Row

FILES = int(os.environ.get("QINGQIAN_BENCH_FILES", "200"))
EVERY = 500

_PAPER = (
    "关于做好账款清理工作的通知\n第{n}镇人民政府：\n"
    "请于{month}月底前将台账报送县财政局，本次涉及账款{n}.5万元。\n2026年1月{day}日\n"
)
_LEDGER = (
    "第{n}镇账款台账（截至2026年1月31日）\n单位：元\n"
    "序号,拖欠单位,债权企业,合同编号,拖欠金额,剩余金额\n"
    "1,第{n}镇政府,甲建筑公司,HT-{n},{amount},{amount}\n2,第{n}镇中学,乙商贸公司,HS-{n},2000,1000\n"
)


def run() -> list[Row]:
    """CPU seconds of whole processes; start-up is an unchanged night over an empty folder."""
    changed = max(1, FILES // EVERY)
    with tempfile.TemporaryDirectory() as folder:
        inbox, empty, home, start_home = (Path(folder) / name for name in ("inbox", "empty", "home", "start"))
        empty.mkdir()
        inbox.mkdir()
        for n in range(FILES):
            _write(inbox, n, version=1)
        _night(empty, start_home, 1)
        start = _night(empty, start_home, 2)
        first = _night(inbox, home, 1) - start
        for n in range(changed):
            _write(inbox, n, version=2)
        second = _night(inbox, home, 2) - start
    return [
        {
            "what": f"a night with {changed} changed of {FILES:,} known files, net of start-up",
            "ours": f"{second:.1f} cpu-s",
            "peer": f"{first:.1f} cpu-s for the first (start-up {start:.1f})",
            "ratio": second / first,
            "target": "≤ 0.05",
            "ok": second <= 0.05 * first,
            "note": "what a night costs whatever changed weighs more the fewer files there are",
        }
    ]


def _write(inbox: Path, n: int, *, version: int) -> None:
    if n % 2:
        (inbox / f"{n}.txt").write_text(_PAPER.format(n=n, month=n % 12 + 1, day=n % 28 + version), "utf-8")
    else:
        (inbox / f"{n}.csv").write_text(_LEDGER.format(n=n, amount=1000 * version + n), "utf-8")


def _night(inbox: Path, home: Path, day: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "pipelines", "nightly", "--inbox", str(inbox), "--home", str(home), "--as-of",
         f"2026-02-{day:02}", "--json"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
