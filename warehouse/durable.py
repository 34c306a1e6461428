"""Writing so that a crash leaves the old or the new, never half: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CHUNK = 1 << 20
_LEAST_BYTES, _LEAST_FILES = 4 << 20, 50


class NoRoomError(Exception):
    """The disk is full; nothing is damaged, and nothing that was acknowledged is lost."""


def no_room(path: Path) -> str | None:
    """One Chinese sentence when the disk under `path` is full, with what to do; None while there is room.

    Databases then fail in ways that look like damage ("disk I/O error"), so ask this before calling anything damaged.
    """
    while not path.exists() and path != path.parent:
        path = path.parent
    try:
        disk = os.statvfs(path)
    except OSError:
        return None
    free = disk.f_bavail * disk.f_frsize
    if free < _LEAST_BYTES:
        left = f"只剩 {free // 1024} KB"
    elif disk.f_files and disk.f_favail < _LEAST_FILES:
        left = "再也建不了新文件（inode 用完）"
    else:
        return None
    return (
        f"磁盘已满：{path} 所在的磁盘{left}；已发布的数据没有损坏。"
        "请先腾出空间（办法见 docs/operating.md“磁盘满了”），再运行一次 qingqian nightly"
    )


def fsync_path(path: Path) -> None:
    """Flush a file or folder to the disk. Raises OSError when the disk refuses."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path`, which takes its place, flushed, when the block ends; nothing is left when it
    raises, and a reader finds the old content or the new. Raises OSError (disk full and the like)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        fsync_path(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_path(path.parent)


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old content or the new. Raises OSError (disk full and the like)."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def copy_atomic(source: Path, target: Path) -> None:
    """Copy a file of any size so that a reader finds the old content or the new. Raises OSError."""
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def publish_folder(temporary: Path, target: Path) -> None:
    """Rename a finished folder into place; one that is there already is set aside and removed. Raises OSError."""
    for path in sorted(temporary.iterdir()):
        fsync_path(path)
    fsync_path(temporary)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        aside = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
        target.rename(aside / target.name)
        temporary.rename(target)
        shutil.rmtree(aside)
    else:
        temporary.rename(target)
    fsync_path(target.parent)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes. Raises OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while chunk := f.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
