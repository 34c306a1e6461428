"""The queue of one publication in memory: what it is counted, filtered and walked through by, and rows lately read.

A publication never changes and its queue is asked at every click, so the narrow columns are read once. A count over
them takes less than having the database plan it. Whole findings stay in the file and are read by their place.
"""

# ruff: noqa: S608 - names in statements are our own, values are bound

from __future__ import annotations

import datetime as dt
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.queue_table import queue_rows
from warehouse.tables import FINDING_STATUSES, SEVERITIES

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt

    Codes = npt.NDArray[np.int32]
    Mask = npt.NDArray[np.bool_]

Row = dict[str, Any]
_KEPT_ROWS = 4096
_EPOCH = dt.date(1970, 1, 1).toordinal()
_NEVER = np.iinfo(np.int32).max
_CODED = ("rule", "field", "document_id", "region_code", "source")
_TEXTS = ("finding_id", "subject", "raw_value", "value")


class Coded:
    """A column of few different values: a number for each row (-1 for null) and what the numbers stand for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        """Number the values of a column."""
        encoded = pc.dictionary_encode(column.combine_chunks())
        self.values: list[str] = encoded.dictionary.to_pylist()
        self.codes: Codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        self._code_of = {v: n for n, v in enumerate(self.values)}

    def is_value(self, value: str) -> Mask:
        """Which rows hold a value."""
        return np.equal(self.codes, self._code_of.get(value, len(self.values)))

    def starts_with(self, prefixes: Sequence[str]) -> Mask:
        """Which rows hold something that begins like one of these; null begins like nothing."""
        begins = [v.startswith(tuple(prefixes)) for v in self.values]
        found: Mask = np.array([*begins, False])[self.codes]  # null is -1, the last
        return found

    def at(self, position: int) -> str | None:
        """The value of a row."""
        code = int(self.codes[position])
        return None if code < 0 else self.values[code]


class QueueIndex:
    """The narrow columns of a queue. A position is a place less one. Share it between threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read the columns of an open warehouse."""
        self._source = queue_rows(connection)
        narrow = ("severity", "status", *_CODED, *_TEXTS)
        table = connection.execute(
            "SELECT cause_place, CAST(cause AS UBIGINT) AS cause, first_seen_date, decision_number, "
            f"{', '.join(narrow)} FROM {self._source} ORDER BY place"
        ).to_arrow_table()
        self.size: int = table.num_rows
        self.cause_place: Codes = table["cause_place"].to_numpy().astype(np.int32)
        self.cause = table["cause"].to_numpy()
        self.severity = _of_domain(table["severity"], SEVERITIES)
        self.status = _of_domain(table["status"], FINDING_STATUSES)
        self.rule, self.field, self.document_id, self.region_code, self.source = (Coded(table[c]) for c in _CODED)
        self._first_seen = pc.fill_null(table["first_seen_date"].cast(pa.int32()), _NEVER).to_numpy()
        self._decided = pc.fill_null(table["decision_number"].cast(pa.int64()), 0).to_numpy()
        self._texts = {c: table[c].combine_chunks() for c in _TEXTS}
        self._orders = {c: pc.sort_indices(self._texts[c]).to_numpy() for c in ("finding_id", "subject")}
        self._lock = threading.Lock()
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._scopes: dict[tuple[str, ...], Mask] = {}

    def scope(self, regions: tuple[str, ...]) -> Mask:
        """The findings of some regions, by the beginnings of their codes (none: all); do not change it."""
        known = self._scopes.get(regions)
        if known is None:
            known = self.region_code.starts_with(regions) if regions else np.ones(self.size, dtype=np.bool_)
            with self._lock:
                if len(self._scopes) > 256:
                    self._scopes.clear()
                self._scopes[regions] = known
        return known

    def text(self, column: str, position: int) -> str | None:
        """A finding's `finding_id`, `subject`, `raw_value` or `value`."""
        told: str | None = self._texts[column][position].as_py()
        return told

    def with_text(self, column: str, wanted: str | None) -> Iterator[int]:
        """The positions of the findings with a `finding_id` or `subject`; none for null."""
        if wanted is None:
            return
        texts, order = self._texts[column], self._orders[column]
        nulls = texts.null_count  # they are sorted last

        def at(n: int) -> str:
            told: str = texts[int(order[n])].as_py()
            return told

        n = bisect_left(range(len(order) - nulls), wanted, key=at)
        while n < len(order) - nulls and at(n) == wanted:
            yield int(order[n])
            n += 1

    def decided_by(self, numbers: Sequence[int]) -> list[int]:
        """The positions of what some decisions had settled when the night was published."""
        return np.flatnonzero(np.isin(self._decided, np.array(numbers, dtype=np.int64)) & (self._decided > 0)).tolist()

    def earliest(self, positions: npt.NDArray[np.int64]) -> dt.date | None:
        """The day the first of some findings was first seen."""
        day = int(self._first_seen[positions].min())
        return None if day == _NEVER else dt.date.fromordinal(_EPOCH + day)

    def containing(self, connection: duckdb.DuckDBPyConnection, text: str) -> Mask:
        """Which findings hold a text in their sentence, path or value."""
        found = connection.execute(
            f"SELECT place FROM {self._source} q "
            "WHERE contains(message_zh, ?) OR contains(path, ?) OR contains(value, ?)",
            [text] * 3,
        ).fetchnumpy()["place"]
        out = np.zeros(self.size, dtype=np.bool_)
        out[np.asarray(found, dtype=np.int64) - 1] = True
        return out

    def rows(self, connection: duckdb.DuckDBPyConnection, positions: Sequence[int]) -> list[Row]:
        """Whole findings as they stood in the night; do not change them."""
        with self._lock:
            known = {p: self._rows[p] for p in positions if p in self._rows}
            for p in known:
                self._rows.move_to_end(p)
        missing = [p for p in positions if p not in known]
        if missing:
            places = ", ".join(str(int(p) + 1) for p in missing)
            found = connection.execute(f"SELECT * FROM {self._source} q WHERE place IN ({places})")
            names = [d[0] for d in found.description or ()]
            read = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            known.update((row["place"] - 1, row) for row in read)
            with self._lock:
                self._rows.update((row["place"] - 1, row) for row in read)
                while len(self._rows) > _KEPT_ROWS:
                    self._rows.popitem(last=False)
        return [known[p] for p in positions]


def _of_domain(column: pa.ChunkedArray, domain: Sequence[str]) -> npt.NDArray[np.int8]:
    """A column of fixed values by their number among them."""
    numbers = pc.index_in(column, value_set=pa.array(domain, pa.string()))
    return np.asarray(numbers.to_numpy(), dtype=np.int8)
