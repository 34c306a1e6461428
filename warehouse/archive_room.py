"""Keeping originals and facts that lie on another storage: room made in the home, both places held against each other.

Clear only with no night at work: a file may go between the moment a reader is told its path and the moment it opens it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from warehouse.archive import archive_path, is_whole, key_of
from warehouse.far_store import FarStore


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """What was cleared out of the home: files, bytes; and how many files had to stay for want of a whole copy there."""

    files: int = 0
    bytes: int = 0
    stayed: int = 0


def clear_room(home: Path, store: FarStore, *, before: dt.datetime) -> Cleared:
    """Remove the home's originals and facts written before a moment that lie on the storage byte for byte, no others.

    Raises FarStoreError; what was removed until then is on the storage.
    """
    files = size = stayed = 0
    for path in _kept_in(home):
        status = path.stat()
        if status.st_mtime >= before.timestamp():
            continue
        is_sound = path.parent.parent.name != "raw" or is_whole(path)
        if not (is_sound and store.is_same(path, key_of(home, path))):
            stayed += 1
            continue
        path.unlink()
        files, size = files + 1, size + status.st_size
    return Cleared(files=files, bytes=size, stayed=stayed)


def _kept_in(home: Path) -> Iterator[Path]:
    for pattern in ("raw/??/*", "facts/*/??/*.json.gz"):
        yield from (p for p in sorted(home.glob(pattern)) if not p.name.startswith(".tmp-"))


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """How known originals stand on the storage: how many whole; which were put there anew from the home; which are
    whole in neither place."""

    whole: int
    mended: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def check_there(home: Path, store: FarStore, sizes: Mapping[str, int], *, thorough: bool) -> Checked:
    """Hold every known original (size by id) on the storage against its id; put it there anew where the home has it.

    Where the home has no copy to compare with, its size is looked at, or with `thorough` all of it is read there.
    Raises FarStoreError.
    """
    there = store.sizes("raw")
    whole, mended, lost = 0, [], []
    for file_id, size in sorted(sizes.items()):
        path = archive_path(home, file_id)
        if is_whole(path):
            if store.put(path, key_of(home, path)):
                mended.append(file_id)
            else:
                whole += 1
        elif there.get(file_id) == size and (not thorough or store.sha256(key_of(home, path)) == file_id):
            whole += 1
        else:
            lost.append(file_id)
    return Checked(whole=whole, mended=tuple(mended), lost=tuple(lost))
