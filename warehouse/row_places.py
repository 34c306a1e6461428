"""Where the rows of one debt, and one row by its id, lie in the ledger table: two narrow tables made at publication.

A ledger table of a million rows has more than a hundred columns and lies in the order of its documents. Looking
through one column of it for a debt costs as much as all else on a page; by its place a row is read in a thousandth of
that. A place is DuckDB's row id, which a file that is never written again keeps. Whether each place holds what it is
said to hold is checked before the file is published; a file without the tables is read by looking through it.
"""

# ruff: noqa: S608 - names in statements come from the schema in code, values are bound

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.ddl import quoted

if TYPE_CHECKING:
    import duckdb

_TABLES = {"row_id": "core.places_by_row", "debt_id": "core.places_by_debt"}
# Of the ids only a number: sorted numbers take a third of the room and are looked up in a quarter of the time. Whoever
# reads a row compares its id, so that two ids of one number do no harm.
_NUMBER = "md5_number_lower({})"
_PLACE = "rowid"
MOST = 64
"""Rows that are read by their places; from so many on, looking through the table costs less."""


def lay_out(path: Path) -> bool:
    """Make the tables in a warehouse file that does not change any more; False where a place does not hold what it
    should, and they are taken out again."""
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CHECKPOINT")  # rows move when what was deleted is cleared away
        for column, table in _TABLES.items():
            number = _NUMBER.format(column)
            connection.execute(
                f"CREATE OR REPLACE TABLE {table} AS SELECT {number} AS number, {_PLACE} AS place "
                f"FROM core.ledger_rows WHERE {column} IS NOT NULL ORDER BY number, place"
            )
        connection.execute("CHECKPOINT")
    with duckdb.connect(str(path)) as connection:
        told = _sum(connection, _TABLES["row_id"], "number", "place")
        if told == _sum(connection, "core.ledger_rows", _NUMBER.format("row_id"), "rowid"):
            return True
        for table in _TABLES.values():
            connection.execute(f"DROP TABLE {table}")
        connection.execute("CHECKPOINT")
    return False


def _sum(connection: duckdb.DuckDBPyConnection, table: str, number: str, place: str) -> tuple[int, int] | None:
    """How many pairs of an id's number and a place there are, and a sum over them in whatever order."""
    # A hash of both is their hashes' exclusive or, and its sum that of two columns whatever goes with what.
    row: tuple[int, int] | None = connection.execute(
        f"SELECT count(*), bit_xor(hash(xor({number}, hash({place})))) FROM {table}"
    ).fetchone()
    return row


def rows_with(connection: duckdb.DuckDBPyConnection, column: str, value: str, columns: Iterable[str]) -> str | None:
    """What to select those columns of a debt's rows, or of one row, from: `column` is `debt_id` or `row_id`, and a
    condition on it is still to be put. None where the table has to be looked through."""
    places = _places(connection, column, value)
    if places is None or len(places) > MOST:
        return None
    chosen = ", ".join(quoted(c) for c in dict.fromkeys((column, *columns)))
    if not places:
        return f"(SELECT {chosen} FROM core.ledger_rows LIMIT 0)"
    return "(" + " UNION ALL ".join(f"SELECT {chosen} FROM core.ledger_rows WHERE rowid = {p}" for p in places) + ")"


def _places(connection: duckdb.DuckDBPyConnection, column: str, value: str) -> Sequence[int] | None:
    import duckdb

    try:
        found = connection.execute(
            f"SELECT place FROM {_TABLES[column]} WHERE number = {_NUMBER.format('?')} LIMIT {MOST + 1}", [value]
        ).fetchall()
    except duckdb.CatalogException:  # a file of an older program
        return None
    return [int(place) for (place,) in found]
