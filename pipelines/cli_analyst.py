"""Commands for those who read the warehouse: `calendar` and `report`, added to the command line of `pipelines.cli`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_options import Home, today
from pipelines.cli_options import day as as_day


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("calendar")(calendar)
    app.command("report")(report)


def calendar(
    output: Annotated[str, typer.Option("--format", help="table、json 或 ics")] = "table",
    target: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件；ics 且不给 --unit 时是文件夹，每个单位一个文件")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="只要名称含有这几个字的单位")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="按哪一天判断状态；不给则为今天（北京时间）")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="从哪一天起；默认前 31 天")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="到哪一天止；默认后 92 天")] = None,
    home: Home = None,
) -> None:
    """各单位到期事项及其状态（已完成、即将到期、已逾期、无法判断），可导出为 iCalendar 日历。"""
    from pipelines import cli_calendar

    if output not in ("table", "json", "ics"):
        raise typer.BadParameter(f"--format 只能是 table、json 或 ics，不能是“{output}”")
    day = as_day(as_of, "--as-of") or today()
    first = as_day(start, "--from") or day - dt.timedelta(days=31)
    last = as_day(until, "--until") or day + dt.timedelta(days=92)
    if last < first:
        raise typer.BadParameter(f"--until（{last}）不能早于 --from（{first}）")
    cli_calendar.run(home=home, output=output, target=target, unit=unit, day=day, start=first, until=last)


def report(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="monthly 月调度表、quarterly 季通报、overdue 逾期清单、duties 责任分工表、debtor 或 creditor 一户一档",
        ),
    ],
    period: Annotated[str, typer.Option("--period", help="报告期：2026-07、2026Q3、2026 或 2026-07-31")],
    target: Annotated[Path | None, typer.Option("--output", help="写到这个 xlsx 文件；不给则写到当前目录")] = None,
    region: Annotated[str | None, typer.Option("--region", help="只要这个行政区划代码及其下级")] = None,
    party: Annotated[str | None, typer.Option("--party", help="一户一档的单位名称")] = None,
    as_known: Annotated[
        str | None, typer.Option("--as-known", metavar="YYYY-MM-DD", help="只用这一天以前收到的台账；不给则为全部")
    ] = None,
    home: Home = None,
) -> None:
    """出一张人们熟悉的报表（xlsx），每个数字都能追到台账的行。"""
    from pipelines import cli_report

    if region is not None and not (len(region) == 6 and region.isdecimal()):
        raise typer.BadParameter(f"--region 要写六位行政区划代码，例如 110000，不能是“{region}”")
    known_at = as_day(as_known, "--as-known")
    cli_report.run(name=name, period=period, known_at=known_at, region=region, party=party, target=target, home=home)
