"""月调度表 and 季通报: how far each region is, what changed since the last month or quarter, who leads."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from warehouse.reports.common import (
    Request,
    Rows,
    month_before,
    parameters,
    quarter_before,
    rows_of,
    share,
    sources,
    standing,
    total,
)
from warehouse.workbook import Column, Sheet

if TYPE_CHECKING:
    import duckdb

_LINES = """
WITH now AS ({now}), before AS ({before}), sides AS (
  SELECT coalesce(n.region_code, b.region_code) AS region_code, n.debt_id AS now_id, b.debt_id AS before_id,
         n.arrears_amount_yuan, n.cleared_yuan, n.left_yuan, n.disputed, n.undisputed_amount_yuan,
         n.disputed_amount_yuan, n.status, b.cleared_yuan AS cleared_before, b.arrears_amount_yuan AS arrears_before,
         n.first_as_of_date > $before::DATE AND n.debt_id NOT IN (SELECT debt_id FROM core.debt_lineage) AS is_new
  FROM now n FULL JOIN before b ON b.debt_id = n.debt_id
), lost AS (
  SELECT region_code, count(*) AS vanished_count, sum(remaining_amount_yuan) AS vanished_yuan
  FROM main.debts_as_of($period::DATE, $known_at::DATE)
  WHERE status = 'vanished' AND ($prefix IS NULL OR starts_with(region_code, $prefix)) GROUP BY region_code
)
SELECT s.region_code, any_value(r.name) AS region_name, count(now_id) AS debts,
       sum(arrears_amount_yuan) AS arrears_yuan, count(*) FILTER (status = 'cleared') AS cleared_debts,
       sum(cleared_yuan) AS cleared_yuan, sum(left_yuan) AS left_yuan,
       sum(left_yuan) FILTER (disputed = 'no') AS undisputed_left_yuan,
       sum(left_yuan) FILTER (disputed IN ('yes', 'partial')) AS disputed_left_yuan,
       sum(cleared_yuan - coalesce(cleared_before, 0)) FILTER (now_id IS NOT NULL AND before_id IS NOT NULL)
         AS period_cleared_yuan,
       CASE WHEN count(before_id) > 0 THEN count(*) FILTER (is_new) END AS new_debts,
       CASE WHEN count(before_id) > 0 THEN coalesce(sum(arrears_amount_yuan) FILTER (is_new), 0) END AS new_yuan,
       any_value(l.vanished_count) AS vanished_count,
       sum(cleared_before) AS before_cleared_yuan, sum(arrears_before) AS before_arrears_yuan
