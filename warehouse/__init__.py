"""The warehouse: every column once, every table as a list of fields, everything else derived.

Holds DDL, Arrow schemas, the data dictionary, staging, publishing, views and the state store.
Does not belong here: business rules, orchestration, parsing.

For notebooks and scripts: `warehouse.connect().df("SELECT … FROM debts")`, see docs/analysts.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from warehouse.access import Limits
    from warehouse.analyst import Analyst


def connect(home: Path | str | None = None, *, limits: Limits | None = None) -> Analyst:
    """Questions to the published warehouse of a home (`QINGQIAN_HOME`, else ./data, when none is given).

    Read-only and locked down: every statement is one SELECT, run in a child process with limits on time, memory and
    rows, on the engine that is set.
    """
    from warehouse import analyst

    return analyst.connect(home, limits=limits)
