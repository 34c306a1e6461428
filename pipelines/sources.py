"""Sources: one YAML file for each place that documents come from. This module finds, reads and checks them aloud."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipelines.home import ROOT
from pipelines.source_lookups import wrong_keys
from pipelines.source_schema import DEFAULT_IGNORE, KINDS, FolderSource, Source, SourceError

__all__ = [
    "FolderSource", "Source", "SourceError", "folder_source", "load_sources", "read_all", "read_source",
    "sources_folder",
]  # fmt: skip

SCHEMA_FILE = "source.schema.json"


def folder_source(folder: Path) -> FolderSource:
    """The source that `--inbox DIR` stands for. Named by a fixed word, so that moving the folder changes no id."""
    return FolderSource(name="inbox", path=str(folder.resolve()), ignore=(*DEFAULT_IGNORE, "README*"))


def sources_folder(home: Path) -> Path:
    """Where the sources are configured: QINGQIAN_SOURCES, else <home>/sources, else those shipped."""
    given = os.environ.get("QINGQIAN_SOURCES")
    folder = Path(given) if given else home / "sources"
    return folder if given or folder.is_dir() else shipped_sources()


def shipped_sources() -> Path:
    """The sources that ship: the project's own, or the package's copy when installed from a wheel."""
    folder = ROOT / "sources"
    return folder if folder.is_dir() else Path(__file__).resolve().parent / "shipped_sources"


def load_sources(home: Path) -> tuple[Source, ...]:
    """All configured sources, sorted by name.

    Raises SourceError for a file that does not fit the schema or a name used twice.
    """
    found, wrong = read_all(sources_folder(home))
    for message in wrong.values():
        raise SourceError(message)
    return tuple(sorted(found.values(), key=lambda s: s.name))


def read_all(folder: Path, known: Mapping[str, str] | None = None) -> tuple[dict[Path, Source], dict[Path, str]]:
    """The sources of a folder by file, and what is wrong with each file that is none.

    Of two files with one name the one that had it before (`known`: name by file name) keeps it, else the first.
    """
    found: dict[Path, Source] = {}
    wrong: dict[Path, str] = {}
    if not folder.is_dir():
        return found, {folder: f"来源目录 {folder} 不存在；请检查 QINGQIAN_SOURCES，或建好目录"}
    owners: dict[str, Path] = {}
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".yml", ".yaml") and not p.name.startswith("."))
    before = [p for p in paths if p.name in (known or {})]
    for path in [*before, *(p for p in paths if p not in before)]:
        try:
            source = read_source(path)
        except SourceError as e:
            wrong[path] = str(e)
            continue
        if source.name in owners:
            other = owners[source.name].name
            wrong[path] = f"来源配置 {path} 与另一文件 {other} 重名“{source.name}”；请改名，或删去其中一个"
        else:
            owners[source.name] = path
            found[path] = source
    return found, wrong


def path_of_source(folder: Path, name: str) -> Path:
    """The YAML of a source by its name, wherever in the folder its name stands. Raises SourceError."""
    for path, source in read_all(folder)[0].items():
        if source.name == name:
            return path
    raise SourceError(f"{folder} 里没有名为“{name}”的来源；可用 qingqian source list 查看")


def read_source(path: Path) -> Source:
    """One source. Raises SourceError with the file, the line, the key and what to do."""
    try:
        return _read(path)
    except RecursionError as e:
        raise SourceError(f"来源配置 {path} 嵌套过深或引用了自己；请改写成普通的“键: 值”") from e


def _read(path: Path) -> Source:
    try:
        text = path.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        plain = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as e:
        raise SourceError(f"来源配置 {path} 打不开：{e}；请检查权限，并存为 UTF-8") from e
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        where = f"第 {mark.line + 1} 行" if mark is not None else ""
        raise SourceError(
            f"来源配置 {path} {where}不是合法的 YAML（{getattr(e, 'problem', e)}）；请检查缩进、引号和括号"
        ) from e
    except ValueError as e:  # a date that there is not: 2026-02-30
        raise SourceError(f"来源配置 {path} 里有不存在的日期或数值（{e}）；请更正") from e
    if not isinstance(plain, dict):
        raise SourceError(f"来源配置 {path} 是空的或不是“键: 值”的形式；可用 qingqian source new 生成样板")
    twice = _repeated(tree)
    if twice is not None:
        raise SourceError(f"来源配置 {path} 第 {twice[1]} 行的键 {twice[0]} 写了两次；请删去一个")
    try:
        source: Source = msgspec.convert(plain, Source)
    except msgspec.ValidationError as e:
        raise SourceError(f"来源配置 {path} {_explained(str(e), plain, tree)}") from e
    for keys, wrong in wrong_keys(source.header_map, source.lookups):
        raise SourceError(f"来源配置 {path} 第 {_line(tree, keys)} 行（{'.'.join(keys)}）{wrong}")
    if source.silence or source.thresholds.max_shares or source.roster:
        from pipelines.source_audit import source_audit

        try:
            source_audit([source])
        except SourceError as e:
            key = next((k for k in ("silence", "thresholds", "roster") if k in str(e)), "name")
            raise SourceError(f"来源配置 {path} 第 {_line(tree, [key])} 行（{key}）{e}") from e
    return source


def _repeated(node: yaml.Node | None) -> tuple[str, int] | None:
    """The first key given twice in one mapping, and its line: YAML would silently keep the last."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            found = _repeated(value)
            if found is not None:
                return found
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found = _repeated(item)
            if found is not None:
                return found
    return None


