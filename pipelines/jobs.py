"""The job `nightly`: every asset, once, in one process.

In-process on purpose: a process per step costs more than the step (five seconds of start-up each), and the risky
part, reading files, runs in limited children anyway.
"""

from __future__ import annotations

import dagster as dg

from pipelines.partitions import NIGHTS


@dg.failure_hook(required_resource_keys={"night"})
def record_failure(context: dg.HookContext) -> None:
    """Say in the state store, where `qingqian status` looks, that the night did not come to its end; tell people."""
    context.resources.night.failed(context.run_id, step=context.op.name)


@dg.success_hook(required_resource_keys={"night"})
def tell_people(context: dg.HookContext) -> None:
    """After the last step: the morning summary."""
    if context.op.name == "warehouse":
        context.resources.night.ended(context.run_id)


NIGHTLY = dg.define_asset_job(
    name="nightly",
    selection=dg.AssetSelection.all(),
    partitions_def=NIGHTS,
    executor_def=dg.in_process_executor,
    description="收件、读取、抽取、校验、入库、发布，一夜一次。Pull, read, extract, audit, load, publish.",
    hooks={record_failure, tell_people},
    tags={"dagster/max_runtime": "21600"},
)
