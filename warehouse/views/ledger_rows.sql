-- 台账明细 | Ledger rows of every period as reported, quarantined ones marked.
-- of: ledger_rows, ledger_tables
SELECT r.*, t.sheet, t.report_type, t.about
FROM core.ledger_rows r
JOIN main.ledger_tables t USING (document_id, table_index)
