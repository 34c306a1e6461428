"""`qingqian status`: the last nights, what is still broken, what waits for a steward, which dates have passed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from pipelines.cli import CommandError
from pipelines.home import resolve_home
from validators.findings import rule_label
from warehouse.deciding import SEVERITY
from warehouse.history import standing
from warehouse.publications import current
from warehouse.publish import warehouse_path
from warehouse.state import has_state, open_state
from warehouse.state_sources import Health, all_health
from warehouse.state_troubles import standing_troubles

_BEIJING = ZoneInfo("Asia/Shanghai")
_STATUS = {"running": "进行中", "done": "完成", "failed": "失败", "interrupted": "中断"}


def run(*, home: Path | None, as_json: bool) -> None:
    """Print the state of a home. Raises CommandError when no night has been run on it."""
    found = collect(resolve_home(home), dt.datetime.now(dt.UTC))
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _print(found)


def collect(home: Path, now: dt.datetime) -> dict[str, Any]:
    """Everything the command shows, as plain values."""
    if not has_state(home):
        raise CommandError(f"{home} 里还没有跑过夜间任务；请先运行 qingqian nightly，或用 --home 指定目录")
    with open_state(home) as state:
        runs = [
            {
                "run_id": r.run_id,
                "as_of": r.as_of.isoformat(),
                "status": r.status,
                "started_at": r.started_at.astimezone(_BEIJING).isoformat(timespec="seconds"),
                "seconds": None if r.ended_at is None else round((r.ended_at - r.started_at).total_seconds(), 1),
                "documents": r.counts.get("documents"),
            }
            for r in state.runs(7)
        ]
        paths = {p.file_id: p.path for p in state.provenance() if p.is_current}
        failures = [
            {"path": paths.get(f.file_id), "code": f.reason_code, "message": f.reason, "since": str(f.first_seen_date)}
            for f in state.files("quarantined")
        ]
        publication = current(state)
        troubles = [
            {
                "kind": t.kind,
                "subject": t.subject,
                "message": t.message,
                "since": t.since.astimezone(_BEIJING).isoformat(timespec="minutes"),
            }
            for t in standing_troubles(state)
        ]
        sources = [source_state(h, now) for h in all_health(state)]
    path = warehouse_path(home)
    stands = standing(path, now.astimezone(_BEIJING).date()) if path.is_file() else {"queue": [], "overdue": []}
    return {
        "home": str(home),
        "warehouse": str(path) if path.is_file() else None,
        "published_at": None
        if publication is None or publication.published_at is None
        else publication.published_at.astimezone(_BEIJING).isoformat(timespec="seconds"),
        "runs": runs,
        "failures": failures,
        "troubles": troubles,
        "sources": sources,
        "review_queue": stands["queue"],
        "overdue": stands["overdue"],
    }


def source_state(health: Health, now: dt.datetime) -> dict[str, Any]:
    """How a source is doing, as plain values; times in Beijing."""

    def local(moment: dt.datetime | None) -> str | None:
        return None if moment is None else moment.astimezone(_BEIJING).isoformat(timespec="minutes")

    aside = health.aside_until is not None and health.aside_until > now
    return {
        "name": health.source,
        "state": "aside" if aside else "failing" if health.failures else "ok",
        "failures": health.failures,
        "error": health.error,
        "failing_since": local(health.failing_since),
        "aside_until": local(health.aside_until) if aside else None,
        "last_ok_at": local(health.last_ok_at),
        "last_new_at": local(health.last_new_at),
    }


def _print(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(f"状态目录 {found['home']}，仓库发布于 {found['published_at'] or '（还没有发布）'}", soft_wrap=True)

    def table(title: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
        console.print(Text(f"\n{title}（{len(rows)}）" if rows else f"\n{title}：没有", style="bold"))
        if not rows:
            return
        shown = Table(show_edge=False)
        for label in columns.values():
            shown.add_column(label, overflow="fold")
        for row in rows:
            shown.add_row(*(Text("" if row[c] is None else str(row[c])) for c in columns))
        console.print(shown)

    runs = [{**r, "status": _STATUS[r["status"]], "files": (r["documents"] or {}).get("seen")} for r in found["runs"]]
    table("最近几夜", runs, {"as_of": "夜", "status": "结果", "started_at": "开始", "seconds": "秒", "files": "文件"})
    words = {"ok": "正常", "failing": "失败", "aside": "已搁置"}
    sources = [{**h, "state": words[h["state"]]} for h in found["sources"]]
    columns = {
        "name": "来源",
        "state": "状态",
        "last_ok_at": "最近收取",
        "last_new_at": "最近有新文件",
        "aside_until": "搁置到",
    }
    table("来源", sources, columns)
    table("还没好的故障", found["troubles"], {"subject": "何处", "message": "原因和办法", "since": "从何时起"})
    table("读不了的文件", found["failures"], {"path": "文件", "message": "原因和办法", "since": "从哪夜起"})
    queue = [{**q, "severity": SEVERITY[q["severity"]], "rule": rule_label(q["rule"])} for q in found["review_queue"]]
    table("待处理", queue, {"severity": "程度", "rule": "规则", "findings": "个数", "since": "从哪夜起"})
    overdue = {"due_date": "期限", "units": "谁", "action": "做什么", "title": "文件"}
    table("已过期限（是否办结未知）", found["overdue"][:15], overdue)
