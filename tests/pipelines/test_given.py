"""Rows staged on another machine are adopted only if they are what this one would write."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest

from extractors.document import Notice
from extractors.facts import Context
from extractors.process import process
from pipelines.isolation.outcome import Outcome
from pipelines.progress import Bar
from pipelines.reading import FACTS, About, Finished, ToRead, add_notice, extraction_of, load_facts, packed, read_files
from pipelines.staging import given_folder, stage_elsewhere, stage_file, staged_part, take_given
from tests.spark.documents import digests
from warehouse.archive import archive, archive_path

TEXT = (
    "关于报送台账的通知\n各县区人民政府：\n截至2026年6月30日，拖欠账款1200万元，请于7月底前报送市财政局。\n2026年7月1日"
)


class Elsewhere:
    """Another machine, in this process: reads and stages as a cluster's task does."""

    def __init__(self, home: Path, file: ToRead) -> None:
        self.home, self.file = home, file

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, tasks):  # type: ignore[no-untyped-def]
        for task in tasks:
            payload = process(Path(task.path).read_bytes(), task.name, msgspec.json.decode(task.context, type=Context))
            extraction, payload = extraction_of(self.file, Outcome(key=task.key, ok=True, payload=payload))
            folder = self.home / "given" / ".tmp-x" / task.key
            folder.mkdir(parents=True)
            (folder / FACTS).write_bytes(packed(payload))
            stage_elsewhere(folder, self.file, extraction)
            yield Finished(key=task.key, status="ok", error_code=None, error_message=None, seconds=1.0, folder=folder)


def file_in(home: Path) -> ToRead:
    file_id = archive(home, TEXT.encode())
    about = About(path="通知.txt", source="inbox", parent_id=None, first_seen_date=dt.date(2026, 8, 1))
    place = str(archive_path(home, file_id))
    return ToRead(file_id=file_id, archived=place, name="通知.txt", context=Context(source="inbox"), about=about)


@pytest.fixture
def given(tmp_path: Path) -> ToRead:
    file = file_in(tmp_path / "there")
    (read,) = read_files(tmp_path / "there", [file], 1, Bar(), lambda _: Elsewhere(tmp_path / "there", file))
    assert read.status == "ok" and staged_part(tmp_path / "there", file) is None
    return file


def test_it_is_what_this_machine_writes(tmp_path: Path, given: ToRead) -> None:
    assert take_given(tmp_path / "there", given) is not None
    assert staged_part(tmp_path / "there", given) is not None
    here = file_in(tmp_path / "here")
    list(read_files(tmp_path / "here", [here], 1, Bar()))
    extraction = load_facts(tmp_path / "here", here.file_id, here.version)
    assert extraction is not None
    stage_file(tmp_path / "here", here, extraction)
    assert digests(tmp_path / "there") == digests(tmp_path / "here")
    assert take_given(tmp_path / "there", given) is None  # once


def test_other_knowledge_of_the_file_is_another_part(tmp_path: Path, given: ToRead) -> None:
    assert given.about is not None
    moved = msgspec.structs.replace(given, about=msgspec.structs.replace(given.about, path="别处/通知.txt"))
    assert take_given(tmp_path / "there", moved) is None


def test_facts_that_were_added_to_are_another_part(tmp_path: Path, given: ToRead) -> None:
    home = tmp_path / "there"
    extraction = load_facts(home, given.file_id, given.version)
    assert extraction is not None
    add_notice(home, given, extraction, Notice(code="children_left_out", message="有文件未读取。", partial=True))
    assert take_given(home, given) is None


@pytest.mark.parametrize("name", ["documents.parquet", "manifest.json", "preview.json.gz"])
def test_what_is_damaged_is_not_adopted(tmp_path: Path, given: ToRead, name: str) -> None:
    home = tmp_path / "there"
    path = given_folder(home, given) / name
    if name == "preview.json.gz":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert take_given(home, given) is None
    assert staged_part(home, given) is None
