"""The sources of a night: a file that is broken costs its own source only, and what is known of it stays as it was.

A source whose YAML is broken is not pulled. Its files of earlier nights are read, audited and counted with the last
configuration that was in order: losing its header map for a night would change what they say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import msgspec

from pipelines.source_schema import Source, SourceError
from pipelines.sources import read_all, sources_folder
from warehouse.state import State
from warehouse.state_sources import SourceFile, keep_source_file, source_files
from warehouse.state_troubles import begin_trouble, end_trouble, standing_troubles

_PREFIX = "configuration:"


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is no source: what is wrong (file, line, what to do), and the source as it was last in order."""

    file: str
    message: str
    last: Source | None


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """`sources` are to be pulled, by name; `broken` are not."""

    sources: tuple[Source, ...]
    broken: tuple[Broken, ...] = ()

    @property
    def remembered(self) -> tuple[Source, ...]:
        """All sources that something is known of: those to be pulled, and broken ones as they were."""
        names = {s.name for s in self.sources}
        return (*self.sources, *(b.last for b in self.broken if b.last is not None and b.last.name not in names))


def configured(home: Path, state: State) -> Configured:
    """What the sources' folder holds now."""
    known = source_files(state)
    found, wrong = read_all(sources_folder(home), {f: k.name for f, k in known.items()})
    broken = (Broken(file=p.name, message=said, last=_last(known.get(p.name))) for p, said in wrong.items())
    return Configured(sources=tuple(sorted(found.values(), key=lambda s: s.name)), broken=tuple(broken))


def _last(kept: SourceFile | None) -> Source | None:
    """A kept configuration; None where there is none, or it means nothing to this version of the program."""
    from pipelines.source_audit import source_audit

    if kept is None:
        return None
    try:
        source: Source = msgspec.json.decode(kept.content, type=Source)
        source_audit([source])
    except (msgspec.ValidationError, SourceError):
        return None
    return source


def keep_configured(home: Path, state: State, now: dt.datetime) -> None:
    """Remember the configurations that are in order."""
    found, _ = read_all(sources_folder(home), {f: k.name for f, k in source_files(state).items()})
    for path, source in found.items():
        content = msgspec.json.encode(source).decode()
        keep_source_file(state, SourceFile(file=path.name, name=source.name, content=content), now=now)


def tell_broken(state: State, broken: Iterable[Broken], now: dt.datetime) -> None:
    """A broken file is a trouble until it is mended or gone: told once, and once when it is well."""
    standing = {t.trouble_id for t in standing_troubles(state) if t.trouble_id.startswith(_PREFIX)}
    for one in broken:
        subject = one.file if one.last is None else one.last.label
        message = f"{one.message}；这个来源今夜没有收取，其他来源照常；改好后用 qingqian source check 核对"
        begin_trouble(state, _PREFIX + one.file, kind="source", subject=subject, message=message, now=now)
        standing.discard(_PREFIX + one.file)
    for trouble_id in standing:
        end_trouble(state, trouble_id, now=now)
