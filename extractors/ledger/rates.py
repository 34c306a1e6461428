"""Printed rates and ranks held against the amounts beside them.

A rate may be rounded or cut off (a campaign's 52.96 % is printed as 52.9 % as often as 53.0 %), its base may be all
arrears, the undisputed ones or those of the period, and the amounts are rounded themselves.
"""

from __future__ import annotations

from decimal import Decimal

from extractors.facts import Flag, LedgerRow
from extractors.ledger.checking import ARREARS, REPAID, UNDISPUTED, Checked, Values, decimals, mismatch, number, shown
from extractors.ledger.columns import Columns
from extractors.ledger.words import plain

_RATE, _RANK = "clear_rate", "rank"
_FIELDS = (_RATE, ARREARS, UNDISPUTED, REPAID, "resolved_amount_yuan", "new_arrears_amount_yuan")
_ROUNDED_FROM = 100
"""Smallest printed figure (in its last digit) whose own rounding is allowed for; below it any rate would pass."""


def check_rates(table: Checked) -> None:
    """Each row's and total's rate against repaid (or resolved) / arrears, at its own printed precision."""
    for k, row in table.lines(_FIELDS, lambda rows: rows.having(_RATE)):
        flag = _rate_flag(row.values)
        if flag is not None:
            table.flag_row(k, flag)
    for k, total in enumerate(table.totals):
        flag = _rate_flag(total.values)
        if flag is not None:
            table.flag_total(k, flag)


def _rate_flag(values: Values) -> Flag | None:
    rate = number(values, _RATE)
    if rate is None:
        return None
    new = number(values, "new_arrears_amount_yuan") or Decimal(0)
    owed = number(values, ARREARS)
    fields = (ARREARS, UNDISPUTED, "payable_amount_yuan")
    bases = [(b, f) for f in fields if (b := number(values, f))]
    if owed and new:
        bases.append((owed + new, ARREARS))
    paid = [(p, f) for f in (REPAID, "resolved_amount_yuan") if (p := number(values, f)) is not None]
    if not bases or not paid:
        return None
    low, high = _meant(values[_RATE].raw, rate)
    if any(_may_be(low, high, p, b, values[pf].raw, values[bf].raw) for b, bf in bases for p, pf in paid):
        return None
    text = f"“清偿率”{shown(rate)}与已清偿金额除以拖欠金额的结果{format(paid[0][0] / bases[0][0], '.4f')}不符"
    return mismatch("rate_mismatch", values, _RATE, text)


def _meant(raw: str, rate: Decimal) -> tuple[Decimal, Decimal]:
    """The ratios a printed rate can stand for: half a last digit down (rounded up) to a whole one up (cut off)."""
    flat = plain(raw)
    in_percent = "%" in flat or _leading(flat) > 1 > rate or _leading(flat) > 2
    digit = Decimal(1).scaleb(-decimals(flat) - (2 if in_percent else 0))
    digit = min(digit, Decimal("0.01"))
    return rate - digit / 2, rate + digit


def _may_be(low: Decimal, high: Decimal, paid: Decimal, base: Decimal, paid_raw: str, base_raw: str) -> bool:
    half_paid, half_base = _half(paid, paid_raw), _half(base, base_raw)
    smallest = (paid - half_paid) / (base + half_base)
    largest = (paid + half_paid) / (base - half_base)
    return smallest < high and largest >= low


def _half(yuan: Decimal, raw: str) -> Decimal:
    """Half a unit of the last printed digit, in yuan; nothing for figures too short to be rounded ones."""
    figure = _leading(plain(raw).replace(",", ""))
    digits = figure.scaleb(decimals(raw))
    return yuan / digits / 2 if digits >= _ROUNDED_FROM and decimals(raw) else Decimal(0)


def _leading(raw: str) -> Decimal:
    digits = raw.strip().rstrip("%万亿元")
    return Decimal(digits) if digits.replace(".", "", 1).isdigit() else Decimal(0)


def check_ranks(table: Checked, columns: Columns) -> None:
    """Ranks against the rate, or against the column they stand behind; ties may share a rank and skip the next."""
    index = {c.field: c.index for c in columns.readers}
    if _RANK not in index or len(table.rows) < 2:
        return
    beside = max(
        (c for c in columns.readers if c.kind in ("money", "int", "ratio") and c.index < index[_RANK]),
        key=lambda c: c.index,
        default=None,
    )
    criteria = [_RATE] if _RATE in index else []
    if beside is not None and beside.field != _RATE:
        criteria.append(beside.field)
    ranks = [number(r.values, _RANK) for _, r in table.lines((_RANK,))]
    ranked = [k for k, rank in enumerate(ranks) if rank is not None]
    worst: list[tuple[int, Decimal, int]] | None = None
    for field in criteria:
        scores = [number(r.values, field) for _, r in table.lines((field,))]
        if any(scores[k] is None for k in ranked):
            continue
        for sign in (1, -1):
            wrong = _misranked(ranked, ranks, scores, sign)
            if not wrong:
                return
            if worst is None:
                worst = wrong
        if field == _RATE:
            worst = _misranked(ranked, ranks, scores, 1)
    for k, rank, expected in worst or ():
        table.flag_row(k, _rank_flag(table.rows[k], rank, expected, criteria[0]))


def _misranked(
    ranked: list[int], ranks: list[Decimal | None], scores: list[Decimal | None], sign: int
) -> list[tuple[int, Decimal, int]]:
    """(row position, printed rank, expected rank) of rows out of order, best score first for sign 1."""
    values = {k: sign * score for k in ranked if (score := scores[k]) is not None}
    ordered = sorted(values.values(), reverse=True)
    first = {v: i for i, v in reversed(list(enumerate(ordered, start=1)))}
    dense = {v: i for i, v in enumerate(sorted(set(ordered), reverse=True), start=1)}
    last = {v: i for i, v in enumerate(ordered, start=1)}
    out: list[tuple[int, Decimal, int]] = []
    for k, value in values.items():
        rank = ranks[k]
        if rank is not None and rank != dense[value] and not first[value] <= rank <= last[value]:
            out.append((k, rank, first[value]))
    return out


def _rank_flag(row: LedgerRow, rank: Decimal, expected: int, field: str) -> Flag:
    by = "清偿率" if field == _RATE else "相邻数据"
    text = f"“排名”{shown(rank)}与按{by}排序的第{expected}名不符"
    return mismatch("rank_mismatch", row.values, _RANK, text)
