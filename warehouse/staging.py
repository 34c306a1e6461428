"""Staging: the facts of one document become rows of the warehouse's tables, under ids that never change.

`stage` is pure: facts and what is known of the file in, Arrow tables out. Writing them is `parts`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any, Literal

import msgspec
import pyarrow as pa

from extractors.document import Notice, PageGrade, Seal
from extractors.facts import (
    Amount,
    Assignment,
    Deadline,
    Facts,
    LedgerTable,
    Metadata,
    Part,
    Reference,
    Statement,
    Statistic,
)
from extractors.facts import Field as MetadataField
from warehouse.arrow import Batches, arrow_schema, from_columns
from warehouse.keys import IdMaker
from warehouse.staging_ledger import ledger_rows, ledger_totals, table_row
from warehouse.tables import STAGED_TABLES, TABLES
from warehouse.values import Doubt, anchor_json, exact_money, exact_number, iso_date, to_json

Row = dict[str, Any]
_ROWS_AT_ONCE = 5_000
SECRECY_MARKS = ("绝密", "机密", "秘密")
OBLIGING_KINDS = frozenset({"due", "recurring", "period", "effective"})
NOT_OBLIGING_SUBTYPES = frozenset({"past_period", "scope"})


class DocumentInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a file besides its facts.

    `status` is parsed, partial, quarantined or ignored; a failed file is `quarantined` with `error_code` and
    `error_message`, and has no text. `first_seen_date` is the night it first came in, from the state store.
    """

    file_id: str
    name: str
    path: str
    source: str
    parent_id: str | None = None
    extractor_version: str
    first_seen_date: dt.date
    status: Literal["parsed", "partial", "quarantined", "ignored"] = "parsed"
    format: str | None = None
    pages: int | None = None
    text: str | None = None
    notices: tuple[Notice, ...] = ()
    grades: tuple[PageGrade, ...] = ()
    seals: tuple[Seal, ...] = ()
    error_code: str | None = None
    error_message: str | None = None


def stage(facts: Facts | None, info: DocumentInfo) -> dict[str, pa.Table]:
    """Rows of every staged table that has any; `documents` always has one. `facts` is None for a failed file.

    Rows of ledgers too large to hold come as `Batches`, to be written as they are made.
    Raises ValueError when a required column would be null, which is a defect of the caller.
    """
    if facts is not None and is_secret(facts):
        facts, info = None, _without_content(info)
    rows: dict[str, list[Row]] = {t.name: [] for t in STAGED_TABLES}
    rows["documents"].append(_document(facts, info))
    rows["document_notices"] += [_notice(info.file_id, i, n) for i, n in enumerate(info.notices, 1)]
    if facts is not None:
        _stage_prose(facts, info.file_id, rows)
        issued = _date_of(facts.metadata.issued_date)
        for table in facts.ledger or ():
            rows["ledger_tables"].append(table_row(info.file_id, info.name, table, issued))
            if isinstance(table.rows, tuple):
                rows["ledger_rows"] += ledger_rows(info.file_id, table, issued)
            rows["ledger_totals"] += ledger_totals(info.file_id, table, issued)
    staged = {name: _to_arrow(name, listed) for name, listed in rows.items() if listed}
    large = [t for t in (() if facts is None else facts.ledger or ()) if not isinstance(t.rows, tuple)]
    if facts is not None and large:
        issued = _date_of(facts.metadata.issued_date)
        few = staged.get("ledger_rows")
        batches = _batches(info.file_id, large, issued)
        staged["ledger_rows"] = Batches(arrow_schema("ledger_rows"), chain([few] if few is not None else [], batches))
    return staged


def _batches(document_id: str, tables: Sequence[LedgerTable], issued: dt.date | None) -> Iterator[pa.Table]:
    """The rows of large ledgers, some thousands at a time."""
    for table in tables:
        rows = iter(ledger_rows(document_id, table, issued))
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            yield _to_arrow("ledger_rows", batch)


def is_secret(facts: Facts) -> bool:
    """Whether a document bears a mark of secrecy: nothing of what it says may be kept."""
    mark = facts.metadata.secrecy
    return mark is not None and any(word in mark.value for word in SECRECY_MARKS)


def _without_content(info: DocumentInfo) -> DocumentInfo:
    """No state secrets on a system that is not classified for them (保守国家秘密法 2024, art. 31)."""
    return msgspec.structs.replace(
        info,
        status="quarantined",
        text=None,
        notices=(),
        seals=(),
        error_code="classified",
        error_message=f"文件 {info.name} 标有密级，未入库；请立即移出来源文件夹并按保密规定处理。",
    )


