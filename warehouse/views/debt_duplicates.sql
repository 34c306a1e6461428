-- 重复欠款 | Debts listed twice, with what their latest ledger says of them; `debts` counts the other one only.
-- of: debt_duplicates, ledger_rows
WITH latest AS (
  SELECT debt_id, debtor_name, creditor_name, contract_no, arrears_amount_yuan, remaining_amount_yuan, as_of_date,
         document_id, row_id,
         row_number() OVER (
           PARTITION BY debt_id
           ORDER BY as_of_date DESC NULLS LAST, known_date DESC, document_id, table_index, row_number) AS nth
  FROM main.debt_history
)
SELECT x.debt_id, x.same_debt_id, l.debtor_name, l.creditor_name, l.contract_no, l.arrears_amount_yuan,
       l.remaining_amount_yuan, l.as_of_date, l.document_id, l.row_id, x.steward, x.decided_at, x.reason,
       x.decision_number
FROM core.debt_duplicates x
LEFT JOIN latest l ON l.debt_id = x.debt_id AND l.nth = 1
