"""The storage that the night and the cluster's machines both reach: where files lie for reading, where results go.

Without a setting it is the home itself, on a disk that every machine mounts at the same path: originals are read in
place. `QINGQIAN_SHARED` names another path, or any fsspec URL (`s3://bucket/folder`): originals to be read are laid
there for the time of the work and removed with it, since no second copy of them is to stay (decision record 0012).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

VARIABLE = "QINGQIAN_SHARED"


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """One night's folder on the shared storage; goes to the cluster's machines as it is.

    `mine` is this home's folder, of which `root` is a part; both are paths or URLs. `in_place` says that originals are
    read where the archive has them.

    Everything here raises OSError, and what a storage's own library raises, when it cannot be reached.
    """

    root: str
    mine: str
    in_place: bool

    @property
    def is_url(self) -> bool:
        """True for a storage that is spoken to, False for one that is mounted."""
        return "://" in self.root

    # The night's side ------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Remove what a killed night left, and make the folder."""
        self._clear(self.mine)
        if not self.is_url:
            Path(self.root).mkdir(parents=True)

    def close(self) -> None:
        """Remove everything of this night; what cannot be removed now is removed by the next."""
        with suppress(Exception):
            self._clear(self.mine)

    def lay(self, archived: str, key: str) -> str:
        """Make an archived file readable for the cluster; where it lies for it. Raises FileNotFoundError too."""
        if self.in_place:
            return archived
        place = f"{self.root}/{key}"
        self.put(Path(archived), key)
        return place

    def remove(self, name: str) -> None:
        """Remove one file that is done with; one that will not go now is removed with the folder."""
        with suppress(Exception):
            if self.is_url:
                _files(self.root).rm_file(_stripped(f"{self.root}/{name}"))
            else:
                Path(self.root, name).unlink()

    # Both sides ------------------------------------------------------------------------------------------------

    def put(self, path: Path, name: str) -> None:
        """Copy a file there; it is there in whole or not at all."""
        if self.is_url:
            _files(self.root).put_file(str(path), _stripped(f"{self.root}/{name}"))
            return
        aside = Path(self.root, f".tmp-{uuid.uuid4().hex}")
        try:
            shutil.copyfile(path, aside)
            aside.replace(Path(self.root, name))
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    @contextmanager
    def fetched(self, place: str, sha256: str | None = None) -> Iterator[Path]:
        """A file of the storage as one on this machine's disk, until the block ends: itself where it is mounted.

        Raises FileNotFoundError, and OSError when a fetched file is not the one of that checksum.
        """
        if "://" not in place:
            if not Path(place).is_file():
                raise FileNotFoundError(2, "not there", place)
            yield Path(place)
            return
        with tempfile.TemporaryDirectory(prefix="qingqian-fetched-") as folder:
            path = Path(folder) / "file"
            _files(place).get_file(_stripped(place), str(path))
            if sha256 is not None and _sha256(path) != sha256:
                raise OSError(f"{place} is not what was laid there")
            yield path

    def _clear(self, place: str) -> None:
        if self.is_url:
            files = _files(place)
            if files.exists(_stripped(place)):
                files.rm(_stripped(place), recursive=True)
        else:
            shutil.rmtree(place, ignore_errors=True)


def shared_of(home: Path) -> Shared:
    """This home's shared storage, for a new night."""
    given = os.environ.get(VARIABLE, "").strip().rstrip("/")
    night = uuid.uuid4().hex[:12]
    if not given or ("://" not in given and Path(given).resolve() == home.resolve()):
        mine = str(home / "spark")
        return Shared(root=f"{mine}/{night}", mine=mine, in_place=True)
    whose = hashlib.sha256(f"{socket.gethostname()}:{home.resolve()}".encode()).hexdigest()[:12]
    base = given if "://" in given else str(Path(given).resolve())
    return Shared(root=f"{base}/qingqian-{whose}/{night}", mine=f"{base}/qingqian-{whose}", in_place=False)


def _files(url: str) -> Any:
    import fsspec

    return fsspec.core.url_to_fs(url, use_listings_cache=False)[0]


def _stripped(url: str) -> str:
    return url.split("://", 1)[1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