def _to_arrow(name: str, rows: list[Row]) -> pa.Table:
    used = set().union(*rows)
    return from_columns(TABLES[name], {c: [row.get(c) for row in rows] for c in sorted(used)}, len(rows))


def _stage_prose(facts: Facts, document_id: str, rows: dict[str, list[Row]]) -> None:
    ids = {name: IdMaker(document_id, name) for name in rows}
    rows["debt_statements"] += [_amount(a, document_id, ids["debt_statements"]) for a in facts.amounts]
    rows["assignments"] += [_assignment(a, document_id, ids["assignments"]) for a in facts.assignments]
    rows["document_references"] += [_reference(r, document_id, ids["document_references"]) for r in facts.refs]
    rows["document_parts"] += [_part(p, document_id) for p in facts.parts]
    rows["statistics"] += [_statistic(s, document_id, ids["statistics"]) for s in facts.statistics]
    known = {a.text: (a.unit_name, a.unit_id) for a in facts.assignments}
    for deadline in facts.deadlines:
        row = _deadline(deadline, document_id, ids["time_expressions"])
        rows["time_expressions"].append(row)
        rows["obligation_units"] += _obligation_units(deadline, row["obligation_id"], document_id, known)


def _document(facts: Facts | None, info: DocumentInfo) -> Row:
    row: Row = {
        "document_id": info.file_id,
        "source": info.source,
        "path": info.path,
        "parent_id": info.parent_id,
        "name": info.name,
        "format": info.format,
        "pages": info.pages,
        "status": info.status,
        "text": info.text,
        "page_grades": to_json([msgspec.structs.asdict(g) for g in info.grades]),
        "seals": to_json([_seal(s) for s in info.seals]),
        "first_seen_date": info.first_seen_date,
        "extractor_version": info.extractor_version,
        "error_code": info.error_code,
        "error_message": info.error_message,
    }
    if facts is not None:
        row["kind"] = facts.kind
        row |= _metadata(facts.metadata)
    return row


def _seal(seal: Seal) -> Row:
    row = msgspec.structs.asdict(seal)
    anchor = row.pop("anchor")
    return row | {"evidence": None if anchor is None else msgspec.to_builtins(anchor)}


def _metadata(m: Metadata) -> Row:
    single = {
        "title": m.title,
        "issuer": m.issuer,
        "doc_number": m.doc_number,
        "doc_type": m.doc_type,
        "issued_date": m.issued_date,
        "urgency": m.urgency,
        "secrecy": m.secrecy,
        "region_code": m.region_code,
        "signed_off_by": m.signed_off_by,
    }
    row: Row = {name: None if f is None else f.value for name, f in single.items()}
    row["issued_date"] = _date_of(m.issued_date)
    row["region_name"] = m.region_name
    row["recipients"] = to_json([f.value for f in m.recipients])
    row["attachments"] = to_json([f.value for f in m.attachments])
    row["contacts"] = to_json(
        [{"name": c.name, "phones": list(c.phones), "email": c.email, "unit": c.unit} for c in m.contacts]
    )
    places: dict[str, Any] = {name: _place(f) for name, f in single.items() if f is not None}
    for name, several in (("recipients", m.recipients), ("attachments", m.attachments), ("contacts", m.contacts)):
        if several:
            places[name] = [_place(f) for f in several]
    row["metadata_evidence"] = to_json(places)
    return row


def _date_of(field: MetadataField | None) -> dt.date | None:
    return None if field is None else iso_date(field.value)


def _place(s: Statement) -> Row:
    return {
        "text": s.text,
        "start": s.start,
        "end": s.end,
        "rule": s.rule,
        "evidence": msgspec.to_builtins(s.evidence),
    }


def _notice(document_id: str, number: int, n: Notice) -> Row:
    return {
        "document_id": document_id,
        "notice_number": number,
        "code": n.code,
        "message": n.message,
        "is_partial": n.partial,
        "evidence": None if n.anchor is None else anchor_json(n.anchor),
    }


def _statement(s: Statement, document_id: str, doubts: Sequence[Doubt | None] = ()) -> Row:
    flags = [*s.flags, *(d[0] for d in doubts if d is not None)]
    return {
        "document_id": document_id,
        "raw_text": s.text,
        "start_offset": s.start,
        "end_offset": s.end,
        "extraction_rule": s.rule,
        "origin": s.origin,
        "flags": to_json(flags),
        "evidence": anchor_json(s.evidence),
    }


