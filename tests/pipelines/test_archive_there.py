"""Originals and facts on an S3 server, the home's copies a cache: nights, readers and the keeper's commands over it."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from pathlib import Path

import pytest

from pipelines import reading
from pipelines.backup import BackupError, back_up, restore
from pipelines.door import stop_again
from pipelines.kept_there import known_originals
from pipelines.night import Night
from pipelines.reading import facts_path, load_facts
from tests.console.serving import add_people, serve, sign_in
from tests.extractors.formats import makers
from tests.pipelines.in_this_process import NOW, night_of_july
from tests.pipelines.nights import SAMPLE_NIGHT, SAMPLES, contents, nightly, qingqian, rows, sample_night
from tests.pipelines.test_door import PAPER, PLAIN
from tests.warehouse.s3_server import s3_bucket
from warehouse.archive import DAMAGED, archive_path, archive_set, key_of, read_archived, remove_there
from warehouse.far_store import FarStore, FarStoreError
from warehouse.state_stopped import keep_stopped
from warehouse.state_troubles import standing_troubles


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> str:
    """The setting in force: a folder of a new bucket."""
    found = f"{s3_bucket(monkeypatch)}/office"
    monkeypatch.setenv("QINGQIAN_ARCHIVE", found)
    return found


def store() -> FarStore:
    found = archive_set()
    assert found is not None
    return found


def there() -> set[str]:
    """Every key on the storage."""
    root = store()._root
    return {place.removeprefix(f"{root}/") for place in store()._files.find(root)}


def kept_here(home: Path) -> set[str]:
    """The keys of all that the home itself holds of originals and facts."""
    return {key_of(home, p) for f in ("raw", "facts") for p in (home / f).rglob("*") if p.is_file()}


def lose(home: Path) -> None:
    for folder in ("raw", "facts"):
        shutil.rmtree(home / folder)


def test_a_home_whose_originals_and_facts_are_gone_goes_on_from_the_storage(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, url: str
) -> None:
    """The setting comes late, to a home with nights behind it."""
    home = tmp_path / "home"
    sample_night(home, tmp_path_factory)
    before = kept_here(home)
    nightly(home, SAMPLES, SAMPLE_NIGHT, archive=url)
    assert there() == before
    documents = contents(home, ("documents", "ledger_rows"))
    lose(home)
    summary = nightly(home, SAMPLES, SAMPLE_NIGHT, archive=url)["documents"]
    assert (summary["new"], summary["changed"], summary["unchanged"]) == (0, 0, summary["seen"])
    assert kept_here(home) == set()  # a night without news asks for none of them
    assert contents(home, ("documents", "ledger_rows")) == documents

    add_people(home)
    found = rows(home, "SELECT document_id, name FROM documents WHERE name LIKE '%.pdf' ORDER BY name LIMIT 1")[0]
    shutil.rmtree(home / "cache" / "pages", ignore_errors=True)
    with serve(home, archive=url) as server:
        steward = sign_in(server, "steward")
        assert steward.get(f"/documents/{found['document_id']}").status_code == 200
        assert steward.get(f"/evidence/{found['document_id']}/page/1.png").content.startswith(b"\x89PNG")
        original = steward.get(f"/documents/{found['document_id']}/download").content
        assert hashlib.sha256(original).hexdigest() == found["document_id"]
    said = qingqian("archive", "verify", "--read", home=home, archive=url).stdout
    assert f"{sum(k.startswith('raw/') for k in before)} 个原始文件完好" in said
    assert "已删去本机的 1 个文件" in qingqian("archive", "clear", "--days", "0", home=home, archive=url).stdout
    away = qingqian("nightly", "--inbox", str(SAMPLES), home=home, check=False, archive=f"file://{tmp_path}/away")
    assert away.returncode == 1 and "QINGQIAN_ARCHIVE" in away.stderr and "收件" in away.stderr
    refused = qingqian("archive", "clear", home=home, check=False)
    assert refused.returncode == 1 and "QINGQIAN_ARCHIVE" in refused.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "通知.txt").write_text(PLAIN, encoding="utf-8")
    (inbox / "材料.zip").write_bytes(makers.zipped({"内/说明.txt": f"{PLAIN}二\n".encode()}))
    return tmp_path / "home"


def troubles(home: Path) -> dict[str, str]:
    with Night(home=home).open() as state:
        return {t.trouble_id: t.message for t in standing_troubles(state)}


def known(home: Path) -> list[str]:
    with Night(home=home).open() as state:
        return sorted(known_originals(state))


READ = {"通知.txt": "ok", "材料.zip": "ok", "材料.zip!/内/说明.txt": "ok"}


def test_another_version_reads_fetched_originals_and_a_restored_home_has_them_too(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night_of_july(home, 1) == READ
    assert there() == kept_here(home) and len(there()) == 6
    lose(home)
    with monkeypatch.context() as other:
        other.setattr(reading, "extractor_version", lambda: "another")
        assert night_of_july(home, 2) == READ
    assert len(there()) == 9
    lose(home)
    shutil.rmtree(home / "staged")
    assert night_of_july(home, 3) == {}  # rows of the first version are staged again, of fetched facts
    assert len(kept_here(home)) == 3
    night = Night(home=home, inbox=home.parent / "inbox")
    assert night.forget("inbox") == 3  # to be read again: what lies on the storage must not stand in for it
    assert night_of_july(home, 4) == READ

    target = home.parent / "backup"
    _, manifest = back_up(home, target, NOW)
    assert (manifest.raw, manifest.elsewhere) == ((), tuple(known(home)))
    with monkeypatch.context() as unset:
        unset.delenv("QINGQIAN_ARCHIVE")
        with pytest.raises(BackupError, match="QINGQIAN_ARCHIVE"):
            restore(target, home.parent / "new")
    assert not (home.parent / "new").exists()
    gone = manifest.elsewhere[0]
    everything = back_up(home, target, NOW + dt.timedelta(days=1), all_originals=True)[1]
    assert (everything.raw, everything.missing) == (manifest.elsewhere, ())
    store().remove([key_of(home, archive_path(home, gone))])
    assert restore(target / "2026-07-01T180000Z", home.parent / "new").missing == (gone,)
    assert night_of_july(home.parent / "new", 5) == {}
    monkeypatch.delenv("QINGQIAN_ARCHIVE")
    restore(target, home.parent / "whole")
    assert len(list((home.parent / "whole" / "raw").glob("*/*"))) == 3


def test_a_night_cut_off_between_disk_and_storage_is_healed_by_the_next(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First while originals are put there, then while facts are."""
    copy = FarStore._copy
    for day, kind in enumerate(("raw/", "facts/"), 1):

        def away(self: FarStore, path: Path, place: str, kind: str = kind) -> None:
            if f"/{kind}" in place:
                raise ConnectionError("gone")
            copy(self, path, place)

        with monkeypatch.context() as broken:
            broken.setattr(FarStore, "_copy", away)
            with pytest.raises(FarStoreError, match="QINGQIAN_ARCHIVE"):
                night_of_july(home, day)
        night = Night(home=home, inbox=home.parent / "inbox")
        with night.open() as state:
            files = [f for f, _ in night._to_read(state)]
            assert {key_of(home, archive_path(home, f.file_id)) for f in files} <= there()
            assert not any(state.work(f.version) for f in files)  # nothing counts as done that is not there
        assert kept_here(home) > there()
        assert not [p for p in home.rglob(".tmp-*") if p.is_file()]
    night_of_july(home, 3)
    assert there() == kept_here(home) and len(there()) == 6


