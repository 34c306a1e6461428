"""Circulars: what a notice, plan, telegram, report or reply says about money, time, duties and other documents.

`extract` runs the whole way from a read document to its facts; names of places and organs are resolved afterwards.
Does not belong here: tables of ledgers, reading of formats, anything about a run.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from extractors.document import Document
from extractors.facts import Context, Deadline, DocumentKind, Facts, Metadata

if TYPE_CHECKING:
    from extractors.rules.engine import Spans
    from extractors.rules.segment import Outline
    from extractors.rules.view import View


class Prepared(NamedTuple):
    """A paper with what its sums are read by: its layers, its head, its times."""

    view: View
    outline: Outline
    metadata: Metadata
    kind: DocumentKind
    masked: Spans
    issued: dt.date | None
    deadlines: tuple[Deadline, ...]


def prepare(document: Document, context: Context) -> Prepared:
    """The layers, head and times of one document of prose; `extract` goes on from there."""
    from extractors.circular.deadlines import find_deadlines
    from extractors.circular.masks import masked as masked_spans
    from extractors.circular.metadata import find_metadata
    from extractors.rules.segment import outline as outline_of
    from extractors.rules.view import of_document

    seen = of_document(document)
    outline = outline_of(seen)
    metadata, kind = find_metadata(document, seen, outline)
    title = metadata.title
    own = [(seen.position(title.start), seen.position(title.end - 1) + 1)] if title is not None else []
    masked = masked_spans(seen, *own)
    issued = dt.date.fromisoformat(metadata.issued_date.value) if metadata.issued_date is not None else None
    deadlines = find_deadlines(document, outline, metadata, kind, masked, _fallback(document, context))
    return Prepared(seen, outline, metadata, kind, masked, issued, deadlines)


def extract(document: Document, context: Context) -> Facts:
    """The facts of one document of prose. `context.reference_date` stands in where the text gives no date at all."""
    from extractors.circular.amounts import find_amounts
    from extractors.circular.duties import find_assignments, link_deadlines
    from extractors.circular.parts import find_parts
    from extractors.circular.refs import find_references
    from extractors.circular.statistics import find_statistics

    seen, outline, metadata, kind, masked, issued, deadlines = prepare(document, context)
    amounts = find_amounts(document, outline, masked, deadlines, issued)
    assignments = tuple(
        msgspec.structs.replace(a, evidence=document.evidence(a.start, a.end))
        for a in find_assignments(seen, outline, metadata)
    )
    deadlines = link_deadlines(seen, outline, deadlines, assignments, metadata)
    return Facts(
        kind=kind,
        metadata=metadata,
        amounts=amounts,
        deadlines=deadlines,
        assignments=assignments,
        refs=find_references(document, seen, metadata),
        statistics=find_statistics(document, outline, masked, amounts, deadlines, issued),
        parts=find_parts(document, outline, metadata),
    )


def _fallback(document: Document, context: Context) -> dt.date | None:
    """The page's own publication date, else the date the caller gave."""
    if document.published_hint:
        try:
            return dt.date.fromisoformat(document.published_hint[:10])
        except ValueError:
            return context.reference_date
    return context.reference_date
