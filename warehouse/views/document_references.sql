-- 引用文件 | Other documents that documents name.
-- of: document_references
SELECT t.*
FROM core.document_references t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
  AND t.reference_id NOT IN (SELECT row_id FROM core.quarantine)
