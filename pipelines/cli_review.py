"""Commands for stewards: `findings` shows the review queue, `decide` settles it, one by one or by spreadsheet."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli_options import Home

FORMATS = ("table", "json", "csv", "xlsx")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("findings")(findings)
    app.command("decide")(decide)


def findings(
    output: Annotated[str, typer.Option("--format", help="table、json、csv 或 xlsx")] = "table",
    target: Annotated[
        Path | None, typer.Option("--output", help="写到这个文件，不给则打印", show_default=False)
    ] = None,
    rule: Annotated[str | None, typer.Option("--rule", help="只看这条规则的", show_default=False)] = None,
    severity: Annotated[
        str | None, typer.Option("--severity", help="只看这一级的：block、quarantine、warn、note")
    ] = None,
    file: Annotated[str | None, typer.Option("--file", help="只看路径含有这几个字的文件", show_default=False)] = None,
    decided: Annotated[bool, typer.Option("--decided", help="看已经处理的，不看待处理的")] = False,
    each: Annotated[bool, typer.Option("--each", help="逐条列出，不按原因归并")] = False,
    home: Home = None,
) -> None:
    """待处理的审核发现，按原因归并；xlsx 带下拉选项，填好后用 decide --from 读回。"""
    from pipelines import cli_findings

    if output not in FORMATS:
        raise typer.BadParameter(f"--format 只能是 {'、'.join(FORMATS)}，不能是“{output}”")
    cli_findings.run(
        home=home, output=output, target=target, rule=rule, severity=severity, file=file, decided=decided, each=each
    )


def decide(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="发现编号，前几位即可", show_default=False)
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="按原样接受，数据照常入库")] = False,
    correct: Annotated[str | None, typer.Option("--correct", metavar="VALUE", help="更正为这个值；- 表示空")] = None,
    reject: Annotated[bool, typer.Option("--reject", help="这条发现不成立")] = False,
    defer: Annotated[str | None, typer.Option("--defer", metavar="YYYY-MM-DD", help="推迟到这一天再看")] = None,
    teach: Annotated[
        str | None,
        typer.Option(
            "--map", metavar="FIELD|简称=全称", help="未识别的列对照到标准字段，或名称对照到全称；该来源以后都照此读"
        ),
    ] = None,
    duplicate: Annotated[
        str | None, typer.Option("--duplicate", metavar="DEBT", help="与这一编号的欠款是同一笔，只统计那一笔")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", metavar="PARTS", help="拆成几笔：债权人=金额；债权人|合同=金额/剩余；…")
    ] = None,
    cause: Annotated[bool, typer.Option("--cause", help="同一原因的发现一并处理；与 --undo 同用则撤销整批")] = False,
    undo: Annotated[int | None, typer.Option("--undo", metavar="N", help="撤销第 N 号决定")] = None,
    sheet: Annotated[Path | None, typer.Option("--from", metavar="XLSX", help="读回填好的表")] = None,
    over: Annotated[int | None, typer.Option("--over", metavar="N", help="明知第 N 号决定，仍要改")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="理由", show_default=False)] = None,
    steward: Annotated[str, typer.Option("--as", metavar="NAME", help="谁作的决定")] = "",
    home: Home = None,
) -> None:
    """对发现作出决定：接受、更正、不成立、推迟、对照、重复、拆分、撤销；下一夜起生效，不再重复发问。"""
    from pipelines import cli_decide

    chosen: list[tuple[str, Any]] = [
        (name, value)
        for name, value in (
            ("accept", accept or None),
            ("correct", correct),
            ("reject", reject or None),
            ("defer", defer),
            ("map", teach),
            ("duplicate", duplicate),
            ("split", split),
            ("undo", undo),
            ("from", sheet),
        )
        if value is not None
    ]
    if len(chosen) != 1:
        raise typer.BadParameter(
            "请给出 --accept、--correct、--reject、--defer、--map、--duplicate、--split、--undo、--from 中的一个"
        )
    action, value = chosen[0]
    if action not in ("undo", "from") and not ids:
        raise typer.BadParameter("请给出要处理的发现编号；用 qingqian findings 查看")
    cli_decide.run(
        home=home, ids=ids or [], action=action, value=value, reason=reason, steward=steward, over=over,
        now=dt.datetime.now(dt.UTC), whole_cause=cause,
    )  # fmt: skip
