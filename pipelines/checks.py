"""Asset checks: one per kind of suite, blocking only where a failure means that our own rows are malformed.

One check per expectation would cost Dagster more than the audit itself; the findings table has every row. A check's
shown result is of the last materialisation only; what stands is in `findings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import dagster as dg

from pipelines.freshness import Freshness
from validators.audit import SuiteOutcome
from warehouse.state_troubles import Trouble

_ASSET = dg.AssetKey("audited_rows")
_ABOUT: dict[str, tuple[bool, str]] = {
    "schema": (True, "列和类型与仓库定义一致"),
    "keys": (True, "主键、外键齐全、成形、不重复"),
    "required": (True, "必填列不为空"),
    "values": (False, "取值范围、格式、信用代码校验位"),
    "circulars": (False, "文件内数字勾稽、时限早于发文日期等"),
    "ledgers": (False, "台账行内勾稽、单位、分歧等"),
    "extraction": (False, "抽取时留下的疑问、读不全和读不了的文件"),
}

SOURCES_FRESH = dg.AssetCheckSpec(
    name="sources_fresh", asset=dg.AssetKey("raw_files"), description="各来源按约定的频率有新文件"
)
NOTHING_BROKEN = dg.AssetCheckSpec(
    name="nothing_broken",
    asset=dg.AssetKey("warehouse"),
    description="现在没有还没好的故障（来源、夜间任务、密级、通知）",
)

ROW_CHECKS = [
    dg.AssetCheckSpec(name=name, asset=_ASSET, blocking=blocking, description=about)
    for name, (blocking, about) in _ABOUT.items()
]


def sources_fresh(found: Iterable[Freshness]) -> dg.AssetCheckResult:
    """Whether every source brought something as often as it should, with a table."""
    found = list(found)
    rows = [
        f"| {f.label} | {f.cadence} | {f.last_new_at:%Y-%m-%d} | {f.longest_days} | {'迟' if f.is_late else ''} |"
        for f in found
        if f.last_new_at is not None
    ]
    table = "\n".join(["| 来源 | 频率 | 最近有新文件 | 最多几天 | |", "|---|---|---|---|---|", *rows])
    return dg.AssetCheckResult(
        asset_key=SOURCES_FRESH.asset_key,
        check_name=SOURCES_FRESH.name,
        passed=not any(f.is_late for f in found),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"sources": dg.MetadataValue.md(table)},
    )


def nothing_broken(troubles: Iterable[Trouble]) -> dg.AssetCheckResult:
    """What is wrong now, as a check that stays red until it is mended."""
    troubles = list(troubles)
    rows = [
        f"| {t.since:%Y-%m-%d} | {t.subject.replace('|', '／')} | {t.message.replace('|', '／')} |" for t in troubles
    ]
    table = "\n".join(["| 从何时起 | 何处 | 原因和办法 |", "|---|---|---|", *rows])
    return dg.AssetCheckResult(
        asset_key=NOTHING_BROKEN.asset_key,
        check_name=NOTHING_BROKEN.name,
        passed=not troubles,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"standing": len(troubles), "troubles": dg.MetadataValue.md(table)},
    )


def check_results(outcomes: Iterable[SuiteOutcome]) -> Iterator[dg.AssetCheckResult]:
    """One result for each check, also for those with nothing to look at tonight."""
    by_kind: dict[str, list[SuiteOutcome]] = {name: [] for name in _ABOUT}
    for outcome in outcomes:
        by_kind[outcome.suite].append(outcome)
    for name, (blocking, _) in _ABOUT.items():
        found = by_kind[name]
        failed = sum(o.failed_rows for o in found)
        yield dg.AssetCheckResult(
            asset_key=_ASSET,
            check_name=name,
            passed=all(o.passed for o in found),
            severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
            metadata={"evaluated_rows": sum(o.evaluated_rows for o in found), "failed_rows": failed},
        )
