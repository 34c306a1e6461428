"""Documents: searching them, one with its facts marked in the text, its ledger tables, and the file itself."""

from __future__ import annotations

import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.masking import Masker, masker_of
from console.paging import Page, page_of, whole
from console.reading import Reader
from console.render import render
from console.roles import READERS, STEWARD, Forbidden
from console.routing import Nav, page
from console.scoping import asked, asked_day, scope_of
from console.sending import attachment
from warehouse.archive import ArchiveDamagedError, read_archived
from warehouse.explore import chain, documents
from warehouse.explore.facts import Fact, cut, facts
from warehouse.explore.scope import Facet, Scope
from warehouse.far_store import FarStoreError
from warehouse.ledger_tables import LEDGER_ROWS
from warehouse.search.index import SearchError, find, is_current
from warehouse.search.snippets import snippet

nav = [Nav("documents.title", "/documents", READERS, 30)]
_ID = re.compile(r"[0-9a-f]{64}")
_SEARCHED = 20_000  # characters of a text in which a hit is looked for
_PART = 20_000  # characters of a text on one page
_ROWS = 50
# What a ledger's rows are shown by, in this order, where any of them has a value.
_ROW_COLUMNS = (
    "seq_no", "region_name", "debtor_name", "creditor_name", "subject", "disclosing_unit", "project_name",
    "contract_no", "complaint_no", "complaint_matter", "contract_amount_yuan", "arrears_amount_yuan", "arrears_count",
    "repaid_amount_yuan", "remaining_amount_yuan", "remaining_count", "clear_rate", "rank", "amount_yuan", "disputed",
    "due_date", "plan_due_date", "status", "remarks",
)  # fmt: skip


def index(request: Request) -> Response:
    """The list: by words, facets, number and days."""
    words, problem, found = asked(request, "q"), None, None
    if words:
        audit(request, "search", "documents", detail_of(words))
        try:
            found = tuple(find(request.app.state.settings.home, words))
        except SearchError as e:
            problem, found = str(e), ()
    wanted = documents.DocumentFilter(
        **{f: asked(request, f) for f in documents.FACETS},
        number=asked(request, "number"),
        start=asked_day(request, "from"),
        until=asked_day(request, "until"),
        found=found,
        sort="rank" if found is not None and asked(request, "sort") != "date" else "date",
    )
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        pages = page_of(request, _count(q, scope, wanted), 25)
        rows = _page(q, scope, wanted, pages)
        facets = _facets(q, scope, wanted)
        texts = documents.texts(q.connection, [r["document_id"] for r in rows], longest=_SEARCHED) if words else {}
        digest = documents.inputs_digest(q.connection)
    shown = masker_of(request)
    for row in rows:
        text = texts.get(row["document_id"]) or row["opening"] or ""
        row["pieces"] = snippet(shown.text(text), words or "")
    is_behind = bool(words) and not problem and not is_current(request.app.state.settings.home, digest)
    return render(
        request, "documents/index.html", rows=rows, pages=pages, facets=facets, wanted=wanted, words=words or "",
        problem=problem, is_behind=is_behind,
    )  # fmt: skip


def _count(q: Reader, scope: Scope, wanted: documents.DocumentFilter) -> int:
    def count() -> int:
        return documents.count(q.connection, scope, wanted)

    return count() if wanted.found is not None else q.cached(("documents.count", scope, wanted), count)


def _page(q: Reader, scope: Scope, wanted: documents.DocumentFilter, pages: Page) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        return documents.page(q.connection, scope, wanted, offset=pages.offset, limit=pages.size)

    if wanted.found is not None:
        return read()
    kept = q.cached(("documents.page", scope, wanted, pages.offset, pages.size), read)
    return [dict(row) for row in kept]  # the page adds to them


def _facets(q: Reader, scope: Scope, wanted: documents.DocumentFilter) -> dict[str, list[Facet]]:
    """Counts to choose by: once for each publication and selection, but anew for what a search found."""

    def count() -> dict[str, list[Facet]]:
        return documents.facets(q.connection, scope, wanted)

    return count() if wanted.found is not None else q.cached(("documents.facets", scope, wanted), count)


def detail_of(words: str) -> str:
    """A question as the log keeps it: without what could be somebody's number or name in it."""
    return Masker().text(words)[:80]


