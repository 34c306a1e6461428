-- 人工更正 | Values put in by stewards' decisions, with what the machine had read.
-- of: corrections
SELECT * FROM core.corrections
