"""Nights whose state store lies on a server: the same warehouse, one night at a time, moved back by a backup."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipelines.nights import contents, nightly, qingqian
from tests.warehouse import postgres_server
from warehouse.state_place import note_path, state_path
from warehouse.state_server import only_night_on

NOTICE = "关于报送台账的通知\n\n各县区人民政府：\n\n请于6月10日前将台账报送市清欠办。\n\n某市清欠办\n2026年5月8日\n"


@pytest.fixture
def server() -> Iterator[postgres_server.Server]:
    with postgres_server.server() as running:
        if running is None:
            pytest.skip(postgres_server.MISSING)
        yield running


def test_nights_on_a_server_and_the_way_back(tmp_path: Path, server: postgres_server.Server) -> None:
    inbox, home, plain = tmp_path / "inbox", tmp_path / "home", tmp_path / "plain"
    url = server.new_database()
    inbox.mkdir()
    (inbox / "通知.txt").write_text(NOTICE, encoding="utf-8")
    before = json.loads(qingqian("doctor", "--json", home=home, state=url, check=False).stdout)["state_store"]
    assert before["engine"] == "postgresql" and "fsync" in before["answer"]  # the tests' server does not flush
    assert not note_path(home).exists()

    summary = nightly(home, inbox, "2026-06-01", state=url)
    assert summary["documents"]["new"] == 1
    assert note_path(home).is_file() and not state_path(home).exists()
    assert len(json.loads(qingqian("status", "--json", home=home, state=url).stdout)["runs"]) == 1

    with only_night_on(url):
        busy = qingqian("nightly", "--inbox", str(inbox), home=home, state=url, check=False)
    assert busy.returncode == 1 and "另一台机器" in busy.stderr
    unset = qingqian("nightly", "--inbox", str(inbox), home=home, check=False)
    assert unset.returncode == 1 and "QINGQIAN_STATE" in unset.stderr and "Traceback" not in unset.stderr
    away = qingqian("status", home=home, state=url.replace(str(server.folder), str(tmp_path)), check=False)
    assert away.returncode == 1 and "不能用" in away.stderr and away.stderr.count("\n") == 1
    assert qingqian("doctor", home=home, check=False).returncode == 1

    qingqian("backup", str(tmp_path / "backup"), home=home, state=url)
    again = qingqian("restore", str(tmp_path / "backup"), home=tmp_path / "other", state=url, check=False)
    assert again.returncode == 1 and "属于另一个状态目录" in again.stderr
    qingqian("restore", str(tmp_path / "backup"), home=plain)
    moved = nightly(plain, inbox, "2026-06-01")
    assert (moved["documents"]["unchanged"], moved["documents"]["new"]) == (1, 0)
    assert contents(plain) == contents(home)
