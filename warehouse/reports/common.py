"""What all reports share: the request, the states of debts on two days, the sheet of sources."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from warehouse.workbook import Column, Sheet

if TYPE_CHECKING:
    import duckdb

Rows = list[dict[str, Any]]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: the period's last day, what was known by which day, a region (with those below it) or all, and
    for dossiers the party's name."""

    period: dt.date
    known_at: dt.date
    region_code: str | None = None
    party: str | None = None

    @property
    def said(self) -> str:
        """Period and day of knowledge as a caption."""
        return f"统计截止 {self.period}；数据为 {self.known_at} 以前收到的台账"


class ReportError(Exception):
    """A report that cannot be made; the message says what to do."""


# Debts in force for a period: `left_yuan` is what is still owed, `cleared_yuan` what was paid or resolved of it.
STANDING = """
SELECT *,
       coalesce(
         remaining_amount_yuan,
         arrears_amount_yuan - coalesce(repaid_amount_yuan, 0) - coalesce(resolved_amount_yuan, 0)) AS left_yuan,
       arrears_amount_yuan - left_yuan AS cleared_yuan
FROM main.debts_as_of({period}, $known_at::DATE)
WHERE status IN ('open', 'cleared') AND ($prefix IS NULL OR starts_with(region_code, $prefix))
"""


def standing(period: str) -> str:
    """The SELECT of debts in force; `period` names the parameter ($period or $before)."""
    return STANDING.format(period=f"{period}::DATE")


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, Any]) -> Rows:
    """Rows of a SELECT as dicts; parameters it does not name are left out."""
    used = {k: v for k, v in parameters.items() if f"${k}" in sql}
    found = connection.execute(sql, used)
    names = [d[0] for d in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def parameters(request: Request, before: dt.date | None = None) -> dict[str, Any]:
    """The parameters of a report's statements."""
    from warehouse.duty_rows import region_prefix

    prefix = None if request.region_code is None else region_prefix(request.region_code)
    return {
        "period": request.period,
        "known_at": request.known_at,
        "before": before,
        "prefix": prefix,
        "region": request.region_code,
        "party": request.party,
    }


def month_before(day: dt.date) -> dt.date:
    """The last day of the month before."""
    return day.replace(day=1) - dt.timedelta(days=1)


def quarter_before(day: dt.date) -> dt.date:
    """The last day of the quarter before."""
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1) - dt.timedelta(days=1)


def last_day(year: int, month: int) -> dt.date:
    """The last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def total(rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> dict[str, Any]:
    """Sums of columns; null where no row has a value."""
    listed = list(rows)
    out: dict[str, Any] = {}
    for key in keys:
        values = [r[key] for r in listed if r[key] is not None]
        out[key] = sum(values) if values else None
    return out


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """A share, null where there is no whole."""
    return None if not whole or part is None else (part / whole).quantize(Decimal("0.000001"))


STATUS_ZH = {"open": "未清偿", "cleared": "已清偿", "vanished": "消失未销号", "split": "已拆分", "merge": "已合并"}
SOURCE_COLUMNS = (
    Column(key="line", header="报表行", width=10),
    Column(key="debtor_name", header="拖欠主体", width=28),
    Column(key="creditor_name", header="债权企业", width=28),
    Column(key="contract_no", header="合同编号", width=14),
    Column(key="project_name", header="项目名称", width=20),
    Column(key="arrears_amount_yuan", header="拖欠金额（元）", kind="yuan", width=16),
    Column(key="left_yuan", header="剩余金额（元）", kind="yuan", width=16),
    Column(key="status", header="状态", width=9),
    Column(key="as_of_date", header="统计截止", kind="date", width=11),
    Column(key="path", header="台账文件", width=30),
    Column(key="sheet", header="工作表", width=10),
    Column(key="row_number", header="行号", kind="int", width=7),
    Column(key="debt_id", header="欠款编号", width=34),
)

SOURCES = """
SELECT s.*, d.path, t.sheet
FROM ({standing}) s
JOIN core.documents d USING (document_id)
JOIN core.ledger_tables t USING (document_id, table_index)
ORDER BY {order}
"""


def sources(connection: duckdb.DuckDBPyConnection, request: Request, line_of: Mapping[Any, str], key: str) -> Sheet:
    """The sheet of sources: every debt in force with the line it is counted in, found by the column `key`."""
    sql = SOURCES.format(standing=standing("$period"), order=f"s.{key} NULLS LAST, s.debtor_name, s.debt_id")
    rows = [
        {**r, "line": line_of.get(r[key], ""), "status": STATUS_ZH[r["status"]]}
        for r in rows_of(connection, sql, parameters(request))
    ]
    return Sheet(
        name="数据来源",
        title="数据来源",
        unit="单位：元",
        columns=SOURCE_COLUMNS,
        rows=[r for r in rows if r["line"]],
        notes=("每一行是报表中某一行所含的一笔欠款及其在台账中的位置；金额与台账逐分相同。",),
    )
