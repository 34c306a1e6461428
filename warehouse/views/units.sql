-- 单位 | The unit register, and units of documents that it knows.
-- of: units
SELECT * FROM core.units
