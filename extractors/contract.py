"""The public JSON of one extraction, field by field as users script against it (`qingqian extract --format json`).

Money becomes JSON numbers with at most two decimals, dates ISO text, anything missing null.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from extractors.contract_lines import LazyLines, pieces
from extractors.document import Anchor, Document, Seal
from extractors.facts import (
    Amount,
    Assignment,
    CellValue,
    Deadline,
    Field,
    Flag,
    FormulaCheck,
    LedgerRow,
    LedgerTable,
    LedgerTotal,
    Metadata,
    Part,
    Reference,
    Statement,
    Statistic,
)
from extractors.process import Extraction
from extractors.rowstore import RowStore

Json = dict[str, Any]


def to_contract(extraction: Extraction, path: str) -> Json:
    """The contract's object for one file; `path` is what the user named."""
    if extraction.failure is not None or extraction.document is None or extraction.facts is None:
        failure = extraction.failure
        error = None if failure is None else {"code": failure.code, "message": failure.message}
        return {"path": path, "status": "failed", "error": error}
    document, facts = extraction.document, extraction.facts
    return {
        "path": path,
        "status": extraction.status,
        "error": None,
        "document": _document(document, facts.kind),
        "metadata": _metadata(facts.metadata),
        "amounts": [_amount(a) for a in facts.amounts],
        "deadlines": [_deadline(d) for d in facts.deadlines],
        "assignments": [_assignment(a) for a in facts.assignments],
        "refs": [_reference(r) for r in facts.refs],
        "statistics": [_statistic(s) for s in facts.statistics],
        "parts": [_part(p) for p in facts.parts],
        "ledger": None if facts.ledger is None else {"tables": [_table(t) for t in facts.ledger]},
    }


def dumps(value: Json, *, indent: int = 0) -> str:
    """JSON text with exact decimal numbers and Chinese left readable; `indent` 0 gives one line."""
    return "".join(pieces(value, indent))


def anchor_json(anchor: Anchor) -> Json:
    """An evidence anchor without its empty parts."""
    value: Json = msgspec.to_builtins(anchor)
    return value


def seal_json(seal: Seal) -> Json:
    """A seal or signature, with where it stands."""
    value = msgspec.structs.asdict(seal)
    anchor = value.pop("anchor")
    return value | {"evidence": None if anchor is None else anchor_json(anchor)}


def _number(value: Decimal) -> Decimal:
    """A decimal that prints as a plain JSON number: no exponent, no idle zeros."""
    value = value.normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _money(value: Decimal | tuple[Decimal, Decimal] | None) -> Decimal | list[Decimal] | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return [_yuan(v) for v in value]
    return _yuan(value)


def _yuan(value: Decimal) -> Decimal:
    return _number(value.quantize(Decimal("0.01")))


