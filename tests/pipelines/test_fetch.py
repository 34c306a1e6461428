"""The drop folder: what is taken, what is left alone and why."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import msgspec
import pytest

from pipelines.fetching.delivery import Pull
from pipelines.fetching.folder import STILL_WRITTEN, deliver, list_folder
from pipelines.sources import FolderSource, folder_source

NOW = 2_000_000_000.0


def put(folder: Path, name: str, data: bytes = b"x", age: float = 3600) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (NOW - age, NOW - age))
    return path


def test_files_come_in_a_fixed_order_with_relative_paths(tmp_path: Path) -> None:
    for name in ("b/乙.xlsx", "a.txt", "b/甲.csv", "README.md"):
        put(tmp_path, name)
    found = list(list_folder(folder_source(tmp_path), tmp_path / "home", NOW))
    assert [(f.path, f.ignored is None) for f in found] == [
        ("README.md", False),
        ("a.txt", True),
        ("b/乙.xlsx", True),
        ("b/甲.csv", True),
    ]


@pytest.mark.parametrize("name", ["~$台账.xlsx", "通知.pdf.part", ".hidden", "Thumbs.db", "x.tmp"])
def test_temporary_files_are_ignored_with_a_reason(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    (found,) = list_folder(folder_source(tmp_path), tmp_path, NOW)
    assert found.ignored == "临时文件或约定不收的文件名"


def test_a_file_still_being_written_waits(tmp_path: Path) -> None:
    put(tmp_path, "old.txt", age=31)
    put(tmp_path, "young.txt", age=5)
    source = FolderSource(name="s", path=str(tmp_path), settle_seconds=30)
    assert {f.path: f.ignored for f in list_folder(source, tmp_path, NOW)} == {
        "old.txt": None,
        "young.txt": "文件可能还在写入，下一夜再收",
    }


def test_a_link_out_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    secret = put(tmp_path, "secret.txt")
    put(inbox, "real.txt")
    (inbox / "out.txt").symlink_to(secret)
    (inbox / "in.txt").symlink_to(inbox / "real.txt")
    (inbox / "dangling.txt").symlink_to(inbox / "nowhere.txt")
    reasons = {f.path: f.ignored for f in list_folder(folder_source(inbox), tmp_path, NOW)}
    assert reasons["in.txt"] is None
    assert reasons["out.txt"] == "链接指向收件夹之外"
    assert reasons["dangling.txt"] is not None


def test_a_missing_folder_is_said_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="不存在"):
        list(list_folder(folder_source(tmp_path / "gone"), tmp_path, NOW))


def test_a_slow_writer_on_a_share_with_a_wrong_clock_is_waited_for(tmp_path: Path) -> None:
    inbox = tmp_path / "share"
    put(inbox, "done.txt", age=3600)
    growing = put(inbox, "growing.txt", age=-7200)  # two hours ahead of us

    def meanwhile(_: float) -> None:
        growing.write_bytes(b"xx")
        os.utime(growing, (NOW + 7200, NOW + 7200))

    source = FolderSource(name="s", path=str(inbox), settle_seconds=30, watch_seconds=5)
    pull = Pull(
        home=tmp_path,
        folder=tmp_path,
        known={},
        cursor=None,
        now=dt.datetime.fromtimestamp(NOW, dt.UTC),
        sleep=meanwhile,
    )
    assert {d.path: d.ignored for d in deliver(source, pull)} == {"done.txt": None, "growing.txt": STILL_WRITTEN}
    pull = msgspec.structs.replace(pull, sleep=lambda _: None)
    assert {d.path: d.ignored for d in deliver(source, pull)} == {"done.txt": None, "growing.txt": None}
