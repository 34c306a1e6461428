"""Tables worked out from the staged ones when a warehouse is built."""

from __future__ import annotations

from dataclasses import replace

from warehouse.fields import (
    AS_OF_DATE,
    REGION_CODE,
    SHA256_PATTERN,
    USCC_PATTERN,
    date,
    flag,
    identifier,
    integer,
    json,
    moment,
    money,
    ratio,
    text,
)
from warehouse.table import Table

DEBT_LINEAGE = Table(
    "debt_lineage",
    "欠款沿革",
    "Debts that were split or put together from one ledger to the next, with the amount that went over.",
    (
        identifier("debt_id", "欠款编号", "debt id", "The debt that came of it."),
        identifier("from_debt_id", "来源欠款编号", "from debt", "The debt it came from."),
        text(
            "kind",
            "方式",
            "kind",
            "split: one debt became several whose amounts add up; merge: several became one.",
            domain=("split", "merge"),
        ).required(),
        replace(AS_OF_DATE, description="The period in which the new debt first stands."),
        money("amount_yuan", "金额", "amount", "How much of the debt went over."),
    ),
    ("debt_id", "from_debt_id"),
)

_DECIDED = (
    text("steward", "处理人", "steward", "Name of the steward who decided.").required(),
    moment("decided_at", "处理时间", "decided at", "When the steward decided.").required(),
    text("reason", "理由", "reason", "Why, in the steward's words."),
    integer("decision_number", "决定编号", "decision", "Number of the decision.").required(),
)

DEBT_DUPLICATES = Table(
    "debt_duplicates",
    "重复欠款",
    "Debts that a steward found to be another one listed twice: only the other is counted.",
    (
        identifier("debt_id", "欠款编号", "debt id", "The debt that is not counted."),
        identifier("same_debt_id", "同一欠款编号", "same as", "The debt that is counted.").required(),
        *_DECIDED,
    ),
    ("debt_id",),
)

DEBT_PARTS = Table(
    "debt_parts",
    "拆分欠款",
    "What a steward split one listed debt into; the parts add up to the whole, which they stand for in `debts`.",
    (
        identifier("debt_id", "欠款编号", "debt id", "The part."),
        identifier("from_debt_id", "来源欠款编号", "from debt", "The debt as listed.").required(),
        integer("part_number", "部分序号", "part", "From 1, as the steward gave them.", minimum=1).required(),
        text("creditor_name", "债权企业名称", "creditor", "Who is owed; null: as listed."),
        text("contract_no", "合同编号", "contract number", "The contract; null: as listed."),
        money("arrears_amount_yuan", "拖欠金额", "arrears", "The part of what was owed.").required(),
        money("remaining_amount_yuan", "剩余金额", "remaining", "What is still owed of it; null: follows the whole."),
        money("disputed_amount_yuan", "有分歧金额", "disputed", "What of it is in dispute; null: follows the whole."),
        money("whole_arrears_yuan", "拆分总额", "whole", "Arrears of the whole.").required(),
        money("whole_remaining_yuan", "拆分剩余总额", "whole remaining", "Remaining of the whole, where parts say it."),
        money(
            "whole_disputed_yuan", "拆分有分歧总额", "whole disputed", "In dispute of the whole, where parts say it."
        ),
        *_DECIDED,
    ),
    ("debt_id",),
)

_RULE_VERSION = text(
    "rule_version",
    "适用规定",
    "rule version",
    "The version of the law that was applied: number of the decree and the day it came into force; none: before any.",
)
_ARTICLE = text("article", "条款", "article", "The article the number comes from.")
_REASON = text("reason", "空值原因代码", "reason", "Why something here is null: a stable word.")
_REASON_ZH = text("reason_zh", "空值原因", "reason (Chinese)", "The same as a sentence.")

DEBT_CLOCKS = Table(
    "debt_clocks",
    "法定付款期限",
    "By when the law wanted each debt paid, days late and statutory interest, to the day its latest ledger speaks of.",
    (
        identifier("debt_id", "欠款编号", "debt id", "The debt."),
        AS_OF_DATE,
        _RULE_VERSION,
        _ARTICLE,
        date("base_date", "起算日期", "counted from", "Delivery or acceptance, from which the term is counted."),
        integer("term_days", "付款天数", "term", "Days to pay: agreed, within the statutory limit.", unit="day"),
        date("statutory_due_date", "法定付款截止日期", "statutory due date", "Moved off days of rest."),
        integer("overdue_days", "逾期天数", "days late", "Days after the statutory due date.", unit="day"),
        money(
            "interest_yuan",
            "逾期利息",
            "late interest",
            "At the statutory daily rate, by segments of what was still owed as the ledgers tell it.",
        ),
        json("clock_flags", "计算提示", "flags", "Array: term_too_long, term_review, shifted, calendar_uncertain …"),
        _REASON,
        _REASON_ZH,
    ),
    ("debt_id",),
)

ROW_CLOCKS = Table(
    "row_clocks",
    "法定办理期限",
    "Statutory limits of complaints and disclosures that ledgers list.",
    (
        identifier("row_id", "行编号", "row id", "The row of ledger_rows."),
        text(
            "clock",
            "期限种类",
            "clock",
            "transfer (complaint passed on), result (answered), longest (with more time approved), disclosure.",
            domain=("transfer", "result", "longest", "disclosure"),
        ).required(),
        date("due_date", "法定截止日期", "due", "The last day."),
        date("done_date", "完成日期", "done on", "When it was done, if the ledger says so."),
        flag("is_late", "是否超期", "late", "Null where it is not known when it was done."),
        _RULE_VERSION,
        _ARTICLE,
        _REASON,
        _REASON_ZH,
    ),
    ("row_id", "clock"),
    (("row_id", "ledger_rows"),),
)

