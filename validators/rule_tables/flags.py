"""Rules for the doubts that extraction itself raises on ledger rows, totals and tables, one for each kind of flag.

A flag brings its own sentence with place, value and what to do; `detail` stands in where it brings none. The kinds
`unit_unknown` and `bad_uscc` stand with the audit's own checks of the same name.
"""

from __future__ import annotations

from validators.findings import Severity
from validators.rule_tables.rule import MONTHLY_AUDIT, Rule
from validators.rule_tables.schema import USCC

AS_PRINTED = "填报规范：按原件如实登记，存疑之处须核实"
UNIT = "台账金额须标明计量单位，同列单位应当一致"
ONE_EACH = "一笔欠款登记一行，且只登记一次"
AMOUNT_WORDS = "《票据法》第八条：中文大写与数码须一致，不一致的无效（参照执行）"
WHOLE_FILE = "文件逐份可核：隐藏和合并的内容须注明"

# kind, severity, sentence where the flag has none, English, basis
_FLAGS: tuple[tuple[str, Severity, str, str, str], ...] = (
    ("suspect_unit", "warn", "金额单位疑似有误，请核实是元还是万元", "the amount may be in the wrong unit", UNIT),
    ("unparsed_amount", "warn", "金额无法识别，请改为数字", "the amount cannot be read", AS_PRINTED),
    ("several_amounts", "warn", "一格内有多个金额，请分行填报", "several amounts in one cell", ONE_EACH),
    ("approx_amount", "note", "金额为约数，请补报准确金额", "the amount is approximate", AS_PRINTED),
    ("merged_amount", "note", "金额单元格跨行合并，只计入首行，请核对", "an amount is merged over rows", WHOLE_FILE),
    ("amount_words_mismatch", "warn", "大写与小写金额不一致，请核对原件", "words and figures differ", AMOUNT_WORDS),
    (
        "role_unsure",
        "note",
        "金额的性质（欠款、已付、剩余、有分歧等）线索不足，请对照原文确定",
        "what the sum counts is not sure",
        "金额须写明口径：欠款总额、已清偿、剩余、有无分歧",
    ),
    ("rounded_to_fen", "note", "金额不足一分的部分已四舍五入，请核对", "parts of a fen were rounded", AS_PRINTED),
    ("out_of_range", "warn", "数值超出可存范围，已留空，请核对原件和单位", "the figure is too large to keep", UNIT),
    (
        "untyped_value",
        "warn",
        "内容不是可用的值，已留空，请核对原件",
        "not a value of its column",
        AS_PRINTED,
    ),
    ("unparsed_number", "warn", "数字无法识别，请核对原件", "the number cannot be read", AS_PRINTED),
    ("unknown_value", "warn", "填写内容不在约定的选项中，请核对", "not one of the agreed answers", AS_PRINTED),
    ("formula_error", "warn", "公式没有可用的结果，请重新计算后再报", "the formula has no result", AS_PRINTED),
    (
        "balance_mismatch",
        "warn",
        "拖欠、清偿、剩余三项不平，请核对",
        "the row does not balance",
        MONTHLY_AUDIT,
    ),
    ("parts_mismatch", "warn", "分项之和与总数不一致，请核对", "the parts differ from their sum", MONTHLY_AUDIT),
    (
        "formula_mismatch",
        "warn",
        "与表头所列公式的结果不一致，请核对",
        "differs from its formula",
        MONTHLY_AUDIT,
    ),
    ("rate_mismatch", "warn", "清偿率与金额不符，请核对", "the rate differs from the amounts", MONTHLY_AUDIT),
    ("rank_mismatch", "warn", "排名与数据的次序不一致，请核对", "the rank differs from the order", MONTHLY_AUDIT),
    ("count_mismatch", "warn", "合计笔数与明细行数不一致，请核对", "the count differs from the rows", MONTHLY_AUDIT),
    ("total_mismatch", "warn", "合计数与各行之和不一致，请核对", "the total differs from its rows", MONTHLY_AUDIT),
    (
        "unlabelled_total",
        "note",
        "无名称的末行按合计登记，请补填",
        "a last row without names is taken as the total",
        WHOLE_FILE,
    ),
    ("unit_inherited", "note", "分项未注明单位，按总数的单位换算，请核对", "parts take the unit of their whole", UNIT),
    ("lost_digits", "warn", "代码被存成数字，末位已丢失，请按文本重新填写", "the code lost digits as a number", USCC),
    ("ambiguous_date", "warn", "日期有两种读法，请对照原件确定", "the date may be read in two ways", AS_PRINTED),
    ("invalid_date", "warn", "日期不存在，请对照原件更正", "there is no such date", AS_PRINTED),
    ("unparsed_date", "warn", "日期无法识别，请改为年月日", "the date cannot be read", AS_PRINTED),
    ("year_missing", "warn", "日期缺少年份，请补充", "the date has no year", AS_PRINTED),
    ("year_from_context", "note", "日期年份按统计年份补上，请核对", "the year was taken from the table", AS_PRINTED),
    ("date_range", "note", "填写的是起止时间，请核对", "the date is a range", AS_PRINTED),
    (
        "as_of_from_title",
        "note",
        "统计截止日期取自标题月份，请核对",
        "cut-off taken from the title",
        AS_PRINTED,
    ),
    ("unit_from_sheet_name", "note", "单位取自工作表名，请核对", "the unit is the sheet's name", AS_PRINTED),
    (
        "unit_from_lookup",
        "note",
        "单位按来源配置的对照登记，请核对",
        "the unit is what the source's lookup says",
        AS_PRINTED,
    ),
    ("multiple_creditors", "note", "一格登记了多个债权人，请逐户拆分", "several creditors in one cell", ONE_EACH),
    ("multiple_contracts", "note", "一格登记了多份合同，请逐份拆分", "several contracts in one cell", ONE_EACH),
    ("duplicate", "warn", "与同一台账中的另一行重复，请核对", "it repeats another row of the ledger", ONE_EACH),
    ("filled_repeat", "note", "按合并单元格或“同上”补填，请确认", "filled from the cell above", WHOLE_FILE),
    ("hidden_row", "note", "原表中是隐藏行，已照常读取，请确认", "the row is hidden in the workbook", WHOLE_FILE),
    ("hidden_column", "note", "原表中是隐藏列，已照常读取，请确认", "the column is hidden in the workbook", WHOLE_FILE),
    ("hidden_sheet", "note", "工作表被隐藏，已照常读取，请确认", "the sheet is hidden in the workbook", WHOLE_FILE),
    ("merges_cut", "warn", "部分合并单元格未展开，请检查原表", "some merged cells were not spread", WHOLE_FILE),
    ("unmapped_column", "note", "有列未能对应到标准字段，请补充对照", "a column maps to no field", AS_PRINTED),
    ("zero_report", "note", "按零报告登记，请与投诉和转办线索核对", "taken as a zero report", AS_PRINTED),
)

