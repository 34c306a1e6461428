"""The night as six coarse assets, in layers named for what they hold. Bodies only call `Night`.

Files in the graph, one database at the end: each asset hands on a small JSON of what it did; bytes, facts, staged rows
and findings lie under the home folder, immutable; only `warehouse` replaces the published database.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines.checks import (
    NOTHING_BROKEN,
    ROW_CHECKS,
    SOURCES_FRESH,
    check_results,
    nothing_broken,
    sources_fresh,
)
from pipelines.night import Night
from pipelines.partitions import NIGHTS
from pipelines.transient import tried_again

Rows = list[dict[str, Any]]
_COMMON: dict[str, Any] = {"partitions_def": NIGHTS, "io_manager_key": "night_files", "owners": ["team:qingqian"]}


def _night_of(context: dg.AssetExecutionContext) -> dt.date:
    return dt.date.fromisoformat(context.partition_key)


def _sample(rows: Rows, columns: tuple[str, ...], limit: int = 12, of: int | None = None) -> dg.MetadataValue:
    """A few rows as a Markdown table for the asset's page; `of` says how many there are where `rows` are not all."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for row in rows[:limit]:
        cells = (
            str(row.get(c) if row.get(c) is not None else "").replace("|", "／").replace("\n", " ") for c in columns
        )
        lines.append("| " + " | ".join(cells) + " |")
    count = len(rows) if of is None else of
    if count > limit:
        lines.append(f"\n… 共 {count} 行")
    return dg.MetadataValue.md("\n".join(lines))


class Again(dg.Config):
    """What to do over: the name of a source whose files are to be read again; none for an ordinary night.

    A changed extractor needs no such wish: its version differs, so every file is read again by itself.
    """

    source: str = ""


@dg.asset(
    group_name="raw",
    kinds={"file"},
    description="**原始文件**：各来源今夜看到的文件，字节按 sha256 存入 `raw/`，来历记在状态库。"
    "Files as found, archived by content; the same bytes from two places are one file with two provenances.",
    check_specs=[SOURCES_FRESH],
    **_COMMON,
)
def raw_files(
    context: dg.AssetExecutionContext,
    config: Again,
    night: dg.ResourceParam[Night],
    only_publisher: dg.ResourceParam[str],
) -> Any:
    """Pull the sources into the raw archive."""
    with tried_again(night):
        pulled = night.pull(_night_of(context), context.run_id)
        if config.source:
            context.log.info(f"{night.forget(config.source)} files of {config.source} are read again")
    yield dg.Output(
        pulled.rows,
        metadata={**pulled.counts, "files": _sample(pulled.rows, ("source", "path", "change", "size", "reason"))},
    )
    yield sources_fresh(night.source_freshness())


@dg.asset(
    group_name="extracted",
    kinds={"json"},
    description="**事实**：每个新文件在受限子进程里读取、抽取、解析，结果存为 `facts/` 下不可变的 JSON；"
    "按内容 × 抽取程序版本只做一次。Facts of each file, read once per content and extractor version.",
    **_COMMON,
)
def facts(context: dg.AssetExecutionContext, night: dg.ResourceParam[Night], raw_files: Rows) -> dg.Output[Rows]:
    """Read what has not been read under the extractor version at hand."""
    with tried_again(night):
        read = night.read(_night_of(context))
    slow = sorted(read, key=lambda r: -r["seconds"])
    return dg.Output(
        read,
        metadata={
            "read": len(read),
            "failed": sum(r["status"] == "failed" for r in read),
            "failures": _sample([r for r in read if r["status"] == "failed"], ("path", "error_code", "error_message")),
            "slowest": _sample(slow, ("path", "seconds", "status"), limit=5),
        },
    )


@dg.asset(
    group_name="staged",
    kinds={"parquet"},
    description="**入库行**：事实变成仓库各表的行，按文件 × 版本存为 Parquet，写好不再改动。"
    "Rows for every warehouse table, immutable Parquet per file and version.",
    **_COMMON,
)
def staged_rows(context: dg.AssetExecutionContext, night: dg.ResourceParam[Night], facts: Rows) -> dg.Output[Rows]:
    """Stage what has been read and not been staged."""
    staged = night.stage(_night_of(context))
    totals: dict[str, int] = {}
    for part in staged:
        for table, n in part["rows"].items():
            totals[table] = totals.get(table, 0) + n
    return dg.Output(staged, metadata={"parts": len(staged), **{f"rows/{t}": n for t, n in sorted(totals.items())}})


@dg.asset(
    group_name="audited",
    kinds={"python"},
    check_specs=ROW_CHECKS,
    description="**逐行校验**：由仓库字段推出的期望加上写明的规则（Great Expectations），只查今夜新入库的行；"
    "不过的行连同理由留在检疫区。Row-level audit of the parts staged tonight.",
    **_COMMON,
)
def audited_rows(context: dg.AssetExecutionContext, night: dg.ResourceParam[Night], staged_rows: Rows) -> Any:
    """Audit the new parts; schema and key failures stop the night before anything is published."""
    audited = night.audit(_night_of(context))
    yield dg.Output(
        {"parts": audited.parts, "findings": audited.findings},
        metadata={
            "parts": audited.parts,
            "findings": audited.findings,
            "sample": _sample(list(audited.sample), ("severity", "rule", "message_zh"), of=audited.findings),
        },
    )
    yield from check_results(audited.outcomes)


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
    description="**待发布仓库**：所有现行的入库行建成一个新库，跨文件、跨月份对账的发现写入其中；输入没变就不重建。"
    "The candidate warehouse with the findings of reconciliation across documents and months.",
    **_COMMON,
)
def candidate(
    context: dg.AssetExecutionContext, night: dg.ResourceParam[Night], audited_rows: dict[str, int]
) -> dg.Output[dict[str, Any]]:
    """Build aside and reconcile, unless the inputs are those of the published warehouse."""
    built = night.build(_night_of(context), context.run_id)
    shown = {k: v for k, v in built.items() if k != "candidate"}
    return dg.Output(built, metadata={"built": built["candidate"] is not None, **shown})


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
    description="**数据仓库**：分析员查询的库，整库改名替换，读者永远看不到半夜的状态。"
    "The published warehouse, replaced in whole by rename.",
    check_specs=[NOTHING_BROKEN],
    **_COMMON,
)
def warehouse(
    context: dg.AssetExecutionContext, night: dg.ResourceParam[Night], candidate: dict[str, Any], raw_files: Rows
) -> Any:
    """Publish the candidate and say what the night brought."""
    with tried_again(night):
        summary = night.publish(candidate, raw_files, _night_of(context), context.run_id)
    yield dg.Output(
        summary,
        metadata={
            "path": dg.MetadataValue.path(str(summary["warehouse"])),
            **_link(summary["audit_page"]),
            **{f"rows/{view}": n for view, n in summary["rows"].items()},
            **{f"findings/{severity}": n for severity, n in summary["findings"].items()},
        },
    )
    yield nothing_broken(t for t in night.troubles() if t.kind != "night")  # this night has just come to its end


def _link(page: str | None) -> dict[str, dg.MetadataValue]:
    return {} if page is None else {"audit_page": dg.MetadataValue.url(Path(page).resolve().as_uri())}


ASSETS = [raw_files, facts, staged_rows, audited_rows, candidate, warehouse]
