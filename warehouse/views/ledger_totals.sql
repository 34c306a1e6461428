-- 台账合计行 | Subtotal and total rows as printed.
-- of: ledger_totals
SELECT t.*
FROM core.ledger_totals t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
