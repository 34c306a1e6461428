"""Who may do what: roles, the user of a request, and the regions they may see."""

from __future__ import annotations

from dataclasses import dataclass

STEWARD, ANALYST, AUDITOR, ADMIN = "steward", "analyst", "auditor", "admin"
ROLES = (STEWARD, ANALYST, AUDITOR, ADMIN)
READERS = (STEWARD, ANALYST)
"""Roles that see documents and figures. Neither admin nor auditor does."""


@dataclass(frozen=True, slots=True)
class User:
    """Who asks: their account, roles, and the regions (GB/T 2260 codes) they see; no regions means all."""

    user_id: int
    name: str
    display_name: str
    roles: frozenset[str]
    regions: tuple[str, ...] = ()
    must_change: bool = False

    def has(self, *roles: str) -> bool:
        """Whether they hold any of these roles."""
        return bool(self.roles.intersection(roles))


class Forbidden(Exception):  # noqa: N818 - it is an answer, not a fault
    """The user may not do this; the message is one sentence."""


def region_prefix(code: str) -> str:
    """What the codes of a region and of all within it begin with: 330000 → 33, 330100 → 3301, 330106 → 330106."""
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def in_scope(user: User, region_code: str | None) -> bool:
    """Whether a row of this region is the user's to see."""
    if not user.regions:
        return True
    return region_code is not None and any(region_code.startswith(region_prefix(r)) for r in user.regions)
