"""Starting nights that are to be hurt, and the inbox they work on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ALL_FAULTS = bool(os.environ.get("QINGQIAN_TEST_ALL_FAULTS"))
"""Every variation of a fault; without it, one of each, to keep the suite short."""
ROOT = Path(__file__).resolve().parents[2]
NOTICE = (
    "青石县清欠专班\n关于报送第{n}号台账的通知\n各单位：\n"
    "请于2026年6月30日前报送台账，涉及金额{n}.5万元。\n2026年6月1日\n"
)
LEDGER = "序号,欠款单位,债权单位,欠款金额（元）,约定付款日期\n{rows}"


def fill_inbox(folder: Path, count: int = 6) -> Path:
    """A small inbox of notices and one ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / f"通知{n}.txt").write_text(NOTICE.format(n=n + 1), encoding="utf-8")
    rows = "".join(f"{n},青石县水务局,甲{n}公司,{n}00.50,2026-03-0{n}\n" for n in range(1, 6))
    (folder / "台账.csv").write_text(LEDGER.format(rows=rows), encoding="utf-8")
    return folder


def start(home: Path, inbox: Path, night: str = "2026-07-01", step: str = "", **more: Any) -> subprocess.Popen[str]:
    """A night as a process group of its own; with `step`, it prints that word when the step begins."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    env |= {"GX_ANALYTICS_ENABLED": "false", **more.pop("env", {})}
    command = [sys.executable, "-m", "tests.faults.one_night", str(home), str(inbox), night, step]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        **more,
    )  # fmt: skip


def run(home: Path, inbox: Path, night: str = "2026-07-01", **more: Any) -> tuple[int, str]:
    """A night to its end: exit status and what it said on stderr."""
    process = start(home, inbox, night, **more)
    _, said = process.communicate()
    return process.returncode, said


def well(home: Path, inbox: Path, night: str = "2026-07-01") -> None:
    """A plain night that must go well."""
    status, said = run(home, inbox, night)
    assert status == 0, said
