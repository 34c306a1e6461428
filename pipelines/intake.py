"""Intake: what the sources show tonight, into the raw archive and the state store.

A file whose path, size and time are those of the last night is not read again: its bytes are known. Anything else is
hashed; the hash decides whether it is new, changed, or the same bytes at another place.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipelines.fetch import Found, list_folder
from pipelines.progress import Bar
from pipelines.sources import FolderSource, Source, SourceError
from warehouse.archive import archive, archive_path
from warehouse.state import State
from warehouse.state_children import close_below, see_children

Change = Literal["new", "changed", "unchanged", "ignored"]

# A file beyond this is not a circular or a ledger; it would only fill the archive.
LARGEST_FILE_BYTES = 512 * 1024 * 1024


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One file of tonight: where it lay, what it is by content, and how it differs from the night before."""

    source: str
    path: str
    size: int
    change: Change
    file_id: str | None = None
    reason: str | None = None


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """All files of tonight."""

    files: tuple[Taken, ...]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The files as plain rows."""
        return [msgspec.structs.asdict(f) for f in self.files]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each change, and `seen`: all that were not ignored."""
        by_change = Counter(f.change for f in self.files)
        changes: tuple[Change, ...] = ("new", "changed", "unchanged", "ignored")
        return {"seen": len(self.files) - by_change["ignored"], **{c: by_change[c] for c in changes}}


def take_in(
    home: Path, state: State, sources: Iterable[Source], *, night: dt.date, now: dt.datetime, bar: Bar
) -> Pulled:
    """Archive what is new and record what was seen. Raises OSError when a folder is missing or the disk refuses."""
    known = {(p.source, p.path): (p.file_id, p.mtime_ns) for p in state.provenance() if p.is_current}
    sizes = {f.file_id: f.size for f in state.files()}
    out: list[Taken] = []
    for source in sources:
        if not isinstance(source, FolderSource):
            raise SourceError(f"来源“{source.name}”的种类 {source.kind} 还不能收件；请先移走它的 YAML")
        for found in list_folder(source, home, now.timestamp()):
            bar.describe(f"收件 {found.path}")
            out.append(_take(home, state, found, known, sizes, night, now))
    return Pulled(files=tuple(out))


def _take(
    home: Path,
    state: State,
    found: Found,
    known: dict[tuple[str, str], tuple[str, int | None]],
    sizes: dict[str, int],
    night: dt.date,
    now: dt.datetime,
) -> Taken:
    reason = found.ignored
    if reason is None and found.size > LARGEST_FILE_BYTES:
        reason = f"文件超过 {LARGEST_FILE_BYTES // 1024 // 1024} MB，请拆分后再投"
    if reason is not None:
        return Taken(source=found.source, path=found.path, size=found.size, change="ignored", reason=reason)
    file_id, mtime_ns = known.get((found.source, found.path), (None, None))
    same = mtime_ns == found.mtime_ns and sizes.get(file_id or "") == found.size
    if file_id is None or not same or not archive_path(home, file_id).is_file():
        try:
            file_id = archive(home, Path(found.location).read_bytes())
        except PermissionError:
            reason = "没有读取权限，请改权限后再投"
            return Taken(source=found.source, path=found.path, size=found.size, change="ignored", reason=reason)
    novelty = state.saw_file(
        file_id, source=found.source, path=found.path, size=found.size, mtime_ns=found.mtime_ns, night=night, now=now
    )
    if novelty in ("changed", "known"):
        close_below(state, found.source, found.path, by=file_id, now=now)
    see_children(state, file_id, source=found.source, path=found.path, night=night, now=now)
    change: Change = "unchanged" if novelty == "known" else novelty
    return Taken(source=found.source, path=found.path, size=found.size, change=change, file_id=file_id)
