"""A paragraph among its neighbours, with the words of the value marked."""

from __future__ import annotations

from dataclasses import dataclass

from console.evidence.place import Place
from console.masking import Masker
from warehouse.previews import KeptBlock, Preview

AROUND = 3
_MOST = 1_200  # characters shown of one neighbour


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block: its number in the file (None where it has none), kind, pieces, and whether it is the one meant."""

    number: int | None
    kind: str
    pieces: tuple[Piece, ...]
    is_here: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of a flowing text; `is_start` when no place is known and this is how the file begins."""

    paragraphs: tuple[Paragraph, ...]
    is_start: bool = False
    kind: str = "passage"

    @property
    def marked(self) -> str:
        """The marked words."""
        return "".join(p.text for g in self.paragraphs for p in g.pieces if p.is_marked)


def passage(
    preview: Preview, place: Place, *, span: tuple[int, int] | None, raw: str | None, masker: Masker
) -> Passage | None:
    """The paragraph of a place. `span` are the value's offsets in the document's text, where they are known; else
    `raw` is looked for in the paragraph. None when the preview does not hold it."""
    at = _index(preview, place, span)
    if at is None:
        return None
    first, last = max(at - AROUND, 0), min(at + AROUND + 1, len(preview.blocks))
    shown = []
    for i in range(first, last):
        block = preview.blocks[i]
        whole = preview.text[block.start : block.end]
        if i == at:
            pieces = _marked(whole, _within(block, span, whole, raw), masker)
        else:
            text = whole if len(whole) <= _MOST else whole[:_MOST] + "…"
            pieces = (Piece(masker.text(text)),)
        shown.append(Paragraph(block.paragraph, block.kind, pieces, i == at))
    return Passage(tuple(shown))


def beginning(preview: Preview, masker: Masker) -> Passage | None:
    """How a file begins, for findings on the file as a whole."""
    blocks = preview.blocks[: 2 * AROUND + 1]
    if not blocks:
        return None
    return Passage(
        tuple(
            Paragraph(b.paragraph, b.kind, (Piece(masker.text(preview.text[b.start : b.end][:_MOST])),), False)
            for b in blocks
        ),
        is_start=True,
    )


def _index(preview: Preview, place: Place, span: tuple[int, int] | None) -> int | None:
    if span is not None:
        for i, b in enumerate(preview.blocks):
            if b.start < span[1] and span[0] < b.end:
                return i
    if place.paragraph is None:
        return None
    return next((i for i, b in enumerate(preview.blocks) if b.paragraph == place.paragraph), None)


def _within(block: KeptBlock, span: tuple[int, int] | None, whole: str, raw: str | None) -> tuple[int, int]:
    """What to mark, as offsets into the block: the span, else the raw text, else all of it."""
    if span is not None and block.start < span[1] and span[0] < block.end:
        return max(span[0], block.start) - block.start, min(span[1], block.end) - block.start
    found = whole.find(raw) if raw else -1
    return (found, found + len(raw or "")) if found >= 0 else (0, len(whole))


def _marked(whole: str, marked: tuple[int, int], masker: Masker) -> tuple[Piece, ...]:
    """The three pieces of a paragraph. Masking looks at the whole, so that a number cut by the mark is still known;
    it keeps lengths where it can, else the pieces are masked each on its own."""
    start, end = marked
    masked = masker.text(whole)
    source = masked if len(masked) == len(whole) else None
    cut = (
        (source[:start], source[start:end], source[end:])
        if source is not None
        else tuple(masker.text(p) for p in (whole[:start], whole[start:end], whole[end:]))
    )
    return tuple(Piece(text, i == 1) for i, text in enumerate(cut) if text)
