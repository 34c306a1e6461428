"""An executor for tests of what a night does around reading: no child is started, which takes longer than to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import msgspec

from extractors.facts import Context
from extractors.process import process
from pipelines.isolation.pool import Outcome, Task


class InThisProcess:
    """Reads as a child would, without its limits."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            context = msgspec.json.decode(task.context, type=Context)
            yield Outcome(key=task.key, ok=True, payload=process(Path(task.path).read_bytes(), task.name, context))


def in_this_process(workers: int) -> nullcontext[InThisProcess]:
    """For `Night(executors=…)`."""
    return nullcontext(InThisProcess())
