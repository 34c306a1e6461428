"""Run every `bench_*.py` of this folder and print one table: what, ours, peer, ratio, target, whether it holds.

    python -m benchmarks [NAME …] [--json]

A benchmark is a module with `run() -> list[Row]`. Each runs in a process of its own, so that memory figures are its
own and imports of one do not warm another. A figure is only worth something as a ratio to what is measured beside
it in the same run: machines differ, and so do the hours of a day.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.row import Row


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(p.stem.removeprefix("bench_") for p in Path(__file__).parent.glob("bench_*.py"))


def main(arguments: list[str]) -> int:
    """Exit status: 0 when every target holds, 1 when one is missed or a benchmark failed, 2 on wrong usage."""
    if arguments[:1] == ["--one"]:
        module = importlib.import_module(f"benchmarks.bench_{arguments[1]}")
        Path(arguments[2]).write_text(json.dumps(module.run(), ensure_ascii=False))
        return 0
    chosen = [a for a in arguments if not a.startswith("-")] or names()
    if unknown := [n for n in chosen if n not in names()]:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(names())}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    failed: list[str] = []
    for name in chosen:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found = _in_a_process(name)
        if found is None:
            failed.append(name)
        else:
            rows += found
    if "--json" in arguments:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _show(rows)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or any(r["ok"] is False for r in rows) else 0


def _in_a_process(name: str) -> list[Row] | None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        done = subprocess.run([sys.executable, "-m", "benchmarks", "--one", name, str(out)], check=False)
        return None if done.returncode else json.loads(out.read_bytes())


def _show(rows: list[Row]) -> None:
    table = Table("what", "ours", "beside it", "ratio", "target", "")
    for r in rows:
        ratio = "" if r["ratio"] is None else f"{r['ratio']:.2f}"
        mark = {True: "[green]ok[/]", False: "[red]missed[/]", None: "not measured"}[r["ok"]]
        table.add_row(r["what"], r["ours"], r["peer"], ratio, r["target"], mark)
    console = Console()
    console.print(table)
    for r in rows:
        if note := r.get("note"):
            console.print(f"{r['what']}: {note}", highlight=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
