"""Rules against the calendar and against what a source's configuration expects."""

from __future__ import annotations

from validators.rule_tables.rule import DECREE, Rule

COMPLAINTS = "《保障中小企业款项支付投诉处理办法》（投诉的转办、答复期限），期限按受理时有效的版本计算"

RULES: tuple[Rule, ...] = (
    Rule(
        name="complaint_passed_on_late",
        severity="warn",
        tables=("ledger_rows",),
        fields=("transferred_date",),
        zh="{where}的投诉应于{due}前转办（{article}），{done}；请说明原因并尽快转办。",
        en="{where}: the complaint was to be passed on by {due} ({article}) and was not in time; say why.",
        basis=COMPLAINTS,
    ),
    Rule(
        name="complaint_answered_late",
        severity="warn",
        tables=("ledger_rows",),
        fields=("closed_date",),
        zh="{where}的投诉应于{due}前作出处理结果（{article}），{done}；请催办处理部门，经批准延长的请登记。",
        en="{where}: the complaint was to be answered by {due} ({article}) and was not in time; press for it.",
        basis=COMPLAINTS,
    ),
    Rule(
        name="disclosure_late",
        severity="warn",
        tables=("ledger_rows",),
        fields=("publish_date",),
        zh="{where}的逾期未支付信息应于{due}前公开（{article}），{done}；请督促公开单位补正。",
        en="{where}: overdue payments were to be made public by {due} ({article}) and were not in time.",
        basis=f"{DECREE}第十八条：机关、事业单位每年3月31日前公示，大型企业纳入年度报告公示",
    ),
    Rule(
        name="agreed_term_too_long",
        severity="note",
        tables=("ledger_rows",),
        fields=("due_date",),
        zh="{where}的欠款（{debtor}欠{creditor}）自{base}起约定的付款期超过法定上限，按{days}日计，法定付款截止日期为{value}；"
        "请核对合同条款。",
        en="{where}: the agreed term of {debtor} to {creditor} from {base} is longer than the law allows; by {days} "
        "days the payment was due on {value}.",
        basis=f"{DECREE}第九条、第十条：付款期限自交付之日起最长不超过60日",
    ),
    Rule(
        name="report_not_received",
        severity="warn",
        tables=("reports_due",),
        fields=("status",),
        zh="{where}名册中的{unit}，{value}期{about}应于{due}前报送，至今没有收到；{consequence}，请催报。",
        en="{where}: {unit} was to report for {value} by {due} and did not; silence is not zero, ask for the report.",
        basis="报送制度：按来源名册逐期核对应报、已报；未报是单独的状态，不作零报告",
    ),
    Rule(
        name="rows_below_minimum",
        severity="quarantine",
        tables=("ledger_tables",),
        fields=("row_count",),
        zh="{where}的台账只有{value}行，少于该来源设定的下限{limit}行，暂不采信；请核对是否漏页、漏表，属实则接受。",
        en="{where}: the ledger has {value} rows, fewer than the {limit} its source sets as the least; check it.",
        basis="来源配置：下限不达即停，上限超出提醒",
    ),
    Rule(
        name="rows_above_maximum",
        severity="warn",
        tables=("ledger_tables",),
        fields=("row_count",),
        zh="{where}的台账有{value}行，多于该来源设定的上限{limit}行；请核对是否重复粘贴或混入其他表。",
        en="{where}: the ledger has {value} rows, more than the {limit} its source sets as the most; check it.",
        basis="来源配置：下限不达即停，上限超出提醒",
    ),
    Rule(
        name="failures_above_threshold",
        severity="warn",
        tables=("ledger_tables",),
        fields=("row_count",),
        zh="{where}的{rows}行中有{value}条不符合规则{rule}，超过该来源设定的{share}；请退回填报单位整体核对。",
        en="{where}: {value} failures of {rule} in {rows} rows, more than the {share} its source sets; send it back.",
        basis="来源配置：下限不达即停，上限超出提醒",
    ),
    Rule(
        name="rows_unaccounted",
        severity="quarantine",
        tables=("ledger_tables",),
        fields=("row_count",),
        zh="{where}读出{value}行，入库、隔离和已被取代的共{kept}行，数目对不上，该表暂不采信；请重新运行并反馈给维护人员。",
        en="{where}: {value} rows were read but {kept} are accounted for; the table is held back; run again.",
        basis="逐行可核：读出的每一行须已入库、已隔离或注明不计的理由",
    ),
)
