"""Intake: what the sources show tonight, into the raw archive and the state store.

A file whose path, size and time are those of the last night is not read again: its bytes are known. Anything else is
hashed; the hash decides whether it is new, changed, or the same bytes at another place. A source that cannot be
pulled costs itself: it is recorded, told, and after some nights left alone for a while; the night goes on.
"""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipelines.door import alert, marked_name, stop_by_name, welcome
from pipelines.expectations import breaches
from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.registry import deliveries
from pipelines.progress import Bar
from pipelines.source_schema import Source, SourceError
from warehouse.archive import archive, archive_path
from warehouse.state import State
from warehouse.state_children import close_below, files_with_children, see_children
from warehouse.state_releases import released_files
from warehouse.state_sources import Fetched, fetched, health, keep_fetched, source_failed, source_was_well
from warehouse.state_stopped import stopped_files
from warehouse.state_troubles import begin_trouble, end_trouble

Change = Literal["new", "changed", "unchanged", "ignored"]

# A file beyond this is not a circular or a ledger; it would only fill the archive.
LARGEST_FILE_BYTES = 512 * 1024 * 1024
# What a broken mount says; other errors of the disk (full, read-only) are the night's, not the source's.
_MOUNT_ERRORS = {
    errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.ESTALE, errno.EHOSTDOWN, errno.EHOSTUNREACH,
    errno.ENOTCONN, errno.ETIMEDOUT,
}  # fmt: skip


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
    home: Path,
    state: State,
    sources: Iterable[Source],
    *,
    night: dt.date,
    now: dt.datetime,
    bar: Bar,
    sleep: Callable[[float], None] = time.sleep,
    there: frozenset[str] | None = None,
) -> Pulled:
    """Archive what is new and record what was seen; `sleep` makes the pauses between requests and tries.

    `there` are the files whose originals lie on the storage set (`originals_there`), None without one. Raises OSError
    when the disk or that storage refuses.
    """
    intake = _Intake(home, state, night, now, bar, sleep, there)
    out: list[Taken] = []
    for source in sources:
        out += intake.of(source)
    return Pulled(files=tuple(out))


