"""Tables of a spreadsheet that no ledger was made of: named, since a ledger passed over looks like no debts."""

from __future__ import annotations

from itertools import islice

from extractors.document import Anchor, Document, Notice, Table
from extractors.facts import LedgerTable
from extractors.ledger.grid import Grid, is_numeric
from extractors.ledger.words import tidy

_LOOKED_AT = 60
_ROWS_WITH_FIGURES = 2
_SHOWN = 6


def notices_of_unread(document: Document, found: tuple[LedgerTable, ...]) -> tuple[Notice, ...]:
    """One notice for each sheet that holds rows of names and figures of which no ledger was made.

    The document is partial when nothing at all was made of it; beside a ledger (a budget, a list of offices) such a
    sheet is only named.
    """
    read = {t.sheet for t in found}
    out: list[Notice] = []
    for table in document.tables:
        if table.sheet in read:
            continue
        head = _head_of_figures(table)
        if head is None:
            continue
        place = f"工作表“{table.sheet}”" if table.sheet else "表格"
        message = f"{place}有数据但未认出是哪种台账（表头：{head}），未入库；如是台账，请在来源配置中对照表头。"
        out.append(
            Notice(code="table_not_understood", message=message, anchor=Anchor(sheet=table.sheet), partial=not found)
        )
    return tuple(out)


def _head_of_figures(table: Table) -> str | None:
    """The words above the figures of a table with at least two rows of a name and figures; None for other tables."""
    grid = Grid(table)
    head: list[str] = []
    rows = 0
    for row in islice(grid.rows, _LOOKED_AT):
        cells = grid.texts(row)
        figures = sum(map(is_numeric, cells))
        if not figures and len(cells) >= 2 and not rows:
            head = [tidy(c.text) for c in cells]
        rows += figures > 0 and len(cells) >= 2 and figures < len(cells)
        if rows >= _ROWS_WITH_FIGURES and head:
            more = "…" if len(head) > _SHOWN else ""
            return "、".join(t[:20] for t in head[:_SHOWN]) + more
    return None
