"""Written rules inside one ledger row: sums, amounts against each other, dates in order.

Every rule marks failing rows of a whole table at once. Sums are compared exactly first; the few rows that do not hold
are then given what their printed figures allow (`printed`), and approximate amounts count as intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from validators.arithmetic import FEN, Interval, difference, fen, settles
from validators.checks import Check
from validators.conditions import as_mask
from validators.printed import PrintedFigures

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    BoolArray = npt.NDArray[np.bool_]

ARREARS, REMAINING = "arrears_amount_yuan", "remaining_amount_yuan"
REPAID, RESOLVED, NEW = "repaid_amount_yuan", "resolved_amount_yuan", "new_arrears_amount_yuan"
UNDISPUTED, DISPUTED = "undisputed_amount_yuan", "disputed_amount_yuan"
CONTRACT = "contract_amount_yuan"

NOTHING: Interval = (Decimal(0), Decimal(0))

# A way in which a row's sum may be meant: plus, minus, result.
Reading = tuple[tuple[str, ...], tuple[str, ...], str]
PARTS: tuple[Reading, ...] = (((UNDISPUTED, DISPUTED), (), ARREARS),)
# Ledgers differ in whether 化解 includes 清偿 and whether the arrears include those of the period: a row is wrong
# only when no reading holds.
BALANCES: tuple[Reading, ...] = tuple(
    ((ARREARS, *new), settled, REMAINING)
    for new in ((), (NEW,))
    for settled in ((REPAID,), (RESOLVED,), (REPAID, RESOLVED))
)
FIGURE_COLUMNS = ("document_id", "table_index", "raw", "ranges")


def readings_of(given: Mapping[str, Any], readings: Sequence[Reading]) -> list[Reading]:
    """The readings for which every amount is there."""
    return [r for r in readings if all(given[c] is not None for c in (*r[0], *r[1], r[2]))]


def unbalanced(table: pa.Table, readings: Sequence[Reading]) -> BoolArray:
    """Rows where some reading has all its amounts and none of those holds, exactly or as printed."""
    columns = dict.fromkeys(c for r in readings for c in (*r[0], *r[1], r[2]))
    amounts = {c: fen(table.column(c)) for c in columns}
    possible = np.zeros(table.num_rows, dtype=np.bool_)
    holds = np.zeros(table.num_rows, dtype=np.bool_)
    for plus, minus, result in readings:
        there = np.logical_and.reduce([amounts[c][1] for c in (*plus, *minus, result)])
        total = sum(amounts[c][0] for c in plus) - sum(amounts[c][0] for c in minus)
        possible |= there
        holds |= there & (total == amounts[result][0])
    doubtful = np.flatnonzero(possible & ~holds)
    failing = np.zeros(table.num_rows, dtype=np.bool_)
    if doubtful.size:
        figures = PrintedFigures(table, tuple(columns))
        for position in doubtful.tolist():
            row = figures.row(position)
            mine = readings_of({c: row.get(c) for c in columns}, readings)
            # The row's own figures first: the whole table is only looked through for rows they would excuse.
            failing[position] = not (
                any(holds_as_printed(r, row, figures.loosest(position)) for r in mine)
                and any(holds_as_printed(r, row, figures.tolerances(position)) for r in mine)
            )
    return failing


def holds_as_printed(reading: Reading, row: Mapping[str, Interval], tolerances: Mapping[str, Decimal]) -> bool:
    """Whether one reading holds within the printed precision of its figures."""
    plus, minus, result = reading
    terms = [row[c] for c in plus] + [(-row[c][1], -row[c][0]) for c in minus]
    columns = (*plus, *minus, result)
    coarsest = max((tolerances[c] for c in columns if c in tolerances), default=Decimal(0))
    # A bare 0 may be any amount that rounds to it: it is taken to be printed like the coarsest of its fellows.
    own = (tolerances.get(c, coarsest if row[c] == NOTHING else Decimal(0)) for c in columns)
    return settles(terms, row[result], sum(own, Decimal(0)))


def exceeding(more: str, less: str) -> Callable[[pa.Table], BoolArray]:
    """Predicate: the one amount exceeds the other by more than their printed precision."""

    def slack(tolerances: Mapping[str, Decimal]) -> Decimal:
        return tolerances.get(more, Decimal(0)) + tolerances.get(less, Decimal(0))

    def failing(table: pa.Table) -> BoolArray:
        high, high_given = fen(table.column(more))
        low, low_given = fen(table.column(less))
        wrong = high_given & low_given & (high > low)
        at = np.flatnonzero(wrong)
        if at.size:
            figures = PrintedFigures(table, (more, less))
            for position in at.tolist():
                row = figures.row(position)
                excess = row[more][0] - row[less][1]
                wrong[position] = excess > slack(figures.loosest(position)) or excess > slack(
                    figures.tolerances(position)
                )
        return wrong

    return failing


def remaining_exceeds(table: pa.Table) -> BoolArray:
    """Remaining above the arrears, where no new arrears of the period explain it."""
    _, new_given = fen(table.column(NEW))
    return exceeding(REMAINING, ARREARS)(table) & ~new_given


def first_day(day: Any, precision: str | None) -> Any:
    """The first day a date of that precision can mean, given the period's last day; None when it cannot be told."""
    if day is None or precision == "range":
        return None
    months = {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(precision or "day")
    if months is None:
        return day
    first = day.month - (day.month - 1) % months
    return day.replace(month=first, day=1)


def not_before(later: str, earlier: str) -> Callable[[pa.Table], BoolArray]:
    """Predicate: the `later` date, whatever its precision, lies before the first day `earlier` can mean."""
    import pyarrow.compute as pc

    def failing(table: pa.Table) -> BoolArray:
        wrong = as_mask(pc.less(table.column(later), table.column(earlier)))
        for position in np.flatnonzero(wrong).tolist():
            start = first_day(table.column(earlier)[position].as_py(), precision_at(table, earlier, position))
            wrong[position] = start is not None and table.column(later)[position].as_py() < start
        return wrong

    return failing


def precision_at(table: pa.Table, column: str, position: int) -> str | None:
    """The precision beside a date column; None where the table has none for it."""
    name = f"{column}_precision"
    return table.column(name)[position].as_py() if name in table.column_names else None


def formed_after_cutoff(table: pa.Table) -> BoolArray:
    """Arrears whose first possible day lies after the ledger's own cut-off."""
    import pyarrow.compute as pc

    formed = table.column("arrears_formed_date")
    wrong = as_mask(pc.greater(formed, table.column("as_of_date")))
    for position in np.flatnonzero(wrong).tolist():
        start = first_day(formed[position].as_py(), precision_at(table, "arrears_formed_date", position))
        wrong[position] = start is not None and start > table.column("as_of_date")[position].as_py()
    return wrong


def plan_overdue(table: pa.Table) -> BoolArray:
    """Planned to be cleared before the cut-off, and something remains."""
    import pyarrow.compute as pc

    remaining, given = fen(table.column(REMAINING))
    return as_mask(pc.less(table.column("plan_due_date"), table.column("as_of_date"))) & given & (remaining > 0)


def agreement_expired(table: pa.Table) -> BoolArray:
    """A repayment agreement whose last day lies before the cut-off, and something remains."""
    import pyarrow.compute as pc

    agreed = pc.or_kleene(
        pc.match_substring(table.column("plan_method"), "协议"), pc.is_valid(table.column("plan_agreement_date"))
    )
    remaining, given = fen(table.column(REMAINING))
    past = as_mask(pc.less(table.column("plan_due_date"), table.column("as_of_date")))
    return as_mask(agreed) & past & given & (remaining > 0)


def plan_overdue_only(table: pa.Table) -> BoolArray:
    """Planned to be cleared before the cut-off, without an agreement of which that is said already."""
    return plan_overdue(table) & ~agreement_expired(table)


def explain_parts(row: Mapping[str, Any]) -> dict[str, object]:
    """Values of the sentence of `ledger_parts_mismatch`."""
    undisputed, disputed, arrears = row[UNDISPUTED], row[DISPUTED], row[ARREARS]
    gap = difference([(undisputed, undisputed), (disputed, disputed)], (arrears, arrears))
    return {"undisputed": undisputed, "disputed": disputed, "arrears": arrears, "difference": gap}


def explain_balance(row: Mapping[str, Any]) -> dict[str, object]:
    """Values of the sentence of `ledger_balance_mismatch`, by the reading that comes closest."""
    best: tuple[Decimal, Decimal, Decimal] | None = None
    for plus, minus, result in readings_of(row, BALANCES):
        base = sum((row[c] for c in plus), Decimal(0))
        settled = sum((row[c] for c in minus), Decimal(0))
        gap = abs(base - settled - row[result])
        if best is None or gap < best[0]:
            best = (gap, base, settled)
    gap, base, settled = best or (Decimal(0), row[ARREARS], Decimal(0))
    return {"arrears": base, "settled": settled, "remaining": row[REMAINING], "difference": gap.quantize(FEN)}


def naming(**columns: str) -> Callable[[Mapping[str, Any]], dict[str, object]]:
    """An explanation that shows columns under the names of the sentence's places."""
    return lambda row: {place: row[column] for place, column in columns.items()}


SUMS: tuple[Check, ...] = (
    Check(
        "ledger_parts_mismatch",
        "satisfies",
        (*FIGURE_COLUMNS, UNDISPUTED, DISPUTED, ARREARS),
        ARREARS,
        failing=lambda t: unbalanced(t, PARTS),
        explain=explain_parts,
    ),
    Check(
        "ledger_balance_mismatch",
        "satisfies",
        (*FIGURE_COLUMNS, ARREARS, REPAID, RESOLVED, NEW, REMAINING),
        REMAINING,
        failing=lambda t: unbalanced(t, BALANCES),
        explain=explain_balance,
    ),
    Check(
        "repaid_exceeds_arrears",
        "satisfies",
        (*FIGURE_COLUMNS, REPAID, ARREARS),
        REPAID,
        failing=exceeding(REPAID, ARREARS),
        explain=naming(repaid=REPAID, arrears=ARREARS),
    ),
    Check(
        "remaining_exceeds_arrears",
        "satisfies",
        (*FIGURE_COLUMNS, REMAINING, ARREARS, NEW),
        REMAINING,
        failing=remaining_exceeds,
        explain=naming(remaining=REMAINING, arrears=ARREARS),
    ),
)
ROW_ONLY: tuple[Check, ...] = (
    Check(
        "arrears_exceeds_contract",
        "satisfies",
        (*FIGURE_COLUMNS, ARREARS, CONTRACT),
        ARREARS,
        failing=exceeding(ARREARS, CONTRACT),
        explain=naming(arrears=ARREARS, contract=CONTRACT),
    ),
    Check(
        "repaid_before_contract",
        "satisfies",
        ("repaid_date", "contract_date", "contract_date_precision"),
        "repaid_date",
        failing=not_before("repaid_date", "contract_date"),
        explain=naming(repaid="repaid_date", contract="contract_date"),
    ),
    Check(
        "formed_after_cutoff",
        "satisfies",
        ("arrears_formed_date", "arrears_formed_date_precision", "as_of_date"),
        "arrears_formed_date",
        failing=formed_after_cutoff,
        explain=naming(formed="arrears_formed_date", as_of="as_of_date"),
    ),
    Check(
        "agreement_expired",
        "satisfies",
        ("plan_due_date", "as_of_date", "plan_method", "plan_agreement_date", REMAINING),
        "plan_due_date",
        failing=agreement_expired,
        explain=naming(method="plan_method", plan="plan_due_date", as_of="as_of_date", remaining=REMAINING),
    ),
    Check(
        "plan_overdue",
        "satisfies",
        ("plan_due_date", "as_of_date", "plan_method", "plan_agreement_date", REMAINING),
        "plan_due_date",
        failing=plan_overdue_only,
        explain=naming(plan="plan_due_date", as_of="as_of_date", remaining=REMAINING),
    ),
)
CHECKS: Mapping[str, tuple[Check, ...]] = {"ledger_rows": (*SUMS, *ROW_ONLY), "ledger_totals": SUMS}