class _Intake:
    """One night's intake."""

    def __init__(
        self,
        home: Path,
        state: State,
        night: dt.date,
        now: dt.datetime,
        bar: Bar,
        sleep: Callable[[float], None],
        there: frozenset[str] | None,
    ) -> None:
        self.home, self.state, self.night, self.now, self.bar, self.sleep = home, state, night, now, bar, sleep
        self.there = there
        self.known = {(p.source, p.path): (p.file_id, p.mtime_ns) for p in state.provenance() if p.is_current}
        self.sizes = {f.file_id: f.size for f in state.files()}
        self.released = released_files(state)
        self.stopped = set(stopped_files(state))
        self.with_children = files_with_children(state)
        self.as_before: list[str] = []

    def of(self, source: Source) -> list[Taken]:
        """All files of a source; none when it is set aside or cannot be pulled."""
        before = health(self.state, source.name)
        if before.aside_until is not None and before.aside_until > self.now:
            return []
        pull = Pull(
            home=self.home,
            folder=self.home / "fetch" / hashlib.sha256(source.name.encode()).hexdigest()[:16],
            known={
                path: record
                for path, record in fetched(self.state, source.name).items()
                if self._is_settled(record.file_id)
            },
            cursor=before.cursor,
            now=self.now,
            sleep=self.sleep,
            log=self.bar.describe,
        )
        out: list[Taken] = []
        try:
            return self._all_of(source, pull, out)
        finally:
            self.state.saw_again(source.name, self.as_before, self.night)
            self.as_before = []

    def _all_of(self, source: Source, pull: Pull, out: list[Taken]) -> list[Taken]:
        failed: list[str] = []
        items = deliveries(source, pull)
        while True:
            try:
                delivery = _next(items)
            except (TransientError, PermanentError) as e:
                self._failed(source, e.code, str(e))
                return out
            except SourceError as e:
                self._failed(source, "configuration", str(e))
                return out
            except OSError as e:
                if e.errno not in _MOUNT_ERRORS and not isinstance(e, FileNotFoundError):
                    raise
                self._failed(source, "unreachable", str(e))
                return out
            if delivery is None:
                break
            self.bar.describe(f"收件 {delivery.path}")
            if delivery.failed is not None:
                failed.append(f"{delivery.path}（{delivery.failed}）")
            out.append(self._take(source, delivery))
        brought_new = any(t.change in ("new", "changed") for t in out)
        cursor = pull.told.get("cursor")
        source_was_well(self.state, source.name, brought_new=brought_new, cursor=cursor, now=self.now)
        end_trouble(self.state, f"source:{source.name}", now=self.now)
        self._told("items", "source", source, _some(failed, "个文件没有收到"))
        self._told("expectation", "expectation", source, "；".join(breaches(source, out)))
        return out

    def _failed(self, source: Source, code: str, message: str) -> None:
        limits = source.limits
        found = source_failed(
            self.state, source.name, code=code, message=message, set_aside_after=limits.set_aside_after,
            pause=dt.timedelta(hours=limits.pause_hours), now=self.now,
        )  # fmt: skip
        aside = f"；已连续 {found.failures} 夜失败，暂停 {limits.pause_hours:g} 小时后再试" if found.aside_until else ""
        begin_trouble(
            self.state, f"source:{source.name}", kind="source", subject=source.label,
            message=f"来源“{source.label}”收取失败：{message}{aside}", now=self.now,
        )  # fmt: skip

    def _told(self, what: str, kind: str, source: Source, message: str) -> None:
        key = f"{what}:{source.name}"
        if message:
            said = f"来源“{source.label}”：{message}"
            begin_trouble(self.state, key, kind=kind, subject=source.label, message=said, now=self.now)
        else:
            end_trouble(self.state, key, now=self.now)

    def _take(self, source: Source, found: Delivery) -> Taken:
        reason = found.ignored or found.failed
        marked = marked_name(found.path)
        if marked is not None and reason is None and found.file is None and found.known is None:
            reason = "文件名有国家秘密标志，未收取"
            alert(self.state, source=source.name, path=found.path, message=reason, now=self.now)
        if reason is None and found.size > LARGEST_FILE_BYTES:
            reason = f"文件超过 {LARGEST_FILE_BYTES // 1024 // 1024} MB，请拆分后再投"
        file_id = None
        if reason is None:
            try:
                file_id = found.known or self._identified(source, found, is_marked=marked is not None)
            except PermissionError:
                reason = "没有读取权限，请改权限后再投"
            except FileNotFoundError:
                reason = "收取时文件已被移走，下一夜再看"
        if reason is not None or file_id is None:
            self._clear(found)
            return Taken(source=source.name, path=found.path, size=found.size, change="ignored", reason=reason)
        if marked is None and self._is_as_before(source, found, file_id):
            self.as_before.append(found.path)
            return Taken(source=source.name, path=found.path, size=found.size, change="unchanged", file_id=file_id)
        with self.state.transaction():
            change = self._saw(source, found, file_id, is_marked=marked is not None)
        self._clear(found)
        reason = "带国家秘密标志，已停止处理" if file_id in self.stopped else None
        return Taken(
            source=source.name, path=found.path, size=found.size, change=change, file_id=file_id, reason=reason
        )

    def _is_as_before(self, source: Source, found: Delivery, file_id: str) -> bool:
        """Whether nothing but the night has to be recorded, which is done for all such files at once: a commit each
        would wait ten thousand times for the disk. Files that hold files go the long way."""
        return (
            found.known is None
            and not found.is_ours
            and self.known.get((source.name, found.path)) == (file_id, found.mtime_ns)
            and file_id not in self.stopped
            and file_id not in self.released
            and file_id not in self.with_children
        )

    def _identified(self, source: Source, found: Delivery, *, is_marked: bool) -> str:
        """The file's id, its bytes in the archive; those of a stopped file are looked at and not kept."""
        assert found.file is not None
        file_id, mtime_ns = self.known.get((source.name, found.path), (None, None))
        same = found.mtime_ns is not None and mtime_ns == found.mtime_ns and self.sizes.get(file_id or "") == found.size
        if same and file_id is not None and self._is_settled(file_id):
            return file_id
        data = found.file.read_bytes()
        file_id = hashlib.sha256(data).hexdigest()
        if file_id in self.released:
            return archive(self.home, data)
        return file_id if is_marked or file_id in self.stopped else archive(self.home, data)

    def _is_settled(self, file_id: str) -> bool:
        """Whether its bytes need not be fetched again: they are kept, or may not be."""
        if self._is_stopped(file_id):
            return True
        return file_id in self.there if self.there is not None else archive_path(self.home, file_id).is_file()

    def _is_stopped(self, file_id: str) -> bool:
        """Whether no copy of it may be kept."""
        return file_id in self.stopped and file_id not in self.released

    def _saw(self, source: Source, found: Delivery, file_id: str, *, is_marked: bool) -> Change:
        novelty = self.state.saw_file(
            file_id, source=source.name, path=found.path, size=found.size, mtime_ns=found.mtime_ns, night=self.night,
            now=self.now,
        )  # fmt: skip
        if found.known is None and not found.is_ours:
            pass  # a folder's file: path and time say it all
        elif found.known is None:
            keep_fetched(
                self.state,
                Fetched(
                    source=source.name, path=found.path, url=found.url, file_id=file_id, size=found.size,
                    token=found.token, headers=found.headers, links=found.links, first_fetched_at=self.now,
                    fetched_at=self.now,
                ),
            )  # fmt: skip
        if file_id in self.released:
            if file_id in self.stopped:
                welcome(self.state, [file_id], now=self.now)
                self.stopped.discard(file_id)
        elif is_marked and file_id not in self.stopped:
            stop_by_name(self.state, file_id, source=source.name, path=found.path, now=self.now)
            self.stopped.add(file_id)
        if novelty in ("changed", "known"):
            close_below(self.state, source.name, found.path, by=file_id, now=self.now)
        see_children(self.state, file_id, source=source.name, path=found.path, night=self.night, now=self.now)
        return "unchanged" if novelty == "known" else novelty

    def _clear(self, found: Delivery) -> None:
        """The copy under `fetch/` has done its work: the archive holds the bytes, and the state store says so."""
        if found.file is not None and found.is_ours:
            found.file.unlink(missing_ok=True)


def _next(items: Iterator[Delivery]) -> Delivery | None:
    return next(items, None)


def _some(items: list[str], what: str) -> str:
    shown = "；".join(items[:3])
    return f"{len(items)} {what}：{shown}{'……' if len(items) > 3 else ''}" if items else ""
