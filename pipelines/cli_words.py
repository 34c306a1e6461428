"""Short Chinese names of the doubts that reading a ledger raises, as headings on a terminal."""

from __future__ import annotations

FLAG_NAMES = {
    "suspect_unit": "金额单位存疑", "unit_unknown": "金额单位不明", "unit_inherited": "单位随总数",
    "unparsed_amount": "金额无法识别", "several_amounts": "一格多个金额", "approx_amount": "金额为约数",
    "merged_amount": "金额跨行合并", "amount_words_mismatch": "大小写金额不一致", "rounded_to_fen": "四舍五入到分",
    "out_of_range": "数值超出范围", "untyped_value": "内容不合字段", "unparsed_number": "数字无法识别",
    "unknown_value": "不在选项中", "formula_error": "公式无结果", "balance_mismatch": "拖欠、清偿、剩余不平",
    "parts_mismatch": "分项与总数不符", "formula_mismatch": "与表头公式不符", "rate_mismatch": "清偿率不符",
    "rank_mismatch": "排名不符", "count_mismatch": "合计笔数不符", "total_mismatch": "合计与明细不符",
    "unlabelled_total": "无名称的合计行", "bad_uscc": "信用代码不合校验", "lost_digits": "代码末位丢失",
    "ambiguous_date": "日期有两种读法", "invalid_date": "日期不存在", "unparsed_date": "日期无法识别",
    "year_missing": "日期缺年份", "year_from_context": "年份按统计期补", "date_range": "填的是起止时间",
    "as_of_from_title": "截止日取自标题", "unit_from_sheet_name": "单位取自工作表名",
    "unit_from_lookup": "单位按来源对照",
    "multiple_creditors": "一格多个债权人", "multiple_contracts": "一格多份合同",
    "duplicate": "疑似重复登记", "filled_repeat": "按合并或“同上”补填", "hidden_row": "隐藏行",
    "hidden_column": "隐藏列", "hidden_sheet": "隐藏工作表", "merges_cut": "合并单元格未展开",
    "unmapped_column": "未识别的列", "zero_report": "零报告", "nil_row": "填报为无拖欠",
}  # fmt: skip
