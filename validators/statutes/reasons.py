"""Why a legal date or amount is null: stable words and the sentence people read."""

from __future__ import annotations

from types import MappingProxyType

REASONS = MappingProxyType(
    {
        "debtor_type_unknown": "台账没有写明拖欠主体类型，无法判断适用哪一款；请补填主体类型。",
        "debtor_size_unknown": "国有企业、平台公司只有属于大型企业时才适用条例，台账未写规模；请核实后改填“大型企业”。",
        "debtor_not_bound": "该类拖欠主体不在条例规定的付款义务人之内。",
        "no_base_date": "没有交付（验收）日期，无法起算法定付款期限；请补填。",
        "base_date_not_exact": "交付（验收）日期只精确到月或更粗，不能按日起算；请补填到日。",
        "before_728": "付款义务发生在2020年9月1日条例施行以前，没有法定付款期限。",
        "no_statutory_number": "国务院令第728号没有给大型企业规定天数，又没有约定付款日期。",
        "no_principal": "没有欠款金额，无法计息。",
        "no_contract_date": "约定了利率但没有合同签订日期，无法对照签订时的一年期LPR。",
        "lpr_unknown": "合同签订时的一年期LPR不在利率表内，请先更新利率表。",
        "not_overdue": "尚未超过法定付款期限，不计逾期利息。",
        "no_as_of_date": "台账没有统计截止日期，无法计算逾期天数。",
        "no_accepted_date": "没有投诉受理日期，无法起算办理期限；请补填。",
        "no_statutory_clock": "当时有效的规定没有写明天数。",
        "no_year": "没有写明披露的年度，无法推算披露期限。",
    }
)
