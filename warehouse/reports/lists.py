"""逾期清单, 责任分工表 and 一户一档: lists of debts that are late, of who must do what, and all about one party."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.keys import normal_name
from warehouse.reports.common import (
    STATUS_ZH,
    ReportError,
    Request,
    Rows,
    parameters,
    rows_of,
    sources,
    standing,
    total,
)
from warehouse.workbook import Column, Sheet

if TYPE_CHECKING:
    import duckdb

_OVERDUE = """
SELECT s.debt_id, s.region_code, s.debtor_name, s.debtor_type, s.creditor_name, s.contract_no, s.project_name,
       s.left_yuan, s.disputed, s.due_date, c.statutory_due_date, s.plan_due_date, c.rule_version,
       least(s.due_date, c.statutory_due_date, s.plan_due_date) AS first_due,
       $period::DATE - coalesce(c.statutory_due_date, s.due_date, s.plan_due_date) AS days_late,
       CASE WHEN c.statutory_due_date IS NOT NULL THEN '法定期限' WHEN s.due_date IS NOT NULL THEN '约定付款日'
            ELSE '计划清偿日' END AS counted_from,
       CASE WHEN c.as_of_date = s.as_of_date THEN c.interest_yuan END AS interest_yuan, s.responsible_unit
FROM ({standing}) s
LEFT JOIN core.debt_clocks c USING (debt_id)
WHERE s.left_yuan > 0 AND coalesce(c.statutory_due_date, s.due_date, s.plan_due_date) < $period::DATE
ORDER BY days_late DESC, s.left_yuan DESC, s.debt_id
"""
_DUTIES = """
WITH units AS (
  SELECT obligation_id, string_agg(unit, '、' ORDER BY unit) FILTER (role = 'responsible') AS responsible
  FROM main.obligation_units GROUP BY obligation_id
), timed AS (
  SELECT o.document_id, o.start_offset, coalesce(o.action, o.text) AS task, u.responsible, NULL AS lead,
         NULL AS support, o.text AS term, o.due_date, o.recipient
  FROM main.obligations o LEFT JOIN units u USING (obligation_id)
  WHERE o.kind IN ('due', 'recurring', 'period')
), assigned AS (
  SELECT a.document_id, min(a.start_offset) AS start_offset, a.task,
         string_agg(DISTINCT a.unit, '、') FILTER (a.role = 'responsible') AS responsible,
         string_agg(DISTINCT a.unit, '、') FILTER (a.role = 'lead') AS lead,
         string_agg(DISTINCT a.unit, '、') FILTER (a.role IN ('support', 'member')) AS support,
         NULL AS term, NULL::DATE AS due_date, NULL AS recipient
  FROM main.assignments a
  WHERE a.task IS NOT NULL AND a.role IN ('responsible', 'lead', 'support', 'member')
    AND (a.document_id, a.task) NOT IN (SELECT (document_id, task) FROM timed)
  GROUP BY a.document_id, a.task
)
SELECT x.*, d.title, d.doc_number, d.issued_date, d.path
FROM (SELECT * FROM timed UNION ALL SELECT * FROM assigned) x
JOIN main.documents d USING (document_id)
WHERE coalesce(d.issued_date, d.first_seen_date) <= $period::DATE AND d.first_seen_date <= $known_at::DATE
  AND ($prefix IS NULL OR starts_with(d.region_code, $prefix))
ORDER BY coalesce(d.issued_date, d.first_seen_date), d.path, x.start_offset
"""
_PARTIES = "SELECT DISTINCT debtor_name, creditor_name FROM main.debts_as_of($period::DATE, $known_at::DATE)"
_DEBTS_OF = """
SELECT s.*, coalesce(remaining_amount_yuan,
         arrears_amount_yuan - coalesce(repaid_amount_yuan, 0) - coalesce(resolved_amount_yuan, 0)) AS left_yuan,
       arrears_amount_yuan - left_yuan AS cleared_yuan, c.statutory_due_date, c.rule_version, d.path, t.sheet
FROM main.debts_as_of($period::DATE, $known_at::DATE) s
LEFT JOIN core.debt_clocks c USING (debt_id)
JOIN core.documents d USING (document_id)
JOIN core.ledger_tables t USING (document_id, table_index)
WHERE list_contains($names, s.{side})
ORDER BY s.as_of_date, s.contract_no, s.project_name, s.debt_id
"""
_LIFE = """
SELECT r.debt_id, r.as_of_date, t.known_date, r.debtor_name, r.creditor_name, r.contract_no, r.project_name,
       r.arrears_amount_yuan, r.repaid_amount_yuan, r.remaining_amount_yuan AS left_yuan, r.status, r.match_reason,
       t.replaced_date, d.path, t.sheet, r.row_number
