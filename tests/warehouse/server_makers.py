"""A server filled from a home, and what it is compared by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from tests.warehouse.makers import NOW
from warehouse.engine import Engine, engine_set
from warehouse.postgres.publish import serve
from warehouse.server_loads import Served
from warehouse.state import open_state
from warehouse.views import VIEW_NAMES


def engine_of(url: str) -> Engine:
    """The engine that QINGQIAN_WAREHOUSE=url sets."""
    return engine_set({"QINGQIAN_WAREHOUSE": url})


def served(home: Path, url: str, now: dt.datetime = NOW) -> Served:
    """Bring the server to the published file of a home."""
    with open_state(home) as state:
        return serve(home, state, engine_of(url), now=now)


def plain(value: Any) -> Any:
    """A value as both engines give it: moments in UTC."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC)
    return format(value, "f") if isinstance(value, Decimal) else value


def server_contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every view's rows, sorted: as `makers.view_contents` gives them of a file."""
    with psycopg.connect(url) as connection:
        for name in ("json", "jsonb"):
            connection.adapters.register_loader(name, TextLoader)
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return {
            name: sorted((tuple(r) for r in connection.execute(f'SELECT * FROM main."{name}"').fetchall()), key=repr)
            for name in VIEW_NAMES
        }


def comparable(contents: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Contents of either engine with values written alike."""
    return {name: sorted((tuple(map(plain, row)) for row in rows), key=repr) for name, rows in contents.items()}
