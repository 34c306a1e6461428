"""A night on a real cluster is the night of one machine: the same facts, staged rows and warehouse, to the byte.

Costs some 120 CPU seconds; `QINGQIAN_TEST_SPARK_DOCUMENTS` sets another number of documents.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.nights import COMMAND, contents
from tests.spark.cluster import Cluster, cluster, need_spark
from tests.spark.documents import digests, mixed

DOCUMENTS = int(os.environ.get("QINGQIAN_TEST_SPARK_DOCUMENTS") or "600")
NIGHT = "2026-08-20"


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
    assert contents(there) == contents(here)
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
