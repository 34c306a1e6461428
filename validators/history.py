"""Ledgers of several months as snapshots: which debts each series listed at each cut-off, and how they stood."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from validators.arithmetic import printed_quantum
from validators.places import json_object

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]
Key = tuple[object, ...]

LIVE = ("parsed", "partial")
AMOUNTS = (
    "arrears_amount_yuan",
    "repaid_amount_yuan",
    "period_repaid_amount_yuan",
    "resolved_amount_yuan",
    "remaining_amount_yuan",
    "new_arrears_amount_yuan",
)
TABLE_COLUMNS = (
    "document_id",
    "table_index",
    "about",
    "report_type",
    "as_of_date",
    "region_code",
    "series_name",
    "scope_key",
    "series_key",
)
ROW_COLUMNS = (
    "row_id",
    "document_id",
    "table_index",
    "row_number",
    "debt_id",
    "match_key",
    "debtor_name",
    "creditor_name",
    "contract_no",
    "disputed",
    "undisputed_amount_yuan",
    "disputed_amount_yuan",
    "dispute_reason",
    "arrears_formed_date",
    "arrears_formed_date_precision",
    "plan_due_date",
    "repaid_date",
    *AMOUNTS,
    "raw",
    "cells",
    "evidence",
)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What one series of ledgers listed at one cut-off: rows by debt.

    `scope` is the series' source and region. `is_whole` is false when a file of it was read in part only, so that a
    debt missing from it may just not have been read.
    """

    series: Key
    scope: Key
    as_of: dt.date
    documents: frozenset[str]
    debts: dict[str, tuple[Row, ...]]
    is_whole: bool


def plain(name: object) -> str:
    """A name or number for comparing: full width folded, blanks and brackets dropped, capitals."""
    folded = unicodedata.normalize("NFKC", str(name or "")).upper()
    return re.sub(r"[\s()\[\]【】〔〕“”\"'·.,，。、\-—_/]+", "", folded)


def debt_key(row: Row) -> str | None:
    """What a debt is known by: its id, else its match key; None where neither is known."""
    known_by: str | None = row["debt_id"] or row["match_key"]
    return known_by


def snapshots(tables: Mapping[str, pa.Table]) -> list[list[Snapshot]]:
    """The snapshots of every series of debt ledgers, each series in order of its cut-offs.

    Ledgers without a cut-off, summaries, and files that are superseded or quarantined are left out. A zero report is
    a snapshot without debts.
    """
    statuses = columns_of(tables["documents"], ("document_id", "status", "source"))
    documents: dict[object, Row] = {row["document_id"]: row for row in statuses if row["status"] in LIVE}
    parts: dict[tuple[Key, dt.date], list[Row]] = defaultdict(list)
    for table in columns_of(tables["ledger_tables"], TABLE_COLUMNS):
        document = documents.get(table["document_id"])
        if document is None or table["about"] != "arrears" or table["as_of_date"] is None:
            continue
        if table["report_type"] in ("detail", "zero"):
            parts[series_of(table, document), table["as_of_date"]].append(table)
    rows: dict[tuple[object, object], list[Row]] = defaultdict(list)
    wanted = {(t["document_id"], t["table_index"]) for members in parts.values() for t in members}
    listed_in = tables["ledger_rows"].select(["document_id", "table_index"])
    places = zip(*(column.to_pylist() for column in listed_in.columns), strict=True)
    for at, debt in zip(places, rows_of(tables["ledger_rows"], ROW_COLUMNS), strict=True):
        if at in wanted:
            rows[at].append(debt)
    series: dict[Key, list[Snapshot]] = defaultdict(list)
    for (key, as_of), members in sorted(parts.items(), key=lambda item: item[0][1]):
        debts: dict[str, list[Row]] = defaultdict(list)
        for table in sorted(members, key=lambda t: (t["document_id"], t["table_index"])):
            for row in rows[table["document_id"], table["table_index"]]:
                known_by = debt_key(row)
                if not known_by:
                    continue
                listed = debts[known_by]
                # A second file that lists the debt is another version of the ledger: it is owed once.
                if not listed or listed[0]["document_id"] == row["document_id"]:
                    listed.append(row)
        files = frozenset(t["document_id"] for t in members)
        series[key].append(
            Snapshot(
                series=key,
                scope=scope_of(members[0], documents[members[0]["document_id"]]),
                as_of=as_of,
                documents=files,
                debts={k: tuple(v) for k, v in debts.items()},
                is_whole=all(documents[f]["status"] == "parsed" for f in files),
            )
        )
    return list(series.values())


