"""What can be wrong with a cluster, each as its own type with one sentence that says what to do.

Machines of the cluster say it as text, since that is all that comes back of an exception there: `MARK[code]: sentence`.
"""

from __future__ import annotations

import re
from typing import ClassVar

from pipelines.reading import ExecutorError

MARK = "QINGQIAN"
_MARKED = re.compile(MARK + r"\[(\w+)\]: ([^\n]*)")


class SparkError(ExecutorError):
    """Any trouble with the cluster."""

    part: ClassVar[str] = "集群"  # what `qingqian doctor` calls it

    @property
    def looked(self) -> str:
        """What it says where nobody was reading yet."""
        return str(self)


class NotInstalledError(SparkError):
    """pyspark, or Java for it, is not on this machine."""

    part: ClassVar[str] = "安装"


class ClusterAwayError(SparkError):
    """The cluster does not answer, or was lost half-way. Passing."""

    part: ClassVar[str] = "集群地址"

    def __init__(self, address: str, why: str) -> None:
        self._address, self._why = address, why
        super().__init__(
            f"Spark 集群 {address} 连不上或中途断开（{why}）；已读的文件都已保存，请检查集群和网络后重跑 nightly。",
            passing=True,
        )

    @property
    def looked(self) -> str:
        return (
            f"Spark 集群 {self._address} 没有应答（{self._why}）；"
            "请核对地址和端口，并看主节点（或 Connect 服务）是否在运行、网络和防火墙是否放行。"
        )


class NoRoomError(SparkError):
    """The cluster took the application and gives it no executor. Passing."""

    part: ClassVar[str] = "执行器"

    def __init__(self, address: str, seconds: float) -> None:
        super().__init__(
            f"Spark 集群 {address} 在{seconds:g}秒内没有分给执行器（核或内存都被占用，或每个执行器要得太多）；"
            "请稍后重跑，或调小 spark.executor.memory、spark.cores.max。",
            passing=True,
        )


class VersionsDifferError(SparkError):
    """Python, Spark or qingqian on the cluster are of other versions than here."""

    part: ClassVar[str] = "版本"


class WithoutQingqianError(SparkError):
    """Machines of the cluster cannot import qingqian."""

    part: ClassVar[str] = "集群机器"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(
            f"集群机器 {host} 上的 Python 没有装 qingqian 或装得不全（{why}）；"
            "请在每台机器装同一个安装包，并把 PYSPARK_PYTHON 指向它的 venv/bin/python（见 docs/scaling.md）。"
        )


class NotSharedError(SparkError):
    """Machines of the cluster do not see what the night puts on the shared storage, or the reverse."""

    part: ClassVar[str] = "共享存储"

    def __init__(self, place: str, host: str, why: str) -> None:
        super().__init__(
            f"集群机器 {host} 读写不了共享存储 {place}（{why}）；请把状态目录放在各机器同一路径的共享盘上，"
            "或用 QINGQIAN_SHARED 指定各机器都能读写的路径或 s3:// 地址。"
        )


class JobFailedError(SparkError):
    """The cluster is there and our job failed on it, which no document can bring about."""

    part: ClassVar[str] = "作业"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Spark 作业失败（{why}）；已读的文件都已保存，请看集群上执行器的日志，"
            "内存不够的把 spark.executor.memoryOverhead 调到每核 2.5 GB 后重跑。"
        )


def marked(code: str, sentence: str) -> str:
    """The text of an exception raised on a machine of the cluster."""
    return f"{MARK}[{code}]: {sentence}"


def marked_in(text: str) -> tuple[str, str] | None:
    """Code and sentence of such an exception, found in what Spark made of it."""
    found = _MARKED.search(text)
    return (found[1], found[2].strip()) if found is not None else None


_LOST = (
    "SparkContext was shut down", "SparkContext was stopped", "stopped SparkContext", "All masters are unresponsive",
    "Connection refused", "UNAVAILABLE", "Connection reset", "An error occurred while trying to connect to the Java",
    "Answer from Java side is empty", "Py4JNetworkError", "Master removed our application", "SESSION_CLOSED",
    "failed to connect to all addresses", "INVALID_HANDLE",
)  # fmt: skip
_VERSIONS = ("InvalidClassException", "local class incompatible", "NoSuchMethodError", "serialVersionUID")


def told(error: BaseException, address: str) -> SparkError:
    """What Spark or the network raised, as one of the types above."""
    if isinstance(error, SparkError):
        return error
    text = f"{type(error).__name__}: {error}"
    found = marked_in(text)
    if found is not None:
        code, sentence = found
        if code == "versions":
            return VersionsDifferError(sentence)
        if code == "storage":
            host, _, rest = sentence.partition("|")
            place, _, why = rest.partition("|")
            return NotSharedError(place, host, why)
        return JobFailedError(sentence)
    if "PYTHON_VERSION_MISMATCH" in text or "different minor versions" in text:
        versions = re.findall(r"\b3\.\d+\b", text)
        there, here = (versions[0], versions[1]) if len(versions) > 1 else ("?", "?")
        return VersionsDifferError(
            f"集群机器上的 Python 是 {there}，这里是 {here}；两边须是同一个小版本，请改集群的 PYSPARK_PYTHON。"
        )
    if (missing := re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", text)) is not None:
        return WithoutQingqianError("（见执行器日志）", f"找不到模块 {missing[1]}")
    if re.search(r"Cannot run program \"[^\"]*python", text):
        return WithoutQingqianError("（见执行器日志）", "PYSPARK_PYTHON 指的解释器不存在")
    if any(word in text for word in _VERSIONS):
        return VersionsDifferError(
            f"集群的 Spark 与这里的 pyspark {_pyspark_version()} 不是同一版本；请装与集群同版本的 pyspark。"
        )
    if any(word in text for word in _LOST) or isinstance(error, ConnectionError | TimeoutError):
        return ClusterAwayError(address, _short(text))
    return JobFailedError(_short(text))


def _pyspark_version() -> str:
    import importlib.metadata

    try:
        return importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _short(text: str) -> str:
    """The line of a long report that names the cause, cut to a sentence's size."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith(("Caused by:", "py4j.", "org.apache", "Reason:"))]
    said = next((line for line in lines if "Job aborted" in line or "most recent failure" in line.lower()), None)
    line = said or (causes or lines or ["原因不明"])[0]
    return re.sub(r"\s+", " ", line)[:300]
