"""The columns of ledgers (台账): one debt a row, or one line of a summary.

Names are the canonical fields every ledger is mapped to; a date that is not known to the day has its precision
beside it (`day, month, quarter, half, year`) and stands for the period's last day.
"""

from __future__ import annotations

from warehouse.fields import (
    REGION_CODE,
    REGION_NAME,
    USCC_PATTERN,
    Field,
    date,
    flag,
    integer,
    json,
    money,
    ratio,
    text,
)

PRECISIONS = ("day", "month", "quarter", "half", "year", "range")
DISPUTED = ("yes", "no", "partial")


def dated(name: str, zh: str, en: str, description: str) -> tuple[Field, Field]:
    """A date column and the column of its precision."""
    precision = text(
        f"{name}_precision",
        f"{zh}精度",
        f"{en} precision",
        f"How exactly {name} is known; null when it is known to the day or not at all.",
        domain=PRECISIONS,
    )
    return date(name, zh, en, description), precision


# Who owes, who is owed.
PARTY_FIELDS: tuple[Field, ...] = (
    text("seq_no", "序号", "number in the ledger", "The running number the ledger prints."),
    REGION_CODE,
    REGION_NAME,
    text("admin_level", "层级", "administrative level", "中央, 省, 市, 县, 乡 as the ledger has it."),
    text("reporting_unit", "填报单位", "reporting unit", "Who filled in the ledger."),
    text("debtor_name", "拖欠主体名称", "debtor", "Who owes, in the ledger's own words."),
    text("debtor_uscc", "拖欠主体统一社会信用代码", "debtor code", "GB 32100-2015 code.", pattern=USCC_PATTERN),
    text("debtor_type", "拖欠主体类型", "debtor type", "机关, 事业单位, 平台公司, 国企, 大型企业 and the like."),
    text("debtor_industry", "行业领域", "debtor's field", "教育, 卫生, 交通, 水利, 住建 and the like."),
    text("debtor_legal_person", "拖欠主体法定代表人", "debtor's legal person", "Legal representative of the debtor."),
    text("creditor_name", "债权企业名称", "creditor", "Who is owed, in the ledger's own words."),
    text("creditor_uscc", "债权企业统一社会信用代码", "creditor code", "GB 32100-2015 code.", pattern=USCC_PATTERN),
    text("creditor_size", "企业规模", "creditor size", "中型, 小型, 微型, 大型 as the ledger has it."),
    flag("is_creditor_sme", "是否中小企业", "small or medium", "True when the ledger says the creditor is one."),
    text(
        "creditor_legal_person",
        "债权企业法定代表人",
        "creditor's legal person",
        "Legal representative of the creditor.",
    ),
    text("creditor_ownership", "企业性质", "creditor ownership", "民营, 国有 and the like."),
)

# What it is for.
CONTRACT_FIELDS: tuple[Field, ...] = (
    text("project_name", "项目名称", "project", "Project, contract name or what the money is for."),
    text("project_no", "项目编号", "project number", "The project's number or code."),
    flag("is_gov_invested", "是否政府投资项目", "government investment", "True for projects the government funds."),
    text("payment_kind", "款项类型", "kind of payment", "货物, 工程, 服务, 保证金 and the like."),
    text("contract_no", "合同编号", "contract number", "The number the contract bears."),
    *dated("contract_date", "合同签订日期", "contract date", "When the contract was signed."),
    money("contract_amount_yuan", "合同金额", "contract amount", "Price of the contract."),
    *dated("delivery_date", "交付（验收）日期", "delivery date", "When goods, works or services were delivered."),
    *dated("due_date", "应付款日期", "due date", "When the payment fell due by the contract."),
    *dated("arrears_formed_date", "拖欠形成日期", "arrears since", "When the arrears came about."),
    integer("age_days", "拖欠天数", "age", "Days in arrears as the ledger has them.", unit="day"),
    text("age_band", "账龄", "age band", "Band of age as printed: 1年以内, 1-2年 and the like."),
)

