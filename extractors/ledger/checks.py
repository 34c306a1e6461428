"""Checks a table can be held to by itself: totals, column formulas, balances, rates, units, duplicates.

Every disagreement is a flag with its cell; no value is changed.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from extractors.facts import CellValue, Flag, LedgerRow, LedgerTotal
from extractors.ledger.amounts import parse_amount
from extractors.ledger.columns import Columns
from extractors.ledger.formulas import column_formula
from extractors.ledger.grid import Grid
from extractors.ledger.suspects import suspect_units
from extractors.ledger.words import kind_of, label_of, plain, unit_factors, word_set

_ARREARS, _REPAID, _REMAINING = "arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan"
_UNDISPUTED, _DISPUTED = "undisputed_amount_yuan", "disputed_amount_yuan"


class Checked(msgspec.Struct):
    """Rows, totals and table flags under check; flags are added in place."""

    rows: list[LedgerRow]
    totals: list[LedgerTotal]
    flags: list[Flag]


def run(table: Checked, columns: Columns, grid: Grid, number_rows: list[int], sections: dict[int, str]) -> None:
    """Runs every check and adds the flags to rows, totals and table."""
    del sections
    _totals(table, columns)
    _balances(table, columns)
    _formulas(table, columns, grid, number_rows)
    _rates(table)
    _duplicates(table)
    _amount_words(table)
    for row, flag in suspect_units(table.rows, columns):
        if row is None:
            table.flags.append(flag)
        else:
            _flag_row(table, row, flag)


def number(values: dict[str, CellValue], field: str) -> Decimal | None:
    """A field's single exact number; None when missing, unknown or a range."""
    value = values.get(field)
    return value.value if value is not None and isinstance(value.value, Decimal) else None


def _flag_row(table: Checked, index: int, flag: Flag) -> None:
    row = table.rows[index]
    table.rows[index] = msgspec.structs.replace(row, flags=(*row.flags, flag))


def _flag_total(table: Checked, index: int, flag: Flag) -> None:
    total = table.totals[index]
    table.totals[index] = msgspec.structs.replace(total, flags=(*total.flags, flag))


def _decimals(raw: str) -> int:
    _, _, tail = raw.strip().rstrip("万亿元").partition(".")
    return len(tail) if tail.isdigit() else 0


def _step(value: CellValue, unit: str | None) -> Decimal:
    """Yuan worth of one unit in the last printed digit."""
    return (unit_factors()[unit] if unit else Decimal(1)).scaleb(-_decimals(value.raw))


def _totals(table: Checked, columns: Columns) -> None:
    """Each total against the rows it can mean: all of them, or its block above or below."""
    summed = [c for c in columns.readers if c.kind in ("money", "int") and c.field not in ("year", "age_days")]
    whole = word_set("totals", "whole") | word_set("totals", "places")
    bounds = [t.row for t in table.totals]
    for k, total in enumerate(table.totals):
        label = plain(total.label).strip(":")
        if label.startswith("其中"):
            continue
        blocks = _blocks(table, bounds, k, is_whole=label in whole)
        for column in summed:
            shown = number(total.values, column.field)
            if shown is None:
                continue
            flag = _compare(blocks, total.values[column.field], shown, column.field, column.unit, total.label)
            if flag is not None:
                _flag_total(table, k, flag)


def _blocks(table: Checked, bounds: list[int], k: int, *, is_whole: bool) -> list[list[LedgerRow]]:
    """The sets of rows a total may add up: everything for a grand total, else the block above or below."""
    if is_whole and len(bounds) == 1:
        return [table.rows]
    start = bounds[k - 1] if k else 0
    end = bounds[k + 1] if k + 1 < len(bounds) else 10**9
    above = [r for r in table.rows if start < r.row < bounds[k]]
    below = [r for r in table.rows if bounds[k] < r.row < end]
    wide = [r for r in table.rows if r.row < bounds[k]]
    if is_whole:
        return [table.rows, wide]
    return [b for b in (above, below) if b] or [wide or table.rows]


def _compare(
    blocks: list[list[LedgerRow]], value: CellValue, shown: Decimal, field: str, unit: str | None, label: str
) -> Flag | None:
    best: tuple[Decimal, Decimal, int] | None = None
    for block in blocks:
        cells = [r.values[field] for r in block if field in r.values]
        if any(isinstance(c.value, tuple) for c in cells) or any(
            f.field == field and f.kind in _UNKNOWN for r in block for f in r.flags
        ):
            return None  # an unknown or approximate part: the sum cannot be held against the total
        numbers = [c.value for c in cells if isinstance(c.value, Decimal)]
        gap = shown - sum(numbers, Decimal(0))
        slack = _slack(cells, value, unit)
        if gap == 0 or abs(gap) < slack / 2:
            return None
        if best is None or abs(gap) < abs(best[1]):
            best = (shown - gap, gap, len(numbers))
    if best is None:
        return None
    expected, gap, count = best
    said = f"{value.cell}格“{label}”的“{label_of(field)}”为{_plain(shown)}"
    message = f"{said}，与明细{count}行之和{_plain(expected)}相差{_plain(gap)}，请核对。"
    return Flag(kind="total_mismatch", field=field, cell=value.cell, message=message)


