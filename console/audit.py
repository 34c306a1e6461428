"""Logging from a request: who saw which document, what was decided, exported, unmasked, refused."""

from __future__ import annotations

from starlette.requests import Request

from console.proxy import address_of
from console.settings import Settings
from warehouse import audit_log


def audit(request: Request, action: str, /, object_kind: str = "", object_id: str = "", **detail: object) -> None:
    """Log what the signed-in user does, before the answer shows it. `detail` must hold no personal data.

    Actions in use: view, search, query, export, download, decide, undo, unmask, sign_in, sign_out, account, password.
    Raises OSError when the log cannot be written: then nothing is shown either.
    """
    record(request, action, object_kind, object_id, detail=detail)


def record(
    request: Request,
    action: str,
    object_kind: str = "",
    object_id: str = "",
    *,
    result: str = "ok",
    user: str | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    """The same for somebody not signed in yet, or with another result than ok (refused, failed)."""
    settings: Settings = request.app.state.settings
    signed_in = request.state.user
    with request.app.state.store.open() as store:
        audit_log.append(
            store,
            user=user if user is not None else (signed_in.name if signed_in else ""),
            action=action,
            object_kind=object_kind,
            object_id=object_id[:200],
            result=result,
            address=address_of(request),
            detail=detail,
            now=settings.now(),
        )
