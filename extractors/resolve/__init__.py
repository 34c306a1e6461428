"""Facts made full: the paper's region, the full names and ids of its units, the region of its ledgers.

`resolve` is the last step of understanding a document. It adds to facts and changes nothing that was read.
"""

from __future__ import annotations

import re

import msgspec

from extractors.document import Document
from extractors.facts import UNITS, Assignment, Context, Facts, Field, LedgerTable, Metadata
from extractors.resolve import groups
from extractors.resolve.aliases import definitions, nickname_sources
from extractors.resolve.issuer import issuer_region, province_of_sign, region_of_name
from extractors.resolve.ledger_regions import with_row_regions
from extractors.resolve.regions import Region, registry
from extractors.resolve.units import UnitRecord, UnitResolver, kind_of, plain

__all__ = ["UnitRecord", "issuer_region", "resolve", "units_of"]

_BETWEEN = re.compile(r"\s*(?:、|和|与|及|以及)?\s*")


def resolve(document: Document, facts: Facts, context: Context) -> Facts:
    """The facts with region, unit names, unit ids and ledger regions filled where they can be known."""
    needs_text = facts.assignments or facts.metadata.region_code is None
    text = plain(document.text) if needs_text else ""
    metadata, region = _with_region(facts, text, document.title_hint, context)
    taught = {plain(said): meant for said, meant in context.lookups.get(UNITS, {}).items()}
    named = _with_units(document, text, facts.assignments, metadata, region, taught)
    assignments = groups.expand(named, region)
    ledger = facts.ledger
    if ledger is not None:
        ledger = tuple(with_row_regions(_with_ledger_region(t, region), region) for t in ledger)
    return msgspec.structs.replace(facts, metadata=metadata, assignments=assignments, ledger=ledger)


def units_of(facts: Facts) -> tuple[UnitRecord, ...]:
    """Every resolved unit of the facts once, for the registry, in the order of their ids."""
    code = facts.metadata.region_code
    own = registry().get(code.value) if code is not None else None
    out: dict[str, UnitRecord] = {}
    for a in facts.assignments:
        if a.unit_id is None or a.unit_name is None or a.unit_id in out:
            continue
        region = region_of_name(a.unit_name, own)
        level = region.level if region is not None else ("national" if _is_national(a.unit_name) else None)
        out[a.unit_id] = UnitRecord(
            unit_id=a.unit_id,
            unit_name=a.unit_name,
            level=level,
            region_code=region.code if region is not None else None,
            kind="national" if level == "national" else kind_of(a.unit_name),
        )
    return tuple(sorted(out.values(), key=lambda u: u.unit_id))


def _is_national(name: str) -> bool:
    from extractors.resolve.organs import organs

    return name in organs().national.values()


def _with_region(facts: Facts, text: str, title_hint: str | None, context: Context) -> tuple[Metadata, Region | None]:
    metadata, table = facts.metadata, registry()
    if metadata.region_code is not None:
        region = table.get(metadata.region_code.value)
        if region is not None and metadata.region_name is None:
            metadata = msgspec.structs.replace(metadata, region_name=table.full_name(region))
        return metadata, region
    issuer = metadata.issuer.value if metadata.issuer is not None else None
    title = metadata.title.value if metadata.title is not None else title_hint
    number = metadata.doc_number.value if metadata.doc_number is not None else None
    region = province_of_sign(issuer, number) or issuer_region(issuer, title, text, context.region_code)
    if region is None:
        return metadata, None
    basis = metadata.issuer or metadata.title
    field = (
        Field(text="", start=0, end=0, rule="region.text", origin="lookup", value=region.code)
        if basis is None
        else Field(
            text=basis.text,
            start=basis.start,
            end=basis.end,
            evidence=basis.evidence,
            rule="region.issuer",
            origin="lookup",
            value=region.code,
        )
    )
    return msgspec.structs.replace(metadata, region_code=field, region_name=table.full_name(region)), region


def _with_units(
    document: Document,
    text: str,
    assignments: tuple[Assignment, ...],
    metadata: Metadata,
    region: Region | None,
    taught: dict[str, str],
) -> tuple[Assignment, ...]:
    if not assignments:
        return assignments
    resolver = UnitResolver(region)
    names = [plain(a.text) for a in assignments]
    if metadata.issuer is not None:
        names.append(plain(metadata.issuer.value))
    issuer = metadata.issuer
    if issuer is not None and issuer.value.endswith(("公司", "集团")):
        resolver.house = plain(issuer.value)
    resolver.longer = tuple(dict.fromkeys(resolver.rest_of(n) for n in names))
    resolver.aliases = {**_parties(metadata), **nickname_sources(text, region), **definitions(text)}
    out: list[Assignment] = []
    last_end = -1
    inherited: Region | None = None
    for a in sorted(assignments, key=lambda a: (a.start, a.end)):
        if last_end < 0 or a.start < last_end or not _BETWEEN.fullmatch(document.text[last_end : a.start]):
            inherited = None
        inherited = resolver.region_of(a.text) or inherited
        last_end = a.end
        if (meant_by_source := taught.get(plain(a.text))) is not None:
            own = resolver.whole(meant_by_source)
            out.append(msgspec.structs.replace(a, unit_name=own.name, unit_id=own.unit_id, origin="lookup"))
            continue
        found = resolver.resolve(a.text, inherited)
        if found is None:
            meant = resolver.candidates(a.text)
            doubt = ("unit_ambiguous", *(f"candidate:{name}" for name in meant)) if meant else ()
            out.append(msgspec.structs.replace(a, flags=(*a.flags, *doubt)) if doubt else a)
            continue
        flags = (*a.flags, "unit_inferred") if found.inferred else a.flags
        out.append(msgspec.structs.replace(a, unit_name=found.name, unit_id=found.unit_id, flags=flags))
    return tuple(out)


def _parties(metadata: Metadata) -> dict[str, str]:
    """我局 for the author, 你市 for the one addressee."""
    out: dict[str, str] = {}
    if metadata.issuer is not None and "、" not in metadata.issuer.value:
        out |= {f"我{c}": metadata.issuer.value for c in "局委办厅院部会处"} | {
            f"我{w}": metadata.issuer.value for w in ("中心", "公司", "单位")
        }
    if len(metadata.recipients) == 1:
        party = metadata.recipients[0].value
        words = (
            "省",
            "市",
            "县",
            "区",
            "州",
            "旗",
            "局",
            "委",
            "办",
            "厅",
            "单位",
            "公司",
            "集团",
            "镇",
            "乡",
            "街道",
            "管委会",
        )
        out |= {f"{you}{w}": party for you in "你贵" for w in words}
    return out


def _with_ledger_region(table: LedgerTable, region: Region | None) -> LedgerTable:
    """The table's region from its reporting unit or title, else the document's own where that is a county."""
    if table.region_code is not None:
        return table
    for words in (table.reporting_unit, table.title):
        found = region_of_name(plain(words), region) if words else None
        if found is not None:
            return msgspec.structs.replace(table, region_code=found.code)
    if region is not None:
        return msgspec.structs.replace(table, region_code=region.code)
    return table
