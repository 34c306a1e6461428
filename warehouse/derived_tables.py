"""Tables worked out from the staged ones when a warehouse is built."""

from __future__ import annotations

from dataclasses import replace

from warehouse.fields import AS_OF_DATE, identifier, money, text
from warehouse.table import Table

DEBT_LINEAGE = Table(
    "debt_lineage",
    "欠款沿革",
    "Debts that were split or put together from one ledger to the next, with the amount that went over.",
    (
        identifier("debt_id", "欠款编号", "debt id", "The debt that came of it."),
        identifier("from_debt_id", "来源欠款编号", "from debt", "The debt it came from."),
        text(
            "kind",
            "方式",
            "kind",
            "split: one debt became several whose amounts add up; merge: several became one.",
            domain=("split", "merge"),
        ).required(),
        replace(AS_OF_DATE, description="The period in which the new debt first stands."),
        money("amount_yuan", "金额", "amount", "How much of the debt went over."),
    ),
    ("debt_id", "from_debt_id"),
)
