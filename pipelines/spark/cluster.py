"""The executor on a cluster: files in packs, packs as tasks of `DataFrame.mapInArrow`, results by the shared storage.

Commit protocol (decision record 0014): every attempt of a task writes a pack under a name of its own and hands its
name to Spark as its only result; Spark takes the result of one attempt of each task. Only packs that Spark named are
adopted, so an attempt that died, was doubled or woke up late leaves a file that nobody reads. The night adopts one
pack while the cluster works on the next, a piece at a time: nothing but names goes through a driver.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipelines.isolation.limits import Limits
from pipelines.isolation.outcome import Outcome, Task
from pipelines.isolation.pool import DEFAULT_FUNCTION, WorkerPool
from pipelines.reading import Executor, Executors, Finished
from pipelines.spark import probe
from pipelines.spark.packs import PackError, unpacked
from pipelines.spark.session import session
from pipelines.spark.shared import Shared, shared_of
from pipelines.spark.task import PAYLOAD, RECEIPT, REPORT, Plan, Report, made_with
from pipelines.spark.troubles import JobFailedError, NoRoomError, NotSharedError, told
from warehouse.durable import sha256_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

FILES_A_TASK = 16
BYTES_A_TASK = 64 << 20
TASKS_A_JOB = 128
JOBS_AT_ONCE = 2
"""While the last tasks of one job run, those of the next fill the machines, and the night adopts the one before."""
LOOK_SECONDS = 10.0
DESERTED_SECONDS = 600.0

Function = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]


class SparkExecutor:
    """Maps reading and staging over files on an open session. Use it from one thread."""

    def __init__(
        self,
        opened: SparkSession,
        address: str,
        home: Path,
        shared: Shared,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        function: str | None = None,
        files_a_task: int = FILES_A_TASK,
    ) -> None:
        self._session = opened
        self._address = address
        self._home = home
        self._shared = shared
        self._files_a_task = files_a_task
        function = function or os.environ.get("QINGQIAN_PARSE_FUNCTION") or DEFAULT_FUNCTION
        self._plan = Plan(shared=shared, made_with=made_with(), function=function, limits=limits)

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | Finished]:
        """One outcome for each task, job by job. Raises SparkError; what was yielded before stands."""
        lost: list[Task] = []
        packs = self._packed(tasks, lost)
        running: deque[tuple[dict[int, list[Task]], Future[list[Any]]]] = deque()
        begun: list[Future[list[Any]]] = []
        threads = ThreadPoolExecutor(JOBS_AT_ONCE, thread_name_prefix="spark-job")
        number = 0
        try:
            while True:
                while len(running) < JOBS_AT_ONCE:
                    job = dict(enumerate(islice(packs, TASKS_A_JOB), number))
                    if not job:
                        break
                    number += len(job)
                    begun.append(threads.submit(self._run_job, job))
                    running.append((job, begun[-1]))
                if not running:
                    break
                job, future = running.popleft()
                yield from self._adopted(job, self._result(future))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            if not all(f.done() for f in begun):
                self._cancel()
        if lost:  # not in the archive: say of each what a child here says
            with WorkerPool(1) as pool:
                yield from pool.run(lost)

    def _packed(self, tasks: Iterable[Task], lost: list[Task]) -> Iterator[list[Task]]:
        """Tasks of our own for Spark: some files each, laid where the machines find them."""
        pack: list[Task] = []
        size = 0
        for task in tasks:
            path = Path(task.path)
            if not path.is_file():
                lost.append(task)
                continue
            size += path.stat().st_size
            try:
                pack.append(msgspec.structs.replace(task, path=self._shared.lay(task.path, task.key)))
            except Exception as e:
                raise NotSharedError(self._shared.root, "（本机）", f"{type(e).__name__} {e}") from e
            if len(pack) >= self._files_a_task or size >= BYTES_A_TASK:
                yield pack
                pack, size = [], 0
        if pack:
            yield pack

    def _run_job(self, job: dict[int, list[Task]]) -> list[Any]:
        """The receipts of a job's tasks, from the cluster."""
        first = min(job)
        frame = self._session.range(first, first + len(job), 1, len(job))
        return list(frame.mapInArrow(work(self._plan, job), RECEIPT).collect())

    def _result(self, future: Future[list[Any]]) -> list[Any]:
        """A job's receipts. Spark itself waits for ever for machines that do not come back; a night does not."""
        deserted = 0.0
        while not future.done():
            wait([future], LOOK_SECONDS)
            deserted = deserted + LOOK_SECONDS if self._is_deserted() else 0.0
            if deserted >= DESERTED_SECONDS and not future.done():
                raise NoRoomError(self._address, deserted)
        try:
            return future.result()
        except Exception as e:
            raise told(e, self._address) from e

    def _is_deserted(self) -> bool:
        """True when the application has no executor left. A Connect server does not say."""
        with suppress(Exception):  # a driver that is gone fails its jobs too, which says more
            context = self._session.sparkContext
            return len(context._jsc.sc().statusTracker().getExecutorInfos()) <= 1  # the driver counts as one
        return False

    def _adopted(self, job: dict[int, list[Task]], receipts: list[Any]) -> Iterator[Outcome | Finished]:
        """What a job's packs hold, each task's files once and all of them."""
        if sorted(r["pack"] for r in receipts) != sorted(job):
            raise JobFailedError(f"{len(job)}个任务交回了{len(receipts)}份结果")
        for receipt in receipts:
            tasks = {t.key: t for t in job[receipt["pack"]]}
            given = self._home / "given"
            given.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".tmp-", dir=given))
            try:
                for key, files in self._fetched(receipt["name"], receipt["sha256"], folder):
                    del tasks[key]
                    yield _outcome(key, files)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            if tasks:
                raise JobFailedError(f"结果包 {receipt['name']} 少了{len(tasks)}个文件")
            self._shared.remove(receipt["name"])
            if not self._shared.in_place:
                for task in job[receipt["pack"]]:
                    self._shared.remove(task.key)

    def _fetched(self, name: str, sha256: str, folder: Path) -> Iterator[tuple[str, Path]]:
        """The files of a pack, which must be the one that its task wrote."""
        place = f"{self._shared.root}/{name}"
        with ExitStack() as stack:
            try:
                pack = stack.enter_context(self._shared.fetched(place, sha256))
                if sha256_of(pack) != sha256:
                    raise PackError("the checksum is another")
            except Exception as e:
                raise NotSharedError(place, "（本机）", f"{type(e).__name__} {e}") from e
            yield from unpacked(pack, folder)

    def _cancel(self) -> None:
        """Have the cluster drop what runs: the night has ended before it."""
        with suppress(Exception):  # the cluster may be what is gone
            if hasattr(self._session, "interruptAll"):
                self._session.interruptAll()
            else:
                self._session.sparkContext.cancelAllJobs()


