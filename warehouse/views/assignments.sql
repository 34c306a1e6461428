-- 任务分工 | Units and the part each plays.
-- of: assignments
SELECT t.*
FROM core.assignments t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND t.assignment_id NOT IN (SELECT row_id FROM core.quarantine)
