"""The views as plain Parquet, for Spark SQL and any other reader that knows no DuckLake.

Beside the lakehouse's own files, under `<QINGQIAN_LAKE_DATA>/parquet`: files that never change, one folder per view and
content, and `current/manifest.json`, which names those of one night and is replaced in one put. Whoever reads the
manifest first reads one whole night. Views whose tables did not change keep their files.
"""

# ruff: noqa: S608 - names in statements come from the schema in code

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from warehouse.ddl import literal, quoted
from warehouse.durable import write_bytes_atomic
from warehouse.engine import EngineError
from warehouse.lake.storage import is_bucket
from warehouse.relations import loaded_tables
from warehouse.views import load_macros, load_views

MANIFEST = "manifest.json"
CURRENT = f"current/{MANIFEST}"
VARIABLE = "QINGQIAN_LAKE_PARQUET"
_FILE_BYTES = "256MB"
_GRACE = dt.timedelta(days=1)  # how long a reader may take over the files of a manifest it has read
_NAME = re.compile(r"\b(core|main)\.(\w+)")


class Relation(msgspec.Struct, frozen=True):
    """One view's files, below the manifest's base, and how many rows they hold."""

    rows: int
    digest: str
    files: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """One night: every view with its files."""

    night: str
    load_id: str
    published_at: dt.datetime
    views: dict[str, Relation]


class Shelf:
    """Files below one place, a folder or a bucket, written whole or not at all."""

    def __init__(self, base: str) -> None:
        """Raises OSError for a bucket whose store does not answer."""
        self.base = base
        if is_bucket(base):
            import s3fs

            self._files: Any = s3fs.S3FileSystem(use_listings_cache=False)
        else:
            self._files = None

    def read(self, key: str) -> bytes | None:
        """A file's bytes; None when there is none."""
        try:
            return self._files.cat_file(self._at(key)) if self._files else Path(self._at(key)).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, key: str, data: bytes) -> None:
        """Put bytes in place of what was there."""
        if self._files:
            self._files.pipe_file(self._at(key), data)
        else:
            write_bytes_atomic(Path(self._at(key)), data)

    def put(self, key: str, path: Path) -> None:
        """Put a local file."""
        if self._files:
            self._files.put_file(str(path), self._at(key))
            return
        target = Path(self._at(key))
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".tmp-{target.name}")
        shutil.copyfile(path, part)
        part.replace(target)

    def listed(self) -> Iterator[tuple[str, dt.datetime]]:
        """Every file with the moment it was written."""
        if self._files:
            for path, about in self._files.find(self._at(""), detail=True).items():
                yield str(path).removeprefix(self._at("").removeprefix("s3://")), about["LastModified"]
            return
        root = Path(self.base)
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            yield str(path.relative_to(root)), dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)

    def delete(self, key: str) -> None:
        """Take a file away."""
        if self._files:
            self._files.rm_file(self._at(key))
        else:
            Path(self._at(key)).unlink(missing_ok=True)

    def _at(self, key: str) -> str:
        return f"{self.base}/{key}"


def is_wanted(environment: Mapping[str, str] | None = None) -> bool:
    """Whether views are published as Parquet: unless QINGQIAN_LAKE_PARQUET is off. Raises EngineError for another
    value."""
    value = (os.environ if environment is None else environment).get(VARIABLE, "").strip()
    if value not in ("", "on", "off"):
        raise EngineError(f"环境变量 {VARIABLE} 只能是 on 或 off，不能是“{value}”；请改正。")
    return value != "off"


def shelf_of(data: str) -> Shelf:
    """The shelf beside the files of a lakehouse (`Place.data`)."""
    return Shelf(f"{data.rsplit('/', 1)[0]}/parquet")


def current(shelf: Shelf) -> Manifest | None:
    """What is published; None before the first night."""
    found = shelf.read(CURRENT)
    return None if found is None else msgspec.json.decode(found, type=Manifest)


