"""Totals and subtotals held against the rows they can mean, and the counts their labels name (合计（12笔）).

A total may stand above or below its rows, close a block, a county or the whole table; it is doubted only when no
reading holds. Sums are prefix sums, so that thousands of subtotals over a million rows stay cheap.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from extractors.facts import CellValue, Flag, LedgerTotal
from extractors.ledger.checking import UNKNOWN, Checked, decimals, last_digit, shown
from extractors.ledger.columns import Columns
from extractors.ledger.words import label_of, plain, word_set
from extractors.rowstore import RowStore

_COUNT = re.compile(r"(\d{1,6})(?:笔|件|条|项|宗)")
_ALL = re.compile(r"^(?:全[省市县区州旗盟镇乡部]|总)")

Block = tuple[int, int]
"""Positions of rows, end exclusive."""


class _Column(msgspec.Struct):
    """One column's running sums: `sums[i]` over the first i rows, `doubts[i]` how many of them are unknown."""

    field: str
    unit: str | None
    sums: Sequence[Decimal]
    doubts: Sequence[int]
    counts: Sequence[int]


def check_totals(table: Checked, columns: Columns) -> None:
    """Adds a finding for every total or count that agrees with none of the blocks it can mean."""
    if not table.totals or not table.rows:
        return
    numbers: Sequence[int] = table.row_numbers()
    summed = [
        _running(table, c.field, c.unit)
        for c in columns.readers
        if c.kind in ("money", "int") and c.field not in ("year", "age_days") and c.index not in columns.periods
    ]
    for k, total in enumerate(table.totals):
        if plain(total.label).startswith("其中"):
            continue
        blocks = _blocks(table.totals, numbers, k)
        for column in summed:
            value = total.values.get(column.field)
            if value is None or not isinstance(value.value, Decimal):
                continue
            flag = _compare(table, blocks, value, value.value, column, total.label)
            if flag is not None:
                table.flag_total(k, flag)
        count = _COUNT.search(plain(total.label))
        if count is not None and int(count[1]) not in {end - start for start, end in blocks}:
            start, end = blocks[0]
            message = f"第{total.row}行“{total.label}”所写笔数与明细{end - start}行不符，请核对是否漏填或重复。"
            table.flag_total(k, Flag(kind="count_mismatch", message=message))


def _running(table: Checked, field: str, unit: str | None) -> _Column:
    if isinstance(table.rows, RowStore):
        from extractors.ledger.bulk_sums import RunningSums

        running = RunningSums(table.rows, field)
        return _Column(field=field, unit=unit, sums=running, doubts=running.doubts, counts=running.counts)
    sums, doubts, counts = [Decimal(0)], [0], [0]
    total, doubt, count = Decimal(0), 0, 0
    for row in table.rows:
        value = row.values.get(field)
        if value is not None and isinstance(value.value, Decimal):
            total += value.value
            count += 1
        elif value is not None and isinstance(value.value, tuple):
            doubt += 1
        if row.flags and any(f.field == field and f.kind in UNKNOWN for f in row.flags):
            doubt += value is None or value.value is None
        sums.append(total)
        doubts.append(doubt)
        counts.append(count)
    return _Column(field=field, unit=unit, sums=sums, doubts=doubts, counts=counts)


def _level(label: str) -> str:
    """What kind of total a label is, so that 合计 closes what lies since the last 合计, over the 小计 between."""
    flat = plain(label).strip(":")
    if m := re.match(r"^(?:([(（])?[一二三四五六七八九十]{1,3}[)）]?[、.．]?)", flat):
        return "section" + (m[1] or "")
    for word in ("小计", "合计", "总计", "共计"):
        if word in flat:
            return word
    return flat


def _blocks(totals: tuple[LedgerTotal, ...] | list[LedgerTotal], numbers: Sequence[int], k: int) -> list[Block]:
    """The stretches of rows a total may add up, the likeliest first; never empty ones."""
    here = bisect_left(numbers, totals[k].row)
    whole = (0, len(numbers))
    flat = plain(totals[k].label).strip(":")
    is_whole = flat in word_set("totals", "whole") or flat in word_set("totals", "places") or bool(_ALL.match(flat))
    if is_whole and len(totals) == 1:
        return [whole]
    level = _level(totals[k].label)
    before = [t.row for t in totals[:k]]
    after = [t.row for t in totals[k + 1 :]]
    same_before = [t.row for t in totals[:k] if _level(t.label) == level]
    same_after = [t.row for t in totals[k + 1 :] if _level(t.label) == level]

    def since(rows: list[int]) -> Block:
        return (bisect_left(numbers, rows[-1]) if rows else 0, here)

    def until(rows: list[int]) -> Block:
        return (here, bisect_left(numbers, rows[0]) if rows else len(numbers))

    near = [since(before), until(after), since(same_before), until(same_after)]
    wide = [whole, (0, here)]
    ordered = [*wide, *near] if is_whole else [*near, *wide] if level != "小计" else near
    return [b for b in dict.fromkeys(ordered) if b[1] > b[0]] or [whole]


def _compare(
    table: Checked, blocks: list[Block], value: CellValue, said: Decimal, column: _Column, label: str
) -> Flag | None:
    best: tuple[Decimal, int] | None = None
    for start, end in blocks:
        if column.doubts[end] > column.doubts[start]:
            return None  # an unknown or approximate part: the sum cannot be held against the total
        expected = column.sums[end] - column.sums[start]
        gap = said - expected
        if abs(gap) <= Decimal("0.005") or abs(gap) < _slack(table, (start, end), value, column) / 2:
            return None
        if best is None or abs(gap) < abs(said - best[0]):
            best = (expected, int(column.counts[end] - column.counts[start]))
    if best is None:
        return None
    expected, count = best
    message = (
        f"{value.cell}格“{label}”的“{label_of(column.field)}”为{shown(said)}，与明细{count}行之和{shown(expected)}"
        f"相差{shown(said - expected)}，请核对。"
    )
    return Flag(kind="total_mismatch", field=column.field, cell=value.cell, message=message)


def _slack(table: Checked, block: Block, total: CellValue, column: _Column) -> Decimal:
    """How far a total may be off by its own rounding: one last digit when it is printed coarser than its parts."""
    places = decimals(total.raw)
    rows = table.stretch(column.field, *block)
    coarser = any((v := r.values.get(column.field)) is not None and decimals(v.raw) > places for r in rows)
    return last_digit(total.raw, column.unit) * Decimal("1.0001") if coarser else Decimal(0)
