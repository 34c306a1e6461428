"""Files of a remote store through fsspec: listing, download from where it broke off, checks. Shared by SFTP and S3."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, Protocol

import msgspec

from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.folder import STILL_WRITTEN
from pipelines.fetching.retry import retried
from pipelines.fetching.spool import Part
from pipelines.source_schema import MIB, S3Source, SftpSource

_FAILURES_IN_A_ROW = 3


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a store. `token` changes with its content; `md5` where the store states it."""

    path: str
    location: str
    size: int
    token: str
    mtime: float | None = None
    md5: str | None = None
    headers: dict[str, str] = {}


class Store(Protocol):
    """A connected store. Methods raise TransientError or PermanentError, nothing else."""

    def entries(self) -> list[Entry]:
        """All files, by path."""
        ...

    def open(self, entry: Entry) -> AbstractContextManager[IO[bytes]]:
        """A file for reading; it can seek."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


Connect = Callable[[], Store]


def deliver_from(
    connect: Connect, source: SftpSource | S3Source, pull: Pull, url: Callable[[Entry], str], settle: float = 0.0
) -> Iterator[Delivery]:
    """Every file of the store: known ones by their token, others fetched. A lost connection is made anew."""
    line = _Line(connect)
    limits = source.limits
    files = total = silent = 0
    try:
        for entry in retried(lambda: line.store().entries(), limits, pull):
            name = entry.path.rsplit("/", 1)[-1]
            record = pull.known.get(entry.path)
            ignored = None
            if any(fnmatch.fnmatch(part, pattern) for part in entry.path.split("/") for pattern in source.ignore):
                ignored = "临时文件或约定不收的文件名"
            elif record is not None and record.token == entry.token:
                yield Delivery(
                    path=entry.path, url=record.url, size=record.size, known=record.file_id, token=record.token
                )
                continue
            elif settle and entry.mtime is not None and abs(pull.now.timestamp() - entry.mtime) < settle:
                ignored = STILL_WRITTEN
            elif entry.size > limits.max_file_bytes:
                ignored = f"文件“{name}”超过 {limits.max_file_bytes // MIB} MB 的上限；请拆分，或改 limits"
            elif files >= limits.max_files or total + entry.size > limits.max_total_bytes:
                ignored = "今夜收取已达上限，下一夜再收"
            if ignored is not None:
                yield Delivery(path=entry.path, url=url(entry), size=entry.size, ignored=ignored)
                continue
            try:
                part = _fetched(line, entry, source, pull)
            except PermanentError as e:
                silent = 0
                yield Delivery(path=entry.path, url=url(entry), size=entry.size, failed=f"{e.code}：{e}")
                continue
            except TransientError as e:
                silent += 1
                if silent >= _FAILURES_IN_A_ROW:
                    raise
                yield Delivery(path=entry.path, url=url(entry), size=entry.size, failed=f"{e.code}：{e}")
                continue
            silent = 0
            files, total = files + 1, total + entry.size
            yield Delivery(
                path=entry.path,
                url=url(entry),
                size=entry.size,
                file=part.whole,
                token=entry.token,
                headers=entry.headers,
            )
    finally:
        line.drop()


class _Line:
    """A connection that is made when it is needed and dropped when it broke."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._store: Store | None = None

    def store(self) -> Store:
        if self._store is None:
            self._store = self._connect()
        return self._store

    def drop(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None


def _fetched(line: _Line, entry: Entry, source: SftpSource | S3Source, pull: Pull) -> Part:
    part = Part(pull.folder, entry.path)
    digests: Mapping[str, str] = {} if entry.md5 is None else {"md5": entry.md5}

    def once() -> None:
        at, version = part.begun()
        if version != entry.token or at > entry.size:
            at = 0
        try:
            with line.store().open(entry) as f:
                f.seek(at)
                part.write(_chunks(f, entry.size - at), at=at, version=entry.token, limit=source.limits.max_file_bytes)
        except TransientError:
            line.drop()
            raise
        part.finish(size=entry.size, digests=digests)

    retried(once, source.limits, pull)
    return part


def _chunks(f: IO[bytes], left: int) -> Iterator[bytes]:
    """As many bytes as the listing said, no more: a file that grows meanwhile is a new version of the next night."""
    while left > 0 and (chunk := f.read(min(left, MIB))):
        left -= len(chunk)
        yield chunk