def publish_parquet(
    shelf: Shelf,
    path: Path,
    *,
    night: str,
    load_id: str,
    tables: Mapping[str, tuple[int, str]],
    keep: int,
    now: dt.datetime,
) -> int:
    """Write the views of a published file that changed, then the manifest; how many views were written.

    `tables` has rows and digest of every table that was loaded; the manifests of the last `keep` nights stay, and what
    they name. Raises OSError when the storage refuses, duckdb.Error when the disk is full: the old manifest stands.
    """
    import duckdb

    before = current(shelf)
    if before is not None and before.load_id == load_id:
        return 0
    views: dict[str, Relation] = {}
    written = 0
    with (
        tempfile.TemporaryDirectory(prefix=".tmp-parquet-", dir=path.parent) as folder,
        duckdb.connect(str(path), read_only=True, config={"threads": 2, "memory_limit": "4GB"}) as file,
    ):
        file.execute(f"SET temp_directory = {literal(folder)}")
        for view in load_views():
            digest = _digest(view.name, tables)
            known = None if before is None else before.views.get(view.name)
            if known is None or known.digest != digest:
                known = _write(shelf, file, view.name, digest, Path(folder) / view.name)
                written += 1
            views[view.name] = known
    manifest = msgspec.json.encode(Manifest(night=night, load_id=load_id, published_at=now, views=views))
    shelf.write(f"nights/{night}/{MANIFEST}", manifest)
    shelf.write(CURRENT, manifest)
    _clear(shelf, keep, now)
    return written


def _write(shelf: Shelf, file: Any, name: str, digest: str, folder: Path) -> Relation:
    """A view's rows as files under a name that tells their content."""
    relation = f"main.{quoted(name)}"
    counted = file.execute(
        f"COPY (SELECT * FROM {relation}) TO {literal(str(folder))} "
        f"(FORMAT parquet, COMPRESSION zstd, FILE_SIZE_BYTES '{_FILE_BYTES}', FILENAME_PATTERN 'part_{{i}}')"
    ).fetchone()
    keys = []
    for path in sorted(folder.glob("*.parquet")):
        keys.append(f"{name}/{digest[:16]}/{path.name}")
        shelf.put(keys[-1], path)
    shutil.rmtree(folder)
    return Relation(int(counted[0]), digest, tuple(keys))


def _clear(shelf: Shelf, keep: int, now: dt.datetime) -> None:
    """Take away manifests but the last ones, and files that none of them names, once no reader can be at them."""
    listed = dict(shelf.listed())
    manifests = sorted((key for key in listed if key.startswith("nights/")), reverse=True)
    named = {CURRENT, *manifests[:keep]}
    for key in (CURRENT, *manifests[:keep]):
        found = shelf.read(key)
        if found is not None:
            for relation in msgspec.json.decode(found, type=Manifest).views.values():
                named.update(relation.files)
    for key, written in listed.items():
        if key not in named and written < now - _GRACE:
            shelf.delete(key)


def _digest(view: str, tables: Mapping[str, tuple[int, str]]) -> str:
    """What a view's rows depend on: its words and those of all it reads, and the content of their tables."""
    words, names = _read_by(view)
    told = [f"{name} {tables[name]}" for name in names]
    return hashlib.sha256("\0".join([*words, *told]).encode()).hexdigest()


@cache
def _read_by(view: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The statements behind a view, its own first, and the tables of `core` that they read."""
    from warehouse.build import QUARANTINE

    statements = {f"main.{v.name}": v.select for v in load_views()}
    statements |= {f"main.{m.name}": m.select for m in load_macros()}
    statements["core.quarantine"] = QUARANTINE
    stored = {v.name for v in load_views() if v.stored is not None}
    words: list[str] = []
    names: set[str] = set()
    waiting, done = [f"main.{view}"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        if name in statements:
            words.append(statements[name])
            waiting += [f"{schema}.{known}" for schema, known in _NAME.findall(statements[name])]
        if name.split(".")[1] in stored:
            names.add(f"{name.split('.')[1]}_stored")
        if name.startswith("core.") and name.split(".")[1] in loaded_tables():
            names.add(name.split(".")[1])
    return tuple(words), tuple(sorted(names))
