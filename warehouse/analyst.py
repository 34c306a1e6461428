"""What `warehouse.connect()` gives: SELECT statements on the published warehouse, for notebooks and scripts.

Each statement runs in a child of its own with limits on time, memory and rows, behind the guard, on whichever engine is
set: a notebook left open holds neither a file nor a lock, and sees the newest night with every question.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from warehouse.access import Limits, QueryError, QueryResult, run_query

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Analyst", "Answer", "Limits", "QueryError"]

_SHOWN = 20


class Answer:
    """The rows of one question: as tuples, Arrow, pandas, or on the screen. Money stays Decimal, days stay dates."""

    def __init__(self, result: QueryResult) -> None:
        self._result = result
        self._left = iter(self.rows())

    def rows(self) -> list[tuple[Any, ...]]:
        """Every row as a tuple, however often it is asked."""
        columns = [column.to_pylist() for column in self._result.table.columns]
        return list(zip(*columns, strict=True)) if columns else []

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows not fetched yet, as tuples."""
        return list(self._left)

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None after the last."""
        return next(self._left, None)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._left

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self._result.table.column_names)

    @property
    def is_truncated(self) -> bool:
        """True when there were more rows than the limit."""
        return self._result.truncated

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self._result.table

    def df(self) -> pd.DataFrame:
        """The rows as a pandas table. Raises ImportError where pandas is not installed."""
        frame: pd.DataFrame = self._result.table.to_pandas()
        return frame

    def __len__(self) -> int:
        return int(self._result.table.num_rows)

    def __repr__(self) -> str:
        from warehouse.export import to_table

        return to_table(self._result.table)

    def _repr_html_(self) -> str:
        """What a notebook shows: the first rows, everything in them as text."""
        rows = self.rows()[:_SHOWN]
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{'' if v is None else escape(str(v))}</td>" for v in row) + "</tr>" for row in rows
        )
        more = f"，显示前 {_SHOWN} 行" if len(self) > _SHOWN else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>（{len(self)} 行{more}）</p>"


class Analyst:
    """Questions to the warehouse of one home. Also a context manager, though there is nothing to close."""

    def __init__(self, home: Path, limits: Limits) -> None:
        self._home, self._limits = home, limits

    def execute(self, sql: str, *, rows: int | None = None, seconds: float | None = None) -> Answer:
        """Run one SELECT; `rows` and `seconds` widen or narrow the limits for this question.

        Warns when the answer was cut at the limit of rows. Raises QueryError with a code and a sentence for whatever
        is no SELECT on the warehouse, fails, or needs more time, memory or room than allowed.
        """
        limits = self._limits
        if rows is not None:
            limits = msgspec.structs.replace(limits, rows=rows)
        if seconds is not None:
            limits = msgspec.structs.replace(limits, seconds=seconds)
        result = run_query(self._home, sql, limits)
        if result.truncated:
            warnings.warn(f"只取了前 {result.limit} 行，后面还有；请加条件，或用 rows= 放宽。", stacklevel=2)
        return Answer(result)

    def df(self, sql: str, *, rows: int | None = None, seconds: float | None = None) -> pd.DataFrame:
        """The answer as a pandas table. Raises as `execute`."""
        return self.execute(sql, rows=rows, seconds=seconds).df()

    def tables(self) -> list[str]:
        """Names of the views there are to ask. Raises QueryError when there is no warehouse."""
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
        return [str(row[0]) for row in self.execute(names).fetchall()]

    def close(self) -> None:
        """Nothing is held between questions; here so that it can be used as other connections are."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(home: Path | str | None = None, *, limits: Limits | None = None) -> Analyst:
    """Questions to the warehouse of a home: the one given, else `QINGQIAN_HOME`, else ./data."""
    folder = Path(home or os.environ.get("QINGQIAN_HOME") or "data").expanduser().resolve()
    return Analyst(folder, limits or Limits())
