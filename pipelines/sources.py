"""Sources: one YAML file for each place that documents come from. This module reads and checks them aloud."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import msgspec
import yaml

from pipelines.home import ROOT

DEFAULT_IGNORE = ("~$*", ".*", "*.part", "*.tmp", "*.crdownload", "Thumbs.db", "desktop.ini")


class SourceError(Exception):
    """A source's YAML is wrong; the message names the file and what to change."""


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One drop folder. Unknown keys in the YAML are an error, never ignored."""

    name: str
    kind: Literal["folder"]
    path: str
    cadence: Literal["nightly", "weekly", "monthly"] = "nightly"
    settle_seconds: float = 0.0
    ignore: tuple[str, ...] = DEFAULT_IGNORE
    region_code: str | None = None
    header_map: dict[str, str] = {}

    def folder(self, home: Path) -> Path:
        """The folder to pull from; relative paths start at the home folder."""
        path = Path(re.sub(r"\$\{(\w+)\}", lambda m: _environment(m.group(1), self.name), self.path)).expanduser()
        return path if path.is_absolute() else home / path


def folder_source(folder: Path) -> Source:
    """The source that `--inbox DIR` stands for. Named by a fixed word, so that moving the folder changes no id."""
    return Source(name="inbox", kind="folder", path=str(folder.resolve()), ignore=(*DEFAULT_IGNORE, "README*"))


def load_sources(home: Path) -> tuple[Source, ...]:
    """All configured sources: of QINGQIAN_SOURCES, else of <home>/sources, else those shipped. Sorted by name.

    Raises SourceError for a file that does not fit the schema or a name used twice.
    """
    given = os.environ.get("QINGQIAN_SOURCES")
    folder = Path(given) if given else home / "sources"
    if not given and not folder.is_dir():
        folder = ROOT / "sources"
    out: dict[str, Source] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            source = msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Source)
        except (msgspec.ValidationError, yaml.YAMLError) as e:
            raise SourceError(f"来源配置 {path} 有误：{e}；请按 docs/sources.md 改正") from e
        if source.name in out:
            raise SourceError(f"来源配置 {path} 与另一文件重名“{source.name}”；请改名")
        out[source.name] = source
    return tuple(out[name] for name in sorted(out))


def _environment(name: str, source: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SourceError(f"来源“{source}”用到环境变量 {name}，但没有设置它")
    return value
