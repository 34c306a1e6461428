"""Writing so that a crash leaves the old or the new, never half: temporary name, fsync, rename, fsync of the folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

_CHUNK = 1 << 20


def fsync_path(path: Path) -> None:
    """Flush a file or folder to the disk. Raises OSError when the disk refuses."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds the old content or the new. Raises OSError (disk full and the like)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_path(path.parent)


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
