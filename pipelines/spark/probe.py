"""Before the work: the cluster's machines are asked whether they can do it, so that what is missing is one sentence
at the beginning and not a stack of failed tasks.
"""

from __future__ import annotations

import platform
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pipelines.spark.shared import Shared
from pipelines.spark.task import made_with
from pipelines.spark.troubles import (
    NoRoomError,
    NotSharedError,
    VersionsDifferError,
    WithoutQingqianError,
    told,
)

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

WAIT_SECONDS = 120.0
_ANSWERS = 8
_ANSWER = "host string, python string, missing string, made_with string, storage string, wrote string"


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What one machine said: its name, its Python, what it could not import, what qingqian there is, what is wrong with
    the storage, and the name of the file it wrote there."""

    host: str
    python: str
    missing: str | None
    made_with: str | None
    storage: str | None
    wrote: str | None


def ask(spark: SparkSession, address: str, shared: Shared, *, seconds: float = WAIT_SECONDS) -> list[Machine]:
    """Every machine that answered. Raises the SparkError that fits the first that cannot do the work, NoRoomError when
    nobody answers in time."""
    with tempfile.TemporaryDirectory(prefix="qingqian-probe-") as folder:
        question = Path(folder) / "question"
        question.write_text(uuid.uuid4().hex, encoding="ascii")
        try:
            shared.put(question, question.name)
        except Exception as e:
            raise NotSharedError(shared.root, "（本机）", f"{type(e).__name__} {e}") from e
        word = question.read_text(encoding="ascii")
    rows = _collected(spark, address, look(msgspec.to_builtins(shared), word), seconds)
    machines = {m.host: m for r in rows for m in [Machine(**r.asDict())]}
    for machine in machines.values():
        _judge(machine, shared)
    for row in rows:
        shared.remove(row["wrote"])
    shared.remove("question")
    return list(machines.values())


def _judge(machine: Machine, shared: Shared) -> None:
    if machine.python.rsplit(".", 1)[0] != platform.python_version().rsplit(".", 1)[0]:
        raise VersionsDifferError(
            f"集群机器 {machine.host} 上的 Python 是 {machine.python}，这里是 {platform.python_version()}；"
            "两边须是同一个小版本，请改集群的 PYSPARK_PYTHON。"
        )
    if machine.missing is not None:
        raise WithoutQingqianError(machine.host, machine.missing)
    if machine.made_with != made_with():
        raise VersionsDifferError(
            f"集群机器 {machine.host} 上的 qingqian（{machine.made_with}）与这里的（{made_with()}）不是同一版；"
            "请在每台机器装同一个安装包。"
        )
    if machine.storage is not None:
        raise NotSharedError(shared.root, machine.host, machine.storage)
    try:
        with shared.fetched(f"{shared.root}/{machine.wrote}"):
            pass
    except Exception as e:
        raise NotSharedError(shared.root, machine.host, f"它写的文件这里看不到：{type(e).__name__}") from e


def _collected(spark: SparkSession, address: str, function: Callable[..., Any], seconds: float) -> list[Any]:
    """The rows of a small job. It runs in a thread of its own, since a cluster without room answers nothing at all."""

    def asked() -> list[Any]:
        return list(spark.range(0, _ANSWERS, 1, _ANSWERS).mapInArrow(function, _ANSWER).collect())

    threads = ThreadPoolExecutor(1, thread_name_prefix="spark-probe")
    try:
        future: Future[list[Any]] = threads.submit(asked)
        try:
            return future.result(seconds)
        except TimeoutError as e:
            with suppress(Exception):  # it may not even answer this
                spark.interruptAll() if hasattr(spark, "interruptAll") else spark.sparkContext.cancelAllJobs()
            raise NoRoomError(address, seconds) from e
        except Exception as e:
            raise told(e, address) from e
    finally:
        threads.shutdown(wait=False)


def look(shared: dict[str, Any], word: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The question, as a function that travels by value: it must run where qingqian is missing too."""

    def looked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import platform
        import socket
        import tempfile
        import uuid
        from pathlib import Path

        import pyarrow

        missing = made = storage = wrote = None
        for _ in batches:
            pass
        try:
            from pipelines.spark.shared import Shared
            from pipelines.spark.task import made_with

            made = made_with()
        except ImportError as e:
            missing = f"找不到模块 {e.name or e}"
        else:
            here = Shared(**shared)
            try:
                with here.fetched(f"{here.root}/question") as path:
                    storage = None if path.read_text() == word else "内容不符"
                with tempfile.TemporaryDirectory() as folder:
                    answer = Path(folder) / "answer"
                    answer.write_text(word)
                    wrote = f"answer-{uuid.uuid4().hex}"
                    here.put(answer, wrote)
            except Exception as e:  # noqa: BLE001 - storages raise each their own; it is told in a sentence
                storage = f"{type(e).__name__} {e}"[:300]
        values = [socket.gethostname(), platform.python_version(), missing, made, storage, wrote]
        yield pyarrow.record_batch(
            [pyarrow.array([value], pyarrow.string()) for value in values],
            names=["host", "python", "missing", "made_with", "storage", "wrote"],
        )

    return looked
