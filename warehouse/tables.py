"""Every base table (schema `core`); views are `views/*.sql`.

Adding a column is one field and its mention in its table: DDL, Arrow schema, dictionary and checks follow. Tables
that are staged per document are in `STAGED_TABLES`; the others come from registers, the audit or the state store.
"""

from __future__ import annotations

from warehouse.derived_tables import (
    CADENCE_DAYS,
    COMPANY_NAMES,
    DEBT_CLOCKS,
    DEBT_DUPLICATES,
    DEBT_LINEAGE,
    DEBT_PARTS,
    LPR_RATES,
    REPORTS_DUE,
    ROW_CLOCKS,
    STATUTES,
)
from warehouse.document_tables import (
    ASSIGNMENTS,
    DEBT_STATEMENTS,
    DOCUMENT_NOTICES,
    DOCUMENT_PARTS,
    DOCUMENT_REFERENCES,
    DOCUMENTS,
    OBLIGATION_UNITS,
    STATISTICS,
    TIME_EXPRESSIONS,
)
from warehouse.fields import (
    AS_OF_DATE,
    DOCUMENT_ID,
    EVIDENCE,
    FIRST_SEEN_DATE,
    PARENT_ID,
    REGION_CODE,
    REGION_PATTERN,
    SHA256_PATTERN,
    date,
    flag,
    identifier,
    integer,
    json,
    moment,
    text,
)
from warehouse.ledger_tables import LEDGER_ROWS, LEDGER_TABLES, LEDGER_TOTALS
from warehouse.table import OF_DOCUMENT, Table

__all__ = [
    "ASSIGNMENTS",
    "CADENCE_DAYS",
    "CORRECTIONS",
    "DEBT_CLOCKS",
    "DEBT_DUPLICATES",
    "DEBT_LINEAGE",
    "DEBT_PARTS",
    "DEBT_STATEMENTS",
    "DOCUMENTS",
    "DOCUMENT_NOTICES",
    "DOCUMENT_PARTS",
    "DOCUMENT_REFERENCES",
    "FILES",
    "FINDINGS",
    "LEDGER_ROWS",
    "LEDGER_TABLES",
    "LEDGER_TOTALS",
    "OBLIGATION_UNITS",
    "OTHER_TABLES",
    "REGIONS",
    "REPORTS_DUE",
    "ROW_CLOCKS",
    "RUNS",
    "STAGED_TABLES",
    "STATISTICS",
    "TABLES",
    "TIME_EXPRESSIONS",
    "UNITS",
    "Table",
]

FINDING_STATUSES = ("open", "deferred", "accepted", "resolved", "dismissed", "silenced")
SEVERITIES = ("block", "quarantine", "warn", "note")

UNITS = Table(
    "units",
    "单位",
    "The unit register, and units found in documents that it knows.",
    (
        text("unit_id", "单位编号", "unit id", "Id in the register.").required(),
        text("name", "名称", "name", "Full name.").required(),
        text("kind", "类别", "kind", "Government body, office, association and so on."),
        REGION_CODE,
        text("parent_id", "上级单位", "parent", "Id of the body it belongs to."),
        json("aliases", "别名", "aliases", "Array of the other names that documents call it by."),
        date("first_named_date", "首次提及", "first named", "Day of the earliest document that names it."),
        date("last_named_date", "最近提及", "last named", "Day of the latest document that names it."),
    ),
    ("unit_id",),
)

REGIONS = Table(
    "regions",
    "行政区划",
    "Regions by GB/T 2260.",
    (
        REGION_CODE.required(),
        text("name", "名称", "name", "Name of the region.").required(),
        text("full_name", "全称", "full name", "Name with those of the regions above it."),
        text(
            "level", "级别", "level", "province, city, county or other.", domain=("province", "city", "county", "other")
        ),
        text(
            "parent_code",
            "上级代码",
            "parent",
            "Code of the region above it; null for provinces.",
            pattern=REGION_PATTERN,
        ),
        integer(
            "valid_to_year", "撤销年份", "abolished in", "Year it was abolished; null while it exists.", unit="year"
        ),
        text(
            "successor_code", "承接代码", "successor", "Code of the region it went over into.", pattern=REGION_PATTERN
        ),
    ),
    ("region_code",),
)

FINDINGS = Table(
    "findings",
    "审核发现",
    "What the audit found wrong or doubtful, each with its row and reason.",
    (
        identifier("finding_id", "发现编号", "finding id", "Hash of rule, row, field and value."),
        text("rule", "规则", "rule", "Name of the rule.").required(),
        text("severity", "严重程度", "severity", "block, quarantine, warn or note.", domain=SEVERITIES).required(),
        text("document_id", "文档编号", "document", "The document, if one.", pattern=SHA256_PATTERN),
        text("row_id", "行编号", "row id", "Key of the row in table_name, if one."),
        text("table_name", "表", "table", "The table the row is in."),
        text("field", "列", "field", "The column."),
        text("value", "值", "value", "The value found, as text."),
        text("message_zh", "说明", "message (Chinese)", "One Chinese sentence: what, where, what to do.").required(),
        text("message_en", "英文说明", "message (English)", "The same in English."),
        text("basis", "依据", "basis", "Statute, standard or document that the rule rests on."),
        EVIDENCE,
        text(
            "status",
            "处理状态",
            "status",
            "open until a steward decides; deferred comes back on its day; accepted stands as it is; resolved was "
            "corrected; dismissed was no fault; silenced by the source's configuration, with its reason.",
            domain=FINDING_STATUSES,
        ).required(),
        FIRST_SEEN_DATE,
        text(
            "subject",
            "事项标识",
            "subject",
            "Stable name of what it is about: the same for the same debt, figure or file every night.",
        ),
        text("raw_value", "原文值", "value in the source", "The text in the source that the value was read from."),
        integer("decision_number", "决定编号", "decision", "The decision in force on it; null while none is."),
        text("silence_reason", "不提醒的理由", "silenced because", "Why the source's configuration silences the rule."),
        REGION_CODE,
    ),
    ("finding_id",),
)

