-- 台账明细 | Ledger rows of every period as reported, quarantined ones marked.
-- of: ledger_rows, ledger_tables
-- is_quarantined: 是否隔离 | True when the audit keeps the row out of `debts`; the reason is in `findings`.
SELECT r.*, t.sheet, t.report_type, t.about, r.row_id IN (SELECT row_id FROM core.quarantine) AS is_quarantined
FROM core.ledger_rows r
JOIN main.ledger_tables t USING (document_id, table_index)
