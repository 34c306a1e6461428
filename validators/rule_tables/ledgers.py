"""Rules that hold inside one ledger row or table."""

from __future__ import annotations

from validators.rule_tables.rule import DECREE, MONTHLY_AUDIT, NATIONAL_AUDIT, Rule

ROWS = ("ledger_rows", "ledger_totals")

RULES: tuple[Rule, ...] = (
    Rule(
        name="ledger_parts_mismatch",
        label_zh="有无分歧之和与拖欠额不平",
        label_en="Disputed parts and arrears disagree",
        severity="warn",
        tables=ROWS,
        fields=("undisputed_amount_yuan", "disputed_amount_yuan", "arrears_amount_yuan"),
        zh="{where}的无分歧金额{undisputed}元加有分歧金额{disputed}元，与拖欠金额{arrears}元相差{difference}元；"
        "请核对三项金额并更正。",
        en="{where}: undisputed {undisputed} plus disputed {disputed} differs from the arrears {arrears} by "
        "{difference} yuan; correct the three amounts.",
        basis=f"{MONTHLY_AUDIT}；{DECREE}第十五条：部分有争议的，无争议部分应当履行支付义务",
    ),
    Rule(
        name="ledger_balance_mismatch",
        label_zh="拖欠、清偿、剩余不平",
        label_en="Arrears, repaid and remaining disagree",
        severity="warn",
        tables=ROWS,
        fields=("arrears_amount_yuan", "repaid_amount_yuan", "remaining_amount_yuan"),
        zh="{where}的拖欠金额{arrears}元减去已清偿（化解）{settled}元，与剩余金额{remaining}元相差{difference}元；"
        "请核对三项金额，或注明核减、新增的依据。",
        en="{where}: arrears {arrears} less settled {settled} differs from the remaining {remaining} by {difference} "
        "yuan; correct the amounts or state what was written off or added.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="repaid_exceeds_arrears",
        label_zh="清偿大于拖欠",
        label_en="Repaid exceeds arrears",
        severity="warn",
        tables=ROWS,
        fields=("repaid_amount_yuan", "arrears_amount_yuan"),
        zh="{where}的累计清偿金额{repaid}元大于拖欠金额{arrears}元；请核对单位和凭证，防止虚报清偿。",
        en="{where}: repaid {repaid} exceeds the arrears {arrears} yuan; check the unit and the vouchers.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="remaining_exceeds_arrears",
        label_zh="剩余大于拖欠",
        label_en="Remaining exceeds arrears",
        severity="warn",
        tables=ROWS,
        fields=("remaining_amount_yuan", "arrears_amount_yuan"),
        zh="{where}的剩余金额{remaining}元大于拖欠金额{arrears}元，且没有登记新增拖欠；请核对单位，或补登新增金额。",
        en="{where}: remaining {remaining} exceeds the arrears {arrears} yuan and no new arrears are entered.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="arrears_exceeds_contract",
        label_zh="拖欠大于合同金额",
        label_en="Arrears exceed the contract",
        severity="warn",
        tables=("ledger_rows",),
        fields=("arrears_amount_yuan", "contract_amount_yuan"),
        zh="{where}的拖欠金额{arrears}元大于合同金额{contract}元；请核对金额单位，或补充变更、结算依据。",
        en="{where}: arrears {arrears} exceed the contract amount {contract} yuan; check the unit or the settlement.",
        basis=f"{DECREE}第九条：按合同约定付款；金额单位核对",
    ),
    Rule(
        name="repaid_before_contract",
        label_zh="清偿早于合同签订",
        label_en="Repaid before the contract",
        severity="warn",
        tables=("ledger_rows",),
        fields=("repaid_date", "contract_date"),
        zh="{where}的清偿日期{repaid}早于合同签订日期{contract}；请对照凭证和合同更正日期。",
        en="{where}: repaid on {repaid}, before the contract was signed on {contract}; correct the dates.",
        basis="日期先后核对：清偿不早于合同签订",
    ),
    Rule(
        name="formed_after_cutoff",
        label_zh="形成日期晚于截止日期",
        label_en="Formed after the cut-off",
        severity="warn",
        tables=("ledger_rows",),
        fields=("arrears_formed_date", "as_of_date"),
        zh="{where}的拖欠形成日期{formed}晚于统计截止日期{as_of}；请核对日期，或移入下一期台账。",
        en="{where}: the arrears formed on {formed}, after the cut-off {as_of}; correct the date.",
        basis="日期先后核对：形成日期不晚于统计截止日期",
    ),
    Rule(
        name="plan_overdue",
        label_zh="计划到期未清偿",
        label_en="Plan overdue",
        severity="note",
        tables=("ledger_rows",),
        fields=("plan_due_date", "remaining_amount_yuan"),
        zh="{where}计划于{plan}前清偿，截至{as_of}仍剩余{remaining}元；请催办责任单位并更新清偿计划。",
        en="{where}: to be cleared by {plan}, yet {remaining} yuan remain as of {as_of}; remind the unit in charge.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="unit_unknown",
        label_zh="未标明金额单位",
        label_en="Money unit not stated",
        severity="warn",
        tables=("ledger_rows", "ledger_totals", "ledger_tables"),
        zh="{where}没有标明金额单位（{value}），金额未予采用；请向填报单位核实是元还是万元。",
        en="{where}: the money unit is not stated ({value}), the amounts were not taken; ask the reporting unit.",
        basis="台账金额须标明计量单位",
    ),
    Rule(
        name="unit_unknown_amount",
        label_zh="有金额而无单位",
        label_en="Amount without a unit",
        severity="quarantine",
        tables=("ledger_rows", "ledger_totals"),
        zh="{where}有金额但没有标明单位（{value}），该行暂不入库；请向填报单位核实是元还是万元。",
        en="{where}: amounts without a money unit ({value}); the row is held back; ask the reporting unit.",
        basis="台账金额须标明计量单位",
    ),
    Rule(
        name="cleared_by_paper",
        label_zh="以协议、票据等充抵清偿",
        label_en="Cleared by paper only",
        severity="warn",
        tables=("ledger_rows",),
        fields=("repaid_method", "repaid_amount_yuan"),
        zh="{where}登记已清偿{repaid}元，支付方式为“{method}”；协议、商票、抵账等不等于款项到账，"
        "请核实实际到账情况，未到账的不计入清偿。",
        en="{where}: {repaid} yuan count as repaid by “{method}”; a promise, bill or offset is no payment received: "
        "check what has arrived.",
        basis=f"{NATIONAL_AUDIT}；{DECREE}：不得强制接受商业汇票等非现金支付方式，不得变相延长付款期限",
    ),
    Rule(
        name="resolved_in_repaid",
        label_zh="清偿中含化解金额",
        label_en="Repaid includes other means",
        severity="note",
        tables=("ledger_rows",),
        fields=("resolved_amount_yuan", "repaid_amount_yuan"),
        zh="{where}的清偿金额{repaid}元中含化解金额{resolved}元（拖欠{arrears}元减清偿恰为剩余{remaining}元）；"
        "请区分现金清偿与其他化解方式分别填报。",
        en="{where}: the {repaid} yuan repaid include {resolved} resolved by other means (arrears {arrears}, remaining "
        "{remaining}); report payments and other means apart.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="status_contradicts_remaining",
        label_zh="状态与剩余金额矛盾",
        label_en="State contradicts remaining",
        severity="warn",
        tables=("ledger_rows",),
        fields=("status", "remaining_amount_yuan"),
        zh="{where}的状态为“{status}”，而剩余金额为{remaining}元；请核对状态或金额，未清偿完毕的不得销号。",
        en="{where}: the state is “{status}” but {remaining} yuan remain; correct the one or the other.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="repaid_unproven",
        label_zh="清偿无凭证信息",
        label_en="Repayment without proof",
        severity="note",
        tables=("ledger_rows",),
        fields=("repaid_amount_yuan",),
        zh="{where}登记已清偿{repaid}元，但清偿日期、支付方式、凭证均为空，而同表其他清偿大多已填；"
        "请补充付款凭证信息。",
        en="{where}: {repaid} yuan count as repaid without date, way or voucher, which most other repayments of the "
        "table give; add the proof.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="agreement_expired",
        label_zh="清偿协议到期未履行",
        label_en="Agreement expired",
        severity="warn",
        tables=("ledger_rows",),
        fields=("plan_due_date", "plan_method", "remaining_amount_yuan"),
        zh="{where}的清偿协议（{method}）已于{plan}到期，截至{as_of}仍剩余{remaining}元；请核实未履行的原因，重新落实资金和期限。",
        en="{where}: the repayment agreement ({method}) ran out on {plan}, yet {remaining} yuan remain as of {as_of}; "
        "find out why it was not kept.",
        basis=NATIONAL_AUDIT,
    ),
)