def _iso(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _document(document: Document, kind: str) -> Json:
    return {
        "sha256": document.sha256,
        "format": document.format,
        "kind": kind,
        "pages": document.pages,
        "text": document.text,
        "warnings": [
            {
                "code": n.code,
                "message": n.message,
                "evidence": None if n.anchor is None else anchor_json(n.anchor),
            }
            for n in document.notices
        ],
        "grades": [msgspec.structs.asdict(g) for g in document.grades],
        "seals": [seal_json(s) for s in document.seals],
        "children": [{"name": c.name, "how": c.how} for c in document.children],
    }


def _value(field: Field | None) -> str | None:
    return None if field is None else field.value


def _metadata(m: Metadata) -> Json:
    return {
        "title": _value(m.title),
        "issuer": _value(m.issuer),
        "doc_number": _value(m.doc_number),
        "doc_type": _value(m.doc_type),
        "issued_date": _value(m.issued_date),
        "recipients": [f.value for f in m.recipients],
        "urgency": _value(m.urgency),
        "secrecy": _value(m.secrecy),
        "region_code": _value(m.region_code),
        "region_name": m.region_name,
        "attachments": [f.value for f in m.attachments],
        "contacts": [
            {"name": c.name, "phones": list(c.phones), "email": c.email, "unit": c.unit, "flags": list(c.flags)}
            for c in m.contacts
        ],
        "signed_off_by": _value(m.signed_off_by),
    }


def _place(s: Statement) -> Json:
    return {"text": s.text, "start": s.start, "end": s.end}


def _basis(s: Statement) -> Json:
    return {"rule": s.rule, "flags": list(s.flags), "evidence": anchor_json(s.evidence)}


def _amount(a: Amount) -> Json:
    return {
        **_place(a),
        "amount_yuan": _money(a.amount_yuan),
        "approx": a.approx,
        "role": a.role,
        "role_rule": a.role_rule,
        "role_confidence": None if a.role_confidence is None else float(a.role_confidence),
        "role_cues": list(a.role_cues),
        "as_of": _iso(a.as_of),
        "scope": a.scope,
        "debtor": a.debtor,
        "creditor": a.creditor,
        **_basis(a),
    }


def _deadline(d: Deadline) -> Json:
    return {
        **_place(d),
        "kind": d.kind,
        "subtype": d.subtype,
        "resolved": list(d.resolved) if isinstance(d.resolved, tuple) else d.resolved,
        "action": d.action,
        "responsible": list(d.responsible),
        "recipient": d.recipient,
        "year_source": d.year_source,
        "strength": d.strength,
        **_basis(d),
    }


def _assignment(a: Assignment) -> Json:
    return {
        "unit": a.text,
        "start": a.start,
        "end": a.end,
        "unit_name": a.unit_name,
        "unit_id": a.unit_id,
        "role": a.role,
        "task": a.task,
        "open_list": a.open_list,
        "expands_to": list(a.expands_to),
        **_basis(a),
    }


def _reference(r: Reference) -> Json:
    return {
        "title": r.title,
        "doc_number": r.doc_number,
        "relation": r.relation,
        "start": r.start,
        "end": r.end,
        **_basis(r),
    }


def _part(p: Part) -> Json:
    return {
        "number": p.number,
        "title": _value(p.title),
        "kind": p.kind,
        "start": p.start,
        "end": p.end,
        "issued_date": p.issued_date,
        "flags": list(p.flags),
    }


def _statistic(s: Statistic) -> Json:
    return {
        **_place(s),
        "value": _number(s.value),
        "unit": s.unit,
        "what": s.what,
        "as_of": _iso(s.as_of),
        **_basis(s),
    }


def _cell(value: CellValue, field: str) -> object:
    v = value.value
    if isinstance(v, tuple):
        return _money(v)
    if isinstance(v, Decimal):
        return _yuan(v) if field.endswith("_yuan") else _number(v)
    return v


def _flag(f: Flag) -> Json:
    return {"kind": f.kind, "field": f.field, "cell": f.cell, "message": f.message}


def _line(row: LedgerRow | LedgerTotal) -> Json:
    out: Json = {field: _cell(v, field) for field, v in row.values.items()}
    out["row"] = row.row
    out["cells"] = {field: v.cell for field, v in row.values.items()}
    out["flags"] = [_flag(f) for f in row.flags]
    if isinstance(row, LedgerRow):
        out["extra"] = dict(row.extra)
    else:
        out["label"] = row.label
    return out


def _formula(f: FormulaCheck) -> Json:
    return {
        "formula": f.formula,
        "cell": f.cell,
        "field": f.field,
        "terms": [{"operator": operator, "field": field} for operator, field in f.terms],
        "rows": f.rows,
        "mismatches": list(f.mismatches),
    }


# Every row of a ledger has these, null where its table has no such column.
_ROW_FIELDS = (
    "seq_no", "region_code", "reporting_unit", "debtor_name", "debtor_uscc", "debtor_type", "creditor_name",
    "creditor_uscc", "creditor_size", "project_name", "payment_kind", "contract_no", "contract_date",
    "contract_amount_yuan", "arrears_formed_date", "due_date", "arrears_amount_yuan", "disputed",
    "undisputed_amount_yuan", "disputed_amount_yuan", "dispute_reason", "judicial_status", "plan_method",
    "plan_due_date", "fund_source", "repaid_amount_yuan", "repaid_date", "resolved_amount_yuan",
    "remaining_amount_yuan", "status", "responsible_unit", "responsible_person", "contact_name", "contact_phone",
    "source_channel", "remarks",
)  # fmt: skip


def _table(t: LedgerTable) -> Json:
    fields = [c.field for c in t.columns if c.field]
    empty: Json = dict.fromkeys(fields)
    blank: Json = dict.fromkeys(_ROW_FIELDS) | empty
    rows = LazyLines(t.rows, lambda r: {**blank, **_line(r)})
    return {
        "sheet": t.sheet,
        "title": t.title,
        "unit": t.unit,
        "reporting_unit": t.reporting_unit,
        "region_code": t.region_code,
        "as_of": _iso(t.as_of),
        "report_date": _iso(t.report_date),
        "signatures": list(t.signatures),
        "report_type": t.report_type,
        "about": t.about,
        "columns": [{"header": c.header, "field": c.field, "unit": c.unit} for c in t.columns],
        "rows": rows if isinstance(t.rows, RowStore) else list(rows),
        "totals": [{**empty, **_line(r)} for r in t.totals],
        "flags": [_flag(f) for f in t.flags],
        "formulas_checked": [_formula(f) for f in t.formulas_checked],
    }
