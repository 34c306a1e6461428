"""A source's own lookups: what it writes in its columns, and what that stands for.

`lookups` maps a canonical field, or `units` for names of organisations wherever they stand, to {as written: as meant}.
A cell is then read as if it said what is meant, by the ordinary rules of its column; its raw text stays. Numbers, money
and dates have no lookups: a figure is never put in place of what was printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from extractors.document import Cell
from extractors.facts import UNITS, Flag
from extractors.ledger.cells import Column, read_cell
from extractors.ledger.words import BOOL, ENUM, TEXT, enum_words, kind_of, lexicon, plain

Lookups = Mapping[str, Mapping[str, str]]

NAME_FIELDS = frozenset({"debtor_name", "creditor_name", "reporting_unit", "responsible_unit", "disclosing_unit"})
_DISPUTED = ("有分歧", "无分歧", "部分有分歧")
_YES_NO = ("是", "否")
# Numbers and places that identify something: another one in its place would be another thing.
_NEVER = frozenset(
    {"seq_no", "contract_no", "project_no", "complaint_no", "region_code", "url", "amount_unit", "amount_words"}
)


def fields_with_lookups() -> dict[str, str]:
    """The keys that `lookups` may have, each with its Chinese label."""
    fields = {
        f.name: f.label
        for f in lexicon().fields.values()
        if f.kind in (TEXT, ENUM, BOOL) and f.name not in _NEVER and not f.name.endswith("_phone")
    }
    return {UNITS: "单位名称（各列、表头、责任单位）", **fields}


def choices(field: str) -> tuple[str, ...]:
    """What a lookup of a field may lead to; empty when any text will do."""
    kind = TEXT if field == UNITS else kind_of(field)
    if field == "disputed":
        return _DISPUTED
    if kind == ENUM:
        return tuple(dict.fromkeys(value for _, value in enum_words(field)))
    return _YES_NO if kind == BOOL else ()


def is_understood(field: str, meant: str) -> bool:
    """Whether a lookup may lead to this: a text that the field's own rules read without a doubt."""
    if field == UNITS or field not in lexicon().fields:
        return bool(meant.strip())
    read = read_cell(Cell(row=0, col=0, text=meant), Column(index=0, field=field, kind=kind_of(field), header=""))
    return read.value is not None and read.problem is None


def clashing(said: Iterable[str]) -> tuple[str, str] | None:
    """Two wordings that are compared as one (full-width, blanks, case), where there are such."""
    seen: dict[str, str] = {}
    for word in said:
        if plain(word) in seen:
            return seen[plain(word)], word
        seen[plain(word)] = word
    return None


def meant_in(lookups: Lookups, field: str) -> dict[str, str]:
    """What the wordings of one field stand for, by their normal form; the field's own win over `units`."""
    out = {plain(k): v for k, v in lookups.get(UNITS, {}).items()} if field in NAME_FIELDS else {}
    out |= {plain(k): v for k, v in lookups.get(field, {}).items()}
    return out


def reporting_unit(lookups: Lookups, said: str | None) -> tuple[str | None, tuple[Flag, ...]]:
    """The unit a table's head names, and a flag that keeps its own words where a lookup gave the name."""
    meant = meant_in(lookups, "reporting_unit").get(plain(said)) if said and lookups else None
    if said is None or meant is None or meant == said:
        return said, ()
    message = f"填报单位“{said}”按来源配置（lookups）登记为“{meant}”。"
    return meant, (Flag(kind="unit_from_lookup", field="reporting_unit", message=message),)
