"""The limited warehouse of a signed-in reader: their regions only, personal data masked as on the pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request

from console.scoping import scope_of
from warehouse.limited.catalog import limited_warehouse
from warehouse.personal import PersonalMasks
from warehouse.sql_guard import QueryError

T = TypeVar("T")


def on_limited(request: Request, work: Callable[[Path], T]) -> T:
    """Do the work of a reader on their file. A night that is published meanwhile may take it away before it is open:
    then it is done on the new one. Raises QueryError where there is none to be had, and what `work` raises."""
    home, scope = request.app.state.settings.home, scope_of(request)
    path = limited_warehouse(home, scope, PersonalMasks())
    try:
        return work(path)
    except QueryError:
        if path.is_file():
            raise
    return work(limited_warehouse(home, scope, PersonalMasks()))
