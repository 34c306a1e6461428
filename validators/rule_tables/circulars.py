"""Rules for figures and dates that documents state in prose, and for files as a whole."""

from __future__ import annotations

from validators.rule_tables.rule import MONTHLY_AUDIT, OWN_SCHEMA, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        name="statement_sum_mismatch",
        severity="warn",
        tables=("debt_statements",),
        fields=("amount_yuan",),
        zh="{where}所述已清偿{cleared}元加剩余{remaining}元，与总额{total}元相差{difference}元，超出印刷精度所允许的"
        "{tolerance}元；请核对三个数的口径和单位。",
        en="{where}: cleared {cleared} plus remaining {remaining} differs from the total {total} by {difference} yuan, "
        "more than the printed precision allows ({tolerance}); check what each figure counts.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="statement_parts_mismatch",
        severity="warn",
        tables=("debt_statements",),
        fields=("amount_yuan",),
        zh="{where}所述无分歧{undisputed}元加有分歧{disputed}元，与总额{total}元相差{difference}元，超出印刷精度所允许的"
        "{tolerance}元；请核对三个数的口径和单位。",
        en="{where}: undisputed {undisputed} plus disputed {disputed} differs from the total {total} by {difference} "
        "yuan, more than the printed precision allows ({tolerance}); check what each figure counts.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="statement_part_exceeds_total",
        severity="warn",
        tables=("debt_statements",),
        fields=("amount_yuan",),
        zh="{where}所述{part}{amount}元大于同一口径的总额{total}元；请核对两个数的口径和单位。",
        en="{where}: {part} {amount} yuan exceeds the total {total} of the same scope; check scope and unit.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="statement_range_inverted",
        severity="quarantine",
        tables=("debt_statements",),
        fields=("amount_yuan", "amount_high_yuan"),
        zh="{where}的金额下限{low}元大于上限{high}元，该条暂不入库；请对照原文更正。",
        en="{where}: the lower bound {low} exceeds the upper bound {high}; the row is held back; correct it.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="due_before_issue",
        severity="note",
        tables=("time_expressions",),
        fields=("due_date", "is_past_at_issue"),
        zh="{where}要求的期限“{text}”（{value}）早于文件自身日期{issued}；请核对是否笔误，未更正前按原文保留。",
        en="{where}: the limit “{text}” ({value}) lies before the document's own date {issued}; kept as printed.",
        basis="公文时限一般不早于成文日期；转发滞后时常见，按原文保留并提示",
    ),
    Rule(
        name="period_inverted",
        severity="quarantine",
        tables=("time_expressions",),
        fields=("period_start_date", "period_end_date"),
        zh="{where}的时段“{text}”起始日期{start}晚于结束日期{end}，该条暂不入库；请对照原文更正。",
        en="{where}: the period “{text}” starts on {start} after its end {end}; the row is held back; correct it.",
        basis=OWN_SCHEMA,
    ),
    Rule(
        name="document_quarantined",
        severity="quarantine",
        tables=("documents",),
        fields=("status",),
        zh="{where}未能读取，内容未入库：{message}（{code}）；请处理后重新放入，或登记为无需处理。",
        en="{where} could not be read ({code}: {message}); mend the file and hand it in again, or dismiss it.",
        basis="文件逐份可核：收到的每份文件须已入库、已隔离或注明不处理",
    ),
    Rule(
        name="document_partial",
        severity="warn",
        tables=("document_notices", "documents"),
        zh="{where}只读出一部分：{message}（{code}）；请对照原件核对缺少的内容。",
        en="{where} was read in part only ({code}: {message}); compare it with the original.",
        basis="文件逐份可核：漏读的内容须注明位置",
    ),
    Rule(
        name="document_notice",
        severity="note",
        tables=("document_notices",),
        zh="{where}读取时有提示：{message}（{code}）；如影响数据，请对照原件核对。",
        en="{where}: reading left a notice ({code}: {message}); compare with the original where it matters.",
        basis="文件逐份可核：读取过程中的疑点须注明",
    ),
    Rule(
        name="statistic_sum_mismatch",
        severity="warn",
        tables=("statistics",),
        fields=("value",),
        zh="{where}所述总数{whole}，其中各部分{parts}，相加为{sum}；请核对各数口径并更正。",
        en="{where}: the whole is {whole} but its parts ({parts}) add up to {sum}; check what each counts.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="statement_rate_mismatch",
        severity="warn",
        tables=("statistics",),
        fields=("value",),
        zh="{where}所述比率{rate}，按已清偿{cleared}元、总额{total}元计算为{computed}；请核对分母口径（全部、无分歧或应还）。",
        en="{where}: the rate of {rate} comes to {computed} from {cleared} yuan cleared of {total}; check which whole "
        "it is a share of.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="members_miscounted",
        severity="note",
        tables=("statistics",),
        fields=("value",),
        zh="{where}称{announced}，紧接的名单只点出{named}个；请核对名单是否完整，未点名的单位不作推断。",
        en="{where}: {announced} are announced, {named} are named beside it; check the list; nobody is inferred.",
        basis="责任单位以原文点名为准，不作推断",
    ),
    Rule(
        name="text_contradicts_table",
        severity="warn",
        tables=("debt_statements",),
        fields=("amount_yuan",),
        zh="{where}正文所述总额{value}元与{other}的合计{table}元不一致；请核对正文与附表。",
        en="{where}: the text's total of {value} yuan differs from the {table} of its own table; check both.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="own_level_as_subordinate",
        severity="note",
        tables=("documents",),
        fields=("text",),
        zh="{where}是{level}机关的文件，文中“…{words}…”却把“{value}”当作下级，疑为套用上级文稿；请核对是否应为{meant}，按原文保留。",
        en="{where}: the paper speaks of its own level ({value}) as below it; kept as printed, check whom it means.",
        basis="责任单位以原文点名为准，不作推断",
    ),
)
