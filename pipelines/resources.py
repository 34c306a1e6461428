"""What assets are given: the night (home, sources, workers) and where small results between assets are kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import msgspec

from pipelines.executors import executors_set
from pipelines.home import only_night, resolve_home
from pipelines.night import Night
from warehouse.durable import write_bytes_atomic


class NightFiles(dg.IOManager):
    """Keeps each asset's result of a night as JSON under <home>/nights/<night>/, written whole or not at all."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def _path(self, context: dg.OutputContext | dg.InputContext) -> Path:
        night = context.partition_key if context.has_partition_key else "no-night"
        return self.home / "nights" / night / f"{context.asset_key.path[-1]}.json"

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write the JSON aside and rename it."""
        write_bytes_atomic(self._path(context), msgspec.json.encode(obj))

    def load_input(self, context: dg.InputContext) -> Any:
        """The JSON that the asset upstream wrote in the same night, as plain Python."""
        return msgspec.json.decode(self._path(context).read_bytes())


@dg.resource(
    description="一夜要用的：状态目录、来源、进程数、在哪里读（取自 QINGQIAN_HOME、_INBOX、_WORKERS、_EXECUTOR）"
)
def night_from_environment(_: dg.InitResourceContext) -> Night:
    """The night as a deployed Dagster runs it; the command line passes its own."""
    inbox = os.environ.get("QINGQIAN_INBOX")
    return Night(
        home=resolve_home(None),
        inbox=Path(inbox) if inbox else None,
        workers=int(os.environ.get("QINGQIAN_WORKERS") or "2"),
        executors=executors_set(resolve_home(None)),
    )


@dg.resource(description="一个状态目录同一时刻只有一夜在跑：整个运行期间持有锁")
def only_publisher(_: dg.InitResourceContext) -> Iterator[str]:
    """Holds the home's night lock for the whole run, also against `qingqian nightly`; the kernel frees it at a crash.

    Raises HomeBusyError at once when another night runs.
    """
    with only_night(resolve_home(None)):
        yield "held by this run"


@dg.io_manager(required_resource_keys={"night"}, description="<home>/nights/<夜>/ 下的 JSON")
def night_files(context: dg.InitResourceContext) -> NightFiles:
    """Results between assets, beside the rest of the home's state."""
    night: Night = context.resources.night
    return NightFiles(night.home)