CORRECTIONS = Table(
    "corrections",
    "人工更正",
    "Values that a steward's decision put in the place of what was read; the machine's own value is kept here.",
    (
        text("table_name", "表", "table", "The table of the row.").required(),
        text("row_id", "行编号", "row id", "Key of the row.").required(),
        text("field", "列", "field", "The column.").required(),
        text("machine_value", "机器读出值", "machine's value", "What was read, as text."),
        text("raw_value", "原文值", "value in the source", "The text in the source it was read from."),
        text("value", "更正值", "value", "What stands in the row now, as text; null for blank."),
        text("steward", "更正人", "steward", "Name of the steward who decided.").required(),
        moment("decided_at", "更正时间", "decided at", "When the steward decided.").required(),
        text("reason", "理由", "reason", "Why it was put in, in the steward's words."),
        integer("decision_number", "决定编号", "decision", "Number of the decision.").required(),
    ),
    ("table_name", "row_id", "field"),
)

DECISIONS = Table(
    "decisions",
    "人工决定",
    "Every decision of a steward up to this night, also those undone or overtaken since.",
    (
        integer("decision_number", "决定编号", "decision", "Counts from 1 in the order decided.", minimum=1).required(),
        moment("decided_at", "决定时间", "decided at", "When it was decided.").required(),
        text("steward", "决定人", "steward", "Who decided.").required(),
        text("table_name", "表", "table", "The table it is about.").required(),
        text(
            "subject", "对象", "subject", "What it is about, by a name that outlives files: debt:…, text:…, file:…."
        ).required(),
        text("field", "列", "field", "The column; null when it is about the whole."),
        text("action", "动作", "action", "accept, reject, correct, defer, undo and the like.").required(),
        text("value", "值", "value", "The value put in, the day of a deferral, or the decision undone."),
        text("reason", "理由", "reason", "Why, in the steward's words."),
        flag("is_in_force", "是否有效", "in force", "True when it counts in this warehouse.").required(),
    ),
    ("decision_number",),
)

RUNS = Table(
    "runs",
    "运行记录",
    "Nightly runs up to the one that published this warehouse.",
    (
        text("run_id", "运行编号", "run id", "Id of the run.").required(),
        AS_OF_DATE.required(),
        moment("started_at", "开始时间", "started", "When it started.").required(),
        moment("ended_at", "结束时间", "ended", "When it ended; null while running."),
        text(
            "status",
            "状态",
            "status",
            "running, done, failed or interrupted.",
            domain=("running", "done", "failed", "interrupted"),
        ).required(),
        json("counts", "计数", "counts", "Object: documents, rows and findings counted."),
    ),
    ("run_id",),
)

FILES = Table(
    "files",
    "文件来源",
    "Every path a document was found under; the same bytes by two paths have two rows.",
    (
        DOCUMENT_ID,
        text("source", "来源", "source", "The configured source, or `inbox`.").required(),
        text("path", "路径", "path", "Path within the source; inside another file after `!/`.").required(),
        PARENT_ID,
        FIRST_SEEN_DATE.required(),
        flag("is_current", "是否现行", "current", "False once other bytes lie at the path.").required(),
    ),
    ("document_id", "source", "path"),
    OF_DOCUMENT,
)

STAGED_TABLES: tuple[Table, ...] = (
    DOCUMENTS,
    DOCUMENT_NOTICES,
    DOCUMENT_PARTS,
    DEBT_STATEMENTS,
    TIME_EXPRESSIONS,
    OBLIGATION_UNITS,
    ASSIGNMENTS,
    DOCUMENT_REFERENCES,
    STATISTICS,
    LEDGER_TABLES,
    LEDGER_ROWS,
    LEDGER_TOTALS,
)
OTHER_TABLES: tuple[Table, ...] = (
    FILES,
    UNITS,
    REGIONS,
    FINDINGS,
    CORRECTIONS,
    DECISIONS,
    RUNS,
    DEBT_LINEAGE,
    DEBT_DUPLICATES,
    DEBT_PARTS,
    DEBT_CLOCKS,
    ROW_CLOCKS,
    CADENCE_DAYS,
    REPORTS_DUE,
    COMPANY_NAMES,
    STATUTES,
    LPR_RATES,
)
TABLES: dict[str, Table] = {t.name: t for t in (*STAGED_TABLES, *OTHER_TABLES)}
