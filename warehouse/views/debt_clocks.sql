-- 法定付款期限 | By when the law wanted each debt paid, days late and statutory interest; one row for each debt.
-- of: debt_clocks, ledger_rows
-- reason: 空值原因代码 | Why something here is null: a stable word.
-- reason_zh: 空值原因 | The same as a sentence.
SELECT d.debt_id, d.as_of_date, d.debtor_name, d.creditor_name, d.region_code, d.remaining_amount_yuan, c.rule_version,
       c.article, c.base_date, c.term_days, c.statutory_due_date, c.overdue_days, c.interest_yuan, c.clock_flags,
       CASE WHEN c.debt_id IS NULL THEN 'no_base_date' ELSE c.reason END AS reason,
       CASE WHEN c.debt_id IS NULL THEN '没有交付（验收）日期，无法起算法定付款期限；请补填。' ELSE c.reason_zh END AS reason_zh
FROM main.debts d
LEFT JOIN core.debt_clocks c USING (debt_id)
