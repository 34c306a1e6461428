"""An extraction laid out for a person who checks one file on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractors.contract import Json
from pipelines.cli_ledger import show_ledger

_ROLES = {
    "debt_total": "拖欠总额", "cleared": "已清偿", "remaining": "剩余", "disputed": "有分歧", "undisputed": "无分歧",
    "new_debt": "新增", "other": "其他",
    "lead": "牵头", "support": "配合", "responsible": "责任", "member": "成员", "recipient": "报送对象",
    "supervisor": "督查",
}  # fmt: skip
_KINDS = {
    "due": "期限", "recurring": "周期", "period": "期间", "effective": "生效", "as_of": "截至", "past_event": "已发生",
}  # fmt: skip
_METADATA = {
    "title": "标题", "issuer": "发文机关", "doc_number": "发文字号", "doc_type": "文种", "issued_date": "成文日期",
    "recipients": "主送", "urgency": "紧急程度", "secrecy": "密级", "region_name": "地区", "attachments": "附件",
    "contacts": "联系人",
}  # fmt: skip


def show(result: Json) -> None:
    """Print one file's extraction (the contract's object) as tables."""
    console = Console(soft_wrap=False)
    console.rule(Text(str(result["path"]), style="bold"))
    if result["status"] == "failed":
        error = result["error"] or {}
        console.print(Text(f"读不了（{error.get('code')}）：{error.get('message')}", style="red"))
        return
    document = result["document"]
    console.print(
        f"格式 {document['format']}，类别 {document['kind']}，{len(document['text'])} 字，状态 {result['status']}"
    )
    for warning in document["warnings"]:
        console.print(Text(f"注意：{warning['message']}", style="yellow"))
    _metadata(console, result["metadata"])
    _rows(
        console,
        "金额",
        result["amounts"],
        (("原文", "text"), ("元", "amount_yuan"), ("性质", "role"), ("截至", "as_of"), ("范围", "scope")),
    )
    _rows(
        console,
        "时间",
        result["deadlines"],
        (
            ("原文", "text"),
            ("性质", "kind"),
            ("结果", "resolved"),
            ("谁", "responsible"),
            ("做什么", "action"),
            ("标记", "flags"),
        ),
    )
    _rows(
        console,
        "分工",
        result["assignments"],
        (("单位", "unit"), ("角色", "role"), ("全称", "unit_name"), ("任务", "task")),
    )
    _rows(console, "引用文件", result["refs"], (("标题", "title"), ("文号", "doc_number")))
    _rows(
        console,
        "统计数",
        result["statistics"],
        (("原文", "text"), ("数值", "value"), ("单位", "unit"), ("什么", "what")),
    )
    for table in (result["ledger"] or {}).get("tables", []):
        show_ledger(console, table)


def _metadata(console: Console, metadata: Json) -> None:
    grid = Table(box=None, show_header=False, pad_edge=False)
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for key, label in _METADATA.items():
        if metadata.get(key):
            grid.add_row(label, Text(_text(metadata[key])))
    if grid.row_count:
        console.print(grid)


def _rows(console: Console, title: str, rows: list[Json], columns: tuple[tuple[str, str], ...]) -> None:
    if not rows:
        return
    table = Table(title=f"{title}（{len(rows)}）", title_justify="left", header_style="bold")
    for label, _ in columns:
        table.add_column(label, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_text(row.get(key))) for _, key in columns))
    console.print(table)


def _text(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "、".join(_text(v) for v in value)
    if isinstance(value, dict):
        if "kind" in value:
            return str(value.get("message") or value["kind"])
        return " ".join(_text(v) for v in value.values() if v)
    if isinstance(value, str):
        return _ROLES.get(value) or _KINDS.get(value) or value
    return f"{value:,}" if isinstance(value, (int, float)) or hasattr(value, "quantize") else str(value)