_UNKNOWN = {"unit_unknown", "unparsed_amount", "several_amounts", "amount_words_mismatch", "approx_amount"}


def _slack(cells: list[CellValue], total: CellValue, unit: str | None) -> Decimal:
    """How far a total may be off by its own rounding: one last digit when it is printed coarser than its parts."""
    finest = max((_decimals(c.raw) for c in cells), default=0)
    coarse = _decimals(total.raw)
    return _step(total, unit) * Decimal("1.0001") if coarse < finest else Decimal(0)


def _plain(value: Decimal) -> str:
    return format(value.normalize() if value else Decimal(0), "f")


def _balances(table: Checked, columns: Columns) -> None:
    """Undisputed + disputed = arrears, and arrears - repaid = remaining, in every row and total."""
    units = {c.field: c.unit for c in columns.readers}
    fields = set(units)
    for k, row in enumerate(table.rows):
        for flag in _balance_flags(row.values, fields, units):
            _flag_row(table, k, flag)
    for k, total in enumerate(table.totals):
        for flag in _balance_flags(total.values, fields, units):
            _flag_total(table, k, flag)


def _balance_flags(values: dict[str, CellValue], fields: set[str], units: dict[str, str | None]) -> list[Flag]:
    out: list[Flag] = []
    arrears = number(values, _ARREARS)
    if arrears is None:
        return out
    parts = (number(values, _UNDISPUTED), number(values, _DISPUTED))
    if (
        {_UNDISPUTED, _DISPUTED} <= fields
        and any(p is not None for p in parts)
        and not _has_unknown(values, (_UNDISPUTED, _DISPUTED))
    ):
        total = sum((p for p in parts if p is not None), Decimal(0))
        if abs(total - arrears) > _tolerance(values, (_ARREARS, _UNDISPUTED, _DISPUTED), units):
            out.append(
                _mismatch(
                    "parts_mismatch",
                    values,
                    _ARREARS,
                    f"“拖欠金额”{_plain(arrears)}不等于无分歧与有分歧之和{_plain(total)}",
                )
            )
    expected = _expected_remaining(values, arrears)
    left = number(values, _REMAINING)
    slack = _tolerance(values, (_ARREARS, _REPAID, _REMAINING), units)
    if expected and left is not None and all(abs(left - e) > slack for e in expected):
        text = f"“剩余金额”{_plain(left)}不等于拖欠金额减已清偿金额{_plain(expected[0])}"
        out.append(_mismatch("balance_mismatch", values, _REMAINING, text))
    return out


def _expected_remaining(values: dict[str, CellValue], arrears: Decimal) -> list[Decimal]:
    """What may remain: arrears less what was repaid; in monthly forms also the opening balance plus new arrears."""
    paid = [p for f in (_REPAID, "period_repaid_amount_yuan") if (p := number(values, f)) is not None]
    new = number(values, "new_arrears_amount_yuan") or Decimal(0)
    resolved = number(values, "resolved_amount_yuan")
    out = [arrears - p for p in paid] + [arrears + new - p for p in paid]
    return out + ([arrears - resolved] if resolved is not None and paid else [])


def _has_unknown(values: dict[str, CellValue], fields: tuple[str, ...]) -> bool:
    return any(f in values and isinstance(values[f].value, tuple) for f in fields)


def _mismatch(kind: str, values: dict[str, CellValue], field: str, text: str) -> Flag:
    cell = values[field].cell
    return Flag(kind=kind, field=field, cell=cell, message=f"{cell}格{text}，请核对。")


def _tolerance(values: dict[str, CellValue], fields: tuple[str, ...], units: dict[str, str | None]) -> Decimal:
    """One last digit where figures are printed with two or more decimals of a large unit; otherwise exact."""
    places = max(_decimals(values[f].raw) for f in fields if f in values)
    factors = [unit_factors()[u] for f in fields if (u := units.get(f)) is not None]
    factor = max(factors, default=Decimal(1))
    return factor.scaleb(-places) if places >= 2 and factor > 1 else Decimal(0)


