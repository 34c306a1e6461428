"""Sources are read strictly: what the schema does not know is refused with the file's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.home import HomeBusyError, only_night
from pipelines.source_schema import json_schema
from pipelines.sources import FolderSource, SourceError, load_sources

ROOT = Path(__file__).resolve().parents[2]


def write(home: Path, name: str, text: str) -> None:
    folder = home / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_sources_of_the_home_win_over_those_shipped(tmp_path: Path) -> None:
    assert [s.name for s in load_sources(tmp_path)] == ["inbox"]
    write(tmp_path, "b.yml", "name: b\nkind: folder\npath: /srv/b\n")
    write(tmp_path, "a.yml", "name: a\nkind: folder\npath: in\nregion_code: '140000'\n")
    a, b = load_sources(tmp_path)
    assert isinstance(a, FolderSource) and isinstance(b, FolderSource)
    assert (a.name, a.folder(tmp_path), a.region_code) == ("a", tmp_path / "in", "140000")
    assert b.folder(tmp_path) == Path("/srv/b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\nkind: folder\n", "path"),
        ("name: a\nkind: ftp\npath: x\n", "ftp"),
        ("name: a\nkind: folder\npath: x\ncolour: red\n", "第 4 行.*colour"),
        ("name: a\nkind: folder\npath: x\nsetle_seconds: 3\n", "settle_seconds"),
        ("name: a\nkind: foldr\npath: x\n", "第 2 行.*是不是想写 folder"),
        ("name: a\nkind: folder\npath: x\nlimits:\n  atempts: 2\n", "第 5 行.*attempts"),
        ("name: a\nkind: folder\npath: x\nexamples:\n- file: a\n  expect: {titel: b}\n", "第 6 行.*title"),
        ("name: a\nkind: folder\npath: x\nregion_code: 14\n", "第 4 行.*region_code"),
        ("name: a\nkind: folder\npath: x\npath: y\n", "第 4 行.*path.*两次"),
        ("", "空的"),
        ("name: [\n", "a.yml"),
    ],
)
def test_a_wrong_source_is_refused_aloud(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, "a.yml", text)
    with pytest.raises(SourceError, match=said):
        load_sources(tmp_path)


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", "name: same\nkind: folder\npath: a\n")
    write(tmp_path, "b.yml", "name: same\nkind: folder\npath: b\n")
    with pytest.raises(SourceError, match="重名"):
        load_sources(tmp_path)


def test_an_environment_variable_in_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "a.yml", "name: a\nkind: folder\npath: ${QQ_TEST_SHARE}/in\n")
    (source,) = load_sources(tmp_path)
    assert isinstance(source, FolderSource)
    monkeypatch.setenv("QQ_TEST_SHARE", "/mnt/share")
    assert source.folder(tmp_path) == Path("/mnt/share/in")
    monkeypatch.delenv("QQ_TEST_SHARE")
    with pytest.raises(SourceError, match="QQ_TEST_SHARE"):
        source.folder(tmp_path)


def test_one_night_at_a_time(tmp_path: Path) -> None:
    with only_night(tmp_path), pytest.raises(HomeBusyError, match="正在使用"), only_night(tmp_path):
        pass
    with only_night(tmp_path):
        pass


def test_the_editors_schema_is_the_programs() -> None:
    kept = ROOT / "sources" / "source.schema.json"
    made = json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"
    assert kept.read_text(encoding="utf-8") == made, (
        "run: python -m pipelines.source_schema > sources/source.schema.json"
    )


def test_every_key_says_what_it_means() -> None:
    definitions = json_schema()["$defs"]
    silent = [
        f"{name}.{key}"
        for name, about in definitions.items()
        for key, said in about["properties"].items()
        if key != "kind" and "description" not in json.dumps(said)
    ]
    assert not silent
