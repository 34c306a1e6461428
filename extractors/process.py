"""One file, whole: bytes in, document and facts out. The function that a child process or a cluster maps over files.

It is pure: the same bytes, name and context give the same result under the same `EXTRACTOR_VERSION`.
"""

from __future__ import annotations

import hashlib
import struct
from decimal import Decimal

import msgspec

from extractors.document import Document, ReadError
from extractors.facts import Context, Facts
from extractors.kept_tables import kept_tables
from extractors.read import read
from extractors.rowstore import RowStore
from extractors.secrecy import Place, mark_in, mark_in_name

ARCHIVES = frozenset({"zip", "7z"})
"""Formats whose documents hold other files and no text of their own."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file could not be read: a stable code and one sentence that says what to do."""

    code: str
    message: str


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of one file: either `document` and `facts`, or `failure`."""

    name: str
    sha256: str
    document: Document | None = None
    facts: Facts | None = None
    failure: Failure | None = None

    @property
    def status(self) -> str:
        """ok, partial or failed, as in the contract."""
        if self.failure is not None or self.document is None:
            return "failed"
        return "partial" if self.document.is_partial else "ok"


SECRECY_MARK = "secrecy_mark"


def stopped(place: Place) -> Failure:
    """Why a classified paper is not read: the kind of place of its mark, nothing of its text."""
    return Failure(
        code=SECRECY_MARK,
        message=f"{place}有国家秘密标志，已停止处理：内容未保存、未入库；请立即按保密规定处置原件，并报告保密工作机构。",
    )


# Decimals travel as JSON numbers in full, and come back as Decimal: never through a float.
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(Extraction, float_hook=Decimal)
_indices = msgspec.json.Decoder(list[int])
_LARGE = b"QINGQIAN LARGE 1\n"
_SIZE = struct.Struct("<Q")


def extract(data: bytes, name: str, context: Context) -> Extraction:
    """Read and understand one file. A file that cannot be read gives a `failure`, never an exception of a reader.

    A paper that bears a mark of state secrecy gives a failure too (`secrecy_mark`), with nothing of what it says,
    unless a person released it.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    if not context.released and (place := mark_in_name(name)) is not None:
        return Extraction(name=name, sha256=sha256, failure=stopped(place))
    try:
        document = read(data, name)
    except ReadError as e:
        return Extraction(name=name, sha256=sha256, failure=Failure(code=e.code, message=e.message))
    if not context.released and (place := mark_in(document)) is not None:
        return Extraction(name=name, sha256=sha256, failure=stopped(place))
    facts = understand(document, context)
    if context.released:  # what looked like a mark is none: it must not close the paper further on either
        facts = msgspec.structs.replace(facts, metadata=msgspec.structs.replace(facts.metadata, secrecy=None))
    return Extraction(name=name, sha256=sha256, document=_with_unread(document, facts), facts=facts)


def _with_unread(document: Document, facts: Facts) -> Document:
    from extractors import ledger

    more = ledger.unread(document, facts.ledger)
    return msgspec.structs.replace(document, notices=(*document.notices, *more)) if more else document


def understand(document: Document, context: Context) -> Facts:
    """Facts of a document: ledger tables first, then prose, then names resolved in context."""
    import extractors.circular as circular
    import extractors.ledger as ledger
    import extractors.resolve as resolve

    if document.format in ARCHIVES:  # the text is a list of file names: what they say is said by the files
        return Facts(kind="other")
    tables = ledger.extract(document, context)
    if tables and ledger.is_ledger(document):
        facts = Facts(kind="disclosure" if tables[0].about == "disclosure" else "ledger", ledger=tables)
    else:
        facts = msgspec.structs.replace(circular.extract(document, context), ledger=tables)
    return resolve.resolve(document, facts, context)


def process(data: bytes, name: str, context: Context) -> bytes:
    """`extract` with the result as JSON, for another process.

    Of tables only what people are shown goes along: ledgers are made of the whole grids already, and a large sheet's
    cells would double what has to be kept.
    """
    found = extract(data, name, context)
    if found.document is not None:
        tables = kept_tables(found.document)
        found = msgspec.structs.replace(found, document=msgspec.structs.replace(found.document, tables=tables))
    return encode(found)


def decode(payload: bytes) -> Extraction:
    """Read back what `process` wrote; raises msgspec.ValidationError when it is not an Extraction."""
    if not payload.startswith(_LARGE):
        return _decoder.decode(payload)
    from extractors.rowstore_io import from_bytes

    parts: list[memoryview] = []
    view, at = memoryview(payload), len(_LARGE)
    while at < len(view):
        (size,) = _SIZE.unpack_from(view, at)
        parts.append(view[at + _SIZE.size : at + _SIZE.size + size])
        at += _SIZE.size + size
    found = _decoder.decode(parts[0])
    assert found.facts is not None
    assert found.facts.ledger is not None
    stores = iter(parts[1:])
    large = set(_indices.decode(next(stores)))
    ledger = tuple(
        msgspec.structs.replace(t, rows=from_bytes(next(stores))) if t.index in large else t for t in found.facts.ledger
    )
    return msgspec.structs.replace(found, facts=msgspec.structs.replace(found.facts, ledger=ledger))


def encode(extraction: Extraction) -> bytes:
    """The form of an extraction that `process` writes: JSON.

    Rows of ledgers too large for it follow as parts of their own, each with its length before it.
    """
    facts = extraction.facts
    large = {} if facts is None else {t.index: t.rows for t in facts.ledger or () if isinstance(t.rows, RowStore)}
    if facts is None or not large:
        return _encoder.encode(extraction)
    from extractors.rowstore_io import to_bytes

    ledger = tuple(msgspec.structs.replace(t, rows=()) if t.index in large else t for t in facts.ledger or ())
    head = msgspec.structs.replace(extraction, facts=msgspec.structs.replace(facts, ledger=ledger))
    parts = [_encoder.encode(head), _encoder.encode(list(large)), *map(to_bytes, large.values())]
    return _LARGE + b"".join(_SIZE.pack(len(p)) + p for p in parts)


def warm_up() -> None:
    """Load lexicons and tables once, before the first file: a child calls it while it waits for work."""
    note = "关于清理拖欠账款工作的通知\n各县区人民政府：\n请于6月底前将台账报送市财政局。\n2026年5月1日"
    extract(note.encode(), "warm-up.txt", Context())
