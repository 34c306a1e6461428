"""Rules that follow from the columns as the warehouse declares them: types, keys, nulls, domains, ranges, patterns."""

from __future__ import annotations

from validators.rule_tables.rule import OWN_SCHEMA, Rule

USCC = "GB 32100-2015《法人和其他组织统一社会信用代码编码规则》"

RULES: tuple[Rule, ...] = (
    Rule(
        name="schema_columns",
        severity="block",
        zh="{where}的列与数据字典不符（缺少：{missing}；多出：{extra}），该批数据不能入库；请核对程序版本后重新抽取。",
        en="{where}: the columns differ from the schema (missing: {missing}; unknown: {extra}); extract it again.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="schema_type",
        severity="block",
        zh="{where}的列“{label}”类型为{value}，应为{expected}，该批数据不能入库；请核对程序版本后重新抽取。",
        en="{where}: column {label} has type {value} instead of {expected}; extract it again.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="required_missing",
        severity="block",
        zh="{where}的必填项“{label}”为空，该文件不能入库；请重新抽取该文件，仍为空时请查看原文。",
        en="{where}: {label} must not be empty; extract the file again, then look at the original.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="key_missing",
        severity="block",
        zh="{where}的主键“{label}”为空，该文件不能入库；请重新抽取该文件。",
        en="{where}: the key {label} is empty; extract the file again.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="key_malformed",
        severity="block",
        zh="{where}的编号“{label}”的值“{value}”不符合规定格式，该文件不能入库；请重新抽取该文件。",
        en="{where}: the id {label} has the malformed value “{value}”; extract the file again.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="key_duplicate",
        severity="block",
        zh="{where}的主键“{label}”的值“{value}”重复出现，该文件不能入库；请重新抽取，仍重复时核对是否同一文件读取两次。",
        en="{where}: the key {label} = “{value}” appears more than once; look for a file read twice.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="reference_missing",
        severity="block",
        zh="{where}的“{label}”指向“{value}”，但所指的{parent}中没有这一条，该文件不能入库；请重新抽取该文件。",
        en="{where}: {label} points to “{value}”, which {parent} does not hold; extract the file again.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="value_not_in_domain",
        severity="quarantine",
        zh="{where}的“{label}”的值“{value}”不在允许取值（{allowed}）之内，该行暂不入库；请更正该值或补充对照。",
        en="{where}: {label} is “{value}”, not one of {allowed}; the row is held back; correct or map the value.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="value_malformed",
        severity="warn",
        zh="{where}的“{label}”的值“{value}”不符合规定格式；请对照原件更正。",
        en="{where}: {label} is “{value}”, which is malformed; correct it from the original.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="region_code_malformed",
        severity="warn",
        zh="{where}的“{label}”的值“{value}”不是六位行政区划代码；请对照区划代码表更正。",
        en="{where}: {label} is “{value}”, not a six-digit region code; correct it from the code table.",
        basis="GB/T 2260《中华人民共和国行政区划代码》",
    ),
    Rule(
        name="money_negative",
        severity="quarantine",
        zh="{where}的“{label}”为{value}元，不应小于{minimum}元，该行暂不入库；请核实是否为冲减数，并更正或说明。",
        en="{where}: {label} is {value} yuan, below {minimum}; the row is held back; is it a reversal?",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="value_out_of_range",
        severity="warn",
        zh="{where}的“{label}”为{value}，超出合理范围（{minimum}至{maximum}）；请对照原件核实。",
        en="{where}: {label} is {value}, outside {minimum} to {maximum}; check the original.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="date_implausible",
        severity="warn",
        zh="{where}的“{label}”为{value}，早于1949年10月1日或晚于2099年12月31日；请对照原件核实年份。",
        en="{where}: {label} is {value}, before 1949-10-01 or after 2099-12-31; check the year in the original.",
        basis="日期合理性核对",
    ),
    Rule(
        name="bad_uscc",
        severity="warn",
        zh="{where}的“{label}”“{value}”不是有效的统一社会信用代码（位数、字符或校验码不符）；请对照营业执照更正。",
        en="{where}: {label} “{value}” is no valid unified social credit code; correct it from the licence.",
        basis=USCC,
        fields=("debtor_uscc", "creditor_uscc"),
    ),
)
