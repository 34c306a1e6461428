"""Another storage for what a home keeps in files that never change: a folder by any fsspec URL (`s3://bucket/folder`,
a mounted path), with the layout of the home's own.

`QINGQIAN_PARTS` names one for staged parts (`warehouse.parts`), `QINGQIAN_ARCHIVE` one for originals and facts
(`warehouse.archive`). What is written goes there before anybody counts on it; the home's copy is then a cache, for
engines and limited children want local files. Without a setting nothing of this is loaded.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

from warehouse.durable import copy_atomic, sha256_of

PARTS, ARCHIVE = "QINGQIAN_PARTS", "QINGQIAN_ARCHIVE"
HOLDS = {PARTS: "入库分片", ARCHIVE: "原始文件和读取结果"}
_AT_ONCE = 8
_CHUNK = 1 << 20
_PART = 16 << 20  # what is sent at a time of a large file


class FarStoreError(OSError):
    """A storage that is set cannot be reached, or refuses; the work stops, nothing is lost."""

    def __init__(self, variable: str, url: str, why: Exception | str) -> None:
        said = why if isinstance(why, str) else type(why).__name__
        super().__init__(
            f"{HOLDS[variable]}的存放处 {shown(url)} 不能读写（{said}）；请检查 {variable}、网络和权限后重跑 nightly。"
        )


class FarStore:
    """Files and folders of files below one URL. A `key` is a path below it, e.g. `raw/ab/<file_id>`.

    Everything here raises FarStoreError.
    """

    def __init__(self, url: str, variable: str) -> None:
        """Raises FarStoreError for a URL whose kind is not known, and for a folder that is not there: where a mount is
        missing, everything would else be written below the mount point."""
        from fsspec.implementations.local import LocalFileSystem

        self.url = shown(url)
        self._told = _Told(variable, url)
        try:
            self._files, self._root = _opened(url, os.getpid())
        except (ValueError, ImportError) as e:
            raise FarStoreError(variable, url, e) from e
        self._is_mounted = isinstance(self._files, LocalFileSystem)
        if self._is_mounted and not Path(self._root).is_dir():
            raise FarStoreError(variable, url, "没有这个文件夹，或没有挂载")
        self._is_s3 = hasattr(self._files, "call_s3")

    # There -----------------------------------------------------------------------------------------------------

    def put(self, path: Path, key: str) -> bool:
        """Have a file there in whole; whether it had to be copied, since the same may lie there already."""
        if self.is_same(path, key):
            return False
        with self._told:
            self._copy(path, f"{self._root}/{key}")
        return True

    def put_all(self, files: Mapping[str, Path]) -> None:
        """The same for many files by key, some at once; large ones, which are held in memory, one by one."""
        large = {key: path for key, path in files.items() if path.stat().st_size > _PART}
        self._each([lambda key=k, path=p: self.put(path, key) for k, p in files.items() if k not in large])
        for key, path in large.items():
            self.put(path, key)

    def put_folder(self, folder: Path, key: str, last: str) -> None:
        """Copy a folder's files there, the one named `last` at the end: a folder without it is not whole."""
        names = sorted((p.name for p in folder.iterdir()), key=lambda name: (name == last, name))
        with self._told:
            for name in names:
                self._copy(folder / name, f"{self._root}/{key}/{name}")

    def _copy(self, path: Path, place: str) -> None:
        if self._is_mounted:
            copy_atomic(path, Path(place))
            return
        if self._is_s3:
            self._files.put_file(str(path), place, chunksize=_PART)
            return
        self._files.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
        self._files.put_file(str(path), place)

    def remove(self, keys: Iterable[str]) -> None:
        """Remove files; those that are not there are no fault."""
        self._each([lambda key=key: self._remove(f"{self._root}/{key}") for key in keys])

    def remove_folders(self, keys: Iterable[str]) -> None:
        """Remove the files right below folders, whichever there are."""
        self._each([lambda key=key: self._remove_folder(key) for key in keys])

    def _remove_folder(self, key: str) -> None:
        for name in self.names(key):
            self._remove(f"{self._root}/{key}/{name}")

    def _remove(self, place: str) -> None:
        with self._told:
            try:
                self._files.rm_file(place)  # one by one: of many at once S3's client keeps silent what was refused
            except FileNotFoundError:
                return

    def _each(self, calls: list[Any]) -> None:
        if len(calls) < 2:
            for call in calls:
                call()
            return
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            begun = [threads.submit(call) for call in calls]
            try:
                for one in begun:
                    one.result()
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    # Back ------------------------------------------------------------------------------------------------------

    def get(self, key: str, target: Path) -> bool:
        """Copy one file from there; False when it is not there."""
        with self._told:
            try:
                self._files.get_file(f"{self._root}/{key}", str(target))
            except FileNotFoundError:
                target.unlink(missing_ok=True)
                return False
        return True

    def is_same(self, path: Path, key: str) -> bool:
        """Whether a local file lies there byte for byte: by size and the storage's own MD5 where it gives one, else by
        reading it there."""
        place = f"{self._root}/{key}"
        with self._told:
            try:
                size, tag = self._look(place)
            except FileNotFoundError:
                return False
            if size != path.stat().st_size:
                return False
            if tag and tag in _tags(path):
                return True
        return self.sha256(key) == sha256_of(path)

    def sha256(self, key: str) -> str | None:
        """SHA-256 of what lies there, all of it read; None when nothing does."""
        digest = hashlib.sha256()
        with self._told:
            try:
                with self._files.open(f"{self._root}/{key}", "rb") as f:
                    while chunk := f.read(_CHUNK):
                        digest.update(chunk)
            except FileNotFoundError:
                return None
        return digest.hexdigest()

    def _look(self, place: str) -> tuple[int, str]:
        """Size and ETag, in one request. Raises FileNotFoundError."""
        if self._is_s3:
            bucket, name, _ = self._files.split_path(place)
            head = self._files.call_s3("head_object", Bucket=bucket, Key=name)
            return int(head["ContentLength"]), str(head.get("ETag", "")).strip('"').lower()
        return int(self._files.info(place)["size"]), ""

    # What is there ---------------------------------------------------------------------------------------------

    def sizes(self, folder: str) -> dict[str, int]:
        """Every file at any depth below a folder: its size by its name. Nothing when there is no such folder."""
        with self._told:
            try:
                found = self._files.find(f"{self._root}/{folder}", detail=True)
            except FileNotFoundError:
                return {}
        return {place.rsplit("/", 1)[1]: int(info["size"]) for place, info in found.items()}

    def names(self, folder: str) -> list[str]:
        """What lies right below a folder, files and folders."""
        with self._told:
            try:
                found = self._files.ls(f"{self._root}/{folder}".rstrip("/"), detail=False)
            except FileNotFoundError:
                return []
        return sorted(str(place).rstrip("/").rsplit("/", 1)[1] for place in found)

    def keys(self, version: str, name: str) -> Iterator[str]:
        """Every folder of a version that holds a file of that name, in order."""
        with self._told:
            found = sorted(str(path) for path in self._files.glob(f"{self._root}/{version}/*/*/{name}"))
        for path in found:
            yield "/".join(path.split("/")[-4:-1])

    def try_out(self) -> None:
        """Put a small file there, get it back and remove it, for `qingqian doctor`."""
        key, said = f".probe-{uuid.uuid4().hex}", os.urandom(64)
        with tempfile.TemporaryDirectory(prefix="qingqian-probe-") as folder:
            here, back = Path(folder) / "here", Path(folder) / "back"
            here.write_bytes(said)
            self.put(here, key)
            try:
                with self._told:
                    if not self.get(key, back) or back.read_bytes() != said:
                        raise OSError("not what was put there")
            finally:
                self.remove([key])
            with self._told:
                if self.get(key, back):
                    raise OSError("still there")

    def keeps_versions(self) -> bool | None:
        """Whether what is removed stays there as an older version; None where the storage does not say."""
        if not self._is_s3:
            return None
        bucket = self._files.split_path(self._root)[0]
        with self._told:
            try:
                answer = self._files.call_s3("get_bucket_versioning", Bucket=bucket)
            except OSError as e:
                if getattr(e.__cause__, "response", None) is None:
                    raise  # not reached
                return None  # answered that we may not ask, or that it does not know the question
        return bool(answer.get("Status") == "Enabled")


