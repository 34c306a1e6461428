"""A source's examples: files kept beside its YAML and what must come of them. Run without any network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from pipelines.fetching.delivery import PermanentError
from pipelines.source_lookups import context_of
from pipelines.source_schema import Example, Expected, HttpSource, Source, SourceError


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one example; `wrong` says key by key what differs."""

    file: str
    wrong: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """True when everything expected came."""
        return not self.wrong


def run_examples(source: Source, folder: Path) -> Iterator[Outcome]:
    """Each example of a source, in order; `folder` holds its YAML. Raises SourceError for a file that is not there."""
    for example in source.examples:
        path = folder / example.file
        if not path.is_file():
            raise SourceError(f"来源“{source.name}”的示例 {path} 不存在；请放入该文件，或从 examples 里删去")
    pages = [e for e in source.examples if e.page is not None]
    documents = [e for e in source.examples if e.page is None]
    read = dict(zip((e.file for e in documents), _read(source, [folder / e.file for e in documents]), strict=True))
    for example in source.examples:
        found = _of_page(source, example, folder) if example in pages else _of_document(read[example.file])
        yield Outcome(file=example.file, wrong=tuple(_differences(example.expect, found)))


def _read(source: Source, paths: list[Path]) -> list[dict[str, Any]]:
    """The examples read as a night reads them: in limited children, with what the source tells."""
    from pipelines.cli_extract import extractions

    if not paths:
        return []
    context = context_of(source)
    wanted = {str(p) for p in paths}
    by_path = {r["path"]: r for r in extractions(paths, context) if r["path"] in wanted}
    return [by_path[str(p)] for p in paths]


def _of_document(result: dict[str, Any]) -> dict[str, Any]:
    """What `Expected` speaks of, from an extraction as in the contract."""
    error, document = result.get("error"), result.get("document") or {}
    metadata, ledger = result.get("metadata") or {}, result.get("ledger") or {}
    tables = ledger.get("tables", ())
    return {
        "status": result["status"],
        "error": None if error is None else error["code"],
        "format": document.get("format"),
        "kind": document.get("kind"),
        "title": metadata.get("title"),
        "doc_number": metadata.get("doc_number"),
        "rows": sum(len(list(t["rows"])) for t in tables),
        "fields": sorted({c["field"] for t in tables for c in t["columns"] if c["field"]}),
        "values": [row for t in tables for row in t["rows"]],
        "units": list(dict.fromkeys(a["unit_name"] or a["unit"] for a in result.get("assignments") or ())),
        "deadlines": len(result.get("deadlines") or ()),
    }


def _of_page(source: Source, example: Example, folder: Path) -> dict[str, Any]:
    from pipelines.fetching.pages import read_article, read_listing

    if not isinstance(source, HttpSource) or example.url is None:
        raise SourceError(f"来源“{source.name}”的示例 {example.file}：page 只用于 http 来源，并要写 url；请改 examples")
    data = (folder / example.file).read_bytes()
    try:
        if example.page == "article":
            return {"status": "ok", "attachments": list(read_article(data, example.url, source))}
        listed = read_listing(data, example.url, source)
    except PermanentError as e:
        return {"status": "failed", "error": e.code}
    return {"status": "ok", "links": [a for a, _, _ in listed.articles], "next_page": listed.next_page}


def _differences(expected: Expected, found: dict[str, Any]) -> Iterator[str]:
    for key, value in msgspec.structs.asdict(expected).items():
        if value is None:
            continue
        if key == "values":
            yield from _values(value, found.get(key) or [])
            continue
        want = sorted(value) if key == "fields" else list(value) if isinstance(value, tuple) else value
        if found.get(key) != want:
            yield f"{key} 应为 {want}，得到 {found.get(key)}"


def _values(wanted: dict[str, tuple[str, ...]], rows: list[dict[str, Any]]) -> Iterator[str]:
    for field, want in wanted.items():
        got = ["" if row.get(field) is None else str(row[field]) for row in rows]
        if got != list(want):
            yield f"values.{field} 应为 {list(want)}，得到 {got}"
