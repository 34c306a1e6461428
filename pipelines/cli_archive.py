"""`qingqian archive verify|clear`: keeping originals and facts that lie on another storage (`QINGQIAN_ARCHIVE`)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli_options import Home

if TYPE_CHECKING:
    from warehouse.far_store import FarStore

archive_app = typer.Typer(
    help="原始文件的存放处（QINGQIAN_ARCHIVE）：核对、腾出本机空间。Originals on another storage.", no_args_is_help=True
)


def _store(home: Path) -> FarStore:
    from pipelines.cli import CommandError
    from warehouse.archive import archive_set
    from warehouse.far_store import ARCHIVE
    from warehouse.state import has_state

    store = archive_set()
    if store is None:
        raise CommandError(
            f"没有设原始文件的存放处；请把环境变量 {ARCHIVE} 设为 s3://桶/文件夹 或 file:///挂载的文件夹"
        )
    if not has_state(home):
        raise CommandError(f"{home} 里还没有跑过夜间任务；请用 --home 指定目录")
    return store


@archive_app.command("verify")
def verify(
    home: Home = None,
    thorough: Annotated[bool, typer.Option("--read", help="本机没有副本的，从存放处整个读一遍，不只看大小")] = False,
) -> None:
    """核对每个原始文件在存放处是否完好；本机有完好副本的，缺损的重新存放。"""
    from pipelines.cli import CommandError
    from pipelines.home import only_night, resolve_home
    from pipelines.kept_there import known_originals
    from warehouse.archive_room import check_there
    from warehouse.state import open_state

    folder = resolve_home(home)
    store = _store(folder)
    with only_night(folder), open_state(folder) as state:
        found = check_there(folder, store, known_originals(state), thorough=thorough)
    print(f"存放处 {store.url}：{found.whole:,} 个原始文件完好，{len(found.mended):,} 个缺损、已从本机重新存放")
    if found.lost:
        raise CommandError(
            f"{len(found.lost)} 个原始文件在本机和存放处都没有完好的（{'、'.join(i[:12] for i in found.lost[:5])}）；"
            "请把原文件重新放入来源文件夹，或从备份恢复"
        )


@archive_app.command("clear")
def clear(
    days: Annotated[int, typer.Option("--days", min=0, help="只删这么多天以前写入本机的")] = 30,
    home: Home = None,
) -> None:
    """腾出本机空间：删去存放处已有同样副本的原始文件和读取结果；要用时自动取回。夜间任务进行中不能用。"""
    from pipelines.home import only_night, resolve_home
    from warehouse.archive_room import clear_room

    folder = resolve_home(home)
    store = _store(folder)
    with only_night(folder):
        done = clear_room(folder, store, before=dt.datetime.now(dt.UTC) - dt.timedelta(days=days))
    print(f"已删去本机的 {done.files:,} 个文件，腾出 {done.bytes / 1e6:,.1f} MB；它们都在 {store.url}")
    if done.stayed:
        print(
            f"另有 {done.stayed:,} 个留着：存放处没有同样的副本；跑一夜 nightly 或 qingqian archive verify 会重新存放"
        )
