"""Parts are there in whole or not at all, and damage is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warehouse.makers import VERSION, circular, file_id, info, put
from warehouse.archive import ArchiveDamagedError, archive, archive_path, read_archived, verify_archive
from warehouse.parts import (
    PartDamagedError,
    clean_after_crash,
    clean_leftovers,
    known_parts,
    part_version,
    read_manifest,
    read_part,
    write_part,
)
from warehouse.staging import stage


def test_a_part_reads_back_as_it_was_staged(tmp_path: Path) -> None:
    tables = stage(circular(), info("a.txt"))
    manifest = write_part(tmp_path, file_id("a.txt"), VERSION, tables)
    assert manifest.rows["time_expressions"] == 5
    back = read_part(tmp_path, read_manifest(tmp_path, file_id("a.txt"), VERSION))
    assert {n: t.to_pylist() for n, t in back.items()} == {n: t.to_pylist() for n, t in tables.items()}
    assert [m.file_id for m in known_parts(tmp_path, VERSION)] == [file_id("a.txt")]
    assert [p.name for p in (tmp_path / "staged").iterdir()] == [VERSION]


def test_staging_again_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = put(tmp_path / "1", "a.txt", circular()), put(tmp_path / "2", "a.txt", circular())
    assert one == two


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "manifest", "foreign"])
def test_a_damaged_part_is_found_and_staging_it_again_heals_it(tmp_path: Path, damage: str) -> None:
    manifest = put(tmp_path, "a.txt", circular())
    folder = tmp_path / manifest.folder
    path = folder / "time_expressions.parquet"
    data = bytearray(path.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif damage == "truncate":
        path.write_bytes(data[:-10])
    elif damage == "remove":
        path.unlink()
    elif damage == "manifest":
        (folder / "manifest.json").write_bytes(b'{"file_id":')
    else:
        other = tmp_path / put(tmp_path, "b.txt", circular()).folder
        (folder / "manifest.json").write_bytes((other / "manifest.json").read_bytes())
    with pytest.raises(PartDamagedError, match="入库分片损坏"):
        read_manifest(tmp_path, file_id("a.txt"), VERSION)
    assert put(tmp_path, "a.txt", circular()) == manifest
    assert read_manifest(tmp_path, file_id("a.txt"), VERSION) == manifest


def test_what_a_crash_left_half_written_is_cleared_and_hides_nothing(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", circular())
    (tmp_path / "staged" / ".tmp-dead").mkdir()
    (tmp_path / "staged" / ".tmp-dead" / "documents.parquet").write_bytes(b"PAR1")
    assert len(list(known_parts(tmp_path, VERSION))) == 1
    assert clean_leftovers(tmp_path) == 1
    assert clean_leftovers(tmp_path) == 0


def test_after_a_crash_temporary_files_of_the_night_go_and_the_console_s_stay(tmp_path: Path) -> None:
    for name in (
        "previews/v/ab/.tmp-1",
        "facts/v/cd/.tmp-2",
        "nights/2026-08-01/.tmp-3",
        "cache/pages/ab/.tmp-4",
        "state/.tmp-5",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"ha")
    (tmp_path / "previews/v/ab/whole.json.gz").write_bytes(b"whole")
    assert clean_after_crash(tmp_path) == 3
    left = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["cache/pages/ab/.tmp-4", "previews/v/ab/whole.json.gz", "state/.tmp-5"]


def test_the_version_follows_extractors_and_schema() -> None:
    assert part_version("aaa") != part_version("bbb")
    assert part_version("aaa").startswith("aaa-")


def test_the_archive_keeps_bytes_and_finds_damage(tmp_path: Path) -> None:
    kept = archive(tmp_path, b"one")
    assert archive(tmp_path, b"one") == kept
    assert read_archived(tmp_path, kept) == b"one"
    path = archive_path(tmp_path, kept)
    path.write_bytes(b"onf")
    assert list(verify_archive(tmp_path)) == [path]
    with pytest.raises(ArchiveDamagedError, match="校验和不符"):
        read_archived(tmp_path, kept)
    archive(tmp_path, b"one")
    assert list(verify_archive(tmp_path)) == []
    path.unlink()
    with pytest.raises(ArchiveDamagedError, match="不存在"):
        read_archived(tmp_path, kept)
