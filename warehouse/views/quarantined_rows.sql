-- 隔离行 | Rows that the audit keeps out of the views, with every reason; they stay in schema core.
-- of: findings
SELECT table_name, row_id, document_id, finding_id, rule, field, value, message_zh
FROM core.findings
WHERE row_id IN (SELECT row_id FROM core.quarantine) AND severity IN ('block', 'quarantine')