class _Told:
    """Turns what storages raise, each its own, into one sentence."""

    def __init__(self, variable: str, url: str) -> None:
        self._variable, self._url = variable, url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception) and not isinstance(error, FarStoreError):
            raise FarStoreError(self._variable, self._url, error) from error


@lru_cache(maxsize=8)
def _opened(url: str, process: int) -> tuple[Any, str]:
    """The client of a storage and the path below it: one for all threads, where fsspec would make one for each; none is
    taken along into a forked process."""
    import fsspec

    # S3's client would have ten parts of 50 MB in memory for each large file
    one_part = {"max_concurrency": 1} if url.startswith(("s3://", "s3a://")) else {}
    files, root = fsspec.core.url_to_fs(url, use_listings_cache=False, **one_part)
    return files, str(root)


def shown(url: str) -> str:
    """A URL as people may see it: without the name and password that some kinds carry."""
    return re.sub(r"//[^/@]*@", "//", url)


def store_set(variable: str) -> FarStore | None:
    """The storage that a variable names; None when its files stay in the home."""
    url = os.environ.get(variable, "").strip().rstrip("/")
    return FarStore(url, variable) if url else None


def _tags(path: Path) -> set[str]:
    """The ETags that S3 gives a file: the MD5 of all of it where it was put in one piece, or the MD5 of its parts' MD5s
    and their number. Where the bucket encrypts with keys of its own they are something else."""
    whole, parts = hashlib.md5(usedforsecurity=False), []
    with path.open("rb") as f:
        while part := f.read(_PART):
            whole.update(part)
            parts.append(hashlib.md5(part, usedforsecurity=False).digest())
    joined = hashlib.md5(b"".join(parts), usedforsecurity=False).hexdigest()
    return {whole.hexdigest(), f"{joined}-{len(parts)}"}
