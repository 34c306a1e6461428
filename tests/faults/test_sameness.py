"""The same thing by many ways, at once, at odd times: one document, provenance for each way, and no storms."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest

from pipelines.backup import back_up, restore
from pipelines.intake import take_in
from pipelines.progress import Bar
from pipelines.sources import FolderSource
from tests.faults.invariant import check_invariant
from tests.faults.running import NOTICE, ROOT, fill_inbox, well
from tests.pipelines.nights import rows
from warehouse import state_engine
from warehouse.archive import archive
from warehouse.state import State, StateDamagedError, open_state, state_path
from warehouse.state_schema import MIGRATIONS

NOW = dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC)


def test_twenty_sources_bring_the_same_file_at_once(tmp_path: Path) -> None:
    data = b"the same bytes"
    start = threading.Barrier(20)
    wrong: list[BaseException] = []

    def bring(n: int) -> None:
        try:
            with open_state(tmp_path) as state:
                start.wait()
                file_id = archive(tmp_path, data)
                state.saw_file(
                    file_id, source=f"s{n}", path="a.txt", size=len(data), mtime_ns=1, night=NOW.date(), now=NOW
                )
        except BaseException as e:
            wrong.append(e)

    with open_state(tmp_path):
        pass
    threads = [threading.Thread(target=bring, args=(n,)) for n in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    with open_state(tmp_path) as state:
        assert len(state.files()) == 1
        assert len(state.provenance()) == 20
    assert len([p for p in (tmp_path / "raw").rglob("*") if p.is_file()]) == 1


def pack(path: Path, names: list[str], *, stored: bool) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as z:
        for name in names:
            z.writestr(name, NOTICE.format(n=int(name[-5])))


def test_a_pack_delivered_twice_renamed_and_zipped_anew_brings_no_new_document(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    inbox.mkdir()
    names = ["通知1.txt", "通知2.txt", "通知3.txt"]
    pack(inbox / "包.zip", names, stored=False)
    well(home, inbox)
    sql = "select document_id from documents where path like '%.txt' order by 1"
    first = rows(home, sql)
    shutil.copy(inbox / "包.zip", inbox / "包（重发）.zip")
    pack(inbox / "包二.zip", names[::-1], stored=True)
    shutil.move(inbox / "包.zip", inbox / "改名.zip")
    well(home, inbox, "2026-07-02")
    check_invariant(home)
    assert rows(home, sql) == first
    with open_state(home) as state:
        places = {p.path.split("!/")[0] for p in state.provenance(first[0]["document_id"]) if p.is_current}
    assert {"包（重发）.zip", "包二.zip", "改名.zip"} <= places


CLOCKS = [
    dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC), dt.datetime(2026, 7, 2, 18, tzinfo=dt.UTC),
    dt.datetime(2026, 6, 30, 18, tzinfo=dt.UTC), dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
    dt.datetime(2038, 1, 19, 3, 14, 8, tzinfo=dt.UTC), dt.datetime(2026, 7, 3, 18, tzinfo=dt.UTC),
]  # fmt: skip


def test_a_jumping_clock_makes_no_new_files_and_no_negative_times(tmp_path: Path) -> None:
    inbox = fill_inbox(tmp_path / "inbox")
    source = FolderSource(name="inbox", path=str(inbox))
    seen = []
    with open_state(tmp_path / "home") as state:
        for n, now in enumerate(CLOCKS):
            state.start_run(f"r{n}", as_of=now.date(), now=now)
            pulled = take_in(tmp_path / "home", state, [source], night=now.date(), now=now, bar=Bar())
            state.end_run(f"r{n}", "done", counts={}, now=now - dt.timedelta(hours=1))  # set back in the middle
            seen.append((pulled.counts["new"], pulled.counts["unchanged"], pulled.counts["changed"]))
        assert seen == [(7, 0, 0)] + [(0, 7, 0)] * 5
        assert all(r.ended_at is not None and r.ended_at >= r.started_at for r in state.runs())
        assert len(state.files()) == 7


def test_dates_do_not_depend_on_the_time_zone_of_the_machine(tmp_path: Path) -> None:
    inbox = fill_inbox(tmp_path / "inbox", 2)
    said = set()
    for zone in ("Asia/Shanghai", "UTC", "America/Los_Angeles"):
        env = {**os.environ, "TZ": zone}
        command = [sys.executable, "-m", "pipelines", "extract", str(inbox / "通知1.txt"), "--format", "json"]
        said.add(subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True).stdout)
    assert len(said) == 1
    assert b"2026-06-30" in said.pop()


def test_a_migration_interrupted_at_any_statement_is_finished_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, script in enumerate(MIGRATIONS):
        statements = list(state_engine._statements(script))
        for cut in range(len(statements)):
            home = tmp_path / f"{number}-{cut}"
            broken = (*MIGRATIONS[:number], "".join(statements[:cut]) + "\nSELECT no_such_function();\n")
            monkeypatch.setattr(state_engine, "MIGRATIONS", broken)
            with pytest.raises(StateDamagedError):
                open_state(home)
            monkeypatch.setattr(state_engine, "MIGRATIONS", MIGRATIONS)
            with open_state(home) as state:
                assert state.db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
                assert state.files() == []
    new = tmp_path / "new"
    with open_state(new):
        pass
    monkeypatch.setattr(state_engine, "MIGRATIONS", MIGRATIONS[:-1])
    with pytest.raises(StateDamagedError, match="升级程序"):  # the old program refuses the new store
        open_state(new)


def test_a_backup_taken_while_files_come_in_is_whole(tmp_path: Path) -> None:
    home, done = tmp_path / "home", threading.Event()
    with open_state(home):
        pass

    def load() -> None:
        with State(state_path(home)) as state:
            for n in range(100_000):
                if done.is_set():
                    return
                data = f"{n}".encode()
                file_id = archive(home, data)
                state.saw_file(
                    file_id, source="a", path=f"{n}.txt", size=len(data), mtime_ns=1, night=NOW.date(), now=NOW
                )

    loader = threading.Thread(target=load)
    loader.start()
    try:
        for n in range(3):
            back_up(home, tmp_path / "backup", NOW + dt.timedelta(minutes=n))
    finally:
        done.set()
        loader.join()
    for n, snapshot in enumerate(sorted((tmp_path / "backup").glob("2026*"))):
        manifest = restore(snapshot, tmp_path / f"new{n}")
        assert manifest.missing == ()
        assert len(manifest.raw) == manifest.counts["files"]


def test_a_pack_of_a_hundred_thousand_files_is_refused_by_its_directory(tmp_path: Path) -> None:
    from extractors.facts import Context
    from extractors.process import extract

    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as z:
        for n in range(100_000):
            z.writestr(f"{n}", b"")
    found = extract(path.read_bytes(), "many.zip", Context())
    assert found.failure is not None
    assert found.failure.code == "zip_bomb"
