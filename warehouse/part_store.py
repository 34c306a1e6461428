"""Parts on another storage: a folder by any fsspec URL (`s3://bucket/parts`), with the layout of the home's own.

`QINGQIAN_PARTS` names it. A part goes there file by file, its manifest last, each in one put: a part without a manifest
that fits its files is no part. The home keeps what it wrote or fetched, so that engines read local files; what is
missing or damaged there is fetched again. Without the setting nothing of this is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

VARIABLE = "QINGQIAN_PARTS"


class PartStoreError(OSError):
    """The storage of parts cannot be reached, or refuses; the night stops, nothing is lost."""

    def __init__(self, url: str, why: Exception) -> None:
        super().__init__(
            f"入库分片的存放处 {url} 不能读写（{type(why).__name__}）；请检查 {VARIABLE}、网络和权限后重跑 nightly。"
        )


class PartStore:
    """Folders of files below one URL. `key` is a part's folder, e.g. `<version>/ab/<file_id>`."""

    def __init__(self, url: str) -> None:
        """Raises PartStoreError for a URL whose kind is not known."""
        import fsspec

        self._url = url
        try:
            self._files, self._root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ValueError, ImportError) as e:
            raise PartStoreError(url, e) from e

    def put(self, folder: Path, key: str, last: str) -> None:
        """Copy a folder's files there, the one named `last` at the end. Raises PartStoreError."""
        names = sorted((p.name for p in folder.iterdir()), key=lambda name: (name == last, name))
        with _Told(self._url):
            self._files.makedirs(f"{self._root}/{key}", exist_ok=True)
            for name in names:
                self._files.put_file(str(folder / name), f"{self._root}/{key}/{name}")

    def get(self, key: str, name: str, target: Path) -> bool:
        """Copy one file from there; False when it is not there. Raises PartStoreError."""
        with _Told(self._url):
            try:
                self._files.get_file(f"{self._root}/{key}/{name}", str(target))
            except FileNotFoundError:
                target.unlink(missing_ok=True)
                return False
        return True

    def keys(self, version: str, name: str) -> Iterator[str]:
        """Every folder of a version that holds a file of that name, in order. Raises PartStoreError."""
        with _Told(self._url):
            found = sorted(str(path) for path in self._files.glob(f"{self._root}/{version}/*/*/{name}"))
        for path in found:
            yield "/".join(path.split("/")[-4:-1])


class _Told:
    """Turns what storages raise, each its own, into one sentence."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, PartStoreError):
            raise PartStoreError(self._url, error) from error


def store_set() -> PartStore | None:
    """The storage that is set; None when parts stay in the home."""
    url = os.environ.get(VARIABLE, "").strip().rstrip("/")
    return PartStore(url) if url else None
