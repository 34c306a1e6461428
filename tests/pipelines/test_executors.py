"""The setting of where files are read, and what happens when a cluster is not there: real addresses, no listener."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.executors import WithFallback, address_set, executors_set
from pipelines.isolation.outcome import Outcome, Task
from pipelines.night import Night
from pipelines.progress import Bar
from pipelines.reading import Executor, ExecutorError, Finished, in_children, read_files
from pipelines.spark.troubles import (
    ClusterAwayError,
    NotInstalledError,
    WithoutQingqianError,
    marked,
    told,
)
from pipelines.transient import is_transient
from tests.pipelines.test_executor import files

ADDRESS = "spark://10.0.0.1:7077"


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which no cluster listens."""
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        yield f"spark://127.0.0.1:{taken.getsockname()[1]}"


@pytest.mark.parametrize("given", ["yarn", "spark://", "http://x", "Local"])
def test_a_setting_that_is_not_known_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGQIAN_EXECUTOR", given)
    with pytest.raises(ExecutorError, match="QINGQIAN_EXECUTOR"):
        address_set()


def test_this_machine_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QINGQIAN_EXECUTOR", raising=False)
    assert executors_set(tmp_path) is in_children
    monkeypatch.setenv("QINGQIAN_EXECUTOR_FALLBACK", "maybe")
    with pytest.raises(ExecutorError, match="FALLBACK"):
        executors_set(tmp_path)


def test_no_java_is_one_sentence(tmp_path: Path, nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark", reason="没有安装 pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("QINGQIAN_EXECUTOR", nobody)
    with pytest.raises(NotInstalledError, match=r"JAVA_HOME=.*下没有 bin/java"):
        list(read_files(tmp_path, files(tmp_path), 2, Bar(), executors_set(tmp_path)))
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotInstalledError, match="没有找到 Java"):
        list(read_files(tmp_path, files(tmp_path), 2, Bar(), executors_set(tmp_path)))


def test_no_cluster_is_one_sentence_and_may_pass(tmp_path: Path, nobody: str) -> None:
    pytest.importorskip("pyspark", reason="没有安装 pyspark")
    from pipelines.spark.session import check_answers

    for address in (nobody, nobody.replace("spark://", "sc://") + "/;use_ssl=true"):
        with pytest.raises(ClusterAwayError, match="连不上") as found:
            check_answers(address)
        assert is_transient(found.value)
        assert "没有应答" in found.value.looked and "已读" not in found.value.looked  # the doctor has read nothing


def test_a_night_without_its_cluster_is_read_here_where_the_setting_says_so(tmp_path: Path, nobody: str) -> None:
    """People are told until files are read where they should be; without the setting the step fails and may be tried
    again."""
    pytest.importorskip("pyspark", reason="没有安装 pyspark")
    from pipelines.spark.cluster import on_cluster

    (tmp_path / "inbox").mkdir()
    found = files(tmp_path / "inbox")
    home, inbox, day = tmp_path / "home", tmp_path / "inbox", dt.date(2026, 8, 20)
    strict = Night(home=home, inbox=inbox, executors=on_cluster(nobody, home))
    strict.pull(day, "run")
    with pytest.raises(ClusterAwayError, match="连不上"):
        strict.read(day)
    either = WithFallback(on_cluster(nobody, home), tries=2, wait=0)
    night = Night(home=home, inbox=inbox, executors=either)
    assert len(night.read(day)) == len(found)
    (trouble,) = night.troubles()
    assert trouble.kind == "executor" and "今夜改在本机读取" in trouble.message and nobody in trouble.message
    either.away = None
    night.read(day)
    assert night.troubles() == []


class Failing:
    """A cluster that gives some outcomes and is lost then, as often as asked."""

    def __init__(self, gives: int) -> None:
        self.gives = gives
        self.opened = 0
        self.error: ExecutorError = ClusterAwayError(ADDRESS, "gone")

    @contextmanager
    def __call__(self, workers: int) -> Iterator[Executor]:
        self.opened += 1
        if self.opened <= 1:
            raise self.error
        yield self

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome | Finished]:
        given = 0
        with in_children(1) as here:
            for outcome in here.run(tasks):
                if given == self.gives:
                    raise self.error
                given += 1
                yield outcome


def test_what_the_cluster_did_not_give_is_read_here(tmp_path: Path) -> None:
    cluster = Failing(gives=1)
    executors = WithFallback(cluster, tries=2, wait=0)
    read = list(read_files(tmp_path, files(tmp_path), 2, Bar(), executors))
    assert sorted(r.status for r in read) == ["failed", "ok", "ok"] and len({r.file_id for r in read}) == 3
    assert cluster.opened == 2 and executors.away is not None and ADDRESS in executors.away
    list(read_files(tmp_path / "again", files(tmp_path), 2, Bar(), executors))
    assert cluster.opened == 2  # tonight it is not asked again


def test_a_cluster_that_is_set_up_wrongly_is_no_reason_to_read_here(tmp_path: Path) -> None:
    cluster = Failing(gives=0)
    cluster.error = WithoutQingqianError("node7", "x")
    with pytest.raises(WithoutQingqianError):
        list(read_files(tmp_path, files(tmp_path), 2, Bar(), WithFallback(cluster, tries=2, wait=0)))


def test_an_executor_that_loses_a_file_is_found_out(tmp_path: Path) -> None:
    class Loses:
        def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            with in_children(1) as here:
                yield from here.run(list(tasks)[1:])

    @contextmanager
    def loses(workers: int) -> Iterator[Executor]:
        yield Loses()

    with pytest.raises(ExecutorError, match="少1个"):
        list(read_files(tmp_path, files(tmp_path), 2, Bar(), loses))


@pytest.mark.parametrize(
    ("text", "part", "passing"),
    [
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9 than in driver: 3.11", "版本", False),
        ("RuntimeError: " + marked("versions", "集群机器 n1 上的 qingqian 不是同一版。") + "\n at x", "版本", False),
        ("x " + marked("storage", "n1|/mnt/a|FileNotFoundError"), "共享存储", False),
        ("PythonException: ModuleNotFoundError: No module named 'extractors'", "集群机器", False),
        ('java.io.IOException: Cannot run program "/opt/q/bin/python3": error=2', "集群机器", False),
        ("java.io.InvalidClassException: x; local class incompatible", "版本", False),
        ("org.apache.spark.SparkException: Job 0 cancelled because SparkContext was shut down", "集群地址", True),
        ("_InactiveRpcError StatusCode.UNAVAILABLE", "集群地址", True),
        ("Job aborted due to stage failure: Task 3 failed 8 times: ExecutorLostFailure exit 137", "作业", False),
    ],
)  # fmt: skip
def test_what_spark_raises_becomes_a_type_and_a_sentence(text: str, part: str, passing: bool) -> None:
    error = told(RuntimeError(text), ADDRESS)
    assert error.part == part and error.passing is passing
    assert "\n" not in str(error) and str(error).endswith("。")
