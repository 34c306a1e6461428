"""Parts on another storage: an S3 server and, for one more kind, the memory of fsspec; the same layout and promises."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.makers import VERSION, built, file_id, info, put, two_months, view_contents
from tests.warehouse.s3_server import s3_bucket
from warehouse.far_store import PARTS, FarStore, FarStoreError
from warehouse.parts import (
    MANIFEST,
    PartDamagedError,
    known_parts,
    part_folder,
    read_manifest,
    read_part,
    remove_parts_there,
    write_part,
)
from warehouse.staging import stage


@pytest.fixture(params=["memory", "s3"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    is_s3 = request.param == "s3"
    address = f"{s3_bucket(monkeypatch)}/qingqian" if is_s3 else "memory://parts/qingqian"
    monkeypatch.setenv("QINGQIAN_PARTS", address)
    yield address
    if not is_s3:
        import fsspec

        fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("url", ["s3"], indirect=True)
def test_another_home_builds_the_same_warehouse_from_the_storage_alone(url: str, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    contents = view_contents(built(one, two_months(one)).path)
    parts = list(known_parts(other, VERSION))
    assert len(parts) == 3
    assert view_contents(built(other, parts).path) == contents


def test_a_part_lost_or_damaged_in_the_home_is_fetched_again(url: str, tmp_path: Path) -> None:
    part = put(tmp_path, "a.txt", None)
    folder = part_folder(tmp_path, part.file_id, VERSION)
    rows = read_part(tmp_path, part)
    for harm in (lambda: shutil.rmtree(folder), lambda: (folder / "documents.parquet").write_bytes(b"x")):
        harm()
        assert read_manifest(tmp_path, part.file_id, VERSION) == part
        assert read_part(tmp_path, part) == rows


def test_what_is_removed_from_the_storage_is_gone_in_every_version(url: str, tmp_path: Path) -> None:
    one, other = (put(tmp_path, name, None).file_id for name in ("a.txt", "b.txt"))
    for version in ("test-2", "test-3"):
        described = info("a.txt")
        write_part(tmp_path, one, version, stage(None, described))
    remove_parts_there([one], "test-2")
    store = FarStore(url, PARTS)
    assert [len(list(store.keys(v, MANIFEST))) for v in (VERSION, "test-2", "test-3")] == [2, 0, 1]
    remove_parts_there([one, "f" * 64])
    assert not [place for place in store._files.find(store._root) if one in place]
    assert [key.endswith(other) for key in store.keys(VERSION, MANIFEST)] == [True]


def test_a_part_without_its_manifest_there_is_no_part(url: str, tmp_path: Path) -> None:
    """As an upload that was killed leaves it: the manifest comes last."""
    part = put(tmp_path, "a.txt", None)
    folder = part_folder(tmp_path, part.file_id, VERSION)
    store = FarStore(url, PARTS)
    store._files.rm_file(f"{store._root}/{VERSION}/{part.file_id[:2]}/{part.file_id}/{MANIFEST}")
    kept = tmp_path / "kept"
    shutil.move(folder, kept)
    with pytest.raises(PartDamagedError):
        read_manifest(tmp_path, part.file_id, VERSION)
    assert list(known_parts(tmp_path, VERSION)) == []
    assert not folder.exists()
    # The next night finds the part on its disk and puts it there after all.
    shutil.move(kept, folder)
    described = info("a.txt")
    write_part(tmp_path, described.file_id, VERSION, stage(None, described))
    assert len(list(store.keys(VERSION, MANIFEST))) == 1


def test_a_storage_that_cannot_be_reached_stops_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / VERSION).write_text("a file where a folder is needed")
    for url in (f"file://{blocked}", f"file://{tmp_path}/not-mounted", "nosuch://x"):
        monkeypatch.setenv("QINGQIAN_PARTS", url)
        with pytest.raises(FarStoreError, match="QINGQIAN_PARTS"):
            put(tmp_path / "home", "a.txt", None)
    monkeypatch.delenv("QINGQIAN_PARTS")
    assert read_manifest(tmp_path / "home", file_id("a.txt"), VERSION).rows["documents"] == 1


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    code = "import sys, warehouse.parts; sys.exit('fsspec' in sys.modules or 's3fs' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
