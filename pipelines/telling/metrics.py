"""Figures for Prometheus: `<home>/metrics/qingqian.prom`, for node_exporter's textfile collector."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

from warehouse.state import State
from warehouse.state_sources import all_health
from warehouse.state_troubles import standing_troubles


def write_metrics(home: Path, state: State, now: dt.datetime) -> Path:
    """Write the file whole, so that the collector never reads half of it. Raises OSError when the disk refuses."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()

    def gauge(name: str, about: str, value: float | None = None, labels: dict[str, float] | None = None,
              label: str = "") -> None:  # fmt: skip
        made = Gauge(f"qingqian_{name}", about, [label] if label else [], registry=registry)
        if value is not None:
            made.set(value)
        for key, number in (labels or {}).items():
            made.labels(key).set(number)

    runs = state.runs(400)
    done = next((r for r in runs if r.status == "done"), None)
    last = runs[0] if runs else None
    if last is not None:
        gauge("last_run_ok", "1 when the last night came to its end", float(last.status == "done"))
    if done is not None and done.ended_at is not None:
        gauge("last_success_timestamp_seconds", "when a night last came to its end", done.ended_at.timestamp())
        gauge("last_success_duration_seconds", "how long it took", (done.ended_at - done.started_at).total_seconds())
        gauge("documents", "files of the last night", labels=done.counts.get("documents", {}), label="state")
        gauge("rows", "rows of the published views", labels=done.counts.get("rows", {}), label="view")
        gauge("findings", "standing findings", labels=done.counts.get("findings", {}), label="severity")
    health = all_health(state)
    gauge("source_failures", "nights failed in a row", labels={h.source: h.failures for h in health}, label="source")
    gauge(
        "source_last_ok_timestamp_seconds", "when a source was last pulled",
        labels={h.source: h.last_ok_at.timestamp() for h in health if h.last_ok_at}, label="source",
    )  # fmt: skip
    gauge(
        "source_last_new_timestamp_seconds", "when a source last brought something new",
        labels={h.source: h.last_new_at.timestamp() for h in health if h.last_new_at}, label="source",
    )  # fmt: skip
    kinds: dict[str, float] = dict.fromkeys(("source", "night", "secrecy", "expectation", "telling", "disk"), 0)
    for trouble in standing_troubles(state):
        kinds[trouble.kind] = kinds.get(trouble.kind, 0) + 1
    gauge("troubles", "what is wrong now", labels=kinds, label="kind")
    gauge("disk_free_bytes", "free space where the home folder lies", float(shutil.disk_usage(home).free))
    gauge("written_timestamp_seconds", "when these figures were written", now.timestamp())
    path = home / "metrics" / "qingqian.prom"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)
    return path
