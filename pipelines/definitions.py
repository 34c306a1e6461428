"""Everything Dagster is told, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.jobs import NIGHTLY
from pipelines.resources import night_files, night_from_environment
from pipelines.schedules import at_two
from pipelines.sensors import inbox_arrivals


def build_defs(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions; `overrides` replaces resources by name (`night`, `night_files`), for tests and the CLI."""
    resources: dict[str, Any] = {"night": night_from_environment, "night_files": night_files, **(overrides or {})}
    return dg.Definitions(
        assets=ASSETS, jobs=[NIGHTLY], schedules=[at_two], sensors=[inbox_arrivals], resources=resources
    )


defs = build_defs()