def _explained(said: str, plain: dict[str, Any], tree: yaml.Node | None) -> str:
    """msgspec's complaint as a sentence: which line, which key, what would be right."""
    what, _, where = said.partition(" - at `")
    before, inside_a_map, _ = where.partition("[...]")
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", before)
    path = [name or int(number) for name, number in steps]
    unknown = re.search(r"unknown field `(.+?)`", what)
    missing = re.search(r"missing required field `(.+?)`", what)
    line = _line(tree, [*path, unknown[1]] if unknown else path)
    place = f"第 {line} 行" + (f"（{'.'.join(str(p) for p in path)}）" if path else "")
    if unknown:
        known = _known_keys(plain, path)
        near = difflib.get_close_matches(unknown[1], known, n=1, cutoff=0.5)
        hint = f"是不是想写 {near[0]}？" if near else f"可用的键：{'、'.join(known)}；"
        return f"{place}有不认识的键 {unknown[1]}；{hint}请按 docs/sources.md 改正"
    if missing:
        return f"{place}缺少必填的键 {missing[1]}；请补上（见 docs/sources.md）"
    if "kind" in plain and plain["kind"] not in KINDS:
        kinds = list(KINDS)
        near = difflib.get_close_matches(str(plain["kind"]), kinds, n=1, cutoff=0.4)
        hint = f"，是不是想写 {near[0]}" if near else ""
        return f"第 {_line(tree, ['kind'])} 行的 kind 不能是 {plain['kind']}{hint}；可用：{'、'.join(kinds)}"
    if inside_a_map and "`str`, got" in what:
        place = f"第 {_first_not_text(_at(tree, path)) or line} 行（{'.'.join(str(p) for p in path)}）"
    hint = (
        "（YAML 会把不加引号的数字、是非词 yes/no/on/off 和日期读成别的类型，请加引号）" if "`str`, got" in what else ""
    )
    return f"{place}的值不对：{what}{hint}；请按 docs/sources.md 改正"


def _known_keys(plain: dict[str, Any], path: list[str | int]) -> list[str]:
    """The keys that may stand in the mapping at `path`."""
    kind: Any = KINDS.get(str(plain.get("kind")))
    if kind is None:
        return ["kind"]
    node: Any = msgspec.inspect.type_info(kind)
    for step in path:
        node = _inside(node, step)
        if node is None:
            return []
    keys = [f.encode_name for f in node.fields]
    return ["kind", *keys] if not path else keys


def _inside(node: Any, step: str | int) -> Any:
    """The struct type under a key or item, through unions, optionals and annotations; None where there is none."""
    if isinstance(step, str):
        node = next((f.type for f in getattr(node, "fields", ()) if f.encode_name == step), None)
    else:
        node = getattr(node, "item_type", None)
    while isinstance(node, msgspec.inspect.Metadata):
        node = node.type
    if isinstance(node, msgspec.inspect.UnionType):
        node = next((t for t in node.types if isinstance(t, msgspec.inspect.StructType)), None)
    return node


def _at(node: yaml.Node | None, path: list[Any]) -> yaml.Node | None:
    """The value under a path of keys and items; None where there is none."""
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next((v for k, v in node.value if k.value == str(step)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def _first_not_text(node: yaml.Node | None) -> int | None:
    """The line of the first key or value that YAML takes for something else than a text."""
    if isinstance(node, yaml.MappingNode):
        inner = [n for pair in node.value for n in pair]
    elif isinstance(node, yaml.SequenceNode):
        inner = list(node.value)
    elif isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:str" else node.start_mark.line + 1
    else:
        return None
    return next((line for n in inner if (line := _first_not_text(n)) is not None), None)


def _line(node: yaml.Node | None, path: list[Any]) -> int:
    """The line (from 1) where a key or item stands; that of the nearest thing around it when it is not there."""
    line = node.start_mark.line + 1 if node is not None else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if pair is None:
                return line
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
