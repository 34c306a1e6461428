"""`Document`: what every reader hands on, whatever the file was.

One text, cut into blocks and tables, and every piece points back to the spot it came from. Readers of flowing
formats (txt, html, docx) anchor to paragraphs, paginated ones (pdf) to pages and boxes, sheets to cells.

Two rules hold for every reader and are tested for all of them:

* `text` has LF newlines only and no BOM, and offsets are Python character offsets into it;
* nothing that was read is left out of `text` without a `Notice` saying what and where.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

if TYPE_CHECKING:
    from extractors.bulk import Bulk

    Scalar = str | bool | Decimal | None
    BulkCells: TypeAlias = Bulk | None
else:
    BulkCells = Any
    # A union of str and Decimal cannot be told apart in JSON by type alone; see `exact`.
    Scalar = Any


def exact(value: Any) -> Any:
    """Numbers of JSON as Decimal. Decoders of `Scalar` use `float_hook=Decimal`; whole numbers come as int."""
    if type(value) is int:
        return Decimal(value)
    if type(value) is list:
        return tuple(exact(v) for v in value)
    return value


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where in the original file a piece was read.

    `page` counts from 1; `bbox` is (x0, y0, x1, y1) in PDF points from the page's top-left; `paragraph` counts
    from 1 in flowing formats; `sheet` and `cell` name a spreadsheet cell (`F7`); `table` counts from 1 and
    `cell` is then `r7c6` (docx, pdf, html), rows and columns from 1.
    """

    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    paragraph: int | None = None
    sheet: str | None = None
    table: int | None = None
    cell: str | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something the reader could not do fully; a document that carries one marked `partial` is `partial`.

    `code` is a stable snake_case word, `message` one sentence a steward understands, with the place.
    """

    code: str
    message: str
    anchor: Anchor | None = None
    partial: bool = False


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch `text[start:end]` of the document: a paragraph, heading, line of a page or a table's text.

    `kind` is one of `paragraph, heading, table, header, footer, note`. `edges` are the x positions of the
    character boundaries (len = end - start + 1) where the format knows them, for exact evidence boxes.
    """

    start: int
    end: int
    kind: str = "paragraph"
    anchor: Anchor
    table: int | None = None
    edges: tuple[float, ...] | None = None
    confidence: float | None = None  # of recognised text, 0 to 1; None where the characters stand in the file itself


