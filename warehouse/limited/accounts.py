"""Whose limited warehouses are made ahead: the scopes of the accounts that may query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.accounts import accounts
from warehouse.explore.scope import Scope

if TYPE_CHECKING:
    from warehouse.state import State

QUERYING = frozenset({"steward", "analyst"})


def scopes_of_accounts(state: State) -> list[Scope]:
    """Each scope once; the widest first."""
    held = {tuple(sorted(a.regions)) for a in accounts(state) if a.is_active and QUERYING & set(a.roles)}
    return [Scope(regions or None) for regions in sorted(held)]
