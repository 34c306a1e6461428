-- 时间表述 | Every time expression, also those that oblige nobody.
-- of: time_expressions
SELECT t.*
FROM core.time_expressions t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND t.obligation_id NOT IN (SELECT row_id FROM core.quarantine)
