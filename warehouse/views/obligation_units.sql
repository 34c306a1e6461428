-- 时限责任单位 | Who must act on an obligation, or receives what is due.
-- of: obligation_units
SELECT u.*
FROM core.obligation_units u
WHERE u.obligation_id IN (SELECT obligation_id FROM main.obligations)
