"""Which rows of a very large table a check has to look at: all others keep to it beyond doubt.

The screens compute with doubles and let through whatever is not clear; what they let through is checked exactly.
"""

from __future__ import annotations

from decimal import Decimal

from extractors.ledger.checking import ARREARS, REMAINING, number
from extractors.ledger.words import plain
from extractors.rowstore import RowStore

_NOISE = 4e-15
"""What computing with doubles may add to figures of at most 15 digits, as a share of the figures."""


def unbalanced(rows: RowStore, parts: list[str], repaid: str, period: str, new: str, resolved: str) -> list[int]:
    """Rows whose parts may not make up the arrears, or whose remainder may not follow from what was repaid."""
    import numpy as np

    owed, left = rows.floats(ARREARS), rows.floats(REMAINING)
    known = [rows.floats(f) for f in parts]
    noise = np.abs(np.nan_to_num(owed)) * _NOISE
    for figures in known:
        noise += np.abs(np.nan_to_num(figures)) * _NOISE
    doubt = rows.long_figures((ARREARS, REMAINING, *parts, repaid, period, new, resolved))
    if known:
        total = np.nansum(known, axis=0)
        some = ~np.all(np.isnan(known), axis=0)
        doubt |= some & (np.abs(total - owed) > noise)
    paid = [rows.floats(repaid), rows.floats(period)]
    added = np.nan_to_num(rows.floats(new))
    cleared = rows.floats(resolved)
    gaps = [np.abs(left - (owed - p)) for p in paid] + [np.abs(left - (owed + added - p)) for p in paid]
    gaps.append(np.abs(left - (owed - cleared)))
    nearest = np.fmin.reduce(gaps)
    noise += (np.abs(np.nan_to_num(left)) + np.abs(added)) * _NOISE
    doubt |= ~np.isnan(left) & (nearest > noise)
    positions: list[int] = np.flatnonzero(doubt & ~np.isnan(owed)).tolist()
    return positions


def twins(rows: RowStore) -> list[int]:
    """Rows that share creditor and amount with another one."""
    import numpy as np

    creditor, amount = rows.keys("creditor_name", plain), rows.floats(ARREARS)
    _, sums = np.unique(np.nan_to_num(amount), return_inverse=True)
    _, inverse, count = np.unique(creditor * len(rows) + sums, return_inverse=True, return_counts=True)
    shared = (count[inverse] > 1) & ~np.isnan(amount) & (creditor >= 0)
    positions: list[int] = np.flatnonzero(shared).tolist()
    return positions


def off_contract(rows: RowStore, fields: tuple[str, ...], ratio: Decimal) -> list[int]:
    """Rows with an amount that may be `ratio` times that of their contract."""
    import numpy as np

    contract = rows.floats("contract_amount_yuan")
    close = float(ratio) * (1 - 1e-9)
    found = np.zeros(len(rows), bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for field in fields:
            found |= rows.floats(field) / contract >= close
    positions: list[int] = np.flatnonzero(found).tolist()
    return positions


def far_off(rows: RowStore, field: str, middle: float, ratio: float) -> list[int]:
    """Rows whose amount may be `ratio` times larger or smaller than the middle one."""
    import numpy as np

    amounts, close = rows.floats(field), ratio * (1 - 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (amounts > 0) & ((amounts / middle >= close) | (middle / amounts >= close))
    positions: list[int] = np.flatnonzero(found).tolist()
    return positions


def middle(rows: RowStore, field: str) -> tuple[int, Decimal]:
    """How many rows have an amount other than zero in a field, and the exact median of the amounts."""
    import numpy as np

    amounts = rows.floats(field)
    known = np.flatnonzero(~np.isnan(amounts) & (amounts != 0))
    if not len(known):
        return 0, Decimal(0)
    ordered = known[np.argsort(amounts[known], kind="stable")]
    half = len(ordered) // 2
    positions = [int(ordered[half])] if len(ordered) % 2 else [int(ordered[half - 1]), int(ordered[half])]
    values = [number(row.values, field) or Decimal(0) for _, row in rows.lines((field,), positions)]
    return len(ordered), values[0] if len(values) == 1 else (values[0] + values[1]) / 2
