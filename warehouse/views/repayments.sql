-- 清偿记录 | What was paid of each debt from one ledger to the next; below zero where a later ledger says less was paid.
-- of: ledger_rows
-- previous_as_of_date: 上期截止日期 | The period of the ledger before; null for the first that names the debt.
-- paid_date: 清偿日期 | The day named by the ledger if it lies in the period, else the period's last day.
-- is_exact_day: 日期是否明确 | True when the ledger names the day it was paid on.
-- paid_amount_yuan: 本期清偿金额 | Paid since the ledger before, all that was paid up to the first one.
-- total_repaid_yuan: 累计清偿金额 | Paid up to this period: as printed, else what was owed less what remains.
SELECT debt_id, as_of_date, previous_as_of_date,
       CASE WHEN is_exact_day THEN repaid_date ELSE as_of_date END AS paid_date, is_exact_day,
       total_repaid_yuan - coalesce(previous_repaid_yuan, 0) AS paid_amount_yuan, total_repaid_yuan, repaid_method,
       voucher, document_id, table_index, row_number, row_id
FROM (
  SELECT *,
         coalesce(repaid_date IS NOT NULL AND coalesce(repaid_date_precision, 'day') = 'day'
           AND repaid_date <= as_of_date AND (previous_as_of_date IS NULL OR repaid_date > previous_as_of_date), false)
           AS is_exact_day
  FROM (
    SELECT *,
           lag(as_of_date) OVER (PARTITION BY debt_id ORDER BY as_of_date) AS previous_as_of_date,
           lag(total_repaid_yuan) OVER (PARTITION BY debt_id ORDER BY as_of_date) AS previous_repaid_yuan
    FROM (
      SELECT debt_id, as_of_date, repaid_date, repaid_date_precision, repaid_method, voucher, document_id, table_index,
             row_number, row_id, coalesce(repaid_amount_yuan, arrears_amount_yuan - remaining_amount_yuan)
               AS total_repaid_yuan,
             row_number() OVER (PARTITION BY debt_id, as_of_date ORDER BY known_date DESC, row_id) AS place
      FROM core.ledger_rows
      WHERE debt_id IS NOT NULL AND is_superseded IS NOT TRUE AND is_quarantined IS NOT TRUE AND replaced_date IS NULL
        AND as_of_date IS NOT NULL
        AND coalesce(repaid_amount_yuan, arrears_amount_yuan - remaining_amount_yuan) IS NOT NULL
    ) told
    WHERE place = 1
  ) steps
) dated
WHERE total_repaid_yuan <> coalesce(previous_repaid_yuan, 0)
