"""A Word 97-2003 file as docvortex's own .doc parser understands it, run in this process.

The library's public door starts child processes, which a reader may not; the parser behind it is plain Python. It
keeps tables with spans, but knows neither text boxes nor Chinese numbers, so it is a second reader only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extractors.document import Anchor, Document, ReadError, Table
from extractors.formats import limits
from extractors.formats.doc_word import BROKEN, WordFile
from extractors.formats.draft import Draft
from extractors.formats.flow import Flow, Item, write
from extractors.formats.grid import Raw, lay_out


def read(data: bytes, name: str, kind: str, file: WordFile) -> Document | None:
    """The document, or None when this parser gives up as well or is not the one this was written for."""
    try:
        from docvortex.analyzers.native.office.doc import fib, models, parser
        from docvortex.analyzers.native.office.errors import LegacyOfficeError
        from loguru import logger
    except ImportError:
        return None
    logger.disable("docvortex")
    try:
        header = fib.parse_fib(file.word)
        found = parser.parse_doc_document(file.word, file.table, b"", header)
        draft = Draft(data, name, kind)
        walk = _Walk(models, name)
        write(draft, walk.flow, walk.items(found))
        for section in found.sections:
            for note in section.footnotes:
                draft.paragraph(_text(note), Anchor(), kind="note")
    except (LegacyOfficeError, ReadError, *BROKEN):
        return None
    return draft.finish()


class _Walk:
    def __init__(self, models: Any, name: str) -> None:
        self._models = models
        self.flow = Flow(name)

    def items(self, found: Any) -> Iterator[Item]:
        """Headers, then paragraphs and tables in order."""
        heads = dict.fromkeys(_text(p) for section in found.sections for p in section.headers)
        for text in heads:
            yield "header", text
        for section in found.sections:
            for element in section.elements:
                if isinstance(element, self._models.DocParagraph):
                    yield "paragraph", _text(element)
                elif isinstance(element, self._models.DocTable):
                    self.flow.tables += 1
                    yield "table", self._table(element, self.flow.tables, 1)

    def _table(self, table: Any, index: int, depth: int) -> Table:
        rows = [
            [
                Raw(text=self._cell(cell, depth), row_span=cell.row_span, col_span=cell.col_span)
                for cell in row.cells
            ]
            for row in table.rows
        ]  # fmt: skip
        return lay_out(index, rows)

    def _cell(self, cell: Any, depth: int) -> str:
        lines: list[str] = []
        for block in cell.blocks:
            if isinstance(block, self._models.DocParagraph):
                lines.append(_text(block))
            elif isinstance(block, self._models.DocTable) and depth < limits.MAX_NESTED_TABLES:
                self.flow.tables += 1
                nested = self._table(block, self.flow.tables, depth + 1)
                self.flow.nested.append(nested)
                by_row: dict[int, list[str]] = {}
                for inner in nested.cells:
                    by_row.setdefault(inner.row, []).append(inner.text)
                lines.extend("\t".join(texts) for texts in by_row.values())
        return "\n".join(line for line in lines if line.strip())


def _text(paragraph: Any) -> str:
    label = paragraph.list_info.label if paragraph.list_info is not None else None
    text = "".join(run.text for run in paragraph.runs if not (run.style.superscript and run.text.startswith("[")))
    return f"{label or ''}{text}" if text.strip() else text