def one(request: Request) -> Response:
    """A document with what was read from it."""
    document_id = _id(request)
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        document = documents.one(q.connection, scope, document_id)
        if document is None:
            raise HTTPException(404)
        audit(request, "view", "document", document_id)
        if document["is_closed"]:
            return render(request, "documents/closed.html", d=document)
        found = facts(q.connection, document_id)
        given: dict[str, Any] = {
            "places": documents.places(q.connection, document_id),
            "versions": documents.versions(q.connection, scope, document_id),
            "children": documents.children(q.connection, scope, document_id),
            "findings": documents.findings(q.connection, document_id),
            "tables": documents.ledger_tables(q.connection, document_id),
            "named": chain.named(q.connection, scope, document_id),
            "above": chain.above(q.connection, scope, document_id),
            "below": chain.below(q.connection, scope, document_id),
            "parent": documents.one(q.connection, scope, document["parent_id"]) if document["parent_id"] else None,
        }
    masker = masker_of(request, "document", document_id, _persons(document))
    return render(
        request, "documents/one.html", masker=masker, d=document, **given, **_text(request, document, found),
        contacts=_listed(document["contacts"]), recipients=_listed(document["recipients"]),
        attachments=_listed(document["attachments"]),
    )  # fmt: skip


def _text(request: Request, document: dict[str, Any], found: list[Fact]) -> dict[str, Any]:
    """The part of the text that is asked for, in pieces, and the facts that stand in it."""
    text = document["text"] or ""
    parts = max(1, -(-len(text) // _PART))
    number = min(max(1, whole(request.query_params.get("part"), 1)), parts)
    start = (number - 1) * _PART
    stretch = text[start : start + _PART]
    inside = [f for f in found if f.start < start + len(stretch) and f.end > start]
    return {"pieces": cut(stretch, inside, start=start), "facts": inside, "part": number, "parts": parts}


def _persons(document: dict[str, Any]) -> list[str]:
    names = [c.get("name") for c in _listed(document["contacts"]) if isinstance(c, dict)]
    return [n for n in (*names, document["signed_off_by"]) if n]


def _listed(value: Any) -> list[Any]:
    import msgspec

    found = msgspec.json.decode(value) if isinstance(value, str) and value else []
    return found if isinstance(found, list) else []


def table(request: Request) -> Response:
    """The rows of one ledger table, as it lists them."""
    document_id, number = _id(request), request.path_params["number"]
    scope = scope_of(request)
    with request.app.state.warehouse.open() as q:
        document = documents.one(q.connection, scope, document_id)
        if document is None or document["is_closed"]:
            raise HTTPException(404)
        tables = [t for t in documents.ledger_tables(q.connection, document_id) if t["table_index"] == number]
        if not tables:
            raise HTTPException(404)
        audit(request, "view", "document", document_id, table=number)
        pages = page_of(request, tables[0]["row_count"] or 0, _ROWS)
        rows = documents.ledger_rows(q.connection, scope, document_id, number, offset=pages.offset, limit=pages.size)
    columns = [LEDGER_ROWS.field(c) for c in _ROW_COLUMNS if any(r[c] is not None for r in rows)]
    return render(
        request, "documents/table.html", d=document, table=tables[0], rows=rows, columns=columns, pages=pages,
        marked=asked(request, "row"),
    )  # fmt: skip


def download(request: Request) -> Response:
    """The file as it came, always as an attachment. Nothing in it is masked: for stewards only, and logged."""
    document_id = _id(request)
    with request.app.state.warehouse.open() as q:
        document = documents.one(q.connection, scope_of(request), document_id)
    if document is None:
        raise HTTPException(404)
    if document["is_closed"]:
        raise Forbidden("这份文件标有密级，本系统不提供查看和下载；请按保密规定处理原件")
    try:
        data = read_archived(request.app.state.settings.home, document_id)
    except ArchiveDamagedError as e:
        raise HTTPException(404, "档案里没有这份文件的完好原件；请联系管理员从备份恢复。") from e
    except FarStoreError as e:
        raise HTTPException(503, "原始文件的存放处暂时连不上；请稍后再试，或告诉管理员。") from e
    audit(request, "download", "document", document_id, size=len(data))
    name = re.sub(r'[\x00-\x1f\x7f"\\/:*?<>|]', "_", document["name"] or "") or f"{document_id[:12]}.bin"
    response = attachment(data, document_id[:12], name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _id(request: Request) -> str:
    found: str = request.path_params["document_id"]
    if not _ID.fullmatch(found):
        raise HTTPException(404)
    return found


routes = [
    page("/documents", index, roles=READERS),
    page("/documents/{document_id}", one, roles=READERS),
    page("/documents/{document_id}/tables/{number:int}", table, roles=READERS),
    page("/documents/{document_id}/download", download, roles=(STEWARD,)),
]
