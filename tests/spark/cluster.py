"""A real Spark cluster on loopback from the PyPI package: one master, two workers of one core, as processes.

Starting it costs some 10 CPU seconds, each application on it 15 more: share it within a module.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
_SMALL = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# A third less at every start: our own classes need no verifying, and plans of two steps no compiling.
_UNVERIFIED = f"{_SMALL} -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
_QUICK = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
_SETTINGS = {
    "spark.executor.memory": "512m", "spark.executor.cores": "1", "spark.driver.memory": "512m",
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
}  # fmt: skip
WAIT_SECONDS = 90.0


def need_spark() -> None:
    """Skip aloud where the package or Java is missing."""
    pytest.importorskip("pyspark", reason="pyspark is not installed: LOCK=requirements-spark.lock make test runs these")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: the Spark tests need openjdk-17-jre-headless")


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Cluster:
    """The processes of a cluster. `environment` is what a driver on it needs."""

    def __init__(self, folder: Path, more: Mapping[str, str], *, is_quick: bool) -> None:
        import pyspark

        java = _UNVERIFIED if is_quick else _SMALL
        said = _SETTINGS | {f"spark.{who}.extraJavaOptions": java for who in ("driver", "executor")}
        said |= _QUICK if is_quick else {}

        self.folder = folder
        self.home = Path(pyspark.__file__).parent
        self.address = f"spark://127.0.0.1:{free_port()}"
        (folder / "spark-defaults.conf").write_text("".join(f"{k} {v}\n" for k, v in said.items()))
        self.environment = {
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_CONF_DIR": str(folder),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        self._own = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "SPARK_", "PYSPARK_"))},
            **self.environment,
            **more,
            "SPARK_HOME": str(self.home),
            "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_DAEMON_JAVA_OPTS": java,
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        port = self.address.rpartition(":")[2]
        where = ("--host", "127.0.0.1", "--webui-port", "0")
        self.run("org.apache.spark.deploy.master.Master", "master", *where, "--port", port)
        for number in (1, 2):
            self.add_worker(number)

    def add_worker(self, number: int) -> None:
        """One more machine; returns once the master knows it."""
        known = self._registered()
        where = ("--host", "127.0.0.1", "--webui-port", "0", "--cores", "1", "--memory", "1g")
        work = self.folder / f"worker-{number}"
        name = "org.apache.spark.deploy.worker.Worker"
        self.workers.append(self.run(name, work.name, *where, "--work-dir", str(work), self.address))
        until = time.monotonic() + WAIT_SECONDS
        while self._registered() <= known:
            assert time.monotonic() < until, (self.folder / "master.log").read_text()[-2000:]
            time.sleep(0.2)

    def run(self, main: str, log: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{log}.log").open("wb") as out:
            process = subprocess.Popen(
                [str(self.home / "bin" / "spark-class"), main, *arguments],
                stdout=out, stderr=out, env=self._own, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def _registered(self) -> int:
        return (self.folder / "master.log").read_text("utf-8", "replace").count("Registering worker")

    def stop(self) -> None:
        for process in self._processes:
            for pid in (*below(process.pid), process.pid):
                kill(pid)
            process.wait()


@contextmanager
def cluster(folder: Path, more: Mapping[str, str] | None = None, *, is_quick: bool = True) -> Iterator[Cluster]:
    """A cluster until the block ends; this process's environment is a driver's for as long. With `is_quick` its JVMs
    start in less than an operator's do: not for measuring."""
    folder.mkdir(parents=True)
    made = Cluster(folder, {"PYTHONPATH": str(HERE), **(more or {})}, is_quick=is_quick)
    with pytest.MonkeyPatch.context() as patch:
        for key, value in made.environment.items():
            patch.setenv(key, value)
        try:
            made.start()
            yield made
        finally:
            made.stop()


# Processes -----------------------------------------------------------------------------------------------------


def below(pid: int) -> list[int]:
    """Every process below one, children first to last."""
    out: list[int] = []
    waiting = [pid]
    while waiting:
        try:
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                found = [int(c) for c in (task / "children").read_text().split()]
                out += found
                waiting += found
        except OSError:
            continue
    return out


def words(pid: int) -> str:
    """A process's command line; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def kill(pid: int) -> bool:
    """SIGKILL; True when there was a living process to kill."""
    if not words(pid):
        return False
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
