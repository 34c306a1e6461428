"""Originals and facts on another storage (`QINGQIAN_ARCHIVE`), as the night uses it: what lies there, what is put there
before the state store calls it done, what is taken out again, and what people are told. Without the setting every
function here does nothing and asks nobody.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.reading import ToRead, facts_path
from warehouse.archive import (
    DAMAGED,
    ArchiveDamagedError,
    archive_path,
    archive_set,
    held,
    is_whole,
    put_missing,
    put_there,
    remove_path_there,
)
from warehouse.far_doctor import versions_kept
from warehouse.parts import part_folder, part_version, remove_parts_there
from warehouse.state import State, Work
from warehouse.state_stopped import stopped_files
from warehouse.state_troubles import begin_trouble, end_trouble

_VERSIONS, _LOST = "archive_versions", "archive_lost"


def originals_there(home: Path, state: State) -> frozenset[str] | None:
    """Of the files that the state store knows those whose original lies on the storage, what only the home had put
    there now: of one crash, or of all the nights before the storage was set. None without a storage.

    Raises FarStoreError.
    """
    return None if archive_set() is None else put_missing(home, known_originals(state))


def tell_originals(home: Path, state: State, there: frozenset[str] | None, now: dt.datetime) -> None:
    """Originals that are lost here and there, and a bucket that keeps what is removed, are troubles until mended.

    `there` is what `originals_there` said before the sources were asked. Raises FarStoreError.
    """
    store = archive_set()
    lost = []
    if there is not None:
        lost = [i for i in known_originals(state) if i not in there and not is_whole(archive_path(home, i))]
    if store is not None and lost:
        message = (
            f"{len(lost)} 个原始文件在状态目录和存放处 {store.url} 都没有了（如 {lost[0][:12]}）；"
            "请把原文件重新放入来源文件夹，或从备份恢复"
        )
        begin_trouble(state, _LOST, kind="archive", subject="原始文件", message=message, now=now)
    else:
        end_trouble(state, _LOST, now=now)
    keeps = False if store is None else store.keeps_versions()
    if store is not None and keeps:
        message = versions_kept(store.url)
        begin_trouble(state, _VERSIONS, kind="archive", subject="原始文件存放处", message=message, now=now)
    elif keeps is not None:  # a storage that does not say mends nothing
        end_trouble(state, _VERSIONS, now=now)


def known_originals(state: State) -> dict[str, int]:
    """Size by id of every file whose original is to be kept."""
    stopped = stopped_files(state)
    return {f.file_id: f.size for f in state.files() if f.state != "ignored" and f.file_id not in stopped}


# Facts ---------------------------------------------------------------------------------------------------------


def facts_there(versions: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Version and file id of all facts on the storage; nothing without a storage. Raises FarStoreError."""
    store = archive_set()
    if store is None:
        return frozenset()
    return frozenset(
        (version, name.removesuffix(".json.gz")) for version in versions for name in store.sizes(f"facts/{version}")
    )


def keep_facts(home: Path, files: Iterable[ToRead]) -> None:
    """Have the facts of these files on the storage, if one is set, as far as they lie here. Raises FarStoreError."""
    if archive_set() is not None:
        paths = [facts_path(home, f.file_id, f.version) for f in files]
        put_there(home, [path for path in paths if path.is_file()])


def unread(home: Path, file: ToRead) -> None:
    """Remove what was read from a file and staged under its version, here and there: it is then read again."""
    facts = facts_path(home, file.file_id, file.version)
    version = part_version(file.version)
    remove_path_there(home, facts)
    remove_parts_there([file.file_id], version)
    facts.unlink(missing_ok=True)
    shutil.rmtree(part_folder(home, file.file_id, version), ignore_errors=True)


def found_again(home: Path, files: Iterable[ToRead], done: Mapping[str, Mapping[str, Work]]) -> list[ToRead]:
    """Files that could not be read because their original was lost, and whose original is whole again.

    `done` is the state store's work by version. Raises FarStoreError.
    """
    out = []
    for file in files:
        work = done[file.version].get(file.file_id)
        if work is None or work.error_code != DAMAGED:
            continue
        try:
            held(home, file.file_id)
        except ArchiveDamagedError:
            continue
        out.append(file)
    return out
