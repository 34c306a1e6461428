"""What a table is: a ledger at all, detail or summary or zero report, and what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from extractors.facts import CellValue, LedgerRow
from extractors.ledger.columns import Columns
from extractors.ledger.meta import Meta
from extractors.ledger.words import ENUM, kind_of, plain, tidy, word_lists, word_set
from extractors.rowstore import RowStore

ReportType = Literal["detail", "summary", "zero"]
About = Literal["arrears", "disclosure", "complaint", "dispatch", "ranking"]

_CORE = {
    "arrears_amount_yuan",
    "undisputed_amount_yuan",
    "disputed_amount_yuan",
    "repaid_amount_yuan",
    "period_repaid_amount_yuan",
    "remaining_amount_yuan",
    "resolved_amount_yuan",
    "amount_yuan",
    "overdue_amount_yuan",
    "has_overdue",
    "arrears_count",
    "new_arrears_amount_yuan",
    "clear_rate",
}
_PARTIES = {"debtor_name", "creditor_name"}


def is_ledger_like(columns: Columns, meta: Meta, context: str) -> bool:
    """Whether the mapped columns make a ledger: money or counts of arrears with somebody or something they belong to.

    A list of members, contacts or tasks has no such column; a budget has money but no word of arrears in its headers,
    title or surrounding text (`context`, in normal form).
    """
    fields = {c.field for c in columns.readers}
    if not fields & _CORE:
        return fields >= _PARTIES and len(fields) >= 4
    generic = fields & _CORE <= {"arrears_amount_yuan", "arrears_count", "clear_rate"}
    telling = fields & _PARTIES or any(
        w in plain(c.header) for c in columns.readers for w in word_lists("title")["ledger"]
    )
    if generic and not telling:
        text = plain(meta.title or "") + context
        return any(w in text for w in word_lists("title")["ledger"]) and len(fields) >= 2
    return len(fields) >= 2


def about_of(columns: Columns, meta: Meta, sheet: str | None) -> About:
    """What the table is about, by its title first, then by its columns."""
    fields = {c.field for c in columns.readers}
    title = plain(meta.title or "") + plain(sheet or "")
    words = word_lists("title")
    if {"contract_count", "amount_yuan"} <= fields or "has_overdue" in fields:
        return "disclosure"
    if any(w in title for w in words["disclosure"]) and "creditor_name" not in fields:
        return "disclosure"
    complaint = {"complaint_no", "accepted_date", "transferred_date", "complaint_matter", "complaint_date"}
    if len(fields & complaint) >= 2 or (fields & complaint and any(w in title for w in words["complaint"])):
        return "complaint"
    if {"creditor_name"} <= fields and any(w in title for w in words["complaint"]):
        return "complaint"
    if any(w in title for w in words["ranking"]):
        return "ranking"
    if any(w in title for w in words["dispatch"]) and not fields >= _PARTIES:
        return "dispatch"
    if "rank" in fields and "creditor_name" not in fields:
        return "ranking"
    return "arrears"


def is_summary(columns: Columns, meta: Meta, sheet: str | None) -> bool:
    """Whether rows are counties, departments or classes rather than debts."""
    fields = {c.field for c in columns.readers}
    if "creditor_name" in fields or {"project_name", "contract_no"} & fields:
        return False
    title = plain(meta.title or "") + plain(sheet or "")
    words = word_lists("title")
    if any(w in title for w in words["summary"]):
        return True
    if "debtor_name" in fields:
        counts = {"arrears_count", "creditor_count", "repaid_count", "rank", "clear_rate"}
        return bool(fields & counts) and not any(w in title for w in words["detail"])
    return True


def subject_field(columns: Columns) -> str | None:
    """The field that names a summary's rows, when no column is called so by itself."""
    fields = [c.field for c in columns.readers]
    if "subject" in fields:
        return "subject"
    for name in ("region_name", "reporting_unit", "debtor_name", "responsible_unit", "disclosing_unit", "debtor_type",
                 "payment_kind", "debtor_industry", "admin_level"):  # fmt: skip
        if name in fields:
            return name
    return None


def with_subject(rows: Sequence[LedgerRow], field: str | None) -> Sequence[LedgerRow]:
    """Summary rows with `subject` beside the column that names them."""
    if field is None or field == "subject":
        return rows
    out: list[LedgerRow] = []
    for row in rows:
        value = row.values.get(field)
        if value is None or "subject" in row.values:
            out.append(row)
            continue
        name = tidy(value.raw) if kind_of(field) == ENUM else value.value
        named = msgspec.structs.replace(value, value=name)
        out.append(LedgerRow(row=row.row, values={"subject": named, **row.values}, extra=row.extra, flags=row.flags))
    return out


def is_zero(rows: Sequence[LedgerRow], zero_words: list[str], *, summary: bool) -> bool:
    """A zero report: nothing but zeros, 无 and dashes; a blank form; or a sentence that nothing is owed."""
    if not rows:
        return True
    if isinstance(rows, RowStore) and len(rows.numbers):
        return False  # every plain row of a large table holds an amount
    if not summary and any(isinstance((v := r.values.get("creditor_name")) and v.value, str) for r in rows):
        return False
    cells = [[v for f, v in r.values.items() if kind_of(f) in ("money", "int") and f != "year"] for r in rows]
    if any(v.value for line in cells for v in line):
        return False
    if summary and len(rows) > 1:  # every county says nothing is owed
        return all(any(_says_none(v) for v in line) for line in cells)
    said_no = any(r.values["has_overdue"].value is False for r in rows if "has_overdue" in r.values)
    return bool(zero_words) or said_no or any(_says_none(v) for line in cells for v in line)


def _says_none(value: CellValue) -> bool:
    """An explicit zero or 无, as against a blank."""
    return isinstance(value.value, Decimal) or plain(value.raw) in word_set("none_words")
