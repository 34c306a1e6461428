"""Reconciliation between months and between documents, over the whole history of ledgers.

`reconcile` compares each ledger with the one before it in its series, total rows with their details, and ledgers of
the same period with each other, versions of one ledger cell by cell. It takes tables and gives findings; it opens
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from validators import totals
from validators.across_documents import across_documents
from validators.findings import Finding, distinct
from validators.history import Key, Row, Snapshot, plain, remaining_of, snapshots
from validators.lineage import changes_of_identity
from validators.places import Places
from validators.roll_forward import changes, newly_listed, round_repayments, slips
from validators.rules import raise_finding
from validators.twins import twin_findings

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED = ("documents", "ledger_tables", "ledger_rows")


def reconcile(tables: Mapping[str, pa.Table]) -> tuple[Finding, ...]:
    """Findings between months and between documents.

    `tables` are the warehouse's `documents`, `ledger_tables`, `ledger_rows` and `ledger_totals` over all periods, and
    for what circulars say `debt_statements`, `time_expressions`, `document_references` and `regions`, in the
    warehouse's Arrow types; `debt_id` and `series_key` are used where set, else the match key and the series'
    name. Rows held in quarantine must be among them, or they would be taken for debts that vanished. Without ledgers
    there is nothing to reconcile. Raises KeyError when some of the needed tables are given and others not.
    """
    if not any(name in tables for name in NEEDED):
        return ()
    places = Places(tables)
    series = snapshots(tables)
    findings = list(between_months(series, places))
    findings.extend(in_two_ledgers(series, places))
    findings.extend(twin_findings(tables, places))
    findings.extend(across_documents(tables, series, places))
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
        known: set[str] = set()
        for before, after in pairwise(line):
            known.update(before.debts)
            lives_on: set[str] = set()
            for change in changes_of_identity(before, after):
                lives_on.update((*change.gone, *change.come))
                values = {"gone": len(change.gone), "come": len(change.come), "amount": change.amount}
                yield history_finding(
                    change.rule, change.at, "arrears_amount_yuan", change.amount, before, after, values, places
                )
            for debt, rows in before.debts.items():
                if debt in after.debts:
                    for rule, at, field, value, values in changes(rows, after.debts[debt]):
                        yield history_finding(rule, at, field, value, before, after, values, places)
                elif debt not in lives_on and after.is_whole and not listed_elsewhere(debt, after, listed[after.scope]):
                    yield from vanished(before, after, rows, places)
            if before.is_whole:
                for debt, rows in after.debts.items():
                    if debt in known or debt in lives_on or listed_before(debt, after, listed[after.scope]):
                        continue
                    said = newly_listed(before, rows)
                    if said is not None:
                        rule, at, field, value, values = said
                        yield history_finding(rule, at, field, value, before, after, values, places)
        for before, after, (rule, at, field, value, values) in slips(line):
            yield history_finding(rule, at, field, value, before, after, values, places)
        for snapshot in line:
            said = round_repayments(snapshot)
            if said is not None:
                rule, at, field, value, values = said
                yield history_finding(rule, at, field, value, snapshot, snapshot, values, places)


def listed_before(debt: str, after: Snapshot, scope: list[Snapshot]) -> bool:
    """Whether any ledger of the same source and region listed the debt at an earlier cut-off."""
    return any(s.as_of < after.as_of and debt in s.debts for s in scope)


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
