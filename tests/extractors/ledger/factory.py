"""Builds documents with tables by hand, as the readers would, so that layouts can be written down in a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.document import Anchor, Block, Cell, Document, Table
from extractors.formats.grid import column_name

Value = str | int | float | Decimal | bool | None


def cell(
    row: int, col: int, value: Value, *, span: tuple[int, int] = (1, 1), hidden: bool = False, plain: bool = False
) -> Cell:
    """One cell as a sheet reader gives it; strings are text, numbers are numbers (their text the shortest form)."""
    ref = f"r{row + 1}c{col + 1}" if plain else f"{column_name(col)}{row + 1}"
    number = Decimal(str(value)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else None
    return Cell(
        row=row,
        col=col,
        text="" if value is None else str(value),
        row_span=span[0],
        col_span=span[1],
        value=number if number is not None else value if isinstance(value, (str, bool)) else None,
        value_type=None if value is None else "number" if number is not None and not plain else "text",
        ref=ref,
        hidden=hidden,
    )


def table(
    rows: Sequence[Sequence[Value]],
    *,
    merges: Sequence[str] = (),
    sheet: str | None = "Sheet1",
    index: int = 1,
    caption: str = "",
    after: str = "",
    hidden_rows: Sequence[int] = (),
    hidden: bool = False,
) -> Table:
    """A table from lists of values; `merges` are areas like `A1:F1`; text formats have `sheet=None`."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for area in merges:
        (c0, r0), (c1, r1) = (_place(p) for p in area.split(":"))
        spans[(r0, c0)] = (r1 - r0 + 1, c1 - c0 + 1)
        covered |= {(r, c) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1)} - {(r0, c0)}
    cells = tuple(
        cell(r, c, v, span=spans.get((r, c), (1, 1)), hidden=r in hidden_rows, plain=sheet is None)
        for r, row in enumerate(rows)
        for c, v in enumerate(row)
        if v is not None and (r, c) not in covered
    )
    return Table(
        index=index,
        rows=len(rows),
        cols=max((len(r) for r in rows), default=0),
        cells=cells,
        sheet=sheet,
        caption=caption,
        after=after,
        hidden=hidden,
        hidden_rows=tuple(hidden_rows),
    )


def _place(ref: str) -> tuple[int, int]:
    letters = ref.rstrip("0123456789")
    col = 0
    for c in letters:
        col = col * 26 + ord(c) - 64
    return col - 1, int(ref[len(letters) :]) - 1


def document(*tables: Table, fmt: str = "xlsx", text: str = "") -> Document:
    """A document around tables; `text` stands before them."""
    parts = [text] if text else []
    blocks = [Block(start=0, end=len(text), anchor=Anchor(paragraph=1))] if text else []
    for t in tables:
        start = sum(map(len, parts)) + len(parts)
        body = "\n".join(c.text for c in t.cells)
        parts.append(body)
        blocks.append(
            Block(start=start, end=start + len(body), kind="table", anchor=Anchor(table=t.index), table=t.index)
        )
    return Document(
        sha256="0" * 64, name="台账", format=fmt, text="\n".join(parts), blocks=tuple(blocks), tables=tables
    )
