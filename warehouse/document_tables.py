"""Tables of documents and of what their prose says."""

from __future__ import annotations

from typing import get_args

from extractors.facts import AmountRoleRule
from warehouse.fields import (
    AS_OF_DATE,
    DOCUMENT_ID,
    EVIDENCE,
    FIRST_SEEN_DATE,
    PARENT_ID,
    REGION_CODE,
    REGION_NAME,
    STATEMENT_FIELDS,
    Field,
    date,
    flag,
    identifier,
    integer,
    json,
    money,
    ratio,
    text,
)
from warehouse.table import OF_DOCUMENT, Table

DOCUMENT_STATUSES = ("parsed", "partial", "quarantined", "superseded", "ignored")
DOCUMENT_KINDS = ("circular", "report", "reply", "ledger", "disclosure", "bulletin", "other")
AMOUNT_ROLES = ("debt_total", "cleared", "remaining", "disputed", "undisputed", "new_debt", "other")
DEADLINE_KINDS = ("due", "recurring", "period", "effective", "as_of", "past_event")
ASSIGNMENT_ROLES = ("lead", "support", "responsible", "member", "recipient", "supervisor")
UNIT_NAME = text(
    "unit_name", "单位全称", "full name", "Full name of the unit; null where the register does not know it."
)
UNIT_ID = text("unit_id", "单位编号", "unit id", "Id in the unit register; null where it does not know the unit.")
OBLIGATION_ID = identifier("obligation_id", "时限编号", "time expression id", "Hash of document, place and value.")

DOCUMENTS = Table(
    "documents",
    "文档",
    "One row for each file taken in, read or not.",
    (
        DOCUMENT_ID,
        text("title", "标题", "title", "Title as printed."),
        text("issuer", "发文机关", "issuer", "Who issued it."),
        text("doc_number", "发文字号", "document number", "Number as printed, e.g. with year and serial number."),
        text("doc_type", "文种", "type", "通知, 通报, 函, 答复 and so on, as printed or told by the layout."),
        text("kind", "文档类别", "kind", "What it is for us; null when it was not read.", domain=DOCUMENT_KINDS),
        date("issued_date", "成文日期", "issued on", "Date of the document."),
        REGION_CODE,
        REGION_NAME,
        text("source", "来源", "source", "The configured source, or `inbox`.").required(),
        text(
            "path",
            "路径",
            "path",
            "Where the file was found, within its source; inside another file as `parent.zip!/folder/name.docx`.",
        ).required(),
        PARENT_ID,
        text("name", "文件名", "file name", "Name of the file.").required(),
        text("format", "格式", "format", "Format told from the content: txt, html, docx, pdf, xlsx, csv …"),
        integer("pages", "页数", "pages", "Number of pages; null in flowing formats.", unit="page"),
        text("status", "状态", "status", "What became of the file.", domain=DOCUMENT_STATUSES).required(),
        text("urgency", "紧急程度", "urgency", "特急, 加急 and the like."),
        text("secrecy", "密级", "secrecy", "Mark of secrecy; the text of a marked document is never stored."),
        text("signed_off_by", "签发人", "signed off by", "Who signed it off."),
        json("recipients", "主送机关", "recipients", "Array of names as printed."),
        json("attachments", "附件", "attachments", "Array of attachment names."),
        json("contacts", "联系人", "contacts", "Array of {name, phones, email, unit}."),
        json(
            "metadata_evidence",
            "要素出处",
            "where the elements stand",
            "Object: element to {text, start, end, rule, evidence}.",
        ),
        json(
            "page_grades",
            "逐页质量",
            "page grades",
            "Array of {page, source, grade, confidence}; empty when not paged.",
        ),
        json(
            "seals",
            "印章签名",
            "seals",
            "Array of {kind, text, signer, signed_at, covers, digests_match, evidence, confidence, note}.",
        ),
        text("text", "全文", "text", "The whole text with LF newlines; null when the file could not be read."),
        FIRST_SEEN_DATE.required(),
        text("extractor_version", "抽取程序版本", "extractor version", "Version of the readers and rules.").required(),
        text("error_code", "错误代码", "error code", "Why it could not be read; null when it was."),
        text("error_message", "错误说明", "error", "One sentence on what was wrong and what to do."),
    ),
    ("document_id",),
)

