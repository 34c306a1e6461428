"""Publishing: the candidate takes the published warehouse's place in one rename, and every start checks it is whole.

A reader opens the old file or the new one, never half a night. What is to be swapped in is recorded first, so that
after a crash at any moment the file itself tells which of the two it is.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from warehouse import publications, row_places
from warehouse.build import BUILD_FOLDER, CANDIDATE, Candidate, count_core
from warehouse.durable import fsync_path, sha256_of
from warehouse.publications import Publication
from warehouse.queue_table import lay_out
from warehouse.state import State

NAME = "qingqian.duckdb"
KEEP = 3
_KEPT = "kept"


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the published file is what the state store says; `reason` is a Chinese sentence when it is not."""

    is_sound: bool
    reason: str | None = None
    publication: Publication | None = None

    def is_built_from(self, digest: str) -> bool:
        """True when a sound warehouse of these very inputs is published, so that nothing needs building."""
        return self.is_sound and self.publication is not None and self.publication.inputs_digest == digest


class PublishError(Exception):
    """A candidate that must not be published."""


def warehouse_path(home: Path) -> Path:
    """Where the published warehouse of a home lies."""
    return home / "warehouse" / NAME


def publish(
    candidate: Candidate,
    home: Path,
    state: State,
    *,
    now: dt.datetime,
    run_id: str | None = None,
    keep: int = KEEP,
    prepare: Callable[[Path], None] | None = None,
) -> Publication:
    """Swap the candidate in and return its publication; the last `keep` published files stay under `warehouse/kept`.

    `prepare` is called with the candidate when nothing of it changes any more and nobody reads it yet.
    Raises PublishError for a candidate that was not closed properly, OSError when the disk refuses: the published
    warehouse is then the old one.
    """
    target = warehouse_path(home)
    log = candidate.path.with_name(candidate.path.name + ".wal")
    if log.exists():
        raise PublishError(f"待发布仓库没有正常关闭（留有 {log.name}），已放弃发布；请重新运行 nightly。")
    _lay_out_queue(candidate.path)
    row_places.lay_out(candidate.path)  # nothing may be written after it: rows could move
    if prepare is not None:
        prepare(candidate.path)
    fsync_path(candidate.path)
    digest = sha256_of(candidate.path)
    publication_id = publications.prepare(
        state,
        run_id=run_id,
        inputs_digest=candidate.inputs_digest,
        file_sha256=digest,
        size=candidate.path.stat().st_size,
        rows=candidate.rows,
        core_rows=candidate.core_rows,
        now=now,
    )
    _keep_copy(candidate.path, target.parent / _KEPT, f"{publication_id:08d}-{digest[:12]}.duckdb", keep)
    _log_of(home).unlink(missing_ok=True)
    os.replace(candidate.path, target)  # noqa: PTH105 - the very system call is meant
    fsync_path(target.parent)
    publications.confirm(state, publication_id, now=now)
    published = publications.current(state)
    assert published is not None
    return published


def _lay_out_queue(path: Path) -> None:
    import duckdb

    with duckdb.connect(str(path)) as connection:
        lay_out(connection)
        connection.execute("CHECKPOINT")


def _keep_copy(path: Path, folder: Path, name: str, keep: int) -> None:
    """A second name for the file that is about to be published, and no more than `keep` of them."""
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / name
    copy.unlink(missing_ok=True)
    if keep > 0:
        try:
            copy.hardlink_to(path)
        except OSError:  # a file system without hard links
            shutil.copyfile(path, copy)
            fsync_path(copy)
    for old in sorted(folder.glob("*.duckdb"))[: -keep or None]:
        old.unlink()
    fsync_path(folder)


def kept_files(home: Path) -> list[Path]:
    """The last published files, oldest first; the last of them is the current one."""
    return sorted((warehouse_path(home).parent / _KEPT).glob("*.duckdb"))


def extractor_versions(paths: Iterable[Path]) -> set[str] | None:
    """The versions under which the documents of some warehouse files were read; None when one cannot be asked."""
    import duckdb

    found: set[str] = set()
    for path in paths:
        try:
            with duckdb.connect(str(path), read_only=True) as connection:
                found |= {
                    r[0] for r in connection.execute("SELECT DISTINCT extractor_version FROM core.documents").fetchall()
                }
        except duckdb.Error:  # damaged, or of an older program
            return None
    return found


def reconcile(home: Path, state: State, *, now: dt.datetime) -> Reconciliation:
    """Compare the published file with the state store; call it at every start, before building.

    A swap that a crash left unconfirmed is confirmed or dropped, whichever the file tells. A file that is missing,
    altered, unreadable or short of rows is not sound: build and publish again.
    """
    path = warehouse_path(home)
    actual = sha256_of(path) if path.exists() else None
    pending = publications.prepared(state)
    if pending is not None:
        if pending.file_sha256 == actual:
            publications.confirm(state, pending.publication_id, now=now)
        else:
            publications.drop_prepared(state)
    known = publications.current(state)
    if known is None:
        reason = None if actual is None else "已有仓库文件，但状态库没有它的发布记录，需要重建。"
        return Reconciliation(is_sound=False, reason=reason)
    if actual is None:
        return _unsound(known, "已发布的仓库文件不见了，需要重建。")
    if actual != known.file_sha256:
        return _unsound(known, "已发布的仓库文件与登记的校验和不符，可能已损坏，需要重建。")
    if _log_of(home).exists():
        return _unsound(known, "已发布的仓库旁有来历不明的 wal 文件，需要清除并重建。")
    return _compare_content(path, known)


def _compare_content(path: Path, known: Publication) -> Reconciliation:
    import duckdb

    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            stored = dict(connection.execute("SELECT key, value FROM core.publication").fetchall())
            core_rows = count_core(connection)
    except duckdb.Error as e:
        return _unsound(known, f"已发布的仓库文件打不开（{str(e).splitlines()[0]}），需要重建。")
    if stored.get("inputs_digest") != known.inputs_digest:
        return _unsound(known, "已发布的仓库不是由登记的输入建成的，需要重建。")
    if core_rows != known.core_rows:
        return _unsound(known, "已发布的仓库行数与登记的不符，需要重建。")
    return Reconciliation(is_sound=True, publication=known)


def _unsound(known: Publication, reason: str) -> Reconciliation:
    return Reconciliation(is_sound=False, reason=reason, publication=known)


def remove_leftovers(home: Path) -> None:
    """Clear away what a build that died left behind; call it while holding the home's lock."""
    folder = warehouse_path(home).parent
    for path in (folder / CANDIDATE, folder / f"{CANDIDATE}.wal", _log_of(home)):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / BUILD_FOLDER, ignore_errors=True)


def _log_of(home: Path) -> Path:
    """A write-ahead log beside the published file: never ours (it is only opened read-only), never to be replayed."""
    return warehouse_path(home).with_name(f"{NAME}.wal")
