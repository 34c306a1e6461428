"""Rules between documents and between months."""

from __future__ import annotations

from validators.rule_tables.rule import MONTHLY_AUDIT, NATIONAL_AUDIT, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        name="debt_vanished",
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
        severity="warn",
        tables=("ledger_totals",),
        zh="{where}的“{label}”合计为{value}元，明细各行之和为{sum}元，相差{difference}元；请核对漏行、重行或手工改数。",
        en="{where}: the total of {label} is {value} yuan but the rows add up to {sum}, a difference of {difference}.",
        basis=MONTHLY_AUDIT,
    ),
    Rule(
        name="debt_in_two_ledgers",
        severity="warn",
        tables=("ledger_rows",),
        zh="{where}的欠款（{debtor}欠{creditor}，合同{contract}）在同期的{other}中也有登记；"
        "请核实是否重复统计，并只保留一处。",
        en="{where}: the debt of {debtor} to {creditor} (contract {contract}) is also listed in {other} for the same "
        "period; keep it in one place only.",
        basis="一笔欠款只登记一次，防止重复统计",
    ),
)