# How much, and how it stands.
AMOUNT_FIELDS: tuple[Field, ...] = (
    money("payable_amount_yuan", "应付金额", "payable", "What was to be paid in all."),
    money(
        "paid_before_amount_yuan", "已付金额", "paid before", "What had been paid before the debt entered the ledger."
    ),
    money("arrears_amount_yuan", "拖欠金额", "arrears", "What was owed when the debt entered the ledger."),
    text(
        "disputed", "是否有分歧", "disputed", "Whether the parties dispute the debt; null: not said.", domain=DISPUTED
    ),
    money("undisputed_amount_yuan", "无分歧金额", "undisputed amount", "The part nobody disputes."),
    money("disputed_amount_yuan", "有分歧金额", "disputed amount", "The part in dispute."),
    text("dispute_reason", "分歧原因", "reason of dispute", "Why the parties disagree."),
    text(
        "judicial_status",
        "司法程序情况",
        "judicial status",
        "Court, arbitration or enforcement, in the ledger's words.",
    ),
    text("arrears_reason", "拖欠原因", "reason of arrears", "Why it was not paid."),
    text("plan_method", "清偿措施", "means of clearing", "How the debt is to be cleared."),
    *dated("plan_agreement_date", "协议签订日期", "agreement date", "When the repayment agreement was signed."),
    *dated("plan_due_date", "计划清偿日期", "planned for", "By when the debt is to be cleared."),
    money("plan_amount_yuan", "计划清偿金额", "planned amount", "How much is planned to be cleared."),
    json(
        "plan_instalments",
        "分期计划",
        "instalments",
        "Planned instalments: an array of {date, amount_yuan} or the text.",
    ),
    text("fund_source", "资金来源", "source of funds", "Where the money is to come from."),
    *dated("fund_ready_date", "资金到位日期", "funds ready", "When the money arrives."),
    money("repaid_amount_yuan", "累计清偿金额", "repaid", "Repaid since the debt entered the ledger.", minimum=0),
    money("period_repaid_amount_yuan", "本期清偿金额", "repaid in the period", "Repaid in this period.", minimum=None),
    *dated("repaid_date", "清偿日期", "repaid on", "When it was (last) repaid."),
    text("repaid_method", "支付方式", "way of payment", "现金, 银行转账, 商票, 以物抵债 and the like."),
    money("resolved_amount_yuan", "化解金额", "resolved", "Resolved by other means than payment."),
    money("new_arrears_amount_yuan", "新增拖欠金额", "new arrears", "New arrears of the period."),
    money("overdue_amount_yuan", "逾期金额", "overdue", "What is past its due date."),
    money("remaining_amount_yuan", "剩余金额", "remaining", "What is still owed."),
    ratio(
        "clear_rate", "清偿率", "share cleared", "Share cleared as the ledger prints it; above 1 is suspect.", maximum=1
    ),
    text("status", "状态", "state", "State in the ledger's own words: 已清偿, 已销号, 推进中 and the like."),
    text("responsible_unit", "责任单位", "responsible unit", "The unit answerable for clearing the debt."),
    text("responsible_person", "责任人", "responsible person", "The person answerable."),
    text("contact_name", "联系人", "contact", "Whom to ask."),
    text("contact_phone", "联系电话", "phone", "The contact's telephone number."),
    text("creditor_contact_name", "债权企业联系人", "creditor's contact", "Whom to ask at the creditor."),
    text("creditor_contact_phone", "债权企业联系电话", "creditor's phone", "The creditor's telephone number."),
    text("voucher", "佐证材料", "proof", "Vouchers and other proof the ledger names (its field `evidence`)."),
    text(
        "source_channel", "线索来源", "channel", "How the debt came to light: 国家平台转办, 12345, 自查 and the like."
    ),
    text("remarks", "备注", "remarks", "Remarks, as printed."),
)

# Summaries (one region or unit a line), rankings, disclosures and complaints.
SUMMARY_FIELDS: tuple[Field, ...] = (
    text("subject", "汇总对象", "subject", "Whom a summary line is about: a region, unit or kind of debtor."),
    integer("arrears_count", "拖欠笔数", "debts", "Number of debts.", unit="debt"),
    integer("repaid_count", "已清偿笔数", "debts repaid", "Number of debts repaid.", unit="debt"),
    integer("remaining_count", "剩余笔数", "debts remaining", "Number of debts still owed.", unit="debt"),
    integer("undisputed_count", "无分歧笔数", "undisputed debts", "Number of debts nobody disputes.", unit="debt"),
    integer("disputed_count", "有分歧笔数", "disputed debts", "Number of debts in dispute.", unit="debt"),
    integer("creditor_count", "涉及企业数", "creditors", "Number of companies owed.", unit="company"),
    integer("contract_count", "合同数", "contracts", "Number of contracts.", unit="contract"),
    text("rank", "排名", "rank", "Rank as printed: 1, 第1, 并列第3."),
    money("change_amount_yuan", "增减额", "change", "Change against the last period.", minimum=None),
    integer("year", "年度", "year", "The year a disclosure speaks of.", unit="year", minimum=1949),
    text("complaint_no", "投诉编号", "complaint number", "Number of the complaint."),
    *dated("complaint_date", "投诉日期", "complained on", "When the complaint was made."),
    text("complaint_matter", "投诉事项", "matter", "What the complaint is about."),
    *dated("accepted_date", "受理日期", "accepted on", "When a complaint was accepted."),
    *dated("transferred_date", "转办日期", "passed on", "When it was passed to the handling unit."),
    *dated("closed_date", "办结日期", "closed on", "When it was closed."),
    *dated("handling_due_date", "办理期限", "to be handled by", "By when the complaint must be handled."),
    flag("is_extended", "是否延期", "extended", "True when the time for handling was extended."),
    text("outcome", "办理结果", "outcome", "How it ended, in the ledger's words."),
    flag("is_satisfied", "是否满意", "satisfied", "Whether the complainant is satisfied."),
    text("disclosing_unit", "披露单位", "disclosing unit", "Who discloses its overdue payments."),
    flag("has_overdue", "是否存在逾期", "has overdue payments", "False for a disclosure that says there are none."),
    money("amount_yuan", "逾期未付金额", "overdue and unpaid", "The amount a disclosure states."),
    date("publish_date", "公示日期", "published on", "When it was made public."),
    text("url", "公示网址", "address", "Where it was made public."),
)

CANONICAL_FIELDS: tuple[Field, ...] = (*PARTY_FIELDS, *CONTRACT_FIELDS, *AMOUNT_FIELDS, *SUMMARY_FIELDS)

# Names under which a ledger's facts arrive where the column is called otherwise: `evidence` is the place in the file.
COLUMN_OF_FACT = {"evidence": "voucher"}
