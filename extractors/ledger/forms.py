"""Forms that print label beside value (企业名称 | 某公司 | 联系电话 | …): turned into a table of one row a record.

Complaint sheets and one-unit disclosures come like this. Labels keep the heading they stand under (债权人信息), values
their own cells, so that everything after reads them like any table.
"""

from __future__ import annotations

import msgspec

from extractors.document import Cell, Table
from extractors.ledger.cells import read_disputed
from extractors.ledger.grid import Grid
from extractors.ledger.headers import core, group_of, is_header_word, meanings
from extractors.ledger.parts import part_of
from extractors.ledger.words import MONEY, kind_of, plain, tidy, word_set

MAX_ROWS, MAX_COLS = 80, 16
"""A form fits on a page or two; larger grids are no forms."""

LEAST_LABELS = 3


class Pair(msgspec.Struct, frozen=True):
    """One label with its value, under a heading ("" for none)."""

    heading: str
    label: Cell
    value: Cell | None


def as_table(table: Table) -> Table | None:
    """The form as a table with its labels as header and one row a record; None when the grid is no form of money."""
    if table.bulk is not None or table.rows > MAX_ROWS or table.cols > MAX_COLS:
        return None
    grid = Grid(table)
    pairs, before, after = _pairs(grid)
    rows = len({p.label.row for p in pairs})
    if len(pairs) < LEAST_LABELS or rows * 2 < len(grid.rows) or not any(_is_money(p) for p in pairs):
        return None
    return _drawn(table, pairs, before, after)


def _pairs(grid: Grid) -> tuple[list[Pair], list[str], list[str]]:
    """Label and value pairs in reading order, the lines before the first and after the last of them."""
    pairs: list[Pair] = []
    before: list[str] = []
    after: list[str] = []
    heading = ""
    for row in grid.rows:
        cells = grid.texts(row)
        found = _pairs_of(grid, row, cells)
        if found:
            after.clear()
            aside = _aside(grid, row, cells)
            pairs += [Pair(aside or heading, label, value) for label, value in found]
            continue
        line = "  ".join(tidy(c.text) for c in cells)
        short = bool(pairs) or len(plain(cells[0].text)) <= 8  # above the first label a long line is the title
        if len(cells) == 1 and short and group_of(core(cells[0].text)):
            heading = tidy(cells[0].text)
        else:
            (after if pairs else before).append(line)
    return pairs, before, after


def _pairs_of(grid: Grid, row: int, cells: list[Cell]) -> list[tuple[Cell, Cell | None]]:
    """Every label of a row with what stands right of it; empty when the row is no row of a form."""
    out: list[tuple[Cell, Cell | None]] = []
    k = 0
    while k < len(cells):
        cell = cells[k]
        if k == 0 and _heads(cells):
            k += 1
            continue
        if not _is_label(cell):
            return []
        following = cells[k + 1] if k + 1 < len(cells) else None
        beside = following is not None and following.col == cell.col + cell.col_span
        if beside and following is not None and (not _is_label(following) or _answers(cell, following)):
            out.append((cell, following))
            k += 2
            continue
        if following is None and cell.col + cell.col_span >= grid.right:
            return []  # nothing can stand right of it
        out.append((cell, None))
        k += 1
    filled = sum(1 for _, value in out if value is not None)
    return out if filled * 2 >= len(out) and filled else []


def _is_label(cell: Cell) -> bool:
    text = cell.text.rstrip(" ：:")
    word = core(text)
    if part_of(word) or word in word_set("totals", "whole"):
        return False  # a class of a summary (工程 | 30, 合计 | 60)
    return isinstance(cell.value, str | None) and is_header_word(text)


def _answers(label: Cell, value: Cell) -> bool:
    """Whether what stands beside a label is one of its answers, though it could head a column too (无分歧)."""
    asked = any(m.field == "disputed" for m in meanings((label.text,), {}))
    return asked and read_disputed(plain(value.text)).rule == "disputed_word"


def _heads(cells: list[Cell]) -> bool:
    """Whether the first cell of a row is a heading of its labels (债权人信息 | 企业名称 | …)."""
    first = cells[0]
    if len(cells) < 3 or not group_of(core(first.text)):
        return False
    return first.row_span > 1 or (_is_label(cells[1]) and not _is_label(cells[2]))


def _aside(grid: Grid, row: int, cells: list[Cell]) -> str:
    """The heading left of a row's labels, its own or one merged over several rows."""
    if _heads(cells):
        return tidy(cells[0].text)
    cell = grid.at(row, grid.left)
    return tidy(cell.text) if cell is not None and cell.row_span > 1 and group_of(core(cell.text)) else ""


def _is_money(pair: Pair) -> bool:
    path = (pair.heading, pair.label.text) if pair.heading else (pair.label.text,)
    return any(kind_of(m.field) == MONEY or m.field == "contract_count" for m in meanings(path, {}))


def _drawn(table: Table, pairs: list[Pair], before: list[str], after: list[str]) -> Table:
    """A label that comes again begins the next record."""
    columns: dict[tuple[str, str], int] = {}
    records: list[dict[int, Cell]] = [{}]
    for pair in pairs:
        column = columns.setdefault((pair.heading, plain(pair.label.text)), len(columns))
        if column in records[-1]:
            records.append({})
        if pair.value is not None:
            records[-1][column] = pair.value
    labels = {columns[p.heading, plain(p.label.text)]: p for p in reversed(pairs)}
    has_headings = any(p.heading for p in pairs)
    header = 2 if has_headings else 1
    cells: list[Cell] = []
    wide = 0
    for column, pair in sorted(labels.items(), reverse=True):
        text = pair.label.text.rstrip(" ：:")
        label = _moved(msgspec.structs.replace(pair.label, text=text), header - 1 if pair.heading else 0, column)
        cells.append(label if pair.heading or not has_headings else msgspec.structs.replace(label, row_span=2))
        wide += 1
        if column and labels[column - 1].heading == pair.heading:
            continue
        if pair.heading:
            cells.append(Cell(row=0, col=column, text=pair.heading, col_span=wide))
        wide = 0
    for k, record in enumerate(records):
        cells += [_moved(cell, header + k, column) for column, cell in sorted(record.items())]
    first = next((c.row for record in records for c in record.values()), 0)
    return msgspec.structs.replace(
        table,
        rows=header + len(records),
        cols=len(columns),
        cells=tuple(cells),
        first_row=table.first_row + first - header,
        caption="\n".join(filter(None, (table.caption, *before))),
        after="\n".join(filter(None, (*after, table.after))),
        hidden_rows=(),
        hidden_cols=(),
    )


def _moved(cell: Cell, row: int, col: int) -> Cell:
    return msgspec.structs.replace(cell, row=row, col=col, row_span=1, col_span=1)
