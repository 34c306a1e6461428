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


def _recover(home: Path) -> None:
    """At start-up: end the runs that a crash left open, unless a night is running."""
    import dagster as dg

    from pipelines.home import HomeBusyError, only_night
    from pipelines.recovery import end_dead_runs

    try:
        with only_night(home), dg.DagsterInstance.from_config(str(settings_folder())) as instance:
            ended = end_dead_runs(instance)
    except HomeBusyError:
        return
    if ended:
        print(f"上次中断的 {len(ended)} 个运行已结束；下一夜会接着做完", file=sys.stderr)


def run(arguments: list[str]) -> None:
    """Replace this process by `dagster ARGUMENTS`; `dev` serves our definitions unless told otherwise, and `daemon` is
    Dagster's daemon alone, which has a command of its own."""
    home = resolve_home(None)
    os.environ.update(environment(home))
    serves = arguments[:1] == ["dev"] or arguments[:2] == ["daemon", "run"]
    if serves:
        _recover(home)
    if serves and not any(a in ("-m", "-f", "-w", "-h", "--help") for a in arguments):
        arguments = [*arguments, "-m", "pipelines.definitions"]
    module = "dagster"
    if arguments[:1] == ["daemon"]:
        module, arguments = "dagster._daemon", arguments[1:]
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - our own interpreter