FROM sides s
LEFT JOIN main.regions r ON r.region_code = s.region_code
LEFT JOIN lost l ON l.region_code IS NOT DISTINCT FROM s.region_code
GROUP BY s.region_code ORDER BY s.region_code NULLS LAST
"""
_SUMMED = (
    "debts", "arrears_yuan", "cleared_debts", "cleared_yuan", "left_yuan", "undisputed_left_yuan",
    "disputed_left_yuan", "period_cleared_yuan", "new_debts", "new_yuan", "vanished_count",
    "before_cleared_yuan", "before_arrears_yuan",
)  # fmt: skip
_NOTES = (
    "拖欠总额、累计清偿只含台账仍列的和已清偿的欠款；“消失未销号”是后一期台账不再列出、又没有清偿的欠款，另行核实。",
    "剩余金额台账没有列出时，按拖欠金额减累计清偿、化解金额计算；本期清偿为两期都列出的欠款累计清偿之差。",
    "拆分、合并来的欠款不算新增；没有上期台账的地区不计本期清偿和新增。",
)


def lines(connection: duckdb.DuckDBPyConnection, request: Request, before: dt.date) -> tuple[Rows, dict[str, Any]]:
    """One row for each region with its shares, and their sum."""
    sql = _LINES.format(now=standing("$period"), before=standing("$before"))
    rows = rows_of(connection, sql, parameters(request, before))
    whole = {"region_name": "合计", **total(rows, _SUMMED)}
    for row in (*rows, whole):
        row["share"] = share(row["cleared_yuan"], row["arrears_yuan"])
        row["before_share"] = share(row["before_cleared_yuan"], row["before_arrears_yuan"])
        known = row["share"] is not None and row["before_share"] is not None
        row["change"] = row["share"] - row["before_share"] if known else None
    for row in rows:
        row["region_name"] = row["region_name"] or row["region_code"] or "未写明地区"
    return rows, whole


def rank(rows: Rows, key: str, into: str) -> None:
    """Number rows by a share, highest first, equal shares alike (1, 2, 2, 4); null is not ranked."""
    values = sorted((r[key] for r in rows if r[key] is not None), reverse=True)
    for row in rows:
        row[into] = None if row[key] is None else values.index(row[key]) + 1


def monthly(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Sheet]:
    """月调度表: one line a region, against the month before."""
    rows, whole = lines(connection, request, month_before(request.period))
    for number, row in enumerate(rows, 1):
        row["line"] = str(number)
    columns = (
        Column(key="line", header="序号", width=6),
        Column(key="region_name", header="地区", width=14),
        Column(key="debts", header="拖欠笔数", kind="int", width=9),
        Column(key="arrears_yuan", header="拖欠总额", kind="wan", width=13),
        Column(key="cleared_debts", header="已清偿笔数", kind="int", width=9),
        Column(key="cleared_yuan", header="累计清偿", kind="wan", width=13),
        Column(key="share", header="清偿率", kind="percent", width=9),
        Column(key="period_cleared_yuan", header="本月清偿", kind="wan", width=12),
        Column(key="new_debts", header="本月新增笔数", kind="int", width=9),
        Column(key="new_yuan", header="本月新增", kind="wan", width=12),
        Column(key="left_yuan", header="剩余金额", kind="wan", width=13),
        Column(key="undisputed_left_yuan", header="其中无分歧", kind="wan", width=12),
        Column(key="disputed_left_yuan", header="其中有分歧", kind="wan", width=12),
        Column(key="vanished_count", header="消失未销号笔数", kind="int", width=9),
    )
    sheet = Sheet(
        name="月调度表",
        title=f"清理拖欠账款月调度表（{request.period.year}年{request.period.month}月）",
        unit=f"{request.said}　金额单位：万元",
        columns=columns,
        rows=rows,
        total=whole,
        notes=_NOTES,
    )
    return [sheet, sources(connection, request, {r["region_code"]: r["line"] for r in rows}, "region_code")]


def quarterly(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Sheet]:
    """季通报: regions by the share cleared, with the quarter before and the change of rank."""
    before = quarter_before(request.period)
    rows, whole = lines(connection, request, before)
    rank(rows, "share", "rank")
    rank(rows, "before_share", "before_rank")
    for row in rows:
        known = row["rank"] is not None and row["before_rank"] is not None
        moved = row["before_rank"] - row["rank"] if known else None
        row["moved"] = (
            "—" if moved is None else "持平" if moved == 0 else f"{'升' if moved > 0 else '降'}{abs(moved)}位"
        )
    rows.sort(key=lambda r: (r["rank"] is None, r["rank"] or 0, r["region_code"] or ""))
    for number, row in enumerate(rows, 1):
        row["line"] = str(number)
    quarter = (request.period.month + 2) // 3
    columns = (
        Column(key="line", header="序号", width=6),
        Column(key="rank", header="排名", kind="int", width=7),
        Column(key="region_name", header="地区", width=14),
        Column(key="arrears_yuan", header="拖欠总额", kind="wan", width=13),
        Column(key="cleared_yuan", header="累计清偿", kind="wan", width=13),
        Column(key="share", header="清偿率", kind="percent", width=9),
        Column(key="before_share", header="上季清偿率", kind="percent", width=10),
        Column(key="change", header="提高（百分点以%计）", kind="percent", width=11),
        Column(key="before_rank", header="上季排名", kind="int", width=8),
        Column(key="moved", header="升降", width=8),
        Column(key="period_cleared_yuan", header="本季清偿", kind="wan", width=12),
        Column(key="new_yuan", header="本季新增", kind="wan", width=12),
        Column(key="left_yuan", header="剩余金额", kind="wan", width=13),
    )
    sheet = Sheet(
        name="季通报",
        title=f"清理拖欠账款进展情况通报表（{request.period.year}年第{quarter}季度）",
        unit=f"{request.said}；对比 {before}　金额单位：万元",
        columns=columns,
        rows=rows,
        total=whole,
        notes=(*_NOTES, "清偿率相同的名次并列，其后名次顺延。"),
    )
    return [sheet, sources(connection, request, {r["region_code"]: r["line"] for r in rows}, "region_code")]
