"""The one module that imports Great Expectations: suites in, positions of failing rows out.

Its analytics are switched off before the import, its context lives in memory, it reaches no network and writes no
file, and none of its objects leave this module.

Each table goes in as a pandas frame on Arrow columns (exact decimals) whose index is the row's position. With a
*named* index, `exclude_unexpected_values` and no index query, a COMPLETE result holds every failing position at the
cost of a count, even where all rows fail; by id columns it would look up each failing value one by one.
"""

from __future__ import annotations

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import itertools
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from validators import conditions
from validators.checks import AuditError, Check, Failure, Suite
from validators.unseen import unseen

# An installed Spark would be imported with it, half a second of each night, and ends some processes outright.
with unseen("pyspark"):
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.execution_engine import pandas_execution_engine
    from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
    from great_expectations.expectations.core.expect_column_values_to_be_unique import ExpectColumnValuesToBeUnique
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import ExpectColumnValuesToNotBeNull
    from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
        ExpectCompoundColumnsToBeUnique,
    )
    from great_expectations.expectations.expectation import ColumnMapExpectation, MulticolumnMapExpectation
    from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
        column_condition_partial,
    )
    from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
        ColumnMapMetricProvider,
    )
    from great_expectations.expectations.metrics.map_metric_provider.multicolumn_condition_partial import (
        multicolumn_condition_partial,
    )
    from great_expectations.expectations.metrics.map_metric_provider.multicolumn_map_metric_provider import (
        MulticolumnMapMetricProvider,
    )

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from validators.checks import Failing


def no_fingerprint(frame: pd.DataFrame) -> str:
    """Stands in for the library's hash over every value of a frame: a mark nothing asks for, at 40 % of the time."""
    return ""


pandas_execution_engine.hash_pandas_dataframe = no_fingerprint

POSITION = "row_position"
RESULT_FORMAT: dict[str, Any] = {
    "result_format": "COMPLETE",
    "unexpected_index_column_names": [POSITION],
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}

# Written predicates of the running suites by name: an expectation's arguments must be plain values, so it carries
# the name only.
_PREDICATES: dict[str, Failing] = {}
_NUMBERS = itertools.count(1)


class ColumnSatisfies(ColumnMapMetricProvider):
    """The metric behind `ExpectColumnValuesToSatisfy`; the library leaves null values out before it asks."""

    condition_metric_name = "column_values.satisfy_written_rule"
    condition_value_keys = ("predicate",)

    @column_condition_partial(engine=PandasExecutionEngine)
    def _pandas(cls, column: pd.Series[Any], predicate: str, **kwargs: Any) -> pd.Series[bool]:  # noqa: N805
        return satisfied(column.to_frame(), predicate)


class RowsSatisfy(MulticolumnMapMetricProvider):
    """The metric behind `ExpectRowsToSatisfy`: asks one of our vectorised predicates."""

    condition_metric_name = "multicolumn_values.satisfy_written_rule"
    condition_domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
    condition_value_keys = ("predicate",)

    @multicolumn_condition_partial(engine=PandasExecutionEngine)  # type: ignore[untyped-decorator]
    def _pandas(cls, column_list: pd.DataFrame, predicate: str, **kwargs: Any) -> pd.Series[bool]:  # noqa: N805
        return satisfied(column_list, predicate)


class ExpectColumnValuesToSatisfy(ColumnMapExpectation):
    """Expect every value given to satisfy a condition the library has not, or not exactly and fast enough."""

    map_metric = "column_values.satisfy_written_rule"
    success_keys = ("mostly", "predicate")
    args_keys = ("column", "predicate")
    predicate: str


class ExpectRowsToSatisfy(MulticolumnMapExpectation):
    """Expect every row to satisfy a written rule over several columns; null sides are the rule's own business."""

    map_metric = "multicolumn_values.satisfy_written_rule"
    success_keys = ("column_list", "mostly", "predicate")
    args_keys = ("column_list", "predicate")
    predicate: str


