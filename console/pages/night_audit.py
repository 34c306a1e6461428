"""The night's audit: what was expected, what failed, what was left silent. It speaks of every region, so readers with
regions of their own do not see it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console import night_audit
from console.audit import audit
from console.masking import masker_of
from console.render import render
from console.roles import READERS, Forbidden
from console.routing import page


def show(request: Request) -> Response:
    """The page of one night, the last one unless another is named."""
    if request.state.user.regions:
        raise Forbidden("审核页汇总全部地区，不对限定地区的账号开放；请在“待办”里查看本地区的发现")
    home = request.app.state.settings.home
    kept = night_audit.days(home)
    day = request.query_params.get("night") or (kept[0] if kept else None)
    told = night_audit.body(home, day, masker_of(request)) if day is not None else None
    if day is not None and told is None:
        raise HTTPException(404, "没有这一夜的审核页；只保留最近九十夜的，请从“最近的审核”里选一夜。")
    if day is not None:
        audit(request, "view", "audit_page", day)
    return render(request, "night_audit/show.html", day=day, days=kept, told=told)


routes = [page("/night-audit", show, roles=READERS)]
