"""The audit log for auditors: who did what to which object when, and whether the chain holds."""

from __future__ import annotations

import datetime as dt
import json

from starlette.requests import Request
from starlette.responses import Response

from console.audit import audit
from console.formats import BEIJING
from console.paging import page_of
from console.render import render
from console.roles import AUDITOR
from console.routing import Nav, page
from warehouse import audit_log
from warehouse.accounts import accounts
from warehouse.state import utc

nav = [Nav("log.title", "/log", (AUDITOR,), 91)]


def index(request: Request) -> Response:
    """Records, latest first, narrowed by who, what, which object and which days in Beijing."""
    asked = {name: request.query_params.get(name, "").strip()[:200] for name in ("user", "action", "object")}
    first, last = _day(request, "from"), _day(request, "to")
    narrowed = {
        "user": asked["user"],
        "action": asked["action"],
        "object_id": asked["object"],
        "start": "" if first is None else utc(_midnight(first)),
        "end": "" if last is None else utc(_midnight(last + dt.timedelta(days=1))),
    }
    with request.app.state.store.open() as store:
        pages = page_of(request, audit_log.count(store, **narrowed), 100)
        found = audit_log.records(store, **narrowed, limit=pages.size, offset=pages.offset)
        people = [a.name for a in accounts(store)]
        actions = audit_log.actions(store)
    audit(request, "view", "audit_log", "", page=pages.number, asked={k: v for k, v in asked.items() if v})
    return render(
        request, "log/index.html", records=found, pages=pages, people=people, actions=actions, asked=asked,
        first=first, last=last, verdict=None, brief=_brief, said=_said,
    )  # fmt: skip


def _brief(text: str) -> str:
    """An id of many hexadecimal digits by its first twelve; the whole of it is in the tooltip."""
    return f"{text[:12]}…" if len(text) >= 24 and all(c in "0123456789abcdef" for c in text) else text


def _said(detail: str) -> str:
    """What a record tells beside its object, as `name: value`; text that is no JSON object as it stands."""
    try:
        found = json.loads(detail)
    except ValueError:
        return detail
    if not isinstance(found, dict):
        return detail
    kept = {k: v for k, v in found.items() if v not in (None, "", [], {})}
    return " · ".join(
        f"{k}: {_brief(v) if isinstance(v, str) else json.dumps(v, ensure_ascii=False)}" for k, v in kept.items()
    )


def check(request: Request) -> Response:
    """Walk the whole chain and say whether it holds."""
    with request.app.state.store.open() as store:
        verdict = audit_log.verify(store, audit_log.read_head(audit_log.head_path(request.app.state.settings.home)))
    audit(request, "verify", "audit_log", "", sound=verdict.is_sound, records=verdict.records)
    return render(request, "log/verdict.html", verdict=verdict)


def _day(request: Request, name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        return None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BEIJING)


routes = [
    page("/log", index, roles=(AUDITOR,)),
    page("/log/verify", check, roles=(AUDITOR,), methods=("POST",)),
]