def satisfied(frame: pd.DataFrame, predicate: str) -> pd.Series[bool]:
    """True where the predicate does not object, on the frame's own index."""
    failing = _PREDICATES[predicate](pa.Table.from_pandas(frame, preserve_index=False))
    return pd.Series(~failing, index=frame.index)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the library's running commentary out of ours."""
    logger = logging.getLogger("great_expectations")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def expectation_of(check: Check, number: int, predicate: str) -> Any:
    """The library's own form of a check; `number` comes back with the result, which is not in our order."""
    meta = {"number": number}
    column, columns = check.columns[0], list(check.columns)
    match check.kind:
        case "not_null":
            return ExpectColumnValuesToNotBeNull(column=column, meta=meta)
        case "unique" if len(columns) == 1:
            return ExpectColumnValuesToBeUnique(column=column, meta=meta)
        case "unique":
            return ExpectCompoundColumnsToBeUnique(column_list=columns, ignore_row_if="never", meta=meta)
        case "in_set":
            return ExpectColumnValuesToBeInSet(column=column, value_set=list(check.allowed), meta=meta)
        case "between" | "matches" | "satisfies" if len(columns) == 1:
            return ExpectColumnValuesToSatisfy(column=column, predicate=predicate, meta=meta)
        case _:
            return ExpectRowsToSatisfy(column_list=columns, ignore_row_if="never", predicate=predicate, meta=meta)


def run_suites(table: pa.Table, suites: Sequence[Suite]) -> dict[str, tuple[Failure, ...]]:
    """Failures of every suite on one table, by suite name, in the order of the suite's checks.

    All suites must be of the one table, and the table must have their columns in the schema's types. Raises
    AuditError when the library could not evaluate an expectation: never a verdict on the data. Checks of columns
    that are null throughout are left out, since null passes all of them but `not_null`.
    """
    empty = {c for c in table.column_names if table.column(c).null_count == table.num_rows}
    checks = [c for s in suites for c in s.checks if c.kind == "not_null" or not empty.issuperset(c.columns)]
    if not checks or not table.num_rows:
        return {s.name: () for s in suites}
    names = [f"{suites[0].table}/{next(_NUMBERS)}" for _ in checks]
    for name, check in zip(names, checks, strict=True):
        if check.kind in ("between", "matches", "satisfies"):
            _PREDICATES[name] = conditions.of(check)
    try:
        with quiet():
            positions = evaluate(table, checks, names, suites[0].table)
    finally:
        for name in names:
            _PREDICATES.pop(name, None)
    failed = {id(c): Failure(c, p) for c, p in zip(checks, positions, strict=True) if p.size}
    return {s.name: tuple(failed[id(c)] for c in s.checks if id(c) in failed) for s in suites}


def in_memory() -> DataContextConfig:
    """A context that keeps everything in memory; the default one makes and removes a folder for its pages."""
    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )


def evaluate(table: pa.Table, checks: Sequence[Check], names: Sequence[str], title: str) -> list[NDArray[np.int64]]:
    """The positions of failing rows for each check, in the order of the checks."""
    used = list(dict.fromkeys(c for check in checks for c in check.columns))
    frame = table.select(used).to_pandas(types_mapper=pd.ArrowDtype)
    frame.index = pd.RangeIndex(len(frame), name=POSITION)
    context = gx.get_context(mode="ephemeral", project_config=in_memory())
    asset = context.data_sources.add_pandas("staged").add_dataframe_asset(title)
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name=title, expectations=[expectation_of(c, i, names[i]) for i, c in enumerate(checks)])
    answer = batch.validate(suite, result_format=RESULT_FORMAT)
    found: list[NDArray[np.int64] | None] = [None] * len(checks)
    for result in answer.results:
        settings = result.expectation_config
        if settings is None or settings.meta is None:
            raise AuditError(f"审核表{title}时有结果认不出属于哪一检查项；请核对 great_expectations 的版本")
        number = settings.meta["number"]
        found[number] = positions_of(result, checks[number], title)
    if any(f is None for f in found):
        raise AuditError(f"审核表{title}时有检查项未得出结果；请用 --debug 重新运行并查看日志")
    return [f for f in found if f is not None]


def positions_of(result: Any, check: Check, title: str) -> NDArray[np.int64]:
    """Failing positions of one result; AuditError when it is an exception or its counts do not agree."""
    raised = list(exception_messages(result.exception_info))
    if raised:
        raise AuditError(f"审核表{title}的检查项{check.rule}（列{'、'.join(check.columns)}）未能执行：{raised[0]}")
    listed = result.result.get("unexpected_index_list") or []
    positions = np.sort(np.asarray(listed[0][POSITION] if listed else [], dtype=np.int64))
    if positions.size != result.result["unexpected_count"] or result.success != (positions.size == 0):
        raise AuditError(f"审核表{title}的检查项{check.rule}计数与行号不符；请核对 great_expectations 的版本")
    return positions


def exception_messages(info: Any) -> Iterator[str]:
    """Messages of the exceptions in a result; the library nests them by metric or gives one flat record."""
    if not isinstance(info, dict):
        return
    if info.get("raised_exception") is True:
        yield str(info.get("exception_message"))
    for value in info.values():
        yield from exception_messages(value)
