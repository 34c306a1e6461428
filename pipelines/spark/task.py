"""What runs on a machine of the cluster: read the files of one task in a limited child, stage their rows, pack both.

A Spark worker process keeps its child for all its tasks, since starting one costs as much as reading dozens of files.
Whatever a document does happens to the child and comes back as that document's outcome; an exception here is never a
document's fault, and Spark may try the task again.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import socket
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path

import msgspec

from extractors.facts import Context
from pipelines.isolation.limits import Limits
from pipelines.isolation.outcome import Outcome, Task
from pipelines.isolation.pool import PoolError, WorkerPool
from pipelines.reading import FACTS, About, ToRead, extraction_of, has_children, packed, read_of
from pipelines.spark.packs import PackWriter
from pipelines.spark.shared import Shared
from pipelines.spark.troubles import marked
from pipelines.staging import stage_elsewhere

REPORT = "report"
PAYLOAD = "payload"
RECEIPT = "pack bigint, name string, sha256 string, files int"
"""What Spark carries back of a task: which, the name of its pack, the pack's checksum, how many files are in it."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What every task of a job needs to know."""

    shared: Shared
    made_with: str
    function: str
    limits: Limits


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file, beside its files in the pack."""

    holds_files: bool = False
    status: str = ""
    error_code: str | None = None
    error_message: str | None = None
    seconds: float = 0.0


class MachineError(Exception):
    """This machine cannot do the work; the text is for `troubles.told`."""


def made_with() -> str:
    """What facts and rows are made with here; both sides must agree."""
    from extractors.version import extractor_version
    from warehouse.arrow import schema_digest

    return f"{extractor_version()}-{schema_digest()}"


def run(plan: Plan, tasks: list[Task]) -> tuple[str, str, int]:
    """Read and stage some files; name, checksum and number of files of the pack. Raises MachineError."""
    mine = made_with()
    if mine != plan.made_with:
        raise MachineError(
            marked(
                "versions",
                f"集群机器 {socket.gethostname()} 上的 qingqian（{mine}）与这里的（{plan.made_with}）不是同一版；"
                "请在每台机器装同一个安装包。",
            )
        )
    name = f"pack-{uuid.uuid4().hex}.arrow"
    with tempfile.TemporaryDirectory(prefix="qingqian-task-") as folder:
        path = Path(folder) / name
        with PackWriter(path) as pack, ExitStack() as fetched:
            here = [_fetched(plan.shared, t, fetched) for t in tasks]
            asked = {t.key: t for t in tasks}
            try:
                for outcome in _pool(plan).run(here):
                    _look(asked[outcome.key], outcome)
                    _put(pack, asked[outcome.key], outcome, Path(folder) / "staged")
            except PoolError as e:
                raise MachineError(marked("children", f"{socket.gethostname()}：{e}")) from e
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        try:
            plan.shared.put(path, name)
        except Exception as e:  # storages raise each their own
            raise MachineError(_storage(plan.shared.root, e)) from e
    return name, sha256, len(tasks)


def _fetched(shared: Shared, task: Task, stack: ExitStack) -> Task:
    """The task with its file on this machine. One that is not to be seen from here is the storage's fault: the night
    has looked before it asked."""
    try:
        path = stack.enter_context(shared.fetched(task.path, task.key))
    except Exception as e:
        raise MachineError(_storage(task.path, e)) from e
    return msgspec.structs.replace(task, path=str(path))


def _look(task: Task, outcome: Outcome) -> None:
    """A file that the child may not read lies on a storage that is not shared as it should be."""
    if outcome.error_code == "input" and not outcome.detail.startswith("EFBIG"):
        raise MachineError(_storage(task.path, OSError(outcome.detail)))


def _storage(place: str, error: Exception) -> str:
    why = " ".join(str(error).split())[:200].replace("|", "/")
    return marked("storage", f"{socket.gethostname()}|{place}|{type(error).__name__} {why}")


_open: tuple[tuple[str, Limits], WorkerPool] | None = None


def _pool(plan: Plan) -> WorkerPool:
    """This process's one child, started with the first task and kept for the next."""
    global _open
    wanted = (plan.function, plan.limits)
    if _open is not None and _open[0] != wanted:
        _open[1].close()
        _open = None
    if _open is None:
        _open = (wanted, WorkerPool(1, plan.limits, function=plan.function).__enter__())
    return _open[1]


def _put(pack: PackWriter, task: Task, outcome: Outcome, folder: Path) -> None:
    """What became of one file into the pack: its facts and staged rows as the home keeps them.

    A file that holds others goes back as the child gave it: the night archives those, and then stages it.
    """
    file = file_of(task)
    extraction, payload = extraction_of(file, outcome)
    if has_children(extraction):
        pack.add(task.key, REPORT, msgspec.json.encode(Report(holds_files=True, seconds=outcome.seconds)))
        pack.add(task.key, PAYLOAD, gzip.compress(payload, 1, mtime=0))
        return
    read = read_of(file, extraction, outcome.seconds)
    report = Report(
        status=read.status,
        error_code=read.error_code,
        error_message=read.error_message,
        seconds=outcome.seconds,
    )
    pack.add(task.key, REPORT, msgspec.json.encode(report))
    pack.add(task.key, FACTS, packed(payload))
    folder.mkdir()
    try:
        stage_elsewhere(folder, file, extraction)
    except Exception:  # noqa: BLE001 - the night stages it then, and says what is wrong; no task fails by a document
        return
    else:
        pack.add_folder(task.key, folder)
    finally:
        shutil.rmtree(folder)


def file_of(task: Task) -> ToRead:
    """The file of a task, as the night knows it."""
    return ToRead(
        file_id=task.key,
        archived=task.path,
        name=task.name,
        context=msgspec.json.decode(task.context, type=Context),
        about=msgspec.json.decode(task.about, type=About | None) if task.about else None,
    )
