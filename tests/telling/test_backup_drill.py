"""The drill: a night, a backup, the machine lost, the backup brought back, a night: everything is as it was."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from pipelines.backup import BackupError, back_up, restore, snapshots
from tests.pipelines.nights import contents, nightly, qingqian
from warehouse.archive import archive, archive_path
from warehouse.state import open_state
from warehouse.state_stopped import keep_stopped

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "inbox"
NOW = dt.datetime(2026, 8, 1, 18, 30, tzinfo=dt.UTC)


def test_the_drill(tmp_path: Path) -> None:
    inbox, home, target, new = (tmp_path / n for n in ("inbox", "home", "backup", "new"))
    inbox.mkdir()
    for path in SAMPLES.glob("*.csv"):
        shutil.copy2(path, inbox / path.name)
    nightly(home, inbox, "2026-08-01")
    assert (home / "morning" / "2026-08-01.md").is_file()
    assert (home / "metrics" / "qingqian.prom").is_file()
    events = [json.loads(line)["event"] for p in (home / "logs").glob("*.jsonl") for line in p.read_text().splitlines()]
    assert events == ["pulled", "night_done", "told"]
    assert "清欠夜间任务 2026-08-01：完成" in qingqian("morning", home=home).stdout
    (home / "telling.yml").write_text("quiet: true\n")

    assert "已备份" in qingqian("backup", str(target), home=home).stdout
    assert qingqian("restore", str(target), home=home, check=False).returncode == 1  # not over what is there
    expected = contents(home)
    shutil.rmtree(home)
    assert "已恢复" in qingqian("restore", str(target), home=new).stdout
    summary = nightly(new, inbox, "2026-08-02")
    assert summary["documents"]["new"] == summary["documents"]["changed"] == 0
    found = contents(new)
    for view in ("documents", "debts", "ledger_rows", "debt_history"):
        assert found[view] == expected[view], view
    assert (new / "telling.yml").read_text() == "quiet: true\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    with open_state(made) as state:
        for n in range(5):
            data = f"文件{n}".encode()
            file_id = archive(made, data)
            state.saw_file(file_id, source="a", path=f"{n}.txt", size=len(data), mtime_ns=n, night=NOW.date(), now=NOW)
    return made


def test_a_second_snapshot_copies_only_what_is_new(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    back_up(home, target, NOW)
    before = {p: p.stat().st_ino for p in target.glob("??/*")} | {p: p.stat().st_ino for p in target.glob("raw/*/*")}
    with open_state(home) as state:
        file_id = archive(home, b"new")
        state.saw_file(file_id, source="a", path="new.txt", size=3, mtime_ns=1, night=NOW.date(), now=NOW)
    back_up(home, target, NOW + dt.timedelta(days=1))
    assert {p: p.stat().st_ino for p in before} == before
    assert len(snapshots(target)) == 2
    assert restore(target, tmp_path / "new").counts["files"] == 6
    assert restore(snapshots(target)[0], tmp_path / "old").counts["files"] == 5


def test_damage_is_found_before_anything_is_restored(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    folder, manifest = back_up(home, target, NOW)
    pooled = archive_path(target, manifest.raw[0])
    pooled.write_bytes(b"altered")
    with pytest.raises(BackupError, match="损坏"):
        restore(target, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (folder / "manifest.json").unlink()
    with pytest.raises(BackupError, match="没有完整的备份"):
        restore(target, tmp_path / "new")
    with pytest.raises(BackupError, match="里面"):
        back_up(home, home / "backup", NOW)


def test_stopped_papers_leave_the_backup_too(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    _, manifest = back_up(home, target, NOW)
    secret = manifest.raw[0]
    with open_state(home) as state:
        keep_stopped(state, [secret], reason="x", now=NOW)
    archive_path(home, secret).unlink()
    back_up(home, target, NOW + dt.timedelta(days=1))
    assert not archive_path(target, secret).exists()
    assert restore(target, tmp_path / "new").counts["files"] == 5
