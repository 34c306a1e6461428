"""Rules for the doubts that extraction itself raises on ledger rows, totals and tables, one for each kind of flag.

The kinds `unit_unknown` and `bad_uscc` stand with the audit's own checks of the same name.
"""

from __future__ import annotations

from validators.findings import Severity
from validators.rule_tables.rule import MONTHLY_AUDIT, Rule
from validators.rule_tables.schema import USCC

AS_PRINTED = "填报规范：按原件如实登记，存疑之处须核实"


def flag_rule(name: str, severity: Severity, zh: str, en: str, basis: str = AS_PRINTED) -> Rule:
    """A rule for one kind of flag; `{label}` is the column and `{detail}` what extraction said."""
    return Rule(name=name, severity=severity, zh=zh, en=en, basis=basis)


RULES: tuple[Rule, ...] = (
    flag_rule(
        "suspect_unit",
        "quarantine",
        "{where}的“{label}”（{value}）疑似金额单位有误（{detail}），该行暂不入库；请核实是元还是万元。",
        "{where}: {label} ({value}) is likely in the wrong unit ({detail}); the row is held back; check the unit.",
        "台账金额须标明计量单位，同列单位应当一致",
    ),
    flag_rule(
        "lost_digits",
        "warn",
        "{where}的“{label}”“{value}”因按数值存储已丢失末位（{detail}），无法还原；请向填报单位索取文本格式的代码。",
        "{where}: {label} “{value}” was stored as a number and lost digits ({detail}); ask for it as text.",
        USCC,
    ),
    flag_rule(
        "ambiguous_date",
        "warn",
        "{where}的“{label}”“{value}”可作多种日期理解（{detail}）；请对照原件确定日期。",
        "{where}: {label} “{value}” may be read as more than one date ({detail}); settle it from the original.",
    ),
    flag_rule(
        "invalid_date",
        "warn",
        "{where}的“{label}”“{value}”不是有效日期（{detail}）；请对照原件更正。",
        "{where}: {label} “{value}” is no date ({detail}); correct it from the original.",
    ),
    flag_rule(
        "total_mismatch",
        "warn",
        "{where}的“{label}”合计数（{value}）与各行之和不一致（{detail}）；请核对漏行、重行或手工改数。",
        "{where}: the total of {label} ({value}) differs from the sum of its rows ({detail}); look for lost rows.",
        MONTHLY_AUDIT,
    ),
    flag_rule(
        "formula_error",
        "warn",
        "{where}的“{label}”公式出错（{value}；{detail}）；请在原表中修正公式后重报。",
        "{where}: the formula of {label} is broken ({value}; {detail}); mend it in the workbook.",
    ),
    flag_rule(
        "multiple_creditors",
        "note",
        "{where}的“{label}”一格登记了多个债权人（{value}；{detail}）；请逐户拆分登记。",
        "{where}: {label} names several creditors ({value}; {detail}); enter them one by one.",
    ),
    flag_rule(
        "multiple_contracts",
        "note",
        "{where}的“{label}”一格登记了多份合同（{value}；{detail}）；请逐份拆分登记。",
        "{where}: {label} names several contracts ({value}; {detail}); enter them one by one.",
    ),
    flag_rule(
        "approx_amount",
        "note",
        "{where}的“{label}”（{value}）是约数（{detail}）；请补报准确金额。",
        "{where}: {label} ({value}) is approximate ({detail}); ask for the exact amount.",
    ),
    flag_rule(
        "amount_words_mismatch",
        "quarantine",
        "{where}的“{label}”（{value}）大写与小写金额不一致（{detail}），两者均不采用，该行暂不入库；请对照凭证更正。",
        "{where}: {label} ({value}) differs in words and figures ({detail}); the row is held back; correct it.",
        "《票据法》第八条：中文大写与数码须一致，不一致的无效（参照执行）",
    ),
    flag_rule(
        "hidden_row",
        "note",
        "{where}在原表中是隐藏行（{detail}），已照常读取；请确认是否应当计入。",
        "{where} is hidden in the workbook ({detail}) and was read all the same; confirm that it counts.",
    ),
    flag_rule(
        "duplicate",
        "warn",
        "{where}与同一台账中的另一行重复（{value}；{detail}）；请核对是否重复登记。",
        "{where} repeats another row of the same ledger ({value}; {detail}); check for a double entry.",
        "一笔欠款只登记一次",
    ),
    flag_rule(
        "unmapped_column",
        "note",
        "{where}的列“{value}”未能对应到标准字段（{detail}），内容已原样保留；请补充列名对照。",
        "{where}: column “{value}” maps to no field ({detail}) and is kept as it is; add a mapping.",
    ),
    flag_rule(
        "filled_repeat",
        "note",
        "{where}的“{label}”按合并单元格或“同上”补为“{value}”（{detail}）；请确认补填无误。",
        "{where}: {label} was filled with “{value}” from the cell above ({detail}); confirm it.",
    ),
    flag_rule(
        "other_flag",
        "warn",
        "{where}的“{label}”（{value}）抽取存疑（{kind}：{detail}）；请对照原件核实。",
        "{where}: extraction doubts {label} ({value}; {kind}: {detail}); check the original.",
    ),
    flag_rule(
        "flags_unreadable",
        "block",
        "{where}的疑点记录无法解析（{value}），该文件不能入库；请重新抽取该文件。",
        "{where}: the flags cannot be parsed ({value}); extract the file again.",
    ),
)
