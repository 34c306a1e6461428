"""Texts that a spreadsheet would take for a formula: OWASP ASVS 5, 1.2.10, and the full-width signs."""

from __future__ import annotations

_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")


def guard_formula(text: str) -> str:
    """The text as a spreadsheet cell that is no formula."""
    return f"'{text}" if text[:1] in _STARTS else text