def _amount(a: Amount, document_id: str, ids: IdMaker) -> Row:
    low, high = a.amount_yuan if isinstance(a.amount_yuan, tuple) else (a.amount_yuan, None)
    low_yuan, doubt = exact_money(low)
    high_yuan, doubt_high = exact_money(high)
    if high is not None and (low_yuan is None or high_yuan is None):
        low_yuan = high_yuan = None  # half a range would read as an exact amount
    quantum, _ = exact_number(a.quantum_yuan)
    return _statement(a, document_id, (doubt, doubt_high)) | {
        "statement_id": ids.make(a.start, a.end, _plain(low), _plain(high), a.role),
        "amount_yuan": low_yuan,
        "amount_high_yuan": high_yuan,
        "is_approx": a.approx,
        "role": a.role,
        "role_rule": a.role_rule,
        "role_confidence": a.role_confidence,
        "role_cues": to_json(list(a.role_cues)),
        "as_of_date": a.as_of,
        "scope": a.scope,
        "debtor_name": a.debtor,
        "creditor_name": a.creditor,
        "quantum_yuan": quantum,
    }


def _plain(value: Decimal | None) -> str | None:
    """One spelling for one number, so that 2.50 and 2.5 have the same id."""
    return None if value is None else f"{value.normalize():f}" if value.is_finite() else str(value)


def _deadline(d: Deadline, document_id: str, ids: IdMaker) -> Row:
    row = _statement(d, document_id)
    resolved = "/".join(d.resolved) if isinstance(d.resolved, tuple) else d.resolved
    row |= {
        "obligation_id": ids.make(d.start, d.end, d.kind, resolved),
        "kind": d.kind,
        "subtype": d.subtype,
        "resolved": resolved,
        "action": d.action,
        "strength": d.strength if d.strength in ("must", "should", "aim") else None,
        "recipient": d.recipient,
        "is_obligation": d.kind in OBLIGING_KINDS and d.subtype not in NOT_OBLIGING_SUBTYPES,
        "is_past_at_issue": "past_at_issue" in d.flags,
        "year_source": d.year_source,
    }
    if isinstance(d.resolved, tuple):
        start, end = (iso_date(x) for x in d.resolved)
        row |= {"period_start_date": start, "period_end_date": end}
        if row["is_obligation"]:
            row["due_date"] = end
    elif d.resolved is not None:
        day = iso_date(d.resolved)
        if day is None:
            row["rule"] = d.resolved
        elif row["is_obligation"]:
            row["due_date"] = day
        else:
            row["period_end_date"] = day
    return row


def _obligation_units(
    d: Deadline, obligation_id: str, document_id: str, known: dict[str, tuple[str | None, str | None]]
) -> list[Row]:
    named = [(unit, "responsible") for unit in d.responsible]
    if d.recipient:
        named.append((d.recipient, "recipient"))
    out = []
    for unit, role in dict.fromkeys(n for n in named if n[0]):
        name, unit_id = known.get(unit, (None, None))
        out.append(
            {
                "obligation_id": obligation_id,
                "document_id": document_id,
                "unit": unit,
                "unit_name": name,
                "unit_id": unit_id,
                "role": role,
            }
        )
    return out


def _assignment(a: Assignment, document_id: str, ids: IdMaker) -> Row:
    return _statement(a, document_id) | {
        "assignment_id": ids.make(a.start, a.end, a.role),
        "unit": a.text,
        "unit_name": a.unit_name,
        "unit_id": a.unit_id,
        "role": a.role,
        "task": a.task,
        "is_open_list": a.open_list,
        "expands_to": to_json(list(a.expands_to)) if a.expands_to else None,
    }


def _reference(r: Reference, document_id: str, ids: IdMaker) -> Row:
    return _statement(r, document_id) | {
        "reference_id": ids.make(r.start, r.end, r.title, r.doc_number),
        "title": r.title,
        "doc_number": r.doc_number,
        "relation": r.relation,
    }


def _part(p: Part, document_id: str) -> Row:
    return {
        "document_id": document_id,
        "part_number": p.number,
        "title": None if p.title is None else p.title.value,
        "kind": p.kind,
        "issued_date": iso_date(p.issued_date) if p.issued_date else None,
        "start_offset": p.start,
        "end_offset": p.end,
    }


def _statistic(s: Statistic, document_id: str, ids: IdMaker) -> Row:
    value, doubt = exact_number(s.value)
    return _statement(s, document_id, (doubt,)) | {
        "statistic_id": ids.make(s.start, s.end, _plain(s.value), s.unit),
        "value": value,
        "unit": s.unit,
        "what": s.what,
        "as_of_date": s.as_of,
    }
