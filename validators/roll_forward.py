"""One debt from one ledger to the next: old − repaid + new = current, labels and plans that move, debts listed late.

Ledgers differ in whether 化解 includes 清偿 and whether repayments are cumulative or of the period: a roll-forward is
wrong only when no reading of it holds.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

from validators.history import Row, Snapshot, label_of_dispute, precision_of, remaining_of, total_of
from validators.ledger_checks import first_day

ARREARS, REMAINING, REPAID = "arrears_amount_yuan", "remaining_amount_yuan", "repaid_amount_yuan"
RESOLVED, NEW, UNDISPUTED, DISPUTED = (
    "resolved_amount_yuan",
    "new_arrears_amount_yuan",
    "undisputed_amount_yuan",
    "disputed_amount_yuan",
)
Rows = tuple[Row, ...]
Said = tuple[str, Row, str, object, dict[str, object]]
"""A finding to be: rule, row, field, value, the values of its sentence."""

# A dispute rests on something when its reason names a procedure and its date or docket: 2024年3月经仲裁立案.
_PROCEDURE = re.compile(r"法院|仲裁|判决|裁定|立案|诉讼|起诉|鉴定|审计|结算审核|调解|纪要|函")
_DATED = re.compile(r"\d{4}\s?[年.\-/]\s?\d{1,2}|[〔\[(（]\d{4}[〕\])）]")


def has_dated_basis(reason: object) -> bool:
    """Whether the reason of a dispute names a procedure with its date or docket number."""
    text = str(reason or "")
    return bool(_PROCEDURE.search(text) and _DATED.search(text))


def changes(old: Rows, new: Rows) -> Iterator[Said]:
    """What is wrong with how one debt moved between two ledgers."""
    relabelled = label_of_dispute(old) == "no" and label_of_dispute(new) in ("yes", "partial")
    if relabelled:
        yield _relabelled(new)
    repaid_fell = _repaid_fell(old, new)
    if repaid_fell is not None:
        yield repaid_fell
    rose = _remaining_rose(old, new)
    if rose is not None:
        yield rose
    restated = _arrears_restated(old, new)
    if restated is not None:
        yield restated
    if repaid_fell is None and rose is None and restated is None:
        yield from _unexplained_fall(old, new)
    if not relabelled:
        yield from _undisputed_fell(old, new)


def slack_of(old: Rows, new: Rows, *columns: str) -> Decimal:
    """What the printed precision of the columns allows over both ledgers, in yuan; never negative.

    It is read from the cells' texts, which costs more than all the sums: ask only where the sums do not agree exactly.
    """
    return sum((precision_of(rows, c) for rows in (old, new) for c in columns), Decimal(0))


def _relabelled(new: Rows) -> Said:
    at = new[0]
    reason = "；".join(dict.fromkeys(str(r["dispute_reason"]) for r in new if r["dispute_reason"])) or "未填写"
    amount = total_of(new, DISPUTED)
    rule = "debt_relabelled_with_basis" if has_dated_basis(reason) else "debt_relabelled"
    values: dict[str, object] = {"amount": remaining_of(new) if amount is None else amount, "reason": reason}
    return rule, at, "disputed", at["disputed"], values


def _repaid_fell(old: Rows, new: Rows) -> Said | None:
    before, after = total_of(old, REPAID), total_of(new, REPAID)
    if before is None or after is None or after >= before or after >= before - slack_of(old, new, REPAID):
        return None
    return "repaid_fell", new[0], REPAID, after, {"before": before, "after": after}


def _remaining_rose(old: Rows, new: Rows) -> Said | None:
    before, after = remaining_of(old), remaining_of(new)
    if before is None or after is None:
        return None
    added = total_of(new, NEW) or Decimal(0)
    if after <= before + added or after <= before + added + slack_of(old, new, REMAINING):
        return None
    return "remaining_rose", new[0], REMAINING, after, {"before": before, "after": after}


def _arrears_restated(old: Rows, new: Rows) -> Said | None:
    """The amount owed at entry changed though both ledgers keep remaining apart: it is no running balance."""
    before, after = total_of(old, ARREARS), total_of(new, ARREARS)
    left = total_of(old, REMAINING), total_of(new, REMAINING)
    if before is None or after is None or None in left:
        return None
    gap = abs(after - before)
    if not gap:
        return None
    slack = slack_of(old, new, ARREARS, REMAINING, REPAID)
    added = total_of(new, NEW) or Decimal(0)
    if gap <= slack or (added and abs(after - before - added) <= slack):
        return None
    if any(abs(before - paid - after) <= slack for paid in settled_between(old, new)):
        return None  # arrears kept as a running balance
    if left == (before, after):
        return None  # remaining only repeats the arrears
    return "arrears_restated", new[0], ARREARS, after, {"before": before, "after": after}


def settled_between(old: Rows, new: Rows) -> list[Decimal]:
    """What may have been settled between two ledgers, one figure for each way they may be meant; empty: unknown."""
    parts: list[Decimal | None] = []
    for column in (REPAID, RESOLVED):
        before, after = total_of(old, column), total_of(new, column)
        parts.append(None if after is None else after - (before or Decimal(0)))
    repaid, resolved = parts
    period = total_of(new, "period_repaid_amount_yuan")
    readings = [p for p in (repaid, resolved, period) if p is not None]
    readings += [p + resolved for p in (repaid, period) if p is not None and resolved is not None]
    return readings


def _unexplained_fall(old: Rows, new: Rows) -> Iterator[Said]:
    before, after = remaining_of(old), remaining_of(new)
    stated = total_of(old, REMAINING), total_of(new, REMAINING)
    if before is None or after is None or None in stated:
        return
    readings = settled_between(old, new)
    if not readings:
        return
    added = total_of(new, NEW) or Decimal(0)
    gaps = [before - paid + extra - after for paid in readings for extra in {Decimal(0), added}]
    closest = min(gaps, key=abs)
    if closest and abs(closest) > slack_of(old, new, REMAINING, REPAID, RESOLVED, NEW):
        values: dict[str, object] = {"before": before, "after": after, "settled": readings[0], "gap": abs(closest)}
        yield "roll_forward_mismatch", new[0], REMAINING, after, values


def _undisputed_fell(old: Rows, new: Rows) -> Iterator[Said]:
    """Part of an undisputed debt that moved over to the disputed without being paid."""
    before, after = total_of(old, UNDISPUTED), total_of(new, UNDISPUTED)
    disputed = total_of(old, DISPUTED), total_of(new, DISPUTED)
    if before is None or after is None or disputed[1] is None:
        return
    moved = disputed[1] - (disputed[0] or Decimal(0))
    lost = before - after - max([*settled_between(old, new), Decimal(0)])
    if moved <= 0 or lost <= 0 or has_dated_basis(new[0]["dispute_reason"]):
        return
    slack = slack_of(old, new, UNDISPUTED, DISPUTED, REPAID)
    if moved > slack and lost > slack:
        values: dict[str, object] = {"before": before, "after": after, "moved": moved}
        yield "undisputed_fell", new[0], UNDISPUTED, after, values


def slips(line: list[Snapshot]) -> Iterator[tuple[Snapshot, Snapshot, Said]]:
    """Debts of a series whose planned day was put off, one for each debt, at its last time."""
    planned: dict[str, tuple[dt.date, Snapshot]] = {}
    moved: dict[str, tuple[Snapshot, Snapshot, Row, dt.date]] = {}
    times: dict[str, int] = {}
    first: dict[str, dt.date] = {}
    for snapshot in line:
        for debt, rows in snapshot.debts.items():
            days = [r["plan_due_date"] for r in rows if r["plan_due_date"] is not None]
            remaining = remaining_of(rows)
            if not days or (remaining is not None and remaining <= 0):
                continue
            day = max(days)
            before = planned.get(debt)
            if before is not None and day > before[0]:
                times[debt] = times.get(debt, 0) + 1
                first.setdefault(debt, before[0])
                moved[debt] = (before[1], snapshot, next(r for r in rows if r["plan_due_date"] == day), before[0])
            planned[debt] = (day, snapshot)
    for debt, (before_ledger, after_ledger, row, was) in moved.items():
        day = row["plan_due_date"]
        values: dict[str, object] = {
            "before": was,
            "after": day,
            "times": times[debt],
            "days": (day - first[debt]).days,
        }
        yield before_ledger, after_ledger, ("plan_slipped", row, "plan_due_date", day, values)


def newly_listed(before: Snapshot, rows: Rows) -> Said | None:
    """A debt no earlier ledger listed: arisen since, or kept out until now. None where its date does not tell."""
    at = rows[0]
    last = at["arrears_formed_date"]
    first = first_day(last, at["arrears_formed_date_precision"])
    amount = total_of(rows, ARREARS)
    if first is None or amount is None:
        return None
    if last <= before.as_of:
        return "debt_listed_late", at, "arrears_formed_date", last, {"formed": last, "amount": amount}
    if first > before.as_of:
        return "new_arrears", at, "arrears_formed_date", last, {"formed": last, "amount": amount}
    return None


FEWEST_ROUND = 5
ROUND_YUAN = 10_000


def round_repayments(snapshot: Snapshot) -> Said | None:
    """Many repayments in round tens of thousands dated on the very cut-off: what is booked to look good."""
    month = (snapshot.as_of.year, snapshot.as_of.month)
    paid: list[Row] = []
    suspect: list[Row] = []
    for rows in snapshot.debts.values():
        for row in rows:
            day, amount = row["repaid_date"], row[REPAID]
            if day is None or amount is None or amount <= 0 or (day.year, day.month) != month:
                continue
            paid.append(row)
            if day == snapshot.as_of and amount % ROUND_YUAN == 0:
                suspect.append(row)
    if len(suspect) < FEWEST_ROUND or len(suspect) * 2 < len(paid):
        return None
    at = min(suspect, key=lambda r: (r["document_id"], r["table_index"], r["row_number"]))
    total = sum((r[REPAID] for r in suspect), Decimal(0))
    values: dict[str, object] = {"count": len(suspect), "paid": len(paid), "amount": total}
    return "round_repayments_at_cutoff", at, "repaid_date", at["repaid_date"], values
