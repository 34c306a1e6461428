"""Reading: archived bytes through the limited children into one immutable facts file per file × extractor version.

`<home>/facts/<version>/<aa>/<sha256>.json.gz` holds an `extractors.process.Extraction`, failures included: what a file
gave is known once and never asked again under the same version.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import msgspec

from extractors.document import Notice
from extractors.facts import Context
from extractors.process import Extraction, Failure, decode, encode
from extractors.version import extractor_version
from pipelines.children import put_away
from pipelines.isolation.pool import Outcome, Task, WorkerPool
from pipelines.progress import Bar
from warehouse.archive import DAMAGED, ArchiveDamagedError, archive_set, fetched, held
from warehouse.durable import fsync_path, write_bytes_atomic

_LARGE = 16 * 1024 * 1024
_FETCHED_AT_ONCE = 8


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the state store knows of a file and its staged rows repeat: where it lies, and when it first came in."""

    path: str
    source: str
    parent_id: str | None
    first_seen_date: dt.date


class ToRead(msgspec.Struct, frozen=True, kw_only=True):
    """One archived file to read: its id, where its bytes are, its own name, and what its source tells about it.

    `about` is needed for staging its rows, not for reading it.
    """

    file_id: str
    archived: str
    name: str
    context: Context
    about: About | None = None

    @property
    def version(self) -> str:
        """The version it is read under."""
        return work_version(self.context)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file: status ok, partial or failed, how long it took, how many files it holds."""

    file_id: str
    status: str
    error_code: str | None = None
    error_message: str | None = None
    seconds: float = 0.0
    children: int = 0


def work_version(context: Context) -> str:
    """The version that a file is read under: the extractor's, and what its source tells where that is anything.

    A changed header map in a source's YAML so leads to that source's files being read again, and no others.
    """
    if context == Context(source=context.source):
        return extractor_version()
    told = msgspec.json.encode(msgspec.structs.replace(context, source=None), order="sorted")
    return hashlib.sha256(extractor_version().encode() + told).hexdigest()[:12]


def facts_path(home: Path, file_id: str, version: str) -> Path:
    """Where the facts of a file lie under a version."""
    return home / "facts" / version / file_id[:2] / f"{file_id}.json.gz"


def load_facts(home: Path, file_id: str, version: str) -> Extraction | None:
    """The facts of a file, or None when it was not read yet or what lies there is damaged (it is then read again).

    Raises FarStoreError when they are not here and the storage that is set cannot be asked.
    """
    path = facts_path(home, file_id, version)
    found = _decoded(path)
    return _decoded(path) if found is None and fetched(home, path) else found


def _decoded(path: Path) -> Extraction | None:
    try:
        return decode(gzip.decompress(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, EOFError, gzip.BadGzipFile, msgspec.MsgspecError):
        path.unlink(missing_ok=True)
        return None


class ExecutorError(Exception):
    """An executor cannot work: one Chinese sentence that says what to do. No file is at fault, nothing is lost.

    `passing` says that it may be well again in a while (a cluster that is away or has no room).
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """One file read, and where possible staged, on another machine.

    `folder` lies on the home's disk and is given away: it holds the facts as the home keeps them (`FACTS`) and, unless
    the rows are to be staged here, what `pipelines.staging.stage_elsewhere` wrote.
    """

    key: str
    status: str
    error_code: str | None
    error_message: str | None
    seconds: float
    folder: Path


FACTS = "facts.json.gz"


class Executor(Protocol):
    """Maps `extractors.process.process` over files and says of each what became of it, in any order.

    That function is pure, so it does not matter where it runs: in limited children of this machine, or on the machines
    of a cluster that reach the archive. Every task must come back exactly once, failures as outcomes too. An executor
    may stage the rows as well, which is pure too, and then says `Finished`.
    """

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | Finished]:
        """One outcome for each task. Raises ExecutorError when it cannot work."""
        ...


Executors = Callable[[int], AbstractContextManager[Executor]]
"""Gives an executor for so many files at a time, open until its block ends."""


def in_children(workers: int) -> AbstractContextManager[Executor]:
    """The executor of one machine: child processes with limits, none of which can take the night down."""
    return WorkerPool(workers=workers)


@contextmanager
def kept_open(executors: Executors) -> Iterator[Executors]:
    """The same executors, each opened when first asked for and open until the block ends: reading goes in rounds."""
    with ExitStack() as stack:
        opened: dict[int, Executor] = {}

        @contextmanager
        def one(workers: int) -> Iterator[Executor]:
            if workers not in opened:
                opened[workers] = stack.enter_context(executors(workers))
            yield opened[workers]

        yield one


