"""A night with a server set: loaded, asked, and a failure that stands until a later night mends it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse import lake_makers, postgres_server
from tests.warm_command import call

TEXT = """某县人民政府办公室关于做好清欠工作的通知

各有关单位：
    请于2026年3月31日前报送台账。截至2026年2月底，全县拖欠账款余额125.5万元。

某县人民政府办公室
2026年3月1日
"""


def run(home: Path, engine: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
    env |= {"QINGQIAN_HOME": str(home), "QINGQIAN_WAREHOUSE": engine, **settings}
    return call(list(arguments), env)


def night(home: Path, inbox: Path, engine: str, as_of: str, **settings: str) -> tuple[dict[str, Any], str]:
    done = run(home, engine, "nightly", "--inbox", str(inbox), "--as-of", as_of, "--json", **settings)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary, done.stderr


def test_nights_with_a_server(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    (inbox / "清欠通知.txt").write_text(TEXT, "utf-8")
    with postgres_server.server() as server:
        if server is None:
            pytest.skip(postgres_server.MISSING)
        url = server.new_database()
        nowhere = url.replace(str(server.folder), str(tmp_path))
        assert run(home, url, "doctor").stdout.splitlines()[2].endswith("还没有装入仓库，下一夜装入")

        # The server is away: the file is published all the same.
        summary, said = night(home, inbox, nowhere, "2026-08-01")
        assert summary["server"]["status"] == "failed"
        assert "连不上 PostgreSQL 服务器" in said
        assert "下一夜重试" in said
        assert summary["published"]
        (standing,) = json.loads(run(home, nowhere, "status", "--json").stdout)["troubles"]
        assert standing["kind"] == "server"
        assert "连不上" in standing["message"]
        assert run(home, "duckdb", "query", "SELECT count(*) FROM documents", "--format", "csv").stdout == (
            "count_star()\n1\n"
        )
        failed = run(home, nowhere, "query", "SELECT 1")
        assert (failed.returncode, failed.stdout) == (1, "")
        assert failed.stderr.count("\n") == 1
        assert run(home, nowhere, "doctor").returncode == 1

        # It is back: the next night loads it though nothing new came in.
        summary, said = night(home, inbox, url, "2026-08-02")
        assert (summary["server"]["status"], summary["published"], said) == ("loaded", False, "")
        asked = run(home, url, "query", "SELECT title FROM documents", "--format", "csv")
        assert asked.stdout == "title\n某县人民政府办公室关于做好清欠工作的通知\n", asked.stderr
        assert json.loads(run(home, url, "status", "--json").stdout)["troubles"] == []
        told = run(home, url, "doctor")
        assert "装有" in told.stdout
        assert told.returncode == 0

    wrong = run(home, "mysql://x", "nightly", "--inbox", str(inbox))
    assert wrong.returncode == 1
    assert "QINGQIAN_WAREHOUSE" in wrong.stderr


@pytest.fixture
def lake_server() -> Iterator[postgres_server.Server]:
    lake_makers.need_extensions()
    with postgres_server.server() as running:
        if running is None:
            pytest.skip(postgres_server.MISSING)
        yield running


def test_a_night_with_a_lakehouse(tmp_path: Path, lake_server: postgres_server.Server) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    (inbox / "清欠通知.txt").write_text(TEXT, "utf-8")
    lake = {"QINGQIAN_LAKE_DATA": str(tmp_path / "shared")}
    engine = f"ducklake:{lake_server.new_database()}"
    told = run(home, engine, "doctor", **lake)
    assert told.returncode == 0
    assert "DuckLake 湖仓：" in told.stdout
    assert "还没有装入仓库，下一夜装入" in told.stdout

    summary, said = night(home, inbox, engine, "2026-08-01", **lake)
    assert (summary["server"]["status"], said) == ("loaded", "")
    asked = run(home, engine, "query", "SELECT title FROM documents", "--format", "csv", **lake)
    assert asked.stdout == "title\n某县人民政府办公室关于做好清欠工作的通知\n", asked.stderr
    assert "2026-08-01" in run(home, engine, "lake", "nights").stdout  # the catalog knows where the files are
    assert "都与装入时相同" in run(home, engine, "lake", "verify", **lake).stdout
    assert "保留 1 夜" in run(home, engine, "lake", "tidy", "--keep", "1", **lake).stdout
    assert "已装入湖仓" in run(home, engine, "lake", "reload", **lake).stdout
    assert "装有 2026-08-01 这一夜" in run(home, engine, "doctor", **lake).stdout
    manifest = json.loads((tmp_path / "shared" / "parquet" / "current" / "manifest.json").read_bytes())
    assert manifest["views"]["documents"]["rows"] == 1

    for path in (tmp_path / "shared" / "lake" / "core" / "documents").glob("*.parquet"):
        path.unlink()
    damaged = run(home, engine, "lake", "verify", **lake)
    assert (damaged.returncode, damaged.stderr.count("\n")) == (1, 1)
    assert "documents" in damaged.stderr
    elsewhere = run(home, "duckdb", "lake", "nights")
    assert elsewhere.returncode == 1
    assert "QINGQIAN_WAREHOUSE" in elsewhere.stderr