# kind: its name in Chinese and in English
_NAMES: dict[str, tuple[str, str]] = {
    "suspect_unit": ("金额单位可疑", "Unit in doubt"),
    "unparsed_amount": ("金额无法识别", "Unreadable amount"),
    "several_amounts": ("一格多个金额", "Several amounts in a cell"),
    "approx_amount": ("金额为约数", "Approximate amount"),
    "merged_amount": ("金额跨行合并", "Amount merged over rows"),
    "amount_words_mismatch": ("大小写金额不一致", "Words and figures differ"),
    "role_unsure": ("金额性质拿不准", "What the sum counts is unsure"),
    "rounded_to_fen": ("金额舍入到分", "Rounded to the fen"),
    "out_of_range": ("数值过大", "Figure too large"),
    "untyped_value": ("内容不是可用的值", "Not a value of its column"),
    "unparsed_number": ("数字无法识别", "Unreadable number"),
    "unknown_value": ("填写内容不在选项中", "Not an agreed answer"),
    "formula_error": ("公式无结果", "Formula without result"),
    "balance_mismatch": ("三项金额不平", "Row does not balance"),
    "parts_mismatch": ("分项与总数不一致", "Parts and sum differ"),
    "formula_mismatch": ("与表头公式不一致", "Differs from its formula"),
    "rate_mismatch": ("清偿率与金额不符", "Rate and amounts differ"),
    "rank_mismatch": ("排名与数据不一致", "Rank and data differ"),
    "count_mismatch": ("笔数与行数不一致", "Count and rows differ"),
    "total_mismatch": ("合计与各行之和不一致", "Total and rows differ"),
    "unlabelled_total": ("合计行无名称", "Total without a name"),
    "unit_inherited": ("单位随总数", "Unit taken from the whole"),
    "lost_digits": ("代码末位丢失", "Code lost digits"),
    "ambiguous_date": ("日期有两种读法", "Ambiguous date"),
    "invalid_date": ("日期不存在", "No such date"),
    "unparsed_date": ("日期无法识别", "Unreadable date"),
    "year_missing": ("日期缺年份", "Date without year"),
    "year_from_context": ("年份为推补", "Year from context"),
    "date_range": ("填的是起止时间", "Date is a range"),
    "as_of_from_title": ("截止日期取自标题", "Cut-off from the title"),
    "unit_from_sheet_name": ("单位取自工作表名", "Unit from the sheet name"),
    "unit_from_lookup": ("单位取自来源词表", "Unit from the source's lookup"),
    "multiple_creditors": ("一格多个债权人", "Several creditors in a cell"),
    "multiple_contracts": ("一格多份合同", "Several contracts in a cell"),
    "duplicate": ("同一台账内重复", "Repeated in the ledger"),
    "filled_repeat": ("按上格补填", "Filled from above"),
    "hidden_row": ("隐藏行", "Hidden row"),
    "hidden_column": ("隐藏列", "Hidden column"),
    "hidden_sheet": ("隐藏工作表", "Hidden sheet"),
    "merges_cut": ("合并格未全部展开", "Merged cells not spread"),
    "unmapped_column": ("列无对应字段", "Column without a field"),
    "zero_report": ("零报告", "Zero report"),
}

