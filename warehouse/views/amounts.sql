-- 金额表述 | Every amount of money stated in prose, also those that are no debt figure (role other).
-- of: debt_statements
SELECT t.*
FROM core.debt_statements t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND t.statement_id NOT IN (SELECT row_id FROM core.quarantine)
