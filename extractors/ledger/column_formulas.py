"""The formulas a ledger prints for its columns (4=2+3 under the header, ③=①-② inside it), as checks of every row."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from extractors.document import Cell
from extractors.facts import Flag, FormulaCheck, LedgerRow, LedgerTotal
from extractors.ledger.cells import Column
from extractors.ledger.checking import Checked, Values, mismatch, number, shown, tolerance, units_of
from extractors.ledger.columns import Columns
from extractors.ledger.grid import Grid
from extractors.ledger.words import label_of, plain

_ID = r"\d{1,3}|[a-z]"
_TERM = re.compile(rf"([-+*/]?)({_ID})")
_SUM = re.compile(rf"(?:{_ID})(?:[-+](?:{_ID}))+")
_QUOTIENT = re.compile(rf"({_ID})/({_ID})(?:\*100)?%?")
_IN_HEADER = re.compile(rf"(?:^|[^a-z\d])({_ID})(?:=([-+*/\da-z()%]+))?\)?$")


class Formula(msgspec.Struct, frozen=True):
    """`target` is the id of the column defined; `terms` are (operator, id) with + - or /."""

    target: str
    terms: tuple[tuple[str, str], ...]


def column_formula(text: str, position: str) -> Formula | None:
    """The formula of `4=2+3`, `7=5-6`, `9=4/2*100%`, or of a bare `2+3` in the column with the id `position`."""
    flat = _normal(text)
    head, eq, tail = flat.partition("=")
    if not eq:
        head, tail = position, flat
    if not re.fullmatch(_ID, head):
        return None
    tail = tail.replace("(", "").replace(")", "") if _is_flat_sum(tail) else tail.strip("()")
    if _SUM.fullmatch(tail):
        return Formula(head, tuple((op or "+", name) for op, name in _TERM.findall(tail)))
    if m := _QUOTIENT.fullmatch(tail.replace("(", "").replace(")", "")):
        return Formula(head, (("+", m[1]), ("/", m[2])))
    return None


def _is_flat_sum(text: str) -> bool:
    """Whether brackets may be dropped: sums without a minus before a bracket."""
    return "-(" not in text


def _normal(text: str) -> str:
    return plain(text).replace("÷", "/").replace("×", "*").replace("−", "-").replace("–", "-").strip("()[]【】")


def check_formulas(table: Checked, columns: Columns, grid: Grid, number_rows: list[int]) -> None:
    """Holds every formula that can be read against every row and total; what was checked goes to `table.formulas`."""
    by_index = {c.index: c for c in columns.readers if c.index not in columns.periods}
    for formula, text, cell, numbered in [*_under_header(grid, number_rows), *_in_headers(columns)]:
        ids = (formula.target, *(name for _, name in formula.terms))
        readers = [by_index.get(numbered[i]) if i in numbered else None for i in ids]
        found = [r for r in readers if r is not None]
        if len(found) == len(readers) and all(r.kind in ("money", "int", "ratio") for r in found):
            _check(table, formula, text, cell, found, columns)


def _under_header(grid: Grid, number_rows: list[int]) -> list[tuple[Formula, str, str, dict[str, int]]]:
    out: list[tuple[Formula, str, str, dict[str, int]]] = []
    for row in number_rows:
        numbered: dict[str, int] = {}
        found: list[tuple[Formula, Cell]] = []
        last = 0
        for cell in grid.texts(row):
            flat = _normal(cell.text)
            formula = column_formula(cell.text, str(last + 1))
            name = formula.target if formula is not None else flat.split("=")[0]
            if not re.fullmatch(_ID, name):
                continue
            numbered[name] = cell.col
            last = int(name) if name.isdigit() else last
            if formula is not None:
                found.append((formula, cell))
        out += [(f, plain(c.text), c.ref, numbered) for f, c in found]
    return out


def _in_headers(columns: Columns) -> list[tuple[Formula, str, str, dict[str, int]]]:
    """Formulas that stand in the headers themselves: 拖欠金额① … 剩余③=①-②."""
    numbered: dict[str, int] = {}
    found: list[tuple[Formula, str]] = []
    for column in columns.listed:
        leaf = re.sub(r"\([^()\da-z=]*\)$", "", plain(column.header))
        m = _IN_HEADER.search(_normal(leaf))
        if m is None:
            continue
        numbered[m[1]] = column.index
        formula = column_formula(f"{m[1]}={m[2]}", m[1]) if m[2] else None
        if formula is not None:
            found.append((formula, f"{m[1]}={m[2]}"))
    return [(f, text, "", numbered) for f, text in found]


def _check(table: Checked, formula: Formula, text: str, cell: str, readers: list[Column], columns: Columns) -> None:
    fields = [r.field for r in readers]
    operators = [op for op, _ in formula.terms]
    units = units_of(columns)
    rows = 0
    wrong: list[str] = []
    lines: list[tuple[int, bool, LedgerRow | LedgerTotal]] = [(k, True, row) for k, row in table.lines(fields)]
    lines += [(k, False, total) for k, total in enumerate(table.totals)]
    for at, is_row, line in lines:
        if not is_row and "/" in operators:
            continue  # the rate of a total is no sum, and is checked as a rate
        held = _holds(line.values, fields, operators, units)
        if held is None:
            continue
        rows += 1
        if held[0]:
            continue
        flag = _flag(line.values, fields, operators, held[1])
        wrong.append(flag.cell or "")
        (table.flag_row if is_row else table.flag_total)(at, flag)
    terms = tuple(zip(operators, fields[1:], strict=True))
    table.formulas.append(
        FormulaCheck(formula=text, cell=cell, field=fields[0], terms=terms, rows=rows, mismatches=tuple(wrong))
    )


def _holds(
    values: Values, fields: list[str], operators: list[str], units: dict[str, str | None]
) -> tuple[bool, Decimal] | None:
    """Whether a row keeps to the formula and what it should say; None when a figure is missing.

    A blank term counts nothing as long as another one is there, as people leave zeros out.
    """
    said = number(values, fields[0])
    if said is None or any(f in values and number(values, f) is None and values[f].raw.strip() for f in fields[1:]):
        return None
    terms = [number(values, f) for f in fields[1:]]
    if all(t is None for t in terms):
        return None
    known = [t if t is not None else Decimal(0) for t in terms]
    if operators[1] == "/":
        if not known[1]:
            return None
        ratio = known[0] / known[1]
        return abs(said - ratio) <= Decimal("0.0101"), ratio
    expected = sum((-t if op == "-" else t for op, t in zip(operators, known, strict=True)), Decimal(0))
    return abs(said - expected) <= tolerance(values, fields, units), expected


def _flag(values: Values, fields: list[str], operators: list[str], expected: Decimal) -> Flag:
    names = "".join(f"{op}{label_of(f)}" for op, f in zip(operators, fields[1:], strict=True)).lstrip("+")
    said = number(values, fields[0]) or Decimal(0)
    result = shown(expected) if operators[1] != "/" else format(expected, ".4f")
    text = f"“{label_of(fields[0])}”{shown(said)}不等于表头公式“{names}”的结果{result}"
    return mismatch("formula_mismatch", values, fields[0], text)
