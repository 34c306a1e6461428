"""From a value's evidence to what is shown of its spot: a page, a paragraph, a window of a sheet, or why nothing is.

The reader's regions are kept: of a paper that is another region's as a whole, only the reader's own row of a ledger is
shown, never the text around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.evidence import pages, passages, sheets
from console.evidence.pages import PageView
from console.evidence.passages import Passage
from console.evidence.place import Place, place_of
from console.evidence.sheets import Window
from console.masking import Masker
from warehouse.beside import ledger_window
from warehouse.explore import spots
from warehouse.explore.spots import Document
from warehouse.previews import KeptTable, Preview, read_preview

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class About:
    """What a spot is asked for: the file, the evidence, and what helps to mark the very words.

    `start`, `end` are offsets into the document's text and `raw` the text in the source, where they are known.
    `table_index` and `row_number` are those of a ledger row.
    """

    document_id: str
    evidence: str | None
    raw: str | None = None
    start: int | None = None
    end: int | None = None
    table_index: int | None = None
    row_number: int | None = None

    @property
    def span(self) -> tuple[int, int] | None:
        """The offsets, when both are known."""
        return None if self.start is None or self.end is None else (self.start, self.end)


@dataclass(frozen=True, slots=True)
class Spot:
    """What is shown. Each part may be missing; `problem` is the key of the words that say why nothing is shown."""

    document: Document
    place: Place
    page: PageView | None = None
    passage: Passage | None = None
    sheet: Window | None = None
    problem: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to look at."""
        return self.page is not None or self.passage is not None or self.sheet is not None


def spot_of(
    home: Path,
    connection: duckdb.DuckDBPyConnection,
    about: About,
    masker: Masker,
    *,
    may_see_all: bool,
    document: Document | None = None,
) -> Spot | None:
    """The spot of a value; None when the warehouse has no such file. `may_see_all` is False for a reader to whose
    regions the file as a whole does not belong. `document` is the file, where it has been read already."""
    document = document or spots.document_of(connection, about.document_id)
    if document is None:
        return None
    place = place_of(about.evidence)
    preview = read_preview(home, document.document_id, document.extractor_version)
    bare = Spot(document, place)
    if preview is None:
        return replace(bare, problem="evidence.no_preview")
    if preview.format is None:
        return replace(bare, problem="evidence.unread")
    sheet = _sheet(connection, preview, about, place, masker, only_row=not may_see_all)
    if not may_see_all:
        return replace(bare, sheet=sheet, problem=None if sheet else "evidence.other_region")
    if place.page is not None:
        view = pages.page_view(home, preview, place, raw=about.raw, span=about.span, masker=masker)
        return replace(bare, page=view, sheet=sheet)
    if sheet is not None:
        return replace(bare, sheet=sheet)
    passage = passages.passage(preview, place, span=about.span, raw=about.raw, masker=masker)
    if passage is None:
        return _start(home, preview, bare, masker)
    return replace(bare, passage=passage)


def _start(home: Path, preview: Preview, bare: Spot, masker: Masker) -> Spot:
    """How the file begins, when no spot is known."""
    if preview.pages:
        view = pages.page_view(home, preview, Place(page=1), raw=None, span=None, masker=masker)
        return replace(bare, page=view)
    if preview.tables and all(b.table is not None for b in preview.blocks[:3]):
        window = sheets.window(preview.tables[0], Place(), columns={}, first_data_row=None, masker=masker)
        return replace(bare, sheet=window, problem=None if window else "evidence.empty")
    passage = passages.beginning(preview, masker)
    return replace(bare, passage=passage, problem=None if passage else "evidence.empty")


def _sheet(
    connection: duckdb.DuckDBPyConnection,
    preview: Preview,
    about: About,
    place: Place,
    masker: Masker,
    *,
    only_row: bool,
) -> Window | None:
    """The window of a table, when the place is in one."""
    if place.cell is None and place.row is None:
        return None
    table = preview.table(index=place.table or about.table_index, sheet=place.sheet, cell=place.cell)
    if table is None:
        return None
    columns, first = spots.table_of(connection, about.document_id, table.index)
    known = sheets.columns_of(columns)
    wanted = about.row_number or place.row
    is_rebuilt = table.kept_rows is not None and wanted is not None and wanted - table.first_row >= table.kept_rows
    if is_rebuilt and wanted is not None:
        table = _rebuilt(connection, about, table, wanted, known)
    return sheets.window(
        table, place, columns=known, first_data_row=first, masker=masker, only_row=only_row, is_rebuilt=is_rebuilt
    )


def _rebuilt(
    connection: duckdb.DuckDBPyConnection, about: About, table: KeptTable, row: int, known: dict[int, Any]
) -> KeptTable:
    rows, _ = ledger_window(connection, about.document_id, table.index, row, sheets.ROWS_AROUND)
    return sheets.rebuilt(table, rows, known)
