"""Answers to what goes wrong: one sentence, what to do, and an id to tell the people who keep the server."""

from __future__ import annotations

import secrets
import sys
import traceback

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.audit import record
from console.reading import NoWarehouse, QueryError
from console.render import render
from console.roles import Forbidden
from console.routing import page_before
from console.routing_errors import Conflict, RefusedForm


def answer(request: Request, error: Exception) -> Response:
    """The page for an error, logged where it should be."""
    number = secrets.token_hex(4)
    if isinstance(error, NoWarehouse):
        return render(request, "frame/no_warehouse.html")
    if isinstance(error, Forbidden | RefusedForm):
        if getattr(request.state, "user", None) is not None:
            record(request, "refused", "path", request.url.path, result="refused", detail={"id": number})
        return _page(request, 403, "frame.error_403", str(error), number)
    if isinstance(error, Conflict):
        return _page(request, 409, "frame.error_409", str(error), number)
    if isinstance(error, HTTPException):
        key = {404: "frame.error_404", 405: "frame.error_405", 400: "frame.error_400"}.get(
            error.status_code, "frame.error_other"
        )
        said = "" if error.detail in ("Not Found", "Method Not Allowed", "Bad Request") else str(error.detail)
        return _page(request, error.status_code, key, said, number)
    if isinstance(error, QueryError):
        return _page(request, 400, "frame.error_query", str(error), number)
    sys.stderr.write(f"console: error {number} at {request.method} {request.url.path}\n")
    traceback.print_exception(error, file=sys.stderr)
    if type(error).__name__ in ("BinderException", "CatalogException"):  # DuckDB's, for a column that is not there yet
        return _page(request, 503, "frame.error_old", "", number)
    return _page(request, 500, "frame.error_500", "", number)


def _page(request: Request, status: int, key: str, said: str, number: str) -> Response:
    return render(
        request, "frame/error.html", status=status, key=key, said=said, number=number, status_code=status,
        before=page_before(request),
    )  # fmt: skip
