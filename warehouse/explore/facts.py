"""What was read from a document's text, and the text cut into pieces that carry it."""

# ruff: noqa: S608 - statements are put together from parts in this file, values are bound

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.explore.scope import rows_of

if TYPE_CHECKING:
    import duckdb

AMOUNT_ROLES_ZH = {
    "debt_total": "拖欠总额",
    "cleared": "已清偿",
    "remaining": "剩余",
    "disputed": "有分歧",
    "undisputed": "无分歧",
    "new_debt": "新增拖欠",
    "other": "其他金额",
}
TIME_KINDS_ZH = {
    "due": "截止",
    "recurring": "周期",
    "period": "时段",
    "effective": "生效",
    "as_of": "统计截止",
    "past_event": "既往日期",
}
UNIT_ROLES_ZH = {
    "lead": "牵头",
    "support": "配合",
    "responsible": "责任",
    "member": "成员",
    "recipient": "报送对象",
    "supervisor": "督查",
}
KINDS_ZH = {"amount": "金额", "time": "时限", "unit": "单位", "reference": "引用文件", "figure": "统计数"}


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One thing read: `kind` of `KINDS_ZH`, its place in the text, what it was taken for, and how it was found.

    `is_plain` marks what counts for no debt and obliges nobody: shown, but quietly.
    """

    kind: str
    table: str
    row_id: str
    start: int
    end: int
    text: str
    label: str
    value: str
    detail: str
    rule: str
    origin: str
    flags: str
    evidence: str | None
    is_plain: bool = False


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text with the facts that cover it, the narrowest first."""

    text: str
    facts: tuple[Fact, ...] = ()


_COMMON = (
    "start_offset, end_offset, raw_text, extraction_rule, origin, flags::VARCHAR AS flags, "
    "evidence::VARCHAR AS evidence"
)
_SELECTS = {
    "amount": (
        "debt_statements",
        f"SELECT statement_id AS row_id, {_COMMON}, role, amount_yuan, amount_high_yuan, is_approx, scope, as_of_date, "
        "debtor_name, creditor_name FROM main.amounts WHERE document_id = ? AND start_offset IS NOT NULL",
    ),
    "time": (
        "time_expressions",
        f"SELECT obligation_id AS row_id, {_COMMON}, kind, subtype, resolved, action, recipient, strength, "
        "year_source, is_obligation FROM main.time_expressions WHERE document_id = ? AND start_offset IS NOT NULL",
    ),
    "unit": (
        "assignments",
        f"SELECT assignment_id AS row_id, {_COMMON}, role, unit_name, task FROM main.assignments "
        "WHERE document_id = ? AND start_offset IS NOT NULL",
    ),
    "reference": (
        "document_references",
        f"SELECT reference_id AS row_id, {_COMMON}, title, doc_number FROM main.document_references "
        "WHERE document_id = ? AND start_offset IS NOT NULL",
    ),
    "figure": (
        "statistics",
        f"SELECT statistic_id AS row_id, {_COMMON}, value, unit, what FROM main.statistics "
        "WHERE document_id = ? AND start_offset IS NOT NULL",
    ),
}


def facts(connection: duckdb.DuckDBPyConnection, document_id: str) -> list[Fact]:
    """Everything read from a document's prose, in the order of its text. Values that the audit holds are left out, as
    in the views."""
    out = [
        _fact(kind, table, row)
        for kind, (table, sql) in _SELECTS.items()
        for row in rows_of(connection, sql, [document_id])
    ]
    return sorted(out, key=lambda f: (f.start, f.end, f.kind, f.row_id))


def _fact(kind: str, table: str, row: dict[str, Any]) -> Fact:
    label, value, detail, is_plain = _DESCRIBED[kind](row)
    return Fact(
        kind=kind,
        table=table,
        row_id=row["row_id"],
        start=row["start_offset"],
        end=row["end_offset"],
        text=row["raw_text"] or "",
        label=label,
        value=value,
        detail=detail,
        rule=row["extraction_rule"],
        origin=row["origin"],
        flags="" if row["flags"] in (None, "[]") else row["flags"],
        evidence=row["evidence"],
        is_plain=is_plain,
    )


def _amount(row: dict[str, Any]) -> tuple[str, str, str, bool]:
    low, high = row["amount_yuan"], row["amount_high_yuan"]
    value = "" if low is None else f"{low:,.2f} 元" if high is None else f"{low:,.2f} — {high:,.2f} 元"
    parts = [row["scope"], row["debtor_name"], row["creditor_name"], row["as_of_date"] and f"截至 {row['as_of_date']}"]
    return AMOUNT_ROLES_ZH.get(row["role"], row["role"]), value, _joined(parts), row["role"] == "other"


def _time(row: dict[str, Any]) -> tuple[str, str, str, bool]:
    parts = [row["action"], row["recipient"] and f"报送 {row['recipient']}"]
    label = TIME_KINDS_ZH.get(row["kind"], row["kind"])
    return label, row["resolved"] or "没有确定日期", _joined(parts), not row["is_obligation"]


def _unit(row: dict[str, Any]) -> tuple[str, str, str, bool]:
    return (
        UNIT_ROLES_ZH.get(row["role"], row["role"]),
        row["unit_name"] or row["raw_text"] or "",
        row["task"] or "",
        False,
    )


def _reference(row: dict[str, Any]) -> tuple[str, str, str, bool]:
    return "引用", row["title"] or "", row["doc_number"] or "", False


def _figure(row: dict[str, Any]) -> tuple[str, str, str, bool]:
    value, unit = row["value"], row["unit"]
    if value is None:
        shown = ""
    elif unit == "ratio":
        shown = f"{value * 100:f}".rstrip("0").rstrip(".") + "%"
    else:
        shown = f"{value:f}".rstrip("0").rstrip(".") + f" {unit or ''}"
    return "统计数", shown.strip(), row["what"] or "", False


_DESCRIBED = {"amount": _amount, "time": _time, "unit": _unit, "reference": _reference, "figure": _figure}


def _joined(parts: Sequence[Any]) -> str:
    return "；".join(str(p) for p in parts if p)


def cut(text: str, found: Sequence[Fact], *, start: int = 0) -> list[Piece]:
    """A stretch of text, which begins at the character `start` of the document, in pieces at the edges of facts."""
    end = start + len(text)
    inside = [f for f in found if f.start < end and f.end > start and f.end > f.start]
    edges = sorted({start, end, *(min(max(e, start), end) for f in inside for e in (f.start, f.end))})
    pieces = []
    for a, b in pairwise(edges):
        covering = sorted((f for f in inside if f.start <= a and f.end >= b), key=lambda f: (f.end - f.start, f.kind))
        pieces.append(Piece(text[a - start : b - start], tuple(covering)))
    return pieces
