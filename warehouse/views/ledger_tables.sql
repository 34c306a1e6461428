-- 台账表 | Ledger tables of documents in force.
-- of: ledger_tables
SELECT t.*
FROM core.ledger_tables t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
