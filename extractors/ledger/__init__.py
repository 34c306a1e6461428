"""Ledgers (台账): the tables of a document as typed rows, every value with its cell.

`extract` turns the tables of a `Document` into `LedgerTable`s: frame (title, header, body, notes), columns (headers to
canonical fields), rows (debts, totals), checks (sums and balances). `is_ledger` says whether a file as a whole is one.
Nothing is corrected: what is doubtful is flagged with its cell.
"""

from __future__ import annotations

from extractors.document import Document, Notice
from extractors.facts import Context, LedgerTable
from extractors.ledger.tables import SHEETS, find_tables, looks_like_ledger
from extractors.ledger.unread import notices_of_unread

__all__ = ["extract", "is_ledger", "unread"]


def extract(document: Document, context: Context) -> tuple[LedgerTable, ...] | None:
    """The ledger tables of a document in reading order; None when it holds none.

    `context.header_map` (header or `parent/header` to a field of the contract, `-` to leave a column alone) wins over
    the lexicon; `context.lookups` says what the source's own words stand for. Cost is linear in the cells.
    """
    return find_tables(document, context) or None


def is_ledger(document: Document) -> bool:
    """Whether the file as a whole is a ledger: a sheet or csv with one, or pages that are mostly such a table."""
    return looks_like_ledger(document)


def unread(document: Document, tables: tuple[LedgerTable, ...] | None) -> tuple[Notice, ...]:
    """Notices of a spreadsheet's tables of which no ledger was made; none for other kinds of file."""
    return notices_of_unread(document, tables or ()) if document.format in SHEETS else ()
