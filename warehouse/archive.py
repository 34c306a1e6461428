"""The raw archive: every file as it came, by SHA-256, under `<home>/raw/aa/<sha256>`. Nothing is ever changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from warehouse.durable import sha256_of, write_bytes_atomic


class ArchiveDamagedError(Exception):
    """A file of the archive that is missing or altered."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"原始文件档案损坏：{path}：{why}。请把原文件重新放入来源文件夹，或从备份恢复。")
        self.path = path


def archive_path(home: Path, file_id: str) -> Path:
    """Where the bytes of a file lie."""
    return home / "raw" / file_id[:2] / file_id


def archive(home: Path, data: bytes) -> str:
    """Keep the bytes and return their file id. Bytes already kept are verified, and written anew when damaged.

    Raises OSError when the disk refuses; nothing half written is left then.
    """
    file_id = hashlib.sha256(data).hexdigest()
    path = archive_path(home, file_id)
    if not (path.is_file() and path.stat().st_size == len(data) and sha256_of(path) == file_id):
        write_bytes_atomic(path, data)
    return file_id


def read_archived(home: Path, file_id: str) -> bytes:
    """The bytes of a file, verified. Raises ArchiveDamagedError."""
    path = archive_path(home, file_id)
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
