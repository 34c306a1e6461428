"""Parts: what one file came to under one version, as immutable Parquet beside a manifest that proves it whole.

`<home>/staged/<version>/<aa>/<file_id>/<table>.parquet` and `manifest.json`. A part is written aside and renamed into
place, so it is there in whole or not at all; what a disk did to it afterwards is found by its hashes. With a storage
set (`QINGQIAN_PARTS`, `far_store`) every part also lies there, and is fetched from there where the home's copy is
missing or damaged.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from warehouse.arrow import Batches, schema_digest
from warehouse.durable import publish_folder, sha256_of
from warehouse.far_store import PARTS, FarStore, store_set

MANIFEST = "manifest.json"
NIGHTS_OWN = ("raw", "facts", "headers", "previews", "audited", "nights", "audit", "morning")
"""Folders of a home that only the night writes, file by file."""


class PartDamagedError(Exception):
    """A staged part that is missing, incomplete or altered; the remedy is to stage the file again."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"入库分片损坏：{folder}：{why}。请重新运行 nightly，程序会从原始文件重新生成。")
        self.folder = folder


class PartFile(msgspec.Struct, frozen=True, kw_only=True):
    """One Parquet file of a part."""

    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a part holds. `folder` is relative to the home folder."""

    file_id: str
    version: str
    schema: str
    folder: str
    tables: dict[str, PartFile]

    @property
    def rows(self) -> dict[str, int]:
        """Number of rows by table."""
        return {name: f.rows for name, f in self.tables.items()}

    def parquet(self, home: Path, table: str) -> Path | None:
        """The Parquet file of a table; None when the part has no such rows."""
        return home / self.folder / f"{table}.parquet" if table in self.tables else None


def part_version(extractor_version: str) -> str:
    """The version a part is staged under: extractors and schema; work is skipped only when both are the same."""
    return f"{extractor_version}-{schema_digest()}"


def part_folder(home: Path, file_id: str, version: str) -> Path:
    """Where the part of a file under a version lies."""
    return home / "staged" / version / file_id[:2] / file_id


def write_part(home: Path, file_id: str, version: str, tables: Mapping[str, pa.Table | Batches]) -> Manifest:
    """Write one part and return its manifest; a whole part that is there already is kept as it is.

    Raises OSError when the disk or the storage set refuses (nothing is left behind on the disk then).
    """
    target = part_folder(home, file_id, version)
    store = store_set(PARTS)
    if (target / MANIFEST).exists():
        try:
            manifest = _read_local(home, file_id, version, verify=True)
        except PartDamagedError:
            pass  # it is written anew below, which is the remedy
        else:
            if store is not None:  # a night may have ended between the disk and the storage
                store.put_folder(target, _key(file_id, version), MANIFEST)
            return manifest
    staged = home / "staged"
    staged.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=staged))
    try:
        manifest = make_part(temporary, file_id, version, tables)
        publish_folder(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    if store is not None:
        store.put_folder(target, _key(file_id, version), MANIFEST)
    return manifest


def make_part(folder: Path, file_id: str, version: str, tables: Mapping[str, pa.Table | Batches]) -> Manifest:
    """Write a part's files into a folder anywhere, for a home to adopt. Raises OSError when the disk refuses."""
    files: dict[str, PartFile] = {}
    for name, table in sorted(tables.items()):
        path = folder / f"{name}.parquet"
        rows = _write_parquet(path, table)
        files[name] = PartFile(rows=rows, bytes=path.stat().st_size, sha256=sha256_of(path))
    place = part_folder(Path(), file_id, version).as_posix()
    manifest = Manifest(file_id=file_id, version=version, schema=schema_digest(), folder=place, tables=files)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    return manifest


def adopt_part(home: Path, folder: Path, file_id: str, version: str) -> Manifest:
    """Take a part that `make_part` wrote elsewhere into the home, on the same disk: every file is held against the
    manifest and the folder renamed into place.

    Raises PartDamagedError when it is not whole or another's, OSError when the disk or the storage set refuses.
    """
    manifest = _manifest_in(folder)
    if manifest.file_id != file_id or manifest.version != version or manifest.schema != schema_digest():
        raise PartDamagedError(folder, "manifest.json 不属于这个文件")
    _verify(folder, manifest)
    target = part_folder(home, file_id, version)
    publish_folder(folder, target)
    store = store_set(PARTS)
    if store is not None:
        store.put_folder(target, _key(file_id, version), MANIFEST)
    return manifest


def _key(file_id: str, version: str) -> str:
    """Where a part lies below the storage's URL."""
    return f"{version}/{file_id[:2]}/{file_id}"


def _write_parquet(path: Path, table: pa.Table | Batches) -> int:
    """Writes one Parquet file; returns its rows."""
    import pyarrow.parquet as pq

    if not isinstance(table, Batches):
        pq.write_table(table, path, compression="zstd", store_schema=True)
        return int(table.num_rows)
    rows = 0
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=True) as writer:
        for batch in table.tables:
            writer.write_table(batch)
            rows += batch.num_rows
    return rows