def read_files(
    home: Path, files: Iterable[ToRead], workers: int, bar: Bar, executors: Executors = in_children
) -> Iterator[Read]:
    """Read files by an executor and keep what they gave; yields one `Read` each, in the order they finish.

    A file whose original is whole nowhere is a failure of that file. Raises ExecutorError, OSError.
    """
    todo, lost = _brought(home, files)
    for file, why in lost:
        extraction = Extraction(name=file.name, sha256=file.file_id, failure=Failure(code=DAMAGED, message=why))
        _write(home, file, encode(extraction))
        bar.advance(1)
        yield read_of(file, extraction)
    if not todo:
        return
    tasks = (task_of(f) for f in list(todo.values()))
    with executors(min(workers, len(todo))) as executor:
        for outcome in executor.run(tasks):
            file = todo.pop(outcome.key)  # an executor that says a file twice is at fault, and stops here
            if isinstance(outcome, Finished):
                read = _keep_finished(home, file, outcome)
            else:
                extraction, payload = extraction_of(file, outcome)
                if has_children(extraction):
                    extraction = put_away(home, extraction)
                    payload = encode(extraction)
                _write(home, file, payload)
                read = read_of(file, extraction, outcome.seconds)
            bar.advance(1)
            yield read
    if todo:
        raise ExecutorError(f"读取没有交回全部文件（少{len(todo)}个），已读的都已保存；请重跑 nightly。", passing=True)


def _brought(home: Path, files: Iterable[ToRead]) -> tuple[dict[str, ToRead], list[tuple[ToRead, str]]]:
    """The files by id with their originals on this disk, and those whose original is lost, with the reason."""
    if archive_set() is None:
        return {f.file_id: f for f in files}, []

    def one(file: ToRead) -> ToRead | str:
        try:
            return msgspec.structs.replace(file, archived=str(held(home, file.file_id)))
        except ArchiveDamagedError as e:
            return str(e)

    given = list(files)
    with ThreadPoolExecutor(_FETCHED_AT_ONCE) as threads:
        found = list(threads.map(one, given))
    brought = {f.file_id: f for f in found if not isinstance(f, str)}
    return brought, [(file, why) for file, why in zip(given, found, strict=True) if isinstance(why, str)]


def task_of(file: ToRead) -> Task:
    """A file as a task of an executor."""
    return Task(
        key=file.file_id,
        path=file.archived,
        name=file.name,
        context=msgspec.json.encode(file.context),
        about=msgspec.json.encode(file.about),
    )


def extraction_of(file: ToRead, outcome: Outcome) -> tuple[Extraction, bytes]:
    """What a child said of a file, and its encoded form; whatever befell the child is a failure of the file."""
    if outcome.ok and outcome.payload is not None:
        return decode(outcome.payload), outcome.payload
    failure = Failure(code=outcome.error_code or "crash", message=outcome.error_message or "")
    extraction = Extraction(name=file.name, sha256=file.file_id, failure=failure)
    return extraction, encode(extraction)


def _keep_finished(home: Path, file: ToRead, done: Finished) -> Read:
    from pipelines.staging import keep_given

    target = facts_path(home, file.file_id, file.version)
    target.parent.mkdir(parents=True, exist_ok=True)
    fsync_path(done.folder / FACTS)
    (done.folder / FACTS).replace(target)
    fsync_path(target.parent)
    keep_given(home, file, done.folder)
    return Read(
        file_id=file.file_id,
        status=done.status,
        error_code=done.error_code,
        error_message=done.error_message,
        seconds=done.seconds,
    )


def has_children(extraction: Extraction) -> bool:
    """True when the file holds other files."""
    return extraction.document is not None and bool(extraction.document.children)


def read_of(file: ToRead, extraction: Extraction, seconds: float = 0.0) -> Read:
    """What became of a file, from its extraction."""
    failure = extraction.failure
    return Read(
        file_id=file.file_id,
        status=extraction.status,
        error_code=None if failure is None else failure.code,
        error_message=None if failure is None else failure.message,
        seconds=seconds,
        children=len(extraction.document.children) if extraction.document is not None else 0,
    )


def add_notice(home: Path, file: ToRead, extraction: Extraction, notice: Notice) -> Extraction:
    """The facts of a file with a further notice, written in place of the old ones."""
    assert extraction.document is not None
    if notice in extraction.document.notices:
        return extraction
    notices = (*extraction.document.notices, notice)
    document = msgspec.structs.replace(extraction.document, notices=notices)
    extraction = msgspec.structs.replace(extraction, document=document)
    _write(home, file, encode(extraction))
    return extraction


def packed(payload: bytes) -> bytes:
    """An encoded extraction as the home keeps it."""
    level = 6 if len(payload) < _LARGE else 1  # rows of large ledgers come compressed already
    return gzip.compress(payload, level, mtime=0)


def _write(home: Path, file: ToRead, payload: bytes) -> None:
    write_bytes_atomic(facts_path(home, file.file_id, file.version), packed(payload))
