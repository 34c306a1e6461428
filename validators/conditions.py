"""Conditions on one column, all rows at once and exactly: what `between` and `matches` of a check mean.

The library's own `between` asks value by value and its regular expressions let a trailing newline pass, so these are
ours; they mark the rows that fail, and a null never fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from validators.checks import Check

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from validators.checks import Failing

    BoolArray = npt.NDArray[np.bool_]


def as_mask(answer: Any) -> BoolArray:
    """An Arrow boolean column as numpy, null being False."""
    filled = pc.fill_null(answer, False)
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    mask: BoolArray = filled.to_numpy(zero_copy_only=False)
    return mask.copy()


def outside(table: pa.Table, check: Check) -> BoolArray:
    """Rows whose value (first column) lies below `minimum` or above `maximum`."""
    column = table.column(0)
    masks = []
    if check.minimum is not None:
        masks.append(as_mask(pc.less(column, limit(check.minimum, column.type))))
    if check.maximum is not None:
        masks.append(as_mask(pc.greater(column, limit(check.maximum, column.type))))
    if not masks:
        raise ValueError(f"check {check.rule} on {check.columns[0]} is of kind between and has no limit")
    return masks[0] if len(masks) == 1 else masks[0] | masks[1]


def limit(value: Any, kind: pa.DataType) -> pa.Scalar:
    """A limit in the type of its column."""
    return pa.scalar(value, type=kind)


def unmatched(table: pa.Table, check: Check) -> BoolArray:
    """Rows whose text (first column) is not matched as a whole; RE2 syntax, where `\\z` is the very end."""
    if check.pattern is None:
        raise ValueError(f"check {check.rule} on {check.columns[0]} is of kind matches and has no pattern")
    body = check.pattern.removeprefix("^").removesuffix("$")
    return as_mask(pc.invert(pc.match_substring_regex(table.column(0), rf"\A(?:{body})\z")))


def of(check: Check) -> Failing:
    """The predicate of a check that is not one of the library's own."""
    match check.kind:
        case "between":
            return lambda table: outside(table, check)
        case "matches":
            return lambda table: unmatched(table, check)
        case "satisfies" if check.failing is not None:
            return check.failing
        case _:
            raise ValueError(f"check {check.rule} of kind {check.kind} has no condition of ours")
