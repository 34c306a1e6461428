"""`qingqian extract`: read files and print what was found, without touching any warehouse."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from extractors.contract import Json, to_contract
from extractors.contract_lines import pieces
from extractors.facts import Context
from extractors.process import decode
from pipelines.children import left_out, with_own_names
from pipelines.isolation.pool import Outcome, Task, WorkerPool
from pipelines.progress import progress
from warehouse.state_children import MAX_BELOW, MAX_DEPTH, SEPARATOR


def run(*, files: list[Path], output: str, reference_date: dt.date | None) -> None:
    """Print each file's extraction in the order given; exit status 1 only when every file failed."""
    ok = 0
    results = extractions(files, Context(reference_date=reference_date))
    if output == "jsonl":
        for result in results:
            ok += result["status"] != "failed"
            _write(result, "\n")
    elif output == "json":
        all_results = list(results)
        ok = sum(r["status"] != "failed" for r in all_results)
        if len(all_results) == 1:
            _write(all_results[0], "\n", indent=1)
        else:
            for k, result in enumerate(all_results):
                sys.stdout.write(",\n" if k else "[\n")
                _write(result, "", indent=1)
            sys.stdout.write("\n]\n")
    else:
        from pipelines import cli_tables

        for result in results:
            ok += result["status"] != "failed"
            cli_tables.show(result)
    if not ok:
        sys.exit(1)


def _write(result: Json, end: str, *, indent: int = 0) -> None:
    """One file's object, piece by piece: a large ledger's rows are never all held as JSON."""
    for piece in pieces(result, indent):
        sys.stdout.write(piece)
    sys.stdout.write(end)
    sys.stdout.flush()


def extractions(files: list[Path], context: Context) -> Iterator[Json]:
    """The contract's object of each file, in order, as soon as it and all before it are done.

    A file that holds others is followed by one object for each of them, `path` being `a.zip!/b.txt`, and so on.
    """
    encoded = msgspec.json.encode(context)
    forest: list[_Found] = []
    todo: list[_Found] = []
    for path in files:
        found = _Found(str(path), path.name, str(path.resolve()))
        if path.is_file():
            todo.append(found)
        else:
            what = "是文件夹，不是文件" if path.is_dir() else "不存在"
            found.result = _failed(str(path), "not_found", f"文件 {path} {what}；请检查路径")
        forest.append(found)
    workers = min(2, max(1, len(todo)))
    with (
        tempfile.TemporaryDirectory(prefix="qingqian-extract-") as folder,
        progress("读取", total=len(files)) as bar,
        WorkerPool(workers=workers) as pool,
    ):
        bar.advance(len(files) - len(todo))
        while todo:
            tasks = [Task(key=str(i), path=f.location, name=f.name, context=encoded) for i, f in enumerate(todo)]
            inner: list[_Found] = []
            for outcome in pool.run(tasks):
                found = todo[int(outcome.key)]
                inner += _settle(found, outcome, Path(folder), len(inner))
                if not found.depth:
                    bar.advance(1)
                while forest and forest[0].is_whole:
                    yield from forest.pop(0).results()
            todo = inner
    for found in forest:
        yield from found.results()


class _Found:
    """One file, where its bytes lie, what came of it, and the files inside it."""

    def __init__(self, path: str, name: str, location: str, depth: int = 0) -> None:
        self.path, self.name, self.location, self.depth = path, name, location, depth
        self.result: Json | None = None
        self.inside: list[_Found] = []

    @property
    def is_whole(self) -> bool:
        """True when it and everything in it has been read."""
        return self.result is not None and all(f.is_whole for f in self.inside)

    def results(self) -> Iterator[Json]:
        """Its object, and those of the files inside it, in order."""
        assert self.result is not None
        yield self.result
        for found in self.inside:
            yield from found.results()


def _settle(found: _Found, outcome: Outcome, folder: Path, number: int) -> list[_Found]:
    """Take in what came of a file; the files inside it, written below `folder` for the next round."""
    if not outcome.ok or outcome.payload is None:
        found.result = _failed(
            found.path, outcome.error_code or "crash", outcome.error_message or "解析进程没有给出结果"
        )
        return []
    extraction = decode(outcome.payload)
    document = extraction.document
    children = with_own_names(document.children) if document is not None else []
    room = MAX_BELOW - number
    taken = children[: max(room, 0)] if found.depth < MAX_DEPTH else []
    for child in taken:
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(child.data)
        path = f"{found.path}{SEPARATOR}{child.name}"
        found.inside.append(_Found(path, Path(child.name).name, file.name, found.depth + 1))
    if document is not None and len(taken) < len(children):
        notice = left_out(found.name, [c.name for c in children[len(taken) :]])
        document = msgspec.structs.replace(document, notices=(*document.notices, notice))
        extraction = msgspec.structs.replace(extraction, document=document)
    found.result = to_contract(extraction, found.path)
    return found.inside


def _failed(path: str, code: str, message: str) -> Json:
    return {"path": path, "status": "failed", "error": {"code": code, "message": message}}
