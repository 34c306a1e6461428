"""An executor for tests of what a night does around reading: no child is started, which takes longer than to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec

from extractors.facts import Context
from extractors.process import process
from pipelines.isolation.pool import Outcome, Task
from pipelines.night import Night

NOW = dt.datetime(2026, 7, 1, 18, tzinfo=dt.UTC)


class InThisProcess:
    """Reads as a child would, without its limits."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            context = msgspec.json.decode(task.context, type=Context)
            yield Outcome(key=task.key, ok=True, payload=process(Path(task.path).read_bytes(), task.name, context))


def in_this_process(workers: int) -> nullcontext[InThisProcess]:
    """For `Night(executors=…)`."""
    return nullcontext(InThisProcess())


def night_of_july(home: Path, day: int) -> dict[str, str]:
    """A night's pull, reading and staging of the inbox beside a home; paths that were read with how that ended."""
    night = Night(
        home=home, inbox=home.parent / "inbox", executors=in_this_process,
        clock=lambda: NOW + dt.timedelta(days=day),
    )  # fmt: skip
    as_of = dt.date(2026, 7, day)
    pulled = night.pull(as_of, f"run-{day}")
    read = {r["path"]: r["status"] for r in night.read(as_of)}
    night.stage(as_of)
    with night.open() as state:
        state.end_run(f"run-{day}", "done", counts=pulled.counts, now=night.clock())
    return read
