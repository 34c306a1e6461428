"""`qingqian dagster …`: Dagster's own command line on this home's instance."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipelines.home import dagster_home, resolve_home, settings_folder


def environment(home: Path) -> dict[str, str]:
    """The variables Dagster needs to find its settings and to keep all state under the home."""
    state = dagster_home(home)
    state.mkdir(parents=True, exist_ok=True)
    return {
        "QINGQIAN_HOME": str(home),
        "QINGQIAN_DAGSTER_HOME": str(state),
        "DAGSTER_HOME": str(settings_folder()),
        "GX_ANALYTICS_ENABLED": "false",
    }


def run(arguments: list[str]) -> None:
    """Replace this process by `dagster ARGUMENTS`; `dev` serves our definitions unless told otherwise."""
    os.environ.update(environment(resolve_home(None)))
    if arguments[:1] == ["dev"] and not any(a in ("-m", "-f", "-w") for a in arguments):
        arguments = [*arguments, "-m", "pipelines.definitions"]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *arguments])  # noqa: S606 - our own interpreter
