"""Files found inside files: archived, read, staged and audited like any other, with their parent as provenance."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from extractors.document import Child
from pipelines.children import with_own_names
from pipelines.night import Night
from tests.pipelines.nights import nightly, qingqian, rows
from warehouse.archive import archive_path
from warehouse.state import State, open_state
from warehouse.state_children import ChildRecord, children_of, keep_children, see_children

NOTE = "关于报送台账的通知\n\n各县区人民政府：\n\n请于{}前将清欠台账报送市清欠办。\n\n某某市清欠办\n2026年5月8日\n"
LEDGER = (
    "拖欠账款台账（单位：万元）\n序号,欠款单位,债权人,欠款金额\n1,某某县第一中学,宏图建筑有限公司,12.50\n合计,,,12.50\n"
)


def packed(entries: dict[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 5, 8, 9, 0, 0)), data)
    return out.getvalue()


def nested(depth: int) -> bytes:
    data = packed({"底.txt": NOTE.format("6月10日")})
    for i in range(depth):
        data = packed({f"第{i}层.zip": data})
    return data


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    inner = packed({"台账.csv": LEDGER})
    (folder / "材料.zip").write_bytes(
        packed({"通知/正文.txt": NOTE.format("6月10日"), "坏文件.docx": b"PK\x03\x04 nothing", "内层.zip": inner})
    )
    (folder / "另存.txt").write_text(NOTE.format("6月10日"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def first(home: Path, inbox: Path) -> dict[str, Any]:
    return nightly(home, inbox, "2026-06-01")


def test_children_are_documents_with_their_path_and_parent(first: dict[str, Any], home: Path) -> None:
    found = {
        r["path"]: r for r in rows(home, "select path, document_id, parent_id, status, format, kind from documents")
    }
    zip_id, inner_id = found["材料.zip"]["document_id"], found["材料.zip!/内层.zip"]["document_id"]
    assert found["材料.zip!/内层.zip"]["parent_id"] == zip_id
    assert found["材料.zip!/内层.zip!/台账.csv"]["parent_id"] == inner_id
    assert found["材料.zip!/内层.zip!/台账.csv"]["kind"] == "ledger"
    assert found["材料.zip"]["parent_id"] is None
    assert found["材料.zip"]["status"] == "parsed"
    assert found["材料.zip!/坏文件.docx"]["status"] == "quarantined"
    assert len(rows(home, "select debt_id from debts")) == 1
    for row in found.values():
        assert archive_path(home, row["document_id"]).is_file()


def test_the_same_bytes_inside_and_outside_are_one_document_with_two_paths(first: dict[str, Any], home: Path) -> None:
    found = rows(home, "select path, parent_id is null as own from files where path like '%txt' order by path")
    assert found == [{"path": "另存.txt", "own": True}, {"path": "材料.zip!/通知/正文.txt", "own": False}]
    assert len(rows(home, "select document_id from documents where format = 'txt'")) == 1
    assert len(rows(home, "select obligation_id from obligations")) == 1


def test_children_are_counted_and_a_bad_one_is_named(first: dict[str, Any]) -> None:
    assert first["documents"] == {
        "seen": 6, "new": 6, "changed": 0, "unchanged": 0, "partial": 0, "quarantined": 1, "ignored": 0,
    }  # fmt: skip


def test_an_unchanged_parent_is_not_read_again(first: dict[str, Any], home: Path, inbox: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (home / "facts").rglob("*.gz")}
    assert len(before) == 5
    second = nightly(home, inbox, "2026-06-02")
    assert second["documents"]["unchanged"] == second["documents"]["seen"] == 6
    assert second["rows"] == first["rows"]
    assert {p: p.stat().st_mtime_ns for p in (home / "facts").rglob("*.gz")} == before
    with open_state(home) as state:
        assert {p.last_seen_date for p in state.provenance()} == {dt.date(2026, 6, 2)}


def test_a_replaced_parent_takes_its_children_along(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    pack = inbox / "材料.zip"
    pack.write_bytes(packed({"通知.txt": NOTE.format("6月10日"), "台账.csv": LEDGER}))
    nightly(home, inbox, "2026-06-01")
    pack.write_bytes(packed({"通知.txt": NOTE.format("6月20日")}))
    summary = nightly(home, inbox, "2026-06-02")
    assert summary["documents"]["changed"] == summary["documents"]["seen"] == 2
    assert [r["due_date"] for r in rows(home, "select due_date from obligations")] == ["2026-06-20"]
    assert rows(home, "select debt_id from debts") == []
    gone = rows(home, "select path from documents where status = 'superseded' order by path")
    assert [r["path"] for r in gone] == ["材料.zip", "材料.zip!/台账.csv", "材料.zip!/通知.txt"]
    pack.write_bytes(packed({"通知.txt": NOTE.format("6月10日"), "台账.csv": LEDGER}))
    nightly(home, inbox, "2026-06-03")
    assert len(rows(home, "select debt_id from debts")) == 1


def test_what_is_nested_too_deep_is_left_out_and_said(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    (inbox / "套娃.zip").write_bytes(nested(4))
    summary = nightly(home, inbox, "2026-06-01")
    assert summary["documents"]["seen"] == 4
    assert summary["documents"]["partial"] == 1
    (notice,) = rows(home, "select code, message from document_notices where is_partial")
    assert notice["code"] == "children_left_out"
    assert "嵌套超过3层" in notice["message"]


def test_extract_prints_the_container_and_then_its_children(inbox: Path, tmp_path: Path) -> None:
    pack, note = str(inbox / "材料.zip"), str(inbox / "另存.txt")
    done = qingqian("extract", pack, note, "--format", "jsonl", home=tmp_path)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(r["path"].removeprefix(f"{inbox}/"), r["status"]) for r in found] == [
        ("材料.zip", "ok"),
        ("材料.zip!/通知/正文.txt", "ok"),
        ("材料.zip!/坏文件.docx", "failed"),
        ("材料.zip!/内层.zip", "ok"),
        ("材料.zip!/内层.zip!/台账.csv", "ok"),
        ("另存.txt", "ok"),
    ]
    assert found[4]["ledger"]["tables"][0]["rows"][0]["arrears_amount_yuan"] == 125000


def test_lost_facts_and_bytes_of_children_are_made_again(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "材料.zip").write_bytes(packed({"通知.txt": NOTE.format("6月10日")}))
    night, day = Night(home=home, inbox=inbox, workers=1), dt.date(2026, 6, 1)
    night.pull(day, "one")
    night.read(day)
    with night.open() as state:
        (child,) = [p.file_id for p in state.provenance() if p.parent_id]
        state.db.execute("DELETE FROM work")  # as after a crash between reading and recording
        state.db.execute("DELETE FROM children")
    archive_path(home, child).unlink()
    night.read(day)
    assert archive_path(home, child).is_file()
    with night.open() as state:
        assert {r.state for r in state.files()} == {"read"}
        assert len(state.db.execute("SELECT * FROM children").fetchall()) == 1


# --- the state store alone
def seen(state: State, parent: str, children: list[ChildRecord], path: str = "a.zip") -> list[str]:
    now, night = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), dt.date(2026, 6, 1)
    state.saw_file(parent, source="inbox", path=path, size=9, mtime_ns=1, night=night, now=now)
    keep_children(state, parent, children)
    return see_children(state, parent, source="inbox", path=path, night=night, now=now)


def record(number: int, path: str, size: int = 1) -> ChildRecord:
    return ChildRecord(child_id=f"{number:064x}", path=path, how="entry", size=size)


def test_a_pack_that_holds_itself_ends(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        own = f"{7:064x}"
        for _ in range(2):
            assert seen(state, own, [record(7, "a.zip")]) == ["a.zip!/a.zip!/a.zip!/a.zip!/a.zip"]
        assert len([p for p in state.provenance() if p.is_current]) == 4


def test_the_number_and_the_bytes_below_one_file_are_limited(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        children = [record(i + 1, f"{i}.txt") for i in range(2_005)]
        left = seen(state, "a" * 64, children)
        assert [p.removeprefix("a.zip!/") for p in left] == [f"{i}.txt" for i in range(2_000, 2_005)]
        huge = [record(5_000, "x", 1_000_000_000), record(5_001, "y", 1_000_000_000)]
        assert seen(state, "b" * 64, huge, "b.zip") == ["b.zip!/y"]


def test_children_that_a_new_reader_no_longer_finds_are_closed(tmp_path: Path) -> None:
    with open_state(tmp_path) as state:
        seen(state, "a" * 64, [record(1, "x"), record(2, "y")])
        seen(state, "a" * 64, [record(2, "y")])
        assert {p.path: p.is_current for p in state.provenance()} == {
            "a.zip": True,
            "a.zip!/x": False,
            "a.zip!/y": True,
        }
        assert [c.path for c in children_of(state, "a" * 64)] == ["y"]
        gone = state.file(f"{1:064x}")
        assert gone is not None
        assert gone.state == "superseded"


def test_children_of_one_name_get_names_of_their_own() -> None:
    children = [Child(name=n, how="entry", data=b"") for n in ("a.txt", "a.txt", "b", "b", "a.txt")]
    assert [c.name for c in with_own_names(children)] == ["a.txt", "a（2）.txt", "b", "b（2）", "a（3）.txt"]
