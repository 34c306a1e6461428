-- 统计数据 | Counts and shares stated in prose.
-- of: statistics
SELECT t.*
FROM core.statistics t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND t.statistic_id NOT IN (SELECT row_id FROM core.quarantine)
