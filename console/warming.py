"""What everybody opens first is worked out when a night is published, not when the first person asks for it.

What is kept of a publication (`Reader.cached`) stays when its file is closed, so a night that is published before dawn
is warm in the morning. Only what readers of all regions are shown: the others' share is made of less.
"""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import duckdb

from console import overview
from console.pages import debts as debts_page
from console.reading import NoWarehouse, QueryError, Reader
from console.review.asked import settled_of
from console.roles import User
from warehouse.explore.debts import DebtFilter
from warehouse.explore.scope import Scope

if TYPE_CHECKING:
    from starlette.datastructures import State

EVERY = 5.0
"""Seconds between looks whether another night is published."""
ANYONE = User(0, "", "", frozenset())
"""Whose share of a publication is worked out: nobody's in person, all regions."""


def keep_warm(app: State) -> None:
    """Warm each publication once, for as long as the server runs."""
    warmed: object = None
    while True:
        published = app.warehouse.published
        if published is not None and published != warmed:
            with suppress(NoWarehouse, QueryError, duckdb.Error), app.warehouse.open() as q:  # the pages tell of it
                warm(q, app.settings.today())
            warmed = published
        time.sleep(EVERY)


def warm(q: Reader, today: dt.date) -> None:
    """Work out what the first pages of a publication show."""
    settled_of(q)
    overview.regions(q, ANYONE)
    overview.periods(q, ANYONE)
    overview.overdue(q, ANYONE, today)
    overview.arrivals(q, ANYONE)
    debts_page.selection(q, Scope(None), DebtFilter())
    debts_page.listed(q, Scope(None), DebtFilter(), 0, 1)
