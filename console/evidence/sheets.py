"""A window of a table around a cell: header, the rows above and below, the columns beside it, nothing of the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from console.evidence.place import Place
from console.masking import Masker
from warehouse.previews import KeptCell, KeptTable

ROWS_AROUND = 2
COLUMNS_AROUND = 4
FIRST_COLUMNS = 3
HEADER_ROWS = 4
_REF = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_GRID_REF = re.compile(r"r([1-9]\d{0,6})c([1-9]\d{0,4})")


@dataclass(frozen=True, slots=True)
class Column:
    """A ledger column as it was understood: header path, canonical field, unit."""

    header: str
    field: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of the window."""

    text: str
    ref: str
    is_marked: bool = False
    is_header: bool = False
    row_span: int = 1
    col_span: int = 1
    formula: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the window; `number` is the file's own. `is_gap`: rows are left out here."""

    number: int
    cells: tuple[Shown, ...] = ()
    is_here: bool = False
    is_gap: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown of a table. `names` are the letters or numbers of its columns, None where some are left out."""

    sheet: str | None
    table: int
    caption: str
    names: tuple[str | None, ...]
    lines: tuple[Line, ...]
    cell: str | None
    header: str | None
    unit: str | None
    is_rebuilt: bool = False  # from the ledger's rows: the cells of so large a sheet are not kept
    kind: str = "sheet"

    @property
    def marked(self) -> str:
        """The text of the marked cell."""
        return next((c.text for line in self.lines for c in line.cells if c.is_marked), "")


@dataclass(slots=True)
class Grid:
    """Cells by place, merged areas filled with their cell."""

    at: dict[tuple[int, int], KeptCell] = field(default_factory=dict)

    def put(self, cells: Iterable[KeptCell], rows: Sequence[int]) -> None:
        """Take in the cells that touch these rows."""
        wanted = set(rows)
        for c in cells:
            for r in range(c.row, c.row + c.row_span):
                if r in wanted:
                    for k in range(c.col, c.col + c.col_span):
                        self.at[r, k] = c


def columns_of(text: str | None) -> dict[int, Column]:
    """The columns of a ledger table by their number in the grid, from `ledger_tables.columns`."""
    listed: list[dict[str, Any]] = msgspec.json.decode(text) if text else []
    return {int(c["index"]): Column(c["header"], c.get("field"), c.get("unit")) for c in listed}


def position(table: KeptTable, place: Place) -> tuple[int | None, int | None]:
    """Grid row and column of a place in a table; None for what the place does not say."""
    row = place.row - table.first_row if place.row is not None else None
    if place.cell is None:
        return row, None
    found = next(((c.row, c.col) for c in table.cells if c.ref == place.cell), None)
    if found is not None:
        return found
    if m := _GRID_REF.fullmatch(place.cell):
        return int(m[1]) - 1, int(m[2]) - 1
    if m := _REF.fullmatch(place.cell):
        return int(m[2]) - table.first_row, _number(m[1]) - table.first_col
    return row, None


def window(
    table: KeptTable,
    place: Place,
    *,
    columns: dict[int, Column],
    first_data_row: int | None,
    masker: Masker,
    only_row: bool = False,
    is_rebuilt: bool = False,
) -> Window | None:
    """The window around a place; the head of the table where no row is named. `first_data_row` is the file's number of
    the first record. `only_row` leaves out the neighbours, which the reader may not see. None for an empty table."""
    row, col = position(table, place)
    if not table.cells or (row is not None and not 0 <= row < table.rows):
        return None
    data = first_data_row - table.first_row if first_data_row is not None else 1
    rows = _rows(table, row, data, only_row=only_row)
    grid = Grid()
    grid.put(table.cells, [r for r in rows if r is not None])
    cols = _columns(table, col)
    lines = []
    for i, r in enumerate(rows):
        if r is None:
            lines.append(Line(0, is_gap=True))
            continue
        cells = _cells(grid, rows, i, cols, (row, col), data, columns, masker)
        lines.append(Line(table.first_row + r, cells, is_here=r == row))
    column = columns.get(col) if col is not None else None
    return Window(
        sheet=table.sheet,
        table=table.index,
        caption=masker.text(table.caption),
        names=tuple(None if c is None else _name(table, c) for c in cols),
        lines=tuple(lines),
        cell=place.cell,
        header=column.header if column else None,
        unit=column.unit if column else None,
        is_rebuilt=is_rebuilt,
    )


def rebuilt(table: KeptTable, rows: Sequence[dict[str, Any]], columns: dict[int, Column]) -> KeptTable:
    """A table whose cells are put together from ledger rows (`beside.ledger_window`), under the header that was kept;
    where even that is missing, under the header paths."""
    cells = list(table.cells)
    if not cells:
        cells = [KeptCell(0, i, c.header) for i, c in columns.items()]
    for line in rows:
        refs: dict[str, str] = msgspec.json.decode(line["cells"] or "{}")
        raws: dict[str, str] = msgspec.json.decode(line["raw"] or "{}")
        for name, ref in refs.items():
            m = _REF.fullmatch(ref)
            if m is not None and name in raws:
                cells.append(KeptCell(int(m[2]) - table.first_row, _number(m[1]) - table.first_col, raws[name], ref))
    unique = {(c.row, c.col): c for c in cells}
    return msgspec.structs.replace(table, cells=tuple(unique.values()))


def _rows(table: KeptTable, row: int | None, data: int, *, only_row: bool) -> list[int | None]:
    """Grid rows to show, None for a gap: the header, then the row with its neighbours."""
    header = list(range(max(0, data - HEADER_ROWS), min(max(data, 1), table.rows)))
    if row is None:
        body = [] if only_row else list(range(len(header), min(len(header) + 8, table.rows)))
    else:
        around = 0 if only_row else ROWS_AROUND
        body = list(range(max(0, row - around), min(row + around + 1, table.rows)))
    wanted = sorted({*header, *body})
    out: list[int | None] = []
    for r in wanted:
        if out and out[-1] is not None and r > out[-1] + 1:
            out.append(None)
        out.append(r)
    return out


def _columns(table: KeptTable, col: int | None) -> list[int | None]:
    """Grid columns to show, None where some are left out."""
    if table.cols <= FIRST_COLUMNS + 2 * COLUMNS_AROUND + 1:
        return list(range(table.cols))
    middle = COLUMNS_AROUND + FIRST_COLUMNS if col is None else col
    near = range(max(0, middle - COLUMNS_AROUND), min(middle + COLUMNS_AROUND + 1, table.cols))
    wanted = sorted({*range(min(FIRST_COLUMNS, table.cols)), *near})
    out: list[int | None] = []
    for c in wanted:
        if out and out[-1] is not None and c > out[-1] + 1:
            out.append(None)
        out.append(c)
    if wanted[-1] < table.cols - 1:
        out.append(None)
    return out


def _cells(
    grid: Grid,
    rows: Sequence[int | None],
    i: int,
    cols: Sequence[int | None],
    here: tuple[int | None, int | None],
    data: int,
    columns: dict[int, Column],
    masker: Masker,
) -> tuple[Shown, ...]:
    """The cells of one row; a merged area is one cell over what the window shows of it."""
    r = rows[i]
    assert r is not None
    out: list[Shown] = []
    j = 0
    while j < len(cols):
        c = cols[j]
        if c is None:
            out.append(Shown("", ""))
            j += 1
            continue
        cell = grid.at.get((r, c))
        width = 1
        while cell is not None and j + width < len(cols) and _same(grid, r, cols[j + width], cell):
            width += 1
        before = rows[i - 1] if i else None
        if cell is None or before is None or not _same(grid, before, c, cell):
            height = 1
            while cell is not None and i + height < len(rows) and _same(grid, rows[i + height], c, cell):
                height += 1
            is_here = _covers(cell, r, c, *here)
            column = columns.get(c)
            text = "" if cell is None else _masked(cell.text, column if r >= data else None, masker)
            ref = cell.ref if cell else ""
            formula = cell.formula if cell else None
            out.append(Shown(text, ref, is_here, r < data, height, width, formula))
        j += width
    return tuple(out)


def _same(grid: Grid, r: int | None, c: int | None, cell: KeptCell) -> bool:
    return r is not None and c is not None and grid.at.get((r, c)) is cell


def _covers(cell: KeptCell | None, r: int, c: int, row: int | None, col: int | None) -> bool:
    """Whether the place meant is this cell, or in the merged area that it stands for."""
    if row is None or col is None:
        return False
    if cell is None:
        return (r, c) == (row, col)
    return cell.row <= row < cell.row + cell.row_span and cell.col <= col < cell.col + cell.col_span


def _masked(text: str, column: Column | None, masker: Masker) -> str:
    if column is not None and column.field is not None:
        return str(masker.field(column.field, text))
    return masker.text(text)


def _number(letters: str) -> int:
    """A column's number from 1: A → 1, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _name(table: KeptTable, col: int) -> str:
    """A column as the file names it: letters in sheets, a number elsewhere."""
    if not any(_REF.fullmatch(c.ref) for c in table.cells[:50]):
        return str(col + 1)
    number, letters = table.first_col + col, ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