def read_manifest(home: Path, file_id: str, version: str, *, verify: bool = True) -> Manifest:
    """The manifest of a part; with `verify` every file is hashed. Raises PartDamagedError; FarStoreError where a
    storage is set and cannot be asked for what the home lacks."""
    try:
        return _read_local(home, file_id, version, verify=verify)
    except PartDamagedError:
        store = store_set(PARTS)
        if store is None or not _fetch(home, file_id, version, store):
            raise
    return _read_local(home, file_id, version, verify=True)


def _fetch(home: Path, file_id: str, version: str, store: FarStore) -> bool:
    """Copy a part from the storage into the home; False when it is not there in whole."""
    staged = home / "staged"
    staged.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".tmp-", dir=staged))
    key = _key(file_id, version)
    try:
        if not store.get(f"{key}/{MANIFEST}", temporary / MANIFEST):
            return False
        try:
            tables = msgspec.json.decode((temporary / MANIFEST).read_bytes(), type=Manifest).tables
        except msgspec.MsgspecError:
            return False
        if not all(store.get(f"{key}/{name}.parquet", temporary / f"{name}.parquet") for name in tables):
            return False
        publish_folder(temporary, part_folder(home, file_id, version))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def _read_local(home: Path, file_id: str, version: str, *, verify: bool) -> Manifest:
    folder = part_folder(home, file_id, version)
    manifest = _manifest_in(folder)
    if manifest.file_id != file_id or manifest.version != version or home / manifest.folder != folder:
        raise PartDamagedError(folder, "manifest.json 不属于这个文件")
    if verify:
        verify_part(home, manifest)
    return manifest


def _manifest_in(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as e:
        raise PartDamagedError(folder, "缺少 manifest.json") from e
    except msgspec.MsgspecError as e:
        raise PartDamagedError(folder, "manifest.json 无法解析") from e


def verify_part(home: Path, manifest: Manifest) -> None:
    """Check every Parquet file of a part against its manifest. Raises PartDamagedError naming the file."""
    _verify(home / manifest.folder, manifest)


def _verify(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.tables.items():
        path = folder / f"{name}.parquet"
        try:
            size = path.stat().st_size
        except FileNotFoundError as e:
            raise PartDamagedError(folder, f"缺少 {path.name}") from e
        if size != expected.bytes or sha256_of(path) != expected.sha256:
            raise PartDamagedError(folder, f"{path.name} 与登记的校验和不符")


def read_part(home: Path, manifest: Manifest) -> dict[str, pa.Table]:
    """The rows of a part by table. Raises PartDamagedError."""
    import pyarrow.parquet as pq

    verify_part(home, manifest)
    out: dict[str, pa.Table] = {}
    for name in manifest.tables:
        with pq.ParquetFile(home / manifest.folder / f"{name}.parquet") as file:  # a third of what read_table costs
            out[name] = file.read()
    return out


def known_parts(home: Path, version: str) -> Iterator[Manifest]:
    """Every part staged under a version, by file id, unverified. Raises PartDamagedError for an unreadable one."""
    root = home / "staged" / version
    found = {path.parent.name for path in root.glob(f"??/*/{MANIFEST}")}
    store = store_set(PARTS)
    if store is not None:
        found.update(key.rsplit("/", 1)[1] for key in store.keys(version, MANIFEST))
    for file_id in sorted(found):
        yield read_manifest(home, file_id, version, verify=False)


def remove_parts_there(file_ids: Iterable[str], version: str | None = None) -> None:
    """Remove the parts of files, of one version or of all, from the storage set, if one is. Raises FarStoreError."""
    ids = list(file_ids)
    store = store_set(PARTS) if ids else None
    if store is not None:
        versions = [version] if version is not None else store.names("")
        store.remove_folders(_key(file_id, each) for each in versions for file_id in ids)


def clean_leftovers(home: Path) -> int:
    """Remove what a crash left half written under `staged`; returns how many. Call it with no other run at work."""
    left = [p for pattern in (".tmp-*", "*/??/.old-*") for p in (home / "staged").glob(pattern)]
    left += (home / "given").glob(".tmp-*")  # unpacked from another machine's results, not yet adopted
    for path in left:
        shutil.rmtree(path)
    return len(left)


def clean_after_crash(home: Path) -> int:
    """Remove the temporary files that a killed night left beside what it wrote file by file; returns how many.

    It looks through all that the night has ever written, so call it only when the run before was cut off, and with no
    other run at work. What the console writes (`cache`, `state`) is not touched: it may be writing now.
    """
    left = [p for folder in NIGHTS_OWN for p in (home / folder).rglob(".tmp-*") if p.is_file()]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
