"""Opening what speaks to a cluster: a classic driver in a JVM of its own, or a Spark Connect client.

What the JVM prints goes to `<home>/logs/spark-driver.log`, never to the terminal.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.spark.troubles import ClusterAwayError, NotInstalledError, SparkError, told

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ANSWER_SECONDS = 10.0
_PORTS = {"spark": 7077, "sc": 15002}
# Ours, where the operator's spark-defaults.conf does not say otherwise.
_DEFAULTS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.task.maxFailures": "8",  # a document cannot fail a task, so each failure is a machine's: try elsewhere
}


@contextmanager
def session(address: str, home: Path) -> Iterator[SparkSession]:
    """A session on the cluster at `spark://host:port[,host:port]` or `sc://host:port`, ended with the block.

    Raises NotInstalledError, ClusterAwayError or another SparkError.
    """
    check_installed(address)
    check_answers(address)
    # a remark for developers: what is used here hands Arrow on and no pandas
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    try:
        from pyspark.sql import SparkSession
    except ImportError as e:
        raise NotInstalledError(f"pyspark 装得不全（{e}）；请重新安装 pip install 'qingqian[spark]'。") from e
    if address.startswith("sc://"):
        with _told(address):
            opened = SparkSession.builder.remote(address).getOrCreate()
            version = opened.version
        try:
            _check_version(version)
            yield opened
        finally:
            with suppress(Exception):  # the server may be gone; it ends the session by itself then
                opened.stop()
        return
    with _driver(address, home) as context:
        yield SparkSession(context)


def check_installed(address: str) -> None:
    """Raises NotInstalledError when pyspark, what Spark Connect needs, or Java is missing."""
    from importlib.util import find_spec

    if find_spec("pyspark") is None:
        raise NotInstalledError("设了 Spark 集群，但没有装 pyspark；请运行 pip install 'qingqian[spark]'。")
    if address.startswith("sc://"):
        missing = [name for name in ("grpc", "grpc_status", "zstandard", "pandas") if find_spec(name) is None]
        if missing:
            raise NotInstalledError(
                f"Spark Connect 客户端还缺 {'、'.join(missing)}；请运行 pip install 'pyspark[connect]'。"
            )
    elif java() is None:
        if home := os.environ.get("JAVA_HOME"):
            raise NotInstalledError(
                f"JAVA_HOME={home} 下没有 bin/java；请改成 Java（17 或更新）所在的目录，或去掉它用 PATH 里的 java。"
            )
        raise NotInstalledError(
            "没有找到 Java（17 或更新）；请安装 openjdk-17-jre-headless 或设 JAVA_HOME，或改用 sc:// 地址。"
        )


def java() -> str | None:
    """The Java that a driver here would run on; None when there is none."""
    home = os.environ.get("JAVA_HOME")
    if home:
        path = Path(home, "bin", "java")
        return str(path) if os.access(path, os.X_OK) else None
    return shutil.which("java")


def check_answers(address: str) -> None:
    """Raises ClusterAwayError when none of the address's hosts takes a connection."""
    scheme, _, rest = address.partition("://")
    why = ""
    for place in re.split(r"[;/]", rest)[0].split(","):
        host, _, port = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", str(_PORTS[scheme]))
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_SECONDS).close()
        except OSError as e:
            why = e.strerror or str(e)
        else:
            return
    raise ClusterAwayError(address, why)


@contextmanager
def _driver(address: str, home: Path) -> Iterator[Any]:
    """A SparkContext in a JVM of its own, which ends with the block."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._active_spark_context is not None:  # started by spark-submit, or a notebook's: not ours to end
        yield SparkContext._active_spark_context
        return
    log = home / "logs" / "spark-driver.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    given = SparkConf(loadDefaults=False).setAppName("qingqian").setMaster(address)
    set_by_operator = _operators_settings()
    for key, value in _DEFAULTS.items():
        if key not in set_by_operator:
            given.set(key, value)
    with log.open("ab") as printed:
        try:
            launch: Any = launch_gateway  # comes without types
            gateway = launch(given, {"stdout": printed, "stderr": printed})
            context = SparkContext(conf=given, gateway=gateway)
        except Exception as e:
            _end_jvm()
            raise _at_start(e, address, log) from e
    try:
        yield context
    finally:
        with suppress(Exception):  # a JVM that died has nothing left to stop
            context.stop()
        _end_jvm()


def _at_start(error: Exception, address: str, log: Path) -> SparkError:
    """What kept a driver from starting: the JVM's own words are in its log only."""
    if "JAVA_GATEWAY_EXITED" in str(error):
        last = [line for line in log.read_text("utf-8", "replace").splitlines()[-40:] if line.strip()]
        said = next((line for line in last if "Exception" in line or "Unsupported" in line), last[-1] if last else "")
        return NotInstalledError(f"Java 起不来（{said.strip()[:200]}）；请检查 Java 版本（17 或更新）和 {log}。")
    found = told(error, address)
    # a driver that the masters refuse says only that it was stopped; a master of another version does not answer it
    if "stopped" in str(error).lower() or isinstance(found, ClusterAwayError):
        return ClusterAwayError(address, "主节点没有接受这个应用；也可能是集群的 Spark 版本与这里的 pyspark 不同")
    return found


def _operators_settings() -> set[str]:
    """The keys of the operator's spark-defaults.conf and PYSPARK_SUBMIT_ARGS."""
    folder = os.environ.get("SPARK_CONF_DIR") or (
        str(Path(os.environ["SPARK_HOME"], "conf")) if os.environ.get("SPARK_HOME") else ""
    )
    path = Path(folder, "spark-defaults.conf")
    lines = path.read_text("utf-8", "replace").splitlines() if folder and path.is_file() else []
    found = {re.split(r"[\s=:]", line.strip(), maxsplit=1)[0] for line in lines if line.strip()[:1] not in ("", "#")}
    return found | set(re.findall(r"--conf\s+['\"]?([\w.]+)=", os.environ.get("PYSPARK_SUBMIT_ARGS", "")))


def _end_jvm() -> None:
    """End the driver's JVM: the rest of the night needs its memory. pyspark itself keeps it until Python ends."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    process = getattr(gateway, "proc", None)
    with suppress(Exception):  # a dead JVM's sockets raise whatever they like
        gateway.shutdown()
    if process is not None:
        process.stdin.close()  # it ends by itself when this closes
        try:
            process.wait(20)
        except Exception:  # noqa: BLE001 - subprocess.TimeoutExpired; it must go in any case
            process.kill()
            process.wait()


def _check_version(cluster: str) -> None:
    """A Connect server of the same major version serves; the protocol is kept within it."""
    import pyspark

    from pipelines.spark.troubles import VersionsDifferError

    if cluster.split(".")[0] != pyspark.__version__.split(".")[0]:
        raise VersionsDifferError(
            f"集群的 Spark 是 {cluster}，这里的 pyspark 是 {pyspark.__version__}；请装与集群同一大版本的 pyspark。"
        )


@contextmanager
def _told(address: str) -> Iterator[None]:
    try:
        yield
    except Exception as e:
        raise told(e, address) from e
