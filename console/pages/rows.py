"""One row, whole: what each of its values is, where it was read, what was found wrong and put right."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.evidence.spot import spot_of
from console.masking import masker_of
from console.pages.review import about_of
from console.render import render
from console.roles import READERS
from console.routing import page
from console.scoping import scope_of
from warehouse import beside
from warehouse.explore import documents, rows
from warehouse.explore.spots import persons_of

_ID = re.compile(r"[0-9a-f]{16,64}")
_TELLING = ("remaining_amount_yuan", "arrears_amount_yuan", "amount_yuan", "debtor_name", "subject", "complaint_no")
_TECHNICAL = frozenset({
    "row_id", "document_id", "table_index", "row_number", "debt_id", "match_reason", "match_confidence", "statement_id",
    "obligation_id", "assignment_id", "reference_id", "statistic_id", "unit_id", "start_offset", "end_offset",
    "extraction_rule", "origin", "company_id", "extractor_version", "parent_id",
})  # fmt: skip
_LEFT_OUT = frozenset({"cells", "raw", "ranges", "evidence", "flags", "text", "metadata_evidence", "match_key"})


def one(request: Request) -> Response:
    """The page of a row."""
    table, row_id = request.path_params["table"], request.path_params["row_id"]
    if table not in rows.SHOWN or not _ID.fullmatch(row_id):
        raise HTTPException(404)
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        row = rows.one(q.connection, scope, table, row_id)
        if row is None:
            raise HTTPException(404)
        document = documents.one(q.connection, scope, row["document_id"])
        found = rows.findings(q.connection, row_id)
        corrected = rows.corrections(q.connection, row_id)
        audit(request, "view", "row", row_id, table=table)
        persons = [row.get(c) for c in ("contact_name", "responsible_person", "creditor_contact_name")]
        masker = masker_of(
            request, "row", row_id, [*persons_of(q.connection, row["document_id"]), *filter(None, persons)]
        )
        evidence, printed = beside.evidence_of(row, table, _pointed(request, table, row, found))
        about = about_of({**row, "evidence": evidence, "raw_value": printed}, row)
        home = request.app.state.settings.home
        spot = spot_of(home, q.connection, about, masker, may_see_all=document is not None)
    cells, raw = _object(row.get("cells")), _object(row.get("raw"))
    put_in = {c["field"]: c for c in reversed(corrected)}
    values = [
        {
            "field": f,
            "value": row[f.name],
            "cell": cells.get(f.name),
            "raw": masker.field(f.name, raw[f.name]) if isinstance(raw.get(f.name), str) else None,
            "precision": row.get(f"{f.name}_precision"),
            "is_technical": f.name in _TECHNICAL,
            "correction": put_in.get(f.name),
            "findings": [x for x in found if x["field"] == f.name],
        }
        for f in rows.fields_of(table)
        if f.name in row  # a column that a later version adds is not in an older warehouse
        and f.name not in _LEFT_OUT
        and not f.name.endswith("_precision")
        and (row[f.name] is not None or f.name in put_in)
    ]
    return render(
        request, "rows/one.html", masker=masker, table=table, row=row, row_id=row_id, values=values, document=document,
        findings=found, corrections=corrected, spot=spot, flags=_flags(row.get("flags")),
    )  # fmt: skip


def _pointed(request: Request, table: str, row: dict[str, Any], found: list[dict[str, Any]]) -> str | None:
    """The column whose place is shown: the one asked for, else the first that something was found wrong with, else
    the amount."""
    wanted = [request.query_params.get("field"), *(f["field"] for f in found), *_TELLING]
    cells = _object(row.get("cells"))
    return next((w for w in wanted if w and w in row and (w in cells or not table.startswith("ledger_"))), None)


def _flags(value: Any) -> list[str]:
    """Doubts as people read them: the sentence where there is one, else the word."""
    found = json.loads(value) if isinstance(value, str) and value else []
    return [str(f.get("message") or f.get("kind")) if isinstance(f, dict) else str(f) for f in found]


def _object(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) and value else {}
    return found if isinstance(found, dict) else {}


routes = [page("/rows/{table}/{row_id}", one, roles=READERS)]
