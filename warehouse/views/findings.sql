-- 审核发现 | What the audit found wrong or doubtful, each with its row and reason.
-- of: findings
SELECT * FROM core.findings
