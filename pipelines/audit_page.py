"""The night's audit as one page of HTML that needs nothing else: what was expected, what failed, what was left silent.

`<home>/audit/<day>.html`, the latest also as `<home>/audit/latest.html`. The library's own pages load scripts and fonts
from the network, so this page is made from our own results: no network, no script, every word escaped.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from pipelines.source_audit import SourceAudit
from validators.findings import rule_label
from validators.rules import RULES
from warehouse.audit_figures import audit_figures
from warehouse.deciding import SEVERITY
from warehouse.durable import write_bytes_atomic

KEEP = 90
"""Pages of earlier nights that are kept."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ABOUT = {
    "arrears": "欠款台账", "disclosure": "逾期公示", "complaint": "投诉台账", "dispatch": "转办清单",
    "ranking": "进度排名",
}  # fmt: skip
_REPORTS = {"received": "已报", "late": "迟报", "silent": "未报", "awaited": "未到期"}
_ACCOUNTS = {
    "accepted": "收到", "loaded": "入库", "quarantined": "隔离", "superseded": "已被取代", "ignored": "不处理",
    "gap": "差额",
}  # fmt: skip
_STYLE = """
body { font:15px/1.7 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;
  margin:0 auto; max-width:76rem; padding:1.5rem; color:#1f2328; background:#fff }
h1 { font-size:1.3rem } h2 { font-size:1.05rem; margin:1.8rem 0 .4rem }
table { border-collapse:collapse; width:100%; font-size:.9rem }
th,td { border-bottom:1px solid #e5e7eb; padding:.3rem .5rem; text-align:left; vertical-align:top }
td.n,th.n { text-align:right } td.n { text-align:right; font-variant-numeric:tabular-nums; white-space:nowrap }
.block,.quarantine { color:#b91c1c } .warn { color:#a16207 } .note,.ok { color:#4b5563 }
p.about { color:#4b5563; margin:.2rem 0 }
"""

Line = Sequence[object]


def write_page(home: Path, warehouse: Path, summary: dict[str, Any], told: SourceAudit) -> Path:
    """Write tonight's page and return its path. Raises OSError when the disk refuses, duckdb.Error without a warehouse.

    `summary` is that of the night.
    """
    page = render(warehouse, summary, told).encode()
    folder = home / "audit"
    path = folder / f"{summary['as_of']}.html"
    write_bytes_atomic(path, page)
    write_bytes_atomic(folder / "latest.html", page)
    for old in sorted(folder.glob("[0-9]*.html"))[:-KEEP]:
        old.unlink(missing_ok=True)
    return path


def render(warehouse: Path, summary: dict[str, Any], told: SourceAudit) -> str:
    """The page."""
    by_rule, failing, silenced, due = audit_figures(warehouse)
    parts = [
        f"<h1>数据审核 {escape(str(summary['as_of']))}</h1>",
        "<p class=about>每条检查由数据字典推出或按规则写明；依据列在各条之后。数字是已发布仓库里的现状。</p>",
        _accounts(summary.get("accounts") or {}),
        "<h2>不符合的规则</h2>",
        _table(
            ("级别", "规则", "待处理", "已处理", "不提醒", "持续夜数", "例", "依据"),
            ((_severity(severity), rule_label(rule), waiting, decided, quiet, nights, example, _basis(rule))
             for rule, severity, waiting, decided, quiet, nights, example in by_rule),
            "没有发现",
        ),
        "<h2>来源配置不提醒的</h2>",
        _table(
            ("来源", "规则", "理由", "条数"),
            ((source, rule_label(rule), *rest) for source, rule, *rest in silenced),
            "没有",
        ),
        "<h2>来源设定的界限</h2>",
        _table(
            ("来源", "最少行数（不足即停）", "最多行数（超出提醒）", "规则的最大占比（超出提醒）"),
            ((b.source, b.min_rows, b.max_rows, _shares(b.max_shares)) for b in told.bounds),
            "没有设定",
        ),
        "<h2>应报未报</h2>",
        _table(
            ("来源", "单位", "内容", "报告期", "应报日期", "状态", "收到日期", "逾期后果（仅注明）"),
            ((*r[:2], _ABOUT.get(r[2], r[2]), *r[3:5], _REPORTS[r[5]], *r[6:]) for r in due),
            "名册内的报表都已收到，或没有设名册",
        ),
        _expectations(failing),
    ]  # fmt: skip
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>数据审核 {escape(str(summary['as_of']))}</title><style>{_STYLE}</style>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _accounts(accounts: dict[str, dict[str, int]]) -> str:
    lines = [
        (label, *(accounts[name].get(k, 0) for k in _ACCOUNTS))
        for name, label in (("files", "文件"), ("rows", "台账行"))
        if name in accounts
    ]
    return "<h2>逐份逐行对账</h2>" + _table(("", *_ACCOUNTS.values()), lines, "没有")


def _expectations(failing: Iterable[tuple[Any, ...]]) -> str:
    """Every check of every table with how many of its findings stand; what has none passed."""
    from validators.places import label_of
    from validators.suites import suites_of
    from warehouse.tables import STAGED_TABLES

    count: dict[tuple[str, str, str | None], int] = {(t, r, f): n for t, r, f, n in failing}
    lines: list[Line] = []
    for table in STAGED_TABLES:
        for suite in suites_of(table.name, {}):
            for check in suite.checks:
                n = count.get((table.name, check.rule, check.field), 0)
                columns = "、".join(label_of(table.name, c) for c in check.columns)
                lines.append(
                    (
                        table.label_zh,
                        suite.name,
                        rule_label(check.rule),
                        columns,
                        _severity(RULES[check.rule].severity),
                        n or "通过",
                    )
                )
    head = ("表", "检查组", "规则", "列", "级别", "不符合")
    return f"<details><summary>全部 {len(lines)} 条逐行检查</summary>{_table(head, lines, '没有')}</details>"


def _shares(most: Mapping[str, float]) -> str:
    return "、".join(f"{rule_label(rule)} {share:.1%}" for rule, share in sorted(most.items()))


def _severity(severity: str) -> tuple[str, str]:
    return severity, SEVERITY[severity]


def _basis(rule: str) -> str:
    known = RULES.get(rule)
    return known.basis if known is not None else ""


def _table(head: Sequence[str], lines: Iterable[Line], empty: str) -> str:
    listed = list(lines)
    if not listed:
        return f"<p class=about>{escape(empty)}</p>"
    rows = "".join(f"<tr>{''.join(map(_cell, line))}</tr>" for line in listed)
    kinds = [" class=n" if isinstance(value, int) else "" for value in listed[0]]
    names = "".join(f"<th{kind}>{escape(h)}</th>" for h, kind in zip(head, kinds, strict=True))
    return f"<table><tr>{names}</tr>{rows}</table>"


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        kind, text = value
        return f"<td class={kind}>{escape(text)}</td>"
    if isinstance(value, int):
        return f"<td class=n>{value}</td>"
    shown = value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value)
    return f"<td>{escape(shown)}</td>"
