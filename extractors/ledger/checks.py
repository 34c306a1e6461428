"""Checks a table can be held to by itself: totals, column formulas, balances, rates, ranks, units, duplicates.

Every disagreement is a flag with its cell; no value is changed.
"""

from __future__ import annotations

from decimal import Decimal

from extractors.facts import Flag, LedgerRow
from extractors.ledger import screen
from extractors.ledger.amounts import parse_amount
from extractors.ledger.checking import (
    ARREARS,
    DISPUTED,
    REMAINING,
    REPAID,
    UNDISPUTED,
    Checked,
    Values,
    mismatch,
    number,
    shown,
    tolerance,
    units_of,
)
from extractors.ledger.column_formulas import check_formulas
from extractors.ledger.columns import Columns
from extractors.ledger.grid import Grid
from extractors.ledger.rates import check_ranks, check_rates
from extractors.ledger.suspects import suspect_units
from extractors.ledger.totals import check_totals
from extractors.ledger.words import kind_of, plain

_BESIDE = ("period_repaid_amount_yuan", "new_arrears_amount_yuan", "resolved_amount_yuan")
_SAME = ("debtor_name", "creditor_name", "project_name", "contract_no", "contract_date", "arrears_formed_date")
"""What two rows must have in common, amounts aside, to be the same debt twice."""


def run(table: Checked, columns: Columns, grid: Grid, number_rows: list[int]) -> None:
    """Runs every check and adds the flags to rows, totals and table."""
    check_totals(table, columns)
    _balances(table, columns)
    check_formulas(table, columns, grid, number_rows)
    check_rates(table)
    check_ranks(table, columns)
    _duplicates(table)
    _amount_words(table, columns)
    for row, flag in suspect_units(table, columns):
        if row is None:
            table.flags.append(flag)
        else:
            table.flag_row(row, flag)


def _balances(table: Checked, columns: Columns) -> None:
    """Undisputed + disputed = arrears, and arrears - repaid = remaining, in every row and total."""
    units = units_of(columns)
    sides = [_side(units, UNDISPUTED), _side(units, DISPUTED)]
    parts = [f for side in sides for f in side] if all(sides) else []
    if ARREARS not in units or not (parts or REMAINING in units):
        return
    fields = (ARREARS, *parts, REMAINING, REPAID, *_BESIDE)
    for k, row in table.lines(fields, lambda rows: screen.unbalanced(rows, parts, REPAID, *_BESIDE)):
        for flag in _balance_flags(row.values, parts, units):
            table.flag_row(k, flag)
    for k, total in enumerate(table.totals):
        for flag in _balance_flags(total.values, parts, units):
            table.flag_total(k, flag)


def _side(units: dict[str, str | None], field: str) -> list[str]:
    """The columns of one side of the dispute: its own, else one for each kind of payment (工程, 货物, 服务)."""
    return [field] if field in units else [f for f in units if f.startswith(f"{field.removesuffix('_yuan')}_")]


def _balance_flags(values: Values, parts: list[str], units: dict[str, str | None]) -> list[Flag]:
    out: list[Flag] = []
    arrears = number(values, ARREARS)
    if arrears is None:
        return out
    known = [v for f in parts if (v := number(values, f)) is not None]
    doubtful = any(f in values and isinstance(values[f].value, tuple) for f in parts)
    total = sum(known, Decimal(0))
    if (
        known
        and not doubtful
        and total != arrears
        and abs(total - arrears) > tolerance(values, (ARREARS, *parts), units)
    ):
        text = f"“拖欠金额”{shown(arrears)}不等于无分歧与有分歧之和{shown(total)}"
        out.append(mismatch("parts_mismatch", values, ARREARS, text))
    left = number(values, REMAINING)
    if left is None:
        return out
    expected = _expected_remaining(values, arrears)
    if expected and left not in expected:
        slack = tolerance(values, (ARREARS, REPAID, REMAINING), units)
        if all(abs(left - e) > slack for e in expected):
            text = f"“剩余金额”{shown(left)}不等于拖欠金额减已清偿金额{shown(expected[0])}"
            out.append(mismatch("balance_mismatch", values, REMAINING, text))
    return out


def _expected_remaining(values: Values, arrears: Decimal) -> list[Decimal]:
    """What may remain: arrears less what was repaid; in monthly forms also the opening balance plus new arrears."""
    paid = [p for f in (REPAID, "period_repaid_amount_yuan") if (p := number(values, f)) is not None]
    new = number(values, "new_arrears_amount_yuan") or Decimal(0)
    resolved = number(values, "resolved_amount_yuan")
    out = [arrears - p for p in paid] + [arrears + new - p for p in paid]
    return out + ([arrears - resolved] if resolved is not None and paid else [])


def _duplicates(table: Checked) -> None:
    """A row that repeats another one's debtor, creditor, contract or project, and amount."""
    seen: dict[tuple[object, ...], int] = {}
    for k, row in table.lines((*_SAME, ARREARS, "contract_amount_yuan"), screen.twins):
        names = [_text(row, f) for f in _SAME[:4]]
        amount = number(row.values, ARREARS)
        if not names[1] or amount is None or kind_of(ARREARS) != "money":
            continue
        key = (
            *names,
            *(_text(row, f) for f in _SAME[4:]),
            amount,
            number(row.values, "contract_amount_yuan"),
        )
        first = seen.setdefault(key, row.row)
        if first != row.row:
            cell = row.values["creditor_name"].cell
            message = f"第{row.row}行与第{first}行的债务人、债权人、项目和金额相同，疑为重复填报，请核对。"
            table.flag_row(k, Flag(kind="duplicate", field="creditor_name", cell=cell, message=message))


def _amount_words(table: Checked, columns: Columns) -> None:
    """A column of capital amounts held against the figures beside it."""
    if not any(c.field == "amount_words" for c in columns.readers):
        return
    for k, row in table.lines(("amount_words", ARREARS)):
        said, figure = row.values.get("amount_words"), number(row.values, ARREARS)
        if said is None or figure is None or not isinstance(said.value, str):
            continue
        value = parse_amount(said.value)
        if value.rule == "capital" and value.number != figure:
            cell = row.values[ARREARS].cell
            message = f"{cell}格金额{shown(figure)}与{said.cell}格大写“{said.value}”不一致，请核对。"
            flag = Flag(kind="amount_words_mismatch", field=ARREARS, cell=cell, message=message)
            table.flag_row(k, flag)


def _text(row: LedgerRow, field: str) -> str:
    value = row.values.get(field)
    return plain(value.value) if value is not None and isinstance(value.value, str) else ""
