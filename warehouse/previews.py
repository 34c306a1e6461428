"""Previews: a document as it was read, kept for people: its text in blocks, its tables as cells, each with its place.

`<home>/previews/<extractor version>/<aa>/<file_id>.json.gz`, written once when the file is staged and never changed.
The warehouse holds facts; this is what shows a fact where it stands, without opening the file again. A file that could
not be read, or bears a mark of secrecy, has a preview without content, so that it is not asked for every night.
"""

from __future__ import annotations

import gzip
import shutil
import zlib
from pathlib import Path

import msgspec

from extractors.document import Block, Document, Link, Table
from warehouse.durable import write_bytes_atomic

MOST_CHARACTERS = 2_000_000
"""Of a document's text that are kept here; all of it is in the warehouse."""
_MOST_BYTES = 256 << 20

Box = tuple[float, float, float, float]


class KeptBlock(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A stretch of the text and its place; blocks of one table's cells outside of pages are one."""

    start: int
    end: int
    kind: str
    page: int | None = None
    bbox: Box | None = None
    paragraph: int | None = None
    table: int | None = None
    sheet: str | None = None
    confidence: float | None = None


class KeptCell(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """One cell; `row` and `col` count from 0 within its table."""

    row: int
    col: int
    text: str
    ref: str = ""
    row_span: int = 1
    col_span: int = 1
    hidden: bool = False
    formula: str | None = None
    page: int | None = None
    bbox: Box | None = None


class KeptTable(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One table; `kept_rows` says how many of its first rows have their cells, None: all."""

    index: int
    rows: int
    cols: int
    sheet: str | None = None
    page: int | None = None
    first_row: int = 1
    first_col: int = 1
    caption: str = ""
    after: str = ""
    hidden: bool = False
    kept_rows: int | None = None
    cells: tuple[KeptCell, ...] = ()


class KeptChild(msgspec.Struct, frozen=True, kw_only=True):
    """A file found inside the document."""

    name: str
    how: str
    file_id: str | None


class Preview(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document for people. `text` is its beginning where `is_cut`; offsets are those of the whole text."""

    file_id: str
    name: str
    format: str | None = None
    pages: int | None = None
    text: str = ""
    is_cut: bool = False
    blocks: tuple[KeptBlock, ...] = ()
    tables: tuple[KeptTable, ...] = ()
    links: tuple[Link, ...] = ()
    children: tuple[KeptChild, ...] = ()

    def table(self, *, index: int | None = None, sheet: str | None = None, cell: str | None = None) -> KeptTable | None:
        """The table of a place: by its number, else the one of the sheet that holds the cell (else its first)."""
        if index is not None:
            return next((t for t in self.tables if t.index == index), None)
        of_sheet = [t for t in self.tables if t.sheet == sheet] if sheet is not None else []
        holding = (t for t in of_sheet if cell and any(c.ref == cell for c in t.cells))
        return next(holding, of_sheet[0] if of_sheet else None)


_decoder = msgspec.json.Decoder(Preview)


def preview_of(document: Document, file_id: str) -> Preview:
    """The preview of a document as extraction hands it on (`kept_tables` has cut its tables to size)."""
    text = document.text[:MOST_CHARACTERS]
    return Preview(
        file_id=file_id,
        name=document.name,
        format=document.format,
        pages=document.pages,
        text=text,
        is_cut=len(text) < len(document.text),
        blocks=_blocks(document.blocks, len(text)),
        tables=tuple(_table(t) for t in document.tables),
        links=document.links,
        children=tuple(KeptChild(name=c.name, how=c.how, file_id=c.sha256) for c in document.children),
    )


def _blocks(blocks: tuple[Block, ...], most: int) -> tuple[KeptBlock, ...]:
    out: list[KeptBlock] = []
    for b in blocks:
        if b.start >= most:
            break
        a = b.anchor
        before = out[-1] if out else None
        if b.table is not None and a.page is None and before is not None and before.table == b.table:
            out[-1] = msgspec.structs.replace(before, end=b.end)
            continue
        out.append(
            KeptBlock(b.start, b.end, b.kind, a.page, a.bbox, a.paragraph, b.table or a.table, a.sheet, b.confidence)
        )
    return tuple(out)


def _table(t: Table) -> KeptTable:
    return KeptTable(
        index=t.index, rows=t.rows, cols=t.cols, sheet=t.sheet, page=t.page, first_row=t.first_row,
        first_col=t.first_col, caption=t.caption, after=t.after, hidden=t.hidden, kept_rows=t.kept_rows,
        cells=tuple(
            KeptCell(c.row, c.col, c.text, c.ref, c.row_span, c.col_span, c.hidden, c.formula, c.page, c.bbox)
            for c in t.cells
        ),
    )  # fmt: skip


def preview_path(home: Path, file_id: str, version: str) -> Path:
    """Where the preview of a file under an extractor version lies."""
    return home / "previews" / version / file_id[:2] / f"{file_id}.json.gz"


def write_preview(home: Path, version: str, preview: Preview) -> Path:
    """Keep a preview; one that is there already is written anew. Raises OSError when the disk refuses."""
    path = preview_path(home, preview.file_id, version)
    write_bytes_atomic(path, packed_preview(preview))
    return path


def packed_preview(preview: Preview) -> bytes:
    """The bytes of a preview's file."""
    return gzip.compress(msgspec.json.encode(preview), 6, mtime=0)


def read_preview(home: Path, file_id: str, version: str) -> Preview | None:
    """The preview of a file; None when there is none, or what lies there is damaged (a later night writes it anew)."""
    path = preview_path(home, file_id, version)
    try:
        unpack = zlib.decompressobj(wbits=31)
        data = unpack.decompress(path.read_bytes(), _MOST_BYTES)
        return _decoder.decode(data) if unpack.eof else None
    except (FileNotFoundError, zlib.error, msgspec.MsgspecError):
        return None


def remove_unused(home: Path, versions: set[str] | None) -> list[str]:
    """Remove the previews of extractor versions that no publication speaks of any more; their names. None, or no
    version at all: nothing is known, and nothing goes. Raises OSError when the disk refuses."""
    folder = home / "previews"
    if not versions or not folder.is_dir():
        return []
    gone = sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in versions)
    for old in gone:
        shutil.rmtree(old)
    return [p.name for p in gone]
