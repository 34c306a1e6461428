"""Columns that hold parts of an amount, and the whole they divide: beside it, below it, or as the sum after them."""

from __future__ import annotations

from extractors.ledger.frame import Frame
from extractors.ledger.headers import Meaning, core
from extractors.ledger.parts import part_of
from extractors.ledger.words import plain

_WITH_KINDS = frozenset(
    {"arrears_amount_yuan", "undisputed_amount_yuan", "disputed_amount_yuan", "repaid_amount_yuan",
     "remaining_amount_yuan", "overdue_amount_yuan"}
)  # fmt: skip


_SUMS = frozenset({"合计", "小计", "总计", "共计", "金额合计", "合计金额"})


def name_parts(frame: Frame, cols: list[int], wanted: dict[int, list[Meaning]], amounts: set[int]) -> None:
    """Kinds and ages standing right of the amount they divide: 拖欠金额 | 其中：工程款 | 货款; 1年以内 | 1-2年."""
    kinds = {
        c: part
        for c in cols
        if (part := part_of(core(frame.paths[c][-1]))) is not None
        and all(m.rule not in ("parent_kind", "header_map") for m in wanted[c])
        and c in amounts
    }
    _name_sum(frame, cols, wanted, kinds, amounts)
    base: str | None = None
    for c in cols:
        first = wanted[c][0].field if wanted[c] else None
        if c not in kinds:
            base = first if first in _WITH_KINDS else None
            continue
        said = any("其中" in plain(p) for p in frame.paths[c])
        if base is not None and (said or len(kinds) > 1):
            stem = base.removesuffix("_yuan")
            wanted[c] = [Meaning(field=f"{stem}_{kinds[c]}_yuan", rule="kind_beside", rank=1)]


def overdue_is_owed(chosen: dict[int, Meaning]) -> None:
    """The overdue amount of a list of creditors that has no other column of arrears: what is owed late."""
    fields = {m.field for m in chosen.values()}
    if "creditor_name" not in fields or "arrears_amount_yuan" in fields or "amount_yuan" in fields:
        return
    for c, meaning in chosen.items():
        if meaning.field.startswith("overdue_amount_"):
            field = meaning.field.replace("overdue_", "arrears_", 1)
            chosen[c] = Meaning(field=field, rule="overdue_is_owed", rank=meaning.rank)


def _name_sum(
    frame: Frame, cols: list[int], wanted: dict[int, list[Meaning]], kinds: dict[int, str], amounts: set[int]
) -> None:
    """A sum without a name of its own right after or before two parts or more (本金 | 利息 | 合计): what is owed.

    Only where no other column says what is owed and the parts have no whole above or beside them.
    """
    if any(m.field in _WITH_KINDS or m.rule == "parent_kind" for ms in wanted.values() for m in ms):
        return
    for i, c in enumerate(cols):
        if c not in amounts or wanted[c] or plain(frame.paths[c][-1]).split("(")[0] not in _SUMS:
            continue
        before, after = _run(cols[:i][::-1], kinds), _run(cols[i + 1 :], kinds)
        parts = before if len(before) >= len(after) else after
        if len(parts) < 2:
            continue
        wanted[c] = [Meaning(field="arrears_amount_yuan", rule="sum_of_parts", rank=350)]
        for part in parts:
            wanted[part] = [Meaning(field=f"arrears_amount_{kinds[part]}_yuan", rule="part_of_sum", rank=1)]
            del kinds[part]
        return


def _run(cols: list[int], kinds: dict[int, str]) -> list[int]:
    out = []
    for c in cols:
        if c not in kinds:
            break
        out.append(c)
    return out
