-- 审核发现 | What the audit found wrong or doubtful, each with its row and reason.
-- of: findings
-- nights: 持续夜数 | On how many nights, up to the one that published this warehouse, it has stood.
SELECT f.*, n.nights
FROM core.findings f
LEFT JOIN (
  SELECT s.first_seen_date, count(DISTINCT r.as_of_date) AS nights
  FROM (SELECT DISTINCT first_seen_date FROM core.findings) s
  JOIN core.runs r ON r.as_of_date >= s.first_seen_date
  GROUP BY s.first_seen_date
) n ON n.first_seen_date = f.first_seen_date
