"""Deciding: one finding, a whole cause after a preview, and taking it back. Each form counts once."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.audit import audit
from console.masking import Masker
from console.pages.account import field
from console.pages.review import finding_page, open_of_cause
from console.paging import whole
from console.render import language_of, local_path, render
from console.review.asked import asked, queue_of
from console.review.form import actions_for, label_of, typed
from console.roles import STEWARD
from console.routing import page
from console.translation import translate
from warehouse import beside
from warehouse.deciding import ACTIONS, DecisionError
from warehouse.decision_requests import (
    DecisionConflictError,
    StaleFormError,
    decide_once,
    undo_once,
    version_of,
)
from warehouse.recent_decisions import newest_number

Row = dict[str, Any]
MOST_AT_ONCE = 500
"""Findings that one decision for a cause may touch: what a person can look over."""


def decide(request: Request) -> Response:
    """Keep one decision and go on to the next finding; a conflict shows both and asks again."""
    finding_id = request.path_params["finding_id"]
    want = asked(request)
    form = _Form(request)
    with request.app.state.warehouse.open() as q:
        queue = queue_of(request, q)
        found = queue.finding(finding_id)
        if found is None:
            return render(request, "review/gone.html", status=409, want=want)
        near = queue.beside(finding_id, want.wanted)
        row = beside.row_of_finding(q.connection, found) if form.value.strip() else None
    value = form.value_for(found, row)
    said = {"action": form.action, "value": form.value, "reason": form.reason or ""}
    if form.problem is not None:
        problem = translate(language_of(request), form.problem)
        return finding_page(request, finding_id, status=422, problem=problem, typed=said)
    with request.app.state.store.open() as store:
        try:
            kept, is_new = decide_once(
                store, [found], form.action, key=form.key, versions={finding_id: form.version},
                steward=request.state.user.name, reason=form.reason, now=request.app.state.settings.now(), value=value,
            )  # fmt: skip
        except DecisionConflictError as e:
            return _conflict(request, e, form, found, value, version_of(store, found))
        except DecisionError as e:
            return finding_page(request, finding_id, status=422, problem=str(e), typed=said)
    number = kept[0].decision_number
    if is_new:
        audit(request, "decide", "finding", finding_id, decision=number, what=form.action)
    if near["next_id"] is not None:
        return RedirectResponse(want.link(f"/review/finding/{near['next_id']}", done=number), 303)
    return RedirectResponse(want.link("/review", done=number), 303)


def preview(request: Request) -> Response:
    """What a decision for a whole cause would touch, before anything is kept."""
    form = _Form(request)
    if form.problem is not None:
        return _bulk_page(request, form, status=422, problem=form.problem)
    return _bulk_page(request, form)


def decide_cause(request: Request) -> Response:
    """Keep one decision for every open finding of a cause, if they are still those that were shown."""
    name = request.path_params["cause"]
    want, form = asked(request), _Form(request)
    with request.app.state.store.open() as store:  # what is read afterwards has at least this version
        last = newest_number(store)
    with request.app.state.warehouse.open() as q:
        found = open_of_cause(queue_of(request, q), want, name, MOST_AT_ONCE)
        row = beside.row_of_finding(q.connection, found[0]) if found else None
    if form.problem is not None:
        return _bulk_page(request, form, status=422, problem=form.problem)
    as_shown = found if form.shown == _digest(found) else []
    with request.app.state.store.open() as store:
        try:
            done, is_new = decide_once(
                store, as_shown, form.action, key=form.key, versions={f["finding_id"]: last for f in found},
                steward=request.state.user.name, reason=form.reason, now=request.app.state.settings.now(),
                value=form.value_for(found[0], row) if found else None,
            )  # fmt: skip
        except (DecisionConflictError, StaleFormError):
            return _bulk_page(request, form, status=409, problem="review.bulk_changed")
        except DecisionError as e:
            return _bulk_page(request, form, status=422, said=str(e))
    if is_new:
        audit(request, "decide", "cause", name, decisions=len(done), first=done[0].decision_number, what=form.action)
    return RedirectResponse(want.without("cause").link("/review", done=done[0].decision_number), 303)


def undo(request: Request) -> Response:
    """Take back a decision; the matter is open again at once."""
    number = whole(request.path_params["number"], 0)
    back = local_path(field(request, "next"), "/review")
    with request.app.state.store.open() as store:
        try:
            taken, is_new = undo_once(
                store, number, key=field(request, "key"), steward=request.state.user.name,
                reason=field(request, "reason").strip() or None, now=request.app.state.settings.now(),
                whole=field(request, "whole") == "1",
            )  # fmt: skip
        except DecisionError as e:
            return render(request, "review/not_undone.html", status=409, said=str(e), back=back)
    if is_new:
        audit(request, "undo", "decision", str(number), decision=taken.decision_number)
    told = f"done={taken.decision_number}"
    return RedirectResponse(f"{back}{'&' if '?' in back else '?'}{told}" if back.startswith("/review") else back, 303)


class _Form:
    """What a decision form holds."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.action = field(request, "action")
        self.value = field(request, f"value_{self.action}")
        self.reason = field(request, "reason").strip() or None
        self.version = whole(field(request, "version"), 0)
        self.key = field(request, "key")
        self.shown = field(request, "shown")

    @property
    def problem(self) -> str | None:
        """The key of the words for what is missing; None when all that every decision needs is there."""
        if self.action not in ACTIONS:
            return "review.no_action"
        return "review.no_reason" if self.reason is None and self.action != "defer" else None

    def value_for(self, found: Row, row: Row | None) -> str | None:
        """The value as its column takes it."""
        if not self.value.strip():
            return None
        actions = actions_for(found, row, Masker(), english=language_of(self._request) == "en")
        kind = next((a.input.kind for a in actions if a.name == self.action and a.input is not None), "text")
        return typed(kind, self.value)


def _bulk_page(
    request: Request, form: _Form, *, status: int = 200, problem: str | None = None, said: str | None = None
) -> Response:
    name = request.path_params["cause"]
    want = asked(request)
    with request.app.state.warehouse.open() as q:
        queue = queue_of(request, q)
        found = open_of_cause(queue, want, name, MOST_AT_ONCE)
        total = found[0]["total"] if found else 0
    return render(
        request, "review/bulk.html", status=status, want=want, cause=name, found=found, total=total, form=form,
        shown=_digest(found), problem=problem, said=said, most=MOST_AT_ONCE,
        label=label_of(found[0], english=language_of(request) == "en") if found else None,
    )  # fmt: skip


def _conflict(
    request: Request, e: DecisionConflictError, form: _Form, found: Row, value: str | None, version: int
) -> Response:
    """Both decisions side by side, and the choice between them; nothing typed is lost."""
    audit(request, "decide", "finding", found["finding_id"], outcome="conflict", with_decision=version)
    return render(
        request, "review/conflict.html", status=409, want=asked(request), finding=found, newer=e.newer, form=form,
        value=value, version=version,
    )  # fmt: skip


def _digest(found: list[Row]) -> str:
    """What a bulk form was shown: the findings it touches."""
    return hashlib.sha256("".join(sorted(f["finding_id"] for f in found)).encode()).hexdigest()[:32]


routes = [
    page("/review/finding/{finding_id}/decide", decide, roles=(STEWARD,), methods=("POST",)),
    page("/review/cause/{cause}/preview", preview, roles=(STEWARD,), methods=("POST",)),
    page("/review/cause/{cause}/decide", decide_cause, roles=(STEWARD,), methods=("POST",)),
    page("/review/undo/{number}", undo, roles=(STEWARD,), methods=("POST",)),
]
