"""What of the warehouse a signed-in reader may see, for pages that read through `warehouse.explore`."""

from __future__ import annotations

import datetime as dt

from starlette.requests import Request

from warehouse.explore.scope import Scope


def scope_of(request: Request) -> Scope:
    """The regions of the signed-in user; no regions means all of them."""
    regions: tuple[str, ...] = request.state.user.regions
    return Scope(regions or None)


def asked(request: Request, name: str, longest: int = 200) -> str | None:
    """A query parameter without blanks around it; None where it is empty or missing."""
    text = (request.query_params.get(name) or "").strip().replace("\x00", "")[:longest]
    return text or None


def asked_day(request: Request, name: str) -> dt.date | None:
    """A day from a query parameter; None for what is no day."""
    try:
        return dt.date.fromisoformat(asked(request, name) or "")
    except ValueError:
        return None
