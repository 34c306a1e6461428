"""After a crash: close what a dead process left open.

The launcher of a single box does not watch its runs (Dagster's DefaultRunLauncher has no worker health check), so a
killed run stays STARTED. Whoever holds the home's night lock knows that no other night is alive.
"""

from __future__ import annotations

import datetime as dt

import dagster as dg

_OPEN = [
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.CANCELING,
]


def end_dead_runs(
    instance: dg.DagsterInstance, *, older_than: dt.timedelta = dt.timedelta(0), now: dt.datetime | None = None
) -> list[str]:
    """Mark runs of the job `nightly` that are open though their process is gone as failed; returns their ids.

    Call only while holding the night lock. With `older_than`, runs that started less than that before `now` are left:
    they may be on their way to the lock.
    """
    dead = []
    for record in instance.get_run_records(dg.RunsFilter(job_name="nightly", statuses=_OPEN)):
        if now is None or now - record.create_timestamp >= older_than:
            run = record.dagster_run
            instance.report_run_failed(run, "the process that ran this night is gone; the next night takes over")
            dead.append(run.run_id)
    return dead
