"""A broken YAML costs its own source for as long as it is broken: told once, the others run, nothing known changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.configured import configured
from pipelines.night import Night
from tests.pipelines.in_this_process import in_this_process
from tests.pipelines.nights import qingqian
from warehouse.state import open_state
from warehouse.state_sources import health
from warehouse.state_troubles import Trouble, standing_troubles, untold

LEDGER = "序号,欠款单位,债权单位,咱们的数（元）\n1,青石县水务局,甲公司,{n}\n2,青石县教育局,乙公司,300\n"


def source(name: str, more: str = "") -> str:
    return f"name: {name}\ntitle: {name}局\nkind: folder\npath: {name}\n{more}"


def write(home: Path, file: str, text: str) -> None:
    (home / "sources").mkdir(parents=True, exist_ok=True)
    (home / "sources" / file).write_text(text, encoding="utf-8")


def put(home: Path, folder: str, name: str, n: int) -> None:
    (home / folder).mkdir(parents=True, exist_ok=True)
    (home / folder / name).write_text(LEDGER.format(n=n), encoding="utf-8")


def work(home: Path, day: int) -> list[str]:
    """A night's pull and reading; the paths that were read."""
    night = Night(home=home, executors=in_this_process, clock=lambda: dt.datetime(2026, 7, day, 18, tzinfo=dt.UTC))
    as_of = dt.date(2026, 7, day)
    night.pull(as_of, f"run-{day}")
    read = sorted(r["path"] for r in night.read(as_of))
    with night.open() as state:
        state.end_run(f"run-{day}", "done", counts={}, now=night.clock())
    return read


def troubles(home: Path) -> list[Trouble]:
    with open_state(home) as state:
        return standing_troubles(state)


def test_a_broken_source_is_set_aside_and_comes_back(tmp_path: Path) -> None:
    own = "header_map: {咱们的数（元）: arrears_amount_yuan}\n"
    write(tmp_path, "a.yml", source("a", own))
    write(tmp_path, "b.yml", source("b"))
    put(tmp_path, "a", "一.csv", 1)
    put(tmp_path, "b", "二.csv", 2)
    assert work(tmp_path, 1) == ["一.csv", "二.csv"]
    assert troubles(tmp_path) == []

    # broken: not pulled, told once with file and line; what it brought before is not read under another map
    write(tmp_path, "a.yml", source("a", own + "colour: red\n"))
    put(tmp_path, "a", "三.csv", 3)
    put(tmp_path, "b", "四.csv", 4)
    assert work(tmp_path, 2) == ["四.csv"]
    assert work(tmp_path, 3) == []
    (told,) = troubles(tmp_path)
    assert (told.kind, told.subject) == ("source", "a局")
    assert "a.yml 第 6 行" in told.message and "colour" in told.message and "qingqian source check" in told.message
    assert told.since == dt.datetime(2026, 7, 2, 18, tzinfo=dt.UTC)
    with open_state(tmp_path) as state:
        assert health(state, "a").failures == 0  # it is asked again at once when its file is in order
        kept = configured(tmp_path, state)
        assert [s.name for s in kept.sources] == ["b"]
        assert {s.name: s.header_map for s in kept.remembered}["a"] == {"咱们的数（元）": "arrears_amount_yuan"}

    # mended: pulled again, and that it is well is told too
    write(tmp_path, "a.yml", source("a", own))
    assert work(tmp_path, 4) == ["三.csv"]
    assert troubles(tmp_path) == []
    with open_state(tmp_path) as state:
        began, _ = untold(state)
        assert [t.ended_at for t in began] == [dt.datetime(2026, 7, 4, 18, tzinfo=dt.UTC)]


def test_of_two_files_with_one_name_the_old_one_keeps_it(tmp_path: Path) -> None:
    write(tmp_path, "m.yml", source("x"))
    put(tmp_path, "x", "一.csv", 1)
    assert work(tmp_path, 1) == ["一.csv"]
    write(tmp_path, "a.yml", "name: x\nkind: folder\npath: y\n")
    put(tmp_path, "y", "二.csv", 2)
    assert work(tmp_path, 2) == []
    (told,) = troubles(tmp_path)
    assert told.subject == "a.yml" and "重名" in told.message and "m.yml" in told.message


def broken_files() -> Iterator[tuple[str, bytes, str]]:
    yield (
        "a date that there is not",
        b"name: a\nkind: folder\npath: x\nroster: [{unit: u, since: 2026-02-30}]\n",
        "日期",
    )
    yield "itself", b"name: a\nkind: folder\npath: x\nlimits: &l {max_files: *l}\n", "a.yml"
    yield "too deep", b"name: " + b"[" * 5000, "嵌套过深"
    yield "not UTF-8", "name: 甲".encode("gb18030"), "UTF-8"
    yield (
        "a rule that there is not",
        source("a", "silence: [{rule: no_such, reason: 市办已核对}]\n").encode(),
        "第 5 行.*no_such",
    )
    loud = source("a", "thresholds: {max_shares: {no_such: 0.5}}\n")
    yield "a share of a rule that there is not", loud.encode(), "第 5 行.*no_such"


@pytest.mark.parametrize(("text", "said"), [b[1:] for b in broken_files()], ids=[b[0] for b in broken_files()])
def test_no_file_can_stop_the_night(tmp_path: Path, text: bytes, said: str) -> None:
    import re

    write(tmp_path, "b.yml", source("b"))
    (tmp_path / "sources" / "a.yml").write_bytes(text)
    put(tmp_path, "b", "一.csv", 1)
    assert work(tmp_path, 1) == ["一.csv"]
    (told,) = troubles(tmp_path)
    assert re.search(said, told.message)


def test_a_folder_of_sources_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGQIAN_SOURCES", str(tmp_path / "gone"))
    assert work(tmp_path, 1) == []
    (told,) = troubles(tmp_path)
    assert "gone 不存在" in told.message


def test_the_check_says_which_files_are_wrong_and_checks_the_rest(tmp_path: Path) -> None:
    write(tmp_path, "a.yml", source("a", "colour: red\n"))
    write(tmp_path, "b.yml", source("b"))
    done = qingqian("source", "check", home=tmp_path, check=False)
    assert done.returncode == 1
    assert "b  配置正确" in done.stdout and "a.yml 第 5 行" in done.stdout
    assert "1 个来源的配置有误" in done.stderr
    assert qingqian("source", "check", "b", home=tmp_path).returncode == 0
    only = qingqian("source", "check", "a", home=tmp_path, check=False)
    assert only.returncode == 1 and "colour" in only.stdout
    listed = qingqian("source", "list", "--json", home=tmp_path).stdout
    assert '"broken"' in listed and "colour" in listed
