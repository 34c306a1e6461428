"""The header map and the lookups of a source's YAML: what they may say, for editors and for the check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from extractors.facts import Context


def context_of(source: Any) -> Context:
    """What a source tells the readers about its files."""
    return Context(
        source=source.name, region_code=source.region_code, header_map=source.header_map, lookups=source.lookups
    )


def wrong_keys(
    header_map: Mapping[str, str], lookups: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[list[str], str]]:
    """(path of the key in the YAML, what is wrong and what to do) of everything the readers could not follow."""
    if header_map:
        yield from _headers(header_map)
    if lookups:
        yield from _lookups(lookups)


def _headers(header_map: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
    from extractors.ledger.words import lexicon

    known = [*lexicon().fields]
    for header, field in header_map.items():
        if field not in ("-", "") and field not in lexicon().fields and not field.endswith(("_yuan", "_date")):
            yield ["header_map", header], f"表头“{header}”对应的 {field} 不是标准字段；{_near(field, known)}"


def _lookups(lookups: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[list[str], str]]:
    from extractors.ledger.lookups import choices, clashing, fields_with_lookups, is_understood

    fields = fields_with_lookups()
    for field, meanings in lookups.items():
        if field not in fields:
            why = f"{field} 不能有对照值（只有文字、选项类字段和 units 可以）；{_near(field, list(fields))}"
            yield ["lookups", field], why
            continue
        twice = clashing(meanings)
        if twice is not None:
            yield ["lookups", field, twice[1]], f"“{twice[0]}”和“{twice[1]}”比较时是同一个写法；请删去一个"
        for said, meant in meanings.items():
            if not said.strip():
                yield ["lookups", field], "有一个写法是空的；空格子没有可对照的内容，请删去"
            elif not is_understood(field, meant):
                can_be = "、".join(choices(field)) or "不为空的文字"
                yield ["lookups", field, said], f"“{said}”对应的“{meant}”读不懂；{fields[field]}可用：{can_be}"


def _near(word: str, known: list[str]) -> str:
    import difflib

    begun = [k for k in known if word and k.startswith(word)]
    near = begun or difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"是不是想写 {near[0]}？字段名见 docs/data-dictionary.md" if near else "字段名见 docs/data-dictionary.md"


def lookups_schema() -> dict[str, Any]:
    """The JSON Schema of `lookups`: every field with its label, and for options what they may lead to."""
    from extractors.ledger.lookups import choices, fields_with_lookups

    properties = {}
    for field, label in fields_with_lookups().items():
        meant: dict[str, Any] = {"type": "string"}
        if choices(field):
            meant["examples"] = list(choices(field))
        properties[field] = {"type": "object", "description": label, "additionalProperties": meant}
    return {"type": "object", "properties": properties, "additionalProperties": False}
