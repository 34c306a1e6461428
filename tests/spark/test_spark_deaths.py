"""What dies on the cluster costs time and nothing else: executors, machines, Python workers, poisonous documents.

One application for the whole module (some 100 CPU seconds). `QINGQIAN_TEST_ALL_FAULTS=1` kills again and again over
ten times as many documents.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest

from pipelines.isolation.limits import MIB, Limits
from pipelines.progress import Bar
from pipelines.reading import ToRead, load_facts, read_files
from tests.spark.cluster import HERE, Cluster, below, cluster, free_port, kill, need_spark, words
from tests.spark.documents import archived, digests, stage_all

FULL = os.environ.get("QINGQIAN_TEST_ALL_FAULTS") == "1"
DOCUMENTS, KILLS = (600, 8) if FULL else (60, 1)
BUCKET = "shared"


class Application:
    """A cluster with one session on it, and a storage that speaks S3 beside it."""

    def __init__(self, running: Cluster, stack: ExitStack, home: Path) -> None:
        from pipelines.spark.session import session

        self.cluster = running
        self.home = home
        self.session = stack.enter_context(session(running.address, home))


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    need_spark()
    folder = tmp_path_factory.mktemp("deaths")
    port = free_port()
    s3 = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t",
          "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
    from moto.moto_server.threaded_moto_server import ThreadedMotoServer

    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for key, value in s3.items():
            patch.setenv(key, value)
        server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        server.start()
        stack.callback(server.stop)
        running = stack.enter_context(cluster(folder / "cluster", s3))
        yield Application(running, stack, folder / "driver")


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from benchmarks.big_night import make

    folder = tmp_path_factory.mktemp("documents") / "inbox"
    make(folder, DOCUMENTS)
    return folder


@pytest.fixture(scope="module")
def expected(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What this machine makes of the documents."""
    home = tmp_path_factory.mktemp("here")
    files = archived(home, inbox)
    assert len(list(read_files(home, files, 2, Bar()))) == len(files) == DOCUMENTS
    stage_all(home, files)
    return digests(home)


During = Callable[[Path, threading.Event], None]


def on_it(application: Application, home: Path, files: list[ToRead], during: During | None = None,
          **more: object) -> list[str]:  # fmt: skip
    """Read on the cluster while `during` is at work beside, told when all is read; the status of each file."""
    from pipelines.spark import probe
    from pipelines.spark.cluster import SparkExecutor
    from pipelines.spark.shared import shared_of

    shared = shared_of(home)
    shared.open()
    probe.ask(application.session, application.cluster.address, shared)
    executor = SparkExecutor(application.session, application.cluster.address, home, shared, files_a_task=2, **more)  # type: ignore[arg-type]
    over = threading.Event()
    beside = threading.Thread(target=during, args=(Path(shared.root), over)) if during is not None else None
    try:
        if beside is not None:
            beside.start()
        return [r.status for r in read_files(home, files, 2, Bar(), lambda _: nullcontext(executor))]
    finally:
        over.set()
        if beside is not None:
            beside.join()
        shared.close()


def python_worker(running: Cluster) -> int | None:
    """The process that runs our function: forked off the daemon, with a limited child of its own."""
    for worker in running.workers:
        for pid in below(worker.pid):
            if "pipelines.isolation.worker" in words(pid):
                return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    return None


def executor_jvm(running: Cluster) -> int | None:
    for worker in running.workers:
        for pid in below(worker.pid):
            if "CoarseGrainedExecutorBackend" in words(pid):
                return pid
    return None


def kill_python_worker(running: Cluster) -> bool:
    pid = python_worker(running)
    return pid is not None and "pyspark.daemon" in words(pid) and kill(pid)


def kill_executor(running: Cluster) -> bool:
    pid = executor_jvm(running)
    return pid is not None and kill(pid)


def kill_machine(running: Cluster) -> bool:
    """A worker with everything on it; another machine takes its place, as an operator would see to."""
    worker = running.workers.pop(0)
    all_of_it = [*below(worker.pid), worker.pid]
    busy = any("CoarseGrainedExecutorBackend" in words(pid) for pid in all_of_it)
    killed = [kill(pid) for pid in all_of_it]
    running.add_worker(len(running.workers) + 10)
    return busy and killed[-1]


@pytest.mark.parametrize("killer", [kill_python_worker, kill_executor, kill_machine], ids=lambda f: f.__name__)
def test_a_death_loses_and_doubles_nothing(
    application: Application,
    inbox: Path,
    expected: dict[str, str],
    tmp_path: Path,
    killer: Callable[[Cluster], bool],
) -> None:
    files = archived(tmp_path, inbox)
    killed: list[int] = []

    def during(packs: Path, over: threading.Event) -> None:
        """Kill once the work is under way, and again each time it has gone on a little."""
        while len(killed) < KILLS and not over.wait(0.05):
            done = len(list(packs.glob("pack-*.arrow")))
            # results are adopted when a whole job is done, so packs that lie there mean that it still runs
            if done >= 2 + 8 * len(killed) and killer(application.cluster):
                killed.append(done)

    statuses = on_it(application, tmp_path, files, during)
    assert len(killed) == KILLS, "the killer found nothing to kill"
    assert killed[0] < len(files) / 2, "the work was over before the killer struck"
    assert statuses == ["ok"] * len(files)
    assert stage_all(tmp_path, files) == len(files)
    assert digests(tmp_path) == expected


