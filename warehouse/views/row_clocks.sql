-- 法定办理期限 | Statutory limits of complaints and disclosures that ledgers in force list.
-- of: row_clocks, ledger_rows
SELECT c.*, r.document_id, r.table_index, r.row_number
FROM core.row_clocks c
JOIN core.ledger_rows r USING (row_id)
WHERE r.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND c.row_id NOT IN (SELECT row_id FROM core.quarantine)
