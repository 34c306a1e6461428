"""Everything Dagster is told, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from pipelines.assets import ASSETS
from pipelines.jobs import NIGHTLY
from pipelines.resources import night_files, night_from_environment, only_publisher
from pipelines.schedules import at_two
from pipelines.sensors import dead_nights, inbox_arrivals


def build_defs(overrides: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions; `overrides` replaces resources by name, for tests and the command line.

    Who gives a `night` of their own holds the home's lock, or shares it with nobody.
    """
    resources: dict[str, Any] = {"night": night_from_environment, "night_files": night_files}
    resources["only_publisher"] = "held by the caller" if overrides and "night" in overrides else only_publisher
    return dg.Definitions(
        assets=ASSETS,
        jobs=[NIGHTLY],
        schedules=[at_two],
        sensors=[inbox_arrivals, dead_nights],
        resources={**resources, **(overrides or {})},
    )


defs = build_defs()