def test_a_poisonous_document_is_one_typed_failure(application: Application, tmp_path: Path) -> None:
    """Never a failed task: the same failures, word for word, that children of this machine give."""
    from pipelines.isolation.pool import WorkerPool

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for kind in ("kill", "memory", "hang"):
        (inbox / f"{kind}.txt").write_text(f"POISON {kind}")
    for number in range(5):
        (inbox / f"好{number}.txt").write_text(f"截至2026年6月30日，全市拖欠账款{number}200万元。")
    limits = Limits(wall_seconds=10.0, memory_bytes=1024 * MIB)
    there, here = tmp_path / "there", tmp_path / "here"
    files = archived(there, inbox)
    statuses = on_it(application, there, files, None, limits=limits, function="poisoned:process")
    assert sorted(statuses) == ["failed"] * 3 + ["ok"] * 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        same = archived(here, inbox)
        list(read_files(here, same, 2, Bar(), lambda n: WorkerPool(n, limits, function="poisoned:process")))
    stage_all(there, files), stage_all(here, same)
    assert digests(there) == digests(here)
    found = {f.name: load_facts(there, f.file_id, f.version) for f in files}
    codes = {name: x.failure.code for name, x in found.items() if x is not None and x.failure is not None}
    assert codes == {"kill.txt": "crash", "memory.txt": "memory", "hang.txt": "timeout"}


def test_originals_and_results_travel_by_an_object_store(application: Application, tmp_path: Path) -> None:
    """Nothing is mounted, and nothing stays there."""
    import s3fs

    bucket = s3fs.S3FileSystem()
    bucket.mkdir(BUCKET)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    samples = Path(__file__).resolve().parents[2] / "samples" / "inbox"
    for name in (
        "2026-06-03_溆浦县_投诉办理通知.html",
        "2026-08-06_绩溪县_乡镇零报告.zip",
        "台账_旌德县_2026年6月.csv",
    ):
        (inbox / name).write_bytes((samples / name).read_bytes())
    there, here = tmp_path / "there", tmp_path / "here"
    files, same = archived(there, inbox), archived(here, inbox)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QINGQIAN_SHARED", f"s3://{BUCKET}/night")
        assert on_it(application, there, files) == ["ok"] * 3
    list(read_files(here, same, 1, Bar()))
    assert stage_all(there, files) == 2  # the archive's files are to be archived by the night, and it is staged there
    stage_all(here, same)
    assert digests(there) == digests(here)
    assert bucket.find(f"{BUCKET}/night") == []


def test_a_storage_that_the_machines_do_not_see_is_said(application: Application, tmp_path: Path) -> None:
    """`/proc/self/cwd` is another folder for every process."""
    from pipelines.spark import probe
    from pipelines.spark.shared import Shared
    from pipelines.spark.troubles import NotSharedError

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        apart = Shared(root="/proc/self/cwd/mine/night", mine="/proc/self/cwd/mine", in_place=True)
        apart.open()
        with pytest.raises(NotSharedError, match="读写不了共享存储"):
            probe.ask(application.session, application.cluster.address, apart)


def test_what_a_lost_cluster_did_not_give_is_read_here(
    application: Application, inbox: Path, expected: dict[str, str], tmp_path: Path
) -> None:
    """All of it dies in the middle, for good: this comes last."""
    from pipelines.executors import WithFallback
    from pipelines.spark import cluster as module
    from pipelines.spark.cluster import SparkExecutor
    from pipelines.spark.shared import shared_of

    files = archived(tmp_path, inbox)
    shared = shared_of(tmp_path)
    shared.open()
    address = application.cluster.address
    executor = SparkExecutor(application.session, address, tmp_path, shared, files_a_task=2)

    def during() -> None:
        until = time.monotonic() + 120
        while not list(Path(shared.root).glob("pack-*.arrow")) and time.monotonic() < until:
            time.sleep(0.05)
        application.cluster.stop()

    beside = threading.Thread(target=during)
    executors = WithFallback(lambda _: nullcontext(executor), tries=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LOOK_SECONDS", 1.0)
        patch.setattr(module, "DESERTED_SECONDS", 3.0)
        beside.start()
        read = list(read_files(tmp_path, files, 2, Bar(), executors))
        beside.join()
    assert executors.away is not None and address in executors.away
    assert [r.status for r in read] == ["ok"] * len(files)
    shared.close()
    stage_all(tmp_path, files)
    assert digests(tmp_path) == expected
