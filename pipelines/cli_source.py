"""`qingqian source check|new|list`: sources configured, tried on their examples, and how each is doing."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pipelines.cli_options import Home

source_app = typer.Typer(help="来源：新建、检查、列出。Sources: new, check, list.", no_args_is_help=True)
_STATES = {"ok": "正常", "failing": "失败", "aside": "已搁置", "never": "还没收过", "broken": "配置有误"}


@source_app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="短而不变的名称；会进入债权编号，以后不要改")],
    kind: Annotated[str, typer.Option("--kind", help="folder、http、sftp、s3 或 imap")] = "folder",
    home: Home = None,
) -> None:
    """在 <状态目录>/sources/ 写一份带注释的样板。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home
    from pipelines.source_schema import KINDS
    from pipelines.source_skeletons import skeleton
    from pipelines.sources import SCHEMA_FILE, read_source, shipped_sources, sources_folder
    from warehouse.durable import write_bytes_atomic

    if kind not in KINDS:
        raise typer.BadParameter(f"--kind 只能是 {'、'.join(KINDS)}，不能是“{kind}”")
    folder = resolve_home(home) / "sources"
    path = folder / f"{name}.yml"
    if path.exists() or "/" in name or name.startswith("."):
        raise CommandError(f"{path} 已存在或名称不合用；请换一个名称")
    before = sources_folder(resolve_home(home))
    text = skeleton(name, kind)
    write_bytes_atomic(path, text.encode("utf-8"))
    schema = shipped_sources() / SCHEMA_FILE
    if schema.is_file():
        write_bytes_atomic(folder / SCHEMA_FILE, schema.read_bytes())
    read_source(path)
    print(f"已写好 {path}；请改好其中的值，再运行 qingqian source check {name}")
    if before == shipped_sources():
        print(f"注意：从此只用 {folder} 里的来源；随程序附带的来源（inbox）如仍要用，请复制过去", file=sys.stderr)


@source_app.command("check")
def check(
    name: Annotated[str | None, typer.Argument(help="来源名称；不给则检查全部", show_default=False)] = None,
    home: Home = None,
) -> None:
    """检查配置，并在示例文件上试跑（不联网）。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home
    from pipelines.source_examples import run_examples
    from pipelines.source_schema import SourceError
    from pipelines.sources import read_all, sources_folder

    folder = sources_folder(resolve_home(home))
    found, broken = read_all(folder)
    chosen = {p: s for p, s in found.items() if name in (None, s.name)}
    refused = [said for p, said in broken.items() if name in (None, p.stem)]
    if not chosen and not refused:
        others = f"；另有 {len(broken)} 个配置文件有误，用 qingqian source check 查看" if broken else ""
        raise CommandError(f"没有名为“{name}”的来源；{folder} 里的来源可用 qingqian source list 查看{others}")
    wrong = 0
    for path, source in sorted(chosen.items(), key=lambda found: found[1].name):
        try:
            outcomes = list(run_examples(source, path.parent))
        except SourceError as e:
            refused.append(str(e))
            continue
        for outcome in outcomes:
            print(f"{source.name}  {'对' if outcome.is_right else '错'}  {outcome.file}")
            for said in outcome.wrong:
                print(f"    {said}")
        wrong += sum(not o.is_right for o in outcomes)
        if not outcomes:
            print(f"{source.name}  配置正确；没有示例（examples），建议至少放一个")
    for said in refused:
        print(f"错  {said}")
    if refused:
        raise CommandError(f"{len(refused)} 个来源的配置有误（见上），夜间任务不会收取它们；请改好后再检查一次")
    if wrong:
        raise CommandError(f"{wrong} 个示例与预期不符；请核对来源的 header_map、选择器，或更正 examples 里的预期")


@source_app.command("resume")
def resume(name: Annotated[str, typer.Argument(help="来源名称")], home: Home = None) -> None:
    """对方修好以后，不等暂停期满：下一夜就收取这个已搁置的来源。"""
    from pipelines.cli import CommandError
    from pipelines.home import resolve_home
    from warehouse.state import has_state, open_state
    from warehouse.state_sources import ask_again

    folder = resolve_home(home)
    if not has_state(folder):
        raise CommandError(f"{folder} 里还没有跑过夜间任务；请用 --home 指定目录")
    with open_state(folder) as state:
        if not ask_again(state, name):
            raise CommandError(f"来源“{name}”没有被搁置，下一夜照常收取；可用 qingqian source list 查看")
    print(f"下一夜（或现在运行 qingqian nightly）就收取来源“{name}”")


@source_app.command("list")
def list_(home: Home = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """列出来源及其状态。"""
    import msgspec

    from pipelines.cli_status import source_state
    from pipelines.home import resolve_home
    from pipelines.sources import read_all, sources_folder
    from warehouse.state import has_state, open_state
    from warehouse.state_sources import Health, all_health

    folder = resolve_home(home)
    found: dict[str, Health] = {}
    if has_state(folder):
        with open_state(folder) as state:
            found = {h.source: h for h in all_health(state)}
    now = dt.datetime.now(ZoneInfo("Asia/Shanghai"))
    rows = []
    configured, broken = read_all(sources_folder(folder))
    for source in sorted(configured.values(), key=lambda s: s.name):
        health = found.get(source.name)
        about = source_state(health or Health(source=source.name), now)
        state_word = "never" if health is None else about["state"]
        rows.append(
            {**about, "state": state_word, "kind": source.kind, "title": source.title, "cadence": source.cadence}
        )
    for path, said in broken.items():
        about = source_state(Health(source=path.name), now)
        rows.append({**about, "state": "broken", "kind": "", "title": "", "cadence": "", "error": said})
    if as_json:
        print(msgspec.json.encode(rows).decode())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False)
    for label in ("来源", "种类", "频率", "状态", "最近收取", "最近有新文件", "故障"):
        table.add_column(label, overflow="fold")
    for row in rows:
        cells = (row["name"], row["kind"], row["cadence"], _STATES[row["state"]], row["last_ok_at"], row["last_new_at"],
                 row["error"])  # fmt: skip
        table.add_row(*(Text(c or "") for c in cells))
    Console(highlight=False).print(table)
