"""`qingqian nightly`: the whole Dagster job once, in this process, with a summary at the end."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path
from typing import Any

from pipelines.cli import CommandError
from pipelines.cli_dagster import environment
from pipelines.executors import executors_set
from pipelines.home import only_night, resolve_home, settings_folder
from pipelines.progress import progress
from pipelines.reading import ExecutorError
from warehouse.engine import EngineError, engine_set

_STEPS = {
    "raw_files": "收件", "facts": "读取抽取", "staged_rows": "整理入库行", "audited_rows": "校验",
    "candidate": "建库对账", "warehouse": "发布",
}  # fmt: skip


def run(*, inbox: Path | None, home: Path | None, as_of: dt.date | None, as_json: bool, workers: int) -> None:
    """Run one night and print its summary. Raises CommandError when the night itself failed."""
    started = time.monotonic()
    folder = resolve_home(home)
    if inbox is not None and not inbox.is_dir():
        raise CommandError(f"收件夹 {inbox} 不存在或不是文件夹；请检查 --inbox")
    try:
        engine_set()  # a wrong setting is said now, not at the end of the night
        executors_set(folder)
    except (EngineError, ExecutorError) as e:
        raise CommandError(str(e)) from e
    with only_night(folder):
        summary = _night(folder, inbox, as_of, workers)
    summary["standing"] = _standing(folder)
    summary["seconds"] = round(time.monotonic() - started, 2)
    server = summary.get("server")
    if server is not None and server["status"] == "failed":
        print(server["message"], file=sys.stderr)
    if as_json:
        import msgspec

        print(msgspec.json.encode(summary).decode())
    else:
        _print(summary)


def _night(home: Path, inbox: Path | None, as_of: dt.date | None, workers: int) -> dict[str, Any]:
    os.environ.update(environment(home))
    import dagster as dg

    from pipelines.definitions import build_defs
    from pipelines.night import Night
    from pipelines.partitions import FIRST_NIGHT, NIGHTS, today
    from pipelines.recovery import end_dead_runs

    date = as_of or today(dt.datetime.now(dt.UTC))
    if not NIGHTS.has_partition_key(date.isoformat()):
        raise CommandError(f"--as-of {date} 太早或太晚；请给 {FIRST_NIGHT} 到一年以后之间的日期")
    with dg.DagsterInstance.from_config(str(settings_folder())) as instance, progress("夜间任务", None) as bar:
        end_dead_runs(instance)
        night = Night(home=home, inbox=inbox, workers=workers, bar=bar, executors=executors_set(home))
        result = (
            build_defs({"night": night})
            .resolve_job_def("nightly")
            .execute_in_process(
                instance=instance,
                partition_key=date.isoformat(),
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        )
        if not result.success:
            raise CommandError(_why(result))
        summary: dict[str, Any] = dict(result.output_for_node("warehouse"))
        return summary


def _standing(home: Path) -> list[dict[str, str]]:
    """What is wrong now, over all sources and nights."""
    from warehouse.state import open_state
    from warehouse.state_troubles import standing_troubles

    with open_state(home) as state:
        return [{"kind": t.kind, "subject": t.subject, "message": t.message} for t in standing_troubles(state)]


_OURS = ("warehouse.", "extractors.", "validators.", "pipelines.")


def _why(result: Any) -> str:
    """The first failure of a run as one sentence: which step, what happened, that nothing was published."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            # down to the cause, but not below a sentence that one of our rooms wrote of it
            while error is not None and error.cause is not None and not error.message.startswith(_OURS):
                error = error.cause
            said = "未知原因" if error is None else " ".join(error.message.split())
            step = _STEPS.get(event.step_key or "", event.step_key or "")
            return f"夜间任务在“{step}”一步失败：{said}；已发布的仓库没有变动，排除原因后重跑即可"
    blocked = [e for e in result.all_events if e.event_type_value == "ASSET_CHECK_EVALUATION"]
    names = [e.asset_check_evaluation_data.check_name for e in blocked if not e.asset_check_evaluation_data.passed]
    return f"夜间任务被校验拦下（{'、'.join(names) or '未知'}）；已发布的仓库没有变动，请看 qingqian status"


def _print(summary: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(file=sys.stdout)
    documents = summary["documents"]
    console.print(f"[bold]夜间任务 {summary['as_of']}[/bold]（{summary['seconds']} 秒）", highlight=False)
    table = Table(show_header=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    labels = {
        "seen": "看到的文件", "new": "新增", "changed": "变更", "unchanged": "未变", "partial": "部分读出",
        "quarantined": "隔离", "ignored": "不收",
    }  # fmt: skip
    for key, label in labels.items():
        table.add_row(label, f"{documents[key]:,}")
    table.add_section()
    for view, count in summary["rows"].items():
        table.add_row(view, f"{count:,}")
    table.add_section()
    severities = {"block": "拦截", "quarantine": "检疫", "warn": "警告", "note": "提示"}
    for severity, label in severities.items():
        table.add_row(f"发现：{label}", f"{summary['findings'].get(severity, 0):,}")
    console.print(table)
    for trouble in summary.get("troubles", [])[:20]:
        console.print(f"[red]隔离[/red] {trouble['path']}：{trouble['message']}", highlight=False)
    more = len(summary.get("troubles", [])) - 20
    if more > 0:
        console.print(f"… 另有 {more} 个，见视图 documents")
    for trouble in summary["standing"]:
        console.print(f"[red]故障[/red] {trouble['message']}", highlight=False, soft_wrap=True)
    console.print(f"仓库 {summary['warehouse']}", highlight=False, soft_wrap=True)
    if summary.get("server") and summary["server"]["status"] != "failed":
        console.print(summary["server"]["message"], highlight=False, soft_wrap=True)
