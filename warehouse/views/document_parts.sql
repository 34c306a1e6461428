-- 内含文件 | Documents inside documents: plans below their notices, annexes.
-- of: document_parts
SELECT t.*
FROM core.document_parts t
WHERE t.document_id NOT IN (SELECT document_id FROM core.documents WHERE status = 'superseded')
