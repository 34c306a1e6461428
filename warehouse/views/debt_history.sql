-- 欠款历史 | Each debt in each ledger that speaks of it: as_of_date is the period reported for, known_date when we learned it.
-- of: ledger_rows
-- known_date: 获知日期 | The night on which the ledger came in.
-- replaced_date: 被取代日期 | The night on which the same period was filed again; null while the row stands.
-- status_reported: 台账所列状态 | State in the ledger's own words.
SELECT r.debt_id, r.as_of_date, r.known_date, r.debtor_name, r.debtor_uscc, r.debtor_type, r.creditor_name,
       r.creditor_uscc, r.creditor_size, r.project_name, r.contract_no, r.payment_kind, r.contract_amount_yuan,
       r.arrears_formed_date, r.due_date, r.arrears_amount_yuan, r.repaid_amount_yuan, r.resolved_amount_yuan,
       r.remaining_amount_yuan, r.disputed, r.undisputed_amount_yuan, r.disputed_amount_yuan, r.dispute_reason,
       r.judicial_status, r.plan_method, r.plan_due_date, r.fund_source, r.responsible_unit, r.responsible_person,
       r.status AS status_reported, r.placed_region_code AS region_code,
       r.placed_reporting_unit AS reporting_unit, r.replaced_date, r.match_reason,
       r.match_confidence, r.document_id, r.row_id, r.table_index, r.row_number, r.flags, r.evidence
FROM core.ledger_rows r
WHERE r.match_reason IS NOT NULL AND r.is_superseded IS NOT TRUE AND r.is_quarantined IS NOT TRUE
  -- a row has a debt exactly where it has a reason for it, and the reason is a short word, quick to look at
