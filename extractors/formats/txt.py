"""Plain text: the file's own text, decoded, newlines as LF, nothing else changed.

One block per line that holds anything; its `paragraph` anchor is the line's number in the file, from 1.
"""

from __future__ import annotations

from extractors.document import Anchor, Block, Counts, Document
from extractors.formats.draft import Draft
from extractors.formats.encodings import decode
from extractors.formats.sniff import Sniffed


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a text file. Raises `ReadError("unknown_encoding")`."""
    decoded = decode(data, name)
    draft = Draft(data, name, "txt")
    draft.notices.extend(decoded.notices)
    at = 0
    for number, line in enumerate(decoded.text.split("\n"), start=1):
        bare = line.strip()
        if bare:
            start = at + line.index(bare)
            draft.blocks.append(Block(start=start, end=start + len(bare), anchor=Anchor(paragraph=number)))
        at += len(line) + 1
    return draft.finish(
        text=decoded.text,
        encoding=decoded.encoding,
        counts=Counts(characters=sum(1 for c in decoded.text if not c.isspace())),
    )
