"""Debts that split, merge or change their name between two ledgers: recognised, so that nobody takes them for lost.

Only within one pair of parties: what left and what came must be the same money to the printed precision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from validators.history import Row, Snapshot, plain, precision_of, total_of

Rows = tuple[Row, ...]
_AMOUNT = "arrears_amount_yuan"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Debts of an earlier ledger (`gone`) that live on in a later one (`come`). `rule` says how."""

    rule: str
    gone: tuple[str, ...]
    come: tuple[str, ...]
    at: Row
    amount: Decimal


def changes_of_identity(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Splits, merges and renamings from one ledger to the next, each debt in one of them at most."""
    gone = {k: rows for k, rows in before.debts.items() if k not in after.debts}
    come = {k: rows for k, rows in after.debts.items() if k not in before.debts}
    if not gone or not come:
        return
    used: set[str] = set()
    for change in (*_renamed(gone, come), *_split_or_merged(gone, come)):
        if used.isdisjoint((*change.gone, *change.come)):
            used.update((*change.gone, *change.come))
            yield change


def _renamed(gone: dict[str, Rows], come: dict[str, Rows]) -> Iterator[Change]:
    """One contract, one amount, one party the same: the other's name was changed or written differently."""
    by_contract: dict[tuple[str, Decimal | None], list[str]] = defaultdict(list)
    for key, rows in come.items():
        by_contract[plain(rows[0]["contract_no"]), total_of(rows, _AMOUNT)].append(key)
    for key, rows in gone.items():
        contract, amount = plain(rows[0]["contract_no"]), total_of(rows, _AMOUNT)
        found = by_contract.get((contract, amount), []) if contract and amount else []
        if len(found) != 1 or amount is None:
            continue
        then, now = rows[0], come[found[0]][0]
        same = [plain(then[c]) == plain(now[c]) for c in ("debtor_name", "creditor_name")]
        if any(same):
            yield Change(rule="debt_renamed", gone=(key,), come=(found[0],), at=now, amount=amount)


def _split_or_merged(gone: dict[str, Rows], come: dict[str, Rows]) -> Iterator[Change]:
    parties: dict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, debts in ((0, gone), (1, come)):
        for key, rows in debts.items():
            names = plain(rows[0]["debtor_name"]), plain(rows[0]["creditor_name"])
            if all(names):
                parties[names][side].append(key)
    for left, right in parties.values():
        if (len(left) == 1) == (len(right) == 1) or not left or not right:
            continue
        sums = [_sum(debts, keys) for debts, keys in ((gone, left), (come, right))]
        if None in sums:
            continue
        before, after = Decimal(sums[0] or 0), Decimal(sums[1] or 0)
        slack = sum((precision_of(gone[k], _AMOUNT) for k in left), Decimal(0))
        slack += sum((precision_of(come[k], _AMOUNT) for k in right), Decimal(0))
        if before and abs(before - after) <= slack:
            rule = "debt_split" if len(left) == 1 else "debts_merged"
            yield Change(rule=rule, gone=tuple(left), come=tuple(right), at=come[right[0]][0], amount=after)


def _sum(debts: dict[str, Rows], keys: list[str]) -> Decimal | None:
    amounts = [total_of(debts[k], _AMOUNT) for k in keys]
    return None if None in amounts else sum((a for a in amounts if a is not None), Decimal(0))
