"""A night on a real cluster is the night of one machine: the same facts, staged rows and warehouse, to the byte.

Costs some 200 CPU seconds; `QINGQIAN_TEST_SPARK_DOCUMENTS` sets another number of documents.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.progress import Bar
from pipelines.reading import read_files
from tests.pipelines.nights import COMMAND, contents
from tests.spark.cluster import WAIT_SECONDS, Cluster, cluster, free_port, need_spark
from tests.spark.documents import archived, digests, mixed, stage_all
from warehouse.views import VIEW_NAMES

DOCUMENTS = int(os.environ.get("QINGQIAN_TEST_SPARK_DOCUMENTS") or "600")
NIGHT = "2026-08-20"
EVERY = tuple(name for name in VIEW_NAMES if name != "runs")  # a run has a number and hours of its own


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_spark()
    with cluster(tmp_path_factory.mktemp("night") / "cluster") as running:
        yield running


def qingqian(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    env |= {"QINGQIAN_HOME": str(home), **settings}
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, env=env, check=False)


def night(home: Path, inbox: Path, **settings: str) -> dict[str, Any]:
    done = qingqian(home, "nightly", "--inbox", str(inbox), "--as-of", NIGHT, "--json", **settings)
    assert done.returncode == 0, done.stderr + done.stdout
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_the_night_is_the_same_on_a_cluster(spark: Cluster, tmp_path: Path) -> None:
    inbox = mixed(tmp_path / "inbox", DOCUMENTS)
    here, there = tmp_path / "here", tmp_path / "there"
    local = night(here, inbox)
    away = night(there, inbox, QINGQIAN_EXECUTOR=spark.address)
    assert local["documents"]["new"] >= DOCUMENTS  # files inside files come on top
    same = ("documents", "rows", "findings", "as_of")
    assert {k: local[k] for k in same} == {k: away[k] for k in same}
    expected = digests(here)
    assert sum(name.startswith("facts/") for name in expected) >= DOCUMENTS
    assert digests(there) == expected
    assert contents(there, EVERY) == contents(here, EVERY)
    # that it was the cluster that read, and that nothing of it is left
    assert "Registered app qingqian" in (spark.folder / "master.log").read_text("utf-8", "replace")
    assert not list((there / "spark").glob("*")) and not (there / "given").exists()


def test_the_doctor_says_what_a_cluster_lacks(spark: Cluster, tmp_path: Path) -> None:
    """The interpreter below our environment is of the right version and has nothing installed."""
    if sys.prefix == sys.base_prefix:
        pytest.skip("no virtual environment: there is no bare interpreter to offer to the cluster")
    bare = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    found = qingqian(tmp_path, "doctor", "--json", QINGQIAN_EXECUTOR=spark.address, PYSPARK_PYTHON=bare)
    assert found.returncode == 1
    reading = json.loads(found.stdout)["reading"]
    assert [c["is_well"] for c in reading["checks"]] == [True, True, True, False]
    assert "没有装 qingqian" in reading["answer"] and "PYSPARK_PYTHON" in reading["answer"]


def test_spark_connect_gives_the_same(spark: Cluster, tmp_path: Path) -> None:
    """A Connect server on the same cluster; its client needs no Java."""
    for needed in ("grpc_status", "zstandard"):
        pytest.importorskip(needed, reason=f"Spark Connect needs {needed}: pip install 'pyspark[connect]'")
    from benchmarks.big_night import make
    from pipelines.spark.cluster import on_cluster

    port = free_port()
    name = "org.apache.spark.sql.connect.service.SparkConnectServer"
    conf = ("--conf", f"spark.connect.grpc.binding.port={port}")
    server = spark.run(
        "org.apache.spark.deploy.SparkSubmit",
        "connect",
        "--master",
        spark.address,
        "--class",
        name,
        *conf,
        "spark-internal",
    )
    until = time.monotonic() + WAIT_SECONDS
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert server.poll() is None and time.monotonic() < until, (spark.folder / "connect.log").read_text()[-2000:]
        time.sleep(0.2)
    make(tmp_path / "inbox", 12)
    there, here = tmp_path / "there", tmp_path / "here"
    files, same = archived(there, tmp_path / "inbox"), archived(here, tmp_path / "inbox")
    executors = on_cluster(f"sc://127.0.0.1:{port}", there)
    assert [r.status for r in read_files(there, files, 2, Bar(), executors)] == ["ok"] * 12
    list(read_files(here, same, 2, Bar()))
    assert stage_all(there, files) == 12
    stage_all(here, same)
    assert digests(there) == digests(here)
