"""The drop folder: what is taken, what is left alone and why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.fetching.folder import list_folder
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
