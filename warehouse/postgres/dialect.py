"""The few words that PostgreSQL says differently from DuckDB: types, and phrases of the views' SQL.

Views and macros are written once, for both. A view that needs another rule here should first be written otherwise.
"""

from __future__ import annotations

import re

_TYPES = {
    "VARCHAR": 'TEXT COLLATE "C"',
    "JSON": "JSON",
    "DATE": "DATE",
    "BIGINT": "BIGINT",
    "UBIGINT": "NUMERIC(20,0)",
    "HUGEINT": "NUMERIC(39,0)",
    "INTEGER": "INTEGER",
    "SMALLINT": "SMALLINT",
    "BOOLEAN": "BOOLEAN",
    "DOUBLE": "DOUBLE PRECISION",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
}
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # A row's place, to fetch wide rows last.
    (re.compile(r"\browid\b"), "ctid"),
    (
        re.compile(r"\barg_max\((\w+), (\w+)\)"),
        r"(array_agg(\1 ORDER BY \2 DESC, \1) FILTER (WHERE \1 IS NOT NULL AND \2 IS NOT NULL))[1]",
    ),
    # [NOT] IN over a list that does not fit into work_mem is searched once a row; EXISTS is planned as a join. What
    # is compared are keys, never null.
    (
        re.compile(r"(\w+\.\w+) (NOT )?IN \(SELECT (\w+) FROM (core\.\w+)(?: WHERE (\w+ = '\w+'))?\)"),
        r"\2EXISTS (SELECT 1 FROM \4 listed WHERE listed.\3 = \1 AND \5)",
    ),
    (re.compile(r" AND \)"), ")"),
)


def postgres_type(duckdb_type: str) -> str:
    """The type that holds what a DuckDB column holds. Raises ValueError for one that no rule speaks of."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type)
    if decimal is not None:
        return f"NUMERIC({decimal[1]},{decimal[2]})"
    try:
        return _TYPES[duckdb_type]
    except KeyError:
        raise ValueError(f"no PostgreSQL type for DuckDB's {duckdb_type}") from None


def translated(select: str) -> str:
    """A view's or macro's SELECT in PostgreSQL's words."""
    for pattern, words in _RULES:
        select = pattern.sub(words, select)
    return select
