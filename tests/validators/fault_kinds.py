"""Every kind of fault that the audit is there for, by the rule that finds it; each is planted in a scenario of its own
with a clean twin."""

from __future__ import annotations

KINDS: tuple[tuple[str, str, str], ...] = (
    # inside one document
    ("文内", "笔数分项之和不等于总数", "statistic_sum_mismatch"),
    ("文内", "总额不等于已清偿加剩余", "statement_sum_mismatch"),
    ("文内", "无分歧加有分歧不等于总额", "statement_parts_mismatch"),
    ("文内", "清偿率与所述金额不符", "statement_rate_mismatch"),
    ("文内", "正文与附表不符", "text_contradicts_table"),
    ("文内", "大写与小写不符", "amount_words_mismatch"),
    ("文内", "期限早于文件自身日期", "due_before_issue"),
    ("文内", "把同级当作下级（套用上级文稿）", "own_level_as_subordinate"),
    ("文内", "宣称的成员数与列名不符", "members_miscounted"),
    ("文内", "行内拖欠、清偿、剩余不平", "ledger_balance_mismatch"),
    ("文内", "合计行与明细不符", "ledger_total_mismatch"),
    # between documents
    ("文间", "通报总数与台账之和不符", "circular_differs_from_ledger"),
    ("文间", "电子表与盖章扫描件不符", "versions_differ"),
    ("文间", "两个版本缺行", "version_lacks_row"),
    ("文间", "汇总与明细、市与县不符", "summary_differs_from_detail"),
    ("文间", "投诉的欠款不在台账", "complaint_not_in_ledger"),
    ("文间", "披露的欠款不在台账", "disclosure_not_in_ledger"),
    ("文间", "县级期限晚于上级", "limit_later_than_superior"),
    ("文间", "同一欠款登记在两本台账", "debt_in_two_ledgers"),
    # between months
    ("月间", "期初减清偿加新增不等于期末", "roll_forward_mismatch"),
    ("月间", "欠款无故消失", "debt_vanished"),
    ("月间", "无分歧改有分歧而无依据", "debt_relabelled"),
    ("月间", "无分歧部分转为有分歧", "undisputed_fell"),
    ("月间", "累计清偿减少", "repaid_fell"),
    ("月间", "剩余金额无故增加", "remaining_rose"),
    ("月间", "计划清偿日期一再推后", "plan_slipped"),
    ("月间", "协议到期未履行", "agreement_expired"),
    ("月间", "截止日后新增拖欠", "new_arrears"),
    ("月间", "早已形成而迟报", "debt_listed_late"),
    ("月间", "拆分应识别而不报警", "debt_split"),
    ("月间", "合并应识别而不报警", "debts_merged"),
    ("月间", "协议、商票、抵账算作清偿", "cleared_by_paper"),
    ("月间", "化解混入清偿", "resolved_in_repaid"),
    ("月间", "截止日集中出现整数清偿", "round_repayments_at_cutoff"),
    # against the calendar
    ("日历", "名册内单位应报未报", "report_not_received"),
    ("日历", "按月报送的单位中断", "ledger_not_received"),
    ("日历", "逾期信息披露超期", "disclosure_late"),
    ("日历", "投诉转办超期", "complaint_passed_on_late"),
    ("日历", "投诉答复超期", "complaint_answered_late"),
    ("日历", "约定付款期超过法定上限", "agreed_term_too_long"),
)
"""Where it is looked for, what it is, which rule finds it."""
