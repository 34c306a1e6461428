"""02:00 Beijing time, every night."""

from __future__ import annotations

import dagster as dg

from pipelines.jobs import NIGHTLY
from pipelines.partitions import TIMEZONE, today


@dg.schedule(
    job=NIGHTLY,
    cron_schedule="0 2 * * *",
    execution_timezone=TIMEZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="每天北京时间 2:00",
)
def at_two(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for the night that begins at the tick; the run key makes a repeated tick harmless."""
    night = today(context.scheduled_execution_time).isoformat()
    return dg.RunRequest(run_key=f"nightly-{night}", partition_key=night)
