"""Reconciliation between months and between documents, over the whole history of ledgers.

`reconcile` compares each ledger with the one before it in its series, total rows with their details, and ledgers of
the same period with each other. It takes tables and gives findings; it opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from validators import totals
from validators.findings import Finding, distinct
from validators.history import (
    Key,
    Row,
    Snapshot,
    label_of_dispute,
    plain,
    precision_of,
    remaining_of,
    snapshots,
    total_of,
)
from validators.places import Places
from validators.rules import raise_finding

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED = ("documents", "ledger_tables", "ledger_rows")


def reconcile(tables: Mapping[str, pa.Table]) -> tuple[Finding, ...]:
    """Findings between months and between documents.

    `tables` are the warehouse's `documents`, `ledger_tables`, `ledger_rows` and `ledger_totals` over all periods, in
    the warehouse's Arrow types; `debt_id` and `series_key` are used where set, else the match key and the series'
    name. Rows held in quarantine must be among them, or they would be taken for debts that vanished. Without ledgers
    there is nothing to reconcile. Raises KeyError when some of the needed tables are given and others not.
    """
    if not any(name in tables for name in NEEDED):
        return ()
    places = Places(tables)
    series = snapshots(tables)
    findings = list(between_months(series, places))
    findings.extend(in_two_ledgers(series, places))
    if "ledger_totals" in tables:
        findings.extend(totals.total_findings(tables, places))
    return distinct(findings)


def between_months(series: list[list[Snapshot]], places: Places) -> Iterator[Finding]:
    """Each snapshot against the one before it in its series."""
    listed: dict[Key, list[Snapshot]] = {}
    for line in series:
        for snapshot in line:
            listed.setdefault(snapshot.scope, []).append(snapshot)
    for line in series:
        for before, after in pairwise(line):
            for debt, rows in before.debts.items():
                if debt in after.debts:
                    yield from carried_on(before, after, rows, after.debts[debt], places)
                elif after.is_whole and not listed_elsewhere(debt, after, listed[after.scope]):
                    yield from vanished(before, after, rows, places)


def listed_elsewhere(debt: str, after: Snapshot, scope: list[Snapshot]) -> bool:
    """Whether another ledger of the same source and region lists the debt at that cut-off or later."""
    return any(s.as_of >= after.as_of and s.series != after.series and debt in s.debts for s in scope)


def vanished(before: Snapshot, after: Snapshot, rows: tuple[Row, ...], places: Places) -> Iterator[Finding]:
    """A debt of which something remained, and which the next ledger does not list."""
    remaining = remaining_of(rows)
    if remaining is not None and remaining > 0:
        yield history_finding(
            "debt_vanished",
            rows[-1],
            "remaining_amount_yuan",
            remaining,
            before,
            after,
            {"remaining": remaining},
            places,
        )


def carried_on(
    before: Snapshot, after: Snapshot, old: tuple[Row, ...], new: tuple[Row, ...], places: Places
) -> Iterator[Finding]:
    """One debt in two months: its label, its cumulative repayment, what remains."""
    at = new[0]
    if label_of_dispute(old) == "no" and label_of_dispute(new) in ("yes", "partial"):
        reason = "；".join(dict.fromkeys(str(r["dispute_reason"]) for r in new if r["dispute_reason"])) or "未填写"
        amount = total_of(new, "disputed_amount_yuan")
        values = {"amount": remaining_of(new) if amount is None else amount, "reason": reason}
        yield history_finding("debt_relabelled", at, "disputed", at["disputed"], before, after, values, places)
    repaid_before, repaid_after = total_of(old, "repaid_amount_yuan"), total_of(new, "repaid_amount_yuan")
    if repaid_before is not None and repaid_after is not None:
        slack = precision_of(old, "repaid_amount_yuan") + precision_of(new, "repaid_amount_yuan")
        if repaid_after < repaid_before - slack:
            values = {"before": repaid_before, "after": repaid_after}
            yield history_finding("repaid_fell", at, "repaid_amount_yuan", repaid_after, before, after, values, places)
    left_before, left_after = remaining_of(old), remaining_of(new)
    if left_before is not None and left_after is not None:
        slack = precision_of(old, "remaining_amount_yuan") + precision_of(new, "remaining_amount_yuan")
        added = total_of(new, "new_arrears_amount_yuan") or 0
        if left_after > left_before + added + slack:
            values = {"before": left_before, "after": left_after}
            yield history_finding(
                "remaining_rose", at, "remaining_amount_yuan", left_after, before, after, values, places
            )


def in_two_ledgers(series: list[list[Snapshot]], places: Places) -> Iterator[Finding]:
    """The same debtor, creditor and contract in ledgers of two series for the same month, from two files."""
    first: dict[Key, tuple[Snapshot, Row]] = {}
    ordered = sorted((s for line in series for s in line), key=lambda s: (s.as_of, str(s.series)))
    for snapshot in ordered:
        for rows in snapshot.debts.values():
            row = rows[0]
            parties = tuple(plain(row[c]) for c in ("debtor_name", "creditor_name", "contract_no"))
            if not all(parties):
                continue
            key = (*parties, snapshot.as_of.year, snapshot.as_of.month)
            found = first.setdefault(key, (snapshot, row))
            other, other_row = found
            if other.series == snapshot.series or other_row["document_id"] == row["document_id"]:
                continue
            values = {"contract": row["contract_no"], "other": places.of("ledger_rows", other_row)[0]}
            yield history_finding(
                "debt_in_two_ledgers", row, "contract_no", row["contract_no"], other, snapshot, values, places
            )


def history_finding(
    rule: str,
    row: Row,
    field: str,
    value: object,
    before: Snapshot,
    after: Snapshot,
    values: Mapping[str, object],
    places: Places,
) -> Finding:
    """A finding on one ledger row, with the two cut-offs and the parties in its sentence."""
    where_zh, where_en = places.of("ledger_rows", row, field)
    return raise_finding(
        rule,
        where_zh=where_zh,
        where_en=where_en,
        document_id=row["document_id"],
        table_name="ledger_rows",
        row_id=row["row_id"],
        field=field,
        value=value,
        evidence=places.evidence(row, field),
        values={
            "debtor": row["debtor_name"],
            "creditor": row["creditor_name"],
            "previous": before.as_of,
            "current": after.as_of,
            **values,
        },
    )
