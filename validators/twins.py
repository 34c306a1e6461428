"""Two versions of one ledger - the workbook and its stamped scan - compared cell by cell.

Later corrections by hand stand in one version only; neither is taken for right, each difference is told with both
cells, and so is a row that only one of them has.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

import msgspec

from validators.history import LIVE, TABLE_COLUMNS, ArrowRow, Row, columns_of, plain
from validators.places import Places, json_object, label_of
from validators.rules import raise_finding
from warehouse.ledger_fields import CANONICAL_FIELDS

if TYPE_CHECKING:
    import pyarrow as pa

    from validators.findings import Finding

LedgerKey = tuple[str, int]
_OF_LEDGERS = (*TABLE_COLUMNS, "columns")

# What is no statement about the debt: the printed number, and what follows from other columns.
_LEFT_OUT = frozenset({"seq_no", "region_code"})
COMPARED = tuple(f for f in CANONICAL_FIELDS if f.name not in _LEFT_OUT and not f.name.endswith("_precision"))
# Text that versions word differently at will: differences there are no contradiction.
_WORDED = frozenset({"remarks", "status", "evidence", "extra"})


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One file's version of a ledger table: where its rows stand in `ledger_rows`, by debt, and the columns it has."""

    key: LedgerKey
    as_of: dt.date | None
    night: dt.date | None
    fields: frozenset[str]
    debts: Mapping[str, int]


def twin_findings(tables: Mapping[str, pa.Table], places: Places) -> Iterator[Finding]:
    """The differences between every two versions of one ledger, told on the version that came later."""
    found = twins(tables)
    columns = {c: tables["ledger_rows"].column(c) for c in tables["ledger_rows"].column_names} if found else {}
    for one, other in found:
        shared = one.fields & other.fields
        for debt, at in other.debts.items():
            row = ArrowRow(columns, at)
            if debt not in one.debts:
                yield _lone(row, one, places)
                continue
            before = ArrowRow(columns, one.debts[debt])
            for field in COMPARED:
                if field.name in shared and _differ(field.name, before, row):
                    yield _difference(field.name, before, row, places)
        for debt, at in one.debts.items():
            if debt not in other.debts:
                yield _lone(ArrowRow(columns, at), other, places)


def twins(tables: Mapping[str, pa.Table]) -> list[tuple[Version, Version]]:
    """Pairs of ledger tables of different files, one scope, series and cut-off, that share half their debts."""
    groups: dict[tuple[object, object], list[Version]] = defaultdict(list)
    for group, version in versions(tables):
        groups[group].append(version)
    out: list[tuple[Version, Version]] = []
    for members in groups.values():
        members.sort(key=lambda v: (v.night or dt.date.min, v.key))
        for (first, second), common in sorted(_in_common(members).items()):
            one, other = members[first], members[second]
            sizes = sorted((len(one.debts), len(other.debts)))
            if one.key[0] != other.key[0] and 2 * common >= sizes[0] and 2 * sizes[0] >= sizes[1]:
                out.append((one, other))
    return out


def _in_common(members: list[Version]) -> Counter[tuple[int, int]]:
    """How many debts two versions of one period share, by their places in the list; pairs that share none are not
    looked at, since thousands of offices may file under one name."""
    listed: dict[tuple[str, str, dt.date | None], list[int]] = defaultdict(list)
    some_undated = any(v.as_of is None for v in members)
    for at, version in enumerate(members):
        for debt in version.debts:
            listed[debt, "period", version.as_of].append(at)
            if some_undated:
                listed[debt, "night", version.night].append(at)
    out: Counter[tuple[int, int]] = Counter()
    for (_, kind, _), places in listed.items():
        for pair in combinations(places, 2):
            if kind == "period" or _only_by_night(members[pair[0]], members[pair[1]]):
                out[pair] += 1
    return out


def _only_by_night(one: Version, other: Version) -> bool:
    """A ledger without a cut-off goes with what came in on the same night."""
    return one.as_of != other.as_of and None in (one.as_of, other.as_of)


def versions(tables: Mapping[str, pa.Table]) -> Iterator[tuple[tuple[object, object], Version]]:
    """Every detail ledger of arrears in a file that counts, with its scope and series; several of them only."""
    known = columns_of(tables["documents"], ("document_id", "status", "first_seen_date"))
    documents = {d["document_id"]: d for d in known if d["status"] in LIVE}
    ledgers: dict[LedgerKey, Row] = {}
    members: dict[tuple[object, object], set[str]] = defaultdict(set)
    for table in columns_of(tables["ledger_tables"], _OF_LEDGERS):
        if table["document_id"] not in documents or (table["about"], table["report_type"]) != ("arrears", "detail"):
            continue
        if table["scope_key"] and table["series_key"]:
            ledgers[table["document_id"], table["table_index"]] = table
            members[table["scope_key"], table["series_key"]].add(table["document_id"])
    wanted = {k: t for k, t in ledgers.items() if len(members[t["scope_key"], t["series_key"]]) > 1}
    if not wanted:
        return
    rows: dict[LedgerKey, dict[str, int]] = defaultdict(dict)
    listed = tables["ledger_rows"].select(["document_id", "table_index", "debt_id"])
    for at, (document, index, debt) in enumerate(zip(*(c.to_pylist() for c in listed.columns), strict=True)):
        if debt and (document, index) in wanted:
            rows[document, index].setdefault(debt, at)
    for key, table in wanted.items():
        yield (
            (table["scope_key"], table["series_key"]),
            Version(
                key=key,
                as_of=table["as_of_date"],
                night=documents[key[0]]["first_seen_date"],
                fields=_fields(table["columns"]),
                debts=rows[key],
            ),
        )


def _fields(columns: object) -> frozenset[str]:
    """The columns a ledger was found to have, from the JSON list of its headers."""
    try:
        found = msgspec.json.decode(columns) if isinstance(columns, str) else []
    except msgspec.DecodeError:
        return frozenset()
    return frozenset(c["field"] for c in found if isinstance(c, dict) and isinstance(c.get("field"), str))


def _differ(field: str, one: Row, other: Row) -> bool:
    first, second = one[field], other[field]
    if isinstance(first, Decimal) or isinstance(second, Decimal):
        return bool(first != second)
    if isinstance(first, str) or isinstance(second, str):
        if field in _WORDED and not (first and second):
            return False
        return plain(first) != plain(second)
    return bool(first != second)


def _difference(field: str, before: Row, row: Row, places: Places) -> Finding:
    where_zh, where_en = places.of("ledger_rows", row, field)
    return raise_finding(
        "versions_differ",
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name="ledger_rows",
        row_id=row["row_id"],
        field=field,
        value=row[field],
        evidence=places.evidence(row, field),
        values={
            "label": label_of("ledger_rows", field),
            "mine": _said(field, row),
            "other": places.of("ledger_rows", before, field)[0],
            "theirs": _said(field, before),
        },
    )


def _said(field: str, row: Row) -> object:
    """The value as typed; where nothing was understood, the cell's own text."""
    if row[field] is not None:
        return row[field]
    return json_object(row.get("raw")).get(field) or "空白"


def _lone(row: Row, missing_in: Version, places: Places) -> Finding:
    where_zh, where_en = places.of("ledger_rows", row)
    return raise_finding(
        "version_lacks_row",
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name="ledger_rows",
        row_id=row["row_id"],
        value=row["creditor_name"],
        evidence=places.evidence(row),
        values={
            "debtor": row["debtor_name"],
            "creditor": row["creditor_name"],
            "file": places.file_name(missing_in.key[0]),
        },
    )
