"""`RowStore`: the rows of a very large ledger as columns; a `LedgerRow` is made when one is looked at.

It is a sequence of `LedgerRow`, equal in every value, cell name and flag to the rows that a small ledger keeps as
objects. Most rows are plain and live in arrays; rows that needed a closer look (merged, repeated, doubtful ones) are
kept as they are. Nothing here decides anything: what a cell means was decided by `extractors.ledger`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, overload

import msgspec

from extractors.document import Anchor, exact
from extractors.facts import CellValue, Flag, LedgerRow

ABSENT, NUMBER, TEXT, CODED, SHOWN = 0, 1, 2, 3, 4
"""How a value is kept: not there; `payload` x 10^-`exponent` (times the column's factor); a text by its number; one of
the column's entries; a whole number kept as the text it shows (running numbers)."""
AS_WRITTEN = 65_535
"""In place of a style: the number was a text, and its raw text is the number as written."""
_AT_ONCE = 1_000


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One distinct content of a column: what stood there and what it was read as."""

    raw: str
    value: Any
    rule: str
    more: dict[str, str] = {}
    problem: str | None = None
    message: str = ""  # of the problem, with {} where the cell's name belongs

    def __post_init__(self) -> None:
        if type(self.value) is int or type(self.value) is list:
            msgspec.structs.force_setattr(self, "value", exact(self.value))


class StoredColumn(msgspec.Struct, kw_only=True):
    """One column: arrays over the plain rows, and what is the same for all its cells.

    `field` is None for a column kept whole under its own header. `factor` is the money unit's (1 for counts, None where
    the unit is not known); `rule` that of a number; `unknown` the message of a number without a unit.
    """

    field: str | None
    header: str
    letters: str
    lane: Any
    payload: Any
    exponent: Any
    style: Any
    entries: list[Entry] = []
    is_money: bool = False
    factor: Decimal | None = None
    rule: str = "number"
    unknown: str = ""


class RowStore(Sequence[LedgerRow]):
    """Rows in order: plain ones by their place in the columns, others as objects.

    `order[i]` is a plain row's place, or -1 - k for the k-th other row. `numbers` are the plain rows' numbers in the
    file, `sections` the (position, heading) from which on a heading holds. `texts` gives texts by their numbers,
    `shown` the text a person sees of (payload, exponent, style).
    """

    def __init__(
        self,
        *,
        columns: list[StoredColumn],
        numbers: Any,
        order: Any,
        others: list[LedgerRow],
        sections: list[tuple[int, str | None]],
        texts: Any,
        formats: list[str],
        epoch_1904: bool,
        sheet: str | None,
        table: int,
        fields: frozenset[str],
    ) -> None:
        self.columns, self.numbers, self.order, self.others = columns, numbers, order, others
        self.sections, self.texts, self.formats, self.epoch_1904 = sections, texts, formats, epoch_1904
        self.sheet, self.table, self.fields = sheet, table, fields
        self.added: dict[int, tuple[Flag, ...]] = {}
        self._starts = [at for at, _ in sections]

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, index: int) -> LedgerRow: ...
    @overload
    def __getitem__(self, index: slice) -> list[LedgerRow]: ...
    def __getitem__(self, index: int | slice) -> LedgerRow | list[LedgerRow]:
        if isinstance(index, slice):
            return self._make(list(range(*index.indices(len(self)))))
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError(index)
        return self._make([position])[0]

    def __iter__(self) -> Iterator[LedgerRow]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self._make(list(range(start, min(start + _AT_ONCE, len(self)))))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def add_flag(self, position: int, flag: Flag) -> None:
        """A further flag on a row."""
        self.added[position] = (*self.added.get(position, ()), flag)

    def problems(self, field: str | None = None) -> Iterator[tuple[str, str | None]]:
        """(kind, field) of every kind of flag that rows carry, of one field where it is named; each at least once."""
        for column in self.columns:
            if column.field is None or field not in (None, column.field):
                continue
            if column.is_money and column.factor is None and ((column.lane == NUMBER) & (column.payload != 0)).any():
                yield "unit_unknown", column.field
            yield from {(e.problem, column.field) for e in column.entries if e.problem is not None}
        for row in self.others:
            yield from ((f.kind, f.field) for f in row.flags if field in (None, f.field))

    def row_numbers(self) -> Any:
        """The number in the file of every row, in order."""
        import numpy as np

        order = np.asarray(self.order)
        others = np.array([r.row for r in self.others] or [0], np.int64)
        plain = self.numbers[np.maximum(order, 0)] if len(self.numbers) else np.zeros(len(order), np.int64)
        return np.where(order >= 0, plain, others[np.maximum(-1 - order, 0)])

    def column(self, field: str) -> StoredColumn | None:
        """The column of a field; None when the plain rows have none."""
        return next((c for c in self.columns if c.field == field), None)

    def lines(self, fields: Iterable[str], positions: Sequence[int] | None = None) -> Iterator[tuple[int, LedgerRow]]:
        """(position, row) of some rows or all, with the values of some fields only."""
        wanted = set(fields)
        columns = [c for c in self.columns if c.field in wanted]
        todo: Sequence[int] = range(len(self)) if positions is None else positions
        for start in range(0, len(todo), _AT_ONCE):
            part = list(todo[start : start + _AT_ONCE])
            yield from zip(part, self._make(part, columns), strict=True)

    def texts_of(self, field: str, most: int = 2) -> set[str]:
        """The different texts of a field, no more than `most` of them."""
        import numpy as np

        out = {v.value for r in self.others if (v := r.values.get(field)) is not None and isinstance(v.value, str)}
        column = self.column(field)
        if column is not None:
            used = np.unique(column.payload[column.lane == CODED]).tolist()
            out |= {v for k in used if isinstance(v := column.entries[k].value, str)}
            if len(out) < most:
                out |= {t.strip() for t in self.texts.take(np.unique(column.payload[column.lane == TEXT]))}
        return set(sorted(out)[:most])

    def having(self, field: str) -> list[int]:
        """Positions of rows that may have a value of a field."""
        import numpy as np

        column = self.column(field)
        plain = np.zeros(len(self.numbers) + 1, bool)
        if column is not None:
            plain[:-1] = column.lane != ABSENT
        single = np.array([field in r.values for r in self.others] or [False])
        order = np.asarray(self.order)
        found = np.where(order >= 0, plain[np.maximum(order, 0)], single[np.maximum(-1 - order, 0)])
        positions: list[int] = np.flatnonzero(found).tolist()
        return positions

    def floats(self, field: str) -> Any:
        """A field's amounts as doubles, by position; NaN where there is none. Good to find what to look at."""
        import numpy as np

        column = self.column(field)
        plain = np.full(len(self.numbers) + 1, np.nan)
        if column is not None:
            number = column.lane == NUMBER
            values = column.payload / 10.0**column.exponent
            if column.factor is None:  # zero is zero in any unit
                values = np.where(column.payload == 0, 0.0, np.nan)
            else:
                values *= float(column.factor)
            plain[:-1][number] = values[number]
            known = [float(e.value) if isinstance(e.value, Decimal) else np.nan for e in column.entries]
            coded = column.lane == CODED
            if known:
                plain[:-1][coded] = np.array(known)[column.payload[coded]]
        others = [v.value if (v := r.values.get(field)) is not None else None for r in self.others]
        single = np.array([float(v) if isinstance(v, Decimal) else np.nan for v in others] or [np.nan])
        order = np.asarray(self.order)
        return np.where(order >= 0, plain[np.maximum(order, 0)], single[np.maximum(-1 - order, 0)])

    def long_figures(self, fields: Iterable[str]) -> Any:
        """By position: whether an amount has more digits than a double can tell apart."""
        import numpy as np

        wanted = set(fields)
        plain = np.zeros(len(self.numbers) + 1, bool)
        for column in self.columns:
            if column.field in wanted and column.entries:
                long = np.array([_is_long(e.value) for e in column.entries])
                coded = column.lane == CODED
                plain[:-1] |= coded & long[np.where(coded, column.payload, 0)]
        single = [any(_is_long(v.value) for f, v in r.values.items() if f in wanted) for r in self.others]
        order = np.asarray(self.order)
        others = np.array(single or [False])
        return np.where(order >= 0, plain[np.maximum(order, 0)], others[np.maximum(-1 - order, 0)])

    def keys(self, field: str, form: Callable[[str], str]) -> Any:
        """Numbers by position that are equal where a field's texts are in a normal form; -1 where it has none."""
        import numpy as np

        column = self.column(field)
        known: dict[str, int] = {}
        plain = np.full(len(self.numbers) + 1, -1, np.int64)
        if column is not None:
            text = column.lane == TEXT
            if text.any():
                numbers, inverse = np.unique(column.payload[text], return_inverse=True)
                same, distinct = self.texts.distinct(numbers)
                codes = [known.setdefault(form(t), len(known)) for t in distinct]
                plain[:-1][text] = np.array(codes)[same][inverse]
            coded = column.lane == CODED
            if coded.any():
                listed = [known.setdefault(form(str(e.value)), len(known)) for e in column.entries]
                plain[:-1][coded] = np.array(listed)[column.payload[coded]]
        others = [v.value if (v := r.values.get(field)) is not None else None for r in self.others]
        single = np.array([-1 if v is None else known.setdefault(form(str(v)), len(known)) for v in others] or [-1])
        order = np.asarray(self.order)
        return np.where(order >= 0, plain[np.maximum(order, 0)], single[np.maximum(-1 - order, 0)])

    # --- rows
    def _make(self, positions: list[int], columns: list[StoredColumn] | None = None) -> list[LedgerRow]:
        import numpy as np

        chosen = self.columns if columns is None else columns
        order = [int(self.order[p]) for p in positions]
        plain = np.array([o for o in order if o >= 0], np.int64)
        numbers = self.numbers[plain].tolist() if len(plain) else []
        cells = [self.cells_of(c, plain, numbers) for c in chosen]
        out: list[LedgerRow] = []
        k = 0
        for position, place in zip(positions, order, strict=True):
            more = self.added.get(position, ())
            if place < 0:
                row = self.others[-1 - place]
                out.append(msgspec.structs.replace(row, flags=row.flags + more) if more else row)
                continue
            out.append(self._row(position, numbers[k], chosen, [c[k] for c in cells], more))
            k += 1
        return out

    def _row(
        self, position: int, number: int, columns: list[StoredColumn], cells: list[Any], added: tuple[Flag, ...]
    ) -> LedgerRow:
        values: dict[str, CellValue] = {}
        flags: list[Flag] = []
        extra: dict[str, str] = {}
        for column, made in zip(columns, cells, strict=True):
            if made is None:
                continue
            value, more, flag = made
            if column.field is None:
                name = column.header
                while name in extra:
                    name += "′"
                extra[name] = value
                continue
            values[column.field] = value
            if flag is not None:
                flags.append(flag)
            for name, text in more.items():
                if name not in self.fields:
                    values[name] = msgspec.structs.replace(value, value=text)
        section = self.section_at(position)
        if section is not None:
            extra.setdefault("分组", section)
        return LedgerRow(row=number, values=values, extra=extra, flags=(*flags, *added))

    def section_at(self, position: int) -> str | None:
        """The heading that a row stands under."""
        at = bisect_right(self._starts, position) - 1
        return self.sections[at][1] if at >= 0 else None

    def cells_of(self, column: StoredColumn, plain: Any, numbers: list[int]) -> list[Any]:
        """(value, companions, flag) of each cell, or the text of an unmapped column's; None for absent ones."""
        import numpy as np

        lanes = column.lane[plain].tolist()
        payloads = column.payload[plain].tolist()
        exponents = column.exponent[plain].tolist()
        styles = column.style[plain].tolist()
        wanted = [p for p, lane in zip(payloads, lanes, strict=True) if lane == TEXT]
        texts = iter(self.texts.take(np.array(wanted, np.int64)) if wanted else ())
        out: list[Any] = []
        for lane, payload, exponent, style, number in zip(lanes, payloads, exponents, styles, numbers, strict=True):
            if lane == ABSENT:
                out.append(None)
                continue
            entry = column.entries[payload] if lane == CODED else None
            if column.field is None:
                text = next(texts).strip() if lane == TEXT else ""
                out.append((entry.raw if entry else text or self.raw(payload, exponent, style), None, None))
                continue
            ref = f"{column.letters}{number}"
            anchor = (
                Anchor(sheet=self.sheet, cell=ref) if self.sheet is not None else Anchor(table=self.table, cell=ref)
            )
            if entry is not None:
                flag = None
                if entry.problem is not None:
                    message = entry.message.replace("{}", ref, 1)
                    flag = Flag(kind=entry.problem, field=column.field, cell=ref, message=message)
                made = CellValue(
                    value=entry.value, raw=entry.raw, cell=ref, rule=entry.rule,
                    origin="lookup" if entry.rule == "lookup" else "rule", evidence=anchor,
                )  # fmt: skip
                out.append((made, entry.more, flag))
            elif lane == TEXT:
                text = next(texts).strip()
                out.append((CellValue(value=text, raw=text, cell=ref, rule="text", evidence=anchor), {}, None))
            else:
                out.append(self._number(column, lane, payload, exponent, style, ref, anchor))
        return out

    def _number(
        self, column: StoredColumn, lane: int, payload: int, exponent: int, style: int, ref: str, anchor: Anchor
    ) -> tuple[CellValue, dict[str, str], Flag | None]:
        raw = self.raw(payload, exponent, style)
        if lane == SHOWN:
            return CellValue(value=raw, raw=raw, cell=ref, rule="text", evidence=anchor), {}, None
        value: Decimal | None = Decimal(payload).scaleb(-exponent) if exponent else Decimal(payload)
        rule, flag = column.rule, None
        if column.is_money:
            if not payload:
                value = Decimal(0)
            elif column.factor is None:
                value, rule = None, "money_none"
                message = column.unknown.replace("{}", ref, 1).replace("{raw}", raw, 1)
                flag = Flag(kind="unit_unknown", field=column.field, cell=ref, message=message)
            elif value is not None:
                value = value * column.factor
        return CellValue(value=value, raw=raw, cell=ref, rule=rule, evidence=anchor), {}, flag

    def raw(self, payload: int, exponent: int, style: int) -> str:
        """The text a person sees of a number."""
        fmt = self.formats[style] if style < len(self.formats) else "General"
        if not exponent and (style == AS_WRITTEN or fmt == "General"):
            return str(payload)
        number = Decimal(payload).scaleb(-exponent)
        if style == AS_WRITTEN:
            return f"{number:f}"
        from extractors.formats.xlsx_sheet import typed_number

        return typed_number(number, fmt, epoch_1904=self.epoch_1904)[0]


def _is_long(value: Any) -> bool:
    return isinstance(value, Decimal) and len(value.as_tuple().digits) > 15
