"""The morning summary: what the night brought, what began to be wrong, what is well again, what still stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from warehouse.durable import write_bytes_atomic
from warehouse.state import State
from warehouse.state_sources import all_health
from warehouse.state_troubles import Trouble, standing_troubles, untold

_BEIJING = ZoneInfo("Asia/Shanghai")
_DOCUMENTS = {
    "seen": "看到", "new": "新增", "changed": "变更", "unchanged": "未变", "partial": "部分读出", "quarantined": "隔离",
    "ignored": "不收",
}  # fmt: skip
_SEVERITIES = {"block": "拦截", "quarantine": "检疫", "warn": "警告", "note": "提示"}
_NIGHT = {"done": "完成", "failed": "失败", "interrupted": "中断", "running": "没有结束"}


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """One morning. `began` and `ended` are troubles nobody was told of yet; `standing` those told before."""

    as_of: str
    run_id: str
    status: str
    seconds: float | None
    documents: dict[str, int]
    findings: dict[str, int]
    sources: dict[str, str]
    began: tuple[Trouble, ...]
    ended: tuple[Trouble, ...]
    standing: tuple[Trouble, ...]


def morning_of(state: State, now: dt.datetime) -> Morning | None:
    """The summary of the last run; None before the first."""
    runs = state.runs(1)
    if not runs:
        return None
    run = runs[0]
    began, ended = untold(state)
    new = {(t.trouble_id, t.since) for t in began}
    standing = [t for t in standing_troubles(state) if (t.trouble_id, t.since) not in new]
    sources = {
        h.source: "搁置" if h.aside_until is not None and h.aside_until > now else "失败" if h.failures else "正常"
        for h in all_health(state)
    }
    return Morning(
        as_of=run.as_of.isoformat(),
        run_id=run.run_id,
        status=run.status,
        seconds=None if run.ended_at is None else round((run.ended_at - run.started_at).total_seconds(), 1),
        documents=run.counts.get("documents", {}),
        findings=run.counts.get("findings", {}),
        sources=sources,
        began=tuple(began),
        ended=tuple(ended),
        standing=tuple(standing),
    )


def headline(morning: Morning) -> str:
    """One line: which night, how it ended, what is new."""
    count = morning.documents
    parts = [f"清欠夜间任务 {morning.as_of}：{_NIGHT.get(morning.status, morning.status)}"]
    if count:
        parts.append(f"新增 {count.get('new', 0)}、变更 {count.get('changed', 0)}、隔离 {count.get('quarantined', 0)}")
    if morning.began:
        parts.append(f"新故障 {len(morning.began)}")
    if morning.ended:
        parts.append(f"已恢复 {len(morning.ended)}")
    return "；".join(parts)


def outside(morning: Morning) -> list[str]:
    """The lines that may leave the machine: counts and names of sources, nothing of what files say or are called."""
    lines = [headline(morning), ""]
    if morning.documents:
        lines.append("文件：" + "，".join(f"{w} {morning.documents.get(k, 0)}" for k, w in _DOCUMENTS.items()))
        lines.append("发现：" + "，".join(f"{w} {morning.findings.get(k, 0)}" for k, w in _SEVERITIES.items()))
    for title, troubles in (("新故障", morning.began), ("已恢复", morning.ended), ("仍未好", morning.standing)):
        lines += [f"{title}：{_guarded(t)}" for t in troubles[:10]]
        if len(troubles) > 10:
            lines.append(f"{title}：另有 {len(troubles) - 10} 项")
    return [*lines, "详情：在服务器上运行 qingqian status"]


def _guarded(trouble: Trouble) -> str:
    """A trouble without what only people on the machine may see."""
    since = trouble.since.astimezone(_BEIJING).strftime("%m-%d %H:%M")
    said = {
        "secrecy": "有文件带国家秘密标志，已停止处理",
        "night": "夜间任务没有完成",
        "executor": "Spark 集群不在，改在本机读取",
        "source": f"来源“{trouble.subject}”收取有误",
        "disk": "磁盘空间快要用完",
        "archive": "原始文件的存放处需要检查",
        "expectation": f"来源“{trouble.subject}”与预期不符",
    }.get(trouble.kind, "需要检查")
    return f"{said}（自 {since}）"


def page(morning: Morning) -> str:
    """The whole summary as Markdown, for the file on this machine."""
    lines = [f"# {headline(morning)}", ""]
    if morning.seconds is not None:
        lines.append(f"用时 {morning.seconds} 秒。")
    if morning.documents:
        lines += ["", "| 文件 | 个数 |", "| --- | ---: |"]
        lines += [f"| {w} | {morning.documents.get(k, 0)} |" for k, w in _DOCUMENTS.items()]
        lines += ["", "| 发现 | 条数 |", "| --- | ---: |"]
        lines += [f"| {w} | {morning.findings.get(k, 0)} |" for k, w in _SEVERITIES.items()]
    if morning.sources:
        lines += ["", "| 来源 | 状态 |", "| --- | --- |", *(f"| {n} | {s} |" for n, s in morning.sources.items())]
    for title, troubles in (("新故障", morning.began), ("已恢复", morning.ended), ("仍未好", morning.standing)):
        if troubles:
            lines += ["", f"## {title}", ""]
            lines += [
                f"* {t.subject}：{t.message}（自 {t.since.astimezone(_BEIJING):%Y-%m-%d %H:%M}）" for t in troubles
            ]
    return "\n".join(lines) + "\n"


def write_morning(home: Path, morning: Morning) -> Path:
    """`<home>/morning/<night>.md` and `.json`; returns the first. Raises OSError when the disk refuses."""
    path = home / "morning" / f"{morning.as_of}.md"
    write_bytes_atomic(path, page(morning).encode("utf-8"))
    plain: Any = msgspec.to_builtins(morning)
    write_bytes_atomic(path.with_suffix(".json"), msgspec.json.encode(plain))
    return path
