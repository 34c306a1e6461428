"""Ledger tables, rows and totals of one document as columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from extractors.facts import CellValue, Flag, LedgerRow, LedgerTable, LedgerTotal
from warehouse.fields import Field
from warehouse.keys import debt_key, series_name, stable_id
from warehouse.ledger_fields import CANONICAL_FIELDS, COLUMN_OF_FACT
from warehouse.tables import LEDGER_ROWS, LEDGER_TOTALS
from warehouse.values import column_value, encode_json, to_json

Row = dict[str, Any]
_FIELDS = {f.name: f for f in CANONICAL_FIELDS}
_TOTAL_COLUMNS = frozenset(LEDGER_TOTALS.column_names)
_ROW_COLUMNS = frozenset(LEDGER_ROWS.column_names)


def as_of(table: LedgerTable, issued: dt.date | None) -> tuple[dt.date | None, str]:
    """The day a table speaks of and where that was found: its own words, its report date, the document's date."""
    for day, source in ((table.as_of, "ledger"), (table.report_date, "report_date"), (issued, "issued_date")):
        if day is not None:
            return day, source
    return None, "none"


def table_row(document_id: str, name: str, table: LedgerTable, issued: dt.date | None) -> Row:
    """The row of `ledger_tables`."""
    day, source = as_of(table, issued)
    return {
        "document_id": document_id,
        "table_index": table.index,
        "sheet": table.sheet,
        "title": table.title,
        "unit": table.unit,
        "reporting_unit": table.reporting_unit,
        "region_code": table.region_code,
        "as_of_date": day,
        "as_of_source": source,
        "report_date": table.report_date,
        "report_type": table.report_type,
        "about": table.about,
        "series_name": series_name((table.reporting_unit, table.title, table.sheet, name)),
        "signatures": to_json(table.signatures),
        "columns": to_json(table.columns),
        "row_count": len(table.rows),
        "flags": to_json(table.flags),
    }


def ledger_rows(document_id: str, table: LedgerTable, issued: dt.date | None) -> Iterable[Row]:
    """Rows of `ledger_rows`."""
    day, _ = as_of(table, issued)
    detail = table.report_type == "detail" and table.about == "arrears"
    # a ledger without a column of debtors is its reporting unit's own; the key says so, the row claims nothing
    owner = None if any(c.field == "debtor_name" for c in table.columns) else table.reporting_unit
    for row in table.rows:
        out = _values(row.values, row.flags, dict(row.extra), _ROW_COLUMNS)
        out |= _locator(document_id, table, row, "row")
        out["as_of_date"] = day
        if detail:
            out["match_key"] = debt_key(
                out.get("debtor_name") or owner,
                out.get("creditor_name"),
                out.get("contract_no"),
                out.get("project_name"),
            )
        yield out


def ledger_totals(document_id: str, table: LedgerTable, issued: dt.date | None) -> Iterable[Row]:
    """Rows of `ledger_totals`."""
    day, _ = as_of(table, issued)
    for total in table.totals:
        out = _values(total.values, total.flags, {}, _TOTAL_COLUMNS)
        out |= _locator(document_id, table, total, "total")
        out |= {"as_of_date": day, "label": total.label}
        yield out


def _locator(document_id: str, table: LedgerTable, row: LedgerRow | LedgerTotal, what: str) -> Row:
    place: Row = {"sheet": table.sheet} if table.sheet else {"table": table.index}
    place["row"] = row.row
    anchors = [v.evidence for v in row.values.values() if v.evidence.page is not None]
    if anchors:
        place["page"] = anchors[0].page
        boxes = [a.bbox for a in anchors if a.page == anchors[0].page and a.bbox is not None]
        if boxes:
            place["bbox"] = _around(boxes)
    return {
        "row_id": stable_id(document_id, what, table.index, row.row),
        "document_id": document_id,
        "table_index": table.index,
        "row_number": row.row,
        "cells": to_json({COLUMN_OF_FACT.get(k, k): v.cell for k, v in row.values.items() if v.cell}),
        "raw": to_json({COLUMN_OF_FACT.get(k, k): v.raw for k, v in row.values.items()}),
        "evidence": encode_json(place).decode(),
    }


def _around(boxes: Sequence[tuple[float, float, float, float]]) -> list[float]:
    return [
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    ]


def _values(
    values: dict[str, CellValue], flags: tuple[Flag, ...], extra: dict[str, str], columns: frozenset[str]
) -> Row:
    """Canonical values as columns; a value no column takes is kept in `extra`, never dropped."""
    out: Row = {}
    doubts = list(flags)
    ranges: dict[str, list[Decimal | None]] = {}
    for name, cell in values.items():
        column = COLUMN_OF_FACT.get(name, name)
        field: Field | None = _FIELDS.get(column)
        if field is None or column not in columns:
            if cell.value is not None:
                extra.setdefault(name, cell.raw or str(cell.value))
            continue
        typed = column_value(field, cell)
        out[column] = typed.value
        if typed.precision is not None and f"{column}_precision" in columns:
            out.setdefault(f"{column}_precision", typed.precision)
        if typed.high is not None:
            ranges[column] = [typed.value, typed.high]
        if typed.doubt is not None:
            kind, message = typed.doubt
            doubts.append(Flag(kind=kind, field=name, cell=cell.cell or None, message=message))
    out["extra"] = to_json(extra)
    out["ranges"] = to_json(ranges)
    out["flags"] = to_json([msgspec.to_builtins(f) for f in doubts])
    return out