FROM core.ledger_rows r
JOIN core.ledger_tables t USING (document_id, table_index)
JOIN core.documents d USING (document_id)
WHERE list_contains($ids, r.debt_id) AND t.known_date <= $known_at::DATE
  AND coalesce(r.as_of_date, t.known_date) <= $period::DATE
ORDER BY r.debt_id, r.as_of_date, t.known_date, r.row_number
"""
_DISPUTED_ZH = {"yes": "有分歧", "no": "无分歧", "partial": "部分有分歧"}


def overdue(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Sheet]:
    """逾期清单: debts past their statutory day, else the agreed one, else the one planned, longest first."""
    rows = rows_of(connection, _OVERDUE.format(standing=standing("$period")), parameters(request))
    _number(rows)
    columns = (
        Column(key="line", header="序号", width=6),
        Column(key="debtor_name", header="拖欠主体", width=26),
        Column(key="creditor_name", header="债权企业", width=26),
        Column(key="contract_no", header="合同编号", width=13),
        Column(key="project_name", header="项目名称", width=18),
        Column(key="left_yuan", header="剩余金额（元）", kind="yuan", width=15),
        Column(key="disputed", header="分歧", width=9),
        Column(key="counted_from", header="起算依据", width=11),
        Column(key="statutory_due_date", header="法定期限", kind="date", width=11),
        Column(key="due_date", header="约定付款日", kind="date", width=11),
        Column(key="plan_due_date", header="计划清偿日", kind="date", width=11),
        Column(key="days_late", header="逾期天数", kind="int", width=8),
        Column(key="interest_yuan", header="逾期利息（元）", kind="yuan", width=14),
        Column(key="rule_version", header="适用规定", width=14),
        Column(key="responsible_unit", header="责任单位", width=18),
    )
    sheet = Sheet(
        name="逾期清单",
        title="逾期欠款清单",
        unit=f"{request.said}　金额单位：元",
        columns=columns,
        rows=rows,
        total={"debtor_name": "合计", **total(rows, ("left_yuan", "interest_yuan"))},
        notes=(
            "逾期天数从法定期限起算；没有法定期限的从约定付款日、再从计划清偿日起算。",
            "利息按条例日利率万分之五分段计算，仅供核对。",
        ),
    )
    return [sheet, sources(connection, request, {r["debt_id"]: r["line"] for r in rows}, "debt_id")]


def duties(connection: duckdb.DuckDBPyConnection, request: Request) -> list[Sheet]:
    """责任分工表: tasks of the documents in force with who leads, supports and answers, by when, and the source."""
    rows = rows_of(connection, _DUTIES, parameters(request))
    for row in rows:
        row["source"] = "，".join(str(v) for v in (row["title"] or row["path"], row["doc_number"]) if v)
    _number(rows)
    columns = (
        Column(key="line", header="序号", width=6),
        Column(key="task", header="任务", width=44),
        Column(key="lead", header="牵头单位", width=20),
        Column(key="responsible", header="责任单位", width=26),
        Column(key="support", header="配合单位", width=26),
        Column(key="term", header="时限（原文）", width=16),
        Column(key="due_date", header="截止日期", kind="date", width=11),
        Column(key="recipient", header="报送对象", width=14),
        Column(key="source", header="出处", width=34),
        Column(key="path", header="文件", width=24),
        Column(key="start_offset", header="原文位置", kind="int", width=9),
    )
    title = "清欠工作责任分工表"
    return [Sheet(name="责任分工表", title=title, unit=request.said, columns=columns, rows=rows)]


def dossier(connection: duckdb.DuckDBPyConnection, request: Request, side: str) -> list[Sheet]:
    """一户一档 of a debtor (`side` debtor_name) or creditor (creditor_name): its debts and what every ledger said.

    Raises ReportError when no party, or more than one, has the name asked for.
    """
    names = _names(connection, request, side)
    given = {**parameters(request), "names": names}
    debts = rows_of(connection, _DEBTS_OF.format(side=side), given)
    _number(debts)
    for row in debts:
        row["status_zh"] = STATUS_ZH[row["status"]]
        row["disputed"] = _DISPUTED_ZH.get(row["disputed"] or "")
    counted = [d for d in debts if d["status"] in ("open", "cleared")]
    line_of = {d["debt_id"]: d["line"] for d in debts}
    life = rows_of(connection, _LIFE, {**parameters(request), "ids": list(line_of)})
    for row in life:
        row["line"] = line_of[row["debt_id"]]
    other = ("creditor_name", "债权企业") if side == "debtor_name" else ("debtor_name", "拖欠主体")
    columns = (
        Column(key="line", header="序号", width=6),
        Column(key=other[0], header=other[1], width=28),
        Column(key="contract_no", header="合同编号", width=14),
        Column(key="project_name", header="项目名称", width=20),
        Column(key="arrears_amount_yuan", header="拖欠金额", kind="yuan", width=15),
        Column(key="cleared_yuan", header="累计清偿", kind="yuan", width=15),
        Column(key="left_yuan", header="剩余金额", kind="yuan", width=15),
        Column(key="disputed", header="分歧", width=10),
        Column(key="first_as_of_date", header="首次列入", kind="date", width=11),
        Column(key="statutory_due_date", header="法定期限", kind="date", width=11),
        Column(key="plan_due_date", header="计划清偿日", kind="date", width=11),
        Column(key="status_zh", header="状态", width=11),
        Column(key="responsible_unit", header="责任单位", width=18),
    )
    what = "拖欠主体" if side == "debtor_name" else "债权企业"
    sheet = Sheet(
        name="一户一档",
        title=f"{what}一户一档：{names[0]}",
        unit=f"{request.said}　金额单位：元",
        columns=columns,
        rows=debts,
        total={
            other[0]: "合计（未清偿与已清偿）",
            **total(counted, ("arrears_amount_yuan", "cleared_yuan", "left_yuan")),
        },
        notes=() if len(names) == 1 else (f"台账中的写法：{'、'.join(names)}。",),
    )
    return [sheet, _life_sheet(life)]


def _life_sheet(life: Rows) -> Sheet:
    columns = (
        Column(key="line", header="欠款序号", width=8),
        Column(key="as_of_date", header="统计截止", kind="date", width=11),
        Column(key="known_date", header="收到日期", kind="date", width=11),
        Column(key="debtor_name", header="拖欠主体", width=24),
        Column(key="creditor_name", header="债权企业", width=24),
        Column(key="arrears_amount_yuan", header="拖欠金额", kind="yuan", width=14),
        Column(key="repaid_amount_yuan", header="累计清偿", kind="yuan", width=14),
        Column(key="left_yuan", header="剩余金额", kind="yuan", width=14),
        Column(key="status", header="台账所列状态", width=12),
        Column(key="match_reason", header="匹配依据", width=14),
        Column(key="replaced_date", header="被更正日期", kind="date", width=11),
        Column(key="path", header="台账文件", width=30),
        Column(key="sheet", header="工作表", width=10),
        Column(key="row_number", header="行号", kind="int", width=7),
        Column(key="debt_id", header="欠款编号", width=34),
    )
    return Sheet(name="数据来源", title="历次台账记载", unit="单位：元", columns=columns, rows=life)


def _names(connection: duckdb.DuckDBPyConnection, request: Request, side: str) -> list[str]:
    """Every spelling of the party asked for, the most exact first."""
    if not request.party or not normal_name(request.party):
        raise ReportError("一户一档要指明单位名称（--party）。")
    known = {r[side] for r in rows_of(connection, _PARTIES, parameters(request)) if r[side]}
    wanted = normal_name(request.party)
    same = sorted((n for n in known if normal_name(n) == wanted), key=lambda n: (n != request.party, n))
    if same:
        return same
    like = sorted(n for n in known if wanted in normal_name(n))
    if len({normal_name(n) for n in like}) == 1:
        return like
    if not like:
        raise ReportError(f"台账里没有名称含“{request.party}”的单位；请核对名称，或改查另一方。")
    shown = "、".join(like[:5]) + ("等" if len(like) > 5 else "")
    raise ReportError(f"“{request.party}”对应 {len(like)} 个单位（{shown}）；请写全称。")


def _number(rows: Rows) -> None:
    for number, row in enumerate(rows, 1):
        row["line"] = str(number)
        if row.get("disputed") in _DISPUTED_ZH:
            row["disputed"] = _DISPUTED_ZH[row["disputed"]]