def series_of(table: Row, document: Row) -> Key:
    """Which series a ledger table belongs to."""
    return (table["series_key"] or (document["source"], table["region_code"], table["series_name"]), table["about"])


def scope_of(table: Row, document: Row) -> Key:
    """Source and region of a ledger table."""
    return (table["scope_key"] or (document["source"], table["region_code"]),)


def columns_of(table: pa.Table, names: tuple[str, ...]) -> list[Row]:
    """Some columns of a table as dicts."""
    rows: list[Row] = table.select(list(names)).to_pylist()
    return rows


class ArrowRow(Mapping[str, Any]):
    """One row of Arrow columns, read where it stands: a million of them as dicts would fill gigabytes."""

    __slots__ = ("_at", "_columns")

    def __init__(self, columns: Mapping[str, pa.Array | pa.ChunkedArray], at: int) -> None:
        self._columns, self._at = columns, at

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._at].as_py()

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


def rows_of(table: pa.Table, names: tuple[str, ...]) -> Iterator[Row]:
    """Every row of a table with some of its columns, none of them copied."""
    columns = {name: table.column(name).combine_chunks() for name in names}
    return (ArrowRow(columns, at) for at in range(table.num_rows))


def rows_of_tables(table: pa.Table, wanted: Collection[tuple[object, object]]) -> list[dict[str, Any]]:
    """Ledger rows of some ledger tables, by (document_id, table_index), as dicts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = pa.array(sorted({str(document) for document, _ in wanted}), pa.string())
    rows: list[dict[str, Any]] = table.filter(pc.is_in(table.column("document_id"), ids)).to_pylist()
    return [r for r in rows if (r["document_id"], r["table_index"]) in wanted]


def total_of(rows: tuple[Row, ...], column: str) -> Decimal | None:
    """The sum of an amount over the rows of one debt; None where no row has it."""
    if len(rows) == 1:  # nearly every debt
        amount: Decimal | None = rows[0][column]
        return amount
    values = [v for r in rows if (v := r[column]) is not None]
    return sum(values, Decimal(0)) if values else None


def remaining_of(rows: tuple[Row, ...]) -> Decimal | None:
    """What remains of a debt: as stated, else arrears less repaid, else the arrears; None where nothing is known."""
    remaining = total_of(rows, "remaining_amount_yuan")
    if remaining is not None:
        return remaining
    arrears = total_of(rows, "arrears_amount_yuan")
    return None if arrears is None else arrears - (total_of(rows, "repaid_amount_yuan") or Decimal(0))


def label_of_dispute(rows: tuple[Row, ...]) -> str | None:
    """yes, no or partial as stated, else told from the two amounts; None where neither is there or rows differ."""
    labels = {r["disputed"] or told_from_amounts(r) for r in rows}
    return labels.pop() if len(labels) == 1 else None


def told_from_amounts(row: Row) -> str | None:
    """Whether a debt is disputed, from its undisputed and disputed parts."""
    undisputed, disputed = row["undisputed_amount_yuan"] or 0, row["disputed_amount_yuan"] or 0
    if undisputed and disputed:
        return "partial"
    return "no" if undisputed else "yes" if disputed else None


def precision_of(rows: tuple[Row, ...], column: str) -> Decimal:
    """What the printed precision of an amount allows over the rows of one debt, in yuan."""
    quanta = (printed_quantum(json_object(r["raw"]).get(column), r[column]) for r in rows)
    return sum((q for q in quanta if q is not None), Decimal(0))