class Cell(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One cell of a table; `row` and `col` count from 0, spans from 1.

    `text` is what a person sees as far as the format tells; `value` the typed value of the file when it has one
    (numbers as Decimal of their shortest exact decimal form, dates as ISO text with `value_type` "date").
    """

    row: int
    col: int
    text: str
    row_span: int = 1
    col_span: int = 1
    value: Scalar = None
    value_type: str | None = None  # text | number | date | bool | error | None = blank
    number_format: str | None = None
    formula: str | None = None
    ref: str = ""  # F7 in sheets, r7c6 elsewhere
    hidden: bool = False
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        value: Any = self.value
        if type(value) is int:
            msgspec.structs.force_setattr(self, "value", exact(value))


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A grid of cells. Cells are sparse: blanks may be missing; a merged area appears once, at its top-left.

    `first_row` is the 1-based number of grid row 0 in the original (sheet row), so that row numbers reported to
    people are those of the file. `caption` is text just above the table outside its grid, `after` just below.
    """

    index: int  # from 1 over the whole document
    rows: int
    cols: int
    cells: tuple[Cell, ...]
    sheet: str | None = None
    page: int | None = None
    first_row: int = 1
    first_col: int = 1
    caption: str = ""
    after: str = ""
    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()  # grid rows, from 0
    hidden_cols: tuple[int, ...] = ()
    bulk: BulkCells = None  # the cells of a very large sheet, in place of `cells`
    continues: tuple[Anchor, ...] = ()  # the parts on following pages that were joined to it, in order
    kept_rows: int | None = None  # of a table cut down for keeping: how many of its first rows have their cells

    def grid(self) -> list[list[Cell | None]]:
        """The cells as rows x cols, merged areas filled with their own top-left cell."""
        if self.bulk is not None:
            rows = (self.bulk.row(r) for r in range(self.rows))
            return [[row.get(c) for c in range(self.cols)] for row in rows]
        out: list[list[Cell | None]] = [[None] * self.cols for _ in range(self.rows)]
        for c in self.cells:
            for r in range(c.row, min(c.row + c.row_span, self.rows)):
                line = out[r]
                for k in range(c.col, min(c.col + c.col_span, self.cols)):
                    line[k] = c
        return out


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the container holds, counted before reading; conservation checks compare it with what was read."""

    pages: int | None = None
    tables: int | None = None
    rows: int | None = None
    cells: int | None = None
    characters: int | None = None


class PageGrade(msgspec.Struct, frozen=True, kw_only=True):
    """How far the text of a page can be trusted.

    `source` says where its characters come from: `text` (the file's own), `ocr`, or `none` (a page without text).
    `grade` is `good`, `fair` (worth a second look) or `poor` (to be read by a person). `confidence` is the mean over
    the recognised characters, 0 to 1.
    """

    page: int
    source: str
    grade: str
    confidence: float | None = None


class Seal(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A seal or signature on a document: a red stamp on a scan, or a signature part of an OFD or PDF file.

    `digests_match` says whether the parts that the signature covers still have the digests it states (None: not
    stated, or not checked); it proves no identity, since certificates are not verified. `note` says the limits.
    """

    kind: str  # stamp | signature
    text: str | None = None  # the ring text of a stamp, the name on an electronic seal
    signer: str | None = None
    signed_at: str | None = None  # ISO
    covers: tuple[str, ...] = ()  # parts of the container the signature speaks of
    digests_match: bool | None = None
    anchor: Anchor | None = None
    confidence: float | None = None
    note: str | None = None


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A file found inside another: an archive's entry, a mail's attachment, a file embedded in a PDF, DOCX or OFD.

    `name` is its path inside the parent, decoded; `how` one of `entry, attachment, embedded`. Children are archived,
    read and audited as files of their own, under the guards of any file, with the parent as provenance. Where the
    bytes were put away (the raw archive), `data` is empty and `sha256` says which they are.
    """

    name: str
    how: str
    data: bytes
    sha256: str | None = None


class Link(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A link to a file, as a page offers its attachments; `start` is where its label stands in the text, if it does.

    `href` is as the page gives it: relative to the page's own address, which a reader does not know.
    """

    href: str
    label: str
    start: int | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One file as read. `format` is a word of the contract (txt, html, docx, pdf, xlsx, csv, …)."""

    sha256: str
    name: str
    format: str
    text: str
    pages: int | None = None
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    notices: tuple[Notice, ...] = ()
    counts: Counts = Counts()
    encoding: str | None = None
    title_hint: str | None = None  # <title>, core properties, sheet title: never trusted alone
    published_hint: str | None = None  # a page's own publication date, ISO
    grades: tuple[PageGrade, ...] = ()  # of paginated formats, one a page
    seals: tuple[Seal, ...] = ()
    children: tuple[Child, ...] = ()
    links: tuple[Link, ...] = ()  # to files, in the order of the text

    @property
    def is_partial(self) -> bool:
        """True when a reader had to leave something out."""
        return any(n.partial for n in self.notices)

    def blocks_between(self, start: int, end: int) -> Iterator[Block]:
        """Blocks that share a character with `text[start:end]`, in order. Blocks are sorted and disjoint."""
        i = bisect.bisect_right(self.blocks, start, key=lambda b: b.end)
        while i < len(self.blocks) and self.blocks[i].start < end:
            yield self.blocks[i]
            i += 1

    def evidence(self, start: int, end: int) -> Anchor:
        """Where `text[start:end]` stands in the original: the first page or paragraph it touches, its box.

        A span over several lines of a page gets the box around all its parts on that page.
        """
        first: Anchor | None = None
        box: tuple[float, float, float, float] | None = None
        for b in self.blocks_between(start, end):
            if first is None:
                first = b.anchor
            if b.anchor.page is None or b.anchor.page != first.page or b.anchor.bbox is None:
                continue
            x0, y0, x1, y1 = b.anchor.bbox
            if b.edges is not None:
                x0 = b.edges[max(start, b.start) - b.start]
                x1 = b.edges[min(end, b.end) - b.start]
                x0, x1 = min(x0, x1), max(x0, x1)
            box = (
                (x0, y0, x1, y1)
                if box is None
                else (min(box[0], x0), min(box[1], y0), max(box[2], x1), max(box[3], y1))
            )
        if first is None:
            return Anchor()
        if box is not None:
            return Anchor(page=first.page, bbox=tuple(round(v, 2) for v in box), table=first.table)  # type: ignore[arg-type]
        return first


class ReadError(Exception):
    """A file that cannot be read. `code` is stable, the message one sentence with the place and what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
