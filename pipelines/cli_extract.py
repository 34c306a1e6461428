"""`qingqian extract`: read files and print what was found, without touching any warehouse."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from extractors.contract import Json, dumps, to_contract
from extractors.facts import Context
from extractors.process import decode
from pipelines.isolation.pool import Outcome, Task, WorkerPool
from pipelines.progress import progress


def run(*, files: list[Path], output: str, reference_date: dt.date | None) -> None:
    """Print each file's extraction in the order given; exit status 1 only when every file failed."""
    ok = 0
    results = extractions(files, Context(reference_date=reference_date))
    if output == "jsonl":
        for result in results:
            ok += result["status"] != "failed"
            sys.stdout.write(dumps(result) + "\n")
            sys.stdout.flush()
    elif output == "json":
        all_results = list(results)
        ok = sum(r["status"] != "failed" for r in all_results)
        if len(all_results) == 1:
            sys.stdout.write(dumps(all_results[0], indent=1) + "\n")
        else:
            sys.stdout.write("[\n" + ",\n".join(dumps(r, indent=1) for r in all_results) + "\n]\n")
    else:
        from pipelines import cli_tables

        for result in results:
            ok += result["status"] != "failed"
            cli_tables.show(result)
    if not ok:
        sys.exit(1)


def extractions(files: list[Path], context: Context) -> Iterator[Json]:
    """The contract's object of each file, in order, as soon as it and all before it are done."""
    encoded = msgspec.json.encode(context)
    tasks: list[Task] = []
    done: dict[int, Json] = {}
    for i, path in enumerate(files):
        if path.is_file():
            tasks.append(Task(key=str(i), path=str(path.resolve()), name=path.name, context=encoded))
        else:
            what = "是文件夹，不是文件" if path.is_dir() else "不存在"
            done[i] = _failed(str(path), "not_found", f"文件 {path} {what}；请检查路径")
    position = 0
    with progress("读取", total=len(files)) as bar, WorkerPool(workers=min(2, max(1, len(tasks)))) as pool:
        bar.advance(len(done))
        for outcome in pool.run(tasks):
            i = int(outcome.key)
            done[i] = _result(outcome, str(files[i]))
            bar.advance(1)
            while position in done:
                yield done.pop(position)
                position += 1
    while position in done:
        yield done.pop(position)
        position += 1


def _result(outcome: Outcome, path: str) -> Json:
    if not outcome.ok or outcome.payload is None:
        return _failed(path, outcome.error_code or "crash", outcome.error_message or "解析进程没有给出结果")
    return to_contract(decode(outcome.payload), path)


def _failed(path: str, code: str, message: str) -> Json:
    return {"path": path, "status": "failed", "error": {"code": code, "message": message}}
