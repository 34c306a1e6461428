"""Clean staged tables to plant faults in: invented rows in the warehouse's types."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from warehouse.arrow import arrow_schema

GOOD_USCC = ("91110000802100433B", "9144030071526726XG", "914403001922038216")
MARCH, APRIL = dt.date(2024, 3, 31), dt.date(2024, 4, 30)


def digest(*parts: object) -> str:
    """A stable 64-digit id for invented rows."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """A warehouse table of the given rows; columns that a row does not name are null."""
    schema = pa.schema([f.with_nullable(True) for f in arrow_schema(name)])
    unknown = {k for r in rows for k in r} - set(schema.names)
    assert not unknown, f"{name} has no columns {unknown}"
    return pa.Table.from_pylist([dict(r) for r in rows], schema=schema)


def document(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A document read in full."""
    return {
        "document_id": digest("document", number),
        "title": "关于报送清欠台账的通知",
        "kind": "circular",
        "issued_date": dt.date(2024, 4, 10),
        "region_code": "130100",
        "source": "inbox",
        "path": f"甲县/文件{number}.docx",
        "name": f"文件{number}.docx",
        "format": "docx",
        "status": "parsed",
        "first_seen_date": dt.date(2024, 4, 12),
        "extractor_version": "1",
        **changes,
    }


def statement(role: str, amount: str, number: int = 0, *, document_number: int = 1, **changes: Any) -> dict[str, Any]:
    """A figure in prose, printed in 万元 with four decimals."""
    return {
        "statement_id": digest("statement", document_number, role, number)[:32],
        "document_id": digest("document", document_number),
        "amount_yuan": Decimal(amount),
        "is_approx": False,
        "role": role,
        "quantum_yuan": Decimal("0.5"),
        "raw_text": amount,
        "start_offset": 10,
        "end_offset": 20,
        "extraction_rule": "plain",
        "origin": "rule",
        "evidence": '{"paragraph": 3}',
        **changes,
    }


def count(text: str, raw: str, value: str, unit: str, nth: int = 0, **changes: Any) -> dict[str, Any]:
    """A count or share as it stands in the text of document 1; `nth` tells equal ones apart."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(raw, start + 1)
    return {
        "statistic_id": digest("statistic", raw, nth)[:32],
        "document_id": digest("document", 1),
        "value": Decimal(value),
        "unit": unit,
        "what": "欠款",
        "raw_text": raw,
        "start_offset": start,
        "end_offset": start + len(raw),
        "extraction_rule": "count",
        "origin": "rule",
        "evidence": '{"paragraph": 5}',
        **changes,
    }


def expression(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A limit that lies after its document's date."""
    return {
        "obligation_id": digest("expression", number)[:32],
        "document_id": digest("document", 1),
        "kind": "due",
        "due_date": dt.date(2024, 5, 31),
        "is_obligation": True,
        "is_past_at_issue": False,
        "raw_text": "5月31日前",
        "start_offset": 30,
        "end_offset": 35,
        "extraction_rule": "month_day",
        "origin": "rule",
        "evidence": '{"paragraph": 4}',
        **changes,
    }


def ledger(number: int = 1, index: int = 1, **changes: Any) -> dict[str, Any]:
    """A ledger table in 万元."""
    columns = [
        {"header": "拖欠金额（万元）", "field": "arrears_amount_yuan", "unit": "万元", "index": 3},
        {"header": "剩余金额（万元）", "field": "remaining_amount_yuan", "unit": "万元", "index": 5},
    ]
    return {
        "document_id": digest("document", number),
        "table_index": index,
        "sheet": "台账",
        "title": "拖欠账款台账",
        "unit": "万元",
        "region_code": "130100",
        "as_of_date": MARCH,
        "as_of_source": "ledger",
        "report_type": "detail",
        "about": "arrears",
        "series_name": "甲县工信局",
        "columns": json.dumps(columns, ensure_ascii=False),
        "row_count": 3,
        **changes,
    }


def row(row_number: int = 7, *, document_number: int = 1, index: int = 1, **changes: Any) -> dict[str, Any]:
    """A debt of 300 000 yuan of which 100 000 are repaid, printed in 万元 with two decimals."""
    return {
        "row_id": digest("row", document_number, index, row_number)[:32],
        "document_id": digest("document", document_number),
        "table_index": index,
        "row_number": row_number,
        "match_key": f"甲县住建局/乙建筑公司/合同{row_number}",
        "as_of_date": MARCH,
        "seq_no": str(row_number - 6),
        "region_code": "130100",
        "debtor_name": "甲县住建局",
        "debtor_uscc": GOOD_USCC[0],
        "creditor_name": "乙建筑公司",
        "creditor_uscc": GOOD_USCC[1],
        "contract_no": f"合同{row_number}",
        "contract_date": dt.date(2020, 5, 6),
        "contract_amount_yuan": Decimal("800000"),
        "arrears_formed_date": dt.date(2021, 6, 30),
        "arrears_formed_date_precision": "month",
        "arrears_amount_yuan": Decimal("300000"),
        "disputed": "partial",
        "undisputed_amount_yuan": Decimal("250000"),
        "disputed_amount_yuan": Decimal("50000"),
        "repaid_amount_yuan": Decimal("100000"),
        "repaid_date": dt.date(2023, 12, 20),
        "remaining_amount_yuan": Decimal("200000"),
        "plan_due_date": dt.date(2024, 12, 31),
        "cells": json.dumps({"arrears_amount_yuan": f"F{row_number}", "remaining_amount_yuan": f"H{row_number}"}),
        "raw": json.dumps(
            {
                "contract_amount_yuan": "80.00",
                "arrears_amount_yuan": "30.00",
                "undisputed_amount_yuan": "25.00",
                "disputed_amount_yuan": "5.00",
                "repaid_amount_yuan": "10.00",
                "remaining_amount_yuan": "20.00",
            }
        ),
        "flags": "[]",
        "evidence": json.dumps({"sheet": "台账", "row": row_number}, ensure_ascii=False),
        **changes,
    }


def total(label: str = "合计", *, row_number: int = 30, document_number: int = 1, **changes: Any) -> dict[str, Any]:
    """A total row."""
    return {
        "row_id": digest("total", document_number, row_number)[:32],
        "document_id": digest("document", document_number),
        "table_index": 1,
        "row_number": row_number,
        "label": label,
        "as_of_date": MARCH,
        "flags": "[]",
        "evidence": json.dumps({"sheet": "台账", "row": row_number}, ensure_ascii=False),
        **changes,
    }


def night(**rows: Sequence[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Tables of one night; `documents`, `ledger_tables` and so on by keyword, `documents` added when missing."""
    return {name: table(name, given) for name, given in {"documents": [document()], **rows}.items()}