def work(plan: Plan, job: dict[int, list[Task]]) -> Function:
    """The function that Spark maps: numbers of tasks in, receipts out.

    It is made here and not at the module's top so that it travels by value: a machine without qingqian then says so in
    words instead of failing before it begins.
    """

    def mapped(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow

        from pipelines.spark import task

        for batch in batches:
            for number in batch.column(0).to_pylist():
                name, sha256, files = task.run(plan, job[number])
                yield pyarrow.record_batch(
                    [[number], [name], [sha256], pyarrow.array([files], pyarrow.int32())],
                    names=["pack", "name", "sha256", "files"],
                )

    return mapped


def _outcome(key: str, files: Path) -> Outcome | Finished:
    """What a pack says of one file."""
    report = msgspec.json.decode((files / REPORT).read_bytes(), type=Report)
    if report.holds_files:
        payload = gzip.decompress((files / PAYLOAD).read_bytes())
        return Outcome(key=key, ok=True, payload=payload, seconds=report.seconds)
    (files / REPORT).unlink()
    return Finished(
        key=key,
        status=report.status,
        error_code=report.error_code,
        error_message=report.error_message,
        seconds=report.seconds,
        folder=files,
    )


def on_cluster(address: str, home: Path) -> Executors:
    """Executors on the cluster at an address: one session, opened with the first block and ended with the last."""
    opened: list[SparkExecutor] = []

    @contextmanager
    def executors(workers: int) -> Iterator[Executor]:
        if opened:
            yield opened[0]
            return
        with on_session(address, home) as executor:
            opened.append(executor)
            try:
                yield executor
            finally:
                opened.clear()

    return executors


@contextmanager
def on_session(address: str, home: Path) -> Iterator[SparkExecutor]:
    """An executor on a session of its own, its machines asked first. Raises SparkError."""
    shared = shared_of(home)
    with session(address, home) as spark:
        try:
            shared.open()
        except Exception as e:
            raise NotSharedError(shared.root, "（本机）", f"{type(e).__name__} {e}") from e
        try:
            probe.ask(spark, address, shared)
            yield SparkExecutor(spark, address, home, shared)
        finally:
            shared.close()