DOCUMENT_NOTICES = Table(
    "document_notices",
    "读取提示",
    "What a reader could not do fully, one row each.",
    (
        DOCUMENT_ID,
        integer("notice_number", "序号", "number", "Counts from 1 within the document.", minimum=1).required(),
        text("code", "代码", "code", "Stable word for the kind of notice.").required(),
        text("message", "说明", "message", "One sentence with the place.").required(),
        flag("is_partial", "是否漏读", "partial", "True when something had to be left out.").required(),
        EVIDENCE,
    ),
    ("document_id", "notice_number"),
    OF_DOCUMENT,
)

DEBT_STATEMENTS = Table(
    "debt_statements",
    "账款表述",
    "Amounts of money that documents state in prose; role `other` is money that is no debt figure.",
    (
        identifier("statement_id", "表述编号", "statement id", "Hash of document, place and value."),
        DOCUMENT_ID,
        money("amount_yuan", "金额", "amount", "The amount; the lower bound where it is approximate."),
        money("amount_high_yuan", "金额上限", "upper bound", "Upper bound; null where the amount is exact."),
        flag("is_approx", "是否约数", "approximate", "True for 约, 近, 超过, 余 and the like.").required(),
        text("role", "性质", "role", "What the amount counts.", domain=AMOUNT_ROLES).required(),
        text(
            "role_rule",
            "性质依据",
            "what told the role",
            "What told the role: the figure's own words (before, after, …), the sum it divides (whole), the figures "
            "beside it (neighbour, list, sums), other clauses (clauses), or only the context; `weighed` where all cues "
            "together say something else than the written rules.",
            domain=get_args(AmountRoleRule),
        ),
        ratio(
            "role_confidence",
            "性质可信度",
            "role confidence",
            "How far the cues of this role outweigh those of the others; null where the document was read before cues "
            "were weighed.",
            maximum=1,
        ),
        json("role_cues", "性质线索", "role cues", "Array of the cues that spoke most for the role, strongest first."),
        AS_OF_DATE,
        text("scope", "口径", "scope", "What it counts, in the text's own words."),
        text("debtor_name", "拖欠主体", "debtor", "Who owes, if named."),
        text("creditor_name", "债权企业", "creditor", "Who is owed, if named."),
        Field(
            "quantum_yuan",
            "number",
            "印刷精度",
            "printed precision",
            "Half a unit of the last printed digit.",
            unit="yuan",
        ),
        *STATEMENT_FIELDS,
    ),
    ("statement_id",),
    OF_DOCUMENT,
)

TIME_EXPRESSIONS = Table(
    "time_expressions",
    "时间表述",
    "Every time expression of a document; the view `obligations` keeps those that oblige.",
    (
        OBLIGATION_ID,
        DOCUMENT_ID,
        text(
            "kind",
            "类别",
            "kind",
            "due, recurring, period, effective oblige; the others do not.",
            domain=DEADLINE_KINDS,
        ).required(),
        text("subtype", "细类", "subtype", "past_period, scope, doc_date and the like."),
        text(
            "resolved",
            "解析结果",
            "resolved",
            "What the words come to: an ISO date, an interval start/end, a rule; null where the text gives no time.",
        ),
        date(
            "due_date",
            "截止日期",
            "due",
            "The day it must be done by, inclusive; a period's last day; for `effective` the day it comes into force.",
        ),
        date("period_start_date", "起始日期", "from", "First day of a period."),
        date("period_end_date", "结束日期", "to", "Last day of a period."),
        text(
            "rule", "周期规则", "rule", "Cadence (FREQ=…) or duration from an event (WITHIN=…); null for plain dates."
        ),
        text("action", "事项", "action", "What must be done, in the text's words."),
        text("strength", "约束程度", "strength", "must, should or aim.", domain=("must", "should", "aim")),
        text("recipient", "报送对象", "recipient", "To whom it is to be sent."),
        flag("is_obligation", "是否义务", "obliges", "True when someone must act by it.").required(),
        flag(
            "is_past_at_issue", "发文时已过期", "past at issue", "True when the date lies before the document's own."
        ).required(),
        text(
            "year_source",
            "年份来源",
            "year from",
            "Where the year came from: text, inherited, issued_date, body, none.",
        ),
        *STATEMENT_FIELDS,
    ),
    ("obligation_id",),
    OF_DOCUMENT,
)

