-- 一笔欠款的始末 | Everything ever reported of one debt and of those it came from or went into, oldest period first.
-- parameters: which VARCHAR
-- which: 欠款编号 | The debt's id.
WITH RECURSIVE kin AS (
  SELECT which AS debt_id, 'self' AS relation
  UNION
  SELECT l.debt_id, l.relation
  FROM (
    SELECT debt_id AS known, from_debt_id AS debt_id, 'before' AS relation FROM core.debt_lineage
    UNION ALL
    SELECT from_debt_id, debt_id, 'after' FROM core.debt_lineage
  ) l
  JOIN kin k ON k.debt_id = l.known AND k.relation IN ('self', l.relation)
)
SELECT r.debt_id, k.relation, r.as_of_date, t.known_date, t.replaced_date,
       r.is_quarantined, r.match_reason, r.match_confidence,
       r.debtor_name, r.creditor_name, r.contract_no, r.project_name, r.arrears_amount_yuan, r.repaid_amount_yuan,
       r.remaining_amount_yuan, r.disputed, r.status AS status_reported, r.document_id, r.table_index, r.row_number,
       r.row_id, r.evidence
FROM kin k
JOIN core.ledger_rows r USING (debt_id)
JOIN core.ledger_tables t USING (document_id, table_index)
ORDER BY r.as_of_date NULLS FIRST, t.known_date, r.document_id, r.table_index, r.row_number
