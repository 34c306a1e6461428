-- 投诉办理 | Complaints as ledgers list them, with the statutory limits of passing on and answering.
-- of: ledger_rows, ledger_tables
-- transfer_due_date: 转办期限 | The last day to pass it on.
-- is_transfer_late: 转办是否超期 | Null where it is not known when it was passed on.
-- result_due_date: 答复期限 | The last day to answer without more time approved.
-- is_result_late: 答复是否超期 | Null where it is not known when it was answered.
-- longest_due_date: 最长期限 | The last day even with more time approved.
-- rule_version: 适用规定 | The version of the law that was applied.
-- reason: 空值原因代码 | Why the limits are null: a stable word.
-- reason_zh: 空值原因 | The same as a sentence.
SELECT r.row_id, r.document_id, r.table_index, r.row_number, r.complaint_no, r.complaint_date, r.creditor_name,
       r.debtor_name, r.debtor_type, coalesce(r.region_code, t.region_code) AS region_code, r.complaint_matter,
       r.arrears_amount_yuan, r.accepted_date, r.transferred_date, r.responsible_unit, r.handling_due_date,
       r.is_extended, r.closed_date, r.outcome, r.is_satisfied, p.due_date AS transfer_due_date,
       p.is_late AS is_transfer_late, a.due_date AS result_due_date, a.is_late AS is_result_late,
       l.due_date AS longest_due_date, a.rule_version, a.reason, a.reason_zh, r.as_of_date, t.known_date, r.evidence
FROM core.ledger_rows r
JOIN main.ledger_tables t ON t.document_id = r.document_id AND t.table_index = r.table_index
LEFT JOIN core.row_clocks p ON p.row_id = r.row_id AND p.clock = 'transfer'
LEFT JOIN core.row_clocks a ON a.row_id = r.row_id AND a.clock = 'result'
LEFT JOIN core.row_clocks l ON l.row_id = r.row_id AND l.clock = 'longest'
WHERE t.about = 'complaint' AND t.report_type <> 'zero'
  AND r.is_quarantined IS NOT TRUE
