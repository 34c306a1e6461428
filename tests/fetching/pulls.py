"""Pulling sources in tests: the intake as a night calls it, on a home of its own, with pauses noted and not waited."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from pipelines.intake import Taken, take_in
from pipelines.progress import Bar
from pipelines.source_schema import Source
from pipelines.sources import read_source
from warehouse.archive import read_archived
from warehouse.state import open_state

START = dt.datetime(2026, 7, 1, 18, 0, tzinfo=dt.UTC)


def source(**keys: Any) -> Source:
    """A source as its YAML is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yml"
        path.write_text(yaml.safe_dump(keys, allow_unicode=True), encoding="utf-8")
        return read_source(path)


class Pulls:
    """Nights one after another on one home; `slept` are the pauses of the last."""

    def __init__(self, home: Path) -> None:
        self.home, self.night = home, 0
        self.slept: list[float] = []

    def __call__(self, *sources: Source, hours: float = 24.0) -> list[Taken]:
        self.slept = []
        now = START + dt.timedelta(hours=hours * self.night)
        self.night += 1
        with open_state(self.home) as state:
            pulled = take_in(self.home, state, sources, night=now.date(), now=now, bar=Bar(), sleep=self.slept.append)
        leftovers = list((self.home / "fetch").rglob("*.whole"))
        assert not leftovers, "what was archived is no longer kept apart"
        return list(pulled.files)

    def bytes_of(self, taken: Taken) -> bytes:
        assert taken.file_id is not None
        return read_archived(self.home, taken.file_id)

    def health(self, name: str) -> Any:
        from warehouse.state_sources import health

        with open_state(self.home) as state:
            return health(state, name)

    def troubles(self) -> dict[str, str]:
        from warehouse.state_troubles import standing_troubles

        with open_state(self.home) as state:
            return {t.trouble_id: t.message for t in standing_troubles(state)}


def changes(files: list[Taken]) -> dict[str, int]:
    return dict(Counter(f.change for f in files))
