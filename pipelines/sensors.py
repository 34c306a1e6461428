"""A sensor on the drop folders: something new arrived and has stopped growing, so run tonight's partition now."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time

import dagster as dg

from pipelines.fetching.folder import list_folder
from pipelines.jobs import NIGHTLY
from pipelines.night import Night
from pipelines.partitions import today
from pipelines.sources import FolderSource


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
        if isinstance(source, FolderSource) and source.folder(night.home).is_dir()
        for f in list_folder(source, night.home, time.time())
        if f.ignored is None
    ]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]
