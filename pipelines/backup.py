"""Backup and restore: the state store, the raw archive and the configuration. Everything else is made of these.

A backup folder holds one pool of raw files for all snapshots (`raw/aa/<sha256>`, each copied once) and one folder a
snapshot (`2026-07-01T021500Z/`) with the state store, the configuration and `manifest.json`, which is written last: a
snapshot without it is not one. The state is copied before the raw files it names, and raw files are never changed, so
a snapshot taken in the middle of a night is whole. Originals that lie on a storage of their own (`QINGQIAN_ARCHIVE`)
are not copied unless asked for: the snapshot names them, and a home restored from it has them from there. The state is
a SQLite file also where it lies on a server (`QINGQIAN_STATE`): restoring under another setting moves it. The published
warehouse is built anew by the first night after.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from warehouse.archive import ArchiveDamagedError, archive_path, archive_set, held
from warehouse.decisions import verify
from warehouse.durable import fsync_path, sha256_of, write_bytes_atomic
from warehouse.far_store import ARCHIVE
from warehouse.state import State, counts_for_backup, has_state, open_state
from warehouse.state_copy import bring_in, check_empty, copy_out
from warehouse.state_engine import StateDamagedError
from warehouse.state_stopped import stopped_files

_CONFIGURATION = ("sources", "telling.yml")
MANIFEST = "manifest.json"


class BackupError(Exception):
    """A backup cannot be made or restored; the message says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot holds: SHA-256 by path of its own files, ids of the raw files it needs, counts."""

    taken_at: str
    files: dict[str, str]
    raw: tuple[str, ...]
    counts: dict[str, int]
    missing: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def back_up(home: Path, target: Path, now: dt.datetime, *, all_originals: bool = False) -> tuple[Path, Manifest]:
    """Add a snapshot; it may be taken while a night runs. With `all_originals` those on a storage are copied too.

    Raises BackupError, OSError when a disk or that storage refuses.
    """
    if not has_state(home):
        raise BackupError(f"{home} 里还没有数据，没有可备份的内容；请检查 --home")
    if target.resolve().is_relative_to(home.resolve()):
        raise BackupError(f"备份目录 {target} 在状态目录里面；请放到另一块盘上")
    folder = target / now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H%M%SZ")
    if folder.exists():
        raise BackupError(f"{folder} 已存在；请稍后再试")
    folder.mkdir(parents=True, mode=0o700)
    copy = folder / "state.sqlite"
    copy_out(home, copy)
    for name in _CONFIGURATION:
        source = home / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.is_file():
            shutil.copy2(source, folder / name)
    with State(copy) as state:
        stopped = stopped_files(state)
        sizes = {f.file_id: f.size for f in state.files() if f.file_id not in stopped}
        counts = counts_for_backup(state)
    for suffix in ("-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    elsewhere = frozenset() if all_originals else _elsewhere(sizes)
    missing = {i for i in sizes if i not in elsewhere and not _pool(home, target, i)}
    for file_id in stopped:  # recognised since an earlier snapshot: no copy is kept here either
        archive_path(target, file_id).unlink(missing_ok=True)
    files = {p.relative_to(folder).as_posix(): sha256_of(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    manifest = Manifest(
        taken_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        files=files,
        raw=tuple(i for i in sizes if i not in missing and i not in elsewhere),
        counts=counts,
        missing=tuple(sorted(missing)),
        elsewhere=tuple(sorted(elsewhere)),
    )
    for path in files:
        fsync_path(folder / path)
    write_bytes_atomic(folder / MANIFEST, msgspec.json.encode(manifest))
    return folder, manifest


def restore(source: Path, home: Path) -> Manifest:
    """Bring a snapshot (or the last whole one of a backup folder) into an empty home, everything checked by hash.

    Originals on a storage stay there; those that it has no more are among `missing` of what is returned. Raises
    BackupError when it is damaged, the home holds something or the storage is not set, OSError when a disk or the
    storage refuses.
    """
    folder = _snapshot(source)
    manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    if manifest.elsewhere:
        manifest = _with_what_is_lost(manifest)
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"{home} 不是空的；为免覆盖，请恢复到一个新目录，再把它换上去")
    for path, digest in manifest.files.items():
        if not (folder / path).is_file() or sha256_of(folder / path) != digest:
            raise BackupError(f"备份文件 {folder / path} 缺失或已损坏；请改用更早的备份")
    for file_id in manifest.raw:
        pooled = archive_path(folder.parent, file_id)
        if not pooled.is_file() or sha256_of(pooled) != file_id:
            raise BackupError(f"备份的原始文件 {pooled} 缺失或已损坏；请改用另一份备份")
    try:
        check_empty(home)
    except StateDamagedError as e:
        raise BackupError(str(e)) from e
    for file_id in manifest.raw:
        kept = archive_path(home, file_id)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(archive_path(folder.parent, file_id), kept)
    for path in manifest.files:
        if path == "state.sqlite":
            bring_in(home, folder / path)
            continue
        place = home / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / path, place)
    with open_state(home) as state:
        if counts_for_backup(state) != manifest.counts:
            raise BackupError(f"恢复后的状态库与备份时的计数不符：{counts_for_backup(state)}，应为 {manifest.counts}")
        problem = verify(state)
        if problem is not None:
            raise BackupError(f"恢复后的决定记录第 {problem} 条校验不通过；请改用更早的备份")
    return manifest


def snapshots(target: Path) -> list[Path]:
    """The whole snapshots of a backup folder, oldest first."""
    return sorted(p.parent for p in target.glob(f"*/{MANIFEST}"))


def _snapshot(source: Path) -> Path:
    if (source / MANIFEST).is_file():
        return source
    found = snapshots(source)
    if not found:
        raise BackupError(f"{source} 里没有完整的备份；请检查路径")
    return found[-1]


def _elsewhere(sizes: Mapping[str, int]) -> frozenset[str]:
    """Of these originals (size by id) those that lie on the storage that is set."""
    store = archive_set()
    there = {} if store is None else store.sizes("raw")
    return frozenset(i for i, size in sizes.items() if there.get(i) == size)


def _with_what_is_lost(manifest: Manifest) -> Manifest:
    store = archive_set()
    if store is None:
        raise BackupError(
            f"这份备份的 {len(manifest.elsewhere)} 个原始文件没有复制，在备份时的存放处；请先把 {ARCHIVE} 设成那里"
        )
    there = store.sizes("raw")
    lost = tuple(i for i in manifest.elsewhere if i not in there)
    return msgspec.structs.replace(manifest, missing=(*manifest.missing, *lost))


def _pool(home: Path, target: Path, file_id: str) -> bool:
    """The raw file in the pool; False when the home lost it."""
    pooled = archive_path(target, file_id)
    if pooled.is_file():
        return True
    try:
        data = held(home, file_id).read_bytes()
    except (ArchiveDamagedError, FileNotFoundError):
        return False
    write_bytes_atomic(pooled, data)
    return True
