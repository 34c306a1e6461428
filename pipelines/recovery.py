"""After a crash: close what a dead process left open.

The launcher of a single box does not watch its runs (Dagster's DefaultRunLauncher has no worker health check), so a
killed run stays STARTED. Whoever holds the home's night lock knows that no other night is alive.
"""

from __future__ import annotations

import dagster as dg

_OPEN = [
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.CANCELING,
]


def end_dead_runs(instance: dg.DagsterInstance) -> int:
    """Mark runs of the job `nightly` that are open though their process is gone as failed; returns how many.

    Call only while holding the night lock.
    """
    dead = instance.get_runs(dg.RunsFilter(job_name="nightly", statuses=_OPEN))
    for run in dead:
        instance.report_run_failed(run, "the process that ran this night is gone; the next night took over")
    return len(dead)
