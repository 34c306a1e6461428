"""Drop folders and mounted shares: what lies there, what is left alone and why."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipelines.fetching.delivery import Delivery, Pull
from pipelines.sources import FolderSource


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One file as a folder shows it. `path` is relative to the source's folder, with forward slashes."""

    source: str
    path: str
    location: str
    size: int
    mtime_ns: int
    ignored: str | None = None  # why it is not taken


def deliver(source: FolderSource, pull: Pull) -> Iterator[Delivery]:
    """Every file of the folder; with `watch_seconds`, those that did not change between two looks.

    Raises FileNotFoundError when the folder does not exist (a share that is not mounted).
    """
    now = pull.now.timestamp()
    found = list(list_folder(source, pull.home, now))
    before: dict[str, tuple[int, int]] | None = None
    if source.watch_seconds:
        before = {f.path: (f.size, f.mtime_ns) for f in found}
        pull.sleep(source.watch_seconds)
        found = list(list_folder(source, pull.home, now))
    for f in found:
        ignored = f.ignored
        if ignored is None and before is not None and before.get(f.path) != (f.size, f.mtime_ns):
            ignored = STILL_WRITTEN
        yield Delivery(
            path=f.path, url=f.location, size=f.size, mtime_ns=f.mtime_ns, file=Path(f.location), is_ours=False,
            ignored=ignored,
        )  # fmt: skip


STILL_WRITTEN = "文件可能还在写入，下一夜再收"


def list_folder(source: FolderSource, home: Path, now: float) -> Iterator[Found]:
    """All files below a drop folder in a fixed order, those to be left alone with the reason.

    `now` is seconds since the epoch: a file younger than the source's settle time may still be written to. Links
    that lead out of the folder are left alone: a drop folder is not to reach into the rest of the machine.
    Raises FileNotFoundError when the folder does not exist.
    """
    root = source.folder(home)
    if not root.is_dir():
        raise FileNotFoundError(f"来源“{source.name}”的文件夹 {root} 不存在；请新建它，或在 sources/ 里改路径")
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(d for d in subfolders if not d.startswith("."))
        for name in sorted(names):
            location = Path(folder) / name
            path = location.relative_to(root).as_posix()
            try:
                inside = not location.is_symlink() or location.resolve().is_relative_to(root.resolve())
                stat = location.stat()
            except OSError as e:
                yield Found(source=source.name, path=path, location=str(location), size=0, mtime_ns=0,
                            ignored=f"打不开：{e.strerror}")  # fmt: skip
                continue
            reason = None
            if any(fnmatch.fnmatch(name, pattern) for pattern in source.ignore):
                reason = "临时文件或约定不收的文件名"
            elif not inside:
                reason = "链接指向收件夹之外"
            elif not location.is_file():
                reason = "不是普通文件"
            elif abs(now - stat.st_mtime) < source.settle_seconds:
                # a time far ahead of ours is a share's wrong clock: it must not keep a file out for ever
                reason = STILL_WRITTEN
            yield Found(source=source.name, path=path, location=str(location), size=stat.st_size,
                        mtime_ns=stat.st_mtime_ns, ignored=reason)  # fmt: skip
