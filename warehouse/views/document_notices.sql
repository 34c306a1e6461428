-- 读取提示 | What a reader could not do fully, of documents in force.
-- of: document_notices
SELECT n.*
FROM core.document_notices n
WHERE n.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
