"""The home folder: all state of one installation, and nothing else. Two homes never touch each other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class HomeBusyError(Exception):
    """Another night is running on this home."""


def resolve_home(option: Path | None) -> Path:
    """The home folder of a command: its `--home`, else QINGQIAN_HOME, else ./data. Absolute, not yet created."""
    if option is not None:
        return option.expanduser().resolve()
    return Path(os.environ.get("QINGQIAN_HOME") or "data").expanduser().resolve()


def dagster_home(home: Path) -> Path:
    """Where Dagster keeps runs and events of this home."""
    return home / "dagster"


def settings_folder() -> Path:
    """The folder that holds dagster.yaml: the project's root, or the package when installed from a wheel."""
    return ROOT if (ROOT / "dagster.yaml").is_file() else Path(__file__).resolve().parent


@contextmanager
def only_night(home: Path) -> Iterator[None]:
    """Hold the home's night lock; raises HomeBusyError at once when another process holds it.

    The lock is the kernel's (flock), so a killed night leaves none behind.
    """
    import fcntl

    home.mkdir(parents=True, exist_ok=True)
    with (home / "night.lock").open("a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeBusyError(f"另一个夜间任务正在使用 {home}；请等它结束，或用 --home 指定另一个目录") from None
        yield
