"""Written rules on single statements of prose: ranges and periods in order, limits before the document's own date.

Figures that must add up over several statements of a document are in `statements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from validators.checks import Check
from validators.conditions import as_mask

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    BoolArray = npt.NDArray[np.bool_]

# Added to `time_expressions` by the audit: the date of the document the expression stands in.
ISSUED = "issued_date"


def range_inverted(table: pa.Table) -> BoolArray:
    """Amounts whose lower bound exceeds the upper one."""
    import pyarrow.compute as pc

    return as_mask(pc.greater(table.column("amount_yuan"), table.column("amount_high_yuan")))


def period_inverted(table: pa.Table) -> BoolArray:
    """Periods that end before they start."""
    import pyarrow.compute as pc

    return as_mask(pc.greater(table.column("period_start_date"), table.column("period_end_date")))


def due_before_issue(table: pa.Table) -> BoolArray:
    """Limits before the document's own date: those extraction marked, and those the dates themselves tell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    limits = pc.is_in(table.column("kind"), value_set=pa.array(["due", "period"]))
    before = pc.and_kleene(limits, pc.less(table.column("due_date"), table.column(ISSUED)))
    obliges = table.column("is_obligation")
    marked = as_mask(table.column("is_past_at_issue"))
    told: BoolArray = as_mask(obliges) & (marked | as_mask(before))
    return told


def explain_amounts(row: Mapping[str, Any]) -> dict[str, object]:
    """Values of the sentence of `statement_range_inverted`."""
    return {"low": row["amount_yuan"], "high": row["amount_high_yuan"]}


def explain_period(row: Mapping[str, Any]) -> dict[str, object]:
    """Values of the sentence of `period_inverted`."""
    return {"text": row["raw_text"], "start": row["period_start_date"], "end": row["period_end_date"]}


def explain_due(row: Mapping[str, Any]) -> dict[str, object]:
    """Values of the sentence of `due_before_issue`."""
    issued = row[ISSUED]
    return {"text": row["raw_text"], "issued": "（未载明）" if issued is None else issued}


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "debt_statements": (
        Check(
            "statement_range_inverted",
            "satisfies",
            ("amount_yuan", "amount_high_yuan"),
            "amount_yuan",
            failing=range_inverted,
            explain=explain_amounts,
        ),
    ),
    "time_expressions": (
        Check(
            "due_before_issue",
            "satisfies",
            ("kind", "due_date", "is_obligation", "is_past_at_issue", "raw_text", ISSUED),
            "due_date",
            failing=due_before_issue,
            explain=explain_due,
        ),
        Check(
            "period_inverted",
            "satisfies",
            ("period_start_date", "period_end_date", "raw_text"),
            "period_start_date",
            failing=period_inverted,
            explain=explain_period,
        ),
    ),
}
