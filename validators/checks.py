"""`Check` and `Suite`: what is expected of a table's rows, said without any engine.

A check is a value; `suite_runner` hands it to Great Expectations and returns the positions of the rows that fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Failing = Callable[[pa.Table], npt.NDArray[np.bool_]]

CheckKind = Literal["not_null", "unique", "in_set", "between", "matches", "satisfies"]
Explain = Callable[[Mapping[str, Any]], Mapping[str, object]]


def explain_nothing(row: Mapping[str, Any]) -> Mapping[str, object]:
    """No values beside the place and the value itself."""
    return {}


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation.

    `not_null`, `in_set` (`allowed`), `between` (`minimum`, `maximum`, inclusive) and `matches` (`pattern`, the whole
    value) look at one column and let null pass, `not_null` excepted. `unique` looks at one column or several together.
    `satisfies` hands `columns` to `failing`, which marks the rows that fail. `field` is the column a finding points
    to; `explain` gives the values of the rule's sentence from a failing row's `columns`.
    """

    rule: str
    kind: CheckKind
    columns: tuple[str, ...]
    field: str | None
    allowed: tuple[str, ...] = ()
    minimum: Decimal | int | dt.date | None = None
    maximum: Decimal | int | dt.date | None = None
    pattern: str | None = None
    failing: Failing | None = None
    explain: Explain = explain_nothing


@dataclass(frozen=True, slots=True)
class Suite:
    """The checks of one kind on one table. A failure in a blocking suite keeps the file from being published."""

    name: str
    table: str
    checks: tuple[Check, ...]
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Rows of the table that fail a check, by position from 0, ascending."""

    check: Check
    positions: npt.NDArray[np.int64]


class AuditError(RuntimeError):
    """The audit itself could not be done; its message says which suite and table. Never a verdict on the data."""
