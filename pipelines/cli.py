"""The command line. Each command's body lives in its own module, imported when it is called."""

from __future__ import annotations

import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines import cli_analyst, cli_backup, cli_console, cli_release, cli_review
from pipelines.cli_archive import archive_app
from pipelines.cli_lake import lake_app
from pipelines.cli_options import Home
from pipelines.cli_options import day as as_day
from pipelines.cli_source import source_app
from warehouse.durable import NoRoomError, no_room

app = typer.Typer(
    name="qingqian",
    help="清欠：把通知和台账变成一个可查证的数据仓库。Circulars and ledgers in, one audited warehouse out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Day = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", show_default=False)]


# Wrong usage of any kind; Typer names only its best-known child.
_USAGE_ERROR: Any = typer.BadParameter.__base__


class CommandError(Exception):
    """A command failed; the message is one sentence that says what was wrong and what to do."""


@app.command()
def nightly(
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="只收这一个文件夹，代替配置的来源", show_default=False)
    ] = None,
    home: Home = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="这一夜的日期；不给则为今天（北京时间）")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="摘要以一个 JSON 对象输出")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="同时解析的进程数")] = 2,
) -> None:
    """把整个夜间任务跑一遍：收件、读取、抽取、校验、入库、发布。"""
    from pipelines import cli_nightly

    cli_nightly.run(inbox=inbox, home=home, as_of=as_day(as_of, "--as-of"), as_json=as_json, workers=workers)


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="要读的文件", show_default=False)],
    output: Annotated[str, typer.Option("--format", help="json、jsonl 或 table")] = "table",
    reference_date: Annotated[
        str | None, typer.Option("--reference-date", metavar="YYYY-MM-DD", help="文件自己没有日期时用它推算年份")
    ] = None,
    home: Home = None,
) -> None:
    """读文件，把找到的东西打印出来，不碰任何仓库。"""
    from pipelines import cli_extract

    if output not in ("json", "jsonl", "table"):
        raise typer.BadParameter(f"--format 只能是 json、jsonl 或 table，不能是“{output}”")
    cli_extract.run(files=files, output=output, reference_date=as_day(reference_date, "--reference-date"))


@app.command()
def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="要看的文件", show_default=False)],
    html: Annotated[
        Path | None, typer.Option("--html", metavar="OUT", help="写成一个网页文件，不给则打印", show_default=False)
    ] = None,
    reference_date: Annotated[
        str | None, typer.Option("--reference-date", metavar="YYYY-MM-DD", help="文件自己没有日期时用它推算年份")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="说明文字用 zh 或 en")] = "zh",
) -> None:
    """把找到的每一处标在原文上：是什么、按哪条规则、怎样推出来的。"""
    from pipelines import cli_explain

    if language not in ("zh", "en"):
        raise typer.BadParameter(f"--lang 只能是 zh 或 en，不能是“{language}”")
    cli_explain.run(
        file=file,
        html=html,
        reference_date=as_day(reference_date, "--reference-date"),
        language="zh" if language == "zh" else "en",
    )


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="一条只读查询")],
    output: Annotated[str, typer.Option("--format", help="table、csv、json、parquet 或 xlsx")] = "table",
    target: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件，不给则打印", show_default=False)
    ] = None,
    home: Home = None,
) -> None:
    """在已发布的仓库上跑一条只读查询。"""
    from pipelines import cli_query

    if output not in ("table", "csv", "json", "parquet", "xlsx"):
        raise typer.BadParameter(f"--format 只能是 table、csv、json、parquet 或 xlsx，不能是“{output}”")
    cli_query.run(sql=sql, output=output, target=target, home=home)


@app.command()
def status(home: Home = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """最近几夜、还没好的故障、待处理事项、已过期的任务。"""
    from pipelines import cli_status

    cli_status.run(home=home, as_json=as_json)


@app.command()
def doctor(home: Home = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """装了什么、缺什么、缺的那些能添什么。"""
    from pipelines import cli_doctor

    cli_doctor.run(home=home, as_json=as_json)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    add_help_option=False,
)
def dagster(ctx: typer.Context) -> None:
    """用本状态目录（QINGQIAN_HOME）跑 dagster 自己的命令，例如 qingqian dagster dev。"""
    from pipelines import cli_dagster

    cli_dagster.run(ctx.args)


cli_analyst.register(app)
cli_review.register(app)
app.add_typer(source_app, name="source")
app.add_typer(lake_app, name="lake")
app.add_typer(archive_app, name="archive")
cli_console.register(app)
cli_backup.register(app)
cli_release.register(app)


def main(argv: list[str] | None = None) -> None:
    """Entry point: exit status 0 on success, 2 on wrong usage, 1 on failure, and then one line on stderr."""
    args = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in args
    if debug:
        args.remove("--debug")
    command: Any = typer.main.get_command(app)
    try:
        sys.exit(command.main(args=args, prog_name="qingqian", standalone_mode=False) or 0)
    except typer.Exit as e:
        sys.exit(e.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _complain("已中止")
        sys.exit(1)
    except _USAGE_ERROR as e:
        said = " ".join(e.format_message().split())
        _complain(f"{said}（用 --help 看用法）" if args else "请给出命令（用 --help 看用法）")
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as e:
        if debug:
            raise
        message = str(e).strip() or type(e).__name__
        if not _is_ours(e):
            message = f"内部错误 {type(e).__name__}：{message}；请加 --debug 再跑一次，把输出交给维护人员"
        if not isinstance(e, NoRoomError) and (full := _full_disk(args)) is not None:
            message = f"{full}（{type(e).__name__}：{e}）"
        _complain(" ".join(message.split()))
        sys.exit(1)


def _full_disk(args: list[str]) -> str | None:
    """What to say when the home's disk is full, or the one for temporary files: whatever failed, it failed of that."""
    from pipelines.home import resolve_home

    given = [Path(b) for a, b in pairwise(args) if a == "--home"]
    folders = [*given, resolve_home(None), Path(tempfile.gettempdir())]
    return next((said for folder in folders if (said := no_room(folder)) is not None), None)


def _complain(message: str) -> None:
    print(f"qingqian: {message}", file=sys.stderr)


def _is_ours(error: Exception) -> bool:
    """Whether an error's message was written for people by one of our rooms."""
    return type(error).__module__.split(".")[0] in {"pipelines", "warehouse", "validators", "extractors"}
