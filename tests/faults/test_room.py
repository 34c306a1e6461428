"""A full disk is called a full disk, never damage; little room is told while nights still fit."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import pytest

from pipelines.telling.room import tell_room
from tests.faults.test_disks import mount, mounted  # noqa: F401 - a fixture
from tests.pipelines.nights import qingqian
from warehouse.durable import NoRoomError, no_room
from warehouse.state import open_state
from warehouse.state_sources import ask_again, health, source_failed
from warehouse.state_troubles import standing_troubles

NOW = dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC)


def test_a_full_disk_is_not_called_damage(mounted: Path) -> None:  # noqa: F811 - the fixture
    mount(mounted, "size=8m")
    home = mounted / "home"
    with open_state(home) as state:
        tell_room(home, state, NOW)
        (told,) = standing_troubles(state)
        assert (told.kind, told.subject) == ("disk", "磁盘空间")
    assert no_room(home / "not" / "there") is None
    ballast = mounted / "ballast"
    with ballast.open("wb", buffering=0) as f, contextlib.suppress(OSError):
        while f.write(bytes(4096)):
            pass
    with pytest.raises(NoRoomError, match="磁盘已满"):
        open_state(home)
    said = qingqian("status", home=home, check=False)
    assert said.returncode == 1
    assert "磁盘已满" in said.stderr and "损坏。请先腾出空间" in said.stderr and "备份恢复" not in said.stderr
    ballast.unlink()
    open_state(home).close()


def test_a_source_set_aside_may_be_asked_again_at_once(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        source_failed(
            state, "s", code="tls", message="证书过期", set_aside_after=1, pause=dt.timedelta(hours=24), now=NOW
        )
        assert health(state, "s").aside_until is not None
    assert "下一夜" in qingqian("source", "resume", "s", home=tmp_path).stdout
    assert qingqian("source", "resume", "s", home=tmp_path, check=False).returncode == 1
    with open_state(tmp_path) as state:
        assert health(state, "s").aside_until is None
        assert not ask_again(state, "s")
