-- 人工决定 | Every decision of a steward up to this night; the values they put in are in `corrections`.
-- of: decisions
SELECT * FROM core.decisions
