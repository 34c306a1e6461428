"""A night of many documents in mixed formats: time, memory, a kill half-way, and a night without changes.

`python -m benchmarks.big_night [--documents 10000] [--folder DIR]` prints one JSON object. Half of the documents are
notices (text, HTML, DOCX), half ledgers (CSV, XLSX); none needs recognition.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COUNTIES = ("青石县", "白沙县", "红枫区", "金溪市", "云岭县", "东塘区")
BODY = (
    "{county}人民政府办公室\n{county}政办发〔2026〕{n}号\n关于清理拖欠中小企业账款第{n}批事项的通知\n各乡镇人民政府：\n"
    "一、各责任单位要在2026年{month}月底前清偿{amount}万元。由县住建局牵头，县财政局配合。\n"
    "二、每月5日前报送进展。\n{county}人民政府办公室\n2026年3月{day}日\n"
)


def notice(n: int, dice: random.Random) -> str:
    return BODY.format(
        county=dice.choice(COUNTIES), n=n, month=dice.randint(4, 12), amount=f"{dice.randint(100, 99999) / 100:.2f}",
        day=dice.randint(1, 28),
    )  # fmt: skip


def ledger_rows(n: int, dice: random.Random) -> list[list[str]]:
    head = ["序号", "欠款单位", "债权单位", "项目名称", "欠款金额（元）", "已付金额（元）", "未付金额（元）"]
    out = [head]
    for k in range(1, dice.randint(4, 30)):
        owed = dice.randint(10_000, 9_000_000)
        paid = dice.randint(0, owed)
        out.append([str(k), f"{dice.choice(COUNTIES)}第{n % 97}局", f"第{dice.randint(1, 5000)}建设公司", f"第{k}项目",
                    f"{owed / 100:.2f}", f"{paid / 100:.2f}", f"{(owed - paid) / 100:.2f}"])  # fmt: skip
    return out


def make(folder: Path, count: int) -> None:
    """Write the documents, the same for every run."""
    import docx
    import openpyxl

    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        dice = random.Random(n)
        place = folder / f"{n // 500:03d}"
        place.mkdir(exist_ok=True)
        kind = n % 10
        if kind < 3:
            (place / f"通知{n}.txt").write_text(notice(n, dice), encoding="utf-8")
        elif kind == 3:
            lines = "".join(f"<p>{line}</p>" for line in notice(n, dice).split("\n"))
            (place / f"通知{n}.html").write_text(
                f"<html><head><title>通知{n}</title></head><body>{lines}</body></html>"
            )
        elif kind == 4:
            document = docx.Document()
            for line in notice(n, dice).split("\n"):
                document.add_paragraph(line)
            document.save(str(place / f"通知{n}.docx"))
        elif kind < 8:
            text = "\n".join(",".join(row) for row in ledger_rows(n, dice))
            (place / f"台账{n}.csv").write_text(text + "\n", encoding="utf-8")
        else:
            book = openpyxl.Workbook()
            for row in ledger_rows(n, dice):
                book.active.append(row)
            data = io.BytesIO()
            book.save(data)
            (place / f"台账{n}.xlsx").write_bytes(data.getvalue())


def night(home: Path, inbox: Path, day: str, kill_after: int | None = None) -> dict[str, Any]:
    """One night through the command; with `kill_after`, killed as soon as so many files have been read."""
    command = [sys.executable, "-m", "pipelines", "nightly", "--home", str(home), "--inbox", str(inbox), "--as-of", day,
               "--json"]  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    together, own, largest = 0, 0, 0
    while process.poll() is None:
        time.sleep(2)
        tree = _tree(process.pid)
        together = max(together, sum(now for now, _ in tree.values()))
        own = max(own, tree.get(process.pid, (0, 0))[1])
        largest = max([largest, *(most for pid, (_, most) in tree.items() if pid != process.pid)])
        if kill_after is not None and sum(1 for _ in home.glob("facts/*/*/*.gz")) >= kill_after:
            for pid in tree:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    said = process.stdout.read() if process.stdout is not None else ""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    out: dict[str, Any] = {
        "exit": process.returncode,
        "wall_seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb_of_all_processes": together // 1_000_000,
        "peak_mb_of_the_night": own // 1_000_000,
        "peak_mb_of_the_largest_child": largest // 1_000_000,
    }
    if process.returncode == 0:
        summary = json.loads(said)
        out |= {"documents": summary["documents"], "rows": summary["rows"].get("debts")}
    return out


def _tree(leader: int) -> dict[int, tuple[int, int]]:
    """Resident bytes of a process and of everything below it, by process: now, and the most it ever had (shared pages
    count in each)."""
    out: dict[int, tuple[int, int]] = {}
    waiting = [leader]
    while waiting:
        pid = waiting.pop()
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            said = {name: text for name, _, text in (line.partition(":") for line in lines)}
            out[pid] = (int(said["VmRSS"].split()[0]) * 1024, int(said["VmHWM"].split()[0]) * 1024)
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(c) for c in (task / "children").read_text().split()]
        except (OSError, KeyError):
            continue
    return out


def main() -> None:
    """Make the documents if need be, run the nights, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "qingqian-big-night")
    given = parser.parse_args()
    inbox = given.folder / f"inbox-{given.documents}"
    if not inbox.is_dir():
        make(inbox, given.documents)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=given.folder))
    killed = night(home, inbox, "2026-08-01", kill_after=given.documents // 2)
    print(json.dumps(killed), file=sys.stderr, flush=True)
    facts = {p: p.stat().st_mtime_ns for p in home.glob("facts/*/*/*.gz")}
    first = night(home, inbox, "2026-08-01")
    print(json.dumps(first), file=sys.stderr, flush=True)
    repeated = sum(p.stat().st_mtime_ns != t for p, t in facts.items())
    second = night(home, inbox, "2026-08-02")
    size = sum(p.stat().st_size for p in home.rglob("*") if p.is_file())
    print(json.dumps({"documents": given.documents, "killed": {**killed, "files_read": len(facts)},
                      "resumed": {**first, "files_read_again": repeated}, "unchanged": second,
                      "start_up": start_up(given.folder), "home_mb": size // 1_000_000},
                     ensure_ascii=False, indent=1))  # fmt: skip
    if repeated or first["exit"] or second["exit"]:
        sys.exit("a file was read again, or a night failed")


def start_up(folder: Path) -> dict[str, Any]:
    """What a night costs that has nothing to do: one known document, without changes."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        home, inbox = Path(place) / "home", Path(place) / "inbox"
        make(inbox, 1)
        night(home, inbox, "2026-08-01")
        return night(home, inbox, "2026-08-02")


if __name__ == "__main__":
    main()
