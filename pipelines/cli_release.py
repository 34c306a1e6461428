"""`qingqian release`: papers stopped for a mark of state secrecy that they do not bear are let in when seen again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli_options import Home

if TYPE_CHECKING:
    from warehouse.state import State

_SHORTEST = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("release")(release)


def release(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[SHA256]", help="文件的 SHA-256 前八位；不给则列出", show_default=False),
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="依据，如保密审查的结论和文号", show_default=False)] = "",
    who: Annotated[str, typer.Option("--as", metavar="NAME", help="谁的决定", show_default=False)] = "",
    undo: Annotated[bool, typer.Option("--undo", help="撤销解除：再停止，并删去已收的副本")] = False,
    home: Home = None,
) -> None:
    """误停的文件：经审查不涉密的，解除后下次见到时收入；不给编号则列出被停止的文件。"""
    from pipelines.cli import CommandError
    from pipelines.door import stop_again
    from pipelines.home import resolve_home
    from warehouse.state import has_state, open_state
    from warehouse.state_releases import ReleaseError, stopped_list, withdraw
    from warehouse.state_releases import release as let_in_again

    folder = resolve_home(home)
    if not has_state(folder):
        raise CommandError(f"{folder} 里还没有跑过夜间任务；请用 --home 指定目录")
    now = dt.datetime.now(dt.UTC)
    with open_state(folder) as state:
        if file is None:
            found = stopped_list(state)
            for one in found:
                state_word = "已解除" if one.is_released else "已停止"
                print(f"{one.file_id[:12]}  {state_word}  {one.source}  {one.path}  {one.since}")
            how = "解除：qingqian release SHA256 --as 姓名 --reason 依据"
            print(f"共 {len(found)} 处；{how}" if found else "没有被停止的文件")
            return
        try:
            file_id = _whole(state, file, undo=undo)
            if not undo:
                let_in_again(state, file_id, who=who.strip(), reason=reason.strip(), now=now)
                print(f"已解除 {file_id[:12]}：没有保存过副本，下次见到它时收入（原件须仍在来源处）；已记入审计日志")
                return
            withdraw(state, file_id, who=who.strip(), reason=reason.strip(), now=now)
            stop_again(folder, state, file_id, now=now)
        except ReleaseError as e:
            raise CommandError(str(e)) from e
    print(
        f"已撤销对 {file_id[:12]} 的解除，已收的副本已删去；已发布的仓库下一夜不再含它，"
        f"{folder / 'warehouse'} 下更早的库请手工删去"
    )


def _whole(state: State, beginning: str, *, undo: bool) -> str:
    """The one file whose id begins so. Raises ReleaseError."""
    from warehouse.state_releases import ReleaseError, standing_releases
    from warehouse.state_stopped import stopped_files

    known = {r.file_id for r in standing_releases(state)} if undo else stopped_files(state)
    found = [f for f in known if f.startswith(beginning.lower())]
    if len(beginning) < _SHORTEST or len(found) != 1:
        said = f"有 {len(found)} 个文件以它开头" if found else "没有这样的文件"
        raise ReleaseError(f"编号“{beginning}”：{said}，请给出至少前 {_SHORTEST} 位；用 qingqian release 列出")
    return found[0]
