-- 逾期信息披露 | What payers made public of their overdue payments, with the statutory limit and whether it was kept.
-- of: ledger_rows, row_clocks, ledger_tables
-- limit_date: 法定披露期限 | The last day to make it public; null with the reason where the law or the row names none.
-- is_nil: 是否零披露 | True for a table or row that says there are none.
SELECT r.row_id, r.document_id, r.table_index, r.row_number, coalesce(r.disclosing_unit, r.debtor_name, t.reporting_unit)
         AS disclosing_unit, r.debtor_type, coalesce(r.region_code, t.region_code) AS region_code, r.year, r.as_of_date,
       r.contract_count, r.amount_yuan, coalesce(NOT r.has_overdue, r.amount_yuan = 0) AS is_nil, r.publish_date, r.url,
       c.due_date AS limit_date, c.is_late, c.rule_version, c.article, c.reason, c.reason_zh, t.known_date, r.evidence
FROM core.ledger_rows r
JOIN main.ledger_tables t ON t.document_id = r.document_id AND t.table_index = r.table_index
LEFT JOIN core.row_clocks c ON c.row_id = r.row_id AND c.clock = 'disclosure'
WHERE t.about = 'disclosure'
  AND r.is_quarantined IS NOT TRUE
