"""Rules between documents and between months."""

from __future__ import annotations

from validators.rule_tables.rule import DECREE, MONTHLY_AUDIT, NATIONAL_AUDIT, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        name="debt_vanished",
        label_zh="欠款消失",
        label_en="Debt vanished",
        severity="warn",
        tables=("ledger_rows",),
        fields=("remaining_amount_yuan",),
        zh="{where}登记的欠款（{debtor}欠{creditor}）截至{previous}尚剩余{remaining}元，"
        "{current}的同一台账中已无此笔；请核实是否漏报或擅自删除，并补报或说明依据。",
        en="{where}: {remaining} yuan owed by {debtor} to {creditor} remained on {previous}, but the ledger of "
        "{current} no longer lists the debt; ask why it was left out.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="debt_relabelled",
        label_zh="无分歧改为有分歧",
        label_en="Relabelled as disputed",
        severity="warn",
        tables=("ledger_rows",),
        fields=("disputed",),
        zh="{where}的欠款（{debtor}欠{creditor}）由{previous}的“无分歧”改为{current}的“有分歧”，涉及{amount}元，"
        "分歧原因：{reason}；请核实变更依据。",
        en="{where}: the debt of {debtor} to {creditor} was undisputed on {previous} and is disputed on {current} "
        "({amount} yuan, reason: {reason}); check what the change rests on.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="repaid_fell",
        label_zh="累计清偿减少",
        label_en="Cumulative repayment fell",
        severity="warn",
        tables=("ledger_rows",),
        fields=("repaid_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}）累计清偿金额由{previous}的{before}元降为{current}的{after}元；"
        "累计数不应减少，请核实此前清偿是否属实。",
        en="{where}: the cumulative repayment of {debtor} to {creditor} fell from {before} yuan on {previous} to "
        "{after} on {current}; find out whether the earlier repayment was real.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="remaining_rose",
        label_zh="剩余金额增加",
        label_en="Remaining rose",
        severity="warn",
        tables=("ledger_rows",),
        fields=("remaining_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}）剩余金额由{previous}的{before}元增至{current}的{after}元，"
        "且没有登记新增拖欠；请核实是否新增拖欠或前期少报。",
        en="{where}: the remaining amount of {debtor} to {creditor} rose from {before} yuan on {previous} to {after} "
        "on {current} without new arrears being entered; find out why.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="ledger_total_mismatch",
        label_zh="合计与明细不一致",
        label_en="Total and details differ",
        severity="warn",
        tables=("ledger_totals",),
        zh="{where}的“{label}”合计为{value}元，明细各行之和为{sum}元，相差{difference}元；请核对漏行、重行或手工改数。",
        en="{where}: the total of {label} is {value} yuan but the rows add up to {sum}, a difference of {difference}.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="debt_in_two_ledgers",
        label_zh="两份台账重复登记",
        label_en="Debt in two ledgers",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}的欠款（{debtor}欠{creditor}，合同{contract}）在同期的{other}中也有登记；"
        "请核实是否重复统计，并只保留一处。",
        en="{where}: the debt of {debtor} to {creditor} (contract {contract}) is also listed in {other} for the same "
        "period; keep it in one place only.",
        basis="一笔欠款只登记一次，防止重复统计",
    ),
    Rule(
        name="debt_relabelled_with_basis",
        label_zh="有据改为有分歧",
        label_en="Relabelled with a basis",
        severity="note",
        tables=("ledger_rows",),
        fields=("disputed",),
        zh="{where}的欠款（{debtor}欠{creditor}）由{previous}的“无分歧”改为{current}的“有分歧”，涉及{amount}元，所列依据：{reason}；"
        "请调阅该依据核对日期和范围。",
        en="{where}: the debt of {debtor} to {creditor} was undisputed on {previous} and is disputed "
        "on {current} ({amount} yuan), resting on: {reason}; look the basis up.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="undisputed_fell",
        label_zh="无分歧部分减少",
        label_en="Undisputed part fell",
        severity="warn",
        tables=("ledger_rows",),
        fields=("undisputed_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}）无分歧部分由{previous}的{before}元降为{current}的{after}元，有分歧部分同时增加{moved}元，"
        "并非清偿所致；请核实变更依据。",
        en="{where}: the undisputed part of the debt of {debtor} to {creditor} fell from {before} yuan "
        "on {previous} to {after} on {current} while {moved} yuan became disputed, not by repayment; "
        "check what it rests on.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="arrears_restated",
        label_zh="入账金额改动",
        label_en="Arrears restated",
        severity="warn",
        tables=("ledger_rows",),
        fields=("arrears_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}）入账拖欠金额由{previous}的{before}元改为{current}的{after}元，且没有登记新增拖欠；"
        "请核实更正依据并在备注中说明。",
        en="{where}: the arrears at entry of {debtor} to {creditor} were restated from {before} yuan "
        "on {previous} to {after} on {current} without new arrears; ask what the correction rests "
        "on.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="roll_forward_mismatch",
        label_zh="两期增减不平",
        label_en="Change between months unexplained",
        severity="warn",
        tables=("ledger_rows",),
        fields=("remaining_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}）剩余金额由{previous}的{before}元变为{current}的{after}元，期间清偿化解{settled}元，"
        "两者相差{gap}元；请核实差额去向。",
        en="{where}: the remaining amount of {debtor} to {creditor} went from {before} yuan on {previous} "
        "to {after} on {current} with {settled} settled in between, which leaves {gap} unexplained.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="plan_slipped",
        label_zh="计划一再推迟",
        label_en="Plan put off",
        severity="warn",
        tables=("ledger_rows",),
        fields=("plan_due_date",),
        zh="{where}的欠款（{debtor}欠{creditor}）计划清偿日期由{before}推迟到{after}，累计推迟{times}次、共{days}天（{previous}至{current}各期台账）；"
        "请核实延期是否经债权企业同意。",
        en="{where}: the planned day for the debt of {debtor} to {creditor} was put off from {before} "
        "to {after}, {times} times and {days} days in all (ledgers of {previous} to {current}); check "
        "that the creditor agreed.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="debt_listed_late",
        label_zh="欠款迟列入台账",
        label_en="Debt listed late",
        severity="warn",
        tables=("ledger_rows",),
        fields=("arrears_formed_date",),
        zh="{where}的欠款（{debtor}欠{creditor}，{amount}元）形成于{formed}，早于{previous}，但该期台账没有登记，到{current}才列入；"
        "请核实前期是否漏报。",
        en="{where}: the debt of {debtor} to {creditor} ({amount} yuan) dates from {formed}, before {previous}, "
        "yet is listed only on {current}; find out why it was left out.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="new_arrears",
        label_zh="新增拖欠",
        label_en="New arrears",
        severity="note",
        tables=("ledger_rows",),
        fields=("arrears_formed_date",),
        zh="{where}的欠款（{debtor}欠{creditor}，{amount}元）形成于{formed}，为{previous}之后新增拖欠；请核实是否边清边欠并追究原因。",
        en="{where}: the debt of {debtor} to {creditor} ({amount} yuan) arose on {formed}, after {previous}: "
        "new arrears; find out why.",
        basis="中办国办《关于解决拖欠企业账款问题的意见》（2024年10月）：严防新增拖欠",
    ),
    Rule(
        name="round_repayments_at_cutoff",
        label_zh="截止日突击清偿",
        label_en="Round repayments at the cut-off",
        severity="warn",
        tables=("ledger_rows",),
        fields=("repaid_date",),
        zh="{where}所在台账有{count}笔清偿均为整万元且日期恰为截止日{current}，合计{amount}元，占当月{paid}笔清偿的半数以上；请抽查付款凭证，防止突击虚报。",
        en="{where}: {count} repayments of round tens of thousands, {amount} yuan in all, are dated on "
        "the very cut-off {current}, more than half of the {paid} of that month; look at the vouchers.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="debt_split",
        label_zh="一笔拆成多笔",
        label_en="Debt split",
        severity="note",
        tables=("ledger_rows",),
        fields=("arrears_amount_yuan",),
        zh="{where}起的{come}笔欠款（{debtor}欠{creditor}，合计{amount}元）由{previous}的一笔拆分而来；请核对拆分后的合同、项目是否对应。",
        en="{where}: the {come} debts of {debtor} to {creditor} ({amount} yuan in all) are one debt of "
        "{previous}, split; check that contracts and projects go together.",
        basis="一笔欠款拆分或合并后总额不变，沿革可追溯",
    ),
    Rule(
        name="debts_merged",
        label_zh="多笔合为一笔",
        label_en="Debts merged",
        severity="note",
        tables=("ledger_rows",),
        fields=("arrears_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}，{amount}元）由{previous}的{gone}笔合并而来；请核对合并前后的合同、项目是否对应。",
        en="{where}: the debt of {debtor} to {creditor} ({amount} yuan) is {gone} debts of {previous}, "
        "merged; check that contracts and projects go together.",
        basis="一笔欠款拆分或合并后总额不变，沿革可追溯",
    ),
    Rule(
        name="debt_renamed",
        label_zh="欠款单位更名",
        label_en="Debt renamed",
        severity="note",
        tables=("ledger_rows",),
        fields=("arrears_amount_yuan",),
        zh="{where}的欠款（{debtor}欠{creditor}，{amount}元）与{previous}的一笔合同、金额相同而单位名称不同；请确认是否更名，确认后两个名称按同一单位处理。",
        en="{where}: the debt of {debtor} to {creditor} ({amount} yuan) has the contract and amount of "
        "one of {previous} under another name; confirm the renaming.",
        basis="一笔欠款更名后沿革可追溯",
    ),
    Rule(
        name="versions_differ",
        label_zh="两个版本不一致",
        label_en="Versions differ",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}的“{label}”为{mine}，同一台账的另一版本{other}为{theirs}；请以盖章件核对，更正不一致的一处。",
        en="{where}: {label} is {mine}, but {theirs} in {other}, another version of the same ledger; check both.",
        basis="电子表与盖章扫描件须一致",
    ),
    Rule(
        name="version_lacks_row",
        label_zh="另一版本缺此笔",
        label_en="Missing in the other version",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}登记的欠款（{debtor}欠{creditor}）在同一台账的另一版本文件《{file}》中没有；请核对两个版本并补正。",
        en="{where}: the debt of {debtor} to {creditor} is missing in {file}, another version of the same ledger.",
        basis="电子表与盖章扫描件须一致",
    ),
    Rule(
        name="circular_differs_from_ledger",
        label_zh="公文与台账不一致",
        label_en="Paper and ledger differ",
        severity="warn",
        tables=("debt_statements",),
        fields=("amount_yuan",),
        zh="{where}所述{text}（截至{as_of}）与同一地区同期台账“{label}”合计{sum}元不一致；请核对两者口径。",
        en="{where}: {text} as of {as_of} differs from the {sum} yuan that the region's ledgers add up to; check what "
        "each counts.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="summary_differs_from_detail",
        label_zh="汇总与明细不一致",
        label_en="Summary and details differ",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}中{subject}的“{label}”为{value}元，{subject}截至{as_of}的明细台账合计{sum}元，相差{difference}元；"
        "请核对汇总与明细。",
        en="{where}: {value} yuan for {subject}, whose own ledgers of {as_of} add up to {sum}, a difference of "
        "{difference}; check the summary against the details.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="complaint_not_in_ledger",
        label_zh="投诉未入台账",
        label_en="Complaint not in the ledger",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}登记的投诉（{creditor}投诉{debtor}）在本地区各期台账中均无对应欠款；请核实是否漏报并补录。",
        en="{where}: no ledger of the region lists a debt of {debtor} to {creditor}, the parties of this complaint; "
        "find out whether it was left out.",
        basis=NATIONAL_AUDIT,
    ),
    Rule(
        name="disclosure_not_in_ledger",
        label_zh="公示未入台账",
        label_en="Disclosure not in the ledger",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}披露{unit}逾期尚未支付{amount}元，本地区各期台账中没有该单位的欠款；请核实是否漏报并补录。",
        en="{where}: {unit} discloses {amount} yuan overdue, but no ledger of the region lists a debt of it; find out "
        "whether it was left out.",
        basis=f"{NATIONAL_AUDIT}；{DECREE}：逾期尚未支付款项信息应当按年度公示",
    ),
    Rule(
        name="limit_later_than_superior",
        label_zh="时限晚于上级要求",
        label_en="Limit later than the superior’s",
        severity="warn",
        tables=("time_expressions",),
        fields=("due_date",),
        zh="{where}规定的{topic}时限“{text}”（{value}）晚于上级文件{parent}要求的{limit}；请核对是否放宽了上级时限。",
        en="{where}: the limit “{text}” ({value}) is later than the {limit} of the superior's document {parent}; check "
        "whether a limit was loosened.",
        basis="下级落实上级文件不得放宽上级规定的时限",
    ),
    Rule(
        name="ledger_not_received",
        label_zh="台账中断报送",
        label_en="Ledgers stopped coming",
        severity="warn",
        tables=("ledger_tables",),
        fields=("as_of_date",),
        zh="{where}之后，{series}已有{months}个月没有报送台账（最近一期{last}，同一来源其他单位已报到{newest}）；"
        "请催报，未收到前不按零报告处理。",
        en="{where} is the last ledger of {series}: {months} months are missing ({last}, while others of the source "
        "reach {newest}); ask for them; silence is no zero report.",
        basis="未报送是单独的状态，除文件明确规定外不视同零报告",
    ),
    Rule(
        name="correction_outdated",
        label_zh="更正须重新确认",
        label_en="Correction outdated",
        severity="warn",
        zh="{where}的“{label}”此前由{steward}更正为{corrected}，现在原文和读出值（{value}）都已变化，更正未再套用；"
        "请重新核对。",
        en="{where}: {label} had been corrected to {corrected} by {steward}; the source and what is read from it "
        "({value}) have both changed since, so the correction is not applied; look again.",
        basis="人工决定在原文与读出值均变化时须重新确认",
    ),
    Rule(
        name="split_outdated",
        label_zh="拆分须重新确认",
        label_en="Split outdated",
        severity="warn",
        zh="{where}的一笔欠款此前由{steward}拆分，现在拖欠{arrears}元、剩余{remaining}元，各部分之和已对不上，暂按整笔统计；"
        "请重新拆分并写明各部分的剩余金额。",
        en="{where}: a debt that {steward} had split now stands at arrears {arrears}, remaining {remaining}; the parts "
        "no longer add up and the whole is counted; split it again.",
        basis="人工决定在原文与读出值均变化时须重新确认",
    ),
)
