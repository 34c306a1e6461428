"""The review queue: causes, one finding with its spot and what stands beside it. Deciding is in `review_decide`."""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.evidence.spot import About, spot_of
from console.masking import Masker, masker_of
from console.paging import page_of, whole
from console.reading import Reader
from console.render import language_of, render
from console.review.asked import Asked, asked, queue_of, regions_of
from console.review.form import actions_for, label_of
from console.roles import READERS, STEWARD, User, in_scope
from console.routing import Nav, page
from warehouse import beside
from warehouse.decision_requests import version_of
from warehouse.decisions import Decision, context_of, decision, decisions_on
from warehouse.explore.spots import document_of, persons_of
from warehouse.recent_decisions import recent_reasons
from warehouse.review_pages import Queue, regions_with_findings
from warehouse.tables import SEVERITIES

nav = [Nav("review.title", "/review", READERS, 20)]
Row = dict[str, Any]
_PER_PAGE = 50


def index(request: Request) -> Response:
    """The queue grouped by cause, worst and largest first."""
    want = asked(request)
    with request.app.state.warehouse.open() as q:
        queue = queue_of(request, q)
        size, number = _PER_PAGE, max(whole(request.query_params.get("page"), 1), 1)
        causes = queue.causes(want.wanted, limit=size, offset=(number - 1) * size)
        total = causes[0]["total"] if causes else len(queue.causes(want.wanted)) if number > 1 else 0
        pages = page_of(request, total, size)
        counts = queue.counts(want.wanted)
        rules = queue.rules(want.wanted)
        regions = _regions(q, request.state.user)
    open_by = {s: sum(c["count"] for c in counts if c["severity"] == s and c["status"] == "open") for s in SEVERITIES}
    by_status: dict[str, int] = {}
    for c in counts:
        by_status[c["status"]] = by_status.get(c["status"], 0) + c["count"]
    return render(
        request, "review/index.html", want=want, causes=causes, pages=pages, open_by=open_by, by_status=by_status,
        rules=rules, regions=regions, done=_done(request), key=secrets.token_hex(16),
    )  # fmt: skip


def cause(request: Request) -> Response:
    """The findings of one cause, and the form that decides all that are open at once."""
    name = request.path_params["cause"]
    want = asked(request)
    with request.app.state.warehouse.open() as q:
        queue = queue_of(request, q)
        of_it = want.within(name)
        total = sum(c["count"] for c in queue.counts(of_it.wanted) if of_it.wanted.status in (None, c["status"]))
        pages = page_of(request, total, _PER_PAGE)
        found = queue.listed(of_it.wanted, limit=pages.size, offset=pages.offset)
        if not found:
            raise HTTPException(404)
        row = beside.row_of_finding(q.connection, found[0])
    actions = actions_for(found[0], row, Masker(), english=language_of(request) == "en")
    reasons = _reasons(request)
    return render(
        request, "review/cause.html", want=of_it, found=found, pages=pages, actions=actions, reasons=reasons,
        label=label_of(found[0], english=language_of(request) == "en"), key=secrets.token_hex(16),
    )  # fmt: skip


def finding(request: Request) -> Response:
    """One finding: why, the values, the spot, the other months, what was decided, and the form."""
    return finding_page(request, request.path_params["finding_id"])


def finding_page(
    request: Request, finding_id: str, *, status: int = 200, problem: str | None = None, typed: Row | None = None
) -> Response:
    """The page of a finding, also after a form that could not be kept: `problem` says why, `typed` is what it held."""
    want = asked(request)
    user: User = request.state.user
    english = language_of(request) == "en"
    with request.app.state.warehouse.open() as q:
        queue = queue_of(request, q)
        found = queue.finding(finding_id)
        if found is None:
            return render(request, "review/gone.html", status=404, want=want)
        near = queue.beside(finding_id, want.wanted)
        row = beside.row_of_finding(q.connection, found)
        document_id = found["document_id"]
        masker = masker_of(request, "document", document_id or "")
        spot = None
        if document_id is not None:
            audit(request, "view", "document", document_id, finding=finding_id)
            masker = masker_of(request, "document", document_id, _persons(q, document_id))
            document = q.cached(("review.document", document_id), partial(document_of, q.connection, document_id))
            may_see_all = document is not None and in_scope(user, document.region_code)
            about = about_of(found, row)
            home = request.app.state.settings.home
            spot = spot_of(home, q.connection, about, masker, may_see_all=may_see_all, document=document)
        others = _others(q, found, row, regions_of(user))
    with request.app.state.store.open() as store:
        told = decisions_on(store, found["table_name"] or "", found["subject"]) if found["subject"] else []
        version = version_of(store, found)
    undone = {int(d.value) for d in told if d.action == "undo" and d.value}
    reasons = _reasons(request)
    before = {"action": "", "value": "", "reason": reasons[0][0] if reasons and reasons[0][1] == found["rule"] else ""}
    return render(
        request, "review/finding.html", status=status, masker=masker, want=want, finding=found, near=near, row=row,
        spot=spot, others=others, told=[(d, context_of(d)) for d in reversed(told)], undone=undone, version=version,
        label=label_of(found, english=english), done=_done(request), problem=problem, typed=typed or before,
        actions=actions_for(found, row, masker, english=english) if user.has(STEWARD) else [], reasons=reasons,
        key=secrets.token_hex(16),
    )  # fmt: skip


def _persons(q: Reader, document_id: str) -> tuple[str, ...]:
    return q.cached(("review.persons", document_id), lambda: persons_of(q.connection, document_id))


def about_of(found: Row, row: Row | None) -> About:
    """What the spot of a finding (or of a row's column) is asked for."""
    row = row or {}
    return About(
        document_id=found["document_id"],
        evidence=found["evidence"],
        raw=found.get("raw_value") or row.get("raw_text"),
        start=row.get("start_offset"),
        end=row.get("end_offset"),
        table_index=row.get("table_index"),
        row_number=row.get("row_number"),
    )


def _others(q: Reader, found: Row, row: Row | None, regions: tuple[str, ...]) -> list[Row]:
    """What other documents and months say beside it."""
    if row is None:
        return []
    if found["table_name"] == "ledger_rows":
        return beside.same_debt(q.connection, row, found["field"], regions)
    if found["table_name"] == "ledger_totals":
        return beside.same_total(q.connection, row, found["field"], regions)
    if found["table_name"] == "debt_statements":
        return beside.same_scope(q.connection, row, regions)
    return []


def open_of_cause(queue: Queue, want: Asked, name: str, most: int) -> list[Row]:
    """The open findings of a cause that the filters leave, at most so many."""
    return queue.listed(msgspec.structs.replace(want.within(name).wanted, status="open"), limit=most)


def _reasons(request: Request) -> list[tuple[str, str]]:
    with request.app.state.store.open() as store:
        return recent_reasons(store, request.state.user.name)


def _regions(q: Reader, user: User) -> list[Row]:
    """Regions that have findings, for the filter."""
    every = q.cached(("review.regions",), lambda: regions_with_findings(q.connection))
    return [r for r in every if in_scope(user, r["region_code"])]


def _done(request: Request) -> Decision | None:
    """The decision that has just been kept, named by the address; only its own steward is shown it."""
    number = whole(request.query_params.get("done"), 0)
    if not number:
        return None
    with request.app.state.store.open() as store:
        kept = decision(store, number)
    return kept if kept is not None and kept.steward == request.state.user.name else None


routes = [
    page("/review", index, roles=READERS),
    page("/review/cause/{cause}", cause, roles=READERS),
    page("/review/finding/{finding_id}", finding, roles=READERS),
]
