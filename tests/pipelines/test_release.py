"""A paper stopped by mistake: released by name and with a reason, let in when seen again, and stopped again by undo."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from pipelines.night import Night
from pipelines.staging import staged_part
from tests.pipelines.in_this_process import NOW, night_of_july
from tests.pipelines.nights import qingqian
from tests.pipelines.test_door import PAPER, PLAIN, SECRET, words_kept
from warehouse import audit_log
from warehouse.accounts import add_account
from warehouse.archive import archive_path
from warehouse.state import open_state
from warehouse.state_releases import ReleaseError, release, released_files, standing_releases, stopped_list
from warehouse.state_stopped import stopped_files
from warehouse.state_troubles import standing_troubles


def staged(home: Path) -> set[str]:
    """Paths of the files that have staged rows."""
    night = Night(home=home, inbox=home.parent / "inbox")
    with night.open() as state:
        return {p.path for f, p in night._to_read(state) if staged_part(home, f) is not None}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "home"


def test_a_release_lets_the_bytes_in_and_undo_stops_them(home: Path) -> None:
    inbox = home.parent / "inbox"
    (inbox / "【秘密】督办.txt").write_text(PAPER, encoding="utf-8")
    (inbox / "另一份.txt").write_text(PAPER + "另\n", encoding="utf-8")
    night_of_july(home, 1)
    assert words_kept(home, SECRET) == []
    file_id = hashlib.sha256(PAPER.encode()).hexdigest()
    listed = qingqian("release", home=home).stdout
    assert file_id[:12] in listed and "已停止" in listed

    for wrong in ((), ("--as", "王科长"), ("--as", "王科长", "--reason", "无")):
        refused = qingqian("release", file_id[:12], *wrong, home=home, check=False)
        assert refused.returncode == 1 and "请用 --" in refused.stderr
    by = ("--as", "王科长", "--reason", "经保密审查不涉密（2026〕7号）")
    assert "下次见到" in qingqian("release", file_id[:12], *by, home=home).stdout
    assert qingqian("release", file_id[:12], *by, home=home, check=False).returncode == 1
    assert not archive_path(home, file_id).is_file()

    assert night_of_july(home, 2) == {"【秘密】督办.txt": "ok"}
    assert archive_path(home, file_id).is_file()
    assert staged(home) == {"【秘密】督办.txt"}
    assert night_of_july(home, 3) == {}
    with open_state(home) as state:
        assert {t.subject for t in standing_troubles(state)} == {"另一份.txt"}
        assert [s.path for s in stopped_list(state)] == ["另一份.txt"]
        assert [r.reason for r in standing_releases(state)] == ["经保密审查不涉密（2026〕7号）"]

    undone = qingqian("release", file_id[:12], *by, "--undo", home=home)
    assert "副本已删去" in undone.stdout
    assert words_kept(home, SECRET) == []
    assert night_of_july(home, 4) == {}
    assert words_kept(home, SECRET) == []
    with open_state(home) as state:
        logged = audit_log.records(state, object_id=file_id)
        assert [(r.action, r.user) for r in logged] == [("withdraw_release", "王科长"), ("release_stopped", "王科长")]
        assert "保密审查" in logged[1].detail
        assert audit_log.verify(state, audit_log.read_head(audit_log.head_path(home))).is_sound


def test_a_released_package_brings_all_that_lies_in_it(home: Path) -> None:
    pack = home.parent / "inbox" / "材料.zip"
    with zipfile.ZipFile(pack, "w") as z:
        z.writestr("方案.txt", PAPER)
        z.writestr("说明.txt", PLAIN)
    night_of_july(home, 1)
    assert words_kept(home, SECRET) == [] and staged(home) == set()
    package = hashlib.sha256(pack.read_bytes()).hexdigest()
    with open_state(home) as state:
        release(state, package, who="王", reason="整包经审查不涉密", now=NOW)
    assert night_of_july(home, 2) == {"材料.zip": "ok", "材料.zip!/方案.txt": "ok", "材料.zip!/说明.txt": "ok"}
    assert staged(home) == {"材料.zip", "材料.zip!/方案.txt", "材料.zip!/说明.txt"}
    with open_state(home) as state:
        assert stopped_files(state) == frozenset()
        assert hashlib.sha256(PAPER.encode()).hexdigest() in released_files(state)
    assert qingqian("release", package, "--undo", "--as", "王", "--reason", "重新审查", home=home).returncode == 0
    assert words_kept(home, SECRET) == []
    assert night_of_july(home, 3) == {}


def test_only_stewards_and_admins_may_where_there_are_accounts(home: Path) -> None:
    (home.parent / "inbox" / "a.txt").write_text(PAPER, encoding="utf-8")
    night_of_july(home, 1)
    file_id = hashlib.sha256(PAPER.encode()).hexdigest()
    with open_state(home) as state:
        for name, role in (("查数", "analyst"), ("管数", "steward")):
            add_account(
                state, name=name, display_name=name, password_hash=None, roles=[role], regions=[], now=NOW,
                must_change=False,
            )  # fmt: skip
        for who in ("查数", "路人"):
            with pytest.raises(ReleaseError, match="不能解除"):
                release(state, file_id, who=who, reason="经审查不涉密", now=NOW)
        with pytest.raises(ReleaseError, match="没有因密级标志"):
            release(state, "f" * 64, who="管数", reason="经审查不涉密", now=NOW)
        release(state, file_id, who="管数", reason="经审查不涉密", now=NOW)
        assert released_files(state) == {file_id}
