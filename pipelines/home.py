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

    The lock is the kernel's (flock), so a killed night leaves none behind. With a state store on a server a second lock
    is held there: a home on a network share may be mounted without locks.
    """
    import fcntl

    from warehouse.state_place import server_set

    home.mkdir(parents=True, exist_ok=True)
    with (home / "night.lock").open("a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeBusyError(f"另一个夜间任务正在使用 {home}；请等它结束，或用 --home 指定另一个目录") from None
        server = server_set()
        if server is None:
            yield
            return
        from warehouse.state_server import only_night_on

        with only_night_on(server) as is_ours:
            if not is_ours:
                raise HomeBusyError(f"另一台机器上的夜间任务正在使用 {home} 的状态库；请等它结束")
            yield
