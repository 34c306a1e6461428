"""Expectation suites derived from the columns the warehouse declares: keys, nulls, domains, ranges, patterns.

The written cross-field rules join them from `ledger_checks` and `circular_checks`. Types are compared before, in
`schema_check`, since no other check means anything on a column of the wrong type.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from validators import circular_checks, ledger_checks, repayment_checks
from validators.checks import Check, Explain, Suite
from validators.conditions import as_mask
from warehouse import uscc
from warehouse.fields import Field
from warehouse.table import Table
from warehouse.tables import TABLES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

EARLIEST_DATE = dt.date(1949, 10, 1)
LATEST_DATE = dt.date(2099, 12, 31)


def uscc_failing(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows whose code (the first column) is given and has a wrong check character, letter or length."""
    return uscc.failing(table.column(0))


def saying(**values: object) -> Explain:
    """An explanation with fixed values, the same for every row."""
    return lambda row: values


def is_identifier(table: Table, field: Field) -> bool:
    """Whether a column is a key or points to one, so that a wrong value breaks the file and not one row."""
    return field.name in table.key or field.name in dict(table.references)


def key_checks(table: Table) -> tuple[Check, ...]:
    """Keys and references are there and well formed; the key is unique."""
    checks: list[Check] = []
    for field in table.fields:
        if is_identifier(table, field):
            checks.append(Check("key_missing", "not_null", (field.name,), field.name))
            if field.pattern:
                checks.append(Check("key_malformed", "matches", (field.name,), field.name, pattern=field.pattern))
    checks.append(Check("key_duplicate", "unique", table.key, table.key[-1]))
    return tuple(checks)


def null_checks(table: Table) -> tuple[Check, ...]:
    """Columns that must not be null, keys apart."""
    return tuple(
        Check("required_missing", "not_null", (f.name,), f.name)
        for f in table.fields
        if not f.nullable and not is_identifier(table, f)
    )


def range_check(field: Field) -> Check | None:
    """The column's limits, if it has any."""
    if field.type == "date":
        return Check(
            "date_implausible", "between", (field.name,), field.name, minimum=EARLIEST_DATE, maximum=LATEST_DATE
        )
    if field.minimum is None and field.maximum is None:
        return None
    low: Decimal | int | None = field.minimum
    high: Decimal | int | None = field.maximum
    if field.type == "int":
        low, high = (None if x is None else int(x) for x in (low, high))
    rule = "money_negative" if field.type == "money" and high is None else "value_out_of_range"
    said: dict[str, object] = {"minimum": "不限" if low is None else low, "maximum": "不限" if high is None else high}
    return Check(rule, "between", (field.name,), field.name, minimum=low, maximum=high, explain=saying(**said))


def pattern_check(table: Table, field: Field) -> Check | None:
    """The column's pattern, if it has one; social credit codes are checked to the last digit."""
    if field.name.endswith("_uscc"):
        return Check("bad_uscc", "satisfies", (field.name,), field.name, failing=uscc_failing)
    if field.pattern is None:
        return None
    rule = "region_code_malformed" if field.name.endswith("region_code") else "value_malformed"
    return Check(rule, "matches", (field.name,), field.name, pattern=field.pattern)


def value_checks(table: Table) -> tuple[Check, ...]:
    """Domains, ranges and patterns of the columns that are no keys."""
    checks: list[Check] = []
    for field in table.fields:
        if is_identifier(table, field):
            continue
        if field.domain:
            allowed = "、".join(field.domain)
            checks.append(
                Check(
                    "value_not_in_domain",
                    "in_set",
                    (field.name,),
                    field.name,
                    allowed=field.domain,
                    explain=saying(allowed=allowed),
                )
            )
        checks.extend(c for c in (range_check(field), pattern_check(table, field)) if c is not None)
    return tuple(checks)


def reference_checks(table: Table, tables: Mapping[str, pa.Table]) -> tuple[Check, ...]:
    """What a row points to is there, for the referred tables that are given."""
    checks: list[Check] = []
    for column, parent in table.references:
        given = tables.get(parent)
        if given is None or parent == table.name:
            continue
        label, keys = TABLES[parent].label_zh, given.column(TABLES[parent].key[0])
        checks.append(
            Check(
                "reference_missing",
                "satisfies",
                (column,),
                column,
                failing=partial(dangling, keys=keys),
                explain=saying(parent=label),
            )
        )
    return tuple(checks)


def dangling(table: pa.Table, keys: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Rows whose value (first column) is none of the keys; a null points nowhere and is the key checks' business."""
    import pyarrow.compute as pc

    column = table.column(0)
    return as_mask(pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=keys.combine_chunks()))))


def suites_of(table_name: str, tables: Mapping[str, pa.Table]) -> tuple[Suite, ...]:
    """Every suite of one table, blocking ones first; `tables` are those its references can be followed in.

    Raises KeyError for a table the warehouse does not know.
    """
    table = TABLES[table_name]
    repayments = repayment_checks.CHECKS if table_name == "ledger_rows" else ()
    suites = [
        Suite("keys", table_name, (*key_checks(table), *reference_checks(table, tables)), blocking=True),
        Suite("required", table_name, null_checks(table), blocking=True),
        Suite("values", table_name, value_checks(table)),
        Suite("circulars", table_name, circular_checks.CHECKS.get(table_name, ())),
        Suite("ledgers", table_name, (*ledger_checks.CHECKS.get(table_name, ()), *repayments)),
    ]
    return tuple(s for s in suites if s.checks)
