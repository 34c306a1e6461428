"""The spot of any figure, and the pictures of pages that show it."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.evidence.pages import page_picture
from console.evidence.spot import spot_of
from console.masking import masker_of
from console.pages.review import about_of
from console.paging import whole
from console.render import language_of, render
from console.review.asked import queue_of
from console.roles import READERS, User, in_scope
from console.routing import page
from warehouse import beside
from warehouse.explore.spots import document_of, persons_of
from warehouse.page_images import PageImageError
from warehouse.previews import read_preview
from warehouse.tables import TABLES

Row = dict[str, Any]


def show(request: Request) -> Response:
    """Where a column of a row stands: `/evidence/{table}/{row_id}?field=`, for ledger rows, totals and statements."""
    table, row_id = request.path_params["table"], request.path_params["row_id"]
    name = request.query_params.get("field")
    user: User = request.state.user
    with request.app.state.warehouse.open() as q:
        row = beside.row_of(q.connection, table, row_id)
        if row is None or "evidence" not in row or "document_id" not in row:
            raise HTTPException(404)
        document = document_of(q.connection, row["document_id"])
        may_see_all = document is not None and in_scope(user, document.region_code)
        if not may_see_all and not in_scope(user, row.get("region_code")):
            raise HTTPException(404)
        document_id = row["document_id"]
        audit(request, "view", "document", document_id, row=row_id)
        masker = masker_of(request, "document", document_id, persons_of(q.connection, document_id))
        column = TABLES[table].field(name) if name and name in TABLES[table].column_names else None
        evidence, raw = beside.evidence_of(row, table, name if column is not None else None)
        about = about_of({**row, "evidence": evidence, "raw_value": raw}, row)
        spot = spot_of(request.app.state.settings.home, q.connection, about, masker, may_see_all=may_see_all)
    label = None if column is None else column.label_en if language_of(request) == "en" else column.label_zh
    value = None if column is None or row[column.name] is None else str(row[column.name])
    return render(
        request, "evidence/show.html", masker=masker, spot=spot, field=name, label=label, value=value, raw=raw,
        table=table, row_id=row_id, debt_id=row.get("debt_id"),
    )  # fmt: skip


def picture(request: Request) -> Response:
    """One page of a file as a PNG, what is personal painted over unless this session may see it."""
    document_id, number = request.path_params["document_id"], whole(request.path_params["page"], 0)
    user: User = request.state.user
    with request.app.state.warehouse.open() as q:
        document = document_of(q.connection, document_id)
        if document is None or not in_scope(user, document.region_code):
            raise HTTPException(404)
        masker = masker_of(request, "document", document_id, persons_of(q.connection, document_id))
    home = request.app.state.settings.home
    preview = read_preview(home, document_id, document.extractor_version)
    if preview is None:
        raise HTTPException(404)
    try:
        drawn = page_picture(home, preview, number, masker)
    except PageImageError as e:
        raise HTTPException(404, e.message) from e
    headers = {"Cache-Control": "private, max-age=600", "Content-Disposition": "inline"}
    return Response(drawn.png, media_type="image/png", headers=headers)


def warm(request: Request) -> Response:
    """Have the page of the finding that comes next drawn into the cache; shows nothing."""
    with request.app.state.warehouse.open() as q:
        found = queue_of(request, q).finding(request.path_params["finding_id"])
        if found is None or found["document_id"] is None:
            return Response(status_code=204)
        row = beside.row_of_finding(q.connection, found)
        masker = masker_of(request, "document", found["document_id"], persons_of(q.connection, found["document_id"]))
        spot_of(request.app.state.settings.home, q.connection, about_of(found, row), masker, may_see_all=True)
    return Response(status_code=204)


routes = [
    page("/evidence/{document_id}/page/{page}.png", picture, roles=READERS),
    page("/evidence/{table}/{row_id}", show, roles=READERS),
    page("/review/warm/{finding_id}", warm, roles=READERS),
]
