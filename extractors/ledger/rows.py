"""The body of a table: which rows are debts, which totals, notes, signatures, headings; and their typed values."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from extractors.document import Cell
from extractors.facts import CellValue, Flag, LedgerRow, LedgerTotal
from extractors.formats.xlsx_sheet import parse_ref
from extractors.ledger.cells import LOOKUP, Column, Read, message_for, read_cell
from extractors.ledger.columns import Columns, fills_blank, is_tick
from extractors.ledger.formulas import plain_sum
from extractors.ledger.frame import Frame, is_number_row
from extractors.ledger.grid import Grid, has_content
from extractors.ledger.row_kinds import RowKinds
from extractors.ledger.several import add_instalment, several_in_one
from extractors.ledger.units import in_header
from extractors.ledger.words import is_repeat, label_of, tidy, word_set

if TYPE_CHECKING:
    from extractors.ledger.bulk_reading import BulkReading


class Body(msgspec.Struct):
    """The rows of a table sorted into debts and totals, with what else was met on the way."""

    rows: Sequence[LedgerRow]
    totals: list[LedgerTotal]
    number_rows: list[int]
    below: list[list[str]]
    zero_words: list[str]
    zero_owner: str | None
    nil_rows: list[int]
    sections: dict[int, str]


class Reader:
    """Reads one table's body row by row; holds what a later row may repeat from an earlier one."""

    def __init__(self, grid: Grid, frame: Frame, columns: Columns, *, detail: bool) -> None:
        self.grid = grid
        self.columns = columns
        self.readers = columns.readers
        self.detail = detail
        self.left, self.right = frame.left, frame.right
        self.frame = frame
        self.previous: MutableMapping[int, CellValue] = {}
        self.rows: list[LedgerRow] = []
        self.companions: dict[int, dict[str, str]] = {}  # of `previous`: precision, phone beside a name
        self.body = Body(
            rows=self.rows,
            totals=[],
            number_rows=[],
            below=[],
            zero_words=[],
            zero_owner=None,
            nil_rows=[],
            sections={},
        )
        self.section: str | None = None
        self.notes_begun = False
        self.fields = {c.field for c in self.readers}
        self.kinds = RowKinds(grid, frame, columns, detail=detail)
        self.seq, self.arabic = self.kinds.seq, self.kinds.arabic
        self.first_money, self.text_columns = self.kinds.first_money, self.kinds.text_columns
        self.naming = {"subject", "region_name", "debtor_name", "creditor_name"} | {
            c.field for c in self.readers if c.kind in ("money", "int")
        }
        self.by_ref: dict[str, Cell] | None = None
        self.bulk = self._bulk_reading()

    def _bulk_reading(self) -> BulkReading | None:
        """Whole columns at once for a very large sheet, where every row is a debt with columns of its own."""
        bulk = self.grid.table.bulk
        odd_columns = self.columns.periods or any(c.kind == "tick" or c.zero_report for c in self.readers)
        if bulk is None or not self.detail or odd_columns or self.columns.unit_column is not None:
            return None
        from extractors.ledger.bulk_reading import BulkReading

        return BulkReading(self, bulk)

    def read(self) -> Body:
        """Classifies and reads every row of the body, in order."""
        fresh = True
        i = -1
        while (i := i + 1) < len(self.frame.body):
            row = self.frame.body[i]
            if self.bulk is not None and not fresh and self.bulk.plain[row]:
                i = self.bulk.take(i)
                continue
            cells = [c for c in self.grid.texts(row) if self.left <= c.col < self.right]
            if not cells:
                continue
            if fresh and is_number_row(self.grid, row):
                self.body.number_rows.append(row)
                continue
            fresh = False
            if self.kinds.is_around(cells, self.notes_begun):
                self.body.below.append([c.text for c in cells])
                self.notes_begun = True
                continue
            label = self.kinds.total_label(cells)
            if label is None and (heading := self.kinds.group_heading(cells)) is not None:
                label = self.section = heading
            if label is not None:
                values, flags, _ = self._values(row, total=True)
                self.body.totals.append(
                    LedgerTotal(row=self.grid.number(row), label=label, values=values, flags=tuple(flags))
                )
                self.previous.clear()
                continue
            if self.kinds.is_section(cells):
                self.section = tidy(" ".join(c.text for c in cells))
                self.previous.clear()
                continue
            self._data(row, cells)
        if self.bulk is not None:
            self.body.rows = self.bulk.finish()
        return self.body

    def _data(self, row: int, cells: list[Cell]) -> None:
        values, flags, real = self._values(row, total=False)
        zero = self.kinds.nil_word(cells, values, flags)
        if zero is not None:
            self.body.zero_words.append(zero)
            owner = values.get("debtor_name")
            if owner is not None and isinstance(owner.value, str) and self.body.zero_owner is None:
                self.body.zero_owner = owner.value
            if self.detail and ("creditor_name" not in real or zero in word_set("none_words")):
                self.body.nil_rows.append(self.grid.number(row))
                return
        if not real:
            return
        if len(real) == 1 and len(cells) == 1 and not real & self.naming:
            # a date or a name standing alone below the table is part of its signature
            self.body.below.append([c.text for c in cells])
            return
        if row in self.grid.hidden_rows:
            flags.append(
                Flag(
                    kind="hidden_row",
                    message=f"第{self.grid.number(row)}行在表中被隐藏，已照常读取，请确认是否应计入。",
                )
            )
        flags += several_in_one(values)
        if self.section is not None:
            self.body.sections[self.grid.number(row)] = self.section
        extra = self._extra(row)
        if self.section is not None:
            extra.setdefault("分组", self.section)
        self.rows.append(LedgerRow(row=self.grid.number(row), values=values, extra=extra, flags=tuple(flags)))

    def _values(self, row: int, *, total: bool) -> tuple[dict[str, CellValue], list[Flag], set[str]]:
        """Typed values of a row, its flags, and the fields that hold something besides a running number."""
        own = self.grid.own.get(row, {})
        reach = self.grid.reach.get(row, {})
        values: dict[str, CellValue] = {}
        flags: list[Flag] = []
        real: set[str] = set()
        row_unit = self._row_unit(own)
        blank: list[Column] = []
        for column in self.readers:
            cell = own.get(column.index)
            if cell is None or not has_content(cell):
                over = reach.get(column.index)
                if over is None or total or (over.row == row):
                    blank.append(column)
                    continue
                self._from_merge(over, column, values, flags, real)
                continue
            if total and column.kind not in ("money", "int", "ratio"):
                continue
            if not total and is_repeat(cell.text) and column.index in self.previous:
                self._repeat(cell, column, values, flags, real)
                continue
            read = self._computed(cell, column, row_unit, flags)
            self._put(cell, column, read, values, flags, real)
        if not total:
            self._fill_blanks(blank, values, flags, real)
        return values, flags, real

    def _row_unit(self, own: dict[int, Cell]) -> str | None:
        if self.columns.unit_column is None:
            return None
        cell = own.get(self.columns.unit_column)
        return in_header(f"({cell.text})") if cell is not None else None

    def _put(
        self, cell: Cell, column: Column, read: Read, values: dict[str, CellValue], flags: list[Flag], real: set[str]
    ) -> None:
        field = column.field
        evidence = self.grid.anchor(cell)
        if column.kind == "tick":
            if is_tick(cell):
                answer = "no" if field == "undisputed_tick" else "yes"
                if "disputed" in values:
                    answer = "partial"
                values["disputed"] = CellValue(
                    value=answer, raw=cell.text, cell=cell.ref, rule="tick", evidence=evidence
                )
                real.add("disputed")
            return
        if column.index in self.columns.periods:
            if isinstance(read.value, Decimal) and read.value:
                add_instalment(values, column, self.columns.periods[column.index], read.value, cell, evidence)
                real.add(field)
            return
        if read.problem is not None:
            flags.append(
                Flag(kind=read.problem, field=field, cell=cell.ref,
                     message=message_for(read.problem, field, tidy(cell.text), f"{cell.ref}格"))
            )  # fmt: skip
        if read.value is None and not cell.text:
            return
        value = CellValue(
            value=read.value, raw=cell.text, cell=cell.ref, rule=read.rule,
            origin="lookup" if read.rule == LOOKUP else "rule", evidence=evidence,
        )  # fmt: skip
        values[field] = value
        for name, text in read.more.items():
            if name in self.fields:
                continue
            values[name] = CellValue(value=text, raw=cell.text, cell=cell.ref, rule=read.rule, evidence=evidence)
        if read.value is not None:
            self.previous[column.index] = value
            if read.more or column.index in self.companions:
                self.companions[column.index] = read.more
        if field != "seq_no" and (read.value is not None or read.problem is not None):
            real.add(field)

    def _computed(self, cell: Cell, column: Column, row_unit: str | None, flags: list[Flag]) -> Read:
        read = read_cell(cell, column, row_unit)
        if read.rule != "formula_without_value" or column.kind != "money" or cell.formula is None:
            return read
        result = plain_sum(cell.formula, self._number_at)
        if result is None:
            return read
        flags.append(
            Flag(kind="formula_error", field=column.field, cell=cell.ref,
                 message=f"{cell.ref}格公式没有保存结果，已按“{cell.formula.lstrip('=')}”重新计算，请核对。")
        )  # fmt: skip
        done = msgspec.structs.replace(cell, value=result, value_type="number", formula=None)
        return msgspec.structs.replace(read_cell(done, column, row_unit), rule="computed_formula")

    def _number_at(self, ref: str) -> Decimal | None:
        if self.grid.table.bulk is not None:
            return self._number_in_bulk(ref)
        if self.by_ref is None:
            self.by_ref = {c.ref: c for c in self.grid.table.cells}
        cell = self.by_ref.get(ref)
        if cell is None or not has_content(cell):
            return Decimal(0)
        return cell.value if isinstance(cell.value, Decimal) else None

    def _number_in_bulk(self, ref: str) -> Decimal | None:
        place, table = parse_ref(ref), self.grid.table
        if place is None:
            return Decimal(0)
        cell = self.grid.own.get(place[0] + 1 - table.first_row, {}).get(place[1] + 1 - table.first_col)
        if cell is None or not has_content(cell):
            return Decimal(0)
        return cell.value if isinstance(cell.value, Decimal) else None

    def _from_merge(
        self, over: Cell, column: Column, values: dict[str, CellValue], flags: list[Flag], real: set[str]
    ) -> None:
        """A cell covered by one merged over rows: texts are repeated, an amount counts once, in its first row."""
        if not self.left <= over.col <= column.index or over.col != column.index:
            return
        name = label_of(column.field)
        if column.kind in ("money", "int") and column.field in self.fields:
            flags.append(
                Flag(kind="merged_amount", field=column.field, cell=over.ref,
                     message=f"“{name}”在{over.ref}格跨行合并，金额只计入首行，请核对是否应拆分。")
            )  # fmt: skip
            return
        before = len(flags)
        self._put(over, column, read_cell(over, column), values, flags, real)
        del flags[before:]
        if column.field in values and column.field != "seq_no":
            flags.append(
                Flag(
                    kind="filled_repeat",
                    field=column.field,
                    cell=over.ref,
                    message=f"“{name}”取自跨行合并的{over.ref}格。",
                )
            )

    def _repeat(
        self, cell: Cell, column: Column, values: dict[str, CellValue], flags: list[Flag], real: set[str]
    ) -> None:
        before = self.previous[column.index]
        values[column.field] = CellValue(
            value=before.value, raw=cell.text, cell=cell.ref, rule="repeat", origin=before.origin,
            evidence=self.grid.anchor(cell),
        )  # fmt: skip
        for name, text in self.companions.get(column.index, {}).items():
            if name not in self.fields:
                values[name] = msgspec.structs.replace(values[column.field], value=text)
        real.add(column.field)
        flags.append(
            Flag(kind="filled_repeat", field=column.field, cell=cell.ref,
                 message=f"{cell.ref}格填“{tidy(cell.text)}”，“{label_of(column.field)}”取自上文{before.cell}格。")
        )  # fmt: skip

    def _fill_blanks(
        self, blank: list[Column], values: dict[str, CellValue], flags: list[Flag], real: set[str]
    ) -> None:
        """A debt without a debtor under a named one repeats it (grouped lists); what was filled is said."""
        if (
            not self.detail
            or "debtor_name" in values
            or not real & {"creditor_name", "arrears_amount_yuan", "project_name"}
        ):
            return
        if "debtor_name" not in {c.field for c in blank} or "creditor_name" not in self.fields:
            return
        for column in blank:
            before = self.previous.get(column.index)
            if before is None or not fills_blank(column.field):
                continue
            values[column.field] = msgspec.structs.replace(before, raw="", rule="repeat_blank")
            flags.append(
                Flag(kind="filled_repeat", field=column.field, cell=before.cell,
                     message=f"“{label_of(column.field)}”为空，按分组填报取自上文{before.cell}格，请核对。")
            )  # fmt: skip

    def _extra(self, row: int) -> dict[str, str]:
        out: dict[str, str] = {}
        for col, header in self.columns.unmapped.items():
            cell = self.grid.at(row, col)
            if cell is not None and cell.text.strip():
                name = header
                while name in out:
                    name += "′"
                out[name] = tidy(cell.text)
        return out
