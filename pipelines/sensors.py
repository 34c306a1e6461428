"""A sensor on the drop folders: something new arrived and has stopped growing, so run tonight's partition now."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time

import dagster as dg

from pipelines.fetching.folder import list_folder
from pipelines.home import HomeBusyError, only_night
from pipelines.jobs import NIGHTLY
from pipelines.night import CRASH, Night
from pipelines.partitions import today
from pipelines.recovery import end_dead_runs
from pipelines.sources import FolderSource, SourceError


@dg.sensor(
    job=NIGHTLY,
    minimum_interval_seconds=60,
    default_status=dg.DefaultSensorStatus.STOPPED,
    description="收件夹里来了新文件，并且已不再变化",
)
def inbox_arrivals(
    context: dg.SensorEvaluationContext, night: dg.ResourceParam[Night]
) -> dg.SensorResult | dg.SkipReason:
    """Run when the folders differ from the last night asked for and look the same as at the last tick.

    The cursor is JSON: `seen` is the digest at the last tick, `asked` the digest the last run was asked for.
    """
    cursor = json.loads(context.cursor or "{}")
    digest = listing_digest(night)
    asked, seen = cursor.get("asked"), cursor.get("seen")
    if digest == asked or digest != seen:
        context.update_cursor(json.dumps({"seen": digest, "asked": asked}))
        return dg.SkipReason("没有新文件" if digest == asked else "收件夹正在变化，等它停下来")
    partition = today(dt.datetime.now(dt.UTC)).isoformat()
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"inbox-{digest}", partition_key=partition)],
        cursor=json.dumps({"seen": digest, "asked": digest}),
    )


def listing_digest(night: Night) -> str:
    """A digest of names, sizes and times of all files that the sources would hand over now."""
    lines = [
        f"{f.source}\0{f.path}\0{f.size}\0{f.mtime_ns}"
        for source in night.sources()
        if isinstance(source, FolderSource) and _is_there(source, night)
        for f in list_folder(source, night.home, time.time())
        if f.ignored is None
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def _is_there(source: FolderSource, night: Night) -> bool:
    """Whether there is such a folder; where its path names a variable that is not set, the night tells."""
    try:
        return source.folder(night.home).is_dir()
    except SourceError:
        return False


@dg.sensor(
    minimum_interval_seconds=300,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="进程已经不在、却还显示在运行的夜：结束它并通知",
)
def dead_nights(context: dg.SensorEvaluationContext, night: dg.ResourceParam[Night]) -> dg.SkipReason:
    """End nights whose process is gone and tell people. The home's lock says whether any night lives.

    It asks for no run: the next schedule or a person starts the night again, and it goes on where it stopped.
    """
    try:
        with only_night(night.home):
            ended = end_dead_runs(context.instance, older_than=dt.timedelta(minutes=5), now=night.clock())
    except HomeBusyError:
        return dg.SkipReason("有一夜正在运行")
    for run_id in ended:
        night.failed(run_id, step=CRASH)
    return dg.SkipReason(f"结束了 {len(ended)} 个中断的夜" if ended else "没有中断的夜")
