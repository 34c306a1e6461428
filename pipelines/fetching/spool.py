"""What is being fetched: one `.part` file an item under `<home>/fetch/<source>/`, with a note of which version it is.

A `.part` is never parsed. It becomes whole by a rename after its length, and its hash where the other side states
one, were checked; a fetch that broke goes on where it stopped, if the other side still has the same version.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from pipelines.fetching.delivery import PermanentError, TransientError
from warehouse.durable import sha256_of


class Part:
    """A fetch under way."""

    def __init__(self, folder: Path, path: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem = hashlib.sha256(path.encode()).hexdigest()[:32]
        self.file = folder / f"{stem}.part"
        self.note = folder / f"{stem}.note"
        self.whole = folder / f"{stem}.whole"

    def begun(self) -> tuple[int, str | None]:
        """How many bytes are there already, and of which version (None: unknown, so start again)."""
        try:
            version = msgspec.json.decode(self.note.read_bytes(), type=str)
            return self.file.stat().st_size, version
        except (FileNotFoundError, msgspec.MsgspecError):
            return 0, None

    def write(self, chunks: Iterable[bytes], *, at: int, version: str | None, limit: int) -> int:
        """Write on from byte `at`; returns the size then. Raises PermanentError beyond `limit` bytes."""
        if version is None:
            self.note.unlink(missing_ok=True)
        else:
            self.note.write_bytes(msgspec.json.encode(version))
        with self.file.open("r+b" if at and self.file.exists() else "wb") as f:
            f.truncate(at)
            f.seek(at)
            size = at
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    f.close()
                    self.drop()
                    raise PermanentError("too_long", f"文件超过 {limit:,} 字节的上限；未收取")
                f.write(chunk)
            f.flush()
            os.fsync(f.fileno())
        return size

    def finish(self, *, size: int | None, digests: Mapping[str, str]) -> Path:
        """The whole file, checked. Raises TransientError when it is short or its hash is wrong (it is dropped then)."""
        found = self.file.stat().st_size
        if size is not None and found != size:
            if found > size:
                self.drop()
            raise TransientError("wrong_length", f"收到 {found:,} 字节，应为 {size:,} 字节")
        for name, expected in digests.items():
            if _digest(self.file, name) != expected:
                self.drop()
                raise TransientError("wrong_hash", f"收到的内容与对方给出的 {name} 校验和不符")
        self.file.replace(self.whole)
        self.note.unlink(missing_ok=True)
        return self.whole

    def drop(self) -> None:
        """Begin again next time."""
        self.file.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


def stated_digests(headers: Mapping[str, str]) -> dict[str, str]:
    """Hashes of the body that a response's headers state, as hex by algorithm (RFC 9530, RFC 3230, RFC 1864)."""
    out: dict[str, str] = {}
    stated = f"{headers.get('repr-digest', '')},{headers.get('digest', '')}"
    for name, value in re.findall(r"(?i)\b(sha-256|md5)=:?([A-Za-z0-9+/=]+):?", stated):
        out[name.lower()] = value
    if headers.get("content-md5"):
        out["md5"] = headers["content-md5"].strip()
    known = {}
    for name, value in out.items():
        try:
            known[name] = base64.b64decode(value, validate=True).hex()
        except ValueError:
            continue  # not base64: not a statement we understand, and no reason to refuse the file
    return known


def _digest(path: Path, name: str) -> str:
    if name == "sha-256":
        return sha256_of(path)
    with path.open("rb") as f:
        return hashlib.file_digest(f, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
