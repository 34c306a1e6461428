"""Originals on another storage: an S3 server and a mounted folder, with the same promises."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.warehouse.s3_server import s3_bucket
from warehouse import far_store
from warehouse.archive import (
    ArchiveDamagedError,
    archive,
    archive_path,
    archive_set,
    held,
    key_of,
    put_missing,
    put_there,
    read_archived,
    remove_there,
)
from warehouse.archive_room import Checked, Cleared, check_there, clear_room
from warehouse.far_doctor import far_answers
from warehouse.far_store import FarStore, FarStoreError

LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(params=["s3", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FarStore:
    if request.param == "s3":
        monkeypatch.setenv("QINGQIAN_ARCHIVE", f"{s3_bucket(monkeypatch)}/office")
    else:
        (tmp_path / "mounted").mkdir()
        monkeypatch.setenv("QINGQIAN_ARCHIVE", str(tmp_path / "mounted"))
    return _set()


def _set() -> FarStore:
    found = archive_set()
    assert found is not None
    return found


def overwrite(store: FarStore, key: str, data: bytes) -> None:
    with store._files.open(f"{store._root}/{key}", "wb") as f:
        f.write(data)


def test_what_the_home_lost_or_a_disk_damaged_is_fetched_and_what_is_whole_nowhere_is_said(
    store: FarStore, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    file_id = archive(home, b"one")
    path = archive_path(home, file_id)
    assert store.sizes("raw") == {file_id: 3}
    for harm in (path.unlink, lambda: path.write_bytes(b"two"), lambda: path.write_bytes(b"")):
        harm()
        assert held(home, file_id) == path
        assert path.read_bytes() == read_archived(home, file_id) == b"one"
    overwrite(store, key_of(home, path), b"eno")
    assert read_archived(home, file_id) == b"one"  # the copy here is whole
    path.unlink()
    with pytest.raises(ArchiveDamagedError, match="存放处"):
        held(home, file_id)
    assert not list((home / "raw").rglob("*.*")) and not path.exists()  # nothing half fetched, nothing wrong left
    archive(home, b"one")  # its source brings it again
    assert store.sha256(key_of(home, path)) == file_id


def test_the_same_bytes_are_sent_once(store: FarStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    copy = FarStore._copy
    monkeypatch.setattr(FarStore, "_copy", lambda self, path, place: (sent.append(path.name), copy(self, path, place)))
    ids = [archive(tmp_path / home, b"one") for home in ("home", "home", "other")]
    assert sent == ids[:1]
    put_there(tmp_path / "home", [archive_path(tmp_path / "home", ids[0])])
    assert sent == ids[:1]


def test_a_large_file_goes_in_parts_and_is_known_by_its_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGQIAN_ARCHIVE", s3_bucket(monkeypatch))
    monkeypatch.setattr(far_store, "_PART", 5 << 20)  # the least that S3 takes
    file_id = archive(tmp_path, bytes(11 << 20))
    path = archive_path(tmp_path, file_id)
    assert _set()._look(f"{_set()._root}/{key_of(tmp_path, path)}")[1].endswith("-3")
    monkeypatch.setattr(FarStore, "sha256", None)  # it is not read back
    assert not _set().put(path, key_of(tmp_path, path))


def test_a_crash_between_disk_and_storage_is_healed_and_what_is_lost_is_named(store: FarStore, tmp_path: Path) -> None:
    """As a night that was killed leaves it, and a home from before the storage was set."""
    home = tmp_path / "home"
    ids = [archive(home, data) for data in (b"0", b"11", b"222", b"3333")]
    sizes = {file_id: n + 1 for n, file_id in enumerate(ids)}
    remove_there(ids[:3])
    overwrite(store, f"raw/{ids[3][:2]}/{ids[3]}", b"333")  # cut short by a storage that does not write in whole
    archive_path(home, ids[1]).write_bytes(b"00")
    archive_path(home, ids[2]).unlink()
    assert put_missing(home, sizes) == {ids[0], ids[3]}
    assert store.sizes("raw") == {ids[0]: 1, ids[3]: 4}


def test_room_is_made_only_of_what_is_there_byte_for_byte(store: FarStore, tmp_path: Path) -> None:
    home = tmp_path / "home"
    kept, lost, altered, damaged, young = (archive(home, data) for data in (b"kept", b"lost", b"same", b"hurt", b"new"))
    facts = home / "facts" / "v1" / kept[:2] / f"{kept}.json.gz"
    facts.parent.mkdir(parents=True)
    facts.write_bytes(b"facts")
    put_there(home, [facts])
    unsent = facts.with_name("unsent.json.gz")
    unsent.write_bytes(b"facts")
    remove_there([lost])
    overwrite(store, f"raw/{altered[:2]}/{altered}", b"emas")
    for path in (archive_path(home, damaged),):
        path.write_bytes(b"truh")
        overwrite(store, key_of(home, path), b"truh")  # damaged before it was sent: no proof of anything
    os.utime(archive_path(home, young), (LATER.timestamp(), LATER.timestamp()))
    remove_there([kept[:2]])  # no such file: no fault
    assert clear_room(home, store, before=LATER - dt.timedelta(days=1)) == Cleared(files=2, bytes=9, stayed=4)
    left = {p.name for p in home.rglob("*") if p.is_file()}
    assert left == {lost, altered, damaged, young, "unsent.json.gz"}
    assert read_archived(home, kept) == b"kept"


def test_both_places_are_held_against_each_other(store: FarStore, tmp_path: Path) -> None:
    home = tmp_path / "home"
    data = (b"whole", b"altered there", b"only there", b"only there, altered", b"nowhere")
    ids = [archive(home, d) for d in data]
    for n in (1, 3):
        overwrite(store, f"raw/{ids[n][:2]}/{ids[n]}", data[n][::-1])
    for n in (2, 3, 4):
        archive_path(home, ids[n]).unlink()
    remove_there([ids[4]])
    sizes = dict(zip(ids, map(len, data), strict=True))
    quick = check_there(home, store, sizes, thorough=False)
    assert (quick.whole, quick.mended, quick.lost) == (3, (ids[1],), (ids[4],))
    assert check_there(home, store, sizes, thorough=True) == Checked(whole=3, lost=tuple(sorted(ids[3:])))
    assert archive_path(home, ids[2]).exists() is False  # looking fetches nothing


def test_doctor_tries_the_storage_and_names_a_bucket_that_keeps_what_is_removed(store: FarStore) -> None:
    (answer,) = far_answers()
    assert answer["is_well"] and "都可以" in answer["answer"] and "版本" not in answer["answer"]
    assert store.names("") == []
    if store._is_s3:
        store._files.make_bucket_versioned(store._root.split("/")[0])
        (answer,) = far_answers()
        assert answer["is_well"] and "开着版本控制" in answer["answer"]


@contextmanager
def _answering(status: int, code: str) -> Iterator[str]:
    """The address of a server that answers everything with one error of S3's."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDenied"), (501, "NotImplemented"), (405, "MethodNotAllowed")]
)
def test_a_storage_that_does_not_say_whether_it_keeps_versions_leaves_it_open(
    monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    s3_bucket(monkeypatch)
    import s3fs

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with _answering(status, code) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        s3fs.S3FileSystem.clear_instance_cache()  # clients keep the address they were made with
        store = FarStore(f"s3://answers-{status}/folder", "QINGQIAN_ARCHIVE")
        assert store.keeps_versions() is None
    with pytest.raises(FarStoreError, match="QINGQIAN_ARCHIVE"):  # the server is gone: no answer is not "no"
        store.keeps_versions()


def test_a_storage_that_is_away_stops_with_a_sentence_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (tmp_path / "mounted").mkdir()
    monkeypatch.setenv("QINGQIAN_ARCHIVE", f"file://{tmp_path}/mounted")
    file_id = archive(home, b"one")
    shutil.move(tmp_path / "mounted", tmp_path / "gone")
    archive_path(home, file_id).unlink()
    for call in (lambda: archive(home, b"two"), lambda: held(home, file_id), lambda: put_missing(home, {file_id: 3})):
        with pytest.raises(FarStoreError, match="QINGQIAN_ARCHIVE"):
            call()
    assert not (tmp_path / "mounted").exists()  # nothing is written below a mount point that is empty
    (answer,) = far_answers()
    assert not answer["is_well"] and "没有挂载" in answer["answer"]
    assert "parol" not in str(FarStoreError("QINGQIAN_ARCHIVE", "sftp://qingqian:parol@host/folder", OSError()))
    shutil.move(tmp_path / "gone", tmp_path / "mounted")
    assert read_archived(home, file_id) == b"one"


def test_without_the_setting_nothing_of_it_is_loaded_and_a_path_is_only_a_path(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from warehouse.archive import archive, held; home = Path(sys.argv[1]);"
        "held(home, archive(home, b'one')).unlink(); import pipelines.kept_there;"
        "sys.exit('fsspec' in sys.modules or 's3fs' in sys.modules)"
    )
    env = {k: v for k, v in os.environ.items() if not k.startswith("QINGQIAN_")}
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=root, env=env)
    assert held(tmp_path, hashlib.sha256(b"one").hexdigest()).exists() is False