def _formulas(table: Checked, columns: Columns, grid: Grid, number_rows: list[int]) -> None:
    """The formulas under the header (4=2+3) held against every row."""
    by_index = {c.index: c for c in columns.readers}
    for number_row in number_rows:
        cells = grid.texts(number_row)
        numbered: dict[int, int] = {}
        found: list[tuple[int, tuple[tuple[int, int], ...]]] = []
        for position, cell in enumerate(cells, start=1):
            text = plain(cell.text).strip("()")
            formula = column_formula(cell.text, position)
            if formula is not None:
                found.append(formula)
                numbered[formula[0]] = cell.col
            elif text.split("=")[0].isdigit():
                numbered[int(text.split("=")[0])] = cell.col
        for left, terms in found:
            names = [numbered.get(n) for n in (left, *(n for _, n in terms))]
            readers = [by_index.get(c) if c is not None else None for c in names]
            if all(r is not None and r.kind in ("money", "int") for r in readers):
                fields = [r.field for r in readers if r is not None]
                _check_formula(table, fields, [sign for sign, _ in terms], {c.field: c.unit for c in columns.readers})


def _check_formula(table: Checked, fields: list[str], signs: list[int], units: dict[str, str | None]) -> None:
    target, parts = fields[0], fields[1:]
    for k, row in enumerate(table.rows):
        shown = number(row.values, target)
        terms = [number(row.values, f) for f in parts]
        if shown is None or any(t is None for t in terms):
            continue
        expected = sum((s * t for s, t in zip(signs, terms, strict=True) if t is not None), Decimal(0))
        if abs(shown - expected) > _tolerance(row.values, tuple(fields), units):
            names = "".join(f"{'+' if s > 0 else '-'}{label_of(f)}" for s, f in zip(signs, parts, strict=True)).lstrip(
                "+"
            )
            text = f"“{label_of(target)}”{_plain(shown)}不等于表头公式“{names}”的结果{_plain(expected)}"
            _flag_row(table, k, _mismatch("formula_mismatch", row.values, target, text))


def _rates(table: Checked) -> None:
    """The printed rate against repaid / arrears (or / undisputed), rounded or truncated at its own precision."""
    for k, row in enumerate(table.rows):
        rate, repaid = number(row.values, "clear_rate"), number(row.values, _REPAID)
        new = number(row.values, "new_arrears_amount_yuan") or Decimal(0)
        owed = number(row.values, _ARREARS)
        bases: list[Decimal] = [b for b in (owed, number(row.values, _UNDISPUTED), (owed or Decimal(0)) + new) if b]
        if rate is None or repaid is None or not bases:
            continue
        resolved = number(row.values, "resolved_amount_yuan")
        paid = [repaid] if resolved is None else [repaid, resolved]
        raw = row.values["clear_rate"].raw
        # a stored fraction shows its own digits; a printed 52.9 % carries three places of a fraction
        step = Decimal(1).scaleb(-_decimals(raw.rstrip("% ")) - (2 if "%" in raw or rate < 1 < _leading(raw) else 0))
        step = min(step, Decimal("0.01"))
        if not any(abs(rate - p / b) <= step for b in bases for p in paid):
            text = f"“清偿率”{_plain(rate)}与已清偿金额除以拖欠金额的结果{format(repaid / bases[0], '.4f')}不符"
            _flag_row(table, k, _mismatch("rate_mismatch", row.values, "clear_rate", text))


def _leading(raw: str) -> Decimal:
    digits = raw.strip().rstrip("%")
    return Decimal(digits) if digits.replace(".", "", 1).isdigit() else Decimal(0)


def _duplicates(table: Checked) -> None:
    """A row that repeats another one's debtor, creditor, contract or project, and amount."""
    seen: dict[tuple[object, ...], int] = {}
    for k, row in enumerate(table.rows):
        names = [_text(row, f) for f in ("debtor_name", "creditor_name", "project_name", "contract_no")]
        amount = number(row.values, _ARREARS)
        if not names[1] or amount is None or kind_of(_ARREARS) != "money":
            continue
        key = (
            *names,
            _text(row, "contract_date"),
            _text(row, "arrears_formed_date"),
            amount,
            number(row.values, "contract_amount_yuan"),
        )
        first = seen.setdefault(key, row.row)
        if first != row.row:
            cell = row.values["creditor_name"].cell
            message = f"第{row.row}行与第{first}行的债务人、债权人、项目和金额相同，疑为重复填报，请核对。"
            _flag_row(table, k, Flag(kind="duplicate", field="creditor_name", cell=cell, message=message))


def _amount_words(table: Checked) -> None:
    """A column of capital amounts held against the figures beside it."""
    for k, row in enumerate(table.rows):
        said, shown = row.values.get("amount_words"), number(row.values, _ARREARS)
        if said is None or shown is None or not isinstance(said.value, str):
            continue
        value = parse_amount(said.value)
        if value.rule == "capital" and value.number != shown:
            cell = row.values[_ARREARS].cell
            message = f"{cell}格金额{_plain(shown)}与{said.cell}格大写“{said.value}”不一致，请核对。"
            flag = Flag(kind="amount_words_mismatch", field=_ARREARS, cell=cell, message=message)
            _flag_row(table, k, flag)


def _text(row: LedgerRow, field: str) -> str:
    value = row.values.get(field)
    return plain(value.value) if value is not None and isinstance(value.value, str) else ""