OBLIGATION_UNITS = Table(
    "obligation_units",
    "时限责任单位",
    "Who must act on a time expression, or receives what is due.",
    (
        OBLIGATION_ID,
        DOCUMENT_ID,
        text("unit", "单位", "unit", "The unit in the document's own words.").required(),
        UNIT_NAME,
        UNIT_ID,
        text(
            "role", "角色", "role", "responsible must act; recipient is sent to.", domain=("responsible", "recipient")
        ).required(),
    ),
    ("obligation_id", "unit", "role"),
    (("obligation_id", "time_expressions"), *OF_DOCUMENT),
)


ASSIGNMENTS = Table(
    "assignments",
    "任务分工",
    "Units and the part each plays.",
    (
        identifier("assignment_id", "分工编号", "assignment id", "Hash of document, place and value."),
        DOCUMENT_ID,
        text("unit", "单位", "unit", "The unit in the document's own words.").required(),
        UNIT_NAME,
        UNIT_ID,
        text("role", "角色", "role", "The part it plays.", domain=ASSIGNMENT_ROLES).required(),
        text("task", "任务", "task", "What it is to do, in the text's words."),
        flag(
            "is_open_list", "名单未穷尽", "open list", "True when the list ends in 等, so more units are meant."
        ).required(),
        json(
            "expands_to",
            "所指成员",
            "stands for",
            "Array of the members of a group (各县区, 各成员单位) where the paper or the table of regions gives them.",
        ),
        *STATEMENT_FIELDS,
    ),
    ("assignment_id",),
    OF_DOCUMENT,
)

DOCUMENT_REFERENCES = Table(
    "document_references",
    "引用文件",
    "Other documents that a document names.",
    (
        identifier("reference_id", "引用编号", "reference id", "Hash of document, place and value."),
        DOCUMENT_ID,
        text("title", "标题", "title", "Title of the document named."),
        text("doc_number", "发文字号", "document number", "Its number."),
        text(
            "relation",
            "引用关系",
            "relation",
            "What the document does with it (basis 根据, implements 贯彻落实, forwards 转发, issues 印发, amends 修订, "
            "repeals 废止, answers 答复); null where it is merely named.",
            domain=("basis", "implements", "forwards", "issues", "amends", "repeals", "answers"),
        ),
        *STATEMENT_FIELDS,
    ),
    ("reference_id",),
    OF_DOCUMENT,
)

DOCUMENT_PARTS = Table(
    "document_parts",
    "内含文件",
    "Documents inside a document: a 方案 below its 通知, an 附件 behind it; none for a document that stands alone.",
    (
        DOCUMENT_ID,
        integer("part_number", "序号", "number", "Counts from 1 within the document.", minimum=1).required(),
        text("title", "标题", "title", "Title of the part as printed; null where it has none."),
        text("kind", "类别", "kind", "Last word of the title (方案, 名单) or 附件.").required(),
        date("issued_date", "成文日期", "issued on", "Its own date, else that of the document."),
        integer(
            "start_offset", "起始字符", "start", "Offset of its first character in the document's text."
        ).required(),
        integer("end_offset", "结束字符", "end", "Offset behind its last character.").required(),
    ),
    ("document_id", "part_number"),
    OF_DOCUMENT,
)

STATISTICS = Table(
    "statistics",
    "统计数据",
    "Counts and shares stated in prose.",
    (
        identifier("statistic_id", "统计编号", "statistic id", "Hash of document, place and value."),
        DOCUMENT_ID,
        Field("value", "number", "数值", "value", "The figure; 0.985 for 98.5%."),
        text("unit", "计量单位", "unit", "笔, 户, 项, ratio and so on.").required(),
        text("what", "统计对象", "what", "What is counted, in the text's words."),
        AS_OF_DATE,
        *STATEMENT_FIELDS,
    ),
    ("statistic_id",),
    OF_DOCUMENT,
)