# Kinds of flags that say what a check of the audit says with more care: one finding is enough for a row.
SAID_BY_CHECKS = {
    "balance_mismatch": "ledger_balance_mismatch",
    "parts_mismatch": "ledger_parts_mismatch",
    "bad_uscc": "bad_uscc",
}


def _rule(name: str, severity: Severity, detail: str, en: str, basis: str) -> Rule:
    said = f"{{where}}: {en}; {{value}}."
    label_zh, label_en = _NAMES[name]
    return Rule(
        name=name,
        label_zh=label_zh,
        label_en=label_en,
        severity=severity,
        zh="{where}：{detail}。",
        en=said,
        basis=basis,
        detail=detail,
    )


RULES: tuple[Rule, ...] = (
    *(_rule(*flag) for flag in _FLAGS),
    Rule(
        name="other_flag",
        label_zh="其他抽取疑点",
        label_en="Other doubt in reading",
        severity="warn",
        zh="{where}抽取存疑（{kind}）：{detail}。",
        en="{where}: extraction has a doubt ({kind}); {value}.",
        basis=AS_PRINTED,
        detail="请对照原件核实",
    ),
    Rule(
        name="flags_unreadable",
        label_zh="疑点记录损坏",
        label_en="Unreadable flags",
        severity="block",
        zh="{where}的疑点记录无法解析（{value}），该文件不能入库；请重新抽取该文件。",
        en="{where}: the flags cannot be parsed ({value}); extract the file again.",
        basis=AS_PRINTED,
    ),
)
