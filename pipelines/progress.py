"""Progress bars on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Bar:
    """A bar that may be nothing: `advance` counts, `describe` says what is being done."""

    def advance(self, by: int) -> None:
        """Count `by` steps as done."""

    def describe(self, text: str) -> None:
        """Show what is being done now."""

    def start(self, text: str, total: int) -> None:
        """Begin to count something else, from nothing to `total`."""


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Bar]:
    """A bar on stderr when stderr is a terminal, else a silent one."""
    if not sys.stderr.isatty():
        yield Bar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(label, total=total)

        class Shown(Bar):
            def advance(self, by: int) -> None:
                shown.advance(task, by)

            def describe(self, text: str) -> None:
                shown.update(task, description=text)

            def start(self, text: str, total: int) -> None:
                shown.reset(task, description=text, total=total)

        yield Shown()