def test_what_is_damaged_here_is_fetched_and_what_is_damaged_there_costs_its_file_until_it_is_back(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    night_of_july(home, 1)
    notice = hashlib.sha256(PLAIN.encode()).hexdigest()
    path = archive_path(home, notice)
    facts = facts_path(home, notice, reading.extractor_version())
    path.write_bytes(b"x" * path.stat().st_size)
    facts.write_bytes(b"x")
    assert read_archived(home, notice) == PLAIN.encode()
    assert load_facts(home, notice, reading.extractor_version()) is not None

    shutil.rmtree(home / "raw")
    with store()._files.open(f"{store()._root}/{key_of(home, path)}", "wb") as f:
        f.write(b"x" * len(PLAIN.encode()))
    with monkeypatch.context() as other:
        other.setattr(reading, "extractor_version", lambda: "another")
        assert night_of_july(home, 2) == READ | {"通知.txt": "failed"}
        with Night(home=home).open() as state:
            failed = state.work("another")[notice]
        assert failed.error_code == DAMAGED and "存放处" in (failed.error_message or "")
        assert night_of_july(home, 3) == {}  # still lost
        path.write_bytes(PLAIN.encode())  # brought back by a hand
        assert night_of_july(home, 4) == {"通知.txt": "ok"}

    (home.parent / "inbox" / "通知.txt").unlink()
    path.unlink()
    remove_there([notice])
    night_of_july(home, 5)
    assert "1 个原始文件" in troubles(home)["archive_lost"]
    (home.parent / "inbox" / "通知.txt").write_bytes(PLAIN.encode())
    night_of_july(home, 6)
    assert "archive_lost" not in troubles(home) and key_of(home, path) in there()


def test_papers_that_are_stopped_leave_the_storage_and_a_bucket_that_keeps_them_is_told(home: Path, url: str) -> None:
    (home.parent / "inbox" / "督办.txt").write_text(PAPER, encoding="utf-8")
    night_of_july(home, 1)
    secret, notice = (hashlib.sha256(p.encode()).hexdigest() for p in (PAPER, PLAIN))
    assert not any(secret in key for key in there()) and len(there()) == 6
    with Night(home=home).open() as state:
        keep_stopped(state, [notice], reason="x", now=NOW)
        stop_again(home, state, notice, now=NOW)
    assert not any(notice in key for key in there() | kept_here(home)) and len(there()) == 4
    assert "archive_versions" not in troubles(home)
    bucket = url.split("/")[2]
    store()._files.make_bucket_versioned(bucket)
    night_of_july(home, 2)
    assert "版本控制" in troubles(home)["archive_versions"]
    store()._files.make_bucket_versioned(bucket, False)
    night_of_july(home, 3)
    assert "archive_versions" not in troubles(home)