CADENCE_DAYS = Table(
    "cadence_days",
    "周期日历",
    "The days on which each cadence named by a document falls due.",
    (
        text("rule", "周期规则", "rule", "The cadence as in time_expressions.").required(),
        date("nominal_date", "名义日期", "nominal day", "The day the words name.").required(),
        date("due_date", "截止日期", "due", "The same moved off days of rest.").required(),
        flag(
            "is_certain", "节假日已公布", "calendar known", "False beyond the published table of holidays."
        ).required(),
        flag(
            "is_exact", "是否明确到日", "day named", "False where the words name no day: the period's last."
        ).required(),
    ),
    ("rule", "nominal_date"),
)

STATUTES = Table(
    "statutes",
    "法定数字",
    "The numbers of the law, one row for each rule of each version and kind of payer, with the days it is in force.",
    (
        replace(_RULE_VERSION, description="Number of the decree and the day it came into force.").required(),
        text(
            "statute_rule",
            "规则",
            "rule",
            "payment: days to pay; interest: late interest; the others are clocks of disclosures and complaints.",
        ).required(),
        text(
            "debtor_class",
            "适用主体",
            "payer",
            "organ: organs, institutions and the like; large: large enterprises; any: whoever pays.",
            domain=("organ", "large", "any"),
        ).required(),
        text("title", "文件", "title", "The decree.").required(),
        date("valid_from_date", "施行日期", "in force from", "First day in force.").required(),
        date("valid_to_date", "失效日期", "in force until", "Last day in force; null while it is."),
        text("article", "条款", "article", "The article the number comes from.").required(),
        integer("days", "天数", "days", "Days allowed; null where the law names none.", unit="day"),
        integer("working_days", "工作日数", "working days", "Working days allowed.", unit="day"),
        integer("longest_days", "最长天数", "longest", "What a contract may not exceed.", unit="day"),
        integer("review_days", "复核天数", "review above", "Longer terms need a custom of the trade.", unit="day"),
        integer("due_month", "每年月份", "month", "Month of a limit that comes every year.", minimum=1),
        integer("due_day", "每年日期", "day", "Day of that month.", minimum=1),
        ratio("daily_rate", "日利率", "daily rate", "Late interest a day where nothing was agreed."),
    ),
    ("rule_version", "statute_rule", "debtor_class"),
)

LPR_RATES = Table(
    "lpr_rates",
    "一年期LPR",
    "The one-year loan prime rate, below which an agreed rate of late interest may not lie.",
    (
        date("valid_from_date", "起始日期", "from", "First day of the rate.").required(),
        date("valid_to_date", "截止日期", "until", "Last day; of the newest the last day the table was checked for."),
        ratio("yearly_rate", "年利率", "yearly rate", "The rate a year.").required(),
    ),
    ("valid_from_date",),
)

COMPANY_NAMES = Table(
    "company_names",
    "企业名称",
    "Names under which debtors and creditors stand in ledgers, with the periods in which they did.",
    (
        identifier("company_id", "主体编号", "company id", "Hash of the code, else of the normalised name."),
        text("name", "名称", "name", "The name in the ledger's own words.").required(),
        text(
            "uscc",
            "统一社会信用代码",
            "code",
            "GB 32100-2015 code; null where no ledger has one.",
            pattern=USCC_PATTERN,
        ),
        flag("is_debtor", "是否拖欠主体", "debtor", "True when it stands as a debtor under this name.").required(),
        flag(
            "is_creditor", "是否债权企业", "creditor", "True when it stands as a creditor under this name."
        ).required(),
        date("first_as_of_date", "首次列入期", "first period", "Earliest period of a ledger with this name."),
        date("last_as_of_date", "最近列入期", "last period", "Latest period of a ledger with this name."),
        integer("row_count", "行数", "rows", "Ledger rows with this name.").required(),
    ),
    ("company_id", "name"),
)

REPORT_STATES = ("received", "late", "silent", "awaited")
REPORTS_DUE = Table(
    "reports_due",
    "应报报表",
    "Reports that the rosters of the sources expect, period by period, with what came: silence is never zero.",
    (
        identifier("report_id", "应报编号", "report id", "Hash of source, unit, subject and period."),
        text("source", "来源", "source", "The source whose roster expects it.").required(),
        text("unit", "报送单位", "unit", "Who is to report.").required(),
        REGION_CODE,
        text(
            "about", "内容", "about", "What it is about: arrears, disclosure, complaint, dispatch, ranking."
        ).required(),
        date("period_date", "报告期", "period", "Last day of the period reported for.").required(),
        date("due_date", "应报日期", "due", "The last day to report.").required(),
        text(
            "status",
            "状态",
            "status",
            "received in time, late, silent (due and nothing came), awaited (not due yet).",
            domain=REPORT_STATES,
        ).required(),
        date("received_date", "收到日期", "received on", "The night it first came in."),
        text("document_id", "文档编号", "document", "The document that it came in.", pattern=SHA256_PATTERN),
        text("report_type", "报表类型", "report type", "detail, summary or zero as it came; null while silent."),
        text("consequence", "逾期后果", "if silent", "What a circular says of not reporting; it changes no figure."),
    ),
    ("report_id",),
)
