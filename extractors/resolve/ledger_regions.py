"""The GB/T 2260 code of each ledger row that names its county: 晋江市, 晋江, or 全市本级 for the table's own region."""

from __future__ import annotations

import re

import msgspec

from extractors.facts import CellValue, LedgerRow, LedgerTable
from extractors.resolve.issuer import region_of_name
from extractors.resolve.regions import Region, registry
from extractors.resolve.units import plain
from extractors.rowstore import CODED, TEXT, Entry, RowStore

_CODE = re.compile(r"\d{6}(?:000000)?")
_OWN = frozenset({"本级", "市本级", "县本级", "区本级", "省本级", "市直", "县直", "区直", "省直"})


def with_row_regions(table: LedgerTable, region: Region | None) -> LedgerTable:
    """The table with `region_code` beside every `region_name` that names one place within its region.

    Names are looked up within the table's region and then around it; a name that fits none, or two, stays without.
    """
    if all(c.field != "region_name" for c in table.columns) or any(c.field == "region_code" for c in table.columns):
        return table
    if isinstance(table.rows, RowStore):
        _code_store(table.rows, registry().get(table.region_code) if table.region_code is not None else region)
        return table
    own = registry().get(table.region_code) if table.region_code is not None else region
    known: dict[str, str | None] = {}
    rows: list[LedgerRow] = []
    for row in table.rows:
        value = row.values.get("region_name")
        if value is None or not isinstance(value.value, str):
            rows.append(row)
            continue
        name = value.value
        if name not in known:
            known[name] = code_of(name, own)
        code = known[name]
        rows.append(row if code is None else _coded(row, value, code))
    return msgspec.structs.replace(table, rows=tuple(rows))


def _code_store(store: RowStore, own: Region | None) -> None:
    """The same for the rows of a very large ledger: each distinct name is looked up once."""
    import numpy as np

    store.others[:] = [
        _coded(row, value, code)
        if (value := row.values.get("region_name")) is not None
        and isinstance(value.value, str)
        and (code := code_of(value.value, own)) is not None
        else row
        for row in store.others
    ]
    column = store.column("region_name")
    if column is None:
        return
    entries = [_with_code(e, own) for e in column.entries]
    lane, payload = column.lane.copy(), column.payload.copy()
    texts = lane == TEXT
    if texts.any():
        distinct, inverse = np.unique(payload[texts], return_inverse=True)
        for text in store.texts.take(distinct):
            entries.append(_with_code(Entry(raw=text, value=text.strip(), rule="text"), own))
        payload[texts] = inverse + len(column.entries)
        lane[texts] = CODED
    coded = msgspec.structs.replace(column, entries=entries, lane=lane, payload=payload)
    store.columns = [coded if c is column else c for c in store.columns]


def _with_code(entry: Entry, own: Region | None) -> Entry:
    code = code_of(entry.value, own) if isinstance(entry.value, str) else None
    return entry if code is None else msgspec.structs.replace(entry, more={**entry.more, "region_code": code})


def _coded(row: LedgerRow, name: CellValue, code: str) -> LedgerRow:
    value = msgspec.structs.replace(name, value=code, rule="region.row", origin="lookup")
    return msgspec.structs.replace(row, values={**row.values, "region_code": value})


def code_of(name: str, own: Region | None) -> str | None:
    """The code a cell means: a code itself, a place within `own`, around it, or `own` for 市本级; None if unclear."""
    flat = plain(name)
    table = registry()
    if _CODE.fullmatch(flat):
        found = table.get(flat[:6])
        return found.code if found is not None else None
    if flat in _OWN:
        return own.code if own is not None else None
    around = table.parent(own) if own is not None else None
    for within in (own, around):
        if within is None:
            continue
        fit = table.named(flat, within)
        if len(fit) == 1:
            return fit[0].code
    if own is not None and flat == plain(own.name):
        return own.code
    stated = region_of_name(flat, own)
    return stated.code if stated is not None else None
