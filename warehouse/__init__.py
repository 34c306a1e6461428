"""The warehouse: every column once, every table as a list of fields, everything else derived.

Holds DDL, Arrow schemas, the data dictionary, staging, publishing, views and the state store.
Does not belong here: business rules, orchestration, parsing.

For notebooks and scripts: `warehouse.connect().execute("SELECT … FROM debts").fetchall()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def connect(home: Path | str | None = None) -> Any:
    """A read-only connection to the published warehouse with the engine that is set (`QINGQIAN_WAREHOUSE`): DuckDB's on
    the file of a home (`QINGQIAN_HOME`, else ./data, when none is given), or psycopg's to the server.

    Both have `execute(sql)` with `fetchall()`, and are context managers. Raises QueryError with a sentence when there
    is no warehouse or it cannot be opened.
    """
    from warehouse.engine import connect_set

    return connect_set(home)
