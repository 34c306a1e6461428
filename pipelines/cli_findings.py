"""`qingqian findings`: what waits for a decision, grouped by cause, or every finding in a form for programs."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import msgspec

from pipelines.cli import CommandError
from pipelines.home import resolve_home
from warehouse.deciding import SEVERITY, DecisionError, causes
from warehouse.deciding import findings as load
from warehouse.formula_guard import guard_formula
from warehouse.review_queue import QUEUE_COLUMNS

OPEN = ("open",)
DECIDED = ("accepted", "deferred", "dismissed", "resolved", "silenced")
STATUS = {
    "open": "待处理", "deferred": "已推迟", "accepted": "已接受", "resolved": "已更正", "dismissed": "不成立",
    "silenced": "不提醒",
}  # fmt: skip


def run(
    *,
    home: Path | None,
    output: str,
    target: Path | None,
    rule: str | None,
    severity: str | None,
    file: str | None,
    decided: bool,
    each: bool,
) -> None:
    """Print or write the findings. Raises CommandError when nothing is published or the file cannot be written."""
    try:
        found = load(resolve_home(home), statuses=DECIDED if decided else OPEN)
    except DecisionError as e:
        raise CommandError(str(e)) from e
    found = [
        f
        for f in found
        if (rule is None or f["rule"] == rule)
        and (severity is None or f["severity"] == severity)
        and (file is None or file in (f["path"] or ""))
    ]
    if output == "xlsx":
        from pipelines.review_sheet import write_sheet

        if target is None:
            raise CommandError("xlsx 要写到文件里；请加 --output 文件名.xlsx")
        _written(target, write_sheet(found))
    elif output == "json":
        _emit(target, msgspec.json.encode(found, enc_hook=str).decode() + "\n")
    elif output == "csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(QUEUE_COLUMNS)
        writer.writerows([[guard_formula("" if v is None else str(v)) for v in f.values()] for f in found])
        _emit(target, "\ufeff" + text.getvalue())
    else:
        _print(found, each=each, decided=decided)


def _said(finding: dict[str, Any]) -> str:
    why = finding["silence_reason"]
    return str(finding["message_zh"]) + (f"（来源配置不提醒：{why}）" if why else "")


def _emit(target: Path | None, text: str) -> None:
    if target is None:
        sys.stdout.write(text)
    else:
        _written(target, text.encode())


def _written(target: Path, data: bytes) -> None:
    try:
        target.write_bytes(data)
    except OSError as e:
        raise CommandError(f"{target} 写不进去（{e.strerror}）；请换一个位置") from e


def _print(found: list[dict[str, Any]], *, each: bool, decided: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not found:
        console.print("没有已处理的发现" if decided else "没有待处理的发现")
        return
    groups = causes(found)
    console.print(
        f"[bold]{'已处理' if decided else '待处理'}[/bold] {len(found)} 条，{len(groups)} 种原因", highlight=False
    )
    table = Table(show_lines=False)
    for name in ("编号", "级别", "条数" if not each and not decided else "处理", "说明"):
        table.add_column(name, no_wrap=name != "说明", overflow="fold")
    if each or decided:
        for f in found:
            number = "" if f["decision_number"] is None else f" #{f['decision_number']}"
            table.add_row(f["finding_id"][:8], SEVERITY[f["severity"]], STATUS[f["status"]] + number, _said(f))
    else:
        for g in groups:
            table.add_row(g["finding_ids"][0][:8], SEVERITY[g["severity"]], str(g["count"]), g["example"])
    console.print(table)
    if not decided:
        console.print(
            "处理：qingqian decide 编号 --accept|--correct 值|--reject|--defer 日期|--map 字段|--duplicate 欠款|"
            "--split 各部分 --reason 理由 --as 姓名；同一原因一并处理加 --cause",
            highlight=False,
        )
