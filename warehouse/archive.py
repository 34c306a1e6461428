"""The raw archive: every file as it came, by SHA-256, under `<home>/raw/aa/<sha256>`. Nothing is ever changed.

With a storage set (`QINGQIAN_ARCHIVE`, `far_store`) every original, and every facts file that was read from one, also
lies there under the same path, before the state store calls it known. The home's copy is then a cache that may be
cleared (`warehouse.archive_room`): whoever needs an original's bytes asks `held` for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from warehouse.durable import replacing, sha256_of, write_bytes_atomic
from warehouse.far_store import ARCHIVE, FarStore, store_set

DAMAGED = "archive_damaged"
"""Why a file was not read whose original is lost or altered, here and there; it is tried again every night."""


class ArchiveDamagedError(Exception):
    """A file of the archive that is missing or altered."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"原始文件档案损坏：{path}：{why}。请把原文件重新放入来源文件夹，或从备份恢复。")
        self.path = path


def archive_path(home: Path, file_id: str) -> Path:
    """Where the bytes of a file lie in the home, if they do; see `held`."""
    return home / "raw" / file_id[:2] / file_id


def archive_set() -> FarStore | None:
    """The storage of originals and facts; None when they lie in the home alone. Raises FarStoreError."""
    return store_set(ARCHIVE)


def archive(home: Path, data: bytes) -> str:
    """Keep the bytes and return their file id. Bytes already kept are verified, and written anew when damaged.

    Raises OSError when the disk or the storage set refuses; nothing half written is left then.
    """
    file_id = hashlib.sha256(data).hexdigest()
    path = archive_path(home, file_id)
    if not (path.is_file() and path.stat().st_size == len(data) and sha256_of(path) == file_id):
        write_bytes_atomic(path, data)
    put_there(home, [path])
    return file_id


def held(home: Path, file_id: str) -> Path:
    """Where the bytes of a file lie, fetched from the storage set when the home's copy is missing or damaged.

    Without a storage the path as it is, not looked at. Raises ArchiveDamagedError when they are whole nowhere,
    FarStoreError when the storage cannot be asked.
    """
    path = archive_path(home, file_id)
    store = archive_set()
    if store is None or is_whole(path):
        return path
    if not _fetch(store, home, path, file_id):
        raise ArchiveDamagedError(path, f"这里和存放处 {store.url} 都没有完好的文件")
    return path


def is_whole(path: Path) -> bool:
    """Whether an original lies at its path in the home, its bytes those of its name."""
    return path.is_file() and sha256_of(path) == path.name


def read_archived(home: Path, file_id: str) -> bytes:
    """The bytes of a file, verified. Raises ArchiveDamagedError, and FarStoreError as `held` does."""
    path = held(home, file_id)
    try:
        data = path.read_bytes()
    except FileNotFoundError as e:
        raise ArchiveDamagedError(path, "文件不存在") from e
    if hashlib.sha256(data).hexdigest() != file_id:
        raise ArchiveDamagedError(path, "内容与校验和不符")
    return data


def verify_archive(home: Path) -> Iterator[Path]:
    """Every damaged file of the archive; also clears away what a crash left half written (`.tmp-*`)."""
    for path in sorted((home / "raw").glob("??/*")):
        if path.name.startswith(".tmp-"):
            path.unlink(missing_ok=True)
        elif sha256_of(path) != path.name:
            yield path


# On another storage: originals and facts alike, under the path they have in the home ----------------------------


def key_of(home: Path, path: Path) -> str:
    """Where a file of the home lies below the storage's URL."""
    return path.relative_to(home).as_posix()


def put_there(home: Path, paths: Iterable[Path]) -> None:
    """Have files of the home on the storage set, if one is; what is there already is not sent. Raises FarStoreError."""
    store = archive_set()
    if store is not None:
        store.put_all({key_of(home, path): path for path in paths})


def fetched(home: Path, path: Path) -> bool:
    """Whether a facts file was brought into the home from the storage set; what it holds is for the caller to check.

    Raises FarStoreError.
    """
    store = archive_set()
    return store is not None and _fetch(store, home, path, None)


def put_missing(home: Path, sizes: Mapping[str, int]) -> frozenset[str] | None:
    """Of known originals (size by id) those that the storage set holds, what it lacked put there from the home.

    None without a storage. Raises FarStoreError.
    """
    store = archive_set()
    if store is None:
        return None
    there = store.sizes("raw")
    lacking = {file_id for file_id, size in sizes.items() if there.get(file_id) != size}
    here = {file_id for file_id in lacking if is_whole(archive_path(home, file_id))}
    put_there(home, (archive_path(home, file_id) for file_id in sorted(here)))
    return frozenset(sizes) - (lacking - here)


def remove_there(file_ids: Iterable[str]) -> None:
    """Remove originals and all facts read from them from the storage set, if one is. Raises FarStoreError."""
    ids = list(file_ids)
    store = archive_set() if ids else None
    if store is None:
        return
    folders = ["raw", *(f"facts/{version}" for version in store.names("facts"))]
    store.remove(f"{f}/{i[:2]}/{i}{'' if f == 'raw' else '.json.gz'}" for f in folders for i in ids)


def remove_path_there(home: Path, path: Path) -> None:
    """Remove one file of the home from the storage set, if one is. Raises FarStoreError."""
    store = archive_set()
    if store is not None:
        store.remove([key_of(home, path)])


def _fetch(store: FarStore, home: Path, path: Path, sha256: str | None) -> bool:
    """Bring one file into the home, in whole or not at all; False when it is not there or not of that checksum."""
    try:
        with replacing(path) as temporary:
            if not store.get(key_of(home, path), temporary) or (sha256 is not None and sha256_of(temporary) != sha256):
                raise FileNotFoundError(path)
    except FileNotFoundError:
        return False
    return True
