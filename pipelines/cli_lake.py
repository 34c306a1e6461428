"""`qingqian lake nights|tidy|verify|reload`: keeping a lakehouse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli_options import Home

if TYPE_CHECKING:
    from warehouse.engine import Engine

lake_app = typer.Typer(help="湖仓：各夜、整理、核对、重装。Lakehouse housekeeping.", no_args_is_help=True)


@contextmanager
def _lake() -> Iterator[Engine]:
    """The lakehouse that is set; what is wrong with it as a command's failure."""
    from pipelines.cli import CommandError
    from warehouse.engine import VARIABLE, EngineError, engine_set
    from warehouse.lake.attach import LakeError

    try:
        engine = engine_set()
        if engine.kind != "ducklake":
            raise CommandError(f"没有设湖仓；请把环境变量 {VARIABLE} 设为 ducklake:postgres://用户@主机/库名")
        yield engine
    except (EngineError, LakeError) as e:
        raise CommandError(str(e)) from e


@lake_app.command("nights")
def list_nights() -> None:
    """湖仓里还留着哪几夜，各是几号快照。"""
    from warehouse.lake.attach import attach, place_of
    from warehouse.lake.nights import nights

    with _lake() as engine:
        place = place_of(engine)
        found = []
        if place.is_made:
            with attach(engine, place, read_only=True) as lake:
                found = nights(lake)
        for n in found:
            print(f"{n.night}  快照 {n.snapshot:>6}  {n.committed_at:%Y-%m-%d %H:%M} 装入")
        if not found:
            print("湖仓里还没有装入过；请先运行 qingqian nightly")


@lake_app.command("tidy")
def tidy_now(
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="保留最近几夜；不给则用 QINGQIAN_LAKE_NIGHTS，再不然 7 夜")
    ] = None,
) -> None:
    """合并小文件，放掉较早的夜，删去不再需要的文件；每夜装入后也会自动做。"""
    from warehouse.lake.housekeeping import kept_nights, tidy

    with _lake() as engine:
        done = tidy(engine, keep=keep or kept_nights())
        print(f"合并 {done.compacted} 处，放掉 {done.expired} 个快照，删去 {done.deleted} 个文件，保留 {done.kept} 夜")


@lake_app.command("verify")
def verify_all(home: Home = None) -> None:
    """把湖仓的每一张表读一遍，与装入时核对。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home
    from warehouse.lake.publish import verify
    from warehouse.state import open_state

    with _lake() as engine, open_state(resolve_home(home)) as state:
        wrong = verify(state, engine)
        if wrong:
            raise CommandError("".join(wrong))
        print("湖仓的每一张表都与装入时相同")


@lake_app.command("reload")
def reload_all(home: Home = None) -> None:
    """不看以前装过什么，把已发布的仓库整库重新装入湖仓。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home
    from pipelines.serving import serve_published
    from warehouse.publish import warehouse_path
    from warehouse.server_loads import forget
    from warehouse.state import open_state

    folder = resolve_home(home)
    if not warehouse_path(folder).is_file():
        raise CommandError(f"{folder} 下还没有已发布的仓库；请先运行 qingqian nightly")
    with _lake() as engine, open_state(folder) as state:
        forget(state, engine.name)
        done = serve_published(folder, state, now=dt.datetime.now(dt.UTC))
        assert done is not None
        if done["status"] == "failed":
            raise CommandError(done["message"])
        print(done["message"])
