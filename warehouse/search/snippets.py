"""The places of a text that answer a question, with the hits marked."""

from __future__ import annotations

import msgspec

from warehouse.search.words import fold, pattern_of


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text; `is_hit` where it is what was asked for."""

    text: str
    is_hit: bool = False


def marked(text: str, query: str) -> list[Piece]:
    """The whole text in pieces."""
    pattern = pattern_of(query)
    if pattern is None or not text:
        return [Piece(text)] if text else []
    pieces: list[Piece] = []
    place = 0
    for found in pattern.finditer(fold(text)):
        if found.start() > place:
            pieces.append(Piece(text[place : found.start()]))
        pieces.append(Piece(text[found.start() : found.end()], is_hit=True))
        place = found.end()
    if place < len(text):
        pieces.append(Piece(text[place:]))
    return pieces


def snippet(text: str, query: str, *, around: int = 36, longest: int = 160) -> list[Piece]:
    """The first place that answers, with `around` characters before it, on one line and no longer than `longest`.

    Without a hit in the text its beginning.
    """
    line = " ".join(text.split())
    pattern = pattern_of(query)
    found = None if pattern is None else pattern.search(fold(line))
    start = 0 if found is None else max(0, found.start() - around)
    end = min(len(line), start + longest)
    pieces = marked(line[start:end], query)
    if start > 0:
        pieces.insert(0, Piece("…"))
    if end < len(line):
        pieces.append(Piece("…"))
    return pieces
