"""Commands for those who keep the machine: `backup`, `restore`, `morning`."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_options import Home


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("morning")(morning)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="备份目录，应在另一块盘上", show_default=False)],
    originals: Annotated[
        bool, typer.Option("--originals", help="存放处（QINGQIAN_ARCHIVE）的原始文件也复制一份，平时不复制")
    ] = False,
    home: Home = None,
) -> None:
    """备份状态库、原始文件和配置；夜间任务进行中也可以。"""
    from pipelines.backup import back_up
    from pipelines.home import resolve_home

    folder, manifest = back_up(resolve_home(home), target, dt.datetime.now(dt.UTC), all_originals=originals)
    print(f"已备份到 {folder}：{manifest.counts['files']:,} 个文件，{manifest.counts['decisions']:,} 条决定")
    if manifest.elsewhere:
        print(f"其中 {len(manifest.elsewhere):,} 个原始文件在存放处，没有复制；要复制请加 --originals")
    if manifest.missing:
        print(f"注意：{len(manifest.missing)} 个原始文件在状态目录里已缺失，未能备份；请把原件重新放入来源")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="备份目录，或其中的一份", show_default=False)],
    home: Home = None,
) -> None:
    """从备份恢复到一个空的状态目录；之后跑一夜 nightly，仓库即重建。"""
    from pipelines.backup import restore as bring_back
    from pipelines.home import resolve_home

    started = time.monotonic()
    manifest = bring_back(source, resolve_home(home))
    print(
        f"已恢复 {manifest.taken_at} 的备份，用时 {time.monotonic() - started:.1f} 秒；请运行 qingqian nightly 重建仓库"
    )
    if manifest.missing:
        print(f"注意：{len(manifest.missing)} 个原始文件没有恢复，备份和存放处都没有；请把原件重新放入来源")


def morning(home: Home = None) -> None:
    """今早的摘要：昨夜做了什么，什么坏了，什么好了。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home

    found = sorted((resolve_home(home) / "morning").glob("*.md"))
    if not found:
        raise CommandError("还没有摘要；请先运行 qingqian nightly，或用 --home 指定目录")
    print(found[-1].read_text(encoding="utf-8"), end="")
